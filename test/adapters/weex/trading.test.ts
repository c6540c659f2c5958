import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "node:test";
import { isOrderAbsent } from "../../../src/adapters/weex/answers.ts";
import {
  createWeexAccountReader,
  createWeexClient,
  type WeexClient,
} from "../../../src/adapters/weex/client.ts";
import { quoteE8, quoteE8Up } from "../../../src/domain/money.ts";
import { Refused, UnknownOutcome } from "../../../src/errors/errors.ts";
import type { EntryOrder, MarketRules } from "../../../src/ports/venue.ts";
import { minutes, READER, startVenue, UID, type Venue } from "./venue-process.ts";

const SYMBOL = "BTCUSDT";
let venue: Venue;
let client: WeexClient;
let rules: MarketRules;
let orders = 0;

before(async () => {
  venue = await startVenue(["--rate-limit-weight", "0"]);
  await venue.admin("POST", "deposit", { uid: UID, asset: "USDT", amount: "100000.00", ref: "opening" });
  client = createWeexClient(venue.options());
  rules = await client.marketRules(SYMBOL);
});
after(() => venue.stop());
afterEach(async () => {
  await venue.clearFaults();
  for (const position of await client.positions(SYMBOL))
    await client.placeExit({
      clientOrderId: `clean-${++orders}`,
      symbol: SYMBOL,
      side: position.side,
      qtyE8: position.qtyE8,
    });
  for (const algo of await client.openAlgoOrders(SYMBOL)) await client.cancelAlgo(SYMBOL, algo.algoId);
});

async function entry(overrides: Partial<EntryOrder> = {}): Promise<EntryOrder> {
  const best = (await client.book(SYMBOL)).asks[0]![0];
  const tick = rules.tickE8;
  return {
    clientOrderId: `entry-${++orders}`,
    symbol: SYMBOL,
    side: "LONG",
    qtyE8: rules.minQtyE8 * 10n,
    limitE8: best + tick * 50n,
    stopE8: best - tick * 5_000n,
    targetE8: best + tick * 5_000n,
    ...overrides,
  };
}
const ledger = () =>
  venue.admin<{ fills: number; balanceE8: string; feesE8: string }>("GET", `ledger?uid=${UID}`);

describe("WEEX orders", () => {
  it("opens with stop and target attached and closes reduce-only, and fills add up to the venue's own ledger", async () => {
    const from = venue.nowMs();
    await client.prepare(SYMBOL, 5);
    await client.prepare(SYMBOL, 5);
    const order = await entry();
    const { orderId } = await client.placeEntry(order);
    const held = await client.openAlgoOrders(SYMBOL);
    assert.deepEqual(held.map((algo) => [algo.kind, algo.triggerE8, algo.qtyE8]).sort(), [
      ["STOP", order.stopE8, order.qtyE8],
      ["TARGET", order.targetE8, order.qtyE8],
    ]);
    assert.deepEqual(await client.positions(SYMBOL), [{ symbol: SYMBOL, side: "LONG", qtyE8: order.qtyE8 }]);
    await venue.advance(minutes(2));
    const exit = await client.placeExit({
      clientOrderId: `exit-${++orders}`,
      symbol: SYMBOL,
      side: "LONG",
      qtyE8: order.qtyE8,
    });
    const fills = await client.fills(SYMBOL, from);
    const sum = (id: string) =>
      fills.filter((fill) => fill.orderId === id).reduce((total, fill) => total + fill.qtyE8, 0n);
    assert.equal(sum(orderId), order.qtyE8);
    assert.equal(sum(exit.orderId), order.qtyE8);
    for (const fill of fills) {
      assert.equal(fill.quoteE8, quoteE8(fill.priceE8, fill.qtyE8));
      assert.equal(fill.feeE8, quoteE8Up(fill.quoteE8, rules.takerFeeE8));
    }
    const cash = fills.reduce(
      (total, fill) => total + (fill.side === "BUY" ? -fill.quoteE8 : fill.quoteE8) - fill.feeE8,
      0n,
    );
    assert.equal((await client.balance()).balanceE8, 10_000_000_000_000n + cash);
    assert.equal((await ledger()).balanceE8, String(10_000_000_000_000n + cash));
  });

  it("opens and closes a short the other way round", async () => {
    const best = (await client.book(SYMBOL)).bids[0]![0];
    const tick = rules.tickE8;
    const order = await entry({
      side: "SHORT",
      limitE8: best - tick * 50n,
      stopE8: best + tick * 5_000n,
      targetE8: best - tick * 5_000n,
    });
    const { orderId } = await client.placeEntry(order);
    assert.deepEqual(await client.positions(), [{ symbol: SYMBOL, side: "SHORT", qtyE8: order.qtyE8 }]);
    await client.placeExit({
      clientOrderId: `exit-${++orders}`,
      symbol: SYMBOL,
      side: "SHORT",
      qtyE8: order.qtyE8,
    });
    assert.deepEqual(await client.positions(), []);
    const placed = (await client.orderHistory(SYMBOL, venue.nowMs())).filter(
      (row) => row.orderId === orderId,
    );
    assert.deepEqual(
      placed.map((row) => [row.side, row.reduceOnly, row.state]),
      [["SELL", false, "FILLED"]],
    );
  });

  it("ends an entry that reaches no price as cancelled without fills, and leaves nothing open", async () => {
    const best = (await client.book(SYMBOL)).bids[0]![0];
    const low = best - rules.tickE8 * 200n;
    const order = await entry({ limitE8: low, stopE8: low - rules.tickE8 * 500n });
    await client.placeEntry(order);
    const found = await client.findOrder(SYMBOL, order.clientOrderId, venue.nowMs());
    assert.deepEqual([found?.state, found?.filledQtyE8], ["CANCELED", 0n]);
    assert.deepEqual(await client.openOrders(SYMBOL), []);
    assert.deepEqual(await client.openAlgoOrders(SYMBOL), []);
  });

  it("passes on refusals in the venue's words", async () => {
    const order = await entry();
    await client.placeEntry(order);
    await assert.rejects(
      client.placeEntry(order),
      (error) => error instanceof Refused && /duplicate/.test(error.message),
    );
    const exit = {
      clientOrderId: `exit-${++orders}`,
      symbol: SYMBOL,
      side: "LONG" as const,
      qtyE8: order.qtyE8 * 3n,
    };
    await assert.rejects(
      client.placeExit(exit),
      (error) => error instanceof Refused && error.code === "weex.-1054",
    );
    const gone = await client.cancelOrder(SYMBOL, "700000000000000001").catch((error: unknown) => error);
    assert.ok(isOrderAbsent(gone));
  });

  it("finds an order whose acknowledgement was lost, and had sent it once", async () => {
    const order = await entry();
    await venue.fault("timeoutAfterAccept", { count: 1, path: "/capi/v3/order", method: "POST" });
    await assert.rejects(client.placeEntry(order), UnknownOutcome);
    const found = await client.findOrder(SYMBOL, order.clientOrderId, venue.nowMs());
    assert.equal(found?.state, "FILLED");
    assert.deepEqual(await client.positions(SYMBOL), [{ symbol: SYMBOL, side: "LONG", qtyE8: order.qtyE8 }]);
  });

  it("reports unknown for an order that never arrived, and it is in no list", async () => {
    for (const fault of ["http5xx", "http429", "timeoutBeforeAccept"]) {
      const order = await entry();
      await venue.fault(fault, { path: "/capi/v3/order", method: "POST" });
      await assert.rejects(client.placeEntry(order), UnknownOutcome);
      const { faults } = await venue.admin<{ faults: { hits: number }[] }>("GET", "faults");
      assert.equal(faults[0]?.hits, 1, "sent once");
      await venue.clearFaults();
      assert.equal(await client.findOrder(SYMBOL, order.clientOrderId, venue.nowMs()), undefined);
    }
  });

  it("reads every fill once when more share a time than one call lists", async () => {
    const from = venue.nowMs() + minutes(1);
    await venue.advanceTo(from);
    const known = (await ledger()).fills;
    const quantity = { qtyE8: rules.minQtyE8 };
    for (let i = 0; i < 110; i++) await client.placeEntry(await entry(quantity));
    await venue.advance(10_000);
    for (let i = 0; i < 5; i++) await client.placeEntry(await entry(quantity));
    const fills = await client.fills(SYMBOL, from);
    assert.equal(fills.length, (await ledger()).fills - known);
    assert.equal(new Set(fills.map((fill) => fill.fillId)).size, fills.length);
    assert.ok(fills.every((fill, i) => i === 0 || fill.timeMs >= fills[i - 1]!.timeMs));
  });

  it("pages through cash movements and signs them", async () => {
    const from = venue.nowMs() + minutes(1);
    await venue.advanceTo(from);
    for (let i = 0; i < 120; i++)
      await venue.admin("POST", "deposit", { uid: UID, asset: "USDT", amount: "1.00", ref: `many-${i}` });
    await venue.admin("POST", "withdraw", { uid: UID, asset: "USDT", amount: "20.00", ref: "out" });
    const rows = await client.income(from);
    assert.equal(rows.length, 121);
    assert.ok(rows.every((row) => row.kind === "TRANSFER"));
    assert.equal(
      rows.reduce((sum, row) => sum + row.amountE8, 0n),
      10_000_000_000n,
    );
  });

  it("books funding of a held position as signed income", async () => {
    const from = venue.nowMs();
    await client.placeEntry(
      await entry({ stopE8: rules.tickE8 * 100_000n, targetE8: rules.tickE8 * 5_000_000n }),
    );
    await venue.advanceTo(Math.ceil((from + 1) / 28_800_000) * 28_800_000);
    const funding = (await client.income(from)).filter((row) => row.kind === "FUNDING");
    assert.equal(funding.length, 1);
    const rate = (await client.funding(SYMBOL, venue.nowMs(), 1))[0]!.rateE12;
    assert.equal(funding[0]!.amountE8 < 0n, rate > 0n);
  });

  it("gives a witness the same account without a way to trade, and refuses keys that may not", async () => {
    const reader = createWeexAccountReader(venue.options({ credentials: READER, userAgent: "witness" }));
    assert.deepEqual(await reader.balance(), await client.balance());
    assert.deepEqual(
      await reader.fills(SYMBOL, venue.nowMs() - minutes(600)),
      await client.fills(SYMBOL, venue.nowMs() - minutes(600)),
    );
    assert.ok(!("placeEntry" in reader));
    const withReaderKey = createWeexClient(venue.options({ credentials: READER }));
    await assert.rejects(withReaderKey.placeEntry(await entry()), Refused);
    const wrongKey = createWeexClient(
      venue.options({ credentials: { ...READER, secret: "another-secret" } }),
    );
    await assert.rejects(wrongKey.balance(), Refused);
  });
});

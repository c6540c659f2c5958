import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { createWeexClient, type WeexClient } from "../../../src/adapters/weex/client.ts";
import { createPaperTrading, type PaperTrading } from "../../../src/adapters/weex/paper.ts";
import { fundingCash, sweep, triggerInBar } from "../../../src/adapters/weex/paper-fills.ts";
import { Refused } from "../../../src/errors/errors.ts";
import type { EntryOrder, MarketRules } from "../../../src/ports/venue.ts";
import { minutes, startVenue, type Venue } from "./venue-process.ts";

const SYMBOL = "BTCUSDT";
const OPENING_E8 = 10_000n * 100_000_000n;
const bar = (open: bigint, high: bigint, low: bigint) => ({
  openTimeMs: 0,
  openE8: open,
  highE8: high,
  lowE8: low,
  closeE8: open,
  volumeE8: 1n,
});

describe("paper fills", () => {
  const book = {
    updateId: "1",
    observedAtMs: 0,
    bids: [[99n, 5n]],
    asks: [
      [100n, 2n],
      [101n, 2n],
      [103n, 9n],
    ],
  } as const;

  it("takes levels up to the limit and no further", () => {
    const prices = (limit?: bigint) =>
      sweep(book, "BUY", 10n, limit, 0n).map((level) => [level.priceE8, level.qtyE8]);
    assert.deepEqual(prices(101n), [
      [100n, 2n],
      [101n, 2n],
    ]);
    assert.deepEqual(prices(99n), []);
    assert.deepEqual(prices(), [
      [100n, 2n],
      [101n, 2n],
      [103n, 6n],
    ]);
  });

  it("decides every doubt inside a bar against us", () => {
    const long = { side: "LONG" as const, stopE8: 90n, targetE8: 110n };
    assert.deepEqual(triggerInBar(long, bar(100n, 115n, 85n), false, 1n), { kind: "STOP", priceE8: 89n });
    assert.deepEqual(triggerInBar(long, bar(80n, 85n, 70n), false, 1n), { kind: "STOP", priceE8: 79n });
    assert.deepEqual(triggerInBar(long, bar(100n, 115n, 95n), false, 1n), { kind: "TARGET", priceE8: 109n });
    assert.equal(triggerInBar(long, bar(100n, 115n, 95n), true, 1n), undefined);
    const short = { side: "SHORT" as const, stopE8: 110n, targetE8: 90n };
    assert.deepEqual(triggerInBar(short, bar(120n, 125n, 119n), false, 1n), { kind: "STOP", priceE8: 121n });
    assert.deepEqual(triggerInBar(short, bar(100n, 101n, 90n), false, 1n), { kind: "TARGET", priceE8: 91n });
  });

  it("lets longs pay a positive rate, rounded against us on both sides", () => {
    assert.equal(fundingCash("LONG", 100_000_000n, 1_000_001n, 100_000_000n), -101n);
    assert.equal(fundingCash("SHORT", 100_000_000n, 1_000_001n, 100_000_000n), 100n);
  });
});

describe("paper venue on public data", () => {
  let venue: Venue;
  let data: WeexClient;
  let rules: MarketRules;
  let store: Map<string, string>;
  let paper: PaperTrading;

  before(async () => {
    venue = await startVenue(["--rate-limit-weight", "0"]);
    const { credentials: _, ...publicOnly } = venue.options();
    data = createWeexClient(publicOnly);
    rules = await data.marketRules(SYMBOL);
  });
  after(() => venue.stop());

  const open = () =>
    createPaperTrading({
      data,
      store: { get: async (key) => store.get(key), put: async (key, value) => void store.set(key, value) },
      account: "paper/one",
      balanceE8: OPENING_E8,
      now: venue.nowMs,
    });
  const fresh = () => {
    store = new Map();
    paper = open();
  };
  async function entry(distanceTicks: bigint): Promise<EntryOrder> {
    const best = (await data.book(SYMBOL)).asks[0]![0];
    const away = rules.tickE8 * distanceTicks;
    return {
      clientOrderId: "e1",
      symbol: SYMBOL,
      side: "LONG",
      qtyE8: rules.lotE8 * 100n,
      limitE8: best + rules.tickE8,
      stopE8: best - away,
      targetE8: best + away,
    };
  }
  /** Balance equals opening plus the cash of fills and funding. */
  async function checkBalance(): Promise<void> {
    const fills = await paper.fills(SYMBOL, 0);
    const cash = fills.reduce(
      (sum, fill) => sum + (fill.side === "BUY" ? -fill.quoteE8 : fill.quoteE8) - fill.feeE8,
      0n,
    );
    const income = (await paper.income(0)).reduce((sum, row) => sum + row.amountE8, 0n);
    assert.equal((await paper.balance()).balanceE8, cash + income);
  }

  it("opens, survives a restart, and closes flat with exact cash", async () => {
    fresh();
    await paper.prepare(SYMBOL, 3);
    const order = await entry(100_000n);
    await paper.placeEntry(order);
    await assert.rejects(paper.placeEntry(order), Refused);
    paper = open();
    assert.deepEqual(await paper.positions(SYMBOL), [{ symbol: SYMBOL, side: "LONG", qtyE8: order.qtyE8 }]);
    assert.deepEqual(
      (await paper.openAlgoOrders(SYMBOL)).map((algo) => algo.kind),
      ["STOP", "TARGET"],
    );
    await venue.advance(minutes(3));
    await paper.placeExit({ clientOrderId: "x1", symbol: SYMBOL, side: "LONG", qtyE8: order.qtyE8 });
    assert.deepEqual(await paper.positions(), []);
    assert.deepEqual(await paper.openAlgoOrders(SYMBOL), []);
    await checkBalance();
  });

  it("fires stop or target from the candles and books it once", async () => {
    fresh();
    await paper.placeEntry(await entry(300n));
    for (let i = 0; i < 300 && (await paper.positions()).length > 0; i++) await venue.advance(minutes(2));
    assert.deepEqual(await paper.positions(), []);
    const ends = (await paper.orderHistory(SYMBOL, 0)).filter((order) => order.reduceOnly);
    assert.equal(ends.length, 1);
    assert.match(ends[0]!.clientOrderId, /^paper-(stop|target)-/);
    await checkBalance();
  });

  it("fires at a price seen now, and charges funding to a held position", async () => {
    fresh();
    const order = await entry(300_000n);
    await paper.placeEntry(order);
    await venue.advanceTo(Math.ceil((venue.nowMs() + 1) / 28_800_000) * 28_800_000 + minutes(2));
    await paper.poll();
    assert.equal((await paper.income(0)).filter((row) => row.kind === "FUNDING").length, 1);
    await paper.onPrice(SYMBOL, order.stopE8 + rules.tickE8);
    assert.equal((await paper.positions()).length, 1);
    await paper.onPrice(SYMBOL, order.stopE8 - rules.tickE8);
    assert.equal((await paper.positions()).length, 0);
    await checkBalance();
  });

  it("gives the same ids in every run", async () => {
    const ids = [];
    for (let run = 0; run < 2; run++) {
      fresh();
      ids.push((await paper.placeEntry(await entry(100_000n))).orderId);
    }
    assert.equal(ids[0], ids[1]);
  });

  it("refuses what the exchange would refuse", async () => {
    fresh();
    const order = await entry(100_000n);
    await assert.rejects(paper.placeEntry({ ...order, limitE8: order.limitE8 + 1n }), Refused);
    await assert.rejects(paper.placeEntry({ ...order, qtyE8: rules.lotE8 * 10_000_000n }), Refused);
    await assert.rejects(
      paper.placeExit({ clientOrderId: "x", symbol: SYMBOL, side: "LONG", qtyE8: order.qtyE8 }),
      Refused,
    );
  });
});

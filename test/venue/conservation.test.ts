import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import fc from "fast-check";
import { deposit, withdraw } from "../../venue/admin/ledger.ts";
import type { Account } from "../../venue/engine/account.ts";
import { newAlgo } from "../../venue/engine/algo-orders.ts";
import { Exchange } from "../../venue/engine/exchange.ts";
import { Market } from "../../venue/engine/market.ts";
import { submitOrder } from "../../venue/engine/order-entry.ts";
import { cancelOrder } from "../../venue/engine/order-life.ts";
import { Refusal } from "../../venue/engine/records.ts";
import { openSyntheticFeed } from "../../venue/market/feeds.ts";
import { FUNDING_INTERVAL_MS } from "../../venue/market/market-feed.ts";
import { contractSpec } from "../../venue/money/contract-spec.ts";
import { ceilDiv } from "../../venue/money/e8.ts";
import { START_MS, type TestVenue, TICK_MS, testVenue } from "./harness.ts";

const FEES = { makerFeePpm: 200n, takerFeePpm: 800n };
const UIDS = ["a", "b"];

type Action =
  | {
      kind: "order";
      uid: number;
      buy: boolean;
      long: boolean;
      market: boolean;
      lots: number;
      offset: number;
      tif: number;
      protect: boolean;
    }
  | { kind: "cancel"; uid: number }
  | { kind: "algo"; uid: number; long: boolean; lots: number; offset: number }
  | { kind: "ticks"; count: number }
  | { kind: "funding" }
  | { kind: "transfer"; uid: number; inward: boolean; amount: number };

const uid = fc.nat({ max: 1 });
const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant("order" as const),
      uid,
      buy: fc.boolean(),
      long: fc.boolean(),
      market: fc.boolean(),
      lots: fc.integer({ min: 1, max: 60_000 }),
      offset: fc.integer({ min: -80, max: 80 }),
      tif: fc.nat({ max: 3 }),
      protect: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("cancel" as const), uid }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("algo" as const),
      uid,
      long: fc.boolean(),
      lots: fc.integer({ min: 1, max: 50_000 }),
      offset: fc.integer({ min: -200, max: 200 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant("ticks" as const), count: fc.integer({ min: 1, max: 200 }) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("funding" as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("transfer" as const),
      uid,
      inward: fc.boolean(),
      amount: fc.integer({ min: 1, max: 5_000_000 }),
    }),
  },
);

function newExchange(seed: number): Exchange {
  const spec = contractSpec("BTCUSDT", FEES);
  const { feed } = openSyntheticFeed({ spec, seed, tickMs: TICK_MS, historyMinutes: 10 }, START_MS);
  return new Exchange({ seed, startMs: START_MS, tickMs: TICK_MS, markets: [new Market(spec, feed)] });
}

let names = 0;
function play(exchange: Exchange, step: Action): void {
  const market = exchange.markets.get("BTCUSDT")!;
  if (step.kind === "ticks") exchange.advanceTo(exchange.nowMs + step.count * TICK_MS);
  else if (step.kind === "funding") {
    exchange.advanceTo((Math.floor(exchange.nowMs / FUNDING_INTERVAL_MS) + 1) * FUNDING_INTERVAL_MS);
  } else {
    const account = exchange.account(UIDS[step.uid]!);
    names += 1;
    if (step.kind === "transfer") {
      (step.inward ? deposit : withdraw)(
        exchange,
        account.uid,
        BigInt(step.amount) * 1_000_003n,
        `t${names}`,
      );
    } else if (step.kind === "cancel") {
      const first = [...account.openOrders.values()][0];
      if (first !== undefined) cancelOrder(exchange, first, "USER_CANCEL");
    } else if (step.kind === "algo") {
      newAlgo(exchange, account, {
        symbol: "BTCUSDT",
        clientAlgoId: `a${names}`,
        type: "STOP_MARKET",
        side: step.long ? "SELL" : "BUY",
        positionSide: step.long ? "LONG" : "SHORT",
        timeInForce: "IOC",
        wholePosition: false,
        triggerTicks: market.last + step.offset,
        priceTicks: 0,
        workingType: "CONTRACT_PRICE",
        lots: step.lots,
      });
    } else {
      const ticks = market.last + step.offset;
      const away = (sign: number) => ({
        triggerTicks: ticks + sign * 300,
        workingType: "CONTRACT_PRICE" as const,
      });
      const opens = step.buy === step.long;
      submitOrder(exchange, account, market, {
        symbol: "BTCUSDT",
        clientOrderId: `o${names}`,
        side: step.buy ? "BUY" : "SELL",
        positionSide: step.long ? "LONG" : "SHORT",
        type: step.market ? "MARKET" : "LIMIT",
        timeInForce: step.market ? "IOC" : (["GTC", "IOC", "FOK", "POST_ONLY"] as const)[step.tif]!,
        priceTicks: step.market ? 0 : ticks,
        lots: step.lots,
        source: "API",
        stopLoss: step.protect && opens && !step.market ? away(step.long ? -1 : 1) : undefined,
        takeProfit: step.protect && opens && !step.market ? away(step.long ? 1 : -1) : undefined,
      });
    }
  }
}

function check(exchange: Exchange, account: Account): void {
  const market = exchange.markets.get("BTCUSDT")!;
  let cash = 0n;
  let fees = 0n;
  let realized = 0n;
  let long = 0;
  let short = 0;
  for (const fill of account.fills) {
    assert.equal(fill.quoteE8, market.quoteE8(fill.ticks, fill.lots));
    assert.equal(fill.feeE8, ceilDiv(fill.quoteE8 * (fill.maker ? 200n : 800n), 1_000_000n));
    cash += fill.side === "BUY" ? -fill.quoteE8 : fill.quoteE8;
    fees += fill.feeE8;
    realized += fill.realizedE8;
    const signed = fill.side === "BUY" ? fill.lots : -fill.lots;
    if (fill.positionSide === "LONG") long += signed;
    else short -= signed;
  }
  const held = (side: "LONG" | "SHORT") => account.position("BTCUSDT", side);
  assert.equal(long, held("LONG")?.lots ?? 0);
  assert.equal(short, held("SHORT")?.lots ?? 0);
  assert.equal(fees, account.feesE8);
  assert.equal(realized, account.realizedE8);
  // Cash of all fills is what was realised less what the open positions cost.
  const cost = (held("SHORT")?.openValueE8 ?? 0n) - (held("LONG")?.openValueE8 ?? 0n);
  assert.equal(cash, realized + cost);
  const { depositsE8, withdrawalsE8, fundingE8, insuranceE8 } = account;
  assert.equal(account.balanceE8, depositsE8 - withdrawalsE8 + realized - fees + fundingE8 + insuranceE8);
  const income = account.income.reduce((sum, row) => sum + row.incomeE8, 0n);
  assert.equal(income, account.balanceE8, "income rows add up to the balance");
  const frozenCloses = [...account.openOrders.values()].filter((order) => order.closes);
  for (const side of ["LONG", "SHORT"] as const) {
    const closing = frozenCloses.filter((order) => order.positionSide === side);
    const lots = closing.reduce((sum, order) => sum + order.lots - order.filledLots, 0);
    assert.ok(lots <= (held(side)?.lots ?? 0), "resting exits fit the position");
  }
}

describe("conservation", () => {
  it("holds to the last unit under any orders, ticks, funding and liquidations", () => {
    let liquidations = 0;
    let fills = 0;
    fc.assert(
      fc.property(
        fc.nat({ max: 1000 }),
        fc.array(action, { minLength: 10, maxLength: 60 }),
        (seed, actions) => {
          const exchange = newExchange(seed);
          for (const name of UIDS) {
            exchange.account(name).leverageOf("BTCUSDT").cross = 400;
            deposit(exchange, name, 500_000_000_00n * 20n, `start-${name}`);
          }
          for (const step of actions) {
            try {
              play(exchange, step);
            } catch (error) {
              if (!(error instanceof Refusal)) throw error;
            }
            for (const account of exchange.accounts.values()) check(exchange, account);
          }
          for (const account of exchange.accounts.values()) {
            fills += account.fills.length;
            for (const order of account.orders.values())
              if (order.source === "LIQUIDATION") liquidations += 1;
          }
        },
      ),
      { numRuns: 100, seed: 42 },
    );
    assert.ok(fills > 100, `the property met fills (${fills})`);
    assert.ok(liquidations > 0, "the property met liquidations");
  });
});

describe("funding", () => {
  let venue: TestVenue;
  before(async () => {
    venue = await testVenue({ startMs: Date.UTC(2026, 0, 5, 15, 59, 50) });
  });
  after(() => venue.close());

  it("is rate times mark value, taken from longs and given to shorts, and listed as income", async () => {
    const { fund, order, TRADER, OTHER } = await import("./harness.ts");
    await fund(venue, "1001");
    await fund(venue, "1002");
    await venue.call(TRADER, "POST", "/capi/v3/order", order({ quantity: "0.5" }));
    await venue.call(
      OTHER,
      "POST",
      "/capi/v3/order",
      order({ quantity: "0.5", side: "SELL", positionSide: "SHORT" }),
    );
    await venue.ticks(1);
    const [settled] = (await venue.publicGet("/capi/v3/market/fundingRate?symbol=BTCUSDT&limit=1")).body;
    assert.equal(settled.fundingTime, Date.UTC(2026, 0, 5, 16));
    const mark = (await venue.publicGet("/capi/v3/market/symbolPrice?symbol=BTCUSDT&priceType=MARK")).body
      .price;
    const income = async (key: typeof TRADER | typeof OTHER) =>
      (await venue.call(key, "POST", "/capi/v3/account/income", { incomeType: "position_funding" })).body
        .items;
    const [paid] = await income(TRADER);
    const [got] = await income(OTHER);
    const expected = Number(settled.fundingRate) * 0.5 * Number(mark);
    assert.ok(Math.abs(Number(paid.income) + expected) < 2e-8, `${paid.income} against ${expected}`);
    assert.ok(Math.abs(Number(got.income) - expected) < 2e-8);
  });
});

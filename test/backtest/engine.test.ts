import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { Backtest } from "../../src/backtest/engine.ts";
import { termsFrom } from "../../src/backtest/terms.ts";
import { candlesOf, flat, live, type Row, STEP_MS, scripted } from "./support.ts";

const near = (found: number, expected: number, within = 1e-9) =>
  assert.ok(
    Math.abs(found - expected) <= within * Math.max(1, Math.abs(expected)),
    `${found}, not ${expected}`,
  );

describe("a backtest over candles", () => {
  test("fills an order of a close at the next open, worse by the slippage, and charges each leg", () => {
    const { trades, cashUsd } = live(
      candlesOf([
        [100, 101, 99, 100],
        [102, 103, 101, 103],
        [104, 105, 104, 104],
      ]),
      scripted({ 0: (o) => o.want(10), 1: (o) => o.want(0) }),
      { takerFeeBps: 5, slippageBps: 10 },
    );
    const entry = 102 * 1.001;
    const exit = 104 * 0.999;
    assert.equal(trades.length, 1);
    const [trade] = trades;
    assert.deepEqual(
      [trade!.side, trade!.entryTimeMs, trade!.exitTimeMs, trade!.exitReason],
      ["long", STEP_MS, 2 * STEP_MS, "signal"],
    );
    near(trade!.entryPrice, entry);
    near(trade!.exitPrice, exit);
    near(trade!.feesUsd, 10 * (entry + exit) * 5e-4);
    near(trade!.slippageUsd, 10 * (102 + 104) * 1e-3);
    near(cashUsd, 10_000 + 10 * (exit - entry) - trade!.feesUsd);
  });

  test("turns through zero with one order: one round trip ends, the next begins at the same price", () => {
    const { trades, cashUsd } = live(
      flat(100, 100, 110, 90),
      scripted({ 0: (o) => o.want(10), 1: (o) => o.want(-10), 2: (o) => o.want(0) }),
    );
    assert.deepEqual(
      trades.map((t) => [t.side, t.entryPrice, t.exitPrice, t.pnlUsd]),
      [
        ["long", 100, 110, 100],
        ["short", 110, 90, 200],
      ],
    );
    assert.equal(cashUsd, 10_300);
  });

  test("charges funding to who holds the position when the candle opens, and not to who enters in it", () => {
    const funding = { timeMs: Float64Array.of(STEP_MS, 2 * STEP_MS + 7), rate: Float64Array.of(0.01, 0.01) };
    const held = live(flat(100, 100, 100, 100), scripted({ 0: (o) => o.want(10) }), {}, funding);
    assert.equal(
      held.account.fundingUsd,
      10,
      "the second rate only, and jitter moves it into the next candle",
    );
    const short = live(flat(100, 100, 100, 100), scripted({ 0: (o) => o.want(-10) }), {}, funding);
    assert.equal(short.account.fundingUsd, -10, "shorts receive it");
    assert.equal(short.trades[0]!.pnlUsd, 10);
  });

  test("takes the stop when a candle reaches stop and target, and the open when the open has jumped the stop", () => {
    const trip = scripted({
      0: (o) => {
        o.want(10);
        o.stopPrice = 95;
        o.targetPrice = 105;
      },
    });
    const both = live(candlesOf([...quiet(100, 2), [100, 106, 94, 100]]), trip);
    assert.deepEqual(outcome(both), [["stop", 95]]);
    const gap = live(candlesOf([...quiet(100, 2), [90, 91, 89, 90]]), scripted(stopOnly));
    assert.deepEqual(outcome(gap), [["stop", 90]]);
    const target = live(candlesOf([...quiet(100, 2), [100, 106, 99, 100]]), scripted(tripOf(95, 105)));
    assert.deepEqual(outcome(target), [["target", 105]]);
    const jumped = live(candlesOf([...quiet(100, 2), [107, 108, 106, 107]]), scripted(tripOf(95, 105)));
    assert.deepEqual(outcome(jumped), [["target", 107]]);
  });

  test("fills a resting entry only when it is traded through, as a maker, and leaves its target to later candles", () => {
    const script = {
      0: (o: Parameters<Parameters<typeof scripted>[0][number]>[0]) => {
        o.want(10);
        o.limitPrice = 98;
        o.targetPrice = 101;
      },
    };
    const terms = { makerFeeBps: 2, takerFeeBps: 5, tick: 0.5 };
    const touched = live(candlesOf([...quiet(100, 1), [100, 100, 98, 100]]), scripted(script), terms);
    assert.deepEqual(touched.trades, []);
    const through = live(
      candlesOf([...quiet(100, 1), [100, 103, 97.5, 100], [100, 102, 99, 100]]),
      scripted(script),
      terms,
    );
    assert.deepEqual(outcome(through), [["target", 101]]);
    assert.equal(through.trades[0]!.exitTimeMs, 2 * STEP_MS);
    near(through.trades[0]!.feesUsd, 10 * (98 * 2e-4 + 101 * 5e-4));
  });

  test("takes back an entry that has not filled in time, and leaves a position at its horizon", () => {
    const late = live(candlesOf([...quiet(100, 3), [100, 100, 90, 90]]), scripted(restingUntil(2 * STEP_MS)));
    assert.deepEqual(late.trades, []);
    const held = live(
      flat(100, 100, 101, 102, 103),
      scripted({
        0: (o) => {
          o.want(1);
          o.exitAtMs = 3 * STEP_MS;
        },
      }),
    );
    assert.deepEqual(outcome(held), [["horizon", 102]]);
  });

  test("lets an order wait for its latency and through an outage", () => {
    const slow = live(flat(100, 101, 102, 103), scripted({ 0: (o) => o.want(1) }), {
      latencyMs: STEP_MS + 1,
    });
    assert.equal(slow.trades[0]!.entryPrice, 103);
    const out = live(flat(100, 101, 102, 103), scripted({ 0: (o) => o.want(1) }), {
      outages: [{ fromMs: STEP_MS, toMs: 3 * STEP_MS }],
    });
    assert.equal(out.trades[0]!.entryPrice, 103);
  });

  test("spreads an order over candles when it is too large for one, and pays more the larger its share", () => {
    const rows: Row[] = [
      [100, 100, 100, 100, 40],
      [100, 100, 100, 100, 40],
      [102, 102, 102, 102, 40],
      [104, 104, 104, 104, 40],
    ];
    const { trades, account } = live(candlesOf(rows), scripted({ 0: (o) => o.want(10) }), {
      maxParticipation: 0.1,
    });
    assert.equal(trades[0]!.qty, 10);
    near(trades[0]!.entryPrice, (4 * 100 + 4 * 102 + 2 * 104) / 10);
    assert.equal(account.qty, 0);
    const impact = live(candlesOf(rows), scripted({ 0: (o) => o.want(10) }), { impactBps: 100 });
    near(impact.trades[0]!.entryPrice, 100 * (1 + 0.01 * Math.sqrt(10 / 40)));
  });

  test("liquidates at the maintenance margin, a stop before it comes first, and nobody owes", () => {
    const terms = { maxLeverage: 10, maintenanceMarginBps: 100, liquidationFeeBps: 50 };
    const rows: Row[] = [...quiet(100, 2), [100, 100, 80, 80], [80, 120, 80, 120]];
    const hit = live(candlesOf(rows), scripted({ 0: (o) => o.want(1_000) }), terms);
    // 10 000 + 1 000·(p − 100) = 1 % of 1 000·p
    const at = 90_000 / 990;
    assert.equal(hit.trades[0]!.exitReason, "liquidation");
    near(hit.trades[0]!.exitPrice, at);
    near(hit.cashUsd, 10_000 - 1_000 * (100 - at) - 1_000 * at * 0.005);
    const stopped = live(candlesOf(rows), scripted(tripOf(95, Number.NaN, 1_000)), terms);
    assert.deepEqual(outcome(stopped), [["stop", 95]]);
    const ruined = live(
      candlesOf([...quiet(100, 2), [80, 80, 80, 80], [120, 120, 120, 120]]),
      scripted({ 0: (o) => o.want(1_000), 2: (o) => o.want(1) }),
      terms,
    );
    assert.equal(ruined.cashUsd, 0);
    assert.equal(ruined.trades.length, 1, "and trades no more");
    const short = live(
      candlesOf([...quiet(100, 2), [100, 130, 100, 130]]),
      scripted({ 0: (o) => o.want(-1_000) }),
      terms,
    );
    assert.equal(short.trades[0]!.exitReason, "liquidation");
    near(short.trades[0]!.exitPrice, 110_000 / 1_010);
  });

  test("keeps quantities to lots, minimum and leverage", () => {
    const lots = live(flat(100, 100), scripted({ 0: (o) => o.want(1.2345) }), { lot: 0.01 });
    near(lots.trades[0]!.qty, 1.23);
    const small = live(flat(100, 100), scripted({ 0: (o) => o.want(0.05) }), { minNotionalUsd: 10 });
    assert.deepEqual(small.trades, []);
    const large = live(flat(100, 100), scripted({ 0: (o) => o.want(1_000) }), { maxLeverage: 2 });
    near(large.trades[0]!.qty, 200);
  });

  test("names the term that is wrong", () => {
    assert.throws(() => termsFrom({ takerFeeBps: -1 }), /terms: takerFeeBps:/);
    assert.throws(() => termsFrom({ fee: 1 }), /terms: .*fee/);
    assert.throws(() => termsFrom({ outages: [{ fromMs: 5, toMs: 5 }] }), /outages.0: an outage must end/);
  });
});

describe("for any market and any instructions", () => {
  const price = fc.double({ min: 50, max: 150, noNaN: true });
  const row = fc.tuple(price, price, price, price).map((p): Row => {
    const [open, close] = p;
    return [open, Math.max(...p), Math.min(...p), close, 100];
  });
  const life = fc.record({
    rows: fc.array(row, { minLength: 3, maxLength: 40 }),
    wants: fc.array(fc.option(fc.double({ min: -150, max: 150, noNaN: true })), {
      minLength: 40,
      maxLength: 40,
    }),
    limits: fc.array(fc.option(price), { minLength: 40, maxLength: 40 }),
    stops: fc.array(fc.option(price), { minLength: 40, maxLength: 40 }),
    cut: fc.nat(40),
    terms: fc.record({
      takerFeeBps: fc.nat(20),
      slippageBps: fc.nat(20),
      maxLeverage: fc.integer({ min: 1, max: 5 }),
      maxParticipation: fc.constantFrom(0.05, 0.5, 1),
    }),
  });
  type Life = typeof life extends fc.Arbitrary<infer T> ? T : never;
  const traderOf = ({ wants, limits, stops }: Life) =>
    scripted(
      Object.fromEntries(
        wants.flatMap((want, i) =>
          want === null
            ? []
            : [
                [
                  i,
                  (o: Parameters<Parameters<typeof scripted>[0][number]>[0]) => {
                    o.want(want);
                    o.limitPrice = limits[i] ?? Number.NaN;
                    o.stopPrice = stops[i] ?? Number.NaN;
                  },
                ],
              ],
        ),
      ),
    );

  test("cash in the end is the capital and the profit of all trades, to rounding", () => {
    fc.assert(
      fc.property(life, (given) => {
        const { trades, cashUsd, account } = live(candlesOf(given.rows), traderOf(given), given.terms);
        if (trades.some((t) => t.exitReason === "liquidation")) return;
        const profit = trades.reduce((sum, t) => sum + t.pnlUsd, 0);
        near(cashUsd, 10_000 + profit, 1e-9);
        near(
          account.feesUsd,
          trades.reduce((sum, t) => sum + t.feesUsd, 0),
          1e-9,
        );
        assert.equal(account.qty, 0);
      }),
    );
  });

  test("the future changes nothing before it: a shorter history is the beginning of a longer one", () => {
    fc.assert(
      fc.property(life, (given) => {
        const cut = Math.min(given.cut, given.rows.length);
        const whole = live(candlesOf(given.rows), traderOf(given), given.terms);
        const part = live(candlesOf(given.rows.slice(0, cut)), traderOf(given), given.terms);
        assert.deepEqual(part.equity, whole.equity.slice(0, cut));
      }),
    );
  });

  test("chunks of any size give the same bits", () => {
    fc.assert(
      fc.property(life, (given) => {
        const candles = candlesOf(given.rows);
        const whole = live(candles, traderOf(given), given.terms);
        const equity: number[] = [];
        const parts = new Backtest(traderOf(given), termsFrom(given.terms), STEP_MS, {
          onTrade: () => {},
          onMarks: (_c, { equityUsd }, count) => equity.push(...equityUsd.subarray(0, count)),
        });
        const size = Math.max(1, given.cut);
        for (let from = 0; from < given.rows.length; from += size) {
          const part = Object.fromEntries(
            Object.entries(candles).map(([name, column]) => [name, column.subarray(from, from + size)]),
          ) as typeof candles;
          parts.pass(part, part.close.length);
        }
        assert.equal(parts.finish(), whole.cashUsd);
        assert.deepEqual(equity, whole.equity);
      }),
    );
  });
});

const quiet = (price: number, count: number): Row[] =>
  Array.from({ length: count }, () => [price, price, price, price]);
const outcome = ({ trades }: ReturnType<typeof live>) => trades.map((t) => [t.exitReason, t.exitPrice]);
const tripOf = (stop: number, target: number, qty = 10): Parameters<typeof scripted>[0] => ({
  0: (o) => {
    o.want(qty);
    o.stopPrice = stop;
    o.targetPrice = target;
  },
});
const stopOnly = tripOf(95, Number.NaN);
const restingUntil = (untilMs: number): Parameters<typeof scripted>[0] => ({
  0: (o) => {
    o.want(1);
    o.limitPrice = 95;
    o.expiresAtMs = untilMs;
  },
});

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { Backtest } from "../../src/backtest/engine.ts";
import { RuleTrader } from "../../src/backtest/rule-trader.ts";
import { STRATEGIES } from "../../src/backtest/strategies.ts";
import { termsFrom } from "../../src/backtest/terms.ts";
import { beyondVector, leave, live, VectorAccount } from "../../src/backtest/vector.ts";
import { candlesOf, type Row, STEP_MS } from "./support.ts";

/** A seeded walk with moves of up to `move` a candle. */
const market = fc
  .record({
    steps: fc.array(fc.tuple(fc.double({ min: -1, max: 1, noNaN: true }), fc.nat(3)), {
      minLength: 5,
      maxLength: 120,
    }),
    move: fc.constantFrom(0.01, 0.2),
  })
  .map(({ steps, move }) => {
    let last = 100;
    return steps.map(([step, wick]): Row => {
      const open = last;
      last = open * Math.exp(step * move);
      const reach = 1 + (wick * move) / 4;
      return [open, Math.max(open, last) * reach, Math.min(open, last) / reach, last];
    });
  });
const choice = fc.constantFrom<[string, number[]]>(
  ["buy-and-hold", []],
  ["sma-cross", [2, 5]],
  ["rsi", [3, 40, 60]],
  ["momentum", [3]],
);
const terms = fc.record({
  takerFeeBps: fc.constantFrom(0, 5),
  slippageBps: fc.constantFrom(0, 3),
  maxLeverage: fc.constantFrom(1, 3),
  lot: fc.constantFrom(0, 0.25),
  minNotionalUsd: fc.constantFrom(0, 100),
});

describe("the whole-column mode", () => {
  test("agrees with the event-driven backtest in every equity, for any market, strategy, terms and funding", () => {
    fc.assert(
      fc.property(
        market,
        choice,
        terms,
        fc.constantFrom<0 | -1>(0, -1),
        fc.double({ min: -0.01, max: 0.01, noNaN: true }),
        (rows, [name, params], given, off, rate) => {
          const candles = candlesOf(rows);
          const count = rows.length;
          const funding = {
            timeMs: Float64Array.of(3 * STEP_MS, 4 * STEP_MS),
            rate: Float64Array.of(rate, -rate),
          };
          const t = termsFrom(given);
          const strategy = STRATEGIES.get(name)!;
          const events: number[] = [];
          const test = new Backtest(
            new RuleTrader(name, strategy.make(params, off), count),
            t,
            STEP_MS,
            {
              onTrade: () => {},
              onMarks: (_c, { equityUsd }) => events.push(...equityUsd.subarray(0, count)),
            },
            funding,
          );
          test.pass(candles, count);
          const cash = test.finish();

          const trader = new RuleTrader(name, strategy.make(params, off), count);
          trader.prepare(candles, 0, count);
          const account = new VectorAccount(t.capitalUsd);
          const equity = new Float64Array(count);
          live(account, candles, trader.wanted, equity, count, t, funding, STEP_MS);
          const left = leave(account, candles.close.at(-1)!, t);

          for (let i = 0; i < count; i++) close(equity[i]!, events[i]!, `equity ${i}`);
          close(left, cash, "cash in the end");
          close(account.feesUsd, test.account.feesUsd, "fees");
          close(account.fundingUsd, test.account.fundingUsd, "funding");
        },
      ),
      { numRuns: 500 },
    );
  });

  test("says what it would leave out", () => {
    assert.equal(beyondVector(termsFrom({})), undefined);
    assert.equal(beyondVector(termsFrom({ impactBps: 1 })), "impactBps");
    assert.equal(beyondVector(termsFrom({ latencyMs: 1 })), "latencyMs");
  });
});

function close(found: number, expected: number, what: string): void {
  assert.ok(
    Math.abs(found - expected) <= 1e-6 * Math.max(1, Math.abs(expected)),
    `${what}: ${found}, not ${expected}`,
  );
}

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { NO_FUNDING } from "../../src/backtest/candles.ts";
import { Backtest } from "../../src/backtest/engine.ts";
import { RuleTrader } from "../../src/backtest/rule-trader.ts";
import { STRATEGIES } from "../../src/backtest/strategies.ts";
import { Sweep } from "../../src/backtest/sweep.ts";
import { termsFrom } from "../../src/backtest/terms.ts";
import { candlesOf, type Row, STEP_MS } from "./support.ts";

const ROWS = 2_000;
const CHUNK = 300;
const TERMS = termsFrom({ takerFeeBps: 3, slippageBps: 1 });
const candles = candlesOf(
  Array.from({ length: ROWS }, (_, i): Row => {
    const at = (k: number) => 100 + 8 * Math.sin(k / 90) + 2 * Math.sin(k / 11);
    return [at(i), Math.max(at(i), at(i + 1)) + 0.2, Math.min(at(i), at(i + 1)) - 0.2, at(i + 1)];
  }),
);
const POINTS = [
  [5, 20],
  [5, 50],
  [20, 50],
];
const strategy = STRATEGIES.get("sma-cross")!;

describe("a sweep", () => {
  test("gives each point what a backtest of it alone gives, whatever the chunks", () => {
    const sweep = new Sweep(strategy, POINTS, -1, TERMS, NO_FUNDING, STEP_MS, CHUNK);
    for (let from = 0; from < ROWS; from += CHUNK) {
      const part = Object.fromEntries(
        Object.entries(candles).map(([name, column]) => [name, column.subarray(from, from + CHUNK)]),
      ) as typeof candles;
      sweep.pass(part, part.close.length);
    }
    const found = sweep.finish();
    for (const [at, params] of POINTS.entries()) {
      const alone = new Backtest(new RuleTrader("", strategy.make(params, -1), ROWS), TERMS, STEP_MS, {
        onTrade: () => {},
        onMarks: () => {},
      });
      alone.pass(candles, ROWS);
      const expected = alone.finish() / TERMS.capitalUsd - 1;
      assert.ok(Math.abs(found[at]!.netReturn - expected) < 1e-9, `${found[at]!.netReturn}, not ${expected}`);
      assert.ok(Math.abs(found[at]!.feesUsd - alone.account.feesUsd) < 1e-6);
      assert.ok(found[at]!.fills > 10 && found[at]!.maxDrawdown > 0);
    }
  });

  test("refuses terms that it would not keep to, and a point that contradicts itself", () => {
    const make = (terms: object, points = POINTS) =>
      new Sweep(strategy, points, 0, termsFrom(terms), NO_FUNDING, STEP_MS, CHUNK);
    assert.throws(() => make({ latencyMs: 5 }), /a sweep does not know latencyMs/);
    assert.throws(() => make({}, []), /0 points; a sweep has 1 to 100000/);
    assert.throws(() => make({}, [[50, 20]]), /fast, 50, must be below slow, 20/);
  });
});

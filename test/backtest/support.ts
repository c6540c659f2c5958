/** Small markets and scripted traders for the tests of the backtest. */
import type { Trade } from "../../src/backtest/account.ts";
import type { Candles, Funding } from "../../src/backtest/candles.ts";
import { Backtest } from "../../src/backtest/engine.ts";
import { termsFrom } from "../../src/backtest/terms.ts";
import type { Instruction, Trader } from "../../src/backtest/trader.ts";

export const STEP_MS = 60_000;
/** open, high, low, close, and the volume if it matters. */
export type Row = [number, number, number, number, number?];

export function candlesOf(rows: Row[], firstOpenMs = 0): Candles {
  const column = (of: (row: Row, i: number) => number) => Float64Array.from(rows, of);
  return {
    closeTimeMs: column((_, i) => firstOpenMs + (i + 1) * STEP_MS),
    open: column((row) => row[0]),
    high: column((row) => row[1]),
    low: column((row) => row[2]),
    close: column((row) => row[3]),
    volume: column((row) => row[4] ?? 1_000),
  };
}

/** Candles without a range: each opens and closes at its price. */
export const flat = (...prices: number[]): Candles => candlesOf(prices.map((p) => [p, p, p, p]));

type Script = Record<number, (instruction: Instruction) => void>;
/** Says what the script has for a row, counted over the whole run. */
export function scripted(script: Script): Trader {
  let before = 0;
  let chunk = 0;
  return {
    name: "scripted",
    prepare: (_candles, _from, to) => {
      before += chunk;
      chunk = to;
    },
    decide: (_candles, row, _account, instruction) => script[before + row]?.(instruction),
  };
}

export function live(candles: Candles, trader: Trader, terms: object = {}, funding?: Funding) {
  const trades: Trade[] = [];
  const equity: number[] = [];
  const test = new Backtest(
    trader,
    termsFrom(terms),
    STEP_MS,
    {
      onTrade: (trade) => trades.push(trade),
      onMarks: (_candles, { equityUsd }, count) => equity.push(...equityUsd.subarray(0, count)),
    },
    funding,
  );
  test.pass(candles, candles.close.length);
  const cashUsd = test.finish();
  return { trades, equity, cashUsd, account: test.account };
}

/**
 * The backtest beside a bare loop: a moving-average crossing of 50 and 200 over a year of minutes, with fees, slippage,
 * funding and liquidation. Features are computed within the time, as they are in use.
 */
import { type Candles, type Funding, NO_FUNDING } from "../../src/backtest/candles.ts";
import { Backtest } from "../../src/backtest/engine.ts";
import { RuleTrader } from "../../src/backtest/rule-trader.ts";
import { STRATEGIES } from "../../src/backtest/strategies.ts";
import { Sweep } from "../../src/backtest/sweep.ts";
import { termsFrom } from "../../src/backtest/terms.ts";
import { SeededRandom } from "../../src/stats/index.ts";

const BARS = 525_600;
const CHUNK = 16_384;
const STEP_MS = 60_000;
const FUNDING_MS = 28_800_000;
const ROUNDS = 7;
const SWEEP_POINTS = 50;
const TERMS = termsFrom({ takerFeeBps: 5, slippageBps: 1, maxLeverage: 1 });
const strategy = STRATEGIES.get("sma-cross")!;

type Spread = { median: number; low: number; high: number };
export type BacktestResult = { bars: number; rounds: number; millionBarsPerSecond: Record<string, Spread> };

export function benchBacktest(): BacktestResult {
  const chunks = market();
  const funding = rates();
  const cases: Record<string, { bars: number; run: () => void }> = {
    "event-driven": { bars: BARS, run: () => events(chunks, funding) },
    "whole columns, one point": { bars: BARS, run: () => sweep(chunks, funding, [[50, 200]]) },
    [`whole columns, ${SWEEP_POINTS} points`]: {
      bars: BARS * SWEEP_POINTS,
      run: () => sweep(chunks, funding, points()),
    },
    "bare loop without costs": { bars: BARS, run: () => void bare(chunks) },
  };
  const rates_ = Object.entries(cases).map(([name, { bars, run }]) => {
    run();
    const found = Array.from({ length: ROUNDS }, () => bars / cpuMicroseconds(run)).sort((a, b) => a - b);
    return [name, { median: found[ROUNDS >> 1]!, low: found[0]!, high: found.at(-1)! }] as const;
  });
  return { bars: BARS, rounds: ROUNDS, millionBarsPerSecond: Object.fromEntries(rates_) };
}

export function printBacktest({ millionBarsPerSecond }: BacktestResult): string {
  const rows = Object.entries(millionBarsPerSecond).map(
    ([name, { median, low, high }]) =>
      `  ${name.padEnd(28)}${median.toFixed(1)} M bars/s (${low.toFixed(1)} … ${high.toFixed(1)})\n`,
  );
  return `backtest: sma-cross 50/200 with fees, slippage, funding, liquidation; ${BARS} bars\n${rows.join("")}`;
}

function events(chunks: readonly Candles[], funding: Funding): void {
  const test = new Backtest(
    new RuleTrader("", strategy.make([50, 200], -1), CHUNK),
    TERMS,
    STEP_MS,
    { onTrade: () => {}, onMarks: () => {} },
    funding,
  );
  for (const chunk of chunks) test.pass(chunk, chunk.close.length);
  test.finish();
}

function sweep(chunks: readonly Candles[], funding: Funding, at: number[][]): void {
  const run = new Sweep(strategy, at, -1, TERMS, funding ?? NO_FUNDING, STEP_MS, CHUNK);
  for (const chunk of chunks) run.pass(chunk, chunk.close.length);
  run.finish();
}

const points = (): number[][] =>
  Array.from({ length: SWEEP_POINTS }, (_, i) => [10 + 5 * (i % 10), 100 + 20 * Math.floor(i / 10)]);

/** What a plain program would write: two running sums, a position, its profit. */
function bare(chunks: readonly Candles[]): number {
  const close = new Float64Array(BARS);
  for (const [i, chunk] of chunks.entries()) close.set(chunk.close, i * CHUNK);
  let [fast, slow, held, entry, profit] = [0, 0, 0, 0, 0];
  for (let i = 0; i < BARS; i++) {
    fast += close[i]! - (i >= 50 ? close[i - 50]! : 0);
    slow += close[i]! - (i >= 200 ? close[i - 200]! : 0);
    if (i < 199) continue;
    const wanted = fast / 50 > slow / 200 ? 1 : -1;
    if (wanted === held) continue;
    profit += held * (close[i]! - entry);
    held = wanted;
    entry = close[i]!;
  }
  return profit;
}

/** Of this process, so that other programs' load counts less. */
function cpuMicroseconds(run: () => void): number {
  const before = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

function market(): Candles[] {
  const random = new SeededRandom(1);
  let last = 20_000;
  const chunks: Candles[] = [];
  for (let from = 0; from < BARS; from += CHUNK) {
    const rows = Math.min(CHUNK, BARS - from);
    const column = () => new Float64Array(rows);
    const c = {
      closeTimeMs: column(),
      open: column(),
      high: column(),
      low: column(),
      close: column(),
      volume: column(),
    };
    for (let i = 0; i < rows; i++) {
      const next = last * Math.exp(0.0006 * random.normal());
      c.closeTimeMs[i] = (from + i + 1) * STEP_MS;
      c.open[i] = last;
      c.close[i] = next;
      c.high[i] = Math.max(last, next) * 1.0002;
      c.low[i] = Math.min(last, next) * 0.9998;
      c.volume[i] = 10;
      last = next;
    }
    chunks.push(c);
  }
  return chunks;
}

function rates(): Funding {
  const count = Math.floor((BARS * STEP_MS) / FUNDING_MS);
  return {
    timeMs: Float64Array.from({ length: count }, (_, i) => i * FUNDING_MS),
    rate: new Float64Array(count).fill(1e-4),
  };
}

/** Speed of the indicator library: 21 indicators, in batch and as a stream, beside plain loops and three other libraries. */
import { PerformanceObserver } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { select } from "../../src/features/library/catalogue.ts";
import type { Bars } from "../../src/features/library/indicator.ts";
import { barsOf, batch, FeatureStream } from "../../src/features/library/run.ts";
import { fastTechnical, ixjb94, tradingSignals, versionOf } from "./peers.ts";
import { plain } from "./plain.ts";

const BARS = 525_600;
const STREAM_BARS = 1_000_000;
const PEER_STREAM_BARS = 100_000;
const ROUNDS = 7;
const INDICATORS = 21;
const MINUTE_MS = 60_000;

/** In the order of plain.ts. */
const COLUMNS =
  "sma_20 ema_20 wma_20 rma_14 rsi_14 macd_12_26_9 ppo_12_26_9_line trix_15 roc_10 willr_14 stoch_14_3_3 cci_20 mfi_14 aroon_14 adx_14 adx_14_plus adx_14_minus atr_14 bbands_20_2_upper bbands_20_2_middle bbands_20_2_lower obv ad ao_5_34 tr"
    .split(" ")
    .flatMap((name) => (name === "adx_14" ? select([name]).slice(0, 1) : select([name])));

/** A made-up year of minutes. */
function marketOf(rows: number): Bars {
  const bars = barsOf(rows);
  let state = 1;
  const uniform = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 4_294_967_296;
  };
  let price = 40_000;
  for (let i = 0; i < rows; i++) {
    const open = price;
    price *= 1 + (uniform() + uniform() - 1) * 1e-3;
    bars.closeTimeMs[i] = (i + 1) * MINUTE_MS;
    bars.open[i] = open;
    bars.close[i] = price;
    bars.high[i] = Math.max(open, price) * (1 + uniform() * 5e-4);
    bars.low[i] = Math.min(open, price) * (1 - uniform() * 5e-4);
    bars.volume[i] = uniform() * 100;
  }
  return bars;
}

/** CPU time of this thread, nanoseconds: what other processes do counts less than in wall time. */
function cpuNs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) * 1_000;
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!;

export type Measured = { name: string; unit: string; median: number; low: number; high: number };

/** Runs all contenders in turn, round after round, so that a busy minute hits all of them. */
function race(
  contenders: ReadonlyMap<string, { run: () => unknown; rows: number }>,
  perRow: number,
  unit: string,
): Measured[] {
  const rates = new Map([...contenders.keys()].map((name) => [name, [] as number[]]));
  for (let round = -1; round < ROUNDS; round++)
    for (const [name, { run, rows }] of contenders) {
      const from = cpuNs();
      run();
      const ns = cpuNs() - from;
      if (round >= 0) rates.get(name)!.push((rows * perRow * 1e3) / ns);
    }
  return [...rates].map(([name, all]) => ({
    name,
    unit,
    median: median(all),
    low: Math.min(...all),
    high: Math.max(...all),
  }));
}

/** Largest difference between ours and the plain loops, so that both are known to do the same work. */
function difference(bars: Bars): number {
  const ours = batch(COLUMNS, bars);
  let worst = 0;
  plain(bars).forEach((values, at) => {
    const from = COLUMNS[at]!.warmUpBars - 1;
    for (let i = from; i < values.length; i++) {
      const away = Math.abs(values[i]! - ours[at]![i]!) / Math.max(1, Math.abs(values[i]!));
      if (!(away <= worst)) worst = away;
    }
  });
  return worst;
}

/** Collections while a stream takes a million bars, and bytes of heap per bar. */
async function allocation(bars: Bars): Promise<{ collections: number; bytesPerBar: number }> {
  const stream = new FeatureStream(COLUMNS);
  for (let i = 0; i < bars.close.length; i++) stream.push(bars, i);
  let collections = 0;
  const observer = new PerformanceObserver((list) => {
    collections += list.getEntries().length;
  });
  observer.observe({ entryTypes: ["gc"] });
  await sleep(300);
  collections = 0;
  const before = process.memoryUsage().heapUsed;
  for (let i = 0; i < STREAM_BARS; i++) stream.push(bars, i % bars.close.length);
  const bytes = process.memoryUsage().heapUsed - before;
  await sleep(10);
  observer.disconnect();
  return { collections, bytesPerBar: Math.round((100 * bytes) / STREAM_BARS) / 100 };
}

export type IndicatorBench = {
  bars: number;
  indicators: number;
  columns: number;
  batch: Measured[];
  stream: Measured[];
  ratios: Record<string, number>;
  differenceFromPlain: number;
  collections: number;
  bytesPerBar: number;
  missing: string[];
};

export async function benchIndicators(): Promise<IndicatorBench> {
  const bars = marketOf(BARS);
  const some = marketOf(PEER_STREAM_BARS);
  const into = COLUMNS.map(() => new Float64Array(BARS));
  const ours = { run: () => batch(COLUMNS, bars, into), rows: BARS };
  type Contenders = Map<string, { run: () => unknown; rows: number }>;
  const batches: Contenders = new Map([
    ["saksi", ours],
    ["plain loops", { run: () => plain(bars), rows: BARS }],
  ]);
  const streams: Contenders = new Map([
    [
      "saksi",
      {
        run: () => {
          const stream = new FeatureStream(COLUMNS);
          for (let i = 0; i < BARS; i++) stream.push(bars, i);
          return stream.values;
        },
        rows: BARS,
      },
    ],
  ]);
  const missing: string[] = [];
  const add = (to: Contenders, name: string, run: (() => unknown) | undefined, rows: number): void => {
    if (run) to.set(versionOf(name), { run, rows });
    else missing.push(name);
  };
  add(batches, "@ixjb94/indicators", await ixjb94(bars), BARS);
  add(batches, "fast-technical-indicators", await fastTechnical(bars), BARS);
  add(streams, "trading-signals", await tradingSignals(some), PEER_STREAM_BARS);
  const heap = await allocation(some);
  const batchRates = race(batches, INDICATORS, "M cells/s");
  const streamRates = race(streams, 1, "M bars/s");
  const ratios = Object.fromEntries(
    [
      ...batchRates.slice(1).map((one) => [one, batchRates[0]!] as const),
      ...streamRates.slice(1).map((one) => [one, streamRates[0]!] as const),
    ].map(([theirs, own]) => [theirs.name, own.median / theirs.median]),
  );
  return {
    bars: BARS,
    indicators: INDICATORS,
    columns: COLUMNS.length,
    batch: batchRates,
    stream: streamRates,
    ratios,
    differenceFromPlain: difference(bars),
    ...heap,
    missing,
  };
}

export function printIndicators(result: IndicatorBench): string {
  const row = ({ name, unit, median: middle, low, high }: Measured, ratio?: number): string =>
    `  ${name.padEnd(34)} ${middle.toFixed(2).padStart(8)} ${unit}   (${low.toFixed(2)} … ${high.toFixed(2)})${
      ratio === undefined ? "" : `   saksi is ${ratio.toFixed(2)} times as fast`
    }\n`;
  const rows = (list: readonly Measured[]): string =>
    list.map((one, at) => row(one, at === 0 ? undefined : result.ratios[one.name])).join("");
  return `${result.indicators} indicators (${result.columns} columns), ${result.bars} bars; a cell is one indicator at one bar; CPU time, median of ${ROUNDS} (lowest … highest)
batch
${rows(result.batch)}stream, bar by bar
${rows(result.stream)}heap: ${result.collections} collections in ${STREAM_BARS} streamed bars, ${result.bytesPerBar} bytes per bar
largest relative difference from the plain loops: ${result.differenceFromPlain.toExponential(1)}
${result.missing.length > 0 ? `not installed: ${result.missing.join(", ")}; npm ci --prefix bench/engine\n` : ""}`;
}

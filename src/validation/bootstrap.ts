/**
 * Stationary bootstrap (Politis and Romano 1994): resamples of a series made of blocks of random, geometric length, so
 * that intervals respect its dependence in time.
 */
import {
  ascending,
  momentsOf,
  quantileOf,
  refuse,
  type SeededRandom,
  strictlyBetween,
  wholeNumber,
} from "../stats/index.ts";
import { automaticBlockLength } from "./block-length.ts";

export type Interval = {
  /** The statistic of the series itself. */
  estimate: number;
  low: number;
  high: number;
  /** Deviation of the statistic over the resamples. */
  standardError: number;
  /** Resamples on which the statistic was no number (e.g. a ratio over nothing); not in the interval. */
  undefinedResamples: number;
};

export type BootstrapOptions = {
  resamples: number;
  /** Share of resamples inside the interval: 0.95. */
  confidence: number;
  random: SeededRandom;
  /** Mean length of a block in periods, at least 1; without it `automaticBlockLength`. */
  blockLength?: number;
};

const MAX_RESAMPLES = 1_000_000;

/**
 * Percentile intervals of one or more statistics on the same resamples.
 * @param statistics of a resample, by name. They may reorder the resample but must not keep it: the next overwrites it.
 * @throws DomainError `stats.badInput` for a statistic that is a number on no resample.
 */
export function stationaryBootstrap<Name extends string>(
  series: ArrayLike<number>,
  statistics: (sample: Float64Array) => Record<Name, number>,
  { resamples, confidence, random, blockLength = automaticBlockLength(series) }: BootstrapOptions,
): { blockLength: number; intervals: Record<Name, Interval> } {
  wholeNumber("the number of resamples", resamples, 10, MAX_RESAMPLES);
  strictlyBetween("the confidence", confidence, 0, 1);
  if (series.length < 2) refuse(`a bootstrap needs at least 2 values, got ${series.length}`);
  if (!(blockLength >= 1)) refuse(`the mean block length must be at least 1, got ${blockLength}`);
  const values = Float64Array.from(series);
  const estimates = statistics(values.slice());
  const names = Object.keys(estimates) as Name[];
  const drawn = names.map(() => new Float64Array(resamples));
  const sample = new Float64Array(values.length);
  for (let i = 0; i < resamples; i++) {
    resample(values, 1 / blockLength, random, sample);
    const found = statistics(sample);
    names.forEach((name, s) => {
      drawn[s]![i] = found[name];
    });
  }
  const tail = (1 - confidence) / 2;
  const intervals = names.map((name, s): [Name, Interval] => {
    const sorted = ascending(drawn[s]!);
    if (sorted.length === 0)
      refuse(`statistic "${name}" is no number on any resample; the series is too short`);
    const interval = {
      estimate: estimates[name],
      low: quantileOf(sorted, tail),
      high: quantileOf(sorted, 1 - tail),
      standardError: momentsOf(sorted).std,
      undefinedResamples: resamples - sorted.length,
    };
    return [name, interval];
  });
  return { blockLength, intervals: Object.fromEntries(intervals) as Record<Name, Interval> };
}

/** Each value follows its predecessor in the series (the first follows the last), or, with probability `restart`, any. */
function resample(values: Float64Array, restart: number, random: SeededRandom, out: Float64Array): void {
  const n = values.length;
  let at = Math.floor(random.uniform() * n);
  out[0] = values[at]!;
  for (let i = 1; i < n; i++) {
    at = random.uniform() < restart ? Math.floor(random.uniform() * n) : at + 1 < n ? at + 1 : 0;
    out[i] = values[at]!;
  }
}

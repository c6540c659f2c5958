/** Labelled decisions of one market, made by the same engine that trades. */
import type { Candle } from "../../src/domain/candle.ts";
import type { BookSample, FundingPoint, OpenInterestSample } from "../../src/domain/evidence.ts";
import { FUNDING_POINTS, OPEN_INTEREST_POINTS } from "../../src/domain/evidence.ts";
import { AnchoredFeatures, type FeatureSpec } from "../../src/features/index.ts";
import { staticsOf } from "../../src/features/statics.ts";
import { fearGreedAt, headlinesAt } from "./sentiment.ts";

export type MarketHistory = {
  symbol: string;
  seed: number;
  candles: readonly Candle[];
  /** By cut-off time; books and open interest only where a decision is sampled. */
  books: ReadonlyMap<number, BookSample>;
  openInterest: ReadonlyMap<number, OpenInterestSample>;
  funding: readonly FundingPoint[];
};

/** Features before standardisation, side by side, oldest first. */
export type Samples = {
  count: number;
  cutoffMs: Float64Array;
  /** [count × sequenceLength × columns]. */
  sequence: Float32Array;
  /** [count × statics]. */
  statics: Float32Array;
  /** 1 when the close at the horizon is above the close at the cut-off, else 0. */
  labels: Float32Array;
};

/** One decision every `everyMs` for which all of the future it needs is in the history. */
export function samplesOf(spec: FeatureSpec, history: MarketHistory, everyMs: number): Samples {
  const engine = new AnchoredFeatures(spec);
  const ahead = spec.horizonMs / spec.stepMs;
  const parts: { cutoffMs: number; sequence: Float32Array; statics: Float32Array; label: number }[] = [];
  history.candles.forEach((candle, i) => {
    engine.push(candle);
    const { cutoffMs } = engine;
    const future = history.candles[i + ahead];
    if (!engine.ready || cutoffMs % everyMs !== 0 || !future) return;
    const statics = staticsOf(spec, {
      cutoffMs,
      book: history.books.get(cutoffMs) ?? null,
      funding: history.funding.filter((point) => point.fundingTimeMs <= cutoffMs).slice(-FUNDING_POINTS),
      openInterest: openInterestUpTo(history, everyMs, cutoffMs),
      fearGreed: fearGreedAt(history.seed, cutoffMs),
      headlines: headlinesAt(history.seed, cutoffMs),
    });
    const label = future.closeE8 > candle.closeE8 ? 1 : 0;
    parts.push({ cutoffMs, sequence: engine.sequence(), statics, label });
  });
  return joinParts(spec, parts);
}

/** The last samples, one a decision. */
function openInterestUpTo(history: MarketHistory, everyMs: number, cutoffMs: number): OpenInterestSample[] {
  const samples: OpenInterestSample[] = [];
  for (let ago = OPEN_INTEREST_POINTS - 1; ago >= 0; ago--) {
    const sample = history.openInterest.get(cutoffMs - ago * everyMs);
    if (sample) samples.push(sample);
  }
  return samples;
}

function joinParts(
  spec: FeatureSpec,
  parts: readonly { cutoffMs: number; sequence: Float32Array; statics: Float32Array; label: number }[],
): Samples {
  const width = spec.sequenceLength * spec.sequence.length;
  const joined: Samples = {
    count: parts.length,
    cutoffMs: Float64Array.from(parts, (part) => part.cutoffMs),
    sequence: new Float32Array(parts.length * width),
    statics: new Float32Array(parts.length * spec.statics.length),
    labels: Float32Array.from(parts, (part) => part.label),
  };
  parts.forEach((part, i) => {
    joined.sequence.set(part.sequence, i * width);
    joined.statics.set(part.statics, i * spec.statics.length);
  });
  return joined;
}

/** Samples with a cut-off in [fromMs, toMs). */
export function between(samples: Samples, fromMs: number, toMs: number): Samples {
  const inside = (timeMs: number): boolean => timeMs >= fromMs && timeMs < toMs;
  const first = samples.cutoffMs.findIndex(inside);
  const count = samples.cutoffMs.filter(inside).length;
  const part = (values: Float32Array): Float32Array => {
    const width = values.length / samples.count;
    return values.slice(first * width, (first + count) * width);
  };
  return {
    count,
    cutoffMs: samples.cutoffMs.slice(first, first + count),
    sequence: part(samples.sequence),
    statics: part(samples.statics),
    labels: part(samples.labels),
  };
}

export function joined(list: readonly Samples[]): Samples {
  const all = (pick: (samples: Samples) => Float32Array): Float32Array => {
    const out = new Float32Array(list.reduce((sum, samples) => sum + pick(samples).length, 0));
    let at = 0;
    for (const samples of list) {
      out.set(pick(samples), at);
      at += pick(samples).length;
    }
    return out;
  };
  return {
    count: list.reduce((sum, samples) => sum + samples.count, 0),
    cutoffMs: Float64Array.from(list.flatMap((samples) => [...samples.cutoffMs])),
    sequence: all((samples) => samples.sequence),
    statics: all((samples) => samples.statics),
    labels: all((samples) => samples.labels),
  };
}

/** The same samples as a model with a shorter memory sees them: the last `rows` rows of each sequence. */
export function lastRows(samples: Samples, rowWidth: number, rows: number): Samples {
  const width = samples.sequence.length / samples.count;
  const kept = rows * rowWidth;
  const sequence = new Float32Array(samples.count * kept);
  for (let i = 0; i < samples.count; i++)
    sequence.set(samples.sequence.subarray((i + 1) * width - kept, (i + 1) * width), i * kept);
  return { ...samples, sequence };
}

/**
 * Conformal intervals: as wide as recent errors demand, without a word about their distribution.
 * Split: one calibration set, exchangeable with what follows. Adaptive (Gibbs and Candès 2021): the level moves after
 * each miss, so the long-run share of misses is kept even when the market changes.
 */
import type { FeatureVector } from "../../features/assemble.ts";
import { refuse, strictlyBetween, wholeNumber } from "../../stats/index.ts";
import type { ModelManifest } from "../manifest.ts";
import { outOfDistribution } from "../ood.ts";

/** |truth − prediction| / difficulty: errors of hard inputs count for less, their intervals are wider. */
export const conformalScore = (prediction: number, truth: number, difficulty = 1): number =>
  Math.abs(truth - prediction) / difficulty;

/** The k-th smallest score, k = ⌈(n + 1)(1 − miscoverage)⌉; Infinity when k > n: too little data for that promise. */
export function conformalQuantile(scores: ArrayLike<number>, miscoverage: number): number {
  strictlyBetween("the miscoverage", miscoverage, 0, 1);
  const sorted = Float64Array.from(scores).sort();
  if (sorted.some(Number.isNaN)) refuse("a conformal score is NaN; check predictions and truths");
  // Rounding must not lift a whole (n + 1)(1 − miscoverage) to the next rank.
  const rank = Math.ceil((sorted.length + 1) * (1 - miscoverage) - 1e-9);
  return sorted[Math.max(rank, 1) - 1] ?? Number.POSITIVE_INFINITY;
}

/** The interval that holds the truth with the promised share; `quantile` from `conformalQuantile` or an adaptive state. */
export function conformalInterval(
  prediction: number,
  quantile: number,
  difficulty = 1,
): { low: number; high: number } {
  return { low: prediction - quantile * difficulty, high: prediction + quantile * difficulty };
}

/** 1 inside the training range, rising by one for each deviation outside of it; see `outOfDistribution`. */
export function difficultyOf(
  manifest: Pick<ModelManifest, "featureSpec" | "normalisation">,
  features: Pick<FeatureVector, "sequence" | "statics">,
): number {
  const { score, feature } = outOfDistribution(manifest, features);
  if (Number.isNaN(score)) refuse(`feature "${feature}" is no number, so its difficulty is not known`);
  return 1 + score;
}

export type AdaptiveOptions = {
  /** Share of misses wanted in the long run: 0.1. */
  miscoverage: number;
  /** How far one miss moves the level: 0.005 … 0.05. Misses differ from the wanted share by at most (1 + rate) / (rate · n). */
  rate: number;
  /** Newest scores that a quantile is taken of. */
  window: number;
};

export type AdaptiveState = {
  /** The level in use; outside of (0, 1) the interval is everything or nothing. */
  miscoverage: number;
  scores: readonly number[];
};

const MAX_WINDOW = 100_000;

/** @param scores of a calibration set, oldest first. */
export function startAdaptive(scores: readonly number[], options: AdaptiveOptions): AdaptiveState {
  strictlyBetween("the miscoverage", options.miscoverage, 0, 1);
  if (!(options.rate > 0)) refuse(`the adaptation rate must be above 0, got ${options.rate}`);
  wholeNumber("the window", options.window, 1, MAX_WINDOW);
  return { miscoverage: options.miscoverage, scores: scores.slice(-options.window) };
}

/** Half-width, in difficulties, of the interval for the next prediction; −Infinity is the empty interval. */
export function adaptiveQuantile({ miscoverage, scores }: AdaptiveState): number {
  if (miscoverage <= 0) return Number.POSITIVE_INFINITY;
  if (miscoverage >= 1) return Number.NEGATIVE_INFINITY;
  return conformalQuantile(scores, miscoverage);
}

/** The state after the truth became known. */
export function adapt(state: AdaptiveState, score: number, options: AdaptiveOptions): AdaptiveState {
  if (Number.isNaN(score)) refuse("a conformal score is NaN; check prediction and truth");
  const missed = score > adaptiveQuantile(state) ? 1 : 0;
  return {
    miscoverage: state.miscoverage + options.rate * (options.miscoverage - missed),
    scores: [...state.scores, score].slice(-options.window),
  };
}

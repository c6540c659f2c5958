/** How far inputs lie outside what the model saw in training. */
import type { FeatureVector } from "../features/assemble.ts";
import type { InputStatistics, ModelManifest } from "./manifest.ts";
import { presence } from "./standardise.ts";

/** Refuse when some feature lies, on average over its window, more than this many deviations outside its range. */
export const OOD_LIMIT = 1;
/** One candle counts for at most this many deviations, so a single flash bar does not stop trading by itself. */
const MAX_EXCESS = 10;

export type OutOfDistribution = { score: number; feature: string };

/**
 * The worst feature and its excess: deviations beyond the training range, averaged over the rows of the sequence.
 * 0 means everything lies inside. An input that is no number scores NaN.
 */
export function outOfDistribution(
  { featureSpec, normalisation }: Pick<ModelManifest, "featureSpec" | "normalisation">,
  features: Pick<FeatureVector, "sequence" | "statics">,
): OutOfDistribution {
  let worst: OutOfDistribution = { score: 0, feature: "" };
  const consider = (score: number, feature: string): void => {
    if (!Number.isNaN(worst.score) && !(score <= worst.score)) worst = { score, feature };
  };
  const columns = featureSpec.sequence.length;
  featureSpec.sequence.forEach((name, column) => {
    let sum = 0;
    for (let at = column; at < features.sequence.length; at += columns)
      sum += excess(normalisation.sequence, column, features.sequence[at]!);
    consider(sum / featureSpec.sequenceLength, name);
  });
  const present = presence(featureSpec.statics, features.statics);
  featureSpec.statics.forEach((name, at) => {
    if (present[at]) consider(excess(normalisation.statics, at, features.statics[at]!), name);
  });
  return worst;
}

function excess(statistics: InputStatistics, at: number, value: number): number {
  const outside =
    Math.max(statistics.low[at]! - value, value - statistics.high[at]!, 0) / statistics.std[at]!;
  return Math.min(outside, MAX_EXCESS);
}

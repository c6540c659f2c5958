/** The last step before a network: mean 0, deviation 1 by the training span, outliers clipped, absent inputs 0. */
import type { FeatureVector } from "../features/assemble.ts";
import { STATIC_FEATURES, STATIC_INDEX } from "../features/registry.ts";
import type { InputStatistics, ModelManifest } from "./manifest.ts";

export type NetworkInputs = {
  /** Row-major [sequenceLength × columns]. */
  sequence: Float32Array;
  /** [statics]. */
  statics: Float32Array;
};

export function standardise(
  { featureSpec, normalisation }: Pick<ModelManifest, "featureSpec" | "normalisation">,
  features: Pick<FeatureVector, "sequence" | "statics">,
): NetworkInputs {
  const columns = featureSpec.sequence.length;
  const { clip } = normalisation;
  const present = presence(featureSpec.statics, features.statics);
  return {
    sequence: features.sequence.map((value, i) => scale(normalisation.sequence, i % columns, value, clip)),
    statics: features.statics.map((value, i) =>
      present[i] ? scale(normalisation.statics, i, value, clip) : 0,
    ),
  };
}

function scale({ mean, std }: InputStatistics, at: number, value: number, clip: number): number {
  const scaled = (value - mean[at]!) / std[at]!;
  return scaled < -clip ? -clip : scaled > clip ? clip : scaled;
}

/** For each static: false when the flag of its group is among them and 0. A flag itself counts as present. */
export function presence(names: readonly string[], statics: Float32Array): boolean[] {
  const definitions = names.map((name) => STATIC_FEATURES[STATIC_INDEX.get(name)!]!);
  const absent = new Set(
    definitions.filter(({ unit }, i) => unit === "flag" && statics[i] === 0).map((d) => d.group),
  );
  return definitions.map(({ unit, group }) => unit === "flag" || !absent.has(group));
}

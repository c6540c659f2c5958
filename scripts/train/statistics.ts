/** Means, deviations and ranges of the training span; nothing of the validation span enters. */

import type { FeatureSpec } from "../../src/features/index.ts";
import { STATIC_FEATURES } from "../../src/features/index.ts";
import type { InputStatistics } from "../../src/models/manifest.ts";
import { presence } from "../../src/models/standardise.ts";
import type { Samples } from "./samples.ts";

export const STANDARDISED_CLIP = 5;

/** Statistics of the newest row of every sequence and of the statics while their group is present; flags pass as they are. */
export function normalisationOf(spec: FeatureSpec, samples: Samples) {
  const width = samples.sequence.length / samples.count;
  const columns = spec.sequence.length;
  const sequence = spec.sequence.map((_, column) => {
    const values = Float64Array.from(
      { length: samples.count },
      (_, i) => samples.sequence[(i + 1) * width - columns + column]!,
    );
    return summary(values);
  });
  const rows = Array.from({ length: samples.count }, (_, i) =>
    samples.statics.subarray(i * spec.statics.length, (i + 1) * spec.statics.length),
  );
  const present = rows.map((row) => presence(spec.statics, row));
  const statics = spec.statics.map((name, at) => {
    const isFlag = STATIC_FEATURES.find((definition) => definition.name === name)?.unit === "flag";
    if (isFlag) return { mean: 0, std: 1, low: 0, high: 1 };
    return summary(Float64Array.from(rows.filter((_, i) => present[i]![at]).map((row) => row[at]!)));
  });
  return { sequence: columnsOf(sequence), statics: columnsOf(statics), clip: STANDARDISED_CLIP };
}

type Summary = { mean: number; std: number; low: number; high: number };

/** Rounded to six significant digits, so that the manifest stays readable; what is stored is what is used. */
function summary(values: Float64Array): Summary {
  if (values.length === 0) return { mean: 0, std: 1, low: 0, high: 0 };
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const std = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
  const low = values.reduce((a, b) => Math.min(a, b));
  const high = values.reduce((a, b) => Math.max(a, b));
  const short = (value: number): number => Number(value.toPrecision(6));
  return { mean: short(mean), std: short(std) || 1, low: short(low), high: short(high) };
}

const columnsOf = (list: readonly Summary[]): InputStatistics => ({
  mean: list.map((one) => one.mean),
  std: list.map((one) => one.std),
  low: list.map((one) => one.low),
  high: list.map((one) => one.high),
});

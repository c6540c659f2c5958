/** From features and a model to the quantised output that is published, or a refusal with its reason. */
import { type ModelOutput, OUTPUT_QUANTUM_PPM, quantise } from "../domain/output.ts";
import type { FeatureVector } from "../features/assemble.ts";
import { OOD_LIMIT, outOfDistribution } from "./ood.ts";
import type { LoadedModel } from "./ports.ts";

export type PredictOutcome =
  | { kind: "output"; output: ModelOutput; oodScore: number }
  | { kind: "refused"; code: "model.notANumber" | "model.outOfDistribution"; reason: string };

const PPM = 1_000_000;

/**
 * Runs the model and quantises. `probUpPpm` lies in [OUTPUT_QUANTUM_PPM, 1e6 − OUTPUT_QUANTUM_PPM]: a model is
 * never certain. Refuses inputs unlike those of the training span and answers that are no probability.
 */
export function outputOf(model: LoadedModel, features: FeatureVector): PredictOutcome {
  const odd = outOfDistribution(model.manifest, features);
  // Written so that NaN is refused as well.
  if (!(odd.score <= OOD_LIMIT))
    return {
      kind: "refused",
      code: "model.outOfDistribution",
      reason: `${odd.feature} is ${odd.score.toFixed(2)} standard deviations outside its training range (limit ${OOD_LIMIT})`,
    };
  const probability = model.predict(features);
  if (!(probability >= 0 && probability <= 1))
    return {
      kind: "refused",
      code: "model.notANumber",
      reason: `model answered ${probability}, which is no probability`,
    };
  const rounded = quantise(probability * PPM, OUTPUT_QUANTUM_PPM);
  const probUpPpm = Math.min(PPM - OUTPUT_QUANTUM_PPM, Math.max(OUTPUT_QUANTUM_PPM, rounded));
  return { kind: "output", output: { probUpPpm, sigmaPpm: features.sigmaPpm }, oodScore: odd.score };
}

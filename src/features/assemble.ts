/** From evidence to the vector a model is fed. */
import { concat, keccak256, toBeHex } from "ethers";
import { utcMidnight } from "../domain/candle.ts";
import type { EvidenceBundle } from "../domain/evidence.ts";
import { DomainError } from "../errors/errors.ts";
import { AnchoredFeatures } from "./anchored.ts";
import type { FeatureSpec } from "./spec.ts";
import { staticsOf } from "./statics.ts";

/** The part of a bundle that is not candles. */
export type DecisionInputs = Pick<
  EvidenceBundle,
  "cutoffMs" | "funding" | "book" | "openInterest" | "fearGreed" | "headlines"
>;

export type FeatureVector = {
  cutoffMs: number;
  /** Row-major [sequenceLength × sequence.length], oldest candle first; multiples of FEATURE_QUANTUM. */
  sequence: Float32Array;
  /** [statics.length]; absent groups are 0 with their presence flag 0. */
  statics: Float32Array;
  /** One standard deviation of the return over the horizon, millionths, a multiple of SIGMA_QUANTUM_PPM, above 0. */
  sigmaPpm: number;
  /** keccak256 of the little-endian float32 bytes of sequence and statics, then cutoffMs and sigmaPpm as uint64. */
  hash: string;
};

/**
 * Features at the engine's cut-off. The arrays are the caller's to keep.
 * @throws DomainError `features.notReady` before the first anchor, `features.cutoff` when inputs speak of another
 * time, `features.lookAhead` when a sample is later than the cut-off, `features.badInput` for impossible values.
 */
export function featuresAt(engine: AnchoredFeatures, inputs: DecisionInputs): FeatureVector {
  if (engine.cutoffMs !== inputs.cutoffMs)
    throw new DomainError(
      "features.cutoff",
      `inputs are for ${inputs.cutoffMs}, the engine has seen candles up to ${engine.cutoffMs}`,
    );
  const sequence = engine.sequence();
  const statics = staticsOf(engine.spec, inputs);
  const sigmaPpm = engine.sigmaPpm();
  return {
    cutoffMs: inputs.cutoffMs,
    sequence,
    statics,
    sigmaPpm,
    hash: vectorHash(sequence, statics, inputs.cutoffMs, sigmaPpm),
  };
}

/**
 * Features as a pure function of the evidence. With `incremental`, an engine that was pushed the same candles up
 * to the cut-off under the same spec, the candles are not replayed; the result is the same, bit for bit.
 * @throws DomainError `features.badBundle` when the bundle does not fit the spec, `features.gap` for a missing or
 * surplus candle, `features.badCandle` for an impossible one, and what {@link featuresAt} throws.
 */
export function featuresOf(
  spec: FeatureSpec,
  bundle: EvidenceBundle,
  incremental?: AnchoredFeatures,
): FeatureVector {
  checkBundle(spec, bundle);
  if (incremental) {
    if (JSON.stringify(incremental.spec) !== JSON.stringify(spec))
      throw new DomainError("features.badBundle", "the engine runs another feature spec");
    return featuresAt(incremental, bundle);
  }
  const engine = new AnchoredFeatures(spec);
  for (const candle of bundle.candles) engine.push(candle);
  return featuresAt(engine, bundle);
}

function checkBundle(spec: FeatureSpec, bundle: EvidenceBundle): void {
  const refuse = (code: string, why: string): never => {
    throw new DomainError(code, why);
  };
  const { stepMs, anchorMs, cutoffMs, candles } = bundle;
  if (stepMs !== spec.stepMs)
    refuse("features.badBundle", `candles of ${stepMs} ms, the model wants ${spec.stepMs}`);
  if (bundle.windowCandles !== spec.windowCandles)
    refuse(
      "features.badBundle",
      `window of ${bundle.windowCandles} candles, the model wants ${spec.windowCandles}`,
    );
  if (anchorMs !== utcMidnight(cutoffMs))
    refuse("features.badBundle", "anchor is not the midnight at or before cut-off");
  const fromMs = anchorMs - spec.windowCandles * stepMs;
  const expected = (cutoffMs - fromMs) / stepMs;
  if (!Number.isInteger(expected)) refuse("features.badBundle", "cut-off is not the close of a candle");
  candles.forEach((candle, index) => {
    const openTimeMs = fromMs + index * stepMs;
    if (openTimeMs >= cutoffMs)
      refuse("features.lookAhead", `candle ${candle.openTimeMs} closes after the cut-off`);
    if (candle.openTimeMs !== openTimeMs) refuse("features.gap", `candle ${openTimeMs} is missing`);
  });
  if (candles.length < expected)
    refuse("features.gap", `candle ${fromMs + candles.length * stepMs} is missing`);
}

/** @returns the hash documented at {@link FeatureVector}. */
export function vectorHash(
  sequence: Float32Array,
  statics: Float32Array,
  cutoffMs: number,
  sigmaPpm: number,
): string {
  const bytes = (values: Float32Array) => new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return keccak256(concat([bytes(sequence), bytes(statics), toBeHex(cutoffMs, 8), toBeHex(sigmaPpm, 8)]));
}

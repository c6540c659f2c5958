/** What a model is fed: part of its manifest, so part of its content hash. */
import { z } from "zod";
import { DAY_MS, MINUTE_MS } from "../domain/candle.ts";
import { DomainError } from "../errors/errors.ts";
import { CANDLE_FEATURES, CANDLE_INDEX, STATIC_FEATURES, STATIC_INDEX } from "./registry.ts";

const MAX_WINDOW_CANDLES = 2_880;
const MAX_SEQUENCE = 256;

const names = (known: ReadonlyMap<string, number>) =>
  z
    .array(z.string())
    .max(known.size)
    .refine((list) => new Set(list).size === list.length, "a feature is named twice")
    .refine((list) => list.every((name) => known.has(name)), "unknown feature name");

export const featureSpecSchema = z
  .strictObject({
    /** Changes when a formula changes: the same names then mean something else. */
    version: z.literal(1),
    stepMs: z.literal(MINUTE_MS),
    /** Closed candles before midnight that recursive state restarts from. */
    windowCandles: z.int().min(1).max(MAX_WINDOW_CANDLES),
    /** Rows of the sequence: the last closed candles. */
    sequenceLength: z.int().min(1).max(MAX_SEQUENCE),
    /** Per-candle features, in the order of the columns. */
    sequence: names(CANDLE_INDEX).min(1),
    /** Decision-time features, in order. */
    statics: names(STATIC_INDEX),
    /** What the output is about: the close this long after the cut-off. */
    horizonMs: z.int().positive().max(DAY_MS),
  })
  .refine((spec) => spec.horizonMs % spec.stepMs === 0, "horizonMs is not a multiple of stepMs")
  .refine(
    (spec) => spec.windowCandles >= minimumWindow(spec),
    "windowCandles is too short for these features to settle",
  );

export type FeatureSpec = z.infer<typeof featureSpecSchema>;

/** Candles needed so that every row of the first sequence after midnight has forgotten where its recursion began. */
function minimumWindow(spec: { sequence: readonly string[]; sequenceLength: number }): number {
  const used = CANDLE_FEATURES.filter((definition) => spec.sequence.includes(definition.name));
  return (
    Math.max(SIGMA_SETTLE_CANDLES, ...used.map((definition) => definition.settleCandles)) +
    spec.sequenceLength
  );
}

/** The volatility estimate is always computed, whatever features are named. */
const SIGMA_SETTLE_CANDLES = 600;

/** @throws DomainError `features.badSpec` naming the first fault; unknown keys are refused. */
export function parseFeatureSpec(value: unknown): FeatureSpec {
  const parsed = featureSpecSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new DomainError(
    "features.badSpec",
    `feature spec: ${issue?.path.join(".") || "root"}: ${issue?.message}`,
  );
}

/** The specification the committed models were trained with. */
export const DEFAULT_FEATURE_SPEC: FeatureSpec = parseFeatureSpec({
  version: 1,
  stepMs: MINUTE_MS,
  windowCandles: 720,
  sequenceLength: 32,
  sequence: CANDLE_FEATURES.map((definition) => definition.name),
  statics: STATIC_FEATURES.map((definition) => definition.name),
  horizonMs: 10 * MINUTE_MS,
});

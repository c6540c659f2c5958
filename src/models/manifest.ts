/**
 * A model's manifest: everything that decides its output or says where it came from. `modelId` is the keccak of
 * its canonical JSON, and it contains the layers and the hash of the weights, so the id covers every byte.
 */
import { keccak256, toUtf8Bytes } from "ethers";
import { z } from "zod";
import { OUTPUT_QUANTUM_PPM } from "../domain/output.ts";
import { DomainError } from "../errors/errors.ts";
import { featureSpecSchema } from "../features/spec.ts";
import { canonicalJson } from "./canonical.ts";

const finite = z.number();
const weightSpec = z.strictObject({ name: z.string(), shape: z.array(z.int().positive()).max(4) });

/** Per input, in the order of the feature spec: what the training span looked like. */
const inputStatistics = z.strictObject({
  mean: z.array(finite),
  /** Standard deviation, never 0. */
  std: z.array(finite.positive()),
  /** Values seen in training lie within [low, high] but for a named share of outliers. */
  low: z.array(finite),
  high: z.array(finite),
});

const splitMetrics = z.strictObject({
  samples: z.int().positive(),
  logLoss: finite,
  brier: finite,
  accuracy: finite,
  /** Log loss and accuracy of always answering the training span's base rate. */
  baselineLogLoss: finite,
  baselineAccuracy: finite,
  /** Share of samples whose confidence, max(p, 1 − p), exceeds 0.51. */
  shareAbove51: finite,
});

export const modelManifestSchema = z
  .strictObject({
    format: z.literal(1),
    name: z.string().regex(/^[a-z0-9-]{1,32}$/),
    kind: z.enum(["lstm", "logistic"]),
    /** Part of the id: another backend gives other last digits. */
    runtime: z.strictObject({
      backend: z.literal("wasm"),
      library: z.literal("tfjs"),
      version: z.literal("4.22.0"),
    }),
    featureSpec: featureSpecSchema,
    outputs: z.tuple([z.literal("probUp")]),
    outputQuantumPpm: z.literal(OUTPUT_QUANTUM_PPM),
    training: z.strictObject({
      seed: z.int().nonnegative(),
      data: z.strictObject({
        generator: z.string(),
        sentiment: z.string(),
        markets: z
          .array(z.strictObject({ symbol: z.string(), seed: z.int(), fromMs: z.int(), toMs: z.int() }))
          .min(1),
        /** Decisions are sampled this far apart. */
        everyMs: z.int().positive(),
        trainToMs: z.int(),
        /** Left out between training and validation, so no label reaches across. */
        purgeMs: z.int().positive(),
      }),
      samples: z.int().positive(),
      epochs: z.int().positive(),
      /** Configurations ever compared on the validation span before this one was kept. */
      trials: z.int().positive(),
    }),
    metrics: z.strictObject({
      train: splitMetrics,
      /** Also decided when training ended, so a little flattering. */
      validation: splitMetrics,
      /** The validation span with every decision-time input absent. */
      candlesOnly: splitMetrics,
      /** A market and seed that no choice was made on. */
      unseenMarket: splitMetrics,
    }),
    normalisation: z.strictObject({
      sequence: inputStatistics,
      statics: inputStatistics,
      /** Standardised inputs are clipped to ± this. */
      clip: finite.positive(),
    }),
    /** The layers, in the library's own form. Free of white space and key order, like the rest of the manifest. */
    topology: z.record(z.string(), z.json()),
    weights: z.strictObject({
      file: z.literal("weights.bin"),
      keccak: z.string().regex(/^0x[0-9a-f]{64}$/),
      bytes: z.int().positive(),
      specs: z.array(weightSpec).min(1).max(64),
    }),
  })
  .refine(
    ({ featureSpec, normalisation }) =>
      Object.values(normalisation.sequence).every((list) => list.length === featureSpec.sequence.length) &&
      Object.values(normalisation.statics).every((list) => list.length === featureSpec.statics.length),
    "normalisation does not fit the feature spec",
  )
  .refine(
    ({ weights }) =>
      weights.bytes === 4 * weights.specs.reduce((sum, s) => sum + s.shape.reduce((a, b) => a * b, 1), 0),
    "weights.bytes does not fit weights.specs",
  );

export type ModelManifest = z.infer<typeof modelManifestSchema>;
export type InputStatistics = z.infer<typeof inputStatistics>;

/** @throws DomainError `model.badManifest` naming the first fault; unknown keys are refused. */
export function parseManifest(text: string): ModelManifest {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new DomainError("model.badManifest", "model manifest is not JSON", { cause });
  }
  const parsed = modelManifestSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new DomainError(
    "model.badManifest",
    `model manifest: ${issue?.path.join(".") || "root"}: ${issue?.message}`,
  );
}

/** keccak256 of the canonical JSON of a manifest: the id that the registry holds and predictions name. */
export const modelIdOf = (manifest: ModelManifest): string => keccak256(toUtf8Bytes(canonicalJson(manifest)));

/** Committed models and small manifests for tests. */
import { fileURLToPath } from "node:url";
import { keccak256 } from "ethers";
import { DirectoryModelStore, TfjsRuntime } from "../../src/adapters/tfjs/index.ts";
import {
  DEFAULT_FEATURE_SPEC,
  type FeatureVector,
  parseFeatureSpec,
  vectorHash,
} from "../../src/features/index.ts";
import type { LoadedModel, ModelManifest } from "../../src/models/index.ts";

export const MODELS = fileURLToPath(new URL("../../models", import.meta.url));
export const store = new DirectoryModelStore(MODELS);
export const runtime = new TfjsRuntime(store);

export async function loadByName(name: string): Promise<LoadedModel> {
  const found = (await store.list()).find((model) => model.name === name);
  if (!found) throw new Error(`no model named ${name}`);
  return runtime.load(found.modelId);
}

/** A vector in the middle of what a model knows, moved by `by` deviations; all groups present. */
export function typicalVector(manifest: ModelManifest, by = 0): FeatureVector {
  const { featureSpec, normalisation } = manifest;
  const { sequence: rows, statics: still } = normalisation;
  const row = rows.mean.map((mean, i) => mean + by * rows.std[i]!);
  const sequence = Float32Array.from(
    { length: featureSpec.sequenceLength * row.length },
    (_, i) => row[i % row.length]!,
  );
  const statics = Float32Array.from(featureSpec.statics, (name, i) =>
    name.endsWith("_present") ? 1 : still.mean[i]! + by * still.std[i]!,
  );
  const cutoffMs = 1_767_614_400_000;
  return {
    cutoffMs,
    sequence,
    statics,
    sigmaPpm: 1_500,
    hash: vectorHash(sequence, statics, cutoffMs, 1_500),
  };
}

export const TINY_SPEC = parseFeatureSpec({
  ...DEFAULT_FEATURE_SPEC,
  sequenceLength: 2,
  sequence: ["rsi_14", "body"],
  statics: ["book_present", "imbalance_1", "headlines"],
});

const metrics = {
  samples: 1,
  logLoss: 0.69,
  brier: 0.25,
  accuracy: 0.5,
  baselineLogLoss: 0.69,
  baselineAccuracy: 0.5,
  shareAbove51: 0,
};
export const TINY_WEIGHTS = new Uint8Array(new Float32Array([1, 2]).buffer);

/** A valid manifest with hand-made statistics: means 0, deviations 0.1, seen range −0.3 … 0.3. */
export const tinyManifest: ModelManifest = {
  format: 1,
  name: "tiny",
  kind: "logistic",
  runtime: { backend: "wasm", library: "tfjs", version: "4.22.0" },
  featureSpec: TINY_SPEC,
  outputs: ["probUp"],
  outputQuantumPpm: 50,
  training: {
    seed: 1,
    data: {
      generator: "none",
      sentiment: "none",
      markets: [{ symbol: "X", seed: 1, fromMs: 0, toMs: 1 }],
      everyMs: 1,
      trainToMs: 1,
      purgeMs: 1,
    },
    samples: 1,
    epochs: 1,
    trials: 1,
  },
  metrics: { train: metrics, validation: metrics, candlesOnly: metrics, unseenMarket: metrics },
  normalisation: {
    sequence: { mean: [0, 0], std: [0.1, 0.1], low: [-0.3, -0.3], high: [0.3, 0.3] },
    statics: { mean: [0, 0, 0], std: [1, 0.1, 0.1], low: [0, -0.3, -0.3], high: [1, 0.3, 0.3] },
    clip: 5,
  },
  topology: { class_name: "none" },
  weights: {
    file: "weights.bin",
    keccak: keccak256(TINY_WEIGHTS),
    bytes: TINY_WEIGHTS.length,
    specs: [{ name: "w", shape: [2] }],
  },
};

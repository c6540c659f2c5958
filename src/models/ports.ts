/** What the stations need of a model, and what a runtime needs of a store of files. */
import type { FeatureVector } from "../features/assemble.ts";
import type { ModelManifest } from "./manifest.ts";

/** The bytes of a model as they lie in a store. Nothing in here is trusted before `openArtefact`. */
export type ModelFiles = {
  /** `manifest.json`, as text. */
  manifest: string;
  /** `weights.bin`, little-endian float32 of all weights in the manifest's order. */
  weights: Uint8Array;
};

export type ModelStore = {
  /** Every model that is there. `modelId` is what the manifest hashes to; files are not checked yet. */
  list(): Promise<readonly { modelId: string; name: string }[]>;
  /** @throws DomainError `model.unknown` when no manifest hashes to `modelId`. */
  read(modelId: string): Promise<ModelFiles>;
};

export type LoadedModel = {
  readonly modelId: string;
  readonly manifest: ModelManifest;
  /**
   * Raw probability that the close at the horizon is above the reference: not quantised, not checked.
   * Stations call `outputOf`, which refuses what must be refused.
   */
  predict(features: Pick<FeatureVector, "sequence" | "statics">): number;
  /** Frees the weights. */
  dispose(): void;
};

export type ModelRuntime = {
  /**
   * Reads, checks and builds a model. Loading the same id again gives the same one.
   * @throws DomainError `model.unknown` · `model.badManifest` · `model.hashMismatch` · `model.badTopology` ·
   * `model.wrongRuntime`
   */
  load(modelId: string): Promise<LoadedModel>;
};

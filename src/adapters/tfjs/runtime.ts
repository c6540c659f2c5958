/** Runs the models of a store on tfjs. */
import { io, type Tensor, tensor, tidy } from "@tensorflow/tfjs-core";
import { type LayersModel, loadLayersModel } from "@tensorflow/tfjs-layers";
import { DomainError, messageOf } from "../../errors/errors.ts";
import {
  type LoadedModel,
  type ModelRuntime,
  type ModelStore,
  type OpenArtefact,
  openArtefact,
  standardise,
} from "../../models/index.ts";
import { startBackend } from "./backend.ts";

export class TfjsRuntime implements ModelRuntime {
  private readonly store: ModelStore;
  private readonly wasmDirectory: string | undefined;
  private readonly loaded = new Map<string, Promise<LoadedModel>>();

  /** @param wasmDirectory see {@link startBackend}. */
  constructor(store: ModelStore, wasmDirectory?: string) {
    this.store = store;
    this.wasmDirectory = wasmDirectory;
  }

  load(modelId: string): Promise<LoadedModel> {
    let model = this.loaded.get(modelId);
    if (!model) {
      model = this.open(modelId);
      this.loaded.set(modelId, model);
      model.catch(() => this.loaded.delete(modelId));
    }
    return model;
  }

  private async open(modelId: string): Promise<LoadedModel> {
    const artefact = openArtefact(modelId, await this.store.read(modelId));
    await startBackend(this.wasmDirectory);
    const network = await build(artefact);
    return {
      modelId,
      manifest: artefact.manifest,
      predict: (features) => run(network, artefact, features),
      dispose: () => {
        this.loaded.delete(modelId);
        network.dispose();
      },
    };
  }
}

/** @throws DomainError `model.badTopology` when layers and weights do not fit. */
async function build({ manifest, weights }: OpenArtefact): Promise<LayersModel> {
  try {
    return await loadLayersModel(
      io.fromMemory({
        modelTopology: manifest.topology,
        weightSpecs: manifest.weights.specs.map((spec) => ({ ...spec, dtype: "float32" as const })),
        weightData: weights.buffer as ArrayBuffer,
      }),
    );
  } catch (cause) {
    throw new DomainError(
      "model.badTopology",
      `model "${manifest.name}" cannot be built: ${messageOf(cause)}`,
      { cause },
    );
  }
}

function run(
  network: LayersModel,
  { manifest }: OpenArtefact,
  features: Parameters<LoadedModel["predict"]>[0],
): number {
  const { sequenceLength, sequence, statics } = manifest.featureSpec;
  if (
    features.sequence.length !== sequenceLength * sequence.length ||
    features.statics.length !== statics.length
  )
    throw new DomainError(
      "model.badFeatures",
      `features do not have the shape that "${manifest.name}" was trained on`,
    );
  const inputs = standardise(manifest, features);
  return tidy(() => {
    const output = network.predictOnBatch([
      tensor(inputs.sequence, [1, sequenceLength, sequence.length]),
      tensor(inputs.statics, [1, statics.length]),
    ]) as Tensor;
    return output.dataSync()[0]!;
  });
}

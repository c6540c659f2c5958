/** Models without a runtime: manifest, identity, checks and what the output of a prediction is. */

export { type OpenArtefact, openArtefact } from "./artefact.ts";
export { canonicalJson } from "./canonical.ts";
export { type ModelManifest, modelIdOf, modelManifestSchema, parseManifest } from "./manifest.ts";
export { OOD_LIMIT, type OutOfDistribution, outOfDistribution } from "./ood.ts";
export { outputOf, type PredictOutcome } from "./output.ts";
export type { LoadedModel, ModelFiles, ModelRuntime, ModelStore } from "./ports.ts";
export { type NetworkInputs, standardise } from "./standardise.ts";

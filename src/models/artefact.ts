/** Trusts a model's files only after every hash has been recomputed. */
import { keccak256 } from "ethers";
import { DomainError } from "../errors/errors.ts";
import { type ModelManifest, modelIdOf, parseManifest } from "./manifest.ts";
import type { ModelFiles } from "./ports.ts";

export type OpenArtefact = { modelId: string; manifest: ModelManifest; weights: Float32Array };

const MAX_WEIGHTS_BYTES = 4 * 1024 * 1024;

/**
 * @returns the parsed manifest and the weights of `wanted`.
 * @throws DomainError `model.badManifest`, or `model.hashMismatch` saying what differs.
 */
export function openArtefact(wanted: string, files: ModelFiles): OpenArtefact {
  const refuse = (why: string): never => {
    throw new DomainError("model.hashMismatch", why);
  };
  const manifest = parseManifest(files.manifest);
  const { name, weights } = manifest;
  const modelId = modelIdOf(manifest);
  if (modelId !== wanted) refuse(`manifest of "${name}" hashes to ${modelId}, wanted ${wanted}`);
  const { length } = files.weights;
  if (length > MAX_WEIGHTS_BYTES || length !== weights.bytes)
    refuse(`${weights.file} of "${name}" has ${length} bytes, the manifest says ${weights.bytes}`);
  const hash = keccak256(files.weights);
  if (hash !== weights.keccak)
    refuse(`${weights.file} of "${name}" hashes to ${hash}, the manifest says ${weights.keccak}`);
  return { modelId, manifest, weights: new Float32Array(new Uint8Array(files.weights).buffer) };
}

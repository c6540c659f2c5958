/** Writes a trained model as the two files that `openArtefact` checks. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { LayersModel } from "@tensorflow/tfjs-layers";
import { keccak256 } from "ethers";
import { type ModelManifest, modelIdOf, openArtefact, parseManifest } from "../../src/models/index.ts";
import { weightsOf } from "./fit.ts";

/** @returns the model id, after reading the files back through the loader's checks. */
export function writeArtefact(
  folder: string,
  network: LayersModel,
  about: Omit<ModelManifest, "topology" | "weights">,
): { modelId: string; bytes: number } {
  const list = weightsOf(network);
  const weights = Buffer.concat(list.map(({ values }) => Buffer.from(values.buffer)));
  const text = `${JSON.stringify(
    {
      ...about,
      topology: network.toJSON(null, false),
      weights: {
        file: "weights.bin",
        keccak: keccak256(weights),
        bytes: weights.length,
        specs: list.map(({ name, shape }) => ({ name, shape })),
      },
    },
    null,
    2,
  )}\n`;
  const modelId = modelIdOf(parseManifest(text));
  openArtefact(modelId, { manifest: text, weights });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "manifest.json"), text);
  writeFileSync(join(folder, "weights.bin"), weights);
  return { modelId, bytes: text.length + weights.length };
}

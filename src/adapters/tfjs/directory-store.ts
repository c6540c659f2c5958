/** Models in a directory: `<directory>/<name>/{manifest.json, weights.bin}`. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { DomainError } from "../../errors/errors.ts";
import { type ModelFiles, type ModelStore, modelIdOf, parseManifest } from "../../models/index.ts";

const MAX_MODELS = 100;

export class DirectoryModelStore implements ModelStore {
  private readonly directory: string;

  constructor(directory: string) {
    this.directory = directory;
  }

  async list(): Promise<readonly { modelId: string; name: string }[]> {
    const entries = await readdir(this.directory, { withFileTypes: true });
    const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
    if (names.length > MAX_MODELS)
      throw new DomainError("model.tooMany", `${this.directory} holds more than ${MAX_MODELS} models`);
    return Promise.all(
      names.sort().map(async (name) => {
        const manifest = parseManifest(await readFile(join(this.directory, name, "manifest.json"), "utf8"));
        return { modelId: modelIdOf(manifest), name };
      }),
    );
  }

  async read(modelId: string): Promise<ModelFiles> {
    const found = (await this.list()).find((model) => model.modelId === modelId);
    if (!found) throw new DomainError("model.unknown", `no model in ${this.directory} hashes to ${modelId}`);
    const folder = join(this.directory, found.name);
    const [manifest, weights] = await Promise.all([
      readFile(join(folder, "manifest.json"), "utf8"),
      readFile(join(folder, "weights.bin")),
    ]);
    return { manifest, weights };
  }
}

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { memory } from "@tensorflow/tfjs-core";
import { DirectoryModelStore, TfjsRuntime } from "../../src/adapters/tfjs/index.ts";
import { OUTPUT_QUANTUM_PPM } from "../../src/domain/output.ts";
import { modelIdOf, outputOf } from "../../src/models/index.ts";
import { loadByName, MODELS, runtime, store, typicalVector } from "./artefacts.ts";

const NAMES = ["logistic", "lstm-small"] as const;
const FILES = ["manifest.json", "weights.bin"];
const SIZE_LIMIT = 200_000;
const scratch = mkdtempSync(join(tmpdir(), "saksi-models-"));
after(() => rmSync(scratch, { recursive: true, force: true }));

describe("the committed models", () => {
  for (const name of NAMES)
    it(`load, answer and fit in ${SIZE_LIMIT} bytes: ${name}`, async () => {
      const model = await loadByName(name);
      const probability = model.predict(typicalVector(model.manifest));
      assert.ok(probability > 0.2 && probability < 0.8, `${probability}`);
      const bytes = FILES.reduce((sum, file) => sum + statSync(join(MODELS, name, file)).size, 0);
      assert.ok(bytes < SIZE_LIMIT);
    });

  for (const name of NAMES)
    it(`beat the base rate on a market no choice was made on, also without book and sentiment: ${name}`, async () => {
      const { metrics } = (await loadByName(name)).manifest;
      for (const split of [metrics.validation, metrics.unseenMarket, metrics.candlesOnly])
        assert.ok(split.logLoss < split.baselineLogLoss);
      assert.ok(metrics.validation.shareAbove51 > 0.4);
    });

  for (const name of NAMES)
    it(`refuse what they have never seen: ${name}`, async () => {
      const model = await loadByName(name);
      assert.equal(outputOf(model, typicalVector(model.manifest)).kind, "output");
      const outcome = outputOf(model, typicalVector(model.manifest, 40));
      assert.equal(outcome.kind === "refused" && outcome.code, "model.outOfDistribution");
    });

  it("answer the same bits in another process", async () => {
    const here: Record<string, string> = {};
    for (const name of NAMES) {
      const model = await loadByName(name);
      here[name] = [-1, 0, 0.7]
        .map((by) => model.predict(typicalVector(model.manifest, by)).toString())
        .join(" ");
    }
    const other = execFileSync(process.execPath, [fileURLToPath(new URL("answers.ts", import.meta.url))], {
      encoding: "utf8",
    });
    assert.deepEqual(JSON.parse(other), here);
  });

  it("are loaded once however often they are asked for", async () => {
    const { modelId } = (await store.list())[0]!;
    assert.equal(await runtime.load(modelId), await runtime.load(modelId));
  });

  it("refuse a vector of another shape", async () => {
    const lstm = await loadByName("lstm-small");
    const logistic = await loadByName("logistic");
    assert.throws(() => lstm.predict(typicalVector(logistic.manifest)), { code: "model.badFeatures" });
  });
});

describe("memory", () => {
  const flat = async (name: string, predictions: number): Promise<void> => {
    const model = await loadByName(name);
    const vector = typicalVector(model.manifest);
    for (let i = 0; i < 20; i++) model.predict(vector);
    const before = memory();
    for (let i = 0; i < predictions; i++) model.predict(vector);
    assert.equal(memory().numTensors, before.numTensors);
    assert.equal(memory().numBytes, before.numBytes);
  };

  it("stays flat over 10,000 predictions", () => flat("logistic", 10_000));
  it("stays flat over 500 predictions of the recurrent model", () => flat("lstm-small", 500));
});

describe("a tampered model directory", () => {
  const tampered = (label: string, file: string, change: (bytes: Buffer) => Buffer): TfjsRuntime => {
    const folder = join(scratch, label);
    cpSync(MODELS, folder, { recursive: true });
    const path = join(folder, "logistic", file);
    writeFileSync(path, change(readFileSync(path)));
    return new TfjsRuntime(new DirectoryModelStore(folder));
  };
  const flipLast = (bytes: Buffer): Buffer => bytes.fill(bytes.at(-1)! ^ 1, bytes.length - 1);

  it("is refused when the weights differ from the manifest", async () => {
    const { modelId } = await loadByName("logistic");
    await assert.rejects(tampered("weights", "weights.bin", flipLast).load(modelId), {
      code: "model.hashMismatch",
    });
  });

  it("is refused when its layers cannot be built, though every hash is right", async () => {
    const { manifest, modelId } = await loadByName("logistic");
    const { weights } = await store.read(modelId);
    const other = { ...manifest, topology: { class_name: "Nothing", config: {} } };
    const files = { manifest: JSON.stringify(other), weights };
    const single = new TfjsRuntime({ list: async () => [], read: async () => files });
    await assert.rejects(single.load(modelIdOf(other)), { code: "model.badTopology" });
  });

  it("does not know the id any more when the manifest differs", async () => {
    const { modelId } = await loadByName("logistic");
    const edit = (bytes: Buffer): Buffer =>
      Buffer.from(bytes.toString().replace('"trials": ', '"trials": 1'));
    await assert.rejects(tampered("manifest", "manifest.json", edit).load(modelId), {
      code: "model.unknown",
    });
  });

  it("is asked again after a failure", async () => {
    const empty = new TfjsRuntime({ list: async () => [], read: (id) => store.read(id) });
    await assert.rejects(empty.load(`0x${"00".repeat(32)}`), { code: "model.unknown" });
    assert.ok(await empty.load((await store.list())[0]!.modelId));
  });
});

describe("the output quantum", () => {
  it("hides the last digits of a probability", async () => {
    const model = await loadByName("lstm-small");
    const outcome = outputOf(model, typicalVector(model.manifest, 0.3));
    assert.ok(outcome.kind === "output" && outcome.output.probUpPpm % OUTPUT_QUANTUM_PPM === 0);
  });
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import {
  canonicalJson,
  type ModelFiles,
  modelIdOf,
  openArtefact,
  parseManifest,
} from "../../src/models/index.ts";
import { TINY_WEIGHTS, tinyManifest } from "./artefacts.ts";

const text = JSON.stringify(tinyManifest);
const modelId = modelIdOf(tinyManifest);
const files: ModelFiles = { manifest: text, weights: TINY_WEIGHTS };
const flipped = (bytes: Uint8Array, at: number): Uint8Array =>
  bytes.map((byte, i) => (i === at ? byte ^ 1 : byte));

describe("a model's id", () => {
  it("does not depend on white space or the order of keys", () => {
    const reversed = JSON.stringify(Object.fromEntries(Object.entries(tinyManifest).reverse()), null, 3);
    assert.equal(modelIdOf(parseManifest(reversed)), modelId);
  });

  it("changes with anything in the manifest", () => {
    const other = structuredClone(tinyManifest);
    other.normalisation.sequence.mean[0] = 1e-9;
    assert.notEqual(modelIdOf(other), modelId);
  });
});

describe("an artefact", () => {
  it("opens when every byte is what its id says", () => {
    const { manifest, weights } = openArtefact(modelId, files);
    assert.deepEqual(manifest, tinyManifest);
    assert.deepEqual([...weights], [1, 2]);
  });

  it("opens from a view into a larger buffer", () => {
    const larger = Buffer.concat([Buffer.alloc(3), TINY_WEIGHTS, Buffer.alloc(5)]);
    assert.deepEqual(
      [...openArtefact(modelId, { ...files, weights: larger.subarray(3, 11) }).weights],
      [1, 2],
    );
  });

  it("is refused when a single bit of the weights differs", () => {
    for (let at = 0; at < TINY_WEIGHTS.length; at++)
      assert.throws(() => openArtefact(modelId, { ...files, weights: flipped(TINY_WEIGHTS, at) }), {
        code: "model.hashMismatch",
        message: /weights\.bin/,
      });
  });

  it("is refused when the layers, the length of the weights or the training's story differ", () => {
    const changed = [
      { ...files, manifest: text.replace('"class_name":"none"', '"class_name":"some"') },
      { ...files, weights: TINY_WEIGHTS.subarray(4) },
      { ...files, manifest: text.replace('"seed":1,"data"', '"seed":2,"data"') },
    ];
    for (const other of changed)
      assert.throws(() => openArtefact(modelId, other), { code: "model.hashMismatch" });
  });
});

describe("a manifest", () => {
  it("is refused with unknown keys, a wrong runtime, statistics that do not fit, or no JSON", () => {
    const { normalisation, weights } = tinyManifest;
    const refused = [
      "{",
      JSON.stringify({ ...tinyManifest, extra: 1 }),
      JSON.stringify({ ...tinyManifest, runtime: { ...tinyManifest.runtime, backend: "cpu" } }),
      JSON.stringify({ ...tinyManifest, outputQuantumPpm: 51 }),
      JSON.stringify({
        ...tinyManifest,
        normalisation: { ...normalisation, statics: normalisation.sequence },
      }),
      JSON.stringify({ ...tinyManifest, weights: { ...weights, bytes: 12 } }),
      JSON.stringify({ ...tinyManifest, weights: { ...weights, file: "../weights.bin" } }),
    ];
    for (const other of refused)
      assert.throws(() => parseManifest(other), { code: "model.badManifest" }, other.slice(0, 60));
  });
});

describe("canonical JSON", () => {
  it("parses back to the same value and prints the same bytes again", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
        const once = canonicalJson(value);
        assert.deepEqual(JSON.parse(once), JSON.parse(JSON.stringify(value)));
        assert.equal(canonicalJson(JSON.parse(once)), once);
      }),
      { numRuns: 200 },
    );
  });

  it("refuses what JSON cannot say", () => {
    for (const value of [undefined, Number.NaN, Number.POSITIVE_INFINITY, 1n, () => 0, { a: undefined }])
      assert.throws(() => canonicalJson(value), { code: "json.notCanonical" });
  });
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { SeededRandom } from "../../src/stats/index.ts";
import { permutationImportance } from "../../src/validation/index.ts";
import { near } from "../stats/near.ts";

const SAMPLES = 400;
const random = new SeededRandom(3);
/** Columns: signal, a copy of it, noise. */
const rows = new Float32Array(SAMPLES * 3);
for (let i = 0; i < SAMPLES; i++) {
  const signal = random.normal();
  rows.set([signal, signal, random.normal()], 3 * i);
}
const targets = Array.from({ length: SAMPLES }, (_, i) => rows[3 * i]!);
/** Mean squared error of the model (column 0 + column 1) / 2. */
const loss = (given: Float32Array): number =>
  targets.reduce((sum, y, i) => sum + ((given[3 * i]! + given[3 * i + 1]!) / 2 - y) ** 2, 0) / SAMPLES;
const importances = (groups: Record<string, number[]>) =>
  permutationImportance(rows, 3, groups, loss, { repeats: 10, random: new SeededRandom(1) });

describe("permutation importance", () => {
  it("is 0 for an input that the model does not use, and the known rise for one that it does", () => {
    const [signal, noise] = importances({ signal: [0], noise: [2] });
    assert.deepEqual(noise, { group: "noise", mean: 0, std: 0 });
    // Shuffling one of two halves: E((x' − x)/2)² = σ²/2.
    near(signal!.mean, 0.5, 0.08);
    assert.ok(signal!.std < 0.1);
  });

  it("sees through inputs that stand in for each other when they are shuffled together", () => {
    const [alone, together] = importances({ alone: [0], together: [0, 1] });
    assert.ok(together!.mean > 3 * alone!.mean);
    near(together!.mean, 2, 0.3);
  });

  it("leaves the rows as they were and repeats itself", () => {
    const before = rows.slice();
    assert.deepEqual(importances({ a: [0] }), importances({ a: [0] }));
    assert.deepEqual(rows, before);
  });

  it("refuses columns that do not exist", () => {
    assert.throws(
      () => importances({ "order book": [3] }),
      /column of group "order book" .* from 0 to 2, got 3/,
    );
  });
});

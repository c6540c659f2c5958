import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { SeededRandom } from "../../src/stats/index.ts";
import { overfitting } from "../../src/validation/index.ts";
import { near } from "../stats/near.ts";
import { reference, skip } from "../stats/reference.ts";

/** Daily noise; configuration 0 earns `edge` on top. */
function history(days: number, configurations: number, edge: number, seed: number): number[][] {
  const random = new SeededRandom(seed);
  return Array.from({ length: days }, () =>
    Array.from({ length: configurations }, (_, c) => 0.01 * random.normal() + (c === 0 ? edge : 0)),
  );
}

describe("the probability of backtest overfitting", () => {
  for (const name of ["pbo-noise-96x12-s8", "pbo-skill-96x8-s8"])
    it(`agrees with ${name}, combination by combination`, { skip }, () => {
      const { returns, expected } = reference(name);
      const result = overfitting(returns, expected.S);
      assert.equal(result.logits.length, expected.combinations);
      assert.deepEqual([...result.bestInSample], expected.bestIS);
      result.logits.forEach((logit, i) => void near(logit, expected.logits[i], 1e-11));
      near(result.pbo, expected.pbo, 1e-12);
      near(result.meanLogit, expected.meanLogit, 1e-12);
      near(result.lossProbability, expected.probOosLoss, 1e-12);
    });

  it("is near 0 when one configuration is truly better", () => {
    assert.ok(overfitting(history(400, 20, 0.004, 3), 8).pbo < 0.05);
  });

  it("is near a half, over many histories, when all configurations are noise", () => {
    const runs = Array.from({ length: 40 }, (_, seed) => overfitting(history(160, 10, 0, seed + 1), 8).pbo);
    const mean = runs.reduce((a, b) => a + b, 0) / runs.length;
    assert.ok(mean > 0.4 && mean < 0.65, `mean ${mean}`);
  });

  it("is 1 when each block's winner is the others' loser", () => {
    const flips = Array.from({ length: 40 }, (_, t) => {
      const sign = t < 20 ? 1 : -1;
      const noise = t % 2 ? 0.001 : -0.001;
      return [0.01 * sign + noise, -0.01 * sign + noise];
    });
    assert.equal(overfitting(flips, 2).pbo, 1);
    assert.equal(overfitting(flips, 2).lossProbability, 1);
  });

  it("comes with the slope by which a better past turns into a worse future", () => {
    // Halves of one history: what one has more than the whole, the other has less.
    const returns = history(64, 1, 0.005, 4).map(([earning]) => [earning!, -1 - earning!]);
    assert.ok(overfitting(returns, 8).degradationSlope < -0.5);
    const { degradationSlope } = overfitting(
      Array.from({ length: 8 }, (_, t) => [t % 2, -1 - (t % 2)]),
      4,
    );
    assert.equal(degradationSlope, 0, "no spread of the past, no slope");
  });

  it("does not depend on the scale or the order of configurations", () => {
    const returns = history(96, 6, 0.001, 11);
    const changed = returns.map((row) => [...row].reverse().map((value) => 1_000 * value));
    assert.equal(overfitting(changed, 8).pbo, overfitting(returns, 8).pbo);
  });

  it("leaves out the oldest periods when the blocks would not be equal, and says so", () => {
    const returns = history(99, 4, 0, 5);
    const result = overfitting(returns, 8);
    assert.equal(result.droppedPeriods, 3);
    assert.deepEqual(result.logits, overfitting(returns.slice(3), 8).logits);
  });

  it("gives a configuration that never trades the ratio 0", () => {
    const returns = history(64, 2, -0.01, 9).map(([losing]) => [losing!, 0]);
    const { bestInSample, lossProbability } = overfitting(returns, 4);
    assert.deepEqual(new Set(bestInSample), new Set([1]));
    assert.equal(lossProbability, 0);
  });

  it("gives a return without spread the ratio 0, however large it is", () => {
    const returns = history(60, 2, 0.02, 9).map(([trading]) => [trading!, 0.1]);
    assert.deepEqual(new Set(overfitting(returns, 4).bestInSample), new Set([0]));
  });

  it("refuses what it cannot cut in halves", () => {
    const returns = history(20, 3, 0, 1);
    assert.throws(() => overfitting(returns, 5), /must be even, got 5/);
    assert.throws(() => overfitting(returns, 18), /from 2 to 16, got 18/);
    assert.throws(() => overfitting(returns, 16), /20 periods are too few for 16 blocks/);
    assert.throws(() => overfitting([[1], [2]], 2), /at least 2 configurations/);
    assert.throws(() => overfitting([[1, 2], [1], [1, 2], [1, 2]], 2), /period 1 has 1 configurations/);
  });
});

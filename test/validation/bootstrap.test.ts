import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { meanOf, momentsOf, SeededRandom } from "../../src/stats/index.ts";
import { automaticBlockLength, stationaryBootstrap } from "../../src/validation/index.ts";
import { near } from "../stats/near.ts";

/** x(t) = ρ x(t − 1) + noise. */
function autoregressive(n: number, rho: number, seed: number): number[] {
  const random = new SeededRandom(seed);
  let x = 0;
  return Array.from({ length: n }, () => {
    x = rho * x + random.normal();
    return x;
  });
}

/** A congruential series, so that others can make the same one. */
function congruential(n: number, rho: number): number[] {
  let state = 12_345n;
  let x = 0;
  return Array.from({ length: n }, () => {
    state = (state * 1_103_515_245n + 12_345n) % 2_147_483_648n;
    x = rho * x + Number(state) / 2_147_483_648 - 0.5;
    return x;
  });
}

const mean = (sample: Float64Array) => ({ mean: meanOf(sample) });

describe("the automatic block length", () => {
  it("agrees with the Python package arch 8 where both take the same bandwidth", () => {
    near(automaticBlockLength(congruential(400, 0)), 1.0051955865523239, 1e-12);
    near(automaticBlockLength(congruential(50, 0.3)), 1.727465844139073, 1e-12);
  });

  it("is (2ρ / (1 − ρ²))^⅔ n^⅓ for a long autoregression, on average", () => {
    const n = 8_000;
    for (const rho of [0.3, 0.6]) {
      const lengths = Array.from({ length: 12 }, (_, i) =>
        automaticBlockLength(autoregressive(n, rho, i + 1)),
      );
      near(meanOf(lengths) / (((2 * rho) / (1 - rho * rho)) ** (2 / 3) * n ** (1 / 3)), 1, 0.15);
    }
  });

  it("stays within its bounds and is 1 for a constant series", () => {
    assert.equal(automaticBlockLength(Array(50).fill(2)), 1);
    const trend = Array.from({ length: 90 }, (_, i) => i);
    assert.ok(automaticBlockLength(trend) <= Math.ceil(3 * Math.sqrt(90)));
    assert.throws(() => automaticBlockLength([1, 2, 3]), /at least 10 values, got 3; give the length/);
  });
});

describe("the stationary bootstrap", () => {
  const options = (seed: number) => ({ resamples: 2_000, confidence: 0.95, random: new SeededRandom(seed) });

  it("knows the error of a mean of independent values", () => {
    const values = autoregressive(500, 0, 4);
    const { intervals } = stationaryBootstrap(values, mean, { ...options(1), blockLength: 1 });
    near(intervals.mean.standardError, momentsOf(values).std / Math.sqrt(500), 0.004);
    assert.equal(intervals.mean.estimate, meanOf(values));
    near((intervals.mean.high - intervals.mean.low) / (2 * 1.96 * intervals.mean.standardError), 1, 0.05);
  });

  it("covers the true mean of a dependent series about as often as it says", () => {
    let covered = 0;
    const runs = 120;
    for (let seed = 1; seed <= runs; seed++) {
      const { intervals } = stationaryBootstrap(autoregressive(400, 0.5, seed), mean, {
        resamples: 400,
        confidence: 0.9,
        random: new SeededRandom(seed),
      });
      if (intervals.mean.low <= 0 && intervals.mean.high >= 0) covered += 1;
    }
    assert.ok(covered / runs > 0.8 && covered / runs < 0.97, `${covered} of ${runs}`);
  });

  it("is too sure of itself when blocks of one value ignore the dependence", () => {
    const values = autoregressive(400, 0.6, 2);
    const width = (blockLength: number): number =>
      stationaryBootstrap(values, mean, { ...options(3), blockLength }).intervals.mean.standardError;
    assert.ok(width(15) > 1.4 * width(1));
  });

  it("draws the same for the same seed, and each statistic sees the same resamples", () => {
    const values = autoregressive(60, 0.2, 8);
    const run = (seed: number) =>
      stationaryBootstrap(
        values,
        (sample) => ({ mean: meanOf(sample), sum: 60 * meanOf(sample.sort()) }),
        options(seed),
      );
    assert.deepEqual(run(5), run(5));
    assert.notDeepEqual(run(5).intervals, run(6).intervals);
    near(run(5).intervals.sum.low, 60 * run(5).intervals.mean.low, 1e-9);
  });

  it("only ever shows values of the series, and whole series of one block in their order", () => {
    const values = Array.from({ length: 20 }, (_, i) => i);
    const followers = (sample: Float64Array): number => {
      for (const value of sample) assert.ok(Number.isInteger(value) && value >= 0 && value < 20);
      return sample.slice(1).filter((value, i) => value === (sample[i]! + 1) % 20).length;
    };
    const { intervals } = stationaryBootstrap(values, (sample) => ({ followers: followers(sample) }), {
      ...options(1),
      blockLength: 1e12,
    });
    assert.equal(intervals.followers.low, 19);
  });

  it("counts resamples on which a statistic is no number, and refuses one that never is", () => {
    const ratio = (sample: Float64Array): number => (sample.includes(1) ? meanOf(sample) : Number.NaN);
    const values = [1, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    const { intervals } = stationaryBootstrap(values, (sample) => ({ ratio: ratio(sample) }), {
      ...options(2),
      blockLength: 1,
    });
    // (9/10)^10 of the resamples miss the only 1.
    near(intervals.ratio.undefinedResamples / 2_000, 0.9 ** 10, 0.04);
    assert.throws(
      () => stationaryBootstrap(values, () => ({ never: Number.NaN }), options(1)),
      /statistic "never" is no number on any resample/,
    );
  });
});

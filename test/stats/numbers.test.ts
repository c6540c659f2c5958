import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import {
  ascending,
  momentsOf,
  normalCdf,
  normalPdf,
  normalQuantile,
  quantileOf,
  SeededRandom,
} from "../../src/stats/index.ts";
import { near } from "./near.ts";

const finite = fc.double({ min: -1e3, max: 1e3, noNaN: true });

describe("the normal distribution", () => {
  it("has the tabulated values", () => {
    near(normalCdf(1), 0.8413447460685429, 1e-15);
    near(normalCdf(-1.959963984540054), 0.025, 1e-15);
    near(normalQuantile(0.975), 1.959963984540054, 1e-14);
    near(normalQuantile(0.999), 3.090232306167813, 1e-13);
    near(normalPdf(0), 0.3989422804014327, 1e-16);
  });

  it("keeps relative precision far out in the tail", () => {
    near(normalCdf(-10) / 7.619853024160525e-24, 1, 1e-13);
    near(normalCdf(-38) / 2.885428351e-316, 1, 1e-8);
    assert.equal(normalCdf(-100), 0);
    assert.equal(normalCdf(100), 1);
  });

  it("rises, is symmetric, and its quantile undoes it", () => {
    const x = fc.double({ min: -8, max: 8, noNaN: true });
    fc.assert(
      fc.property(x, fc.double({ min: 1e-6, max: 1, noNaN: true }), (at, step) => {
        assert.ok(normalCdf(at + step) > normalCdf(at) || at > 7);
        near(normalCdf(at) + normalCdf(-at), 1, 1e-15);
        if (at < 0) near(normalQuantile(normalCdf(at)), at, 1e-10);
      }),
    );
  });

  it("has no quantile outside of (0, 1)", () => {
    for (const p of [0, 1, -0.1, 1.1, Number.NaN])
      assert.throws(() => normalQuantile(p), /probability inside \(0, 1\)/);
  });
});

describe("moments in one pass", () => {
  it("are those of two passes", () => {
    fc.assert(
      fc.property(fc.array(finite, { minLength: 2, maxLength: 60 }), (values) => {
        const { mean, std, skew, kurtosis } = momentsOf(values);
        const n = values.length;
        const average = values.reduce((a, b) => a + b, 0) / n;
        const central = (power: number): number =>
          values.reduce((sum, v) => sum + (v - average) ** power, 0) / n;
        near(mean, average, 1e-9);
        near(std, Math.sqrt((central(2) * n) / (n - 1)), 1e-9);
        if (central(2) < 1e-6) return;
        near(skew, central(3) / central(2) ** 1.5, 1e-6);
        near(kurtosis, central(4) / central(2) ** 2, 1e-6);
      }),
    );
  });

  it("skip what is no number, and say how many were", () => {
    const { count, mean } = momentsOf([1, Number.NaN, 3]);
    assert.deepEqual({ count, mean }, { count: 2, mean: 2 });
  });

  it("of values without spread are those of a normal distribution", () => {
    assert.deepEqual(momentsOf([2, 2, 2]), { count: 3, mean: 2, std: 0, skew: 0, kurtosis: 3 });
  });
});

describe("quantiles", () => {
  it("interpolate between order statistics", () => {
    const sorted = ascending([4, 1, Number.NaN, 3, 2]);
    assert.equal(quantileOf(sorted, 0), 1);
    assert.equal(quantileOf(sorted, 0.5), 2.5);
    assert.equal(quantileOf(sorted, 0.9), 3.7);
    assert.equal(quantileOf(sorted, 1), 4);
  });

  it("of infinite values stay what they are", () => {
    assert.equal(
      quantileOf(ascending([1, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]), 0.9),
      Infinity,
    );
  });
});

describe("the seeded generator", () => {
  it("repeats itself, and differs by seed", () => {
    const draws = (seed: number): number[] => {
      const random = new SeededRandom(seed);
      return Array.from({ length: 5 }, () => random.uniform());
    };
    assert.deepEqual(draws(7), draws(7));
    assert.notDeepEqual(draws(7), draws(8));
  });
});

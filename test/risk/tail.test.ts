import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { cornishFisherTailRisk, historicalTailRisk } from "../../src/risk/index.ts";
import { momentsOf, normalPdf, normalQuantile, SeededRandom } from "../../src/stats/index.ts";
import { near } from "../stats/near.ts";

const series = fc.array(fc.double({ min: -0.2, max: 0.2, noNaN: true }), { minLength: 20, maxLength: 120 });
const normal = { mean: 0.001, std: 0.02, skew: 0, kurtosis: 3 };

describe("historical tail risk", () => {
  it("averages the worst cases, the one at the edge in part", () => {
    const returns = [0.01, -0.05, 0.02, -0.03, 0, 0.01, 0.02, 0.03, -0.01, 0.02];
    const { valueAtRisk, expectedShortfall } = historicalTailRisk(returns, 0.25);
    assert.equal(valueAtRisk, 0.01);
    near(expectedShortfall, (0.05 + 0.03 + 0.5 * 0.01) / 2.5, 1e-12);
  });

  it("is coherent: shortfall is at least the value at risk, scales, shifts, and is sub-additive", () => {
    fc.assert(
      fc.property(series, fc.double({ min: 0.05, max: 0.5, noNaN: true }), (a, tail) => {
        const b = a.map((_, i) => a[(i * 7 + 3) % a.length]!);
        const shortfall = (returns: number[]): number => historicalTailRisk(returns, tail).expectedShortfall;
        const { valueAtRisk, expectedShortfall } = historicalTailRisk(a, tail);
        assert.ok(expectedShortfall >= valueAtRisk - 1e-12);
        near(shortfall(a.map((value) => 3 * value)), 3 * expectedShortfall, 1e-9);
        near(shortfall(a.map((value) => value + 0.1)), expectedShortfall - 0.1, 1e-9);
        const both = a.map((value, i) => value + b[i]!);
        assert.ok(shortfall(both) <= expectedShortfall + shortfall(b) + 1e-9);
      }),
    );
  });

  it("refuses a tail that the data do not reach", () => {
    assert.throws(
      () => historicalTailRisk(Array(50).fill(0), 0.01),
      /50 returns say nothing .* at least 100/,
    );
    assert.throws(() => historicalTailRisk([0.1], 1), /tail's probability/);
  });
});

describe("Cornish–Fisher tail risk", () => {
  it("is the normal's own for normal moments", () => {
    for (const tail of [0.01, 0.05, 0.3]) {
      const z = normalQuantile(tail);
      const got = cornishFisherTailRisk(normal, tail);
      near(got.valueAtRisk, -(0.001 + 0.02 * z), 1e-12);
      near(got.expectedShortfall, -(0.001 - (0.02 * normalPdf(z)) / tail), 1e-12);
    }
  });

  it("has the shortfall that its own value at risk averages to over the tail", () => {
    const moments = { ...normal, skew: -0.4, kurtosis: 4.2 };
    const tail = 0.05;
    const steps = 20_000;
    let sum = 0;
    for (let i = 0; i < steps; i++)
      sum += cornishFisherTailRisk(moments, (tail * (i + 0.5)) / steps).valueAtRisk;
    near(cornishFisherTailRisk(moments, tail).expectedShortfall, sum / steps, 2e-6);
  });

  it("is worse with a longer left tail and with fatter ones", () => {
    const at = (skew: number, kurtosis: number): number =>
      cornishFisherTailRisk({ ...normal, skew, kurtosis }, 0.01).expectedShortfall;
    assert.ok(at(-1, 5.5) > at(-0.4, 4) && at(-0.4, 4) > at(0, 4) && at(0, 4) > at(0, 3));
  });

  it("comes near history when the returns are near normal", () => {
    const random = new SeededRandom(6);
    const returns = Array.from({ length: 20_000 }, () => 0.02 * random.normal());
    const history = historicalTailRisk(returns, 0.05);
    const expansion = cornishFisherTailRisk(momentsOf(returns), 0.05);
    near(expansion.expectedShortfall / history.expectedShortfall, 1, 0.03);
    near(expansion.valueAtRisk / history.valueAtRisk, 1, 0.03);
  });

  it("is refused where the expansion is no distribution", () => {
    for (const [skew, kurtosis] of [
      [3, 5],
      [0, 2.5],
      [0, 12],
      [0.5, 3],
    ])
      assert.throws(
        () => cornishFisherTailRisk({ ...normal, skew: skew!, kurtosis: kurtosis! }, 0.05),
        /outside of the Cornish–Fisher expansion/,
      );
  });
});

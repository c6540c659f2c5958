import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import {
  covarianceOf,
  portfolioVolatility,
  riskContributions,
  roomFor,
  shrinkCorrelations,
} from "../../src/risk/index.ts";
import { near } from "../stats/near.ts";

/** Two markets with deviations of 0.02 and 0.03. */
const pair = (correlation: number): number[][] => [
  [0.0004, correlation * 0.0006],
  [correlation * 0.0006, 0.0009],
];
const returns = fc.integer({ min: 2, max: 4 }).chain((markets) =>
  fc.array(fc.array(fc.double({ min: -0.1, max: 0.1, noNaN: true }), { minLength: 12, maxLength: 12 }), {
    minLength: markets,
    maxLength: markets,
  }),
);
const weightsFor = (covariance: readonly unknown[], seed: number): number[] =>
  covariance.map((_, i) => Math.sin(seed + 3 * i));

describe("exposure of positions that move together", () => {
  it("is the deviation of the portfolio's own returns", () => {
    fc.assert(
      fc.property(returns, fc.integer({ min: 0, max: 99 }), (series, seed) => {
        const covariance = covarianceOf(series);
        const weights = weightsFor(covariance, seed);
        const whole = series[0]!.map((_, t) =>
          series.reduce((sum, market, i) => sum + weights[i]! * market[t]!, 0),
        );
        near(portfolioVolatility(weights, covariance), Math.sqrt(covarianceOf([whole])[0]![0]!), 1e-9);
      }),
    );
  });

  it("adds up fully at correlation 1 and cancels at −1", () => {
    near(portfolioVolatility([1, 1], pair(1)), 0.05, 1e-12);
    near(portfolioVolatility([1, 1], pair(-1)), 0.01, 1e-12);
    near(portfolioVolatility([0.03, -0.02], pair(1)), 0, 1e-9);
  });

  it("is shared out among positions without remainder, a hedge taking less than nothing", () => {
    const [long, hedge] = riskContributions([1, -0.3], pair(0.9));
    near(long! + hedge!, 1, 1e-12);
    assert.ok(hedge! < 0);
    assert.deepEqual(riskContributions([0, 0], pair(0.5)), [0, 0]);
  });

  it("leaves room exactly up to the limit", () => {
    fc.assert(
      fc.property(returns, fc.integer({ min: 0, max: 99 }), fc.boolean(), (series, seed, isLong) => {
        const covariance = covarianceOf(series);
        const weights = weightsFor(covariance, seed);
        if (covariance[0]![0]! < 1e-6) return;
        const maxVolatility = portfolioVolatility(weights, covariance) + 0.05;
        const room = roomFor(weights, covariance, { at: 0, side: isLong ? "LONG" : "SHORT", maxVolatility });
        const filled = [weights[0]! + (isLong ? room : -room), ...weights.slice(1)];
        assert.ok(room > 0);
        near(portfolioVolatility(filled, covariance) / maxVolatility, 1, 1e-6);
      }),
    );
  });

  it("leaves less room beside a position that says the same, more beside one that it hedges, none over the limit", () => {
    const room = (side: "LONG" | "SHORT", correlation: number, maxVolatility = 0.03): number =>
      roomFor([1, 0], pair(correlation), { at: 1, side, maxVolatility });
    assert.ok(room("LONG", 0.9) < room("LONG", 0) && room("LONG", 0) < room("SHORT", 0.9));
    assert.equal(room("LONG", 0.9, 0.01), 0);
    assert.equal(
      roomFor(
        [1, 0],
        [
          [0.0004, 0],
          [0, 0],
        ],
        { at: 1, side: "LONG", maxVolatility: 0.03 },
      ),
      Infinity,
    );
  });

  it("is pulled toward the average correlation, which leaves every variance as it was", () => {
    const covariance = [
      [0.0004, 0.0004 * 0.9, 0],
      [0.0004 * 0.9, 0.0004, 0],
      [0, 0, 0.0004],
    ];
    assert.deepEqual(shrinkCorrelations(covariance, 0), covariance);
    const equal = shrinkCorrelations(covariance, 1);
    near(equal[0]![1]!, 0.0004 * 0.3, 1e-12);
    near(equal[0]![2]!, 0.0004 * 0.3, 1e-12);
    near(shrinkCorrelations(covariance, 0.5)[0]![1]!, 0.0004 * 0.6, 1e-12);
    equal.forEach((row, i) => void assert.equal(row[i], 0.0004));
  });

  it("refuses matrices and weights that do not fit", () => {
    assert.throws(() => portfolioVolatility([1], pair(0)), /weights and the covariance matrix/);
    assert.throws(() => portfolioVolatility([1, 1], [[1, 0], [0]]), /row 1 of the covariance matrix/);
    assert.throws(() => portfolioVolatility([1], [[-1]]), /variance of market 0 is -1/);
    assert.throws(
      () => roomFor([1, 1], pair(0), { at: 2, side: "LONG", maxVolatility: 1 }),
      /there is no market 2/,
    );
    assert.throws(() => covarianceOf([[0.1, 0.2], [0.1]]), /returns of market 0 and 1/);
    assert.throws(() => shrinkCorrelations(pair(0), 2), /intensity lies in \[0, 1\]/);
  });
});

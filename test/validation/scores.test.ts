import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import {
  brierDecomposition,
  brierScore,
  brierSkill,
  expectedCalibrationError,
  logLoss,
  reliabilityCurve,
} from "../../src/validation/index.ts";
import { near } from "../stats/near.ts";
import { reference, skip } from "../stats/reference.ts";

const scored = fc
  .array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.constantFrom(0, 1)), {
    minLength: 1,
    maxLength: 80,
  })
  .map((pairs) => ({ p: pairs.map(([p]) => p), y: pairs.map(([, y]) => y) }));

describe("scores of probabilities", () => {
  it("agree with the reference, bin by bin", { skip }, () => {
    const { p, y, bins, expected } = reference("calibration-200");
    near(brierScore(p, y), expected.brier, 1e-12);
    near(logLoss(p, y), expected.logLoss, 1e-12);
    near(expectedCalibrationError(p, y, bins), expected.ece, 1e-12);
    const curve = reliabilityCurve(p, y, bins);
    for (const [bin, count, meanProbability, eventRate] of expected.table) {
      assert.equal(curve[bin]!.count, count);
      near(curve[bin]!.meanProbability, meanProbability, 1e-12);
      near(curve[bin]!.eventRate, eventRate, 1e-12);
    }
  });

  it("are perfect for certainty that was right, and bounded for certainty that was wrong", () => {
    assert.equal(brierScore([1, 0], [1, 0]), 0);
    near(logLoss([1, 0], [1, 0]), 0, 1e-12);
    assert.equal(brierScore([0, 1], [1, 0]), 1);
    near(logLoss([0], [1], 1e-7), -Math.log(1e-7), 1e-12);
  });

  it("split into reliability, resolution, uncertainty and what bins cannot see", () => {
    fc.assert(
      fc.property(scored, fc.integer({ min: 1, max: 20 }), ({ p, y }, bins) => {
        const parts = brierDecomposition(p, y, bins);
        near(parts.brier, brierScore(p, y), 1e-12);
        near(parts.reliability - parts.resolution + parts.uncertainty + parts.withinBins, parts.brier, 1e-12);
      }),
    );
  });

  it("leave nothing within bins when each bin has one probability", () => {
    const { withinBins, reliability } = brierDecomposition([0.1, 0.1, 0.9, 0.9], [0, 1, 1, 1], 10);
    near(withinBins, 0, 1e-15);
    near(reliability, (0.4 ** 2 + 0.1 ** 2) / 2, 1e-12);
  });

  it("show no skill for always answering the base rate", () => {
    assert.equal(brierSkill([0.4, 0.4, 0.4], [1, 0, 0], 0.4), 0);
    assert.equal(brierSkill([1, 0, 0], [1, 0, 0], 0.4), 1);
    assert.ok(brierSkill([0, 1, 1], [1, 0, 0], 0.4) < 0);
  });

  it("count every sample in exactly one bin, the probability 1 in the last", () => {
    fc.assert(
      fc.property(scored, fc.integer({ min: 1, max: 20 }), ({ p, y }, bins) => {
        const curve = reliabilityCurve(p, y, bins);
        assert.equal(
          curve.reduce((sum, { count }) => sum + count, 0),
          p.length,
        );
        const ece = expectedCalibrationError(p, y, bins);
        assert.ok(ece >= 0 && ece <= 1);
      }),
    );
    assert.equal(reliabilityCurve([1], [1], 10)[9]!.count, 1);
  });

  it("refuse what is neither a probability nor a label", () => {
    assert.throws(() => brierScore([0.5, 1.1], [0, 1]), /probability 1 is 1.1, outside \[0, 1\]/);
    assert.throws(() => logLoss([Number.NaN], [1]), /probability 0 is NaN/);
    assert.throws(() => logLoss([0.5], [0.5]), /label 0 is 0.5; labels are 0 or 1/);
    assert.throws(() => brierScore([0.5], []), /one length of at least 1, got 1 and 0/);
  });
});

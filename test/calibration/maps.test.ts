import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import {
  applyIsotonic,
  applyPlatt,
  fitIsotonic,
  fitPlatt,
  logOdds,
} from "../../src/models/calibration/index.ts";
import { SeededRandom } from "../../src/stats/index.ts";
import { brierScore, expectedCalibrationError, logLoss } from "../../src/validation/index.ts";
import { near } from "../stats/near.ts";
import { reference, skip } from "../stats/reference.ts";

const samples = fc.array(
  fc.tuple(fc.integer({ min: -8, max: 8 }), fc.constantFrom(0, 1), fc.integer({ min: 1, max: 4 })),
  { minLength: 1, maxLength: 40 },
);

/** An overconfident forecaster: the event happens with half of the log odds that it says. */
function overconfident(count: number, seed: number): { said: number[]; happened: number[] } {
  const random = new SeededRandom(seed);
  const truth = Array.from({ length: count }, () => random.normal());
  return {
    said: truth.map((x) => 1 / (1 + Math.exp(-2 * x))),
    happened: truth.map((x) => Number(random.uniform() < 1 / (1 + Math.exp(-x)))),
  };
}

describe("isotonic calibration", () => {
  it("agrees with scikit-learn 1.9 on the reference sample", { skip }, () => {
    const { p, y } = reference("calibration-200");
    const map = fitIsotonic(p, y);
    const expected = [0, 0, 1 / 19, 4 / 15, 4 / 15, 0.4, 15 / 22, 15 / 22, 0.9, 1];
    [0, 0.05, 0.1, 0.25, 0.333, 0.5, 0.61, 0.75, 0.9, 1].forEach((score, i) => {
      near(applyIsotonic(map, score), expected[i]!, 1e-12);
    });
  });

  it("is the best map that never falls: the largest of the smallest means around each score", () => {
    fc.assert(
      fc.property(samples, (rows) => {
        const [scores, targets, weights] = [0, 1, 2].map((column) => rows.map((row) => row[column]!)) as [
          number[],
          number[],
          number[],
        ];
        const map = fitIsotonic(scores, targets, weights);
        const mean = (from: number, to: number): number => {
          const inside = rows.filter(([score]) => score >= from && score <= to);
          const weight = inside.reduce((sum, [, , w]) => sum + w, 0);
          return inside.reduce((sum, [, y, w]) => sum + w * y, 0) / weight;
        };
        const distinct = [...new Set(scores)];
        for (const score of distinct) {
          const lows = distinct.filter((other) => other <= score);
          const highs = distinct.filter((other) => other >= score);
          const best = Math.max(...lows.map((low) => Math.min(...highs.map((high) => mean(low, high)))));
          near(applyIsotonic(map, score), best, 1e-12);
        }
      }),
    );
  });

  it("never falls, stays among the targets, and survives JSON", () => {
    fc.assert(
      fc.property(samples, fc.array(fc.double({ min: -10, max: 10, noNaN: true })), (rows, queries) => {
        const fitted = fitIsotonic(
          rows.map(([score]) => score),
          rows.map(([, y]) => y),
        );
        const map = JSON.parse(JSON.stringify(fitted));
        const values = queries.sort((a, b) => a - b).map((score) => applyIsotonic(map, score));
        values.forEach((value, i) => {
          assert.ok(value >= 0 && value <= 1);
          assert.ok(i === 0 || value >= values[i - 1]! - 1e-12);
        });
      }),
    );
  });

  it("refuses samples without a weight or a number", () => {
    assert.throws(() => fitIsotonic([1, 2], [0, 1], [1, 0]), /weight 1 is 0; weights must be above 0/);
    assert.throws(() => fitIsotonic([1, Number.NaN], [0, 1]), /scores\[1\] is NaN/);
    assert.throws(() => fitIsotonic([], []), /at least 1/);
    assert.ok(Number.isNaN(applyIsotonic(fitIsotonic([1, 2], [0, 1]), Number.NaN)));
  });
});

describe("Platt calibration", () => {
  it("agrees with scikit-learn's and scipy's optimum on the reference sample", { skip }, () => {
    const { p, y } = reference("calibration-200");
    const { slope, intercept } = fitPlatt(
      p.map((one: number) => logOdds(one)),
      y,
    );
    near(slope, 0.8259442275851369, 1e-8);
    near(intercept, -0.15657871877080481, 1e-8);
  });

  it("is a stationary point of the likelihood of the softened targets", () => {
    fc.assert(
      fc.property(samples, (rows) => {
        const [scores, labels] = [rows.map(([score]) => score), rows.map(([, y]) => y)];
        const map = fitPlatt(scores, labels);
        const positives = labels.reduce((a: number, b) => a + b, 0);
        const [up, down] = [(positives + 1) / (positives + 2), 1 / (labels.length - positives + 2)];
        const errors = scores.map((score, i) => applyPlatt(map, score) - (labels[i] === 1 ? up : down));
        near(
          errors.reduce((a, b) => a + b, 0),
          0,
          1e-6,
        );
        near(
          errors.reduce((sum, error, i) => sum + error * scores[i]!, 0),
          0,
          1e-6,
        );
      }),
    );
  });

  it("stays finite when the scores separate the labels, or say nothing", () => {
    const separated = fitPlatt([-2, -1, 1, 2], [0, 0, 1, 1]);
    assert.ok(separated.slope > 0 && separated.slope < 10);
    near(applyPlatt(fitPlatt([3, 3, 3, 3], [0, 1, 1, 1]), 3), 0.7, 0.05);
  });

  it("takes no label but 0 and 1", () => {
    assert.throws(() => fitPlatt([1, 2], [0, 2]), /label 1 is 2; labels are 0 or 1/);
  });
});

describe("calibrating an overconfident forecaster", () => {
  const learned = overconfident(4_000, 1);
  const fresh = overconfident(4_000, 2);
  const platt = fitPlatt(
    learned.said.map((p) => logOdds(p)),
    learned.happened,
  );
  const isotonic = fitIsotonic(learned.said, learned.happened);
  const answers = {
    platt: fresh.said.map((p) => applyPlatt(platt, logOdds(p))),
    isotonic: fresh.said.map((p) => applyIsotonic(isotonic, p)),
  };

  it("recovers that the log odds were twice too large", () => {
    near(platt.slope, 0.5, 0.05);
    near(platt.intercept, 0, 0.05);
  });

  for (const [name, calibrated] of Object.entries(answers))
    it(`improves every score out of sample: ${name}`, () => {
      const ece = (p: number[]): number => expectedCalibrationError(p, fresh.happened, 10);
      assert.ok(ece(calibrated) < 0.5 * ece(fresh.said));
      assert.ok(brierScore(calibrated, fresh.happened) < brierScore(fresh.said, fresh.happened));
      assert.ok(logLoss(calibrated, fresh.happened, 1e-3) < logLoss(fresh.said, fresh.happened, 1e-3));
    });
});

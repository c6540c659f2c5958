import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import {
  deflatedSharpe,
  expectedMaximum,
  minTrackRecordLength,
  probabilisticSharpe,
} from "../../src/validation/index.ts";
import { near } from "../stats/near.ts";
import { reference, skip } from "../stats/reference.ts";

const record = fc.record({
  sharpe: fc.double({ min: -0.3, max: 0.3, noNaN: true }),
  periods: fc.integer({ min: 2, max: 5_000 }),
  skew: fc.double({ min: -1, max: 1, noNaN: true }),
  kurtosis: fc.double({ min: 3, max: 12, noNaN: true }),
});

describe("what a Sharpe ratio proves", () => {
  it("agrees with the values of the papers", { skip }, () => {
    const { psr, expectedMaxOfN, dsr } = reference("psr-dsr-papers");
    for (const { sr, T, skew, kurtosis, target, expected } of psr)
      near(probabilisticSharpe({ sharpe: sr, periods: T, skew, kurtosis }, target), expected, 1e-9);
    for (const { n, expected } of expectedMaxOfN) near(expectedMaximum(n), expected, 1e-9);
    for (const { srPerPeriod, srStdAcrossTrials, trials, T, skew, kurtosis, expected } of dsr)
      near(
        deflatedSharpe(
          { sharpe: srPerPeriod, periods: T, skew, kurtosis },
          { count: trials, sharpeStd: srStdAcrossTrials },
        ).probability,
        expected,
        1e-9,
      );
  });

  it("grows with the ratio and shrinks with the target", () => {
    fc.assert(
      fc.property(record, (one) => {
        const at = (target: number): number => probabilisticSharpe(one, target);
        assert.ok(at(0) >= at(0.05));
        near(at(one.sharpe), 0.5, 1e-12);
      }),
    );
  });

  it("is exactly enough at the minimum track record length", () => {
    fc.assert(
      fc.property(record, fc.double({ min: 0.6, max: 0.99, noNaN: true }), (one, confidence) => {
        const target = one.sharpe - 0.02;
        const periods = minTrackRecordLength(one, target, confidence);
        if (periods < 2) return;
        near(probabilisticSharpe({ ...one, periods }, target), confidence, 1e-9);
      }),
    );
  });

  it("never comes for a ratio that is not above its target", () => {
    assert.equal(
      minTrackRecordLength({ sharpe: 0.1, skew: 0, kurtosis: 3 }, 0.1, 0.95),
      Number.POSITIVE_INFINITY,
    );
  });

  it("is worth less with each trial on record", () => {
    const one = { sharpe: 0.1, periods: 500, skew: 0, kurtosis: 3 };
    const trusted = (count: number): number => deflatedSharpe(one, { count, sharpeStd: 0.05 }).probability;
    assert.equal(trusted(1), probabilisticSharpe(one, 0));
    assert.ok(trusted(1) > trusted(2) && trusted(2) > trusted(10) && trusted(10) > trusted(1_000));
    assert.equal(deflatedSharpe(one, { count: 10, sharpeStd: 0.05 }).trialsAtLeast, 10);
  });

  it("needs moments that a distribution can have", () => {
    assert.throws(
      () => probabilisticSharpe({ sharpe: 1, periods: 20, skew: 5, kurtosis: 1 }, 0),
      /no distribution has Sharpe ratio 1 with skew 5/,
    );
    assert.throws(() => expectedMaximum(0), /number of trials/);
    assert.throws(
      () =>
        deflatedSharpe({ sharpe: 1, periods: 20, skew: 0, kurtosis: 3 }, { count: 5, sharpeStd: Number.NaN }),
      /deviation of Sharpe ratios across trials/,
    );
  });
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import {
  drawdownOf,
  drawdownScale,
  ewmaVolatility,
  kellyBet,
  kellyLeverage,
  volatilityScale,
} from "../../src/risk/index.ts";
import { near } from "../stats/near.ts";

const share = fc.double({ min: 0.01, max: 0.99, noNaN: true });
const positive = fc.double({ min: 0.05, max: 10, noNaN: true });
const FULL = { fraction: 1, errors: 1 };

describe("volatility targeting", () => {
  it("brings every volatility to the target, up to the cap", () => {
    fc.assert(
      fc.property(positive, positive, positive, (volatility, target, cap) => {
        const scale = volatilityScale(volatility, target, cap);
        assert.ok(scale <= cap && scale * volatility <= target * (1 + 1e-12));
        if (scale < cap) near(scale * volatility, target, 1e-12);
      }),
    );
  });

  it("trades nothing when the volatility is not known", () => {
    for (const volatility of [0, -1, Number.NaN, Number.POSITIVE_INFINITY])
      assert.equal(volatilityScale(volatility, 0.1, 3), 0);
  });

  it("weighs a return by half after each half-life", () => {
    near(ewmaVolatility([0.02, 0, 0], 2), Math.sqrt((0.5 * 0.02 ** 2) / (0.5 + Math.SQRT1_2 + 1)), 1e-15);
    near(ewmaVolatility([0.01, -0.01, 0.01], 5), 0.01, 1e-15);
    assert.throws(() => ewmaVolatility([], 5), /at least one return/);
    assert.throws(() => ewmaVolatility([0.1, Number.NaN], 5), /returns\[1\] is NaN/);
  });
});

describe("Kelly stakes", () => {
  it("for an even bet without doubt are 2p − 1, as in the decision rule", () => {
    fc.assert(
      fc.property(share, (probability) => {
        near(
          kellyBet({ probability, probabilityError: 0, payoff: 1 }, FULL),
          Math.max(0, 2 * probability - 1),
          1e-12,
        );
      }),
    );
  });

  it("maximise the growth of equity", () => {
    fc.assert(
      fc.property(share, positive, (probability, payoff) => {
        const best = kellyBet({ probability, probabilityError: 0, payoff }, FULL);
        const growth = (stake: number): number =>
          probability * Math.log(1 + payoff * stake) + (1 - probability) * Math.log(1 - stake);
        for (const other of [best / 2, Math.min(0.999, best + 0.01), Math.max(0, best - 0.01)])
          assert.ok(growth(best) >= growth(other) - 1e-12);
      }),
    );
  });

  it("shrink with doubt and are never a bet against oneself", () => {
    fc.assert(
      fc.property(share, share, share, positive, (probability, error, smaller, payoff) => {
        const at = (probabilityError: number): number =>
          kellyBet({ probability, probabilityError, payoff }, FULL);
        assert.ok(at(error) <= at(error * smaller) && at(error) >= 0);
      }),
    );
    assert.equal(kellyBet({ probability: 0.55, probabilityError: 0.06, payoff: 1 }, FULL), 0);
  });

  it("take the stated fraction", () => {
    const bet = { probability: 0.6, probabilityError: 0, payoff: 1 };
    near(kellyBet(bet, { fraction: 0.25, errors: 0 }), 0.05, 1e-12);
    near(
      kellyLeverage({ mean: 0.001, variance: 0.0004, meanError: 0 }, { fraction: 0.5, errors: 0 }),
      1.25,
      1e-12,
    );
  });

  it("as leverage mirror with the sign of the mean, and vanish within its error", () => {
    const leverage = (mean: number, meanError: number): number =>
      kellyLeverage({ mean, variance: 0.0004, meanError }, FULL);
    near(leverage(0.001, 0.0002), -leverage(-0.001, 0.0002), 1e-15);
    near(leverage(0.001, 0.0002), 0.0008 / (0.0004 + 0.0002 ** 2), 1e-12);
    near(leverage(0.001, 0.002), 0, 1e-15);
  });

  it("refuse bets that cannot be", () => {
    assert.throws(
      () => kellyBet({ probability: 1.1, probabilityError: 0, payoff: 1 }, FULL),
      /probability in \[0, 1\]/,
    );
    assert.throws(() => kellyLeverage({ mean: 0.1, variance: 0, meanError: 0 }, FULL), /variance above 0/);
    assert.throws(
      () => kellyBet({ probability: 0.6, probabilityError: 0, payoff: 1 }, { fraction: 2, errors: 0 }),
      /Kelly fraction lies in \[0, 1\]/,
    );
  });
});

describe("drawdown control", () => {
  const limits = { softLimit: 0.05, hardLimit: 0.15 };

  it("takes risk back from the soft limit on, and all of it at the hard one", () => {
    assert.equal(drawdownScale(0, limits), 1);
    assert.equal(drawdownScale(0.05, limits), 1);
    near(drawdownScale(0.1, limits), 0.5, 1e-12);
    assert.equal(drawdownScale(0.15, limits), 0);
    assert.equal(drawdownScale(0.9, limits), 0);
    assert.equal(drawdownScale(Number.NaN, limits), 0);
  });

  it("never rises as the loss grows", () => {
    fc.assert(
      fc.property(share, share, (a, b) => {
        assert.ok(drawdownScale(Math.max(a, b), limits) <= drawdownScale(Math.min(a, b), limits));
      }),
    );
  });

  it("measures from the peak", () => {
    near(drawdownOf(90, 100), 0.1, 1e-12);
    assert.equal(drawdownOf(110, 100), 0);
    assert.throws(() => drawdownOf(1, 0), /peak of equity must be above 0/);
    assert.throws(() => drawdownScale(0.1, { softLimit: 0.2, hardLimit: 0.1 }), /0 ≤ soft < hard ≤ 1/);
  });
});

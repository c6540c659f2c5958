import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { type ClosedTrade, tradeStatistics } from "../../src/metrics/index.ts";
import { near } from "../stats/near.ts";

const trade = (openedAtMs: number, closedAtMs: number, pnl: number): ClosedTrade => ({
  openedAtMs,
  closedAtMs,
  entryNotional: 1_000,
  exitNotional: 1_000 + pnl,
  pnl,
});
const span = { fromMs: 0, toMs: 1_000, averageEquity: 10_000 };

describe("statistics of trades", () => {
  const got = tradeStatistics(
    [trade(0, 100, 30), trade(50, 200, -10), trade(300, 400, -20), trade(500, 600, 0), trade(600, 700, 60)],
    span,
  );

  it("count what won and what lost", () => {
    assert.deepEqual([got.count, got.hitRate, got.averageWin, got.averageLoss], [5, 0.4, 45, -15]);
    assert.deepEqual([got.payoffRatio, got.profitFactor, got.expectancy], [3, 3, 12]);
    near(got.expectancyReturn, 0.012, 1e-12);
    assert.equal(got.longestLosingStreak, 2);
  });

  it("count overlapping positions once as exposure, and every fill as turnover", () => {
    near(got.exposure, (200 + 100 + 100 + 100) / 1_000, 1e-12);
    assert.equal(got.averageHoldingMs, 110);
    near(got.annualTurnover, ((10_000 + 60) / 10_000) * (365 * 86_400), 1e-9);
  });

  it("tie together: expectancy is hit rate × win + loss rate × loss", () => {
    const pnl = fc.integer({ min: -50, max: 50 }).filter((value) => value !== 0);
    fc.assert(
      fc.property(fc.array(pnl, { minLength: 2, maxLength: 30 }), (list) => {
        if (!list.some((value) => value > 0) || !list.some((value) => value < 0)) return;
        const all = tradeStatistics(
          list.map((value, i) => trade(i * 10, i * 10 + 5, value)),
          span,
        );
        near(all.expectancy, all.hitRate * all.averageWin + (1 - all.hitRate) * all.averageLoss, 1e-9);
        assert.ok(all.exposure <= 1 && all.exposure >= 0);
      }),
    );
  });

  it("have no profit factor without trades, and an infinite one without losses", () => {
    assert.ok(Number.isNaN(tradeStatistics([], span).profitFactor));
    assert.equal(tradeStatistics([], span).exposure, 0);
    assert.equal(tradeStatistics([trade(0, 1, 5)], span).profitFactor, Number.POSITIVE_INFINITY);
  });

  it("refuse trades outside of the time and equity that is none", () => {
    assert.throws(() => tradeStatistics([trade(0, 2_000, 5)], span), /trade 0 does not open and close/);
    assert.throws(() => tradeStatistics([trade(10, 5, 5)], span), /trade 0 does not open and close/);
    assert.throws(() => tradeStatistics([], { ...span, averageEquity: 0 }), /average equity must be above 0/);
    assert.throws(() => tradeStatistics([], { ...span, toMs: 0 }), /has no duration/);
  });
});

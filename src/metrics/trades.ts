/** What a list of round trips amounts to. */
import { refuse } from "../stats/index.ts";

/** Amounts in one currency, as numbers. */
export type ClosedTrade = {
  openedAtMs: number;
  closedAtMs: number;
  /** Price × quantity of the entry fills and of the exit fills. */
  entryNotional: number;
  exitNotional: number;
  /** After fees and funding. */
  pnl: number;
};

/** A figure is NaN where there is nothing to take it of. */
export type TradeStatistics = {
  count: number;
  /** Share of trades with a profit above 0. */
  hitRate: number;
  averageWin: number;
  /** Of trades that lost; below 0. */
  averageLoss: number;
  /** averageWin / |averageLoss|. */
  payoffRatio: number;
  /** Sum of wins / |sum of losses|; Infinity without a loss. */
  profitFactor: number;
  /** Mean profit of a trade. */
  expectancy: number;
  /** Mean profit as a share of the entry's notional. */
  expectancyReturn: number;
  longestLosingStreak: number;
  averageHoldingMs: number;
  /** Share of the time with at least one position open. */
  exposure: number;
  /** Notional of all fills / average equity, per year of 365 days. */
  annualTurnover: number;
};

const YEAR_MS = 365 * 86_400_000;

/**
 * @param trades in the order in which they closed, each within [fromMs, toMs].
 * @param averageEquity over that time, above 0.
 */
export function tradeStatistics(
  trades: readonly ClosedTrade[],
  { fromMs, toMs, averageEquity }: { fromMs: number; toMs: number; averageEquity: number },
): TradeStatistics {
  if (!(toMs > fromMs)) refuse(`the time from ${fromMs} to ${toMs} ms has no duration`);
  if (!(averageEquity > 0)) refuse(`average equity must be above 0, got ${averageEquity}`);
  let [wins, losses, won, lost] = [0, 0, 0, 0];
  let [streak, longestLosingStreak] = [0, 0];
  let [returns, notional, holdingMs] = [0, 0, 0];
  trades.forEach((trade, i) => {
    if (!(trade.openedAtMs >= fromMs && trade.closedAtMs >= trade.openedAtMs && trade.closedAtMs <= toMs))
      refuse(`trade ${i} does not open and close, in this order, between ${fromMs} and ${toMs} ms`);
    if (trade.pnl > 0) {
      wins += 1;
      won += trade.pnl;
    }
    if (trade.pnl < 0) {
      losses += 1;
      lost -= trade.pnl;
    }
    streak = trade.pnl < 0 ? streak + 1 : 0;
    longestLosingStreak = Math.max(longestLosingStreak, streak);
    returns += trade.pnl / trade.entryNotional;
    notional += trade.entryNotional + trade.exitNotional;
    holdingMs += trade.closedAtMs - trade.openedAtMs;
  });
  const count = trades.length;
  return {
    count,
    hitRate: wins / count,
    averageWin: won / wins,
    averageLoss: -(lost / losses),
    payoffRatio: won / wins / (lost / losses),
    profitFactor: won / lost,
    expectancy: (won - lost) / count,
    expectancyReturn: returns / count,
    longestLosingStreak,
    averageHoldingMs: holdingMs / count,
    exposure: coveredMs(trades) / (toMs - fromMs),
    annualTurnover: ((notional / averageEquity) * YEAR_MS) / (toMs - fromMs),
  };
}

/** Length of the union of all holding times. */
function coveredMs(trades: readonly ClosedTrade[]): number {
  let [covered, until] = [0, Number.NEGATIVE_INFINITY];
  for (const { openedAtMs, closedAtMs } of trades.toSorted((a, b) => a.openedAtMs - b.openedAtMs)) {
    covered += Math.max(0, closedAtMs - Math.max(openedAtMs, until));
    until = Math.max(until, closedAtMs);
  }
  return covered;
}

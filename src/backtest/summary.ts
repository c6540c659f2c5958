/** The figures of a backtest under their documented names (docs/backtest.md). */
import { type Performance, performanceIntervals, performanceOf, tradeStatistics } from "../metrics/index.ts";
import { SeededRandom } from "../stats/index.ts";
import { type Interval, minTrackRecordLength, probabilisticSharpe } from "../validation/index.ts";
import type { Account } from "./account.ts";
import type { Recorder } from "./record.ts";

/** A market that never closes. */
const DAYS_PER_YEAR = 365;
const CONFIDENCE = 0.95;
const RESAMPLES = 2_000;
/** Fewer daily returns make no interval. */
const MIN_DAYS = 10;

export type Summary = {
  startEquityUsd: number;
  endEquityUsd: number;
  netProfitUsd: number;
  netReturn: number;
  /** Of the price, without costs, over the same candles. */
  buyAndHoldReturn: number;
  /** At closes of candles, as a share of the highest equity so far. */
  maxDrawdown: number;
  trades: number;
  hitRate: number;
  profitFactor: number;
  payoffRatio: number;
  expectancyUsd: number;
  averageHoldingMs: number;
  longestLosingStreak: number;
  /** Share of the time with a position. */
  exposure: number;
  /** Mean of |notional| / equity over all closes. */
  meanLeverage: number;
  annualTurnover: number;
  feesUsd: number;
  /** Positive: paid. */
  fundingUsd: number;
  /** Spread and impact; already in the prices of the fills. */
  slippageUsd: number;
  turnoverUsd: number;
  /** From the equity at the ends of UTC days, annualised with 365. Absent with fewer than two days. */
  daily?: Performance;
  /** Stationary bootstrap of the daily returns. Absent with fewer than ten days, or without any deviation. */
  intervals?: { confidence: number; resamples: number; blockLengthDays: number } & Record<
    "netReturn" | "annualReturn" | "annualVolatility" | "sharpe" | "sortino" | "maxDrawdown",
    Interval
  >;
  /** That the true Sharpe ratio is above 0, for one trial. With more trials see the Deflated Sharpe Ratio. */
  probabilisticSharpe?: number;
  /** Days until the record proves a Sharpe ratio above 0 at 95 %; null: never. */
  minTrackRecordDays?: number | null;
};

export function summarise(record: Recorder, account: Account, capitalUsd: number, seed: number): Summary {
  const trades = record.trades.map((t) => ({
    openedAtMs: t.entryTimeMs,
    closedAtMs: t.exitTimeMs,
    entryNotional: t.qty * t.entryPrice,
    exitNotional: t.qty * t.exitPrice,
    pnl: t.pnlUsd,
  }));
  const span = {
    fromMs: record.firstOpenMs,
    toMs: record.lastCloseMs,
    averageEquity: Math.max(record.meanEquityUsd, Number.MIN_VALUE),
  };
  const t = tradeStatistics(trades, span);
  const endEquityUsd = account.cashUsd;
  return {
    startEquityUsd: capitalUsd,
    endEquityUsd,
    netProfitUsd: endEquityUsd - capitalUsd,
    netReturn: endEquityUsd / capitalUsd - 1,
    buyAndHoldReturn: record.lastPrice / record.firstPrice - 1,
    maxDrawdown: record.maxDrawdown,
    trades: record.trades.length + record.tradesNotKept,
    hitRate: t.hitRate,
    profitFactor: t.profitFactor,
    payoffRatio: t.payoffRatio,
    expectancyUsd: t.expectancy,
    averageHoldingMs: t.averageHoldingMs,
    longestLosingStreak: t.longestLosingStreak,
    exposure: t.exposure,
    meanLeverage: record.meanLeverage,
    annualTurnover: t.annualTurnover,
    feesUsd: account.feesUsd,
    fundingUsd: account.fundingUsd,
    slippageUsd: account.slippageUsd,
    turnoverUsd: account.turnoverUsd,
    ...fromDays(dailyReturns(record, capitalUsd), seed),
  };
}

/** Simple returns from one UTC day's end to the next, the capital first; 0 once nothing is left. */
export function dailyReturns(record: Recorder, capitalUsd: number): Float64Array {
  let last = capitalUsd;
  return Float64Array.from(record.daily.equityUsd, (equity) => {
    const r = last > 0 ? equity / last - 1 : 0;
    last = equity;
    return r;
  });
}

function fromDays(returns: Float64Array, seed: number): Partial<Summary> {
  if (returns.length < 2) return {};
  const daily = performanceOf(returns, { periodsPerYear: DAYS_PER_YEAR });
  if (!(daily.annualVolatility > 0) || returns.length < MIN_DAYS) return { daily };
  const { blockLength, intervals } = performanceIntervals(
    returns,
    { periodsPerYear: DAYS_PER_YEAR },
    { resamples: RESAMPLES, confidence: CONFIDENCE, random: new SeededRandom(seed) },
  );
  const { totalReturn, ...others } = intervals;
  const record = {
    sharpe: daily.sharpePerPeriod,
    periods: daily.periods,
    skew: daily.skew,
    kurtosis: daily.kurtosis,
  };
  const days = minTrackRecordLength(record, 0, CONFIDENCE);
  return {
    daily,
    intervals: {
      confidence: CONFIDENCE,
      resamples: RESAMPLES,
      blockLengthDays: blockLength,
      netReturn: totalReturn,
      ...others,
    },
    probabilisticSharpe: probabilisticSharpe(record, 0),
    minTrackRecordDays: Number.isFinite(days) ? days : null,
  };
}

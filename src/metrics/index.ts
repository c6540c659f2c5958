/** Figures of an equity curve and of its trades. */

export {
  excessReturns,
  type Performance,
  type PerformanceIntervals,
  type PerformanceOptions,
  performanceIntervals,
  performanceOf,
  returnsOf,
} from "./performance.ts";
export { type ClosedTrade, type TradeStatistics, tradeStatistics } from "./trades.ts";

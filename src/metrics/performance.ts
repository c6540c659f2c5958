/** What a series of returns amounts to. Names and definitions are in docs/validation.md. */
import { ascending, quantileOf, RunningMoments, refuse, sameLength } from "../stats/index.ts";
import { type BootstrapOptions, type Interval, stationaryBootstrap } from "../validation/index.ts";

/** A figure is NaN where it is not defined, such as a ratio to a deviation of 0. */
export type Performance = {
  periods: number;
  /** Compounded. −1 and below is ruin. */
  totalReturn: number;
  /** (1 + total)^(periods per year / periods) − 1; −1 after ruin. */
  annualReturn: number;
  /** Sample deviation × √(periods per year). */
  annualVolatility: number;
  /** Mean excess return / sample deviation, per period: what the Probabilistic and Deflated Sharpe ratios take. */
  sharpePerPeriod: number;
  /** sharpePerPeriod × √(periods per year). */
  sharpe: number;
  /** Root mean square of what falls short of the required return, × √(periods per year). */
  annualDownsideRisk: number;
  /** Mean return above the required one × periods per year / annualDownsideRisk. */
  sortino: number;
  /** Deepest fall from a former peak, the start included: −0.1 is ten per cent. 0 when there was none. */
  maxDrawdown: number;
  /** Longest time below a former peak, recovered or not. */
  longestDrawdownPeriods: number;
  /** annualReturn / |maxDrawdown|. */
  calmar: number;
  /** |95th percentile| / |5th percentile| of returns. */
  tailRatio: number;
  /** Population skewness and kurtosis (3 for a normal distribution). */
  skew: number;
  kurtosis: number;
  /** R² of a straight line through the cumulated log returns: 1 is a steady climb, or a steady fall. */
  stability: number;
};

export type PerformanceOptions = {
  /** Annualises: 365 for daily returns of a market that never closes, 252 for an exchange's days. */
  periodsPerYear: number;
  /** Per period; 0 without. */
  riskFreeReturn?: number;
  /** Per period; below it a return is downside. 0 without. */
  requiredReturn?: number;
};

/**
 * @param returns simple returns per period, time ascending. NaN is a period without a figure: it counts as time, and is
 * left out of means, deviations and quantiles.
 */
export function performanceOf(
  returns: ArrayLike<number>,
  { periodsPerYear, riskFreeReturn = 0, requiredReturn = 0 }: PerformanceOptions,
): Performance {
  if (!(periodsPerYear > 0)) refuse(`periods per year must be above 0, got ${periodsPerYear}`);
  if (returns.length === 0) refuse("performance needs at least one return");
  const periods = returns.length;
  const moments = new RunningMoments();
  const line = new LineFit();
  let [wealth, peak, maxDrawdown] = [1, 1, 0];
  let [underwater, longestDrawdownPeriods] = [0, 0];
  let [shortfall, logWealth] = [0, 0];
  for (let i = 0; i < periods; i++) {
    const value = returns[i]!;
    if (!Number.isNaN(value)) {
      moments.add(value);
      shortfall += Math.min(0, value - requiredReturn) ** 2;
      wealth *= 1 + value;
      logWealth += Math.log1p(value);
      line.add(logWealth);
    }
    peak = Math.max(peak, wealth);
    maxDrawdown = Math.min(maxDrawdown, wealth / peak - 1);
    underwater = wealth < peak ? underwater + 1 : 0;
    longestDrawdownPeriods = Math.max(longestDrawdownPeriods, underwater);
  }
  const { count, mean, std, skew, kurtosis } = moments.result();
  const annualReturn = wealth > 0 ? wealth ** (periodsPerYear / periods) - 1 : -1;
  const annualDownsideRisk = Math.sqrt((shortfall / count) * periodsPerYear);
  const sharpePerPeriod = ratio(mean - riskFreeReturn, std);
  return {
    periods,
    totalReturn: wealth - 1,
    annualReturn,
    annualVolatility: std * Math.sqrt(periodsPerYear),
    sharpePerPeriod,
    sharpe: sharpePerPeriod * Math.sqrt(periodsPerYear),
    annualDownsideRisk,
    sortino: ratio((mean - requiredReturn) * periodsPerYear, annualDownsideRisk),
    maxDrawdown,
    longestDrawdownPeriods,
    calmar: ratio(annualReturn, -maxDrawdown),
    tailRatio: tailRatioOf(returns),
    skew,
    kurtosis,
    stability: line.r2(),
  };
}

const ratio = (numerator: number, denominator: number): number =>
  denominator > 0 ? numerator / denominator : Number.NaN;

function tailRatioOf(returns: ArrayLike<number>): number {
  const sorted = ascending(returns);
  if (sorted.length === 0) return Number.NaN;
  return ratio(Math.abs(quantileOf(sorted, 0.95)), Math.abs(quantileOf(sorted, 0.05)));
}

/** R² of values against their position, in one pass. */
class LineFit {
  private n = 0;
  private mean = 0;
  private squares = 0;
  private product = 0;

  add(value: number): void {
    // Positions 0 … n − 1 have mean (n − 1)/2 before the new one is added.
    const fromMeanPosition = this.n - (this.n - 1) / 2;
    this.n += 1;
    const before = value - this.mean;
    this.mean += before / this.n;
    this.squares += before * (value - this.mean);
    this.product += this.n > 1 ? fromMeanPosition * (value - this.mean) : 0;
  }

  r2(): number {
    const positions = (this.n * (this.n * this.n - 1)) / 12;
    return ratio(this.product * this.product, positions * this.squares);
  }
}

/** Simple returns of an equity curve: one fewer than its points, all of which are above 0. */
export function returnsOf(equity: ArrayLike<number>): Float64Array {
  for (let i = 0; i < equity.length; i++)
    if (!(equity[i]! > 0 && Number.isFinite(equity[i]!)))
      refuse(`equity[${i}] is ${equity[i]}; returns need equity above 0`);
  return Float64Array.from(
    { length: Math.max(0, equity.length - 1) },
    (_, i) => equity[i + 1]! / equity[i]! - 1,
  );
}

/** Returns above a benchmark's, period by period. Their Sharpe ratio is the information ratio. */
export function excessReturns(returns: ArrayLike<number>, benchmark: ArrayLike<number>): Float64Array {
  sameLength("returns and the benchmark's", returns, benchmark, 1);
  return Float64Array.from(returns, (value, i) => value - benchmark[i]!);
}

export type PerformanceIntervals = Record<
  "totalReturn" | "annualReturn" | "annualVolatility" | "sharpe" | "sortino" | "maxDrawdown",
  Interval
>;

/** How far figures of this series would vary, by the stationary bootstrap. */
export function performanceIntervals(
  returns: ArrayLike<number>,
  options: PerformanceOptions,
  bootstrap: BootstrapOptions,
): { blockLength: number; intervals: PerformanceIntervals } {
  return stationaryBootstrap(
    returns,
    (sample) => {
      const { totalReturn, annualReturn, annualVolatility, sharpe, sortino, maxDrawdown } = performanceOf(
        sample,
        options,
      );
      return { totalReturn, annualReturn, annualVolatility, sharpe, sortino, maxDrawdown };
    },
    bootstrap,
  );
}

/**
 * Exposure of positions that move together. Weights are signed shares of equity by market; a covariance matrix is of
 * the markets' returns per period, [i][j], in the same order.
 */
import { allFinite, meanOf, refuse, sameLength } from "../stats/index.ts";

export type Covariance = readonly (readonly number[])[];

/** Sample covariance (n − 1). @param returns [market][period], at least two periods. */
export function covarianceOf(returns: readonly ArrayLike<number>[]): number[][] {
  const centred = returns.map((series, i) => {
    sameLength(`returns of market 0 and ${i}`, returns[0]!, series, 2);
    allFinite(`returns of market ${i}`, series);
    const mean = meanOf(series);
    return Float64Array.from(series, (value) => value - mean);
  });
  return centred.map((a) =>
    centred.map((b) => a.reduce((sum, value, t) => sum + value * b[t]!, 0) / (a.length - 1)),
  );
}

/**
 * Pulls every correlation toward their average, which is safer than believing each (Ledoit and Wolf 2004).
 * @param intensity 0 keeps the sample, 1 makes all correlations equal.
 */
export function shrinkCorrelations(covariance: Covariance, intensity: number): number[][] {
  if (!(intensity >= 0 && intensity <= 1)) refuse(`the shrinkage intensity lies in [0, 1], got ${intensity}`);
  checkSquare(covariance);
  const deviation = covariance.map((row, i) => Math.sqrt(row[i]!));
  const correlation = (i: number, j: number): number => {
    const scale = deviation[i]! * deviation[j]!;
    return scale > 0 ? covariance[i]![j]! / scale : 0;
  };
  const pairs = covariance.flatMap((_, i) => covariance.slice(0, i).map((_, j) => correlation(i, j)));
  const average = pairs.length > 0 ? meanOf(pairs) : 0;
  return covariance.map((row, i) =>
    row.map((value, j) =>
      i === j
        ? value
        : (intensity * average + (1 - intensity) * correlation(i, j)) * deviation[i]! * deviation[j]!,
    ),
  );
}

/** √(w′Σw): deviation of the whole, per period. */
export function portfolioVolatility(weights: readonly number[], covariance: Covariance): number {
  const marginal = product(weights, covariance);
  // Rounding may leave a hedged portfolio a hair below 0.
  return Math.sqrt(
    Math.max(
      0,
      weights.reduce((sum, weight, i) => sum + weight * marginal[i]!, 0),
    ),
  );
}

/** Each position's share of the variance; they sum to 1, and a hedge's is below 0. All 0 when there is no risk. */
export function riskContributions(weights: readonly number[], covariance: Covariance): number[] {
  const marginal = product(weights, covariance);
  const parts = weights.map((weight, i) => weight * marginal[i]!);
  const variance = parts.reduce((sum, part) => sum + part, 0);
  return parts.map((part) => (variance > 0 ? part / variance : 0));
}

/**
 * The largest position in market `at`, on `side`, that can be added before the whole exceeds `maxVolatility`: more
 * beside positions it hedges, less beside those it repeats. 0 when the whole is over the limit already; Infinity for a
 * market without risk.
 */
export function roomFor(
  weights: readonly number[],
  covariance: Covariance,
  { at, side, maxVolatility }: { at: number; side: "LONG" | "SHORT"; maxVolatility: number },
): number {
  const marginal = product(weights, covariance);
  const own = covariance[at]?.[at];
  if (own === undefined) refuse(`there is no market ${at}; ${covariance.length} are given`);
  const left = maxVolatility ** 2 - portfolioVolatility(weights, covariance) ** 2;
  if (!(left > 0)) return 0;
  if (own === 0) return Number.POSITIVE_INFINITY;
  // own·x² + 2·linear·x = left, the root above 0.
  const linear = (side === "LONG" ? 1 : -1) * marginal[at]!;
  const root = Math.sqrt(linear * linear + own * left);
  return linear > 0 ? left / (linear + root) : (root - linear) / own;
}

function product(weights: readonly number[], covariance: Covariance): number[] {
  sameLength("weights and the covariance matrix", weights, covariance, 1);
  checkSquare(covariance);
  return covariance.map((row) => row.reduce((sum, value, j) => sum + value * weights[j]!, 0));
}

function checkSquare(covariance: Covariance): void {
  covariance.forEach((row, i) => {
    sameLength(`row ${i} of the covariance matrix and the matrix`, row, covariance, 1);
    if (!(row[i]! >= 0)) refuse(`the variance of market ${i} is ${row[i]}; it must not be negative`);
  });
}

/** Volatility targeting: smaller when the market is wild, larger when it is calm, within a cap. */
import { allFinite, refuse } from "../stats/index.ts";

/**
 * Exponentially weighted root mean square of returns, newest last; the mean is taken for 0, as it is over short periods.
 * @param halfLife periods after which a return weighs half.
 * @returns deviation per period. The weights of what is there sum to 1, so it has no bias toward 0 at the start.
 */
export function ewmaVolatility(returns: ArrayLike<number>, halfLife: number): number {
  if (!(halfLife > 0)) refuse(`the half-life must be above 0 periods, got ${halfLife}`);
  if (returns.length === 0) refuse("a volatility needs at least one return");
  allFinite("returns", returns);
  const keep = 0.5 ** (1 / halfLife);
  let [squares, weights] = [0, 0];
  for (let i = 0; i < returns.length; i++) {
    squares = keep * squares + returns[i]! ** 2;
    weights = keep * weights + 1;
  }
  return Math.sqrt(squares / weights);
}

/**
 * By how much to multiply a position so that it contributes the target.
 * @param volatility forecast of the unscaled position, in the unit and period of `target`.
 * @returns target / volatility, at most `maxScale`; 0 when the forecast is no number above 0: what cannot be measured
 * is not traded.
 */
export function volatilityScale(volatility: number, target: number, maxScale: number): number {
  if (!(target >= 0 && maxScale >= 0))
    refuse(`target and largest scale must not be negative, got ${target} and ${maxScale}`);
  return volatility > 0 && Number.isFinite(volatility) ? Math.min(target / volatility, maxScale) : 0;
}

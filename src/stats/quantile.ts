/** Sample quantiles by linear interpolation between order statistics (type 7 of Hyndman and Fan). */
import { refuse } from "./refuse.ts";

/** Ascending copy of the values that are not NaN. */
export const ascending = (values: ArrayLike<number>): Float64Array =>
  Float64Array.from(values)
    .filter((value) => !Number.isNaN(value))
    .sort();

/**
 * @param sorted ascending, not empty.
 * @param share in [0, 1]: 0.95 is the 95th percentile.
 */
export function quantileOf(sorted: ArrayLike<number>, share: number): number {
  if (sorted.length === 0 || !(share >= 0 && share <= 1))
    refuse(`a quantile needs values and a share in [0, 1], got ${sorted.length} values and ${share}`);
  const at = share * (sorted.length - 1);
  const below = Math.floor(at);
  const low = sorted[below]!;
  const high = sorted[Math.min(below + 1, sorted.length - 1)]!;
  return low === high ? low : low + (at - below) * (high - low);
}

/** Drawdown control: risk is taken back gradually on the way down, before a limit stops it altogether. */
import { refuse } from "../stats/index.ts";

/** Share of the peak that is lost, from 0; 1 and more is ruin. */
export function drawdownOf(equity: number, peak: number): number {
  if (!(peak > 0)) refuse(`the peak of equity must be above 0, got ${peak}`);
  return Math.max(0, 1 - equity / peak);
}

/**
 * By how much to multiply risk: 1 up to the soft limit, falling in a straight line to 0 at the hard one.
 * @param drawdown of `drawdownOf`. A drawdown that is not known gives 0.
 */
export function drawdownScale(
  drawdown: number,
  { softLimit, hardLimit }: { softLimit: number; hardLimit: number },
): number {
  if (!(softLimit >= 0 && softLimit < hardLimit && hardLimit <= 1))
    refuse(`drawdown limits must satisfy 0 ≤ soft < hard ≤ 1, got ${softLimit} and ${hardLimit}`);
  if (drawdown <= softLimit) return 1;
  return drawdown < hardLimit ? (hardLimit - drawdown) / (hardLimit - softLimit) : 0;
}

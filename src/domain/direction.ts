/**
 * The rules that need the reveal, by the same integers as `PredictionLib.inspectReveal`. The contract judges an open
 * prediction by them at the approval; of a sealed one attesters say so, and the contract looks again at the settlement.
 */
import { absBigint } from "./money.ts";
import type { Prediction, Reveal } from "./prediction.ts";

export type DirectionTerms = {
  /** Fees assumed for each side of a trip, in 1e-6. */
  feeReservePpm: bigint;
  /** Entry limit against the reference price, in bps. */
  entryBandBps: bigint;
};

const PPM = 1_000_000n;
const BPS = 10_000n;
/** E8 times E8 to E6. */
const E10 = 10_000_000_000n;

/** @returns the first rule that does not hold, in words, or undefined. */
export function directionBroken(
  prediction: Prediction,
  reveal: Reveal,
  { feeReservePpm, entryBandBps }: DirectionTerms,
): string | undefined {
  const { side, entryLimitE8: entry, stopE8: stop, targetE8: target, qtyE8 } = reveal;
  const ordered = side === "LONG" ? stop < entry && entry < target : target < entry && entry < stop;
  if (!ordered || qtyE8 <= 0n || stop <= 0n || target <= 0n) return "stop or target on the wrong side";
  const lossE22 = qtyE8 * (absBigint(entry - stop) * PPM + (entry + stop) * feeReservePpm);
  if (lossE22 > prediction.maxLossUsdE6 * E10 * PPM)
    return `loss at the stop exceeds ${prediction.maxLossUsdE6} (E6)`;
  if (qtyE8 * entry > prediction.maxNotionalUsdE6 * E10)
    return `size exceeds ${prediction.maxNotionalUsdE6} (E6)`;
  if (reveal.leverageBps > prediction.maxLeverageBps)
    return `leverage exceeds ${prediction.maxLeverageBps} bps`;
  const { referencePriceE8 } = prediction;
  if (absBigint(entry - referencePriceE8) * BPS > entryBandBps * referencePriceE8)
    return `entry limit is more than ${entryBandBps} bps from ${referencePriceE8} (E8)`;
  return undefined;
}

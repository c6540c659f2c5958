/**
 * The decision: one pure integer function of (quantised output, equity figure, reference price, risk spec).
 * The engine, every attester and every verifier run this same function; no float may enter here.
 */
import { ceilDiv, E8, floorDiv, maxBigint, minBigint } from "./money.ts";
import type { ModelOutput } from "./output.ts";
import type { Side } from "./prediction.ts";
import type { RiskSpec } from "./risk-spec.ts";

export type Decision = {
  side: Side;
  confidencePpm: bigint;
  qtyE8: bigint;
  entryLimitE8: bigint;
  stopE8: bigint;
  targetE8: bigint;
  leverageBps: bigint;
  maxNotionalUsdE6: bigint;
  maxLossUsdE6: bigint;
};
export type DecisionOutcome = { decision: Decision } | { declined: string };

const BPS = 10_000n;
const PPM = 1_000_000n;
const FULL_LEVERAGE_BPS = 10_000n;
const E8_PER_E6 = 100n;

const floorTo = (value: bigint, step: bigint): bigint => floorDiv(value, step) * step;
const ceilTo = (value: bigint, step: bigint): bigint => ceilDiv(value, step) * step;
const clamp = (value: bigint, low: bigint, high: bigint): bigint =>
  value < low ? low : value > high ? high : value;

/** Worst declared loss of one unit of quantity, price E8: distance to the stop, its slippage and both fees. */
function lossPerUnitE8(spec: RiskSpec, entryLimitE8: bigint, stopE8: bigint): bigint {
  const distanceE8 = entryLimitE8 > stopE8 ? entryLimitE8 - stopE8 : stopE8 - entryLimitE8;
  const slipE8 = ceilDiv(entryLimitE8 * spec.stopSlipBps, BPS);
  const feesE8 = ceilDiv(2n * (entryLimitE8 + distanceE8) * spec.takerFeePpm, PPM);
  return distanceE8 + slipE8 + feesE8;
}

/** @returns the decision, or why there is none. Amounts: prices and quantities E8, bounds in fund units E6. */
export function decide(
  output: ModelOutput,
  equityE8: bigint,
  referencePriceE8: bigint,
  spec: RiskSpec,
): DecisionOutcome {
  const upPpm = BigInt(output.probUpPpm);
  const side: Side = upPpm * 2n >= PPM ? "LONG" : "SHORT";
  const confidencePpm = side === "LONG" ? upPpm : PPM - upPpm;
  if (confidencePpm < spec.minConfidencePpm)
    return {
      declined: `confidence ${confidencePpm} ppm is below the minimum of ${spec.minConfidencePpm} ppm`,
    };
  if (equityE8 <= 0n) return { declined: "equity is not positive" };
  if (output.sigmaPpm <= 0) return { declined: "volatility estimate is not positive" };

  const up = side === "LONG" ? 1n : -1n;
  const sigma = BigInt(output.sigmaPpm);
  const stopPpm = clamp((sigma * spec.stopSigmaBps) / BPS, spec.minStopBps * 100n, spec.maxStopBps * 100n);
  const targetPpm = (stopPpm * spec.targetSigmaBps) / spec.stopSigmaBps;
  const rawLimitE8 = referencePriceE8 + up * floorDiv(referencePriceE8 * spec.entrySlipBps, BPS);
  const rawStopE8 = referencePriceE8 - up * floorDiv(referencePriceE8 * stopPpm, PPM);
  const rawTargetE8 = referencePriceE8 + up * floorDiv(referencePriceE8 * targetPpm, PPM);
  const long = side === "LONG";
  const entryLimitE8 = long ? floorTo(rawLimitE8, spec.tickE8) : ceilTo(rawLimitE8, spec.tickE8);
  const stopE8 = long ? ceilTo(rawStopE8, spec.tickE8) : floorTo(rawStopE8, spec.tickE8);
  const targetE8 = long ? floorTo(rawTargetE8, spec.tickE8) : ceilTo(rawTargetE8, spec.tickE8);
  if (long ? stopE8 >= entryLimitE8 : stopE8 <= entryLimitE8)
    return { declined: "stop is not beyond the entry limit" };
  if ((long ? targetE8 <= entryLimitE8 : targetE8 >= entryLimitE8) || stopE8 <= 0n || targetE8 <= 0n)
    return { declined: "target is not beyond the entry limit, or a price is not positive" };

  // Kelly for an even-money bet is 2p − 1; a fraction of it scales the risk budget, never above the cap.
  const kellyPpm = ((2n * confidencePpm - PPM) * spec.kellyFractionBps) / BPS;
  const riskE8 = minBigint((equityE8 * spec.riskPerTradeBps) / BPS, (equityE8 * kellyPpm) / PPM);
  const unitLossE8 = lossPerUnitE8(spec, entryLimitE8, stopE8);
  const notionalCapE8 = minBigint((equityE8 * spec.maxLeverageBps) / BPS, spec.maxNotionalUsdE6 * E8_PER_E6);
  const qtyByRiskE8 = (riskE8 * E8) / unitLossE8;
  // A long never pays more than its limit; a short may sell above the reference, and is sized and declared for that.
  const dearestE8 = long ? entryLimitE8 : maxBigint(entryLimitE8, 2n * referencePriceE8 - entryLimitE8);
  const qtyByNotionalE8 = (notionalCapE8 * E8) / dearestE8;
  const qtyE8 = floorTo(minBigint(qtyByRiskE8, qtyByNotionalE8), spec.lotE8);
  if (qtyE8 < spec.minQtyE8)
    return {
      declined: `size ${qtyE8} (E8) for the allowed risk is below the smallest order of ${spec.minQtyE8}`,
    };

  const notionalE8 = ceilDiv(qtyE8 * dearestE8, E8);
  const leverageBps = ceilDiv(notionalE8 * BPS, equityE8);
  return {
    decision: {
      side,
      confidencePpm,
      qtyE8,
      entryLimitE8,
      stopE8,
      targetE8,
      leverageBps: leverageBps < FULL_LEVERAGE_BPS ? FULL_LEVERAGE_BPS : leverageBps,
      maxNotionalUsdE6: ceilDiv(notionalE8, E8_PER_E6),
      maxLossUsdE6: ceilDiv(ceilDiv(qtyE8 * unitLossE8, E8), E8_PER_E6),
    },
  };
}

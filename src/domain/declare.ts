/** How a decision is put into the signed prediction and its reveal: once, for who signs it and for who checks it. */
import type { Decision } from "./decide.ts";
import type { Prediction, Reveal } from "./prediction.ts";
import type { RiskSpec } from "./risk-spec.ts";

/** @param observedAt unix seconds of the cut-off. */
export function timesOf(
  observedAt: bigint,
  { entrySeconds, horizonSeconds, settleSeconds }: RiskSpec,
): Pick<Prediction, "observedAt" | "entryExpiresAt" | "horizonAt" | "settleBy"> {
  return {
    observedAt,
    entryExpiresAt: observedAt + entrySeconds,
    horizonAt: observedAt + horizonSeconds,
    settleBy: observedAt + horizonSeconds + settleSeconds,
  };
}

/** What is public of a decision even under seal. */
export const boundsOf = (
  decision: Decision,
): Pick<Prediction, "maxNotionalUsdE6" | "maxLeverageBps" | "maxLossUsdE6" | "confidencePpm"> => ({
  maxNotionalUsdE6: decision.maxNotionalUsdE6,
  maxLeverageBps: decision.leverageBps,
  maxLossUsdE6: decision.maxLossUsdE6,
  confidencePpm: decision.confidencePpm,
});

export const revealOf = (decision: Decision, salt: string): Reveal => ({
  salt,
  side: decision.side,
  entryLimitE8: decision.entryLimitE8,
  stopE8: decision.stopE8,
  targetE8: decision.targetE8,
  qtyE8: decision.qtyE8,
  leverageBps: decision.leverageBps,
});

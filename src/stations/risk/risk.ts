/** Station 4. Size, stop and target by the published integer rule; then every limit, the contract's own included. */

import { DAY_MS, utcMidnight } from "../../domain/candle.ts";
import { decide } from "../../domain/decide.ts";
import { boundsOf, revealOf, timesOf } from "../../domain/declare.ts";
import { maxBigint } from "../../domain/money.ts";
import { type Prediction, sealOf, toUnixSeconds } from "../../domain/prediction.ts";
import type { RiskState } from "../../domain/records.ts";
import { bringUp, type SlotEvent } from "../features/features.ts";
import { foreignActivity } from "../foreign.ts";
import { openPrediction, replace, riskState, slotOf } from "../records.ts";
import { type Deps, declined, done, noop, type Outcome, openIncidents, put, work } from "../station.ts";

export async function risk(deps: Deps, event: SlotEvent): Promise<Outcome> {
  const { config, store, clock, chain } = deps;
  const slot = await slotOf(store, config.market, event.cutoffMs);
  const { evidence, output, evidenceHash } = slot.value;
  if (slot.value.phase !== "predicted" || !evidence || !output || !evidenceHash)
    return noop(`slot is ${slot.value.phase}`);
  const state = await riskState(store, config.mandateId);
  const risk = rollDay(state.value, event.cutoffMs, evidence.equityE8);
  const riskWrite = put(state.pk, state.sk, risk, state.version);
  const decline = async (reason: string): Promise<Outcome> => {
    await store.transact([
      replace(slot, { phase: "declined", declined: { station: "risk", reason } }),
      riskWrite,
    ]);
    return declined(reason);
  };

  const limit = await ownLimits(deps, risk, evidence.equityE8);
  if (limit) return decline(limit);
  await bringUp(deps, deps.window, event.cutoffMs);
  const referencePriceE8 = deps.window.candles.at(-1)?.closeE8;
  if (referencePriceE8 === undefined || deps.window.cutoffMs !== event.cutoffMs)
    return decline("the market moved on before this slot was sized");
  const sized = decide(output, evidence.equityE8, referencePriceE8, config.riskSpec);
  if ("declined" in sized) return decline(sized.declined);
  const { decision } = sized;

  const { sequence, previousId } = await chain.nextSequence(config.mandateId);
  const reveal = revealOf(decision, deps.random.bytes32(`salt:${config.mandateId}:${sequence}`));
  const unsigned: Prediction = {
    mandateId: config.mandateId,
    modelId: config.modelId,
    sequence,
    previousId,
    ...timesOf(toUnixSeconds(event.cutoffMs), config.riskSpec),
    referencePriceE8,
    ...boundsOf(decision),
    riskSpecHash: config.riskSpecHash,
    evidenceHash,
    seal: sealOf(config.deployment, config.mandateId, sequence, reveal),
  };
  const [strange, preview] = await Promise.all([foreignActivity(deps), chain.preview(unsigned, reveal)]);
  if (strange) return decline(strange);
  if (!preview.ok) return decline(`the contract would refuse: ${preview.text}`);
  await store.transact([
    replace(slot, { phase: "sized", unsigned, reveal, sequence }),
    riskWrite,
    work("publish", event, `publish:${config.market}:${event.cutoffMs}`, clock.nowMs()),
  ]);
  return done(
    `${decision.side} ${decision.qtyE8} (E8) at ≤ ${decision.entryLimitE8}, stop ${decision.stopE8}, worst loss ${decision.maxLossUsdE6} (E6)`,
  );
}

/** Limits that only we know. The kill switch first: HALT and REDUCE take no new risk. */
async function ownLimits(deps: Deps, risk: RiskState, equityE8: bigint): Promise<string | undefined> {
  const { config, clock } = deps;
  if (risk.mode !== "ACTIVE")
    return `trading mode is ${risk.mode}${risk.modeReason ? ` (${risk.modeReason})` : ""}`;
  const [firstIncident] = await openIncidents(deps);
  if (firstIncident) return `open incident ${firstIncident.incidentId}: ${firstIncident.text}`;
  const open = await openPrediction(deps.store, config.mandateId);
  if (open) return `round trip ${open.value.prediction.sequence} is still open (${open.value.phase})`;
  if (clock.nowMs() < risk.cooldownUntilMs)
    return `cooling down until ${new Date(risk.cooldownUntilMs).toISOString()}`;
  const dayLossE8 = risk.dayStartEquityE8 - equityE8;
  if (dayLossE8 * 10_000n > risk.dayStartEquityE8 * config.dailyLossLimitBps)
    return `daily loss limit of ${config.dailyLossLimitBps} bps reached`;
  const drawdownE8 = risk.peakEquityE8 - equityE8;
  if (drawdownE8 * 10_000n > risk.peakEquityE8 * config.drawdownLimitBps)
    return `drawdown limit of ${config.drawdownLimitBps} bps reached`;
  return undefined;
}

function rollDay(state: RiskState, cutoffMs: number, equityE8: bigint): RiskState {
  const dayMs = utcMidnight(cutoffMs);
  const fresh = dayMs >= state.dayMs + DAY_MS || state.dayMs === 0;
  return {
    ...state,
    dayMs: fresh ? dayMs : state.dayMs,
    dayStartEquityE8: fresh ? equityE8 : state.dayStartEquityE8,
    peakEquityE8: maxBigint(state.peakEquityE8, equityE8),
  };
}

/** Station 9. Witnesses read the fills; the quorum's bytes go on-chain; later, finality. */

import { sortKey } from "../../domain/market.ts";
import { toUnixSeconds } from "../../domain/prediction.ts";
import type { TripFill } from "../../domain/records.ts";
import { sumTrip } from "../../domain/settlement.ts";
import { messageOf, Refused } from "../../errors/errors.ts";
import { publishedOf } from "../publish/published.ts";
import { askQuorum } from "../quorum.ts";
import { predictionById, replace } from "../records.ts";
import { again, type Deps, declined, done, noop, nowSeconds, type Outcome } from "../station.ts";

export type SettleEvent = { id: string; finalize?: boolean };

const RETRY_MS = 15_000;
const LOOK_AGAIN_MS = 5_000;

export async function settle(deps: Deps, event: SettleEvent): Promise<Outcome> {
  const record = await predictionById(deps.store, event.id);
  if (event.finalize) return finalize(deps, event.id);
  const { phase, prediction, reveal, id } = record.value;
  if (phase !== "closed") return noop(`prediction is ${phase}`);
  const trip = await deps.store.get<{ fills: TripFill[] }>(
    `trip#${deps.config.mandateId}`,
    sortKey(prediction.sequence),
  );
  const fills = trip?.value.fills ?? [];
  const published = publishedOf(record.value);
  const sums = sumTrip(fills);
  // A feed round of the fill's own second may still land: which round was in force is known only after it.
  const exitLastAt = toUnixSeconds(sums.exitLastAtMs);
  if (BigInt((await deps.chain.head()).timestamp) <= exitLastAt)
    return again("waiting for a block after the last fill", deps.clock.nowMs() + LOOK_AGAIN_MS);
  const attempt = (record.value.settleAttempts ?? 0) + 1;
  try {
    const answer = await askQuorum(deps.attesters, deps.config.quorum, (attester) =>
      attester.witnessSettlement(published),
    );
    const statement = { id, prediction, payload: answer.payload, signatures: answer.signatures, attempt };
    if (fills.length === 0) await deps.chain.cancel(statement);
    else
      await deps.chain.settle({
        ...statement,
        reveal,
        entryLastAt: toUnixSeconds(sums.entryLastAtMs),
        exitLastAt,
      });
    await deps.store.transact([replace(record, { phase: "settling", settleAttempts: attempt })]);
    return done(`#${prediction.sequence} witnessed by ${answer.signatures.length}: ${answer.note}`);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    if (nowSeconds(deps) <= prediction.settleBy + deps.config.expireGraceSeconds)
      return again(messageOf(error), deps.clock.nowMs() + RETRY_MS);
    // Silence must not look better than the truth: anyone books the declared maximum loss, so we do it ourselves.
    await deps.chain.expire(id);
    await deps.store.transact([replace(record, { phase: "settling" })]);
    return declined(
      `#${prediction.sequence} not settled in time (${messageOf(error)}): the declared maximum loss is booked`,
    );
  }
}

async function finalize(deps: Deps, id: string): Promise<Outcome> {
  const { state } = await deps.chain.stateOf(id);
  if (state === "Final" || state === "Voided") return noop("already final");
  if (state !== "Settled" && state !== "Expired")
    return again(`prediction is ${state}`, deps.clock.nowMs() + RETRY_MS);
  await deps.chain.finalize(id);
  return done("dispute window over, becoming final");
}

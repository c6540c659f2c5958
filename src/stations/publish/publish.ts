/** Station 5. Persists the statement before signing it, so that one sequence never carries two digests. */
import { predictionId } from "../../domain/prediction.ts";
import type { PredictionRecord } from "../../domain/records.ts";
import type { SlotEvent } from "../features/features.ts";
import { predictionKey, replace, slotOf } from "../records.ts";
import { type Deps, declined, done, noop, type Outcome, put, work } from "../station.ts";

export async function publish(deps: Deps, event: SlotEvent): Promise<Outcome> {
  const { config, store, clock } = deps;
  const slot = await slotOf(store, config.market, event.cutoffMs);
  const { unsigned, reveal, evidence, output, sequence } = slot.value;
  if (!unsigned || !reveal || !evidence || !output || sequence === undefined)
    return noop(`slot is ${slot.value.phase}`);
  const key = predictionKey(config.mandateId, sequence);
  const id = predictionId(config.deployment, unsigned);

  if (slot.value.phase === "sized") {
    const used = await store.get<PredictionRecord>(key.pk, key.sk);
    if (used) {
      const reason = `sequence ${sequence} already carries ${used.value.id}`;
      await store.transact([replace(slot, { phase: "declined", declined: { station: "publish", reason } })]);
      return declined(reason);
    }
    const intent: PredictionRecord = {
      id,
      market: config.market,
      cutoffMs: event.cutoffMs,
      phase: "intent",
      prediction: unsigned,
      reveal,
      output,
      evidence,
    };
    await store.transact([
      put(key.pk, key.sk, intent, 0),
      put("predictionId", id, { mandateId: config.mandateId, sequence }, 0),
      replace(slot, { phase: "published" }),
    ]);
  }
  const record = await store.get<PredictionRecord>(key.pk, key.sk);
  if (!record || record.value.id !== id) return noop("another prediction holds this sequence");
  if (record.value.phase !== "intent") return noop("already signed");
  const signature = await deps.signer.signPrediction(record.value.prediction);
  await store.transact([
    replace(record, { phase: "signed", signature, publishedAtMs: clock.nowMs() }),
    work("attest", { id }, `attest:${id}`, clock.nowMs()),
    work(
      "attest",
      { id, lapse: true },
      `lapse:${id}`,
      (Number(unsigned.entryExpiresAt) + LAPSE_AFTER_SECONDS) * 1000,
    ),
  ]);
  return done(`#${sequence} ${id.slice(0, 10)} signed`);
}

/** Without a verdict on-chain this long after the entry expired, the sequence is released by `lapse`. */
export const LAPSE_AFTER_SECONDS = 60;

/** Station 1. The raw inputs of one decision slot: complete, on time, plausible, or a reason why not. */
import { sortKey } from "../../domain/market.ts";
import type { SlotRecord } from "../../domain/records.ts";
import type { Write } from "../../ports/store.ts";
import { slotKey } from "../records.ts";
import { type Deps, declined, done, noop, type Outcome, put, work } from "../station.ts";
import { gatherEvidence, RECORD_WITHIN_MS } from "./evidence.ts";

export type IngestEvent = { cutoffMs: number };

/** The row that wakes this station for a slot. */
export function ingestWork(config: Deps["config"], cutoffMs: number): Write {
  return work(
    "ingest",
    { cutoffMs },
    `ingest:${config.market}:${cutoffMs}`,
    cutoffMs + config.candleDelayMs,
    `ingest:${config.market}`,
  );
}

export const nextSlotMs = (
  config: Pick<Deps["config"], "candleDelayMs" | "slotStepMs">,
  nowMs: number,
): number => Math.floor((nowMs - config.candleDelayMs) / config.slotStepMs + 1) * config.slotStepMs;

export async function ingest(deps: Deps, event: IngestEvent): Promise<Outcome> {
  const { config, store, venue, clock } = deps;
  const { cutoffMs } = event;
  const key = slotKey(config.market, cutoffMs);
  // A slot missed while the engine was away is gone: decisions are never made late.
  const next = ingestWork(config, Math.max(cutoffMs + config.slotStepMs, nextSlotMs(config, clock.nowMs())));
  if (await store.get(key.pk, key.sk)) return noop("slot already ingested");

  const decline = async (reason: string): Promise<Outcome> => {
    const slot: SlotRecord = {
      market: config.market,
      cutoffMs,
      phase: "declined",
      declined: { station: "ingest", reason },
    };
    await store.transact([put(key.pk, key.sk, slot, 0), next]);
    return declined(reason);
  };
  const lateMs = clock.nowMs() - cutoffMs - config.candleDelayMs;
  if (lateMs > RECORD_WITHIN_MS) return decline(`slot is ${Math.round(lateMs / 1000)} s old`);
  const skewMs = Math.abs((await venue.serverTimeMs()) - clock.nowMs());
  if (skewMs > config.maxClockSkewMs)
    return decline(`clock differs from the venue's by ${skewMs} ms (limit ${config.maxClockSkewMs})`);

  const gathered = await gatherEvidence(deps, cutoffMs);
  if ("refused" in gathered) return decline(gathered.refused);
  const { evidence, fetched } = gathered;
  const slot: SlotRecord = { market: config.market, cutoffMs, phase: "ingested", evidence };
  await store.transact([
    put(key.pk, key.sk, slot, 0),
    put("openInterest", `${config.market}#${sortKey(cutoffMs)}`, evidence.openInterest.at(-1)),
    work("features", { cutoffMs }, `features:${config.market}:${cutoffMs}`, clock.nowMs()),
    next,
  ]);
  return done(
    `${fetched} candles, book u=${evidence.book?.updateId ?? "absent"}, equity ${evidence.equityE8} (E8)`,
  );
}

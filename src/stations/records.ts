/** Reading and writing the records of the path; keys live here and nowhere else. */

import type { Leg } from "../domain/ids.ts";
import { sortKey } from "../domain/market.ts";
import {
  type OrderRecord,
  type PredictionRecord,
  type RiskState,
  type SettlementRecord,
  type SlotRecord,
  TERMINAL_PHASES,
} from "../domain/records.ts";
import { SaksiError } from "../errors/errors.ts";
import type { Item, Store, Write } from "../ports/store.ts";
import { put } from "./station.ts";

const MAX_ATTEMPTS_LISTED = 100;
/** The last instant a calendar has. */
const MAX_DATE_MS = 8.64e15;

export const slotKey = (market: string, cutoffMs: number) => ({
  pk: `slot#${market}`,
  sk: sortKey(cutoffMs),
});
export const predictionKey = (mandateId: string, sequence: bigint) => ({
  pk: `prediction#${mandateId}`,
  sk: sortKey(sequence),
});
export const orderKey = (id: string, leg: Leg, attempt: number) => ({
  pk: `order#${id}`,
  sk: `${leg}#${String(attempt).padStart(4, "0")}`,
});

/** @param what the record is, as a person would name it. */
async function must<T>(store: Store, key: { pk: string; sk: string }, what: string): Promise<Item<T>> {
  const item = await store.get<T>(key.pk, key.sk);
  if (!item)
    throw new SaksiError(
      "store.missing",
      `this store has no ${what}; check the value, or name the --store of the run it belongs to`,
    );
  return item;
}

/** @throws SaksiError `store.missing` when there was no such slot. */
export const slotOf = (store: Store, market: string, cutoffMs: number) =>
  must<SlotRecord>(
    store,
    slotKey(market, cutoffMs),
    `decision slot of ${market} with cutoffMs ${cutoffMs}${whenOf(cutoffMs)}`,
  );

const whenOf = (timeMs: number): string =>
  timeMs <= MAX_DATE_MS ? ` (${new Date(timeMs).toISOString()})` : "";

/** @throws SaksiError `store.missing` when no such prediction was made. */
export async function predictionById(store: Store, id: string): Promise<Item<PredictionRecord>> {
  const what = `prediction ${id}`;
  const pointer = await must<{ mandateId: string; sequence: bigint }>(
    store,
    { pk: "predictionId", sk: id },
    what,
  );
  return must<PredictionRecord>(store, predictionKey(pointer.value.mandateId, pointer.value.sequence), what);
}

/** Replaces a record only if nobody did since it was read. */
export const replace = <T>(item: Item<T>, change: Partial<T>): Write =>
  put(item.pk, item.sk, { ...item.value, ...change }, item.version);

/** The round trip that is not terminal, if any: the newest prediction of the mandate. */
export async function openPrediction(
  store: Store,
  mandateId: string,
): Promise<Item<PredictionRecord> | undefined> {
  const [last] = await store.query<PredictionRecord>(`prediction#${mandateId}`, {
    limit: 1,
    descending: true,
  });
  return last && !isReleased(last.value) ? last : undefined;
}

/** Settled but not yet final predictions no longer hold the market. */
const isReleased = (record: PredictionRecord): boolean =>
  TERMINAL_PHASES.includes(record.phase) || record.phase === "settled" || record.phase === "expired";

export async function ordersOf(store: Store, id: string): Promise<Item<OrderRecord>[]> {
  return store.query<OrderRecord>(`order#${id}`, { limit: MAX_ATTEMPTS_LISTED });
}

export async function settlements(store: Store, mandateId: string): Promise<SettlementRecord[]> {
  return (await store.query<SettlementRecord>(`settlement#${mandateId}`, { limit: 10_000 })).map(
    (item) => item.value,
  );
}

export async function riskState(store: Store, mandateId: string): Promise<Item<RiskState>> {
  return (
    (await store.get<RiskState>("risk", mandateId)) ?? {
      pk: "risk",
      sk: mandateId,
      version: 0,
      value: {
        mode: "ACTIVE",
        modeReason: "",
        dayMs: 0,
        dayStartEquityE8: 0n,
        peakEquityE8: 0n,
        cooldownUntilMs: 0,
      },
    }
  );
}

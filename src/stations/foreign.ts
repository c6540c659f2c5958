/**
 * Between trips the account must be still: a position, a resting order or a fill that our ledger does not explain is
 * somebody else's. It opens an incident, and new risk stops until a person has looked.
 */
import { sortKey } from "../domain/market.ts";
import type { Incident, SlotRecord, TripFill } from "../domain/records.ts";
import { slotKey } from "./records.ts";
import { type Deps, incident } from "./station.ts";

const KIND = "foreignActivity";
/** The venue answers for fills of at most seven days at a time. */
const FILL_LOOKBACK_MS = 7 * 86_400_000;

/**
 * Four reads side by side, nothing written while all is still. To be asked only while no trip is open.
 * @returns what was found, after the incident was opened; undefined when the account is still.
 */
export async function foreignActivity(deps: Deps): Promise<string | undefined> {
  const { config, store, venue, clock } = deps;
  const { fromMs, explained } = await lastKnown(deps);
  const [positions, orders, algos, fills] = await Promise.all([
    venue.positions(),
    venue.openOrders(config.symbol),
    venue.openAlgoOrders(config.symbol),
    venue.fills(config.symbol, fromMs),
  ]);
  const strange = fills.filter((fill) => !explained.has(fill.fillId));
  const found = [
    ...positions
      .filter((position) => position.qtyE8 > 0n)
      .map((position) => `a ${position.side} position of ${position.qtyE8} (E8) in ${position.symbol}`),
    ...orders.map((order) => `order ${order.orderId} resting`),
    ...algos.map((algo) => `conditional order ${algo.algoId} resting`),
    ...(strange.length > 0 ? [`${strange.length} fills, the first being ${strange[0]?.fillId}`] : []),
  ];
  if (found.length === 0) return undefined;
  const text = `not ours, while no trip is open: ${found.join("; ")}; clear the account at the exchange, then close this incident`;
  await store.transact([incident(clock.nowMs(), KIND, config.mandateId, text)]);
  return text;
}

/**
 * From when on fills are asked for, and which of those are ours: the last trip explains itself up to its last fill;
 * before the first trip, the first slot is the beginning; what a person has looked at and closed is not told again.
 */
async function lastKnown({ config, store, clock }: Deps): Promise<{
  fromMs: number;
  explained: ReadonlySet<string>;
}> {
  const [[trip], [slot], looked] = await Promise.all([
    store.query<{ fills: TripFill[] }>(`trip#${config.mandateId}`, { limit: 1, descending: true }),
    store.query<SlotRecord>(slotKey(config.market, 0).pk, { limit: 1, from: sortKey(0) }),
    store.get<Incident>("incident", `${KIND}:${config.mandateId}`),
  ]);
  const ours = trip?.value.fills ?? [];
  const beginMs =
    ours.length > 0 ? Math.max(...ours.map((fill) => fill.timeMs)) : (slot?.value.cutoffMs ?? clock.nowMs());
  const lookedMs = looked && !looked.value.open ? looked.value.atMs + 1 : 0;
  return {
    fromMs: Math.max(beginMs, lookedMs, clock.nowMs() - FILL_LOOKBACK_MS),
    explained: new Set(ours.map((fill) => fill.fillId)),
  };
}

/**
 * One order, sent at most once. The state is written before the wire is touched; what the wire does not say is UNKNOWN,
 * and UNKNOWN becomes "never accepted" only after the venue, asked twice and late enough, shows no trace of it.
 */

import { type OrderRecord, type OrderState, TERMINAL_ORDER_STATES } from "../../domain/records.ts";
import { messageOf, Refused, UnknownOutcome } from "../../errors/errors.ts";
import type { Item } from "../../ports/store.ts";
import type { VenueOrder } from "../../ports/venue.ts";
import { replace } from "../records.ts";
import type { Deps } from "../station.ts";

/** Absence must be seen this often, each time after the grace of an unknown order. */
export const SWEEPS_FOR_ABSENCE = 2;
export const SWEEP_SPACING_MS = 5_000;
/** A first look soon after the silence: presence may be believed at once, absence may not. */
export const FIRST_LOOK_MS = 2_000;

const NEXT: Record<OrderState, readonly OrderState[]> = {
  INTENT: ["SENDING"],
  SENDING: ["ACKED", "UNKNOWN", "REFUSED"],
  UNKNOWN: ["ACKED", "PARTIAL", "FILLED", "CANCELED", "REFUSED"],
  ACKED: ["PARTIAL", "FILLED", "CANCELED", "REFUSED"],
  PARTIAL: ["PARTIAL", "FILLED", "CANCELED"],
  REFUSED: [],
  FILLED: [],
  CANCELED: [],
};

export const isTerminal = (order: OrderRecord): boolean => TERMINAL_ORDER_STATES.includes(order.state);

async function advance(
  deps: Deps,
  item: Item<OrderRecord>,
  change: Partial<OrderRecord>,
): Promise<Item<OrderRecord>> {
  const to = change.state ?? item.value.state;
  if (to !== item.value.state && !NEXT[item.value.state].includes(to))
    throw new Error(`order ${item.value.clientOrderId} cannot go from ${item.value.state} to ${to}`);
  await deps.store.transact([replace(item, change)]);
  return { ...item, version: item.version + 1, value: { ...item.value, ...change } };
}

/** There is no lookup by client id on this venue: open orders first, then history. */
async function findOrder(deps: Deps, order: OrderRecord): Promise<VenueOrder | undefined> {
  const { venue, config } = deps;
  const same = (candidate: VenueOrder) => candidate.clientOrderId === order.clientOrderId;
  const open = (await venue.openOrders(config.symbol)).find(same);
  return (
    open ??
    (
      await venue.orderHistory(config.symbol, (order.sentAtMs ?? deps.clock.nowMs()) - config.unknownGraceMs)
    ).find(same)
  );
}

/** Moves an order as far as the venue's answers allow. `send` is the one call that may create it. */
export async function driveOrder(
  deps: Deps,
  item: Item<OrderRecord>,
  send: () => Promise<{ orderId: string }>,
): Promise<Item<OrderRecord>> {
  let at = item;
  if (at.value.state === "INTENT") {
    at = await advance(deps, at, { state: "SENDING", sentAtMs: deps.clock.nowMs(), fence: deps.fence() });
    at = await sendIt(deps, at, send);
  } else if (at.value.state === "SENDING") {
    at = await afterCrash(deps, at, send);
  } else if (at.value.state === "UNKNOWN") {
    at = await sweep(deps, at);
  }
  if (at.value.state === "ACKED" || at.value.state === "PARTIAL") at = await readBack(deps, at);
  return at;
}

async function sendIt(
  deps: Deps,
  item: Item<OrderRecord>,
  send: () => Promise<{ orderId: string }>,
): Promise<Item<OrderRecord>> {
  try {
    const { orderId } = await send();
    return await advance(deps, item, { state: "ACKED", orderId });
  } catch (error) {
    if (error instanceof Refused) {
      // A refusal of a repeated id is the proof that the first request was accepted.
      const found = await findOrder(deps, item.value);
      if (found) return advance(deps, item, { state: "ACKED", orderId: found.orderId });
      // That order may not show yet; only the refusal of a single request says that there is none.
      const state = item.value.resentAtMs === undefined ? "REFUSED" : "UNKNOWN";
      return advance(deps, item, { state, reason: messageOf(error) });
    }
    if (error instanceof UnknownOutcome)
      return advance(deps, item, { state: "UNKNOWN", reason: messageOf(error) });
    throw error;
  }
}

/** SENDING left by an earlier life of the engine: adopt the order if it is there; repeat only where a repeat cannot double. */
async function afterCrash(
  deps: Deps,
  item: Item<OrderRecord>,
  send: () => Promise<{ orderId: string }>,
): Promise<Item<OrderRecord>> {
  const found = await findOrder(deps, item.value);
  if (found) return advance(deps, item, { state: "ACKED", orderId: found.orderId });
  if (deps.config.venueRejectsDuplicates)
    return sendIt(deps, await advance(deps, item, { resentAtMs: deps.clock.nowMs() }), send);
  return advance(deps, item, {
    state: "UNKNOWN",
    reason: "the engine stopped while the order was being sent",
  });
}

/** When the newest request for this order was signed: it may be accepted as long as that one is valid. */
const signedAtMs = (order: OrderRecord, nowMs: number): number => order.resentAtMs ?? order.sentAtMs ?? nowMs;

/** A position or an opening fill is a trace of the entry even while no list shows the order. */
async function hasTraded({ venue, config, clock }: Deps, order: OrderRecord): Promise<boolean> {
  if ((await venue.positions(config.symbol)).some((held) => held.side === order.side && held.qtyE8 > 0n))
    return true;
  const opening = order.side === "LONG" ? "BUY" : "SELL";
  const fromMs = (order.sentAtMs ?? clock.nowMs()) - config.maxClockSkewMs;
  const fills = await venue.fills(config.symbol, fromMs);
  return fills.some((fill) => fill.positionSide === order.side && fill.side === opening);
}

async function sweep(deps: Deps, item: Item<OrderRecord>): Promise<Item<OrderRecord>> {
  const found = await findOrder(deps, item.value);
  if (found) return advance(deps, item, { state: "ACKED", orderId: found.orderId });
  const nowMs = deps.clock.nowMs();
  if (nowMs < signedAtMs(item.value, nowMs) + deps.config.unknownGraceMs) return item;
  if (item.value.leg === "entry" && (await hasTraded(deps, item.value))) return item;
  const sweeps = item.value.sweeps + 1;
  if (sweeps >= SWEEPS_FOR_ABSENCE)
    return advance(deps, item, {
      state: "REFUSED",
      sweeps,
      reason: "never accepted: absent in two late sweeps",
    });
  return advance(deps, item, { sweeps, firstSweepAtMs: nowMs });
}

async function readBack(deps: Deps, item: Item<OrderRecord>): Promise<Item<OrderRecord>> {
  const found = await findOrder(deps, item.value);
  if (!found) return item;
  const filled = { filledQtyE8: found.filledQtyE8, orderId: found.orderId };
  if (found.state === "FILLED") return advance(deps, item, { state: "FILLED", ...filled });
  if (found.state === "CANCELED") return advance(deps, item, { state: "CANCELED", ...filled });
  if (found.state === "REFUSED")
    return advance(deps, item, { state: "REFUSED", reason: "refused by the venue after acceptance" });
  if (found.filledQtyE8 > 0n) return advance(deps, item, { state: "PARTIAL", ...filled });
  return item;
}

/** When to look again at an order whose fate is not known yet. */
export function lookAgainMs(deps: Deps, order: OrderRecord): number {
  const nowMs = deps.clock.nowMs();
  if (order.state !== "UNKNOWN") return nowMs + FIRST_LOOK_MS;
  const graceMs = signedAtMs(order, nowMs) + deps.config.unknownGraceMs;
  if (order.sweeps > 0) return Math.max(nowMs, (order.firstSweepAtMs ?? nowMs) + SWEEP_SPACING_MS);
  return nowMs < graceMs - SWEEP_SPACING_MS
    ? Math.min(nowMs + FIRST_LOOK_MS * 4, graceMs)
    : Math.max(graceMs, nowMs + 1);
}

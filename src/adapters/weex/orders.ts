/** The venue's order rows in our own terms. States of the venue never leave this file. */
import type { z } from "zod";
import { UnknownOutcome } from "../../errors/errors.ts";
import type { VenueAlgoOrder, VenueOrder, VenueOrderState } from "../../ports/venue.ts";
import type { algoOrdersReply, ordersReply } from "./schemas.ts";

/** Partly filled orders are live; a cancelled order may have fills; an expired one has ended like a cancelled one. */
const STATES: Record<string, VenueOrderState> = {
  NEW: "LIVE",
  PENDING: "LIVE",
  UNTRIGGERED: "LIVE",
  CANCELING: "LIVE",
  PARTIALLY_FILLED: "LIVE",
  PARTIAL_FILL: "LIVE",
  FILLED: "FILLED",
  FULL_FILL: "FILLED",
  CANCELED: "CANCELED",
  CANCELLED: "CANCELED",
  EXPIRED: "CANCELED",
  REJECTED: "REFUSED",
};

/** @throws UnknownOutcome for a word we do not know: guessing could lose a live order. */
export function orderState(word: string): VenueOrderState {
  const state = Object.hasOwn(STATES, word.toUpperCase()) ? STATES[word.toUpperCase()] : undefined;
  if (!state)
    throw new UnknownOutcome(
      "weex.orderState",
      `WEEX reports an order state "${word.slice(0, 30)}" that is not known`,
    );
  return state;
}

type OrderRow = z.output<typeof ordersReply>[number];
type AlgoRow = z.output<typeof algoOrdersReply>[number];

/**
 * The history also lists stops and targets that have ended. They are no orders of their own: what a triggered one
 * became is listed apart, with its fills.
 */
export const isEndedConditional = (row: OrderRow): boolean =>
  /^(STOP|TAKE_PROFIT)/.test(row.type) && row.executedQty === 0n;

export const toOrder = (row: OrderRow): VenueOrder => ({
  orderId: row.orderId,
  clientOrderId: row.clientOrderId,
  symbol: row.symbol,
  state: orderState(row.status),
  side: row.side,
  // History rows may lack the flag; selling a long or buying a short can only close.
  reduceOnly: row.reduceOnly === true || (row.side === "SELL") === (row.positionSide === "LONG"),
  qtyE8: row.origQty,
  filledQtyE8: row.executedQty,
  createdAtMs: row.time,
  updatedAtMs: row.updateTime,
});

const algoKind = (orderType: string): VenueAlgoOrder["kind"] => {
  if (orderType.startsWith("STOP")) return "STOP";
  return orderType.startsWith("TAKE_PROFIT") ? "TARGET" : "OTHER";
};

export const toAlgoOrder = (row: AlgoRow): VenueAlgoOrder => ({
  algoId: row.algoId,
  clientAlgoId: row.clientAlgoId,
  symbol: row.symbol,
  kind: algoKind(row.orderType),
  triggerE8: row.triggerPrice,
  qtyE8: row.quantity,
});

/** Bookkeeping of the paper account: fills into positions and cash, bars and funding into events. */
import { type Candle, MINUTE_MS } from "../../domain/candle.ts";
import type { FundingPoint } from "../../domain/evidence.ts";
import { quoteE8 } from "../../domain/money.ts";
import type { Side } from "../../domain/prediction.ts";
import type { MarketRules, VenueOrder } from "../../ports/venue.ts";
import { feeOf, fundingCash, type SweptLevel, type Trigger, triggerInBar } from "./paper-fills.ts";
import { keep, nextId, type PaperPosition, type PaperState } from "./paper-state.ts";

export type OrderDraft = {
  clientOrderId: string;
  symbol: string;
  positionSide: Side;
  closes: boolean;
  qtyE8: bigint;
  atMs: number;
};

/** Records an order with its fills; what was not filled is cancelled at once (IOC). */
export function bookOrder(state: PaperState, draft: OrderDraft, levels: readonly SweptLevel[]): VenueOrder {
  const filledQtyE8 = levels.reduce((sum, level) => sum + level.qtyE8, 0n);
  const order: VenueOrder = {
    orderId: nextId(state),
    clientOrderId: draft.clientOrderId,
    symbol: draft.symbol,
    state: filledQtyE8 === draft.qtyE8 ? "FILLED" : "CANCELED",
    side: (draft.positionSide === "LONG") === draft.closes ? "SELL" : "BUY",
    reduceOnly: draft.closes,
    qtyE8: draft.qtyE8,
    filledQtyE8,
    createdAtMs: draft.atMs,
    updatedAtMs: draft.atMs,
  };
  keep(state.orders, order);
  for (const level of levels) {
    keep(state.fills, {
      fillId: nextId(state),
      orderId: order.orderId,
      symbol: draft.symbol,
      side: order.side,
      positionSide: draft.positionSide,
      ...level,
      timeMs: draft.atMs,
    });
    if (draft.closes) closePart(state, draft.symbol, level);
    state.balanceE8 -= level.feeE8;
  }
  return order;
}

/** Profit of the closed part; the last part takes what is left of the cost, so no unit is lost. */
function closePart(state: PaperState, symbol: string, level: SweptLevel): void {
  const position = state.positions.find((candidate) => candidate.symbol === symbol);
  if (!position) return;
  const cost =
    level.qtyE8 === position.qtyE8
      ? position.openQuoteE8
      : (position.openQuoteE8 * level.qtyE8) / position.qtyE8;
  state.balanceE8 += position.side === "LONG" ? level.quoteE8 - cost : cost - level.quoteE8;
  position.qtyE8 -= level.qtyE8;
  position.openQuoteE8 -= cost;
  if (position.qtyE8 === 0n) state.positions = state.positions.filter((candidate) => candidate !== position);
}

/** Closes a position at its trigger's price with the taker's fee, as the venue's market order would. */
export function bookTrigger(
  state: PaperState,
  position: PaperPosition,
  trigger: Trigger,
  rules: MarketRules,
  atMs: number,
): void {
  const quote = quoteE8(trigger.priceE8, position.qtyE8);
  const level = {
    priceE8: trigger.priceE8,
    qtyE8: position.qtyE8,
    quoteE8: quote,
    feeE8: feeOf(quote, rules.takerFeeE8),
  };
  const clientOrderId = `paper-${trigger.kind.toLowerCase()}-${state.lastId + 1}`;
  const { symbol, side: positionSide, qtyE8 } = position;
  bookOrder(state, { clientOrderId, symbol, positionSide, closes: true, qtyE8, atMs }, [level]);
}

/**
 * Plays closed bars and settled funding in time order until a trigger closes the position. Funding is charged on
 * the open of the bar in which it settles.
 */
export function playBars(
  state: PaperState,
  position: PaperPosition,
  bars: readonly Candle[],
  funding: readonly FundingPoint[],
  rules: MarketRules,
): void {
  for (const bar of bars) {
    const closeMs = bar.openTimeMs + MINUTE_MS;
    for (const point of funding) {
      const isDue = point.fundingTimeMs > position.fundedToMs && point.fundingTimeMs < closeMs;
      if (!isDue) continue;
      position.fundedToMs = point.fundingTimeMs;
      const amountE8 = fundingCash(position.side, position.qtyE8, bar.openE8, point.rateE12);
      state.balanceE8 += amountE8;
      const row = {
        kind: "FUNDING" as const,
        symbol: position.symbol,
        amountE8,
        timeMs: point.fundingTimeMs,
      };
      keep(state.income, { incomeId: nextId(state), ...row });
    }
    position.barsToMs = closeMs;
    const isEntryBar = bar.openTimeMs < position.openedAtMs;
    const trigger = triggerInBar(position, bar, isEntryBar, rules.tickE8);
    if (!trigger) continue;
    bookTrigger(state, position, trigger, rules, closeMs);
    return;
  }
}

// Price-time matching: takers against the venue's levels and resting orders, and resting orders against a moved
// book and the flow of a tick. At one price the venue's own size stands first, then orders by time.

import type { TradePrint } from "../market/market-feed.ts";
import { createProtections } from "./algo-orders.ts";
import type { Exchange } from "./exchange.ts";
import type { Market } from "./market.ts";
import type { Order, Side } from "./records.ts";
import { bookFill } from "./settlement.ts";

/** Matches a new order as taker; what is left stays unfilled for the caller to rest or cancel. */
export function matchTaker(exchange: Exchange, market: Market, taker: Order): "done" | "self-trade" {
  const opposite: Side = taker.side === "BUY" ? "SELL" : "BUY";
  const sign = taker.side === "BUY" ? 1 : -1;
  const levels = market.book.levels(opposite);
  const resting = market.book.resting(opposite);
  while (taker.filledLots < taker.lots) {
    const level = levels[0];
    const maker = resting[0];
    if (level === undefined && maker === undefined) break;
    const useLevel =
      level !== undefined && (maker === undefined || sign * (level.ticks - maker.priceTicks) <= 0);
    const ticks = useLevel ? level.ticks : maker!.priceTicks;
    if (taker.type === "LIMIT" && sign * (ticks - taker.priceTicks) > 0) break;
    const wanted = taker.lots - taker.filledLots;
    if (useLevel) {
      const lots = Math.min(wanted, level.lots);
      level.lots -= lots;
      if (level.lots === 0) levels.shift();
      fill(exchange, market, taker, ticks, lots, false);
      continue;
    }
    if (maker!.uid === taker.uid) return "self-trade";
    const lots = Math.min(wanted, maker!.lots - maker!.filledLots);
    fill(exchange, market, maker!, ticks, lots, true);
    fill(exchange, market, taker, ticks, lots, false);
  }
  return "done";
}

/** Resting orders that the rebuilt book crosses: the venue's side is the taker, so they get their own limit. */
export function fillCrossedOrders(exchange: Exchange, market: Market): void {
  for (const side of ["BUY", "SELL"] as const) {
    const sign = side === "BUY" ? 1 : -1;
    const levels = market.book.levels(side === "BUY" ? "SELL" : "BUY");
    const queue = market.book.resting(side);
    while (queue.length > 0 && levels.length > 0) {
      const order = queue[0]!;
      const level = levels[0]!;
      if (sign * (order.priceTicks - level.ticks) < 0) break;
      const lots = Math.min(level.lots, order.lots - order.filledLots);
      level.lots -= lots;
      if (level.lots === 0) levels.shift();
      fill(exchange, market, order, order.priceTicks, lots, true);
    }
  }
}

/** The tick's takers reach the touch: orders inside it first, then those behind the venue's size at that price. */
export function fillAgainstFlow(exchange: Exchange, market: Market, trades: readonly TradePrint[]): void {
  for (const side of ["BUY", "SELL"] as const) {
    const queue = market.book.resting(side);
    if (queue.length === 0) continue;
    const sign = side === "BUY" ? 1 : -1;
    const touch = market.book.levels(side)[0];
    let flow = 0;
    for (const trade of trades) if (trade.buyerIsMaker === (side === "BUY")) flow += trade.lots;
    let passedTouch = false;
    while (queue.length > 0 && flow > 0) {
      const order = queue[0]!;
      const inside = touch === undefined ? 1 : sign * (order.priceTicks - touch.ticks);
      if (inside < 0) break;
      if (inside === 0 && !passedTouch) {
        flow -= touch!.lots;
        passedTouch = true;
        continue;
      }
      const lots = Math.min(flow, order.lots - order.filledLots);
      flow -= lots;
      fill(exchange, market, order, order.priceTicks, lots, true);
    }
  }
}

function fill(
  exchange: Exchange,
  market: Market,
  order: Order,
  ticks: number,
  lots: number,
  maker: boolean,
): void {
  bookFill(exchange, market, order, ticks, lots, maker);
  if (order.status === "FILLED") {
    market.book.remove(order);
    exchange.account(order.uid).openOrders.delete(order.id);
  }
  createProtections(exchange, market, order, lots);
  exchange.out?.orderChanged(exchange.account(order.uid), order);
}

// Accepting an order: the contract's rules, the account's means, then matching and what its time in force says.

import { type Account, MAX_OPEN_ORDERS } from "./account.ts";
import type { Exchange } from "./exchange.ts";
import { marginOf, openingCostE8 } from "./margin.ts";
import type { Market } from "./market.ts";
import { matchTaker } from "./matching.ts";
import { cancelOrder, newOrder, type OrderDraft } from "./order-life.ts";
import { type Order, opensPosition, Refusal } from "./records.ts";

export function submitOrder(exchange: Exchange, account: Account, market: Market, draft: OrderDraft): Order {
  if (account.clientIds.has(draft.clientOrderId) && !exchange.settings.acceptDuplicates) {
    throw new Refusal(-1142, "PARAM_ERROR: newClientOrderId was used before (duplicate)");
  }
  if (account.openOrders.size >= MAX_OPEN_ORDERS) {
    throw new Refusal(-1054, `FAILED_PRECONDITION: more than ${MAX_OPEN_ORDERS} open orders`);
  }
  checkSize(market, draft);
  checkPrice(market, draft);
  if (opensPosition(draft.side, draft.positionSide)) checkOpening(exchange, account, market, draft);
  else checkClosing(account, draft);
  const order = newOrder(exchange, account, draft);
  exchange.out?.orderChanged(account, order);
  executeOrder(exchange, account, market, order);
  exchange.publishBook(market);
  exchange.out?.flush();
  return order;
}

/** Matches an order that has been accepted, then rests or cancels what is left. */
export function executeOrder(exchange: Exchange, account: Account, market: Market, order: Order): void {
  account.openOrders.set(order.id, order);
  const limit = order.type === "LIMIT" ? order.priceTicks : undefined;
  const obtainable = market.book.obtainable(order.side, limit, order.uid).lots;
  if (order.timeInForce === "POST_ONLY" && crosses(market, order)) {
    cancelOrder(exchange, order, "POST_ONLY_WOULD_TAKE");
    return;
  }
  if (order.timeInForce === "FOK" && obtainable < order.lots) {
    cancelOrder(exchange, order, "FOK_NOT_FILLABLE");
    return;
  }
  const outcome = matchTaker(exchange, market, order);
  if (order.status !== "NEW") return;
  if (outcome === "self-trade") cancelOrder(exchange, order, "SELF_TRADE");
  else if (order.type === "MARKET" || order.timeInForce === "IOC")
    cancelOrder(exchange, order, "IOC_REMAINDER");
  else market.book.rest(order);
}

function crosses(market: Market, order: Order): boolean {
  const opposite = market.book.best(order.side === "BUY" ? "SELL" : "BUY");
  if (opposite === undefined) return false;
  return order.side === "BUY" ? order.priceTicks >= opposite : order.priceTicks <= opposite;
}

function checkSize(market: Market, draft: OrderDraft): void {
  const { minLots, maxLots, marketOpenMaxLots } = market.spec;
  if (draft.lots < minLots) throw new Refusal(-1142, "PARAM_ERROR: quantity is below the minimum order size");
  const opens = opensPosition(draft.side, draft.positionSide);
  if (draft.lots > maxLots || (draft.type === "MARKET" && opens && draft.lots > marketOpenMaxLots)) {
    throw new Refusal(-3007, "Maximum contract order quantity exceeded");
  }
}

function checkPrice(market: Market, draft: OrderDraft): void {
  if (draft.type === "LIMIT" && !market.withinBand(draft.side, draft.priceTicks)) {
    throw new Refusal(-1142, "PARAM_ERROR: price is outside the limit price band");
  }
  const reference = draft.type === "LIMIT" ? draft.priceTicks : market.last;
  const sign = draft.positionSide === "LONG" ? 1 : -1;
  if (draft.stopLoss !== undefined && sign * (reference - draft.stopLoss.triggerTicks) <= 0) {
    throw new Refusal(-1142, "PARAM_ERROR: slTriggerPrice is on the wrong side of the price");
  }
  if (draft.takeProfit !== undefined && sign * (draft.takeProfit.triggerTicks - reference) <= 0) {
    throw new Refusal(-1142, "PARAM_ERROR: tpTriggerPrice is on the wrong side of the price");
  }
}

export function checkOpening(exchange: Exchange, account: Account, market: Market, draft: OrderDraft): void {
  let held = account.position(draft.symbol, draft.positionSide)?.lots ?? 0;
  for (const order of account.openOrders.values()) {
    if (!order.closes && order.symbol === draft.symbol && order.positionSide === draft.positionSide) {
      held += order.lots - order.filledLots;
    }
  }
  if (held + draft.lots > market.spec.maxPositionLots) {
    throw new Refusal(
      -1054,
      "FAILED_PRECONDITION: position may exceed its maximum size, open orders counted",
    );
  }
  const leverage = account.leverageOf(draft.symbol).cross;
  const quoteE8 =
    draft.type === "LIMIT" ? market.quoteE8(draft.priceTicks, draft.lots) : walkedQuoteE8(market, draft);
  const costE8 = openingCostE8(quoteE8, leverage, market.spec.takerFeePpm);
  if (costE8 > marginOf(exchange, account).availableE8) {
    throw new Refusal(-1054, "FAILED_PRECONDITION: available amount not enough");
  }
}

/** What a market order would pay at most, by walking the book. */
function walkedQuoteE8(market: Market, draft: OrderDraft): bigint {
  let left = draft.lots;
  let quoteE8 = 0n;
  const book = market.book.visible();
  for (const level of draft.side === "BUY" ? book.asks : book.bids) {
    const lots = Math.min(left, level.lots);
    quoteE8 += market.quoteE8(level.ticks, lots);
    left -= lots;
    if (left === 0) break;
  }
  return quoteE8;
}

function checkClosing(account: Account, draft: OrderDraft): void {
  if (draft.lots > account.closableLots(draft.symbol, draft.positionSide)) {
    throw new Refusal(-1054, "FAILED_PRECONDITION: position available size not enough to close");
  }
  if (draft.stopLoss !== undefined || draft.takeProfit !== undefined) {
    throw new Refusal(-1128, "INVALID_PARAM_COMBINATION: a closing order takes no stop or target");
  }
}

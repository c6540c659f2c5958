// The birth and end of orders, apart from matching.

import type { Account } from "./account.ts";
import type { Exchange } from "./exchange.ts";
import { type AlgoOrder, type Order, opensPosition, type Protection } from "./records.ts";

export type OrderDraft = Pick<
  Order,
  | "symbol"
  | "clientOrderId"
  | "side"
  | "positionSide"
  | "type"
  | "timeInForce"
  | "priceTicks"
  | "lots"
  | "source"
> & { takeProfit?: Protection | undefined; stopLoss?: Protection | undefined; parentOrderId?: bigint };

export function newOrder(exchange: Exchange, account: Account, draft: OrderDraft): Order {
  const order: Order = {
    ...draft,
    id: exchange.nextId(),
    uid: account.uid,
    closes: !opensPosition(draft.side, draft.positionSide),
    leverage: account.leverageOf(draft.symbol).cross,
    takeProfit: draft.takeProfit,
    stopLoss: draft.stopLoss,
    parentOrderId: draft.parentOrderId ?? 0n,
    createdMs: exchange.nowMs,
    updatedMs: exchange.nowMs,
    status: "NEW",
    cancelReason: "UNKNOWN_ORDER_CANCEL_REASON",
    filledLots: 0,
    cumQuoteE8: 0n,
    cumFeeE8: 0n,
    cumRealizedE8: 0n,
    lastFillTicks: 0,
    maxFillTicks: 0,
    minFillTicks: 0,
    protections: [],
  };
  account.keepOrder(order);
  return order;
}

export function cancelOrder(exchange: Exchange, order: Order, reason: string): void {
  const account = exchange.account(order.uid);
  exchange.markets.get(order.symbol)!.book.remove(order);
  account.openOrders.delete(order.id);
  order.status = "CANCELED";
  order.cancelReason = reason;
  order.updatedMs = exchange.nowMs;
  exchange.out?.orderChanged(account, order);
}

export function cancelAlgo(exchange: Exchange, algo: AlgoOrder): void {
  const account = exchange.account(algo.uid);
  account.openAlgos.delete(algo.id);
  algo.status = "CANCELED";
  algo.updatedMs = exchange.nowMs;
  exchange.out?.algoChanged(account, algo);
}

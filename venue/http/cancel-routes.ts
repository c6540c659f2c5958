// Cancelling orders and closing positions.

import { z } from "zod";
import { submitOrder } from "../engine/order-entry.ts";
import { cancelAlgo, cancelOrder } from "../engine/order-life.ts";
import { type Order, Refusal } from "../engine/records.ts";
import * as inputs from "./inputs.ts";
import type { Json } from "./json.ts";
import { accountOf, marketOf, marketsOf, type RequestContext, type Routes, route } from "./routes.ts";

const MAX_BATCH = 10;

export const cancelRoutes: Routes = {
  "DELETE /capi/v3/order": route(
    1,
    "trade",
    z.strictObject({ orderId: inputs.id.optional(), origClientOrderId: z.string().optional() }),
    (c, q) => {
      if (q.orderId === undefined && q.origClientOrderId === undefined) {
        throw new Refusal(-1140, "PARAM_VALIDATE_ERROR: either orderId or origClientOrderId must be sent");
      }
      const order = cancelOne(c, q.orderId ?? q.origClientOrderId!);
      return cancelAck(order.id, order.clientOrderId);
    },
  ),
  "DELETE /capi/v3/algoOrder": route(1, "trade", z.strictObject({ orderId: inputs.id }), (c, q) => {
    const algo = accountOf(c).openAlgos.get(q.orderId);
    if (algo === undefined) throw new Refusal(-3200, "Order does not exist");
    cancelAlgo(c.exchange, algo);
    c.exchange.out?.flush();
    return cancelAck(algo.id, "");
  }),
  "DELETE /capi/v3/allOpenOrders": route(5, "trade", inputs.optionalSymbol, (c, q) => {
    const markets = new Set(marketsOf(c, q.symbol).map((market) => market.spec.symbol));
    const orders = [...accountOf(c).openOrders.values()].filter((order) => markets.has(order.symbol));
    for (const order of orders) cancelOrder(c.exchange, order, "USER_CANCEL");
    publish(c, orders);
    return orders.map((order) => ({ orderId: order.id, success: true, errorCode: "", errorMessage: "" }));
  }),
  "DELETE /capi/v3/algoOpenOrders": route(5, "trade", inputs.optionalSymbol, (c, q) => {
    const markets = new Set(marketsOf(c, q.symbol).map((market) => market.spec.symbol));
    const algos = [...accountOf(c).openAlgos.values()].filter((algo) => markets.has(algo.symbol));
    for (const algo of algos) cancelAlgo(c.exchange, algo);
    c.exchange.out?.flush();
    return algos.map((algo) => ({ orderId: algo.id, success: true, errorCode: "", errorMessage: "" }));
  }),
  "DELETE /capi/v3/batchOrders": route(
    5,
    "trade",
    z.strictObject({
      orderIdList: z.array(inputs.id).max(MAX_BATCH).optional(),
      origClientOrderIdList: z.array(z.string()).max(MAX_BATCH).optional(),
    }),
    (c, q) => ({
      orderList: [...(q.orderIdList ?? []), ...(q.origClientOrderIdList ?? [])].map((key) =>
        tryCancel(c, key),
      ),
    }),
  ),
  "POST /capi/v3/closePositions": route(
    40,
    "trade",
    z.strictObject({ symbol: inputs.symbol.optional(), positionId: inputs.id.optional() }),
    (c, q) => closePositions(c, q),
  ),
};

function cancelAck(id: bigint, origClientOrderId: string): Json {
  return { orderId: id.toString(), origClientOrderId, success: true, errorCode: "", errorMessage: "" };
}

function cancelOne(c: RequestContext, key: bigint | string): Order {
  const account = accountOf(c);
  const id = typeof key === "bigint" ? key : account.clientIds.get(key);
  const order = id === undefined ? undefined : account.openOrders.get(id);
  if (order === undefined) throw new Refusal(-3200, "Order does not exist");
  cancelOrder(c.exchange, order, "USER_CANCEL");
  publish(c, [order]);
  return order;
}

function tryCancel(c: RequestContext, key: bigint | string): Json {
  try {
    return { orderId: cancelOne(c, key).id, success: true, errorCode: "", errorMessage: "" };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const orderId = typeof key === "bigint" ? key : 0n;
    return { orderId, success: false, errorCode: "FAILED_ORDER_NOT_FOUND", errorMessage: error.message };
  }
}

function publish(c: RequestContext, orders: readonly Order[]): void {
  for (const symbol of new Set(orders.map((order) => order.symbol)))
    c.exchange.publishBook(c.exchange.markets.get(symbol)!);
  c.exchange.out?.flush();
}

function closePositions(
  c: RequestContext,
  q: { symbol?: string | undefined; positionId?: bigint | undefined },
): Json {
  const account = accountOf(c);
  if (q.symbol !== undefined) marketOf(c, q.symbol);
  const wanted = [...account.positions.values()].filter(
    (position) =>
      (q.symbol === undefined || position.symbol === q.symbol) &&
      (q.positionId === undefined || position.id === q.positionId),
  );
  return wanted.map((position) => {
    const closing = [...account.openOrders.values()].filter(
      (order) => order.closes && order.symbol === position.symbol && order.positionSide === position.side,
    );
    for (const order of closing) cancelOrder(c.exchange, order, "CLOSE_POSITION");
    const order = submitOrder(c.exchange, account, c.exchange.markets.get(position.symbol)!, {
      symbol: position.symbol,
      clientOrderId: `close-${c.exchange.nextSequence()}`,
      side: position.side === "LONG" ? "SELL" : "BUY",
      positionSide: position.side,
      type: "MARKET",
      timeInForce: "IOC",
      priceTicks: 0,
      lots: position.lots,
      source: "API",
    });
    return { positionId: position.id, success: true, successOrderId: order.id, errorMessage: "" };
  });
}

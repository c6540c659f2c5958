// Placing orders.

import { z } from "zod";
import { MAX_OPEN_ALGO_ORDERS } from "../engine/account.ts";
import { newAlgo } from "../engine/algo-orders.ts";
import type { Market } from "../engine/market.ts";
import { submitOrder } from "../engine/order-entry.ts";
import { type Order, Refusal } from "../engine/records.ts";
import * as inputs from "./inputs.ts";
import type { Json } from "./json.ts";
import { accountOf, lotsOf, marketOf, type RequestContext, type Routes, route, ticksOf } from "./routes.ts";

const side = z.enum(["BUY", "SELL"]);
const positionSide = z.enum(["LONG", "SHORT"]);
const timeInForce = z.enum(["GTC", "IOC", "FOK", "POST_ONLY"]);

const orderInput = z.strictObject({
  symbol: inputs.symbol,
  side,
  positionSide,
  type: z.enum(["LIMIT", "MARKET"]),
  quantity: inputs.decimal,
  price: inputs.decimal.optional(),
  timeInForce: timeInForce.optional(),
  newClientOrderId: inputs.clientId,
  tpTriggerPrice: inputs.decimal.optional(),
  slTriggerPrice: inputs.decimal.optional(),
  TpWorkingType: inputs.workingType.optional(),
  SlWorkingType: inputs.workingType.optional(),
  // Undocumented, sent by ccxt. reduceOnly is honoured; postOnly is taken and ignored, as the exchange does.
  reduceOnly: z.boolean().optional(),
  postOnly: z.boolean().optional(),
});

const algoInput = z.strictObject({
  symbol: inputs.symbol,
  side,
  positionSide,
  type: z.enum(["STOP", "TAKE_PROFIT", "STOP_MARKET", "TAKE_PROFIT_MARKET"]),
  quantity: inputs.decimal,
  price: inputs.decimal.optional(),
  triggerPrice: inputs.decimal,
  clientAlgoId: inputs.clientId,
  timeInForce: timeInForce.optional(),
  presetTakeProfitPrice: inputs.decimal.optional(),
  presetStopLossPrice: inputs.decimal.optional(),
  tpTriggerPrice: inputs.decimal.optional(),
  slTriggerPrice: inputs.decimal.optional(),
  TpWorkingType: inputs.workingType.optional(),
  SlWorkingType: inputs.workingType.optional(),
  triggerPriceType: inputs.workingType.optional(),
  workingType: inputs.workingType.optional(),
  reduceOnly: z.boolean().optional(),
});

export const orderRoutes: Routes = {
  "POST /capi/v3/order": route(2, "trade", orderInput, (c, q) => {
    try {
      const order = place(c, q);
      return ack(order.id, order.clientOrderId);
    } catch (error) {
      if (!(error instanceof Refusal) || !c.exchange.settings.refusalInAck) throw error;
      return {
        orderId: "0",
        clientOrderId: q.newClientOrderId,
        success: false,
        errorCode: String(error.code),
        errorMessage: error.message,
      };
    }
  }),
  "POST /capi/v3/algoOrder": route(2, "trade", algoInput, (c, q) => {
    const market = marketOf(c, q.symbol);
    const isMarket = q.type.endsWith("_MARKET");
    if (!isMarket && q.price === undefined) throw new Refusal(-1141, "PARAM_EMPTY: price cannot be empty");
    const tp = q.presetTakeProfitPrice ?? q.tpTriggerPrice;
    const sl = q.presetStopLossPrice ?? q.slTriggerPrice;
    checkAlgoRoom(c, q.clientAlgoId);
    const algo = newAlgo(c.exchange, accountOf(c), {
      symbol: q.symbol,
      clientAlgoId: q.clientAlgoId,
      type: q.type,
      side: q.side,
      positionSide: q.positionSide,
      timeInForce: q.timeInForce ?? (isMarket ? "IOC" : "GTC"),
      wholePosition: false,
      triggerTicks: ticksOf(market.spec, q.triggerPrice, "triggerPrice"),
      priceTicks: isMarket ? 0 : ticksOf(market.spec, q.price!, "price"),
      workingType: q.workingType ?? q.triggerPriceType ?? "CONTRACT_PRICE",
      lots: checkedLots(market, q.quantity),
      takeProfit:
        tp === undefined ? undefined : protection(market, tp, q.TpWorkingType, "presetTakeProfitPrice"),
      stopLoss: sl === undefined ? undefined : protection(market, sl, q.SlWorkingType, "presetStopLossPrice"),
    });
    c.exchange.out?.flush();
    return ack(algo.id, algo.clientAlgoId);
  }),
  "POST /capi/v3/placeTpSlOrder": route(
    2,
    "trade",
    z.strictObject({
      symbol: inputs.symbol,
      clientAlgoId: inputs.clientId,
      planType: z.enum(["TAKE_PROFIT", "STOP_LOSS"]),
      triggerPrice: inputs.decimal,
      executePrice: inputs.decimal.optional(),
      quantity: inputs.decimal.optional(),
      positionSide,
      triggerPriceType: inputs.workingType.optional(),
    }),
    (c, q) => {
      const market = marketOf(c, q.symbol);
      const isMarket = q.executePrice === undefined || Number(q.executePrice) === 0;
      const isWhole = q.quantity === undefined || Number(q.quantity) === 0;
      if (accountOf(c).position(q.symbol, q.positionSide) === undefined) {
        throw new Refusal(-1054, "FAILED_PRECONDITION: there is no position to protect");
      }
      checkAlgoRoom(c, q.clientAlgoId);
      const stem = q.planType === "STOP_LOSS" ? "STOP" : "TAKE_PROFIT";
      const algo = newAlgo(c.exchange, accountOf(c), {
        symbol: q.symbol,
        clientAlgoId: q.clientAlgoId,
        type: isMarket ? `${stem}_MARKET` : stem,
        side: q.positionSide === "LONG" ? "SELL" : "BUY",
        positionSide: q.positionSide,
        timeInForce: isMarket ? "IOC" : "GTC",
        wholePosition: isWhole,
        triggerTicks: ticksOf(market.spec, q.triggerPrice, "triggerPrice"),
        priceTicks: isMarket ? 0 : ticksOf(market.spec, q.executePrice!, "executePrice"),
        workingType: q.triggerPriceType ?? "CONTRACT_PRICE",
        lots: isWhole ? 0 : checkedLots(market, q.quantity!),
      });
      c.exchange.out?.flush();
      return [{ success: true, orderId: algo.id, errorCode: "", errorMessage: "" }];
    },
  ),
  "POST /capi/v3/batchOrders": route(5, "trade", z.looseObject({}), () => {
    throw new Refusal(-1150, "REQUEST_METHOD_NOT_SUPPORTED: Request method not supported");
  }),
};

function place(c: RequestContext, q: z.infer<typeof orderInput>): Order {
  const market = marketOf(c, q.symbol);
  if (q.type === "LIMIT" && q.price === undefined)
    throw new Refusal(-1141, "PARAM_EMPTY: price cannot be empty");
  if (q.type === "LIMIT" && q.timeInForce === undefined) {
    throw new Refusal(-1141, "PARAM_EMPTY: timeInForce cannot be empty");
  }
  if (q.reduceOnly === true && (q.side === "BUY") === (q.positionSide === "LONG")) {
    throw new Refusal(-1128, "INVALID_PARAM_COMBINATION: reduceOnly with a side that opens");
  }
  const { tpTriggerPrice: tp, slTriggerPrice: sl } = q;
  return submitOrder(c.exchange, accountOf(c), market, {
    symbol: q.symbol,
    clientOrderId: q.newClientOrderId,
    side: q.side,
    positionSide: q.positionSide,
    type: q.type,
    timeInForce: q.type === "MARKET" ? "IOC" : q.timeInForce!,
    priceTicks: q.type === "MARKET" ? 0 : ticksOf(market.spec, q.price!, "price"),
    lots: lotsOf(market.spec, q.quantity, "quantity"),
    source: "API",
    takeProfit: tp === undefined ? undefined : protection(market, tp, q.TpWorkingType, "tpTriggerPrice"),
    stopLoss: sl === undefined ? undefined : protection(market, sl, q.SlWorkingType, "slTriggerPrice"),
  });
}

function protection(
  market: Market,
  price: string,
  type: "CONTRACT_PRICE" | "MARK_PRICE" | undefined,
  name: string,
) {
  return {
    triggerTicks: ticksOf(market.spec, price, name),
    workingType: type ?? ("CONTRACT_PRICE" as const),
  };
}

function checkedLots(market: Market, quantity: string): number {
  const lots = lotsOf(market.spec, quantity, "quantity");
  if (lots > market.spec.maxLots) throw new Refusal(-3007, "Maximum contract order quantity exceeded");
  return lots;
}

function checkAlgoRoom(c: RequestContext, clientAlgoId: string): void {
  const account = accountOf(c);
  if (account.clientAlgoIds.has(clientAlgoId) && !c.exchange.settings.acceptDuplicates) {
    throw new Refusal(-1142, "PARAM_ERROR: clientAlgoId was used before (duplicate)");
  }
  if (account.openAlgos.size >= MAX_OPEN_ALGO_ORDERS) {
    throw new Refusal(-1054, `FAILED_PRECONDITION: more than ${MAX_OPEN_ALGO_ORDERS} conditional orders`);
  }
}

function ack(id: bigint, clientOrderId: string): Json {
  return { orderId: id.toString(), clientOrderId, success: true, errorCode: "", errorMessage: "" };
}

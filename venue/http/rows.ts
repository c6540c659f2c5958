// Orders, algo orders, positions and fills as REST rows.

import type { Account } from "../engine/account.ts";
import type { Exchange } from "../engine/exchange.ts";
import { marginOf } from "../engine/margin.ts";
import type { Market } from "../engine/market.ts";
import type { AlgoOrder, Fill, Order, Position } from "../engine/records.ts";
import { unrealizedE8 } from "../engine/settlement.ts";
import { formatE8, formatUnits } from "../money/e8.ts";
import type { Json } from "./json.ts";

/** A live order's state as shown; the fault desk may name partly filled ones apart. */
export function shownStatus(order: Order, partialName: boolean): string {
  return partialName && order.status === "NEW" && order.filledLots > 0 ? "PARTIALLY_FILLED" : order.status;
}

/** Mean fill price to eight decimals; for show only, sums are exact. */
export function averagePrice(market: Market, order: Order): string {
  if (order.filledLots === 0) return "0";
  return formatE8((order.cumQuoteE8 * 100_000_000n) / market.qtyE8(order.filledLots));
}

export function orderRow(market: Market, order: Order, partialName: boolean): Json {
  const { pricePrecision: p, quantityPrecision: q } = market.spec;
  return {
    avgPrice: averagePrice(market, order),
    clientOrderId: order.clientOrderId,
    cumQuote: formatE8(order.cumQuoteE8),
    executedQty: formatUnits(order.filledLots, q),
    orderId: order.id,
    origQty: formatUnits(order.lots, q),
    price: order.type === "MARKET" ? "0.00000" : formatUnits(order.priceTicks, p),
    reduceOnly: order.closes,
    side: order.side,
    positionSide: order.positionSide,
    status: shownStatus(order, partialName),
    stopPrice: "0",
    symbol: order.symbol,
    time: order.createdMs,
    timeInForce: order.timeInForce,
    type: order.type,
    updateTime: order.updatedMs,
    workingType: "CONTRACT_PRICE",
  };
}

/** An ended algo order among the orders of the history. */
export function algoHistoryRow(market: Market, algo: AlgoOrder): Json {
  const { pricePrecision: p, quantityPrecision: q } = market.spec;
  return {
    avgPrice: "0",
    clientOrderId: algo.clientAlgoId,
    cumQuote: "0",
    executedQty: "0",
    orderId: algo.id,
    origQty: formatUnits(algo.lots, q),
    price: formatUnits(algo.priceTicks, p),
    reduceOnly: algo.closes,
    side: algo.side,
    positionSide: algo.positionSide,
    status: algo.status,
    stopPrice: formatUnits(algo.triggerTicks, p),
    symbol: algo.symbol,
    time: algo.createdMs,
    timeInForce: algo.timeInForce,
    type: algo.type,
    updateTime: algo.updatedMs,
    workingType: algo.workingType,
  };
}

export function algoRow(market: Market, algo: AlgoOrder): Json {
  const { pricePrecision: p, quantityPrecision: q } = market.spec;
  const price = (ticks: number | undefined) => (ticks ? formatUnits(ticks, p) : "0");
  return {
    algoId: algo.id,
    clientAlgoId: algo.clientAlgoId,
    algoType: "CONDITIONAL",
    orderType: algo.type,
    symbol: algo.symbol,
    side: algo.side,
    positionSide: algo.positionSide,
    timeInForce: algo.timeInForce,
    quantity: formatUnits(algo.lots, q),
    algoStatus: algo.status,
    actualOrderId: algo.actualOrderId ?? null,
    actualPrice: "0",
    triggerPrice: price(algo.triggerTicks),
    price: price(algo.priceTicks),
    tpTriggerPrice: price(algo.takeProfit?.triggerTicks),
    tpPrice: "0",
    slTriggerPrice: price(algo.stopLoss?.triggerTicks),
    slPrice: "0",
    tpOrderType: algo.takeProfit?.workingType ?? "CONTRACT_PRICE",
    workingType: algo.workingType,
    closePosition: algo.wholePosition,
    reduceOnly: algo.closes,
    createTime: algo.createdMs,
    updateTime: algo.updatedMs,
    triggerTime: algo.triggerMs,
  };
}

export function fillRow(market: Market, fill: Fill): Json {
  return {
    id: fill.id,
    orderId: fill.orderId,
    symbol: fill.symbol,
    buyer: fill.side === "BUY",
    commission: formatE8(fill.feeE8),
    commissionAsset: "USDT",
    maker: fill.maker,
    price: formatUnits(fill.ticks, market.spec.pricePrecision),
    qty: formatUnits(fill.lots, market.spec.quantityPrecision),
    quoteQty: formatE8(fill.quoteE8),
    realizedPnl: formatE8(fill.realizedE8),
    side: fill.side,
    positionSide: fill.positionSide,
    time: fill.tMs,
  };
}

export function positionRow(exchange: Exchange, account: Account, position: Position): Json {
  const market = exchange.markets.get(position.symbol)!;
  const size = (lots: number) => formatUnits(lots, market.spec.quantityPrecision);
  return {
    id: position.id,
    asset: "USDT",
    symbol: position.symbol,
    side: position.side,
    marginType: "CROSSED",
    separatedMode: "COMBINED",
    separatedOpenOrderId: 0,
    leverage: String(account.leverageOf(position.symbol).cross),
    size: size(position.lots),
    openValue: formatE8(position.openValueE8),
    openFee: formatE8(position.openFeeE8),
    fundingFee: formatE8(position.fundingE8),
    marginSize: formatE8(account.positionMarginE8(position)),
    isolatedMargin: "0",
    isAutoAppendIsolatedMargin: false,
    cumOpenSize: size(position.cumOpenLots),
    cumOpenValue: formatE8(position.cumOpenValueE8),
    cumOpenFee: formatE8(position.cumOpenFeeE8),
    cumCloseSize: size(position.cumCloseLots),
    cumCloseValue: formatE8(position.cumCloseValueE8),
    cumCloseFee: formatE8(position.cumCloseFeeE8),
    cumFundingFee: formatE8(position.fundingE8),
    cumLiquidateFee: "0",
    createdMatchSequenceId: position.createdSequence,
    updatedMatchSequenceId: position.updatedSequence,
    createdTime: position.createdMs,
    updatedTime: position.updatedMs,
    unrealizePnl: formatE8(unrealizedE8(market, position)),
    liquidatePrice: liquidationPrice(exchange, account, position, market),
  };
}

/** Mark price at which the account would be liquidated if only this market moved; "0" when there is none. */
function liquidationPrice(exchange: Exchange, account: Account, position: Position, market: Market): string {
  const margin = marginOf(exchange, account);
  const cushion = Number(margin.balanceE8 + margin.unrealizedE8 - margin.maintenanceE8);
  const perTick = Number(market.quoteE8(1, position.lots));
  const rate = 1 / (2 * market.spec.maxLeverage);
  const ticks =
    position.side === "LONG"
      ? market.mark - cushion / (perTick * (1 - rate))
      : market.mark + cushion / (perTick * (1 + rate));
  return ticks <= 0 ? "0" : formatUnits(Math.round(ticks), market.spec.pricePrecision);
}

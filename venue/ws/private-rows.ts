// Rows of private frames. Here every number, id and time is text.

import type { Account } from "../engine/account.ts";
import type { Market } from "../engine/market.ts";
import type { AlgoOrder, Fill, Order, Position } from "../engine/records.ts";
import type { Json } from "../http/json.ts";
import { shownStatus } from "../http/rows.ts";
import { formatE8, formatUnits } from "../money/e8.ts";

const MODES = { marginMode: "CROSSED", separatedMode: "COMBINED", separatedOpenOrderId: "0" };

export function orderFrameRow(market: Market, order: Order, partialName: boolean): Json {
  const { pricePrecision: p, quantityPrecision: q, takerFeePpm, makerFeePpm } = market.spec;
  const price = (ticks: number) => (ticks === 0 ? "0" : formatUnits(ticks, p));
  return {
    id: order.id.toString(),
    coin: "USDT",
    symbol: order.symbol,
    ...MODES,
    positionSide: order.positionSide,
    orderSide: order.side,
    price: price(order.priceTicks),
    size: formatUnits(order.lots, q),
    clientOrderId: order.clientOrderId,
    type: order.type,
    timeInForce: order.timeInForce,
    reduceOnly: order.closes,
    triggerPrice: "0",
    triggerPriceType: "CONTRACT_PRICE",
    orderSource: order.source,
    openTpslParentOrderId: order.parentOrderId.toString(),
    positionTpsl: order.parentOrderId !== 0n,
    setOpenTp: order.takeProfit !== undefined,
    setOpenSl: order.stopLoss !== undefined,
    leverage: String(order.leverage),
    takerFeeRate: formatE8(takerFeePpm * 100n),
    makerFeeRate: formatE8(makerFeePpm * 100n),
    feeDiscount: "1",
    liquidateFeeRate: "0",
    status: shownStatus(order, partialName),
    triggerTime: "0",
    triggerPriceTime: "0",
    triggerPriceValue: "0",
    cancelReason: order.cancelReason,
    latestFillPrice: price(order.lastFillTicks),
    maxFillPrice: price(order.maxFillTicks),
    minFillPrice: price(order.minFillTicks),
    cumFillSize: formatUnits(order.filledLots, q),
    cumFillValue: formatE8(order.cumQuoteE8),
    cumFillFee: formatE8(order.cumFeeE8),
    cumLiquidateFee: "0",
    cumRealizePnl: formatE8(order.cumRealizedE8),
    createdTime: String(order.createdMs),
    updatedTime: String(order.updatedMs),
  };
}

/** Conditional orders travel on the same channel, told apart by their type and state. */
export function algoFrameRow(market: Market, algo: AlgoOrder, leverage: number): Json {
  const { pricePrecision: p, quantityPrecision: q, takerFeePpm, makerFeePpm } = market.spec;
  return {
    id: algo.id.toString(),
    coin: "USDT",
    symbol: algo.symbol,
    ...MODES,
    positionSide: algo.positionSide,
    orderSide: algo.side,
    price: algo.priceTicks === 0 ? "0" : formatUnits(algo.priceTicks, p),
    size: formatUnits(algo.lots, q),
    clientOrderId: algo.clientAlgoId,
    type: algo.type,
    timeInForce: algo.timeInForce,
    reduceOnly: algo.closes,
    triggerPrice: formatUnits(algo.triggerTicks, p),
    triggerPriceType: algo.workingType,
    orderSource: "API",
    openTpslParentOrderId: algo.parentOrderId.toString(),
    positionTpsl: algo.wholePosition,
    setOpenTp: algo.takeProfit !== undefined,
    setOpenSl: algo.stopLoss !== undefined,
    leverage: String(leverage),
    takerFeeRate: formatE8(takerFeePpm * 100n),
    makerFeeRate: formatE8(makerFeePpm * 100n),
    feeDiscount: "1",
    liquidateFeeRate: "0",
    status: algo.status,
    triggerTime: String(algo.triggerMs),
    triggerPriceTime: String(algo.triggerMs),
    triggerPriceValue: "0",
    cancelReason: "UNKNOWN_ORDER_CANCEL_REASON",
    latestFillPrice: "0",
    maxFillPrice: "0",
    minFillPrice: "0",
    cumFillSize: "0",
    cumFillValue: "0",
    cumFillFee: "0",
    cumLiquidateFee: "0",
    cumRealizePnl: "0",
    createdTime: String(algo.createdMs),
    updatedTime: String(algo.updatedMs),
  };
}

export function fillFrameRow(market: Market, fill: Fill): Json {
  return {
    id: fill.id.toString(),
    coin: "USDT",
    symbol: fill.symbol,
    orderId: fill.orderId.toString(),
    ...MODES,
    positionSide: fill.positionSide,
    orderSide: fill.side,
    fillSize: formatUnits(fill.lots, market.spec.quantityPrecision),
    fillValue: formatE8(fill.quoteE8),
    fillFee: formatE8(fill.feeE8),
    liquidateFee: "0",
    realizePnl: formatE8(fill.realizedE8),
    direction: fill.maker ? "MAKER" : "TAKER",
    createdTime: String(fill.tMs),
    updatedTime: String(fill.tMs),
  };
}

export function positionFrameRow(market: Market, account: Account, position: Position): Json {
  const size = (lots: number) => (lots === 0 ? "0" : formatUnits(lots, market.spec.quantityPrecision));
  return {
    id: position.id.toString(),
    coin: "USDT",
    symbol: position.symbol,
    side: position.side,
    ...MODES,
    leverage: String(account.leverageOf(position.symbol).cross),
    size: size(position.lots),
    openValue: formatE8(position.openValueE8),
    openFee: formatE8(position.openFeeE8),
    fundingFee: formatE8(position.fundingE8),
    isolatedMargin: "0",
    autoAppendIsolatedMargin: false,
    cumOpenSize: size(position.cumOpenLots),
    cumOpenValue: formatE8(position.cumOpenValueE8),
    cumOpenFee: formatE8(position.cumOpenFeeE8),
    cumCloseSize: size(position.cumCloseLots),
    cumCloseValue: formatE8(position.cumCloseValueE8),
    cumCloseFee: formatE8(position.cumCloseFeeE8),
    cumFundingFee: formatE8(position.fundingE8),
    cumLiquidateFee: "0",
    createdMatchSequenceId: String(position.createdSequence),
    updatedMatchSequenceId: String(position.updatedSequence),
    createdTime: String(position.createdMs),
    updatedTime: String(position.updatedMs),
  };
}

export function balanceFrameRow(account: Account, startMs: number, nowMs: number): Json {
  const amount = formatE8(account.balanceE8);
  return {
    coin: "USDT",
    marginMode: "CROSSED",
    crossSymbol: "",
    isolatedPositionId: "0",
    amount,
    pendingDepositAmount: "0",
    pendingWithdrawAmount: "0",
    pendingTransferInAmount: "0",
    pendingTransferOutAmount: "0",
    liquidating: false,
    legacyAmount: amount,
    cumDepositAmount: formatE8(account.depositsE8),
    cumWithdrawAmount: formatE8(account.withdrawalsE8),
    cumTransferInAmount: "0",
    cumTransferOutAmount: "0",
    cumMarginMoveInAmount: "0",
    cumMarginMoveOutAmount: "0",
    cumPositionOpenLongAmount: "0",
    cumPositionOpenShortAmount: "0",
    cumPositionCloseLongAmount: "0",
    cumPositionCloseShortAmount: "0",
    cumPositionFillFeeAmount: formatE8(account.feesE8),
    cumPositionLiquidateFeeAmount: "0",
    cumPositionFundingAmount: formatE8(account.fundingE8),
    cumOrderFillFeeIncomeAmount: "0",
    cumOrderLiquidateFeeIncomeAmount: "0",
    createdTime: String(startMs),
    updatedTime: String(nowMs),
  };
}

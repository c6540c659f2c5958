// Turns one fill into money: fee, position, realised profit, income rows. Integers throughout.

import { ceilDiv } from "../money/e8.ts";
import type { Account } from "./account.ts";
import type { Exchange } from "./exchange.ts";
import type { Market } from "./market.ts";
import type { Fill, Order, Position } from "./records.ts";

const PPM = 1_000_000n;

export function bookFill(
  exchange: Exchange,
  market: Market,
  order: Order,
  ticks: number,
  lots: number,
  maker: boolean,
): void {
  const account = exchange.account(order.uid);
  const quoteE8 = market.quoteE8(ticks, lots);
  const feePpm = maker ? market.spec.makerFeePpm : market.spec.takerFeePpm;
  const feeE8 = ceilDiv(quoteE8 * feePpm, PPM);
  const position = order.closes
    ? account.position(order.symbol, order.positionSide)!
    : openOrFind(exchange, account, order);
  const realizedE8 = order.closes
    ? closeLots(position, lots, quoteE8, feeE8)
    : openLots(position, lots, quoteE8, feeE8);
  position.updatedMs = exchange.nowMs;
  position.updatedSequence = exchange.nextSequence();
  if (position.lots === 0) account.positions.delete(`${position.symbol}/${position.side}`);
  account.realizedE8 += realizedE8;
  account.feesE8 += feeE8;

  order.filledLots += lots;
  order.cumQuoteE8 += quoteE8;
  order.cumFeeE8 += feeE8;
  order.cumRealizedE8 += realizedE8;
  order.lastFillTicks = ticks;
  order.maxFillTicks = Math.max(order.maxFillTicks, ticks);
  order.minFillTicks = order.minFillTicks === 0 ? ticks : Math.min(order.minFillTicks, ticks);
  order.updatedMs = exchange.nowMs;
  if (order.filledLots === order.lots) order.status = "FILLED";

  const fill: Fill = {
    id: exchange.nextId(),
    orderId: order.id,
    clientOrderId: order.clientOrderId,
    symbol: order.symbol,
    side: order.side,
    positionSide: order.positionSide,
    ticks,
    lots,
    quoteE8,
    feeE8,
    realizedE8,
    maker,
    tMs: exchange.nowMs,
  };
  account.keepFill(fill);
  const type =
    `position_${order.closes ? "close" : "open"}_${order.positionSide === "LONG" ? "long" : "short"}` as const;
  account.keepIncome(exchange.nextId(), type, order.symbol, realizedE8 - feeE8, feeE8, exchange.nowMs);
  exchange.out?.filled(account, fill);
  exchange.out?.positionChanged(account, position, "OrderUpdate");
  exchange.out?.balanceChanged(account, "OrderUpdate");
}

/** Profit of a position at a price, signed. */
export function unrealizedE8(market: Market, position: Position): bigint {
  const valueE8 = market.quoteE8(market.mark, position.lots);
  return position.side === "LONG" ? valueE8 - position.openValueE8 : position.openValueE8 - valueE8;
}

function openOrFind(exchange: Exchange, account: Account, order: Order): Position {
  const key = `${order.symbol}/${order.positionSide}`;
  let position = account.positions.get(key);
  if (position === undefined) {
    const sequence = exchange.nextSequence();
    position = {
      id: exchange.nextId(),
      symbol: order.symbol,
      side: order.positionSide,
      createdMs: exchange.nowMs,
      createdSequence: sequence,
      updatedMs: exchange.nowMs,
      updatedSequence: sequence,
      lots: 0,
      openValueE8: 0n,
      openFeeE8: 0n,
      fundingE8: 0n,
      cumOpenLots: 0,
      cumOpenValueE8: 0n,
      cumOpenFeeE8: 0n,
      cumCloseLots: 0,
      cumCloseValueE8: 0n,
      cumCloseFeeE8: 0n,
    };
    account.positions.set(key, position);
  }
  return position;
}

function openLots(position: Position, lots: number, quoteE8: bigint, feeE8: bigint): bigint {
  position.lots += lots;
  position.openValueE8 += quoteE8;
  position.openFeeE8 += feeE8;
  position.cumOpenLots += lots;
  position.cumOpenValueE8 += quoteE8;
  position.cumOpenFeeE8 += feeE8;
  return 0n;
}

function closeLots(position: Position, lots: number, quoteE8: bigint, feeE8: bigint): bigint {
  if (lots > position.lots) throw new Error("a closing fill exceeds its position");
  // The share of the cost that leaves; the last lot takes whatever is left, so no unit is lost over a life.
  const costE8 =
    lots === position.lots
      ? position.openValueE8
      : (position.openValueE8 * BigInt(lots)) / BigInt(position.lots);
  const openFeeE8 =
    lots === position.lots ? position.openFeeE8 : (position.openFeeE8 * BigInt(lots)) / BigInt(position.lots);
  position.lots -= lots;
  position.openValueE8 -= costE8;
  position.openFeeE8 -= openFeeE8;
  position.cumCloseLots += lots;
  position.cumCloseValueE8 += quoteE8;
  position.cumCloseFeeE8 += feeE8;
  return position.side === "LONG" ? quoteE8 - costE8 : costE8 - quoteE8;
}

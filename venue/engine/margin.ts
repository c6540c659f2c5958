// Cross margin of an account: what it has, what is bound, what is free.

import { ceilDiv } from "../money/e8.ts";
import type { Account } from "./account.ts";
import type { Exchange } from "./exchange.ts";
import { unrealizedE8 } from "./settlement.ts";

export interface MarginFigures {
  readonly balanceE8: bigint;
  readonly unrealizedE8: bigint;
  readonly positionMarginE8: bigint;
  readonly frozenE8: bigint;
  readonly availableE8: bigint;
  readonly maintenanceE8: bigint;
}

export function marginOf(exchange: Exchange, account: Account): MarginFigures {
  let unrealized = 0n;
  let bound = 0n;
  let maintenance = 0n;
  for (const position of account.positions.values()) {
    const market = exchange.markets.get(position.symbol)!;
    unrealized += unrealizedE8(market, position);
    bound += account.positionMarginE8(position);
    // Maintenance rate: half of the smallest initial rate, 0.5 / maxLeverage.
    maintenance += ceilDiv(market.quoteE8(market.mark, position.lots), BigInt(2 * market.spec.maxLeverage));
  }
  let frozen = 0n;
  for (const order of account.openOrders.values()) {
    if (order.closes) continue;
    const market = exchange.markets.get(order.symbol)!;
    const quoteE8 = market.quoteE8(order.priceTicks, order.lots - order.filledLots);
    frozen += openingCostE8(quoteE8, order.leverage, market.spec.takerFeePpm);
  }
  const balance = account.balanceE8;
  const free = balance + unrealized - bound - frozen;
  return {
    balanceE8: balance,
    unrealizedE8: unrealized,
    positionMarginE8: bound,
    frozenE8: frozen,
    availableE8: free > 0n ? free : 0n,
    maintenanceE8: maintenance,
  };
}

/** Initial margin and the dearer fee. */
export function openingCostE8(quoteE8: bigint, leverage: number, takerFeePpm: bigint): bigint {
  return ceilDiv(quoteE8, BigInt(leverage)) + ceilDiv(quoteE8 * takerFeePpm, 1_000_000n);
}

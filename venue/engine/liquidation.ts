// Liquidation of a cross account whose equity does not cover its maintenance margin. The venue cancels its orders
// and takes its positions over at the mark price; a loss beyond the balance is the insurance fund's.

import type { Account } from "./account.ts";
import type { Exchange } from "./exchange.ts";
import { marginOf } from "./margin.ts";
import { cancelAlgo, cancelOrder, newOrder } from "./order-life.ts";
import { bookFill } from "./settlement.ts";

export function liquidateIfNeeded(exchange: Exchange, account: Account): void {
  const margin = marginOf(exchange, account);
  if (margin.balanceE8 + margin.unrealizedE8 > margin.maintenanceE8) return;
  for (const order of [...account.openOrders.values()]) cancelOrder(exchange, order, "LIQUIDATE");
  for (const algo of [...account.openAlgos.values()]) cancelAlgo(exchange, algo);
  for (const position of [...account.positions.values()]) {
    const market = exchange.markets.get(position.symbol)!;
    const order = newOrder(exchange, account, {
      symbol: position.symbol,
      clientOrderId: `liquidation-${exchange.nextSequence()}`,
      side: position.side === "LONG" ? "SELL" : "BUY",
      positionSide: position.side,
      type: "MARKET",
      timeInForce: "IOC",
      priceTicks: 0,
      lots: position.lots,
      source: "LIQUIDATION",
    });
    bookFill(exchange, market, order, market.mark, position.lots, false);
    exchange.out?.orderChanged(account, order);
  }
  const missingE8 = -account.balanceE8;
  if (missingE8 > 0n) {
    account.insuranceE8 += missingE8;
    account.keepIncome(exchange.nextId(), "liquidation_insurance", "", missingE8, 0n, exchange.nowMs);
    exchange.out?.balanceChanged(account, "Liquidation");
  }
  for (const market of exchange.markets.values()) exchange.publishBook(market);
}

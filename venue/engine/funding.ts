// Funding: rate times mark value at each funding instant; a positive rate takes from longs and gives to shorts.
// Fractions of a unit go to the venue on either side.

import { floorDiv, ONE_E8 } from "../money/e8.ts";
import type { Exchange } from "./exchange.ts";
import type { Market } from "./market.ts";

export function settleFunding(exchange: Exchange, market: Market): void {
  const rateE8 = market.feed.fundingRateE8(exchange.nowMs);
  market.lastRateE8 = rateE8;
  for (const account of exchange.accounts.values()) {
    for (const side of ["LONG", "SHORT"] as const) {
      const position = account.position(market.spec.symbol, side);
      if (position === undefined) continue;
      const owedE8 = market.quoteE8(market.mark, position.lots) * rateE8 * (side === "LONG" ? -1n : 1n);
      const incomeE8 = floorDiv(owedE8, ONE_E8);
      account.fundingE8 += incomeE8;
      position.fundingE8 += incomeE8;
      position.updatedMs = exchange.nowMs;
      account.keepIncome(
        exchange.nextId(),
        "position_funding",
        position.symbol,
        incomeE8,
        0n,
        exchange.nowMs,
      );
      exchange.out?.positionChanged(account, position, "PositionFundingSettle");
      exchange.out?.balanceChanged(account, "PositionFundingSettle");
    }
  }
}

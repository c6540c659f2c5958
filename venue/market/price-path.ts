// The path of one minute at tick resolution, and the candle that its steps make.

import { extendOhlc, type MinuteCandle, newCandle } from "./market-feed.ts";

export interface PricePath {
  readonly last: number[];
  readonly mark: number[];
  readonly index: number[];
  readonly buyLots: number[];
  readonly sellLots: number[];
  readonly trades: number[];
  /** How much the book leans to the bid, -1 to 1. */
  readonly imbalance: number[];
  /** Price movement per tick that is usual now, in ticks; the spread follows it. */
  readonly sigmaTicks: number;
}

/** Steps 0 to lastStep of a path as a candle. */
export function candleOfPath(minute: number, path: PricePath, lastStep: number): MinuteCandle {
  const candle = newCandle(minute);
  for (let k = 0; k <= lastStep && k < path.last.length; k++) {
    const price = path.last[k]!;
    const buy = path.buyLots[k]!;
    const lots = buy + path.sellLots[k]!;
    extendOhlc(candle.last, price, k === 0);
    extendOhlc(candle.mark, path.mark[k]!, k === 0);
    extendOhlc(candle.index, path.index[k]!, k === 0);
    candle.lots += lots;
    candle.takerBuyLots += buy;
    candle.quoteUnits += lots * price;
    candle.takerBuyQuoteUnits += buy * price;
    candle.trades += path.trades[k]!;
  }
  return candle;
}

// The 24-hour ticker of a market: the closed minutes of the window are summed once a minute, the open one is added.

import type { Market } from "../engine/market.ts";
import { DAY_MS, MINUTE_MS } from "../market/market-feed.ts";
import { asItIs, type Bar, barAt } from "./klines.ts";

export interface Ticker {
  readonly openMs: number;
  readonly closeMs: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly last: number;
  readonly lots: number;
  readonly quoteUnits: bigint;
  readonly trades: number;
}

const closedWindows = new WeakMap<Market, { minute: number; bar: Bar | undefined }>();

export function tickerOf(market: Market): Ticker {
  const minute = Math.floor(market.feedMs / MINUTE_MS);
  const fromMs = minute * MINUTE_MS - DAY_MS + MINUTE_MS;
  let closed = closedWindows.get(market);
  if (closed === undefined || closed.minute !== minute) {
    closed = { minute, bar: barAt(market, "last", fromMs, DAY_MS - MINUTE_MS, asItIs) };
    closedWindows.set(market, closed);
  }
  const live = barAt(market, "last", minute * MINUTE_MS, MINUTE_MS, asItIs);
  const parts = [closed.bar, live].filter((bar): bar is Bar => bar !== undefined);
  return {
    openMs: fromMs,
    closeMs: market.feedMs,
    open: parts[0]?.open ?? market.last,
    high: parts.reduce((high, bar) => Math.max(high, bar.high), market.last),
    low: parts.reduce((low, bar) => Math.min(low, bar.low), market.last),
    last: market.last,
    lots: parts.reduce((sum, bar) => sum + bar.lots, 0),
    quoteUnits: parts.reduce((sum, bar) => sum + bar.quoteUnits, 0n),
    trades: parts.reduce((sum, bar) => sum + bar.trades, 0),
  };
}

/** change / open with six decimals, as text. */
export function changeFraction(ticker: Ticker): string {
  return ((ticker.last - ticker.open) / ticker.open).toFixed(6);
}

// What the exchange asks of a market's source: the state at a tick and the candles up to an instant.
// Prices are whole ticks and sizes whole lots of the contract, both safe integers.

export const MINUTE_MS = 60_000;
export const DAY_MS = 86_400_000;
export const FUNDING_INTERVAL_MS = 8 * 3_600_000;

export interface Level {
  readonly ticks: number;
  lots: number;
}

export interface TradePrint {
  readonly ticks: number;
  readonly lots: number;
  /** True when the taker sold. */
  readonly buyerIsMaker: boolean;
}

export interface MarketTick {
  readonly last: number;
  readonly mark: number;
  readonly index: number;
  /** Best first. The exchange owns and consumes these arrays. */
  readonly bids: Level[];
  readonly asks: Level[];
  readonly trades: readonly TradePrint[];
}

export interface Ohlc {
  open: number;
  high: number;
  low: number;
  close: number;
}

export interface MinuteCandle {
  readonly minute: number;
  readonly last: Ohlc;
  readonly mark: Ohlc;
  readonly index: Ohlc;
  lots: number;
  takerBuyLots: number;
  /** Sums of ticks times lots; exact while below 2^53, which a minute is. */
  quoteUnits: number;
  takerBuyQuoteUnits: number;
  trades: number;
}

export interface MarketFeed {
  readonly bookSource: "synthetic" | "recorded";
  readonly candleSource: "synthetic" | "recorded";
  readonly firstMinute: number;
  /** The state at a tick; undefined when nothing happens then. */
  tickAt(tMs: number): MarketTick | undefined;
  /** The candle of a minute from its ticks at or before tMs; undefined when it has none. */
  candleUpTo(minute: number, tMs: number): MinuteCandle | undefined;
  openInterestLots(tMs: number): number;
  /** Rate settled at the funding instant `fundingMs`, E8. */
  fundingRateE8(fundingMs: number): bigint;
}

export function newCandle(minute: number): MinuteCandle {
  return {
    minute,
    last: { open: 0, high: 0, low: 0, close: 0 },
    mark: { open: 0, high: 0, low: 0, close: 0 },
    index: { open: 0, high: 0, low: 0, close: 0 },
    lots: 0,
    takerBuyLots: 0,
    quoteUnits: 0,
    takerBuyQuoteUnits: 0,
    trades: 0,
  };
}

export function extendOhlc(bar: Ohlc, price: number, first: boolean): void {
  if (first) {
    bar.open = bar.high = bar.low = bar.close = price;
    return;
  }
  if (price > bar.high) bar.high = price;
  if (price < bar.low) bar.low = price;
  bar.close = price;
}

// Candles of any interval from a market's minutes.

import type { Market } from "../engine/market.ts";
import { DAY_MS, MINUTE_MS, type MinuteCandle } from "../market/market-feed.ts";
import { formatE8, formatUnits } from "../money/e8.ts";
import type { Json } from "./json.ts";

export type PriceKind = "last" | "mark" | "index";
export const INTERVALS: Record<string, number> = {
  "1m": MINUTE_MS,
  "5m": 5 * MINUTE_MS,
  "15m": 15 * MINUTE_MS,
  "30m": 30 * MINUTE_MS,
  "1h": 60 * MINUTE_MS,
  "4h": 240 * MINUTE_MS,
  "12h": 720 * MINUTE_MS,
  "1d": DAY_MS,
  "1w": 7 * DAY_MS,
};
const FIRST_MONDAY_MS = 4 * DAY_MS;

/** What a fault may do to a minute before it is shown: undefined leaves it out. */
export type CandleView = (candle: MinuteCandle) => MinuteCandle | undefined;
export const asItIs: CandleView = (candle) => candle;

export interface Bar {
  readonly openMs: number;
  readonly closeMs: number;
  readonly open: number;
  high: number;
  low: number;
  close: number;
  lots: number;
  buyLots: number;
  quoteUnits: bigint;
  buyQuoteUnits: bigint;
  trades: number;
}

export function bucketStart(tMs: number, intervalMs: number): number {
  const origin = intervalMs === 7 * DAY_MS ? FIRST_MONDAY_MS : 0;
  return Math.floor((tMs - origin) / intervalMs) * intervalMs + origin;
}

/** The bar that opens at openMs from what is known at the market's feed time; undefined without a minute in it. */
export function barAt(
  market: Market,
  kind: PriceKind,
  openMs: number,
  intervalMs: number,
  view: CandleView,
): Bar | undefined {
  let bar: Bar | undefined;
  const from = Math.max(openMs / MINUTE_MS, market.feed.firstMinute);
  const to = Math.min(openMs + intervalMs - MINUTE_MS, market.feedMs) / MINUTE_MS;
  for (let minute = from; minute <= to; minute++) {
    const raw = market.feed.candleUpTo(minute, market.feedMs);
    const candle = raw && view(raw);
    if (candle === undefined) continue;
    const price = candle[kind];
    if (bar === undefined) {
      bar = {
        openMs,
        closeMs: openMs + intervalMs,
        open: price.open,
        high: price.high,
        low: price.low,
        close: price.close,
        lots: 0,
        buyLots: 0,
        quoteUnits: 0n,
        buyQuoteUnits: 0n,
        trades: 0,
      };
    }
    if (price.high > bar.high) bar.high = price.high;
    if (price.low < bar.low) bar.low = price.low;
    bar.close = price.close;
    if (kind !== "last") continue;
    bar.lots += candle.lots;
    bar.buyLots += candle.takerBuyLots;
    bar.quoteUnits += BigInt(candle.quoteUnits);
    bar.buyQuoteUnits += BigInt(candle.takerBuyQuoteUnits);
    bar.trades += candle.trades;
  }
  return bar;
}

/** Up to `limit` bars, ascending, the newest of those that open in [fromMs, toMs]. */
export function bars(
  market: Market,
  kind: PriceKind,
  intervalMs: number,
  range: { fromMs: number; toMs: number; limit: number; oldestFirst?: boolean },
  view: CandleView,
): Bar[] {
  const newest = bucketStart(Math.min(range.toMs, market.feedMs), intervalMs);
  const floor = bucketStart(market.feed.firstMinute * MINUTE_MS, intervalMs);
  const oldest = Math.max(
    floor,
    Math.ceil((range.fromMs - FIRST_MONDAY_MS) / intervalMs) * intervalMs + FIRST_MONDAY_MS,
  );
  const found: Bar[] = [];
  const step = range.oldestFirst ? intervalMs : -intervalMs;
  let at = range.oldestFirst ? Math.max(oldest, floor) : newest;
  for (; at >= floor && at >= range.fromMs && at <= newest && found.length < range.limit; at += step) {
    const bar = barAt(market, kind, at, intervalMs, view);
    if (bar !== undefined) found.push(bar);
  }
  return range.oldestFirst ? found : found.reverse();
}

export function barRow(market: Market, bar: Bar): Json[] {
  const { pricePrecision: p, quantityPrecision: q } = market.spec;
  return [
    bar.openMs,
    formatUnits(bar.open, p),
    formatUnits(bar.high, p),
    formatUnits(bar.low, p),
    formatUnits(bar.close, p),
    formatUnits(bar.lots, q),
    bar.closeMs,
    quote(market, bar.quoteUnits),
    bar.trades,
    formatUnits(bar.buyLots, q),
    quote(market, bar.buyQuoteUnits),
  ];
}

export function barFrame(market: Market, bar: Bar, interval: string): Json {
  const { symbol, pricePrecision: p, quantityPrecision: q } = market.spec;
  return {
    t: bar.openMs,
    T: bar.closeMs,
    s: symbol,
    i: interval,
    o: formatUnits(bar.open, p),
    c: formatUnits(bar.close, p),
    h: formatUnits(bar.high, p),
    l: formatUnits(bar.low, p),
    v: formatUnits(bar.lots, q),
    n: bar.trades,
    q: quote(market, bar.quoteUnits),
    V: formatUnits(bar.buyLots, q),
    Q: quote(market, bar.buyQuoteUnits),
  };
}

function quote(market: Market, units: bigint): string {
  return formatE8(units * market.quoteE8(1, 1));
}

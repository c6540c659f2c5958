// Names of public streams and the frames they send.

import type { Market, PublicTrade } from "../engine/market.ts";
import { type Json, toJson } from "../http/json.ts";
import {
  barAt,
  barFrame,
  bars,
  bucketStart,
  type CandleView,
  INTERVALS,
  type PriceKind,
} from "../http/klines.ts";
import { changeFraction, tickerOf } from "../http/ticker.ts";
import { formatE8, formatUnits } from "../money/e8.ts";

export type Stream =
  | { kind: "depth"; symbol: string; size: 15 | 200 }
  | { kind: "trade"; symbol: string }
  | { kind: "ticker"; symbol: string }
  | { kind: "kline"; symbol: string; interval: string; price: "LAST_PRICE" | "MARK_PRICE" };

const SNAPSHOT_CANDLES = 100;
const SNAPSHOT_TRADES = 50;
const NAME = /^([A-Za-z0-9_]{1,30})@(depth15|depth200|trade|ticker|kline_(\w+?)_(LAST_PRICE|MARK_PRICE))$/;

export function parseStream(name: string): Stream | undefined {
  const match = NAME.exec(name);
  if (match === null) return undefined;
  const symbol = match[1]!;
  const what = match[2]!;
  if (what === "depth15") return { kind: "depth", symbol, size: 15 };
  if (what === "depth200") return { kind: "depth", symbol, size: 200 };
  if (what === "trade" || what === "ticker") return { kind: what, symbol };
  if (INTERVALS[match[3]!] === undefined) return undefined;
  return { kind: "kline", symbol, interval: match[3]!, price: match[4] as "LAST_PRICE" | "MARK_PRICE" };
}

export function tradeFrame(
  market: Market,
  trades: readonly PublicTrade[],
  event: "trade" | "tradeSnapshot",
  nowMs: number,
): string {
  const d = trades.map((trade) => ({
    T: trade.tMs,
    t: trade.id,
    p: formatUnits(trade.ticks, market.spec.pricePrecision),
    q: formatUnits(trade.lots, market.spec.quantityPrecision),
    v: formatE8(market.quoteE8(trade.ticks, trade.lots)),
    m: trade.buyerIsMaker,
  }));
  return toJson({ e: event, E: nowMs, s: market.spec.symbol, d });
}

export function tradeSnapshot(market: Market, nowMs: number): string {
  return tradeFrame(market, market.trades.slice(-SNAPSHOT_TRADES), "tradeSnapshot", nowMs);
}

export function tickerFrame(market: Market, nowMs: number): string {
  const ticker = tickerOf(market);
  const price = (ticks: number) => formatUnits(ticks, market.spec.pricePrecision);
  const quoteE8 = ticker.quoteUnits * market.quoteE8(1, 1);
  const baseE8 = market.qtyE8(ticker.lots);
  const row: Json = {
    p: price(ticker.last - ticker.open),
    P: changeFraction(ticker),
    w: baseE8 === 0n ? "0" : formatE8((quoteE8 * 100_000_000n) / baseE8),
    c: price(ticker.last),
    o: price(ticker.open),
    h: price(ticker.high),
    l: price(ticker.low),
    v: formatUnits(ticker.lots, market.spec.quantityPrecision),
    q: formatE8(quoteE8),
    O: ticker.openMs,
    C: ticker.closeMs,
    n: ticker.trades,
    m: price(market.mark),
    i: price(market.index),
  };
  return toJson({ e: "ticker", E: nowMs, s: market.spec.symbol, d: [row] });
}

/** The open candle, or nothing when its minutes hold no data. */
export function klineFrame(
  market: Market,
  stream: Extract<Stream, { kind: "kline" }>,
  view: CandleView,
  nowMs: number,
): string | undefined {
  const intervalMs = INTERVALS[stream.interval]!;
  const bar = barAt(market, kindOf(stream), bucketStart(market.feedMs, intervalMs), intervalMs, view);
  if (bar === undefined) return undefined;
  const d = [barFrame(market, bar, stream.interval)];
  return toJson({ e: "kline", E: nowMs, s: market.spec.symbol, p: stream.price, d });
}

export function klineSnapshot(
  market: Market,
  stream: Extract<Stream, { kind: "kline" }>,
  view: CandleView,
  nowMs: number,
): string {
  const range = { fromMs: 0, toMs: nowMs, limit: SNAPSHOT_CANDLES };
  const found = bars(market, kindOf(stream), INTERVALS[stream.interval]!, range, view);
  const d = found.map((bar) => barFrame(market, bar, stream.interval));
  return toJson({ e: "klineSnapshot", E: nowMs, s: market.spec.symbol, p: stream.price, d });
}

function kindOf(stream: { price: string }): PriceKind {
  return stream.price === "LAST_PRICE" ? "last" : "mark";
}

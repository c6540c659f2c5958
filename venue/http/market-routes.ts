// Public contract endpoints: /capi/v3/market/...

import { z } from "zod";
import type { Market } from "../engine/market.ts";
import { Refusal } from "../engine/records.ts";
import { DAY_MS, FUNDING_INTERVAL_MS, MINUTE_MS } from "../market/market-feed.ts";
import { formatE8, formatUnits } from "../money/e8.ts";
import * as inputs from "./inputs.ts";
import type { Json } from "./json.ts";
import { barRow, bars, INTERVALS, type PriceKind } from "./klines.ts";
import { marketOf, marketsOf, type RequestContext, type Route, type Routes, route } from "./routes.ts";
import { specRow } from "./spec-row.ts";
import { changeFraction, tickerOf } from "./ticker.ts";

const P = "GET /capi/v3/market/";
const MAX_FUNDING_SPAN_MS = 7 * DAY_MS;

export const marketRoutes: Routes = {
  [`${P}time`]: route(1, "public", inputs.nothing, (c) => ({ serverTime: c.shownMs })),
  [`${P}exchangeInfo`]: route(1, "public", inputs.optionalSymbol, (c, q) => {
    const markets = marketsOf(c, q.symbol);
    const bases = [...new Set(markets.map((market) => market.spec.baseAsset))];
    return {
      assets: [
        ...bases.map((asset) => ({ asset, marginAvailable: false })),
        { asset: "USDT", marginAvailable: true },
      ],
      rateLimits: [{ rateLimitType: "REQUEST_WEIGHT", interval: "SECOND", intervalNum: 10, limit: 500 }],
      symbols: markets.map((market) => specRow(market.spec)),
    };
  }),
  [`${P}apiTradingSymbols`]: route(5, "public", inputs.nothing, (c) => [...c.exchange.markets.keys()]),
  [`${P}ticker/24hr`]: route(40, "public", inputs.optionalSymbol, (c, q) =>
    marketsOf(c, q.symbol).map(ticker24h),
  ),
  [`${P}ticker/bookTicker`]: route(1, "public", inputs.optionalSymbol, (c, q) =>
    marketsOf(c, q.symbol).map((market) => bookTicker(c, market)),
  ),
  [`${P}depth`]: route(
    1,
    "public",
    z.strictObject({ symbol: inputs.symbol, limit: z.enum(["15", "200"]).optional() }),
    (c, q) => {
      const market = marketOf(c, q.symbol);
      const limit = q.limit === "200" ? 200 : 15;
      const book = c.faults.shownBook(market.book.visible(), market.spec.symbol, c);
      const rows = (levels: { ticks: number; lots: number }[]): Json =>
        levels
          .slice(0, limit)
          .map((level) => [
            formatUnits(level.ticks, market.spec.pricePrecision),
            formatUnits(level.lots, market.spec.quantityPrecision),
          ]);
      const channel = limit === 200 ? market.depth200 : market.depth15;
      return { bids: rows(book.bids), asks: rows(book.asks), lastUpdateId: channel.updateId };
    },
  ),
  [`${P}trades`]: route(
    5,
    "public",
    z.strictObject({ symbol: inputs.symbol, limit: inputs.whole.optional() }),
    (c, q) => {
      const market = marketOf(c, q.symbol);
      const limit = limitOf(q.limit, 100, 1000);
      return market.trades
        .slice(-limit)
        .reverse()
        .map((trade) => ({
          id: trade.id,
          time: trade.tMs,
          price: formatUnits(trade.ticks, market.spec.pricePrecision),
          qty: formatUnits(trade.lots, market.spec.quantityPrecision),
          quoteQty: formatE8(market.quoteE8(trade.ticks, trade.lots)),
          isBestMatch: true,
          isBuyerMaker: trade.buyerIsMaker,
        }));
    },
  ),
  [`${P}klines`]: klines("last"),
  [`${P}markPriceKlines`]: klines("mark"),
  [`${P}indexPriceKlines`]: klines("index"),
  [`${P}historyKlines`]: route(
    5,
    "public",
    z.strictObject({
      symbol: inputs.symbol,
      interval: z.string(),
      startTime: inputs.whole.optional(),
      endTime: inputs.whole.optional(),
      limit: inputs.whole.optional(),
      priceType: z.enum(["LAST", "MARK", "INDEX"]).optional(),
    }),
    (c, q) => {
      const market = marketOf(c, q.symbol);
      const kind = (q.priceType ?? "LAST").toLowerCase() as PriceKind;
      checkRange(q.startTime, q.endTime);
      const range = {
        fromMs: q.startTime ?? 0,
        toMs: q.endTime ?? c.exchange.nowMs,
        limit: limitOf(q.limit, 100, 100),
        oldestFirst: q.startTime !== undefined,
      };
      const found = bars(market, kind, intervalOf(q.interval), range, c.faults.candleView(market, c));
      return found.map((bar) => barRow(market, bar));
    },
  ),
  [`${P}premiumIndex`]: route(1, "public", inputs.optionalSymbol, (c, q) =>
    marketsOf(c, q.symbol).map((market) => {
      const next = (Math.floor(c.exchange.nowMs / FUNDING_INTERVAL_MS) + 1) * FUNDING_INTERVAL_MS;
      return {
        symbol: market.spec.symbol,
        markPrice: formatUnits(market.mark, market.spec.pricePrecision),
        indexPrice: formatUnits(market.index, market.spec.pricePrecision),
        lastFundingRate: formatE8(market.lastRateE8),
        forecastFundingRate: formatE8(market.feed.fundingRateE8(next)),
        interestRate: "0.0001",
        nextFundingTime: next,
        time: c.shownMs,
        collectCycle: FUNDING_INTERVAL_MS / MINUTE_MS,
      };
    }),
  ),
  [`${P}fundingRate`]: route(
    5,
    "public",
    z.strictObject({
      symbol: inputs.symbol,
      startTime: inputs.whole.optional(),
      endTime: inputs.whole.optional(),
      limit: inputs.whole.optional(),
    }),
    (c, q) => fundingHistory(c, q),
  ),
  [`${P}openInterest`]: route(2, "public", inputs.oneSymbol, (c, q) => {
    const market = marketOf(c, q.symbol);
    const lots = market.feed.openInterestLots(market.feedMs);
    return {
      symbol: q.symbol,
      openInterest: formatUnits(lots, market.spec.quantityPrecision),
      time: c.shownMs,
    };
  }),
  [`${P}symbolPrice`]: route(
    1,
    "public",
    z.strictObject({ symbol: inputs.symbol, priceType: z.enum(["MARK", "INDEX"]).optional() }),
    (c, q) => {
      const market = marketOf(c, q.symbol);
      const ticks = q.priceType === "MARK" ? market.mark : market.index;
      return { symbol: q.symbol, price: formatUnits(ticks, market.spec.pricePrecision), time: c.shownMs };
    },
  ),
};

function klines(kind: PriceKind): Route {
  const input = z.strictObject({
    symbol: inputs.symbol,
    interval: z.string(),
    limit: inputs.whole.optional(),
  });
  return route(1, "public", input, (c, q) => {
    const market = marketOf(c, q.symbol);
    const range = { fromMs: 0, toMs: c.exchange.nowMs, limit: limitOf(q.limit, 100, 1000) };
    const found = bars(market, kind, intervalOf(q.interval), range, c.faults.candleView(market, c));
    return found.map((bar) => barRow(market, bar));
  });
}

export function limitOf(given: number | undefined, standard: number, most: number): number {
  if (given === undefined) return standard;
  if (given < 1 || given > most)
    throw new Refusal(-1140, `PARAM_VALIDATE_ERROR: limit must be between 1 and ${most}`);
  return given;
}

export function checkRange(startTime: number | undefined, endTime: number | undefined): void {
  if (startTime !== undefined && endTime !== undefined && startTime > endTime) {
    throw new Refusal(-1171, "START_TIME_AFTER_END_TIME: startTime cannot be greater than endTime");
  }
}

function intervalOf(interval: string): number {
  const ms = INTERVALS[interval];
  if (ms === undefined) throw new Refusal(-1142, "PARAM_ERROR: interval is invalid");
  return ms;
}

function ticker24h(market: Market): Json {
  const ticker = tickerOf(market);
  const price = (ticks: number) => formatUnits(ticks, market.spec.pricePrecision);
  return {
    symbol: market.spec.symbol,
    priceChange: price(ticker.last - ticker.open),
    priceChangePercent: changeFraction(ticker),
    lastPrice: price(ticker.last),
    openPrice: price(ticker.open),
    highPrice: price(ticker.high),
    lowPrice: price(ticker.low),
    volume: formatUnits(ticker.lots, market.spec.quantityPrecision),
    quoteVolume: formatE8(ticker.quoteUnits * market.quoteE8(1, 1)),
    markPrice: price(market.mark),
    indexPrice: price(market.index),
    openTime: ticker.openMs,
    closeTime: ticker.closeMs,
  };
}

function bookTicker(c: RequestContext, market: Market): Json {
  const book = c.faults.shownBook(market.book.visible(), market.spec.symbol, c);
  const price = (ticks: number) => formatUnits(ticks, market.spec.pricePrecision);
  const size = (lots: number) => formatUnits(lots, market.spec.quantityPrecision);
  return {
    symbol: market.spec.symbol,
    bidPrice: price(book.bids[0]?.ticks ?? 0),
    bidQty: size(book.bids[0]?.lots ?? 0),
    askPrice: price(book.asks[0]?.ticks ?? 0),
    askQty: size(book.asks[0]?.lots ?? 0),
    time: c.shownMs,
  };
}

function fundingHistory(
  c: RequestContext,
  q: {
    symbol: string;
    startTime?: number | undefined;
    endTime?: number | undefined;
    limit?: number | undefined;
  },
): Json {
  const market = marketOf(c, q.symbol);
  checkRange(q.startTime, q.endTime);
  const endMs = Math.min(q.endTime ?? c.exchange.nowMs, c.exchange.nowMs);
  const startMs = Math.max(q.startTime ?? endMs - MAX_FUNDING_SPAN_MS, market.feed.firstMinute * MINUTE_MS);
  if (q.startTime !== undefined && q.endTime !== undefined && q.endTime - q.startTime > MAX_FUNDING_SPAN_MS) {
    throw new Refusal(-1170, "QUERY_TIME_OUT_OF_RANGE: time range cannot exceed 7 days");
  }
  const limit = limitOf(q.limit, 100, 1000);
  const rows: Json[] = [];
  const newest = Math.floor(endMs / FUNDING_INTERVAL_MS) * FUNDING_INTERVAL_MS;
  for (let at = newest; at >= startMs && rows.length < limit; at -= FUNDING_INTERVAL_MS) {
    const candle = market.feed.candleUpTo(at / MINUTE_MS, market.feedMs);
    rows.push({
      symbol: q.symbol,
      fundingRate: formatE8(market.feed.fundingRateE8(at)),
      fundingTime: at,
      markPrice: formatUnits(candle?.mark.open ?? 0, market.spec.pricePrecision),
    });
  }
  return rows;
}

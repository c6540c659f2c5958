/** Public market data of WEEX contracts. All amounts are parsed from the reply's own digits. */
import { BOOK_LEVELS, type BookSample, type FundingPoint } from "../../domain/evidence.ts";
import { minBigint } from "../../domain/money.ts";
import { Refused, UnknownOutcome } from "../../errors/errors.ts";
import type { MarketRules, VenueData } from "../../ports/venue.ts";
import { bookFault } from "./book.ts";
import { fetchCandles } from "./candles.ts";
import { ENDPOINTS } from "./endpoints.ts";
import {
  depthReply,
  exchangeInfoReply,
  fundingReply,
  openInterestReply,
  symbolPriceReply,
  symbolsReply,
  timeReply,
} from "./schemas.ts";
import type { Transport } from "./transport.ts";

const FUNDING_WINDOW_MS = 7 * 86_400_000;
/** Settled rates are searched this many windows back; a younger market simply has fewer. */
const MAX_FUNDING_WINDOWS = 8;
const FUNDING_LIMIT = 1_000;
const STREAM_DEPTH = 200;

export type WeexData = VenueData & {
  clockSkewMs(): Promise<number>;
  /** The rules as last read, or read now: orders are checked against them before they leave. */
  knownRules(symbol: string): Promise<MarketRules>;
};

/** @param streamed a synchronised book of the stream, or undefined when REST has to answer. */
export function createWeexData(
  transport: Transport,
  streamed: (symbol: string) => BookSample | undefined,
): WeexData {
  const rules = new Map<string, MarketRules>();
  const serverTimeMs = () => transport.call(ENDPOINTS.time, timeReply);

  async function readRules(symbol: string): Promise<MarketRules> {
    const catalogue = await transport.call(ENDPOINTS.exchangeInfo, exchangeInfoReply, { symbol });
    const row = catalogue.find((candidate) => candidate.symbol === symbol);
    if (!row) throw new Refused("weex.unknownSymbol", `WEEX lists no contract ${symbol}`);
    const read: MarketRules = {
      symbol,
      tickE8: 10n ** BigInt(8 - row.pricePrecision),
      lotE8: 10n ** BigInt(8 - row.quantityPrecision),
      minQtyE8: row.minOrderSize,
      maxQtyE8: row.maxOrderSize,
      makerFeeE8: row.makerFeeRate,
      takerFeeE8: row.takerFeeRate,
      maxLeverage: row.maxLeverage,
      priceBandE8: minBigint(row.buyLimitPriceRatio, row.sellLimitPriceRatio),
    };
    rules.set(symbol, read);
    return read;
  }

  async function marketRules(symbol: string): Promise<MarketRules> {
    const tradable = transport.call(ENDPOINTS.apiTradingSymbols, symbolsReply);
    const [read, symbols] = await Promise.all([readRules(symbol), tradable]);
    if (!symbols.includes(symbol))
      throw new Refused("weex.notTradable", `WEEX takes no API orders for ${symbol}`);
    return read;
  }

  async function book(symbol: string): Promise<BookSample> {
    const live = streamed(symbol);
    if (live) return live;
    // Depth 15 and depth 200 number their updates apart; the stream carries 200, so that is what we ask for.
    const reply = await transport.call(ENDPOINTS.depth, depthReply, { symbol, limit: STREAM_DEPTH });
    return checkedBook({
      updateId: reply.lastUpdateId,
      observedAtMs: transport.venueNow(),
      bids: reply.bids.slice(0, BOOK_LEVELS),
      asks: reply.asks.slice(0, BOOK_LEVELS),
    });
  }

  async function funding(symbol: string, toMs: number, limit: number): Promise<FundingPoint[]> {
    const points = new Map<number, FundingPoint>();
    let endTime = toMs;
    for (let window = 0; window < MAX_FUNDING_WINDOWS && points.size < limit; window++) {
      const startTime = endTime - FUNDING_WINDOW_MS;
      const query = { symbol, startTime, endTime, limit: FUNDING_LIMIT };
      for (const point of await transport.call(ENDPOINTS.fundingRate, fundingReply, query))
        if (point.fundingTimeMs <= toMs) points.set(point.fundingTimeMs, point);
      endTime = startTime - 1;
    }
    const ascending = [...points.values()].sort((a, b) => a.fundingTimeMs - b.fundingTimeMs);
    return limit > 0 ? ascending.slice(-limit) : [];
  }

  const priceOf = (symbol: string, priceType: "MARK" | "INDEX") =>
    transport.call(ENDPOINTS.symbolPrice, symbolPriceReply, { symbol, priceType });

  return {
    serverTimeMs,
    marketRules,
    knownRules: async (symbol) => rules.get(symbol) ?? readRules(symbol),
    candles: (symbol, fromMs, toMs) => fetchCandles(transport, serverTimeMs, symbol, fromMs, toMs),
    book,
    openInterest: (symbol) => transport.call(ENDPOINTS.openInterest, openInterestReply, { symbol }),
    funding,
    async prices(symbol) {
      const [markE8, indexE8] = await Promise.all([priceOf(symbol, "MARK"), priceOf(symbol, "INDEX")]);
      return { markE8, indexE8 };
    },
    clockSkewMs: transport.clockSkewMs,
  };
}

/** @throws UnknownOutcome for a book that cannot be true: crossed, or not ordered best first. */
export function checkedBook(book: BookSample): BookSample {
  const fault = bookFault(book);
  if (fault) throw new UnknownOutcome("weex.book", `WEEX sent a book that cannot be true (${fault})`);
  return book;
}

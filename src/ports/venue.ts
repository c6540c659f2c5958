/**
 * What the system needs of an exchange. Two halves: public data, and a private account.
 * All amounts are E8 integers parsed from the venue's raw strings. Every call may throw
 * - `Refused`: the venue said no, in words;
 * - `UnknownOutcome`: time-out, 5xx, disconnect, unreadable reply. Nothing is known, nothing may be assumed.
 */
import type { Candle } from "../domain/candle.ts";
import type { BookSample, FundingPoint, OpenInterestSample } from "../domain/evidence.ts";
import type { Side } from "../domain/prediction.ts";

export type MarketRules = {
  symbol: string;
  tickE8: bigint;
  lotE8: bigint;
  minQtyE8: bigint;
  maxQtyE8: bigint;
  makerFeeE8: bigint;
  takerFeeE8: bigint;
  maxLeverage: number;
  /** Limit prices farther from the last price than this ratio are refused (E8 fraction). */
  priceBandE8: bigint;
};

export interface VenueData {
  serverTimeMs(): Promise<number>;
  marketRules(symbol: string): Promise<MarketRules>;
  /** Closed candles with fromMs <= openTimeMs < toMs, ascending, possibly with gaps (a gap is the caller's to judge). */
  candles(symbol: string, fromMs: number, toMs: number): Promise<Candle[]>;
  /** Best BOOK_LEVELS a side, from the synchronised stream when it is healthy, else by REST; same bytes for the same update id. */
  book(symbol: string): Promise<BookSample>;
  openInterest(symbol: string): Promise<OpenInterestSample>;
  /** Settled funding at or before toMs, ascending, the last `limit`. */
  funding(symbol: string, toMs: number, limit: number): Promise<FundingPoint[]>;
  prices(symbol: string): Promise<{ markE8: bigint; indexE8: bigint }>;
}

export type EntryOrder = {
  clientOrderId: string;
  symbol: string;
  side: Side;
  qtyE8: bigint;
  limitE8: bigint;
  stopE8: bigint;
  targetE8: bigint;
};
export type ExitOrder = { clientOrderId: string; symbol: string; side: Side; qtyE8: bigint };

/** Our own states; the venue's strings never leave the adapter. */
export type VenueOrderState = "LIVE" | "FILLED" | "CANCELED" | "REFUSED";

export type VenueOrder = {
  orderId: string;
  clientOrderId: string;
  symbol: string;
  state: VenueOrderState;
  side: "BUY" | "SELL";
  reduceOnly: boolean;
  qtyE8: bigint;
  filledQtyE8: bigint;
  createdAtMs: number;
  updatedAtMs: number;
};
export type VenueAlgoOrder = {
  algoId: string;
  clientAlgoId: string;
  symbol: string;
  kind: "STOP" | "TARGET" | "OTHER";
  triggerE8: bigint;
  qtyE8: bigint;
};

export type VenueFill = {
  fillId: string;
  orderId: string;
  symbol: string;
  side: "BUY" | "SELL";
  positionSide: Side;
  priceE8: bigint;
  qtyE8: bigint;
  quoteE8: bigint;
  feeE8: bigint;
  timeMs: number;
};
export type VenuePosition = { symbol: string; side: Side; qtyE8: bigint };
export type VenueIncome = {
  incomeId: string;
  kind: "FUNDING" | "TRANSFER" | "OTHER";
  symbol: string;
  amountE8: bigint;
  timeMs: number;
};

/** Read-only half: enough for reconciliation and for witnesses. */
export interface VenueAccount {
  balance(): Promise<{ balanceE8: bigint; availableE8: bigint; unrealisedE8: bigint }>;
  positions(symbol?: string): Promise<VenuePosition[]>;
  openOrders(symbol: string): Promise<VenueOrder[]>;
  /** Terminal and live orders updated since fromMs, ascending by creation. */
  orderHistory(symbol: string, fromMs: number): Promise<VenueOrder[]>;
  openAlgoOrders(symbol: string): Promise<VenueAlgoOrder[]>;
  fills(symbol: string, fromMs: number): Promise<VenueFill[]>;
  /** Funding (amount signed: positive = received), transfers and other cash movements since fromMs, ascending. */
  income(fromMs: number): Promise<VenueIncome[]>;
}

export interface VenueTrading extends VenueAccount {
  /** Leverage and margin mode; safe to repeat. */
  prepare(symbol: string, leverage: number): Promise<void>;
  /** IOC limit with attached stop and target, so that no fill is ever unprotected. Resolves with the venue's order id on acceptance. */
  placeEntry(order: EntryOrder): Promise<{ orderId: string }>;
  /** Reduce-only market order closing `side`. */
  placeExit(order: ExitOrder): Promise<{ orderId: string }>;
  cancelAlgo(symbol: string, algoId: string): Promise<void>;
  cancelOrder(symbol: string, orderId: string): Promise<void>;
}

/** Something changed for this account or market; the receiver re-reads by REST. Frames are hints, REST is the authority. */
export type VenueHint = {
  kind: "order" | "fill" | "position" | "candle" | "book-gap" | "socket";
  symbol: string;
  detail?: string;
};

export interface VenueStream {
  start(symbol: string, onHint: (hint: VenueHint) => void): Promise<void>;
  /** Age of the newest frame, for the staleness alarm. */
  lastFrameAtMs(): number;
  stop(): Promise<void>;
}

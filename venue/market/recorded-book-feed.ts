// Replays a recorded book. Ticks are asked for in order of time; a tick shows the recording's state at its instant
// and the trades since the tick before. Candles grow from those trades.

import type { ContractSpec } from "../money/contract-spec.ts";
import {
  extendOhlc,
  type Level,
  type MarketFeed,
  type MarketTick,
  MINUTE_MS,
  type MinuteCandle,
  newCandle,
  type TradePrint,
} from "./market-feed.ts";
import type { RecordedEvent, RecordedTrade } from "./recorded-events.ts";
import { SlowFactors } from "./slow-factors.ts";

export const MAX_LEVELS_SHOWN = 200;

export class RecordedBookFeed implements MarketFeed {
  readonly bookSource = "recorded" as const;
  readonly candleSource = "recorded" as const;
  readonly firstMinute: number;
  readonly startMs: number;
  private readonly events: RecordedEvent[];
  private readonly trades: RecordedTrade[];
  private readonly slow: SlowFactors;
  private readonly bids = new Map<number, number>();
  private readonly asks = new Map<number, number>();
  private next = 0;
  private lastU = 0;
  private snapshotSeen = false;
  private last: number;
  private mark = 0;
  private index = 0;
  private readonly tickMs: number;
  private readonly lotValue: number;

  constructor(events: RecordedEvent[], tickMs: number, seed: number, spec: ContractSpec) {
    this.events = events;
    this.tickMs = tickMs;
    this.slow = new SlowFactors(seed, spec.symbol);
    this.trades = events.filter((event): event is RecordedTrade => event.kind === "trade");
    const snapshot = events.find((event) => event.kind === "snapshot")!;
    this.startMs = Math.ceil(snapshot.atMs / tickMs) * tickMs;
    this.firstMinute = Math.floor((this.trades[0]?.atMs ?? this.startMs) / MINUTE_MS);
    this.last = this.trades[0]?.ticks ?? snapshot.asks[0]![0];
    this.lotValue = this.last * 10 ** -spec.pricePrecision * 10 ** -spec.quantityPrecision;
  }

  tickAt(tMs: number): MarketTick | undefined {
    const prints: TradePrint[] = [];
    let moved = false;
    for (; this.next < this.events.length && this.events[this.next]!.atMs <= tMs; this.next++) {
      moved = true;
      const event = this.events[this.next]!;
      if (event.kind === "trade") {
        this.last = event.ticks;
        if (event.atMs > tMs - this.tickMs) prints.push(event);
      } else if (event.kind === "mark") {
        this.mark = event.mark;
        this.index = event.index;
      } else if (event.kind === "snapshot") {
        this.snapshotSeen = true;
        this.lastU = event.u;
        this.bids.clear();
        this.asks.clear();
        apply(this.bids, event.bids);
        apply(this.asks, event.asks);
      } else if (this.snapshotSeen && event.u >= this.lastU) {
        apply(this.bids, event.bids);
        apply(this.asks, event.asks);
      }
    }
    if (!moved || !this.snapshotSeen) return undefined;
    const bids = sorted(this.bids, -1);
    const asks = sorted(this.asks, 1);
    const basis = this.slow.basisAt(tMs);
    return {
      last: this.last,
      mark: this.mark || this.last,
      index: this.index || Math.round(this.last * (1 - basis)),
      bids,
      asks,
      trades: prints,
    };
  }

  candleUpTo(minute: number, tMs: number): MinuteCandle | undefined {
    const from = minute * MINUTE_MS;
    const to = Math.min(tMs, from + MINUTE_MS - 1);
    const candle = newCandle(minute);
    for (let i = this.firstTradeAt(from); i < this.trades.length && this.trades[i]!.atMs <= to; i++) {
      const { ticks, lots, buyerIsMaker } = this.trades[i]!;
      for (const bar of [candle.last, candle.mark, candle.index]) extendOhlc(bar, ticks, candle.trades === 0);
      candle.trades += 1;
      candle.lots += lots;
      candle.quoteUnits += lots * ticks;
      if (buyerIsMaker) continue;
      candle.takerBuyLots += lots;
      candle.takerBuyQuoteUnits += lots * ticks;
    }
    return candle.trades === 0 ? undefined : candle;
  }

  openInterestLots(tMs: number): number {
    return this.slow.openInterestLots(tMs, this.lotValue);
  }

  fundingRateE8(fundingMs: number): bigint {
    return this.slow.fundingRateE8(fundingMs);
  }

  private firstTradeAt(tMs: number): number {
    let low = 0;
    let high = this.trades.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.trades[middle]!.atMs < tMs) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function apply(book: Map<number, number>, rows: [number, number][]): void {
  for (const [ticks, lots] of rows) {
    if (lots === 0) book.delete(ticks);
    else book.set(ticks, lots);
  }
}

function sorted(book: Map<number, number>, direction: 1 | -1): Level[] {
  return [...book]
    .sort((x, y) => direction * (x[0] - y[0]))
    .slice(0, MAX_LEVELS_SHOWN)
    .map(([ticks, lots]) => ({ ticks, lots }));
}

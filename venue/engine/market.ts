// The live state of one contract: prices of the latest tick, book, public trades and depth channels.

import type { MarketFeed, TradePrint } from "../market/market-feed.ts";
import { labelOf } from "../market/seeded-random.ts";
import type { ContractSpec } from "../money/contract-spec.ts";
import { DepthChannel } from "./depth-channel.ts";
import { MatchBook } from "./match-book.ts";
import type { Side } from "./records.ts";

export const MAX_TRADES_KEPT = 1000;

export interface PublicTrade extends TradePrint {
  readonly id: string;
  readonly tMs: number;
}

export class Market {
  readonly spec: ContractSpec;
  readonly feed: MarketFeed;
  readonly book = new MatchBook();
  readonly depth15: DepthChannel;
  readonly depth200: DepthChannel;
  readonly trades: PublicTrade[] = [];
  last = 0;
  mark = 0;
  index = 0;
  /** The instant up to which candles are shown; lags behind the clock while the feed is frozen. */
  feedMs = 0;
  updateId: number;
  lastRateE8 = 0n;
  private tradeCount = 0;
  private readonly label: string;
  /** E8 quote units of one tick times one lot. */
  private readonly unitE8: bigint;

  constructor(spec: ContractSpec, feed: MarketFeed) {
    this.spec = spec;
    this.feed = feed;
    this.depth15 = new DepthChannel(spec, 15);
    this.depth200 = new DepthChannel(spec, 200);
    this.unitE8 = (spec.tickE8 * spec.lotE8) / 100_000_000n;
    const label = labelOf(spec.symbol);
    this.label = label.toString(16).padStart(8, "0");
    this.updateId = 14_000_000_000 + (label % 1_000_000);
  }

  quoteE8(ticks: number, lots: number): bigint {
    return BigInt(ticks) * BigInt(lots) * this.unitE8;
  }

  priceE8(ticks: number): bigint {
    return BigInt(ticks) * this.spec.tickE8;
  }

  qtyE8(lots: number): bigint {
    return BigInt(lots) * this.spec.lotE8;
  }

  /** Taker flow of the prints by the side of the taker. */
  addTrades(prints: readonly TradePrint[], tMs: number): PublicTrade[] {
    const added = prints.map((print): PublicTrade => {
      this.tradeCount += 1;
      const count = this.tradeCount.toString(16).padStart(12, "0");
      const id = `${this.label}-0000-4000-8000-${count}`;
      return { id, tMs, ticks: print.ticks, lots: print.lots, buyerIsMaker: print.buyerIsMaker };
    });
    this.trades.push(...added.slice(-MAX_TRADES_KEPT));
    if (this.trades.length > MAX_TRADES_KEPT) this.trades.splice(0, this.trades.length - MAX_TRADES_KEPT);
    return added;
  }

  /** Limit prices must lie within the band around the mark, on the side where they could do harm. */
  withinBand(side: Side, ticks: number): boolean {
    const scaled = ticks * 1_000_000;
    if (side === "BUY") return scaled <= this.mark * (1_000_000 + this.spec.bandPpm);
    return scaled >= this.mark * (1_000_000 - this.spec.bandPpm);
  }
}

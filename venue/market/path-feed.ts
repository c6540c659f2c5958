// A market feed made of minute paths (synthetic, or inside recorded bars) with a made-up book around them.

import type { ContractSpec } from "../money/contract-spec.ts";
import {
  type MarketFeed,
  type MarketTick,
  MINUTE_MS,
  type MinuteCandle,
  type TradePrint,
} from "./market-feed.ts";
import { candleOfPath, type PricePath } from "./price-path.ts";
import { labelOf, SeededRandom } from "./seeded-random.ts";
import type { SlowFactors } from "./slow-factors.ts";
import { syntheticBook } from "./synthetic-book.ts";

const MAX_CACHED_CANDLES = 200_000;
const MAX_PRINTS_PER_SIDE = 4;

export interface MinutePaths {
  path(minute: number): PricePath | undefined;
}

export interface PathFeedSetup {
  readonly seed: number;
  readonly spec: ContractSpec;
  readonly tickMs: number;
  readonly firstMinute: number;
  readonly candleSource: "synthetic" | "recorded";
  readonly paths: MinutePaths;
  readonly slow: SlowFactors;
  readonly lotValueAt: (minute: number) => number;
}

export class PathFeed implements MarketFeed {
  readonly bookSource = "synthetic" as const;
  readonly candleSource: "synthetic" | "recorded";
  readonly firstMinute: number;
  private readonly setup: PathFeedSetup;
  private readonly label: number;
  private readonly candles = new Map<number, MinuteCandle | undefined>();
  private recentMinute = -1;
  private recentPath: PricePath | undefined;

  constructor(setup: PathFeedSetup) {
    this.setup = setup;
    this.firstMinute = setup.firstMinute;
    this.candleSource = setup.candleSource;
    this.label = labelOf(`${setup.spec.symbol}/book`);
  }

  tickAt(tMs: number): MarketTick | undefined {
    const minute = Math.floor(tMs / MINUTE_MS);
    const path = this.pathOf(minute);
    const k = (tMs - minute * MINUTE_MS) / this.setup.tickMs;
    const last = path?.last[k];
    if (path === undefined || last === undefined) return undefined;
    const random = new SeededRandom(this.setup.seed, this.label, tMs / this.setup.tickMs);
    const buy = path.buyLots[k]!;
    const sell = path.sellLots[k]!;
    const lastAtAsk = buy > sell || (buy === sell && random.uniform() < 0.5);
    const shape = { last, lastAtAsk, imbalance: path.imbalance[k]!, sigmaTicks: path.sigmaTicks };
    const { bids, asks } = syntheticBook(this.setup.spec, shape, random);
    const prints = Math.max(1, Math.min(MAX_PRINTS_PER_SIDE, Math.ceil(path.trades[k]! / 4)));
    const buys = printsOf(buy, lastAtAsk ? last : asks[0]!.ticks, false, prints, random);
    const sells = printsOf(sell, lastAtAsk ? bids[0]!.ticks : last, true, prints, random);
    return {
      last,
      mark: path.mark[k]!,
      index: path.index[k]!,
      bids,
      asks,
      trades: lastAtAsk ? [...sells, ...buys] : [...buys, ...sells],
    };
  }

  candleUpTo(minute: number, tMs: number): MinuteCandle | undefined {
    const startMs = minute * MINUTE_MS;
    if (minute < this.firstMinute || tMs < startMs) return undefined;
    const lastStep = Math.floor((tMs - startMs) / this.setup.tickMs);
    if (tMs < startMs + MINUTE_MS) {
      const path = this.pathOf(minute);
      return path === undefined ? undefined : candleOfPath(minute, path, lastStep);
    }
    if (!this.candles.has(minute)) {
      if (this.candles.size >= MAX_CACHED_CANDLES) this.candles.clear();
      const path = this.setup.paths.path(minute);
      this.candles.set(minute, path && candleOfPath(minute, path, path.last.length - 1));
    }
    return this.candles.get(minute);
  }

  openInterestLots(tMs: number): number {
    return this.setup.slow.openInterestLots(tMs, this.setup.lotValueAt(Math.floor(tMs / MINUTE_MS)));
  }

  fundingRateE8(fundingMs: number): bigint {
    return this.setup.slow.fundingRateE8(fundingMs);
  }

  private pathOf(minute: number): PricePath | undefined {
    if (minute !== this.recentMinute) {
      this.recentMinute = minute;
      this.recentPath = this.setup.paths.path(minute);
    }
    return this.recentPath;
  }
}

function printsOf(
  lots: number,
  ticks: number,
  buyerIsMaker: boolean,
  count: number,
  random: SeededRandom,
): TradePrint[] {
  const prints: TradePrint[] = [];
  let left = lots;
  for (let i = 0; i < count && left > 0; i++) {
    const share = i === count - 1 ? left : Math.min(left, Math.max(1, Math.round(left * random.uniform())));
    prints.push({ ticks, lots: share, buyerIsMaker });
    left -= share;
  }
  return prints;
}

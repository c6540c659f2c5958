// A market's book: the venue's own levels plus resting account orders, best first on each side.

import type { Level } from "../market/market-feed.ts";
import type { Order, Side } from "./records.ts";

export interface VisibleBook {
  bids: Level[];
  asks: Level[];
}

export class MatchBook {
  /** The venue's own liquidity; rebuilt at each tick, eaten by takers between ticks. */
  bids: Level[] = [];
  asks: Level[] = [];
  /** Account orders in price-time order. */
  readonly restingBids: Order[] = [];
  readonly restingAsks: Order[] = [];

  levels(side: Side): Level[] {
    return side === "BUY" ? this.bids : this.asks;
  }

  resting(side: Side): Order[] {
    return side === "BUY" ? this.restingBids : this.restingAsks;
  }

  rest(order: Order): void {
    const queue = this.resting(order.side);
    const sign = order.side === "BUY" ? -1 : 1;
    let at = queue.length;
    while (at > 0 && sign * (queue[at - 1]!.priceTicks - order.priceTicks) > 0) at--;
    queue.splice(at, 0, order);
  }

  remove(order: Order): void {
    const queue = this.resting(order.side);
    const at = queue.indexOf(order);
    if (at >= 0) queue.splice(at, 1);
  }

  best(side: Side): number | undefined {
    const level = this.levels(side)[0]?.ticks;
    const order = this.resting(side)[0]?.priceTicks;
    if (level === undefined || order === undefined) return level ?? order;
    return side === "BUY" ? Math.max(level, order) : Math.min(level, order);
  }

  /** Lots a taker could get at its limit (undefined: any price), stopping at its own resting orders. */
  obtainable(side: Side, limit: number | undefined, uid: string): { lots: number; tickLots: number } {
    const opposite: Side = side === "BUY" ? "SELL" : "BUY";
    const sign = side === "BUY" ? 1 : -1;
    const own = this.resting(opposite).find((order) => order.uid === uid)?.priceTicks;
    let lots = 0;
    let tickLots = 0;
    const add = (ticks: number, size: number) => {
      if (limit !== undefined && sign * (ticks - limit) > 0) return;
      if (own !== undefined && sign * (ticks - own) > 0) return;
      lots += size;
      tickLots += ticks * size;
    };
    for (const level of this.levels(opposite)) add(level.ticks, level.lots);
    for (const order of this.resting(opposite)) {
      if (order.uid !== uid) add(order.priceTicks, order.lots - order.filledLots);
    }
    return { lots, tickLots };
  }

  visible(): VisibleBook {
    return {
      bids: merged(this.bids, this.restingBids, -1),
      asks: merged(this.asks, this.restingAsks, 1),
    };
  }
}

function merged(levels: Level[], resting: Order[], sign: 1 | -1): Level[] {
  const result: Level[] = [];
  let i = 0;
  let j = 0;
  while (i < levels.length || j < resting.length) {
    const level = levels[i];
    const order = resting[j];
    const takeLevel =
      level !== undefined && (order === undefined || sign * (level.ticks - order.priceTicks) <= 0);
    const ticks = takeLevel ? level.ticks : order!.priceTicks;
    const lots = takeLevel ? level.lots : order!.lots - order!.filledLots;
    if (takeLevel) i++;
    else j++;
    const top = result.at(-1);
    if (top !== undefined && top.ticks === ticks) top.lots += lots;
    else result.push({ ticks, lots });
  }
  return result;
}

// A made-up order book around a price. Sizes lean by the imbalance, gaps follow the price, and inner levels lie on
// a fixed grid so that a book and its successor share most price levels.

import type { ContractSpec } from "../money/contract-spec.ts";
import type { Level } from "./market-feed.ts";
import type { SeededRandom } from "./seeded-random.ts";

export const LEVELS_PER_SIDE = 50;
const GAP_FRACTION = 0.00002;
const TOUCH_NOTIONAL = 60_000;
const DEPTH_GROWTH = 0.08;

export interface BookShape {
  readonly last: number;
  /** True when the last trade was a buy, so that the price stands at the ask. */
  readonly lastAtAsk: boolean;
  readonly imbalance: number;
  readonly sigmaTicks: number;
}

export function syntheticBook(
  spec: ContractSpec,
  shape: BookShape,
  random: SeededRandom,
): { bids: Level[]; asks: Level[] } {
  const typical = Math.max(1, shape.sigmaTicks * 0.02);
  const spread = 1 + Math.floor(Math.min(20, Math.abs(random.normal()) * typical));
  const ask = Math.max(shape.lastAtAsk ? shape.last : shape.last + spread, spread + 1);
  const bid = ask - spread;
  const gap = Math.max(1, Math.round(shape.last * GAP_FRACTION));
  const touchLots =
    (TOUCH_NOTIONAL / (shape.last * 10 ** -spec.pricePrecision)) * 10 ** spec.quantityPrecision;
  return {
    bids: side(bid, -gap, touchLots * (1 + 0.7 * shape.imbalance), random),
    asks: side(ask, gap, touchLots * (1 - 0.7 * shape.imbalance), random),
  };
}

function side(touch: number, gap: number, touchLots: number, random: SeededRandom): Level[] {
  const levels: Level[] = [];
  const width = Math.abs(gap);
  let ticks = touch;
  for (let i = 0; i < LEVELS_PER_SIDE && ticks > 0; i++) {
    const size = touchLots * (1 + DEPTH_GROWTH * i) * Math.exp(0.5 * random.normal());
    levels.push({ ticks, lots: Math.max(1, Math.round(size)) });
    ticks = gap > 0 ? (Math.floor(ticks / width) + 1) * width : (Math.ceil(ticks / width) - 1) * width;
  }
  return levels;
}

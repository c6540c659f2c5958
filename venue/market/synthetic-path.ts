// The synthetic market's minutes at tick resolution, from its days.

import type { ContractSpec } from "../money/contract-spec.ts";
import { MINUTE_MS } from "./market-feed.ts";
import type { PricePath } from "./price-path.ts";
import { labelOf, SeededRandom } from "./seeded-random.ts";
import { SlowFactors } from "./slow-factors.ts";
import { MINUTES_PER_DAY, type SyntheticDay, SyntheticDays } from "./synthetic-day.ts";

const MINUTE_NOTIONAL = 2_000_000;
const BASIS_IN_MARK = 0.4;
const MAX_CACHED_DAYS = 16;

export class SyntheticPaths {
  readonly slow: SlowFactors;
  private readonly days: SyntheticDays;
  private readonly dayCache = new Map<number, SyntheticDay>();
  private readonly seed: number;
  private readonly label: number;
  private readonly steps: number;
  private readonly tickSize: number;
  private readonly lotSize: number;

  constructor(seed: number, spec: ContractSpec, tickMs: number) {
    this.seed = seed;
    this.label = labelOf(`${spec.symbol}/steps`);
    this.steps = MINUTE_MS / tickMs;
    this.tickSize = 10 ** -spec.pricePrecision;
    this.lotSize = 10 ** -spec.quantityPrecision;
    this.days = new SyntheticDays(seed, spec.symbol, spec.startPrice);
    this.slow = new SlowFactors(seed, spec.symbol);
  }

  lotValueAt(minute: number): number {
    return Math.exp(this.dayOf(minute).logOpen) * this.lotSize;
  }

  path(minute: number): PricePath {
    const day = this.dayOf(minute);
    const i = minute % MINUTES_PER_DAY;
    const n = this.steps;
    const random = new SeededRandom(this.seed, this.label, minute);
    const from = i === 0 ? day.logOpen : day.logClose[i - 1]!;
    const to = day.logClose[i]!;
    const stepSigma = day.sigma[i]! / Math.sqrt(n);
    const walk: number[] = [];
    let sum = 0;
    for (let k = 0; k < n; k++) {
      sum += stepSigma * random.normal();
      walk.push(sum);
    }
    const basis = this.slow.basisAt(minute * MINUTE_MS);
    const path: PricePath = {
      last: [],
      mark: [],
      index: [],
      buyLots: [],
      sellLots: [],
      trades: [],
      imbalance: [],
      sigmaTicks: (stepSigma * Math.exp(to)) / this.tickSize,
    };
    const busy = 0.6 + (0.4 * day.sigma[i]!) / meanSigma(day);
    let before = from;
    for (let k = 0; k < n; k++) {
      const share = (k + 1) / n;
      const log = from + (to - from) * share + (k === n - 1 ? 0 : walk[k]! - share * sum);
      const price = Math.exp(log);
      const move = (log - before) / stepSigma;
      before = log;
      path.last.push(Math.max(2, Math.round(price / this.tickSize)));
      path.mark.push(Math.max(1, Math.round((price * (1 - BASIS_IN_MARK * basis)) / this.tickSize)));
      path.index.push(Math.max(1, Math.round((price * (1 - basis)) / this.tickSize)));
      const notional =
        (MINUTE_NOTIONAL / n) * busy * (0.5 + 0.5 * Math.abs(move)) * Math.exp(0.6 * random.normal());
      const lots = Math.max(1, Math.round(notional / price / this.lotSize));
      const buyShare = 0.5 + 0.35 * Math.tanh(0.8 * move + 0.2 * day.hidden[i]! + 0.3 * random.normal());
      const buy = Math.round(lots * buyShare);
      path.buyLots.push(buy);
      path.sellLots.push(lots - buy);
      path.trades.push(Math.min(lots, 1 + Math.round((20 / n) * busy * (0.5 + random.uniform()))));
      path.imbalance.push(Math.tanh(0.5 * day.hidden[i]! + 0.5 * random.normal()));
    }
    return path;
  }

  private dayOf(minute: number): SyntheticDay {
    const number = Math.floor(minute / MINUTES_PER_DAY);
    let day = this.dayCache.get(number);
    if (day === undefined) {
      if (this.dayCache.size >= MAX_CACHED_DAYS) this.dayCache.clear();
      day = this.days.day(number);
      this.dayCache.set(number, day);
    }
    return day;
  }
}

const means = new WeakMap<SyntheticDay, number>();
function meanSigma(day: SyntheticDay): number {
  let mean = means.get(day);
  if (mean === undefined) {
    mean = day.sigma.reduce((sum, value) => sum + value, 0) / day.sigma.length;
    means.set(day, mean);
  }
  return mean;
}

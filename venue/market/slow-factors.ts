// Slow side figures of a market with random access in time: basis to the index, funding, open interest.
// Each is a line between seeded knots, so that no history has to be walked to know one.

import { FUNDING_INTERVAL_MS } from "./market-feed.ts";
import { labelOf, SeededRandom } from "./seeded-random.ts";

const HOUR_MS = 3_600_000;
const BASIS_STD = 0.0004;
const BASIS_MEAN = 0.0001;
const INTEREST = 0.0001;
const INTEREST_CLAMP = 0.00005;
const RATE_CAP = 0.003;
const OPEN_INTEREST_NOTIONAL = 400_000_000;
const MAX_KNOTS = 4096;

export class SlowFactors {
  private readonly knots = new Map<number, number>();
  private readonly seed: number;
  private readonly label: number;

  constructor(seed: number, symbol: string) {
    this.seed = seed;
    this.label = labelOf(`${symbol}/slow`);
  }

  /** (last - index) / last. */
  basisAt(tMs: number): number {
    return BASIS_MEAN + BASIS_STD * this.between(tMs, HOUR_MS, 0);
  }

  fundingRateE8(fundingMs: number): bigint {
    let premium = 0;
    const hours = FUNDING_INTERVAL_MS / HOUR_MS;
    for (let i = 1; i <= hours; i++) premium += this.basisAt(fundingMs - i * HOUR_MS) / hours;
    const lean = Math.max(-INTEREST_CLAMP, Math.min(INTEREST_CLAMP, INTEREST - premium));
    const rate = Math.max(-RATE_CAP, Math.min(RATE_CAP, premium + lean));
    return BigInt(Math.round(rate * 1e8));
  }

  openInterestLots(tMs: number, lotValue: number): number {
    const level = Math.exp(0.15 * this.between(tMs, 4 * HOUR_MS, 1));
    return Math.round((OPEN_INTEREST_NOTIONAL * level) / lotValue);
  }

  private between(tMs: number, gapMs: number, kind: number): number {
    const left = Math.floor(tMs / gapMs);
    const weight = tMs / gapMs - left;
    return this.knot(left, kind) * (1 - weight) + this.knot(left + 1, kind) * weight;
  }

  private knot(index: number, kind: number): number {
    const key = index * 4 + kind;
    let value = this.knots.get(key);
    if (value === undefined) {
      if (this.knots.size >= MAX_KNOTS) this.knots.clear();
      value = new SeededRandom(this.seed, this.label + kind, index).normal();
      this.knots.set(key, value);
    }
    return value;
  }
}

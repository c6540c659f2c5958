// One UTC day of a made-up market: the logarithm of the price at each minute's close, with what surrounds it.
// A day depends only on (seed, symbol, day). Its ends are fixed by the levels of the days, and the minutes between
// are drawn freely and then leaned onto the next level: Brownian in the large, clustered and fat-tailed in the small.

import { labelOf, SeededRandom } from "./seeded-random.ts";

export const MINUTES_PER_DAY = 1440;
/** The day on which markets stand at their start price: 2026-01-01. */
export const GENESIS_DAY = 20_454;
export const MAX_DAYS_FROM_GENESIS = 8000;

const DAILY_VOLATILITY = 0.08;
const GARCH_OMEGA = 0.03;
const GARCH_ALPHA = 0.09;
const GARCH_BETA = 0.88;
const VARIANCE_CAP = 9;
const SHOCK_CAP = 7;
// Share of a minute's standard deviation that is predictable: from recent moves, and from the hidden lean.
const MOMENTUM_SHARE = [0.1, 0, -0.08];
const MOMENTUM_DECAY = 0.85;
const HIDDEN_SHARE = 0.2;
const HIDDEN_DECAY = 0.95;
// The drift is persistent, so a day varies more than its minutes alone would; this gives the difference back.
const MINUTE_SCALE = 0.62;
const REGIME_CHANGE_CHANCE = 1 / 240;

export interface SyntheticDay {
  readonly logOpen: number;
  readonly logClose: Float64Array;
  /** Standard deviation of the minute's return. */
  readonly sigma: Float64Array;
  /** The hidden lean in standard deviations. */
  readonly hidden: Float64Array;
}

export class SyntheticDays {
  private readonly levels = new Map<number, number>();
  private readonly seed: number;
  private readonly label: number;
  private readonly startPrice: number;

  constructor(seed: number, symbol: string, startPrice: number) {
    this.seed = seed;
    this.label = labelOf(symbol);
    this.startPrice = startPrice;
    this.levels.set(GENESIS_DAY, 0);
  }

  day(day: number): SyntheticDay {
    const random = new SeededRandom(this.seed, this.label + 2, day);
    const base = (MINUTE_SCALE * this.volatility(day)) / Math.sqrt(MINUTES_PER_DAY);
    const returns = new Float64Array(MINUTES_PER_DAY);
    const sigma = new Float64Array(MINUTES_PER_DAY);
    const hidden = new Float64Array(MINUTES_PER_DAY);
    let variance = 1;
    let momentum = 0;
    let lean = random.normal();
    let regime = random.uint32() % 3;
    let sum = 0;
    for (let i = 0; i < MINUTES_PER_DAY; i++) {
      if (random.uniform() < REGIME_CHANGE_CHANCE) regime = random.uint32() % 3;
      lean = HIDDEN_DECAY * lean + Math.sqrt(1 - HIDDEN_DECAY ** 2) * random.normal();
      const deviation = Math.sqrt(variance);
      const shock = Math.max(-SHOCK_CAP, Math.min(SHOCK_CAP, random.fatTailed()));
      const drift = MOMENTUM_SHARE[regime]! * momentum + HIDDEN_SHARE * lean;
      const move = deviation * (shock + drift);
      variance = Math.min(VARIANCE_CAP, GARCH_OMEGA + GARCH_ALPHA * move * move + GARCH_BETA * variance);
      // Scaled so that the running mean of moves has about unit variance.
      momentum = MOMENTUM_DECAY * momentum + Math.sqrt(1 - MOMENTUM_DECAY ** 2) * (move / deviation);
      returns[i] = base * move;
      sigma[i] = base * deviation;
      hidden[i] = lean;
      sum += base * move;
    }
    const logOpen = Math.log(this.startPrice) + this.level(day);
    const slope = (this.level(day + 1) - this.level(day) - sum) / MINUTES_PER_DAY;
    const logClose = new Float64Array(MINUTES_PER_DAY);
    let at = logOpen;
    for (let i = 0; i < MINUTES_PER_DAY; i++) {
      at += returns[i]! + slope;
      logClose[i] = at;
    }
    return { logOpen, logClose, sigma, hidden };
  }

  private volatility(day: number): number {
    let mood = 0;
    for (let lag = 0; lag < 6; lag++) {
      mood += 0.7 ** lag * new SeededRandom(this.seed, this.label + 1, day - lag).normal();
    }
    return DAILY_VOLATILITY * Math.exp(0.3 * mood - 0.08);
  }

  /** Log level at the start of a day, relative to the start price. */
  private level(day: number): number {
    if (Math.abs(day - GENESIS_DAY) > MAX_DAYS_FROM_GENESIS)
      throw new Error(`day ${day} is outside the market`);
    let known = day;
    const step = day >= GENESIS_DAY ? -1 : 1;
    while (!this.levels.has(known)) known += step;
    for (; known !== day; known -= step) {
      const from = Math.min(known, known - step);
      const move = this.volatility(from) * new SeededRandom(this.seed, this.label + 3, from).normal();
      this.levels.set(known - step, this.levels.get(known)! + (step < 0 ? move : -move));
    }
    return this.levels.get(day)!;
  }
}

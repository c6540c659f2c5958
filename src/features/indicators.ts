/**
 * All per-candle features, one closed candle at a time, in constant time and without allocation. Sums over
 * windows are taken afresh, so only the exponential averages remember anything beyond 61 candles.
 */
import { DAY_MS } from "../domain/candle.ts";
import { CANDLE_FEATURES, CANDLE_INDEX } from "./registry.ts";
import { Ring } from "./ring.ts";
import { Ema, wilder } from "./smooth.ts";

const LOOK_BACK = 61;
/** Ranges and deviations below this share of the price are no measure of anything: a market at rest. */
const RELATIVE_FLOOR = 1e-6;
/** A deviation this far below its mean is rounding. */
const ROUNDING = 1e-12;
const SIGMA_SPAN = 60;

const at = (name: string): number => {
  const index = CANDLE_INDEX.get(name);
  if (index === undefined) throw new Error(`feature ${name} is not in the registry`);
  return index;
};
const RETURNS = [1, 5, 15, 60].map((candles) => ({
  candles,
  ret: at(`ret_${candles}`),
  move: at(`move_${candles}`),
  root: Math.sqrt(candles),
}));
const EMA_12 = at("ema_12");
const EMA_26 = at("ema_26");
const EMA_50 = at("ema_50");
const RSI = at("rsi_14");
const MACD = at("macd_hist");
const BB_POS = at("bb_pos");
const BB_WIDTH = at("bb_width");
const ATR = at("atr_ratio");
const VOL_30 = at("vol_30");
const VOL_RATIO = at("vol_ratio");
const VOLUME_Z = at("volume_z");
const BODY = at("body");
const WICK_UP = at("wick_up");
const WICK_DOWN = at("wick_down");
const DONCHIAN = at("donchian_20");
const TOD_SIN = at("tod_sin");
const TOD_COS = at("tod_cos");

export class Indicators {
  /** Raw values in the registry's order, overwritten by each push; meaningless before a feature's warm-up. */
  readonly raw = new Float64Array(CANDLE_FEATURES.length);
  private readonly closes = new Ring(LOOK_BACK);
  private readonly highs = new Ring(20);
  private readonly lows = new Ring(20);
  private readonly volumes = new Ring(60);
  private readonly returns = new Ring(60);
  private readonly ema12 = new Ema(12);
  private readonly ema26 = new Ema(26);
  private readonly ema50 = new Ema(50);
  private readonly signal = new Ema(9);
  private readonly gain = wilder(14);
  private readonly loss = wilder(14);
  private readonly range = wilder(14);
  private readonly square = new Ema(SIGMA_SPAN);

  /** Forgets everything: the next push is the first. */
  reset(): void {
    const rings = [this.closes, this.highs, this.lows, this.volumes, this.returns];
    const averages = [
      this.ema12,
      this.ema26,
      this.ema50,
      this.signal,
      this.gain,
      this.loss,
      this.range,
      this.square,
    ];
    for (const part of [...rings, ...averages]) part.reset();
  }

  /** EWMA deviation of one candle's log return. */
  get deviation(): number {
    return Math.sqrt(this.square.value);
  }

  push(closeTimeMs: number, open: number, high: number, low: number, close: number, volume: number): void {
    const first = this.closes.length === 0;
    const previous = first ? open : this.closes.back(0);
    this.closes.push(close);
    this.highs.push(high);
    this.lows.push(low);
    this.volumes.push(volume);
    this.range.push(first ? high - low : Math.max(high, previous) - Math.min(low, previous));
    if (!first) {
      const ret = Math.log(close / previous);
      this.returns.push(ret);
      this.square.push(ret * ret);
      this.gain.push(Math.max(close - previous, 0));
      this.loss.push(Math.max(previous - close, 0));
    }
    this.momentum(close);
    this.trend(close);
    this.bands(close);
    this.activity(volume);
    this.shape(open, high, low, close);
    const angle = (2 * Math.PI * (closeTimeMs % DAY_MS)) / DAY_MS;
    this.raw[TOD_SIN] = Math.sin(angle);
    this.raw[TOD_COS] = Math.cos(angle);
  }

  private momentum(close: number): void {
    const unit = Math.max(this.deviation, RELATIVE_FLOOR);
    for (const { candles, ret, move, root } of RETURNS) {
      const value = candles < this.closes.length ? Math.log(close / this.closes.back(candles)) : 0;
      this.raw[ret] = value;
      this.raw[move] = value / (unit * root);
    }
    const swing = this.gain.value + this.loss.value;
    this.raw[RSI] = swing > ROUNDING * close ? (this.gain.value - this.loss.value) / swing : 0;
  }

  private trend(close: number): void {
    const atr = Math.max(this.range.value, RELATIVE_FLOOR * close);
    const fast = this.ema12.push(close);
    const slow = this.ema26.push(close);
    const macd = fast - slow;
    this.raw[EMA_12] = (close - fast) / atr;
    this.raw[EMA_26] = (close - slow) / atr;
    this.raw[EMA_50] = (close - this.ema50.push(close)) / atr;
    this.raw[MACD] = (macd - this.signal.push(macd)) / atr;
    this.raw[ATR] = this.range.value / close;
  }

  private bands(close: number): void {
    const middle = this.closes.mean(20);
    const deviation = this.closes.deviation(20, middle);
    const flat = deviation <= ROUNDING * middle;
    this.raw[BB_POS] = flat ? 0 : (close - middle) / (4 * deviation);
    this.raw[BB_WIDTH] = flat ? 0 : (4 * deviation) / middle;
    const top = this.highs.max(20);
    const bottom = this.lows.min(20);
    this.raw[DONCHIAN] = top > bottom ? (close - bottom) / (top - bottom) - 0.5 : 0;
  }

  private activity(volume: number): void {
    const none = this.returns.length === 0;
    const long = none ? 0 : this.returns.deviation(60, 0);
    this.raw[VOL_30] = none ? 0 : this.returns.deviation(30, 0);
    this.raw[VOL_RATIO] = long > RELATIVE_FLOOR ? this.returns.deviation(10, 0) / long : 1;
    const mean = this.volumes.mean(60);
    const deviation = this.volumes.deviation(60, mean);
    this.raw[VOLUME_Z] = deviation > ROUNDING * mean ? (volume - mean) / deviation : 0;
  }

  private shape(open: number, high: number, low: number, close: number): void {
    const range = high - low;
    this.raw[BODY] = range > 0 ? (close - open) / range : 0;
    this.raw[WICK_UP] = range > 0 ? (high - Math.max(open, close)) / range : 0;
    this.raw[WICK_DOWN] = range > 0 ? (Math.min(open, close) - low) / range : 0;
  }
}

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Indicators } from "../../src/features/indicators.ts";
import { CANDLE_INDEX } from "../../src/features/registry.ts";
import { MIDNIGHT, walk } from "./market.ts";

const COUNT = 400;
const candles = walk(11, MIDNIGHT, COUNT);
const numbers = candles.map((c) => ({
  open: Number(c.openE8) / 1e8,
  high: Number(c.highE8) / 1e8,
  low: Number(c.lowE8) / 1e8,
  close: Number(c.closeE8) / 1e8,
  volume: Number(c.volumeE8) / 1e8,
}));
const closes = numbers.map((c) => c.close);
const indicators = new Indicators();
const rows = numbers.map((c, i) => {
  indicators.push(candles[i]!.openTimeMs + 60_000, c.open, c.high, c.low, c.close, c.volume);
  return Float64Array.from(indicators.raw);
});
const last = (name: string): number => rows.at(-1)![CANDLE_INDEX.get(name)!]!;
const near = (actual: number, expected: number): void =>
  assert.ok(Math.abs(actual - expected) < 1e-9, `${actual} ≠ ${expected}`);

// The formulas as a textbook states them, over whole arrays.
const mean = (values: number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
const deviation = (values: number[]): number => Math.sqrt(mean(values.map((v) => (v - mean(values)) ** 2)));
function smoothed(values: number[], n: number, weight: number): number[] {
  const out: number[] = [mean(values.slice(0, n))];
  for (const value of values.slice(n)) out.push(value * weight + out.at(-1)! * (1 - weight));
  return out;
}
const ema = (values: number[], n: number): number[] => smoothed(values, n, 2 / (n + 1));
const changes = closes.slice(1).map((close, i) => close - closes[i]!);
const returns = closes.slice(1).map((close, i) => Math.log(close) - Math.log(closes[i]!));
const trueRanges = numbers.map(({ high, low }, i) => {
  const before = closes[i - 1];
  return before === undefined
    ? high - low
    : Math.max(high - low, Math.abs(high - before), Math.abs(low - before));
});
const atr = smoothed(trueRanges, 14, 1 / 14).at(-1)!;
const close = closes.at(-1)!;

describe("indicators agree with their textbook formulas", () => {
  it("for exponential averages, in units of ATR", () => {
    for (const n of [12, 26, 50]) near(last(`ema_${n}`), (close - ema(closes, n).at(-1)!) / atr);
  });

  it("for the MACD histogram", () => {
    const fast = ema(closes, 12);
    const slow = ema(closes, 26);
    const macd = slow.map((value, i) => fast[i + 14]! - value);
    near(last("macd_hist"), (macd.at(-1)! - ema(macd, 9).at(-1)!) / atr);
  });

  it("for Wilder's RSI, centred", () => {
    const gain = smoothed(
      changes.map((c) => Math.max(c, 0)),
      14,
      1 / 14,
    ).at(-1)!;
    const loss = smoothed(
      changes.map((c) => Math.max(-c, 0)),
      14,
      1 / 14,
    ).at(-1)!;
    near(last("rsi_14"), (100 - 100 / (1 + gain / loss) - 50) / 50);
  });

  it("for Wilder's ATR as a share of the price", () => near(last("atr_ratio"), atr / close));

  it("for Bollinger's position and width", () => {
    const window = closes.slice(-20);
    const upper = mean(window) + 2 * deviation(window);
    const lower = mean(window) - 2 * deviation(window);
    near(last("bb_pos"), (close - lower) / (upper - lower) - 0.5);
    near(last("bb_width"), (upper - lower) / mean(window));
  });

  it("for returns, plain and in units of their own deviation", () => {
    const sigma = Math.sqrt(
      smoothed(
        returns.map((r) => r * r),
        60,
        2 / 61,
      ).at(-1)!,
    );
    for (const n of [1, 5, 15, 60]) {
      const ret = Math.log(close / closes.at(-1 - n)!);
      near(last(`ret_${n}`), ret);
      near(last(`move_${n}`), ret / sigma / Math.sqrt(n));
    }
    near(indicators.deviation, sigma);
  });

  it("for realised volatility and the volume's z-score", () => {
    const rms = (n: number): number => Math.sqrt(mean(returns.slice(-n).map((r) => r * r)));
    near(last("vol_30"), rms(30));
    near(last("vol_ratio"), rms(10) / rms(60));
    const volumes = numbers.slice(-60).map((c) => c.volume);
    near(last("volume_z"), (volumes.at(-1)! - mean(volumes)) / deviation(volumes));
  });

  it("for the candle's shape and its place in the channel", () => {
    const { open, high, low } = numbers.at(-1)!;
    near(last("body"), (close - open) / (high - low));
    near(last("wick_up") + last("wick_down") + Math.abs(last("body")), 1);
    const top = Math.max(...numbers.slice(-20).map((c) => c.high));
    const bottom = Math.min(...numbers.slice(-20).map((c) => c.low));
    near(last("donchian_20"), (close - bottom) / (top - bottom) - 0.5);
  });

  it("for the time of day: six in the morning is a quarter turn", () => {
    const quarter = rows[359]!;
    near(quarter[CANDLE_INDEX.get("tod_sin")!]!, 1);
    near(quarter[CANDLE_INDEX.get("tod_cos")!]!, 0);
  });
});

describe("a market at rest", () => {
  it("has finite, neutral features", () => {
    const still = new Indicators();
    for (let i = 1; i <= 100; i++) still.push(i * 60_000, 0.1, 0.1, 0.1, 0.1, 0);
    for (const value of still.raw) assert.ok(Number.isFinite(value));
    for (const name of [
      "ret_60",
      "move_60",
      "ema_50",
      "rsi_14",
      "macd_hist",
      "bb_pos",
      "volume_z",
      "body",
      "donchian_20",
    ])
      assert.equal(still.raw[CANDLE_INDEX.get(name)!], 0, name);
  });
});

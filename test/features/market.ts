/** A small made-up market for tests: a random walk with candles that obey their own rules. */
import type { Candle } from "../../src/domain/candle.ts";
import { MINUTE_MS, utcMidnight } from "../../src/domain/candle.ts";
import type { EvidenceBundle } from "../../src/domain/evidence.ts";
import { DEFAULT_FEATURE_SPEC } from "../../src/features/index.ts";

/** 2026-01-05T00:00:00Z. */
export const MIDNIGHT = 1_767_571_200_000;

export function seededUniform(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** `count` candles, the first opening at `fromMs`; about 5 bps a minute around 60000, in ticks of 0.1. */
export function walk(seed: number, fromMs: number, count: number, scale = 1n): Candle[] {
  const uniform = seededUniform(seed);
  const tick = 10_000_000n * scale;
  const candles: Candle[] = [];
  let close = 600_000;
  for (let i = 0; i < count; i++) {
    const open = close;
    close = Math.max(1_000, Math.round(open * (1 + (uniform() + uniform() + uniform() - 1.5) * 0.001)));
    const high = Math.max(open, close) + Math.floor(uniform() * 150);
    const low = Math.min(open, close) - Math.floor(uniform() * 150);
    candles.push({
      openTimeMs: fromMs + i * MINUTE_MS,
      openE8: BigInt(open) * tick,
      highE8: BigInt(high) * tick,
      lowE8: BigInt(low) * tick,
      closeE8: BigInt(close) * tick,
      volumeE8: BigInt(Math.floor(uniform() * 1e9)) * 10n,
    });
  }
  return candles;
}

/** The candles that a bundle with this cut-off holds. */
export function slice(candles: readonly Candle[], cutoffMs: number): Candle[] {
  const fromMs = utcMidnight(cutoffMs) - DEFAULT_FEATURE_SPEC.windowCandles * MINUTE_MS;
  return candles.filter((candle) => candle.openTimeMs >= fromMs && candle.openTimeMs < cutoffMs);
}

const level = (price: number, quantity: number): readonly [bigint, bigint] => [
  BigInt(price) * 10_000_000n,
  BigInt(quantity) * 1_000_000n,
];

/** Everything present. */
export function bundleAt(candles: readonly Candle[], cutoffMs: number): EvidenceBundle {
  return {
    market: "weex:BTCUSDT",
    stepMs: MINUTE_MS,
    cutoffMs,
    anchorMs: utcMidnight(cutoffMs),
    windowCandles: DEFAULT_FEATURE_SPEC.windowCandles,
    candles: slice(candles, cutoffMs),
    funding: [3, 2, 1].map((ago) => ({
      fundingTimeMs: cutoffMs - ago * 3_600_000,
      rateE12: BigInt(ago) * 100_000_000n,
    })),
    book: {
      updateId: "7",
      observedAtMs: cutoffMs - 500,
      bids: Array.from({ length: 15 }, (_, i) => level(600_000 - i, 300)),
      asks: Array.from({ length: 15 }, (_, i) => level(600_001 + i, 100)),
    },
    openInterest: [
      { observedAtMs: cutoffMs - 300_000, amountE8: 100_000_000n },
      { observedAtMs: cutoffMs - 1_000, amountE8: 110_000_000n },
    ],
    fearGreed: { source: "test", publishedAtMs: cutoffMs - 3_600_000, valuePpm: 250_000 },
    headlines: { source: "test", publishedAtMs: cutoffMs - 60_000, valuePpm: 400_000 },
    equityE8: 1_000_000_000_000n,
  };
}

/** Bytes of floats, for comparing bits. */
export const bits = (values: Float32Array | Float64Array): string =>
  Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString("hex");

/** Prices as labels need them: columns of floats. Missing bars are allowed and mean that nothing was traded. */
import type { Candle } from "../domain/candle.ts";
import { refuse } from "../stats/index.ts";

export type Bars = {
  stepMs: number;
  /** Ascending. A bar is known at its open time + step. */
  openTimeMs: Float64Array;
  open: Float64Array;
  high: Float64Array;
  low: Float64Array;
  close: Float64Array;
};

export function barsOf(candles: readonly Candle[], stepMs: number): Bars {
  const price = (pick: (candle: Candle) => bigint): Float64Array =>
    Float64Array.from(candles, (candle) => Number(pick(candle)) / 1e8);
  candles.forEach((candle, i) => {
    if (i > 0 && candle.openTimeMs < candles[i - 1]!.openTimeMs + stepMs)
      refuse(`candle ${i} does not open a step after candle ${i - 1}; sort them and check the step`);
  });
  return {
    stepMs,
    openTimeMs: Float64Array.from(candles, (candle) => candle.openTimeMs),
    open: price((candle) => candle.openE8),
    high: price((candle) => candle.highE8),
    low: price((candle) => candle.lowE8),
    close: price((candle) => candle.closeE8),
  };
}

/** When bar `index` is known: the time of a decision taken on its close. */
export const closeTimeMs = (bars: Bars, index: number): number => bars.openTimeMs[index]! + bars.stepMs;

/** The last bar that is closed at `timeMs`, or −1. */
export function lastClosedBar(bars: Bars, timeMs: number): number {
  let [low, high] = [0, bars.openTimeMs.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (closeTimeMs(bars, middle) <= timeMs) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** @throws DomainError `stats.badInput` unless there is a bar of that index and the horizon is whole steps. */
export function checkEvent(bars: Bars, index: number, horizonMs: number): void {
  if (!Number.isInteger(index) || index < 0 || index >= bars.close.length)
    refuse(`there is no bar ${index} to decide on; ${bars.close.length} bars are given`);
  if (!(horizonMs > 0) || horizonMs % bars.stepMs !== 0)
    refuse(`a horizon of ${horizonMs} ms is no positive multiple of the bars' ${bars.stepMs} ms`);
}

/** True when the market was seen until `timeMs`, so that what happened before it is known. */
export const knownUntil = (bars: Bars, timeMs: number): boolean =>
  bars.close.length > 0 && closeTimeMs(bars, bars.close.length - 1) >= timeMs;

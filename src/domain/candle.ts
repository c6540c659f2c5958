/** A closed bar of a market: known only at `openTimeMs + stepMs`. Amounts are exact E8 integers from the venue's strings. */
export type Candle = {
  openTimeMs: number;
  openE8: bigint;
  highE8: bigint;
  lowE8: bigint;
  closeE8: bigint;
  volumeE8: bigint;
};

export const MINUTE_MS = 60_000;
export const DAY_MS = 86_400_000;

/** The UTC midnight at or before `timeMs`. */
export const utcMidnight = (timeMs: number): number => Math.floor(timeMs / DAY_MS) * DAY_MS;

/** @returns why the candle cannot be true, or undefined. */
export function candleFault(candle: Candle, stepMs: number): string | undefined {
  if (!Number.isSafeInteger(candle.openTimeMs) || candle.openTimeMs % stepMs !== 0)
    return "open time off the grid";
  if (candle.lowE8 <= 0n) return "price not positive";
  if (candle.volumeE8 < 0n) return "negative volume";
  const top = candle.openE8 > candle.closeE8 ? candle.openE8 : candle.closeE8;
  const bottom = candle.openE8 < candle.closeE8 ? candle.openE8 : candle.closeE8;
  if (candle.highE8 < top || candle.lowE8 > bottom) return "high or low inside the body";
  return undefined;
}

/** First missing open time in an ascending run of candles that should cover [fromMs, toMs) on the grid, or undefined. */
export function firstGap(
  candles: readonly Candle[],
  fromMs: number,
  toMs: number,
  stepMs: number,
): number | undefined {
  let expected = fromMs;
  for (const candle of candles) {
    if (candle.openTimeMs < expected) continue;
    if (candle.openTimeMs >= toMs) break;
    if (candle.openTimeMs !== expected) return expected;
    expected += stepMs;
  }
  return expected < toMs ? expected : undefined;
}

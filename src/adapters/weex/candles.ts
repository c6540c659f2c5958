/**
 * Closed one-minute candles of any range in the fewest calls. `klines` reaches 1000 bars back from now and takes
 * no range (weight 1); `historyKlines` takes a range of at most 100 bars (weight 5).
 */
import { type Candle, candleFault, MINUTE_MS } from "../../domain/candle.ts";
import { UnknownOutcome } from "../../errors/errors.ts";
import { ENDPOINTS } from "./endpoints.ts";
import { klinesReply } from "./schemas.ts";
import type { Transport } from "./transport.ts";

const RECENT_BARS = 1_000;
const HISTORY_BARS = 100;
/** Bars kept free at the old end of `klines`, for a minute that passes between two calls. */
const SEAM_BARS = 2;
/** A bar that closed longer ago than this is closed whatever our clock's error; later ones need the server's time. */
const CLOCK_TRUST_MS = 5_000;
const INTERVAL = "1m";

const floorToBar = (timeMs: number): number => Math.floor(timeMs / MINUTE_MS) * MINUTE_MS;
const ceilToBar = (timeMs: number): number => Math.ceil(timeMs / MINUTE_MS) * MINUTE_MS;

/** Candles of one market by open time; two different candles for one minute are an unreadable reply. */
function collect(into: Map<number, Candle>, candles: readonly Candle[]): void {
  for (const candle of candles) {
    const fault = candleFault(candle, MINUTE_MS);
    if (fault) throw new UnknownOutcome("weex.candle", `WEEX sent a candle that cannot be true: ${fault}`);
    const known = into.get(candle.openTimeMs);
    const same =
      !known ||
      (known.openE8 === candle.openE8 &&
        known.highE8 === candle.highE8 &&
        known.lowE8 === candle.lowE8 &&
        known.closeE8 === candle.closeE8 &&
        known.volumeE8 === candle.volumeE8);
    if (!same)
      throw new UnknownOutcome("weex.candle", `WEEX sent two versions of the candle ${candle.openTimeMs}`);
    into.set(candle.openTimeMs, candle);
  }
}

/**
 * @returns closed candles with fromMs <= openTimeMs < toMs, ascending, exact, possibly with gaps.
 * @throws UnknownOutcome for an impossible or contradictory candle.
 */
export async function fetchCandles(
  transport: Transport,
  serverTimeMs: () => Promise<number>,
  symbol: string,
  fromMs: number,
  toMs: number,
): Promise<Candle[]> {
  const from = ceilToBar(fromMs);
  const nowMs = transport.venueNow();
  const surelyClosed = ceilToBar(toMs) <= nowMs - CLOCK_TRUST_MS;
  const to = surelyClosed ? ceilToBar(toMs) : Math.min(ceilToBar(toMs), floorToBar(await serverTimeMs()));
  if (from >= to) return [];

  const found = new Map<number, Candle>();
  const inRange = (candle: Candle) => candle.openTimeMs >= from && candle.openTimeMs < to;
  const currentBar = Math.max(floorToBar(nowMs), to);
  const recentFrom = Math.max(from, currentBar - (RECENT_BARS - SEAM_BARS) * MINUTE_MS);
  const calls = (fromBar: number, toBar: number) =>
    Math.max(0, Math.ceil((toBar - fromBar) / MINUTE_MS / HISTORY_BARS));

  let historyTo = to;
  if (recentFrom < to && calls(from, recentFrom) + 1 <= calls(from, to)) {
    const limit = Math.min(RECENT_BARS, (currentBar - recentFrom) / MINUTE_MS + SEAM_BARS);
    const rows = await transport.call(ENDPOINTS.klines, klinesReply, { symbol, interval: INTERVAL, limit });
    collect(found, rows.filter(inRange));
    const oldest = rows.reduce((least, row) => Math.min(least, row.openTimeMs), Number.POSITIVE_INFINITY);
    const reachedBack = rows.length < limit || oldest <= recentFrom;
    historyTo = reachedBack ? recentFrom : Math.min(to, oldest);
  }
  for (let start = from; start < historyTo; start += HISTORY_BARS * MINUTE_MS) {
    const end = Math.min(start + HISTORY_BARS * MINUTE_MS, historyTo);
    const range = { startTime: start, endTime: end - 1, limit: HISTORY_BARS, priceType: "LAST" };
    const rows = await transport.call(ENDPOINTS.historyKlines, klinesReply, {
      symbol,
      interval: INTERVAL,
      ...range,
    });
    collect(found, rows.filter(inRange));
  }
  return [...found.values()].sort((a, b) => a.openTimeMs - b.openTimeMs);
}

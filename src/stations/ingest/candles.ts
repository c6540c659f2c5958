/** Closed candles by REST are the authority: fetch what is missing, refuse what cannot be true, never guess. */
import { type Candle, candleFault, firstGap } from "../../domain/candle.ts";
import { sortKey } from "../../domain/market.ts";
import type { Store } from "../../ports/store.ts";
import { MAX_TRANSACTION_WRITES } from "../../ports/store.ts";
import type { VenueData } from "../../ports/venue.ts";
import { put } from "../station.ts";

const MAX_BACKFILL_ROUNDS = 3;

export const candlePk = (market: string) => `candle#${market}`;

export async function storedCandles(
  store: Store,
  market: string,
  fromMs: number,
  toMs: number,
): Promise<Candle[]> {
  const items = await store.query<Candle>(candlePk(market), {
    from: sortKey(fromMs),
    to: sortKey(toMs - 1),
    limit: 10_000,
  });
  return items.map((item) => item.value);
}

/** @returns the candles that were fetched, or why the window is not complete. Stores in order, so that a kill leaves a prefix. */
export async function completeCandles(
  deps: { store: Store; venue: VenueData },
  market: { market: string; symbol: string; stepMs: number },
  fromMs: number,
  toMs: number,
): Promise<{ fetched: number } | { refused: string }> {
  let fetched = 0;
  for (let round = 0; round < MAX_BACKFILL_ROUNDS; round++) {
    const gapMs = await firstMissing(deps.store, market.market, fromMs, toMs, market.stepMs);
    if (gapMs === undefined) return { fetched };
    const candles = (await deps.venue.candles(market.symbol, gapMs, toMs)).filter(
      (c) => c.openTimeMs >= gapMs && c.openTimeMs < toMs,
    );
    for (const candle of candles) {
      const fault = candleFault(candle, market.stepMs);
      if (fault)
        return { refused: `candle ${new Date(candle.openTimeMs).toISOString()} is impossible: ${fault}` };
    }
    await storeCandles(deps.store, market.market, candles);
    fetched += candles.length;
  }
  const gapMs = await firstMissing(deps.store, market.market, fromMs, toMs, market.stepMs);
  return gapMs === undefined
    ? { fetched }
    : { refused: `candle ${new Date(gapMs).toISOString()} is missing and could not be backfilled` };
}

/** What is known to be there without a gap. */
export async function candleSpan(
  store: Store,
  market: string,
): Promise<{ fromMs: number; toMs: number } | undefined> {
  return (await store.get<{ fromMs: number; toMs: number }>("candleSpan", market))?.value;
}

async function firstMissing(
  store: Store,
  market: string,
  fromMs: number,
  toMs: number,
  stepMs: number,
): Promise<number | undefined> {
  // The common case first: everything up to the newest candle is there, only the last few are to be fetched.
  const known = await candleSpan(store, market);
  if (known && known.fromMs <= fromMs && known.toMs >= toMs) return undefined;
  const startMs = known && known.fromMs <= fromMs && known.toMs >= fromMs ? known.toMs : fromMs;
  const gapMs = firstGap(await storedCandles(store, market, startMs, toMs), startMs, toMs, stepMs);
  if (gapMs === undefined)
    await store.transact([
      put("candleSpan", market, { fromMs: startMs === fromMs ? fromMs : known!.fromMs, toMs }),
    ]);
  return gapMs;
}

/** Overwrites: the venue's latest word on a closed candle is the one attesters will fetch too. */
export async function storeCandles(store: Store, market: string, candles: readonly Candle[]): Promise<void> {
  for (let at = 0; at < candles.length; at += MAX_TRANSACTION_WRITES)
    await store.transact(
      candles
        .slice(at, at + MAX_TRANSACTION_WRITES)
        .map((candle) => put(candlePk(market), sortKey(candle.openTimeMs), candle)),
    );
}

/** After attesters saw other inputs than we did: forget the window, so that the next slot fetches it anew. */
export async function distrustCandles(store: Store, market: string, fromMs: number): Promise<void> {
  const span = await store.get("candleSpan", market);
  const items = await store.query<Candle>(candlePk(market), { from: sortKey(fromMs), limit: 10_000 });
  for (let at = 0; at < items.length; at += MAX_TRANSACTION_WRITES)
    await store.transact(
      items
        .slice(at, at + MAX_TRANSACTION_WRITES)
        .map((item) => ({ op: "delete" as const, pk: item.pk, sk: item.sk })),
    );
  if (span) await store.transact([{ op: "delete", pk: span.pk, sk: span.sk }]);
}

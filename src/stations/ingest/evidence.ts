/** Gathers the raw inputs of a slot. The engine and every attester run this, each with its own venue client and store. */
import { utcMidnight } from "../../domain/candle.ts";
import { FUNDING_POINTS, OPEN_INTEREST_POINTS, type OpenInterestSample } from "../../domain/evidence.ts";
import { sortKey } from "../../domain/market.ts";
import type { SlotRecord } from "../../domain/records.ts";
import type { Sentiment } from "../../ports/ports.ts";
import type { Store } from "../../ports/store.ts";
import type { VenueAccount, VenueData } from "../../ports/venue.ts";
import type { MarketWindow } from "../features/window.ts";
import { completeCandles } from "./candles.ts";

/** A slot found later than this, engine or attester, is not recorded: its perishable inputs are gone. */
export const RECORD_WITHIN_MS = 60_000;

export type EvidenceSources = {
  store: Store;
  venue: VenueData & Pick<VenueAccount, "balance">;
  sentiment: Sentiment;
  window: MarketWindow;
  config: { market: string; symbol: string; slotStepMs: number };
};

/** Perishable samples are taken after the close they belong to and stamped with it: the decision uses nothing later. */
export async function gatherEvidence(
  sources: EvidenceSources,
  cutoffMs: number,
): Promise<{ evidence: NonNullable<SlotRecord["evidence"]>; fetched: number } | { refused: string }> {
  const { config, store, venue, window, sentiment } = sources;
  const { stepMs, windowCandles } = window.spec;
  const fromMs = window.firstOpenMs(cutoffMs);
  const candles = await completeCandles({ store, venue }, { ...config, stepMs }, fromMs, cutoffMs);
  if ("refused" in candles) return candles;
  const [book, interest, funding, balance, fearGreed, headlines] = await Promise.all([
    venue.book(config.symbol),
    venue.openInterest(config.symbol),
    venue.funding(config.symbol, cutoffMs, FUNDING_POINTS),
    venue.balance(),
    sentiment.fearGreed(cutoffMs),
    sentiment.headlines(cutoffMs),
  ]);
  const bid = book.bids[0]?.[0];
  const ask = book.asks[0]?.[0];
  if (bid !== undefined && ask !== undefined && bid >= ask)
    return { refused: `order book is crossed (bid ${bid}, ask ${ask}, E8)` };
  return {
    fetched: candles.fetched,
    evidence: {
      market: config.market,
      stepMs,
      cutoffMs,
      anchorMs: utcMidnight(cutoffMs),
      windowCandles,
      candleCount: (cutoffMs - fromMs) / stepMs,
      funding,
      book: { ...book, observedAtMs: cutoffMs },
      openInterest: await openInterestUntil(sources, cutoffMs, interest),
      fearGreed,
      headlines,
      equityE8: balance.balanceE8,
    },
  };
}

/** The last samples, one a slot, oldest first, including this slot's. */
async function openInterestUntil(
  { config, store }: EvidenceSources,
  cutoffMs: number,
  sample: OpenInterestSample,
): Promise<OpenInterestSample[]> {
  const fromMs = cutoffMs - (OPEN_INTEREST_POINTS - 1) * config.slotStepMs;
  const earlier = await store.query<OpenInterestSample>("openInterest", {
    from: `${config.market}#${sortKey(fromMs)}`,
    to: `${config.market}#${sortKey(cutoffMs - 1)}`,
    limit: OPEN_INTEREST_POINTS,
  });
  return [...earlier.map((item) => item.value), { observedAtMs: cutoffMs, amountE8: sample.amountE8 }];
}

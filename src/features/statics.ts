/** Decision-time features from book, funding, open interest and sentiment. */
import type { BookSample, FundingPoint, OpenInterestSample, SentimentSample } from "../domain/evidence.ts";
import { BOOK_LEVELS, FUNDING_POINTS } from "../domain/evidence.ts";
import { DomainError } from "../errors/errors.ts";
import type { DecisionInputs } from "./assemble.ts";
import { BOOK_ROW, imbalanceOf, microOf, midOf, SIDE_ROW, slopeOf, spreadOf } from "./order-book.ts";
import { MAX_AGE_MS, STATIC_FEATURES, STATIC_INDEX, settleValue } from "./registry.ts";
import type { FeatureSpec } from "./spec.ts";

const BPS = 10_000;
const PPM = 1e6;
const IMBALANCE_DEPTHS = [1, 5, 15] as const;

const bad = (why: string): never => {
  throw new DomainError("features.badInput", why);
};

/**
 * [statics.length] in the spec's order. A group that is missing, or older than its maximum age, is all 0 with its
 * flag 0.
 * @throws DomainError `features.lookAhead` for anything later than the cut-off, `features.badInput` for the impossible.
 */
export function staticsOf(spec: FeatureSpec, inputs: DecisionInputs): Float32Array {
  const raw = new Float64Array(STATIC_FEATURES.length);
  const set = (name: string, value: number): void => {
    raw[STATIC_INDEX.get(name)!] = value;
  };
  bookFeatures(inputs.book, inputs.cutoffMs, set);
  fundingFeatures(inputs.funding, inputs.cutoffMs, set);
  openInterestFeatures(inputs.openInterest, inputs.cutoffMs, set);
  sentimentFeature("fear_greed", "fearGreed", inputs.fearGreed, inputs.cutoffMs, set);
  sentimentFeature("headlines", "headlines", inputs.headlines, inputs.cutoffMs, set);
  return Float32Array.from(spec.statics, (name) => {
    const index = STATIC_INDEX.get(name)!;
    return settleValue(STATIC_FEATURES[index]!, raw[index]!);
  });
}

type Set = (name: string, value: number) => void;

/** @returns whether a sample of this time may be used; refuses the future. */
function usable(what: keyof typeof MAX_AGE_MS, timeMs: number, cutoffMs: number): boolean {
  if (timeMs > cutoffMs)
    throw new DomainError("features.lookAhead", `${what} of ${timeMs} is later than the cut-off ${cutoffMs}`);
  return cutoffMs - timeMs <= MAX_AGE_MS[what];
}

function bookFeatures(book: BookSample | null, cutoffMs: number, set: Set): void {
  if (!book || !usable("book", book.observedAtMs, cutoffMs)) return;
  const bid = book.bids[0];
  const ask = book.asks[0];
  if (!bid || !ask) return;
  if (bid[0] >= ask[0]) bad(`book ${book.updateId} is crossed`);
  checkSide(book.bids, -1);
  checkSide(book.asks, 1);
  const row = new Float64Array(BOOK_ROW);
  fill(row, 0, book.bids);
  fill(row, SIDE_ROW, book.asks);
  const mid = midOf(row, 0);
  for (const depth of IMBALANCE_DEPTHS) set(`imbalance_${depth}`, imbalanceOf(row, 0, depth));
  set("spread_bps", spreadOf(row, 0) * BPS);
  set("micro_bps", microOf(row, 0) * BPS);
  set("slope_bid", slopeOf(row, 0, mid));
  set("slope_ask", slopeOf(row, SIDE_ROW, mid));
  set("book_present", 1);
}

/** One side of a book, at most BOOK_LEVELS levels, into its half of the row. */
function fill(row: Float64Array, from: number, levels: BookSample["bids"]): void {
  levels.slice(0, BOOK_LEVELS).forEach(([price, quantity], level) => {
    row[from + 2 * level] = Number(price);
    row[from + 2 * level + 1] = Number(quantity);
  });
}

/** Prices strictly away from the touch, quantities positive. */
function checkSide(levels: BookSample["bids"], direction: 1 | -1): void {
  levels.forEach(([price, quantity], i) => {
    if (price <= 0n || quantity <= 0n) bad("a book level has no price or no quantity");
    const before = levels[i - 1]?.[0];
    if (before !== undefined && (direction === 1 ? price <= before : price >= before))
      bad("book levels are out of order");
  });
}

function fundingFeatures(points: readonly FundingPoint[], cutoffMs: number, set: Set): void {
  points.forEach(({ fundingTimeMs }, i) => {
    usable("funding", fundingTimeMs, cutoffMs);
    if (fundingTimeMs <= (points[i - 1]?.fundingTimeMs ?? -1)) bad("funding points are not ascending");
  });
  const last = points.at(-1);
  if (!last || points.length < FUNDING_POINTS || !usable("funding", last.fundingTimeMs, cutoffMs)) return;
  const rates = points.slice(-FUNDING_POINTS).map((point) => (Number(point.rateE12) / 1e12) * BPS);
  set("funding_last", rates.at(-1)!);
  set("funding_mean_3", rates.reduce((sum, rate) => sum + rate, 0) / rates.length);
  set("funding_present", 1);
}

function openInterestFeatures(samples: readonly OpenInterestSample[], cutoffMs: number, set: Set): void {
  samples.forEach(({ observedAtMs, amountE8 }, i) => {
    usable("openInterest", observedAtMs, cutoffMs);
    if (amountE8 <= 0n) bad("open interest is not positive");
    if (observedAtMs <= (samples[i - 1]?.observedAtMs ?? -1)) bad("open interest samples are not ascending");
  });
  const first = samples[0];
  const last = samples.at(-1);
  if (!first || !last || first === last || !usable("openInterest", last.observedAtMs, cutoffMs)) return;
  set("open_interest_change", Math.log(Number(last.amountE8) / Number(first.amountE8)));
  set("open_interest_present", 1);
}

const SENTIMENT_RANGE = { fearGreed: [0, PPM], headlines: [-PPM, PPM] } as const;

function sentimentFeature(
  name: "fear_greed" | "headlines",
  group: "fearGreed" | "headlines",
  sample: SentimentSample | null,
  cutoffMs: number,
  set: Set,
): void {
  if (!sample || !usable(group, sample.publishedAtMs, cutoffMs)) return;
  const [low, high] = SENTIMENT_RANGE[group];
  if (!(sample.valuePpm >= low && sample.valuePpm <= high))
    bad(`${name} of ${sample.valuePpm} is outside its range`);
  set(name, group === "fearGreed" ? (2 * sample.valuePpm) / PPM - 1 : sample.valuePpm / PPM);
  set(`${name}_present`, 1);
}

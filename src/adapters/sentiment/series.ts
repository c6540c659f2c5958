/** A published history of one figure, and the only question asked of it: what was known at a moment. */
import type { SentimentSample } from "../../domain/evidence.ts";
import { MAX_AGE_MS } from "../../features/registry.ts";

export type Point = { publishedAtMs: number; valuePpm: number };

/** One of the two questions of the `Sentiment` port. */
export type SampleAt = (atMs: number) => Promise<SentimentSample | null>;

/** What distinguishes the two figures. `lagMs`: how long after its publication a value is taken for known to everyone. */
export type Kind = { lagMs: number; maxAgeMs: number; lowPpm: number; highPpm: number };

const PPM = 1_000_000;

/** Published about midnight UTC, by hand of a daily job: ten minutes later engine and attesters see the same one. */
export const FEAR_GREED: Kind = {
  lagMs: 10 * 60_000,
  maxAgeMs: MAX_AGE_MS.fearGreed,
  lowPpm: 0,
  highPpm: PPM,
};

export const HEADLINES: Kind = {
  lagMs: 60_000,
  maxAgeMs: MAX_AGE_MS.headlines,
  lowPpm: -PPM,
  highPpm: PPM,
};

/**
 * The newest point published at or before `atMs − lagMs`; null when there is none or it is older than `maxAgeMs`.
 * @param points ascending, one for each time
 */
export function newestAt(
  points: readonly Point[],
  { lagMs, maxAgeMs }: Pick<Kind, "lagMs" | "maxAgeMs">,
  atMs: number,
): Point | null {
  let low = 0;
  let high = points.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (points[middle]!.publishedAtMs <= atMs - lagMs) low = middle + 1;
    else high = middle;
  }
  const point = points[low - 1];
  return point && atMs - point.publishedAtMs <= maxAgeMs ? point : null;
}

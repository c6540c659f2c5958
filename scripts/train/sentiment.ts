/**
 * Sentiment for synthetic markets. It is noise with the pace of the real thing and knows nothing of the market, so
 * a model learns to accept these inputs and to give them no weight; recorded sentiment needs a new training.
 */
import { DAY_MS } from "../../src/domain/candle.ts";
import type { SentimentSample } from "../../src/domain/evidence.ts";
import { SeededRandom } from "../../src/stats/random.ts";

export const SENTIMENT_GENERATOR = "uninformative noise: daily fear & greed, hourly headline score";

const HOUR_MS = 3_600_000;

function valueAt(seed: number, period: number): number {
  const random = new SeededRandom(Math.imul(seed + 1, 0x9e3779b1) ^ period);
  random.uniform();
  return random.uniform();
}

/** Published at midnight UTC, spread over the whole index. */
export function fearGreedAt(seed: number, timeMs: number): SentimentSample {
  const day = Math.floor(timeMs / DAY_MS);
  return { source: "noise", publishedAtMs: day * DAY_MS, valuePpm: Math.round(valueAt(seed, day) * 1e6) };
}

/** Published every full hour, −1e6 … 1e6. */
export function headlinesAt(seed: number, timeMs: number): SentimentSample {
  const hour = Math.floor(timeMs / HOUR_MS);
  return {
    source: "noise",
    publishedAtMs: hour * HOUR_MS,
    valuePpm: Math.round((2 * valueAt(seed + 0x5bd1, hour) - 1) * 1e6),
  };
}

/**
 * Keeps us below the venue's request weight by what its reply headers say (`x-used-weight-10s`,
 * `x-remaining-weight-10s`) and by its 429s. Waits in real time, always bounded.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Headers } from "./exchange.ts";

/** The venue counts weight in windows of this length. */
export const WEIGHT_WINDOW_MS = 10_000;

export type RateLimiter = {
  /** Waits while the last reply said that `weight` is not left, at most `maxWaitMs`. */
  beforeCall(weight: number, maxWaitMs: number): Promise<void>;
  onHeaders(headers: Headers): void;
  /** Weight used and left as last heard, for the status display. */
  seen(): { used: number | undefined; remaining: number | undefined };
};

function headerNumber(headers: Headers, prefix: string): number | undefined {
  for (const [name, value] of Object.entries(headers)) {
    if (!name.toLowerCase().startsWith(prefix) || value === undefined) continue;
    const amount = Number(value);
    if (Number.isFinite(amount)) return amount;
  }
  return undefined;
}

/** @param now venue time in ms: the windows are the venue's. */
export function createRateLimiter(now: () => number): RateLimiter {
  let used: number | undefined;
  let remaining: number | undefined;
  let heardAtMs = 0;
  return {
    async beforeCall(weight, maxWaitMs) {
      if (remaining === undefined) return;
      const untilFreshWindow = heardAtMs + WEIGHT_WINDOW_MS - now();
      if (untilFreshWindow <= 0) remaining = undefined;
      else if (remaining < weight) await sleep(Math.min(untilFreshWindow, maxWaitMs));
      else remaining -= weight;
    },
    onHeaders(headers) {
      const left = headerNumber(headers, "x-remaining-weight");
      used = headerNumber(headers, "x-used-weight") ?? used;
      // Nothing used and nothing left: a venue without a limit.
      if (left === undefined || used === 0) return;
      remaining = left;
      heardAtMs = now();
    },
    seen: () => ({ used, remaining }),
  };
}

/** What moves the conductor's time: the simulated exchange, the same held back, or the wall clock. */
import type { ClockReply } from "./venue-admin.ts";

/** Plays the market up to a time and says how far it is. */
export interface VenueTime {
  clock(toMs: number): Promise<ClockReply>;
}

/** Real time, or in tests a multiple of it. Unix milliseconds. */
export interface WallClock {
  nowMs(): number;
  /** Resolves at `atMs` or a little later; at once when it has passed. */
  sleepUntil(atMs: number): Promise<void>;
}

/** Longest sleep in one piece, real milliseconds: after it a wish to hurry is heard. */
const MAX_NAP_MS = 500;
/** A live world is looked at this often, so that a request to stop is heard. */
export const LIVE_STEP_MS = 1_000;

const nap = (ms: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, Math.max(0, Math.min(ms, MAX_NAP_MS))));

export const systemWall: WallClock = {
  nowMs: () => Date.now(),
  async sleepUntil(atMs) {
    for (let leftMs = atMs - Date.now(); leftMs > 0; leftMs = atMs - Date.now()) await nap(leftMs);
  },
};

/** Virtual time that never runs faster than `speed` × real time. What is decided does not change by it. */
export class PacedTime implements VenueTime {
  readonly #inner: VenueTime;
  readonly #speed: number;
  readonly #realMs: () => number;
  #last: { virtualMs: number; realMs: number } | undefined;
  #hurried = false;

  /** @param realMs a monotonic stopwatch. */
  constructor(inner: VenueTime, speed: number, realMs: () => number = () => performance.now()) {
    this.#inner = inner;
    this.#speed = speed;
    this.#realMs = realMs;
  }

  async clock(toMs: number): Promise<ClockReply> {
    this.#last ??= { virtualMs: toMs, realMs: this.#realMs() };
    const dueMs = this.#last.realMs + (toMs - this.#last.virtualMs) / this.#speed;
    for (let leftMs = dueMs - this.#realMs(); leftMs > 0 && !this.#hurried; leftMs = dueMs - this.#realMs())
      await nap(leftMs);
    if (toMs > this.#last.virtualMs) this.#last = { virtualMs: toMs, realMs: this.#realMs() };
    return this.#inner.clock(toMs);
  }

  /** From now on as fast as possible. */
  hurry(): void {
    this.#hurried = true;
  }
}

/**
 * Time of a real market. Steps lie on the times that were asked for, so that blocks stay on their grid; after a stall
 * of more than a block, the blocks that were missed are left out.
 */
export class WallTime implements VenueTime {
  readonly #wall: WallClock;
  readonly #blockMs: number;

  constructor(wall: WallClock, blockMs: number) {
    this.#wall = wall;
    this.#blockMs = blockMs;
  }

  async clock(toMs: number): Promise<ClockReply> {
    await this.#wall.sleepUntil(toMs);
    const newestBlockMs = Math.floor(this.#wall.nowMs() / this.#blockMs) * this.#blockMs;
    const nowMs = Math.max(toMs, newestBlockMs);
    return { nowMs, nextEventMs: nowMs + LIVE_STEP_MS, watermarks: {} };
  }
}

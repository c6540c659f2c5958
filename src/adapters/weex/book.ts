/**
 * The order book of the depth stream, checked by sequence: a snapshot sets `u`; a delta applies only when its `U`
 * equals the last `u` (WEEX repeats the number, it does not add one). Anything else is a gap, and the book is
 * worthless until the next snapshot.
 */
import { z } from "zod";
import { BOOK_LEVELS, type BookSample } from "../../domain/evidence.ts";
import { amountE8, priceE8 } from "./schemas.ts";

const sequence = z.union([z.int(), z.string().regex(/^\d{1,24}$/)]).transform(BigInt);
const level = z.tuple([priceE8, amountE8]);
export const depthFrame = z.object({
  e: z.enum(["depthSnapshot", "depth"]),
  s: z.string(),
  U: sequence.optional(),
  u: sequence,
  b: z.array(level),
  a: z.array(level),
});
export type DepthFrame = z.output<typeof depthFrame>;

export type SequencedBook = {
  /** @returns what the frame did: `ignored` = a delta while waiting for a snapshot; `empty` = a delisted market. */
  apply(frame: DepthFrame): "applied" | "synced" | "ignored" | "gap" | "empty";
  /** Forgets everything until the next snapshot. */
  invalidate(): void;
  synced(): boolean;
  /** Best {@link BOOK_LEVELS} a side, or undefined while not in order. The time is the caller's venue time of now. */
  sample(observedAtMs: number): BookSample | undefined;
};

type Levels = Map<bigint, bigint>;

function put(levels: Levels, changes: DepthFrame["b"]): void {
  for (const [price, qty] of changes) {
    if (qty === 0n) levels.delete(price);
    else levels.set(price, qty);
  }
}

const best = (levels: Levels, sign: 1n | -1n): [bigint, bigint][] =>
  [...levels].sort(([a], [b]) => ((a - b) * sign < 0n ? -1 : 1)).slice(0, BOOK_LEVELS);

/** @returns why the book cannot be true, or undefined. */
export function bookFault(book: BookSample): "crossed" | "not ordered" | undefined {
  const bestBid = book.bids[0]?.[0];
  const bestAsk = book.asks[0]?.[0];
  if (bestBid !== undefined && bestAsk !== undefined && bestBid >= bestAsk) return "crossed";
  const ordered =
    book.bids.every(([price], i) => i === 0 || price < book.bids[i - 1]![0]) &&
    book.asks.every(([price], i) => i === 0 || price > book.asks[i - 1]![0]);
  return ordered ? undefined : "not ordered";
}

export function createSequencedBook(): SequencedBook {
  const bids: Levels = new Map();
  const asks: Levels = new Map();
  let last: bigint | undefined;

  function invalidate(): void {
    last = undefined;
    bids.clear();
    asks.clear();
  }

  return {
    apply(frame) {
      if (frame.e === "depthSnapshot") {
        invalidate();
        if (frame.u === 0n) return "empty";
        put(bids, frame.b);
        put(asks, frame.a);
        last = frame.u;
        return "synced";
      }
      if (last === undefined) return "ignored";
      if (frame.U !== last) {
        invalidate();
        return "gap";
      }
      put(bids, frame.b);
      put(asks, frame.a);
      last = frame.u;
      return "applied";
    },
    invalidate,
    synced: () => last !== undefined,
    sample(observedAtMs) {
      if (last === undefined) return undefined;
      return { updateId: last.toString(), observedAtMs, bids: best(bids, -1n), asks: best(asks, 1n) };
    },
  };
}

/**
 * What a book says, once per decision (statics.ts) and once per bar (library/flow.ts). A side is a row of levels, best
 * first: price, quantity, price, quantity …; a quantity that is not above 0 ends it.
 */
import { BOOK_LEVELS } from "../domain/evidence.ts";

/** Numbers in a side, bids or asks. */
export const SIDE_ROW = 2 * BOOK_LEVELS;
/** Numbers in a row of books: bids, then asks. */
export const BOOK_ROW = 2 * SIDE_ROW;

/** Sum of the quantities of the best `depth` levels of the side that begins at `at`. */
export function depthOf(book: Float64Array, at: number, depth: number): number {
  let sum = 0;
  for (let level = 0; level < depth; level++) {
    const quantity = book[at + 2 * level + 1]!;
    if (!(quantity > 0)) break;
    sum += quantity;
  }
  return sum;
}

/** (bid − ask) / (bid + ask) of the best `depth` levels; NaN for an empty book. */
export function imbalanceOf(book: Float64Array, at: number, depth: number): number {
  const bid = depthOf(book, at, depth);
  const ask = depthOf(book, at + SIDE_ROW, depth);
  return (bid - ask) / (bid + ask);
}

export const midOf = (book: Float64Array, at: number): number => (book[at]! + book[at + SIDE_ROW]!) / 2;

/** (best ask − best bid) / mid. */
export const spreadOf = (book: Float64Array, at: number): number =>
  (book[at + SIDE_ROW]! - book[at]!) / midOf(book, at);

/** (microprice − mid) / mid; the microprice weights each best price with the opposite quantity. */
export function microOf(book: Float64Array, at: number): number {
  const bid = book[at]!;
  const bidQuantity = book[at + 1]!;
  const ask = book[at + SIDE_ROW]!;
  const askQuantity = book[at + SIDE_ROW + 1]!;
  const mid = midOf(book, at);
  const micro = (bid * askQuantity + ask * bidQuantity) / (bidQuantity + askQuantity);
  return (micro - mid) / mid;
}

/**
 * How depth grows on the side that begins at `at`: least squares through the origin of the cumulative share of
 * quantity on the share of the visible distance from mid. 1 when it is even, more when it sits at the touch.
 */
export function slopeOf(book: Float64Array, at: number, mid: number): number {
  let levels = 0;
  let all = 0;
  while (levels < BOOK_LEVELS && book[at + 2 * levels + 1]! > 0) {
    all += book[at + 2 * levels + 1]!;
    levels += 1;
  }
  const far = Math.abs(book[at + 2 * levels - 2]! - mid) / mid;
  let share = 0;
  let product = 0;
  let square = 0;
  for (let level = 0; level < levels; level++) {
    const distance = Math.abs(book[at + 2 * level]! - mid) / mid;
    share += book[at + 2 * level + 1]! / all;
    product += share * (distance / far);
    square += (distance / far) ** 2;
  }
  return product / square;
}

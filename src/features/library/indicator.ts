/**
 * What an indicator is: one definition, used by batch and stream alike. Its `make` returns a closure that reads rows
 * of the input columns and writes the same rows of its output columns. A stream calls it with one row at a time, a
 * batch with thousands, so both give the same bits.
 *
 * Rules that keep it free of allocation: numbers that change live in the fields of a helper (windows.ts, smooth.ts) or
 * in a typed array, never in a captured variable; helpers are called directly inside the loop.
 */
import { DomainError } from "../../errors/errors.ts";

/** Columns that every candle has. Times in UTC milliseconds. */
export const CANDLE_INPUTS = ["closeTimeMs", "open", "high", "low", "close", "volume"] as const;
/** Columns from other sources; NaN where the source has nothing that was known at the close. */
export const SIDE_INPUTS = [
  "book",
  "fundingRate",
  "openInterest",
  "referencePrice",
  "buyVolume",
  "sellVolume",
  "bookFlow",
  "fearGreed",
  "headlineSum",
  "headlineCount",
] as const;
export type SideInput = (typeof SIDE_INPUTS)[number];
export type Input = (typeof CANDLE_INPUTS)[number] | SideInput;

/** Rows by column, oldest first. `book` holds BOOK_ROW numbers a row (order-book.ts). A column that is not there is empty. */
export type Bars = Readonly<Record<Input, Float64Array>>;

/** Reads rows [from, to) of the bars and writes the same rows of each output. Rows come in order, each once. */
export type Run = (bars: Bars, out: readonly Float64Array[], from: number, to: number) => void;

/** "price": a level, moves with the price. "price move": a difference, moves with its scale only. The rest is free of scale. */
export type Unit =
  | "price"
  | "price move"
  | "price²"
  | "volume"
  | "price × volume"
  | "percent"
  | "share"
  | "ratio"
  | "log return"
  | "log return per bar"
  | "standard deviations"
  | "unit circle"
  | "bps"
  | "price move per volume"
  | "bars";

export type Param = {
  readonly name: string;
  readonly usual: number;
  readonly low: number;
  readonly high: number;
  readonly whole: boolean;
};

export type Definition = {
  /** Lower-case letters and digits, first part of the column's name. */
  readonly name: string;
  readonly meaning: string;
  /** Where the formula is from. */
  readonly source: string;
  readonly params: readonly Param[];
  /** Output name → unit. An indicator with a single output names it "". */
  readonly outputs: Readonly<Record<string, Unit>>;
  /** Side inputs it needs beside candles. */
  readonly needs?: readonly SideInput[];
  /** Whether values depend on everything since the first row, not on a window alone. */
  readonly recursive?: boolean;
  /** Bars until the first value, this one included: one for all outputs, or one for each in their order. */
  readonly warmUp: (...params: number[]) => number | readonly number[];
  readonly make: (...params: number[]) => Run;
};

/** Longest look-back that may be asked for, bars. */
export const MAX_SPAN = 10_000;

/** A whole number of bars. */
export const bars = (name: string, usual: number, low = 1): Param => ({
  name,
  usual,
  low,
  high: MAX_SPAN,
  whole: true,
});
/** A positive factor. */
export const factor = (name: string, usual: number, high = 100): Param => ({
  name,
  usual,
  low: 0,
  high,
  whole: false,
});

export type Family = {
  readonly name: string;
  readonly title: string;
  readonly definitions: readonly Definition[];
};

/** @throws DomainError `features.badParameter` when two parameters contradict each other. */
export function ascending(what: string, fast: number, slow: number): void {
  if (fast < slow) return;
  throw new DomainError(
    "features.badParameter",
    `${what}: the first span, ${fast}, must be below the second, ${slow}`,
  );
}

import { DomainError } from "../errors/errors.ts";

/** Bad input to a statistic: one sentence that says what, where and what to do. */
export function refuse(sentence: string): never {
  throw new DomainError("stats.badInput", sentence);
}

/** @throws DomainError `stats.badInput` unless `value` is a whole number in [low, high]. */
export function wholeNumber(what: string, value: number, low: number, high: number): void {
  if (!Number.isInteger(value) || value < low || value > high)
    refuse(`${what} must be a whole number from ${low} to ${high}, got ${value}`);
}

/** @throws DomainError `stats.badInput` unless low < value < high. */
export function strictlyBetween(what: string, value: number, low: number, high: number): void {
  if (!(value > low && value < high)) refuse(`${what} must lie between ${low} and ${high}, got ${value}`);
}

/** @throws DomainError `stats.badInput` unless both have the same length, and at least `atLeast`. */
export function sameLength(
  what: string,
  a: ArrayLike<unknown>,
  b: ArrayLike<unknown>,
  atLeast: number,
): void {
  if (a.length !== b.length || a.length < atLeast)
    refuse(`${what} must have one length of at least ${atLeast}, got ${a.length} and ${b.length}`);
}

/** @throws DomainError `stats.badInput` naming the first value that is no finite number. */
export function allFinite(what: string, values: ArrayLike<number>): void {
  for (let i = 0; i < values.length; i++)
    if (!Number.isFinite(values[i]!))
      refuse(`${what}[${i}] is ${values[i]}; every value must be a finite number`);
}

/** @throws DomainError `stats.badInput` naming the first label that is neither 0 nor 1. */
export function binaryLabels(labels: ArrayLike<number>): void {
  for (let i = 0; i < labels.length; i++)
    if (labels[i] !== 0 && labels[i] !== 1) refuse(`label ${i} is ${labels[i]}; labels are 0 or 1`);
}

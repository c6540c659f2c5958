/**
 * Exact decimal money. Venue amounts are E8 integers, the fund's asset has six decimals (E6).
 * Excess precision is an error: silently rounded money cannot be reconciled.
 */
import { DomainError } from "../errors/errors.ts";

export const E8 = 100_000_000n;
export const E6 = 1_000_000n;
const MAX_DECIMAL_LENGTH = 60;
const DECIMAL = /^(-?)(\d+)(?:\.(\d+))?$/;

/** Parses a plain decimal string ("-12.50") to an integer scaled by 10^decimals. Trailing zeros beyond `decimals` are allowed. */
export function parseDecimal(text: string, decimals: number, what = "amount"): bigint {
  const match = text.length <= MAX_DECIMAL_LENGTH ? DECIMAL.exec(text) : null;
  if (!match)
    throw new DomainError("money.notDecimal", `${what} "${text.slice(0, 40)}" is not a plain decimal number`);
  const fraction = match[3] ?? "";
  const kept = fraction.slice(0, decimals).padEnd(decimals, "0");
  if (/[1-9]/.test(fraction.slice(decimals)))
    throw new DomainError("money.excessPrecision", `${what} "${text}" has more than ${decimals} decimals`);
  const magnitude = BigInt((match[2] as string) + kept);
  return match[1] === "-" ? -magnitude : magnitude;
}

/** @returns amount × 1e8. */
export const parseE8 = (text: string, what?: string): bigint => parseDecimal(text, 8, what);

/** Formats an integer scaled by 10^decimals as a plain decimal without trailing zeros. */
export function formatDecimal(value: bigint, decimals: number): string {
  const negative = value < 0n;
  const digits = (negative ? -value : value).toString().padStart(decimals + 1, "0");
  const whole = digits.slice(0, digits.length - decimals);
  const fraction = digits.slice(digits.length - decimals).replace(/0+$/, "");
  return `${negative ? "-" : ""}${whole}${fraction ? `.${fraction}` : ""}`;
}

export const formatE8 = (value: bigint): string => formatDecimal(value, 8);
export const formatE6 = (value: bigint): string => formatDecimal(value, 6);

/** Floor division (toward minus infinity); bigint `/` truncates toward zero. */
export function floorDiv(numerator: bigint, denominator: bigint): bigint {
  const quotient = numerator / denominator;
  return numerator % denominator !== 0n && numerator < 0n !== denominator < 0n ? quotient - 1n : quotient;
}

export const ceilDiv = (numerator: bigint, denominator: bigint): bigint => -floorDiv(-numerator, denominator);

/** price × quantity, both E8, to quote E8, rounded down (callers that owe round up with {@link quoteE8Up}). */
export const quoteE8 = (priceE8: bigint, qtyE8: bigint): bigint => floorDiv(priceE8 * qtyE8, E8);
export const quoteE8Up = (priceE8: bigint, qtyE8: bigint): bigint => ceilDiv(priceE8 * qtyE8, E8);

export const minBigint = (a: bigint, b: bigint): bigint => (a < b ? a : b);
export const maxBigint = (a: bigint, b: bigint): bigint => (a > b ? a : b);
export const absBigint = (a: bigint): bigint => (a < 0n ? -a : a);

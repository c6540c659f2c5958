// Money, prices and sizes of accounts are integers with eight decimals ("E8"). No float ever holds one.

export const ONE_E8 = 100_000_000n;
const DECIMAL = /^(-?)(\d{1,24})(?:\.(\d{1,18}))?$/;

/** Reads a plain decimal. Undefined when it is not one, or has more than eight significant decimals. */
export function parseE8(text: string): bigint | undefined {
  const match = DECIMAL.exec(text);
  if (match === null) return undefined;
  const fraction = (match[3] ?? "").replace(/0+$/, "");
  if (fraction.length > 8) return undefined;
  const magnitude = BigInt(match[2]!) * ONE_E8 + BigInt(fraction.padEnd(8, "0"));
  return match[1] === "-" ? -magnitude : magnitude;
}

/** Writes an E8 figure with at least `minDecimals` decimals and no further trailing zeros. */
export function formatE8(valueE8: bigint, minDecimals = 0): string {
  const negative = valueE8 < 0n;
  const magnitude = negative ? -valueE8 : valueE8;
  let fraction = (magnitude % ONE_E8).toString().padStart(8, "0").replace(/0+$/, "");
  fraction = fraction.padEnd(minDecimals, "0");
  const text = (magnitude / ONE_E8).toString() + (fraction === "" ? "" : `.${fraction}`);
  return negative ? `-${text}` : text;
}

export function ceilDiv(numerator: bigint, denominator: bigint): bigint {
  const quotient = numerator / denominator;
  return numerator % denominator > 0n ? quotient + 1n : quotient;
}

export function floorDiv(numerator: bigint, denominator: bigint): bigint {
  const quotient = numerator / denominator;
  return numerator % denominator < 0n ? quotient - 1n : quotient;
}

/** A count of units of 10^-decimals as text; negative decimals mean units of tens, hundreds and so on. */
export function formatUnits(units: number, decimals: number): string {
  if (decimals === 0) return String(units);
  if (decimals < 0) return units === 0 ? "0" : String(units) + "0".repeat(-decimals);
  const negative = units < 0;
  const digits = String(negative ? -units : units).padStart(decimals + 1, "0");
  const cut = digits.length - decimals;
  return `${negative ? "-" : ""}${digits.slice(0, cut)}.${digits.slice(cut)}`;
}

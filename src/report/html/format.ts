/** How figures are written in reports. */
const NONE = "–";

export const share = (x: number | undefined | null): string =>
  x === undefined || x === null || Number.isNaN(x)
    ? NONE
    : Number.isFinite(x)
      ? `${(100 * x).toFixed(2)} %`
      : "∞";

export const number = (x: number | undefined | null, digits = 2): string =>
  x === undefined || x === null || Number.isNaN(x)
    ? NONE
    : Number.isFinite(x)
      ? x.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits })
      : "∞";

export const money = (x: number): string => number(x, 2);

/** UTC, to the minute. */
export const time = (ms: number): string => new Date(ms).toISOString().slice(0, 16).replace("T", " ");

const UNITS: readonly [number, string][] = [
  [86_400_000, "d"],
  [3_600_000, "h"],
  [60_000, "min"],
  [1_000, "s"],
];
export function duration(ms: number | undefined): string {
  if (ms === undefined || Number.isNaN(ms)) return NONE;
  const [size, name] = UNITS.find(([unit]) => ms >= unit) ?? [1, "ms"];
  return `${(ms / size).toFixed(1)} ${name}`;
}

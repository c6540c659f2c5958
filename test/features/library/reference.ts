/** Reading the reference values and the recorded candles that lie beside the repository, where they do. */
import { existsSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { select } from "../../../src/features/library/catalogue.ts";
import type { Bars } from "../../../src/features/library/indicator.ts";
import { barsOf, batch } from "../../../src/features/library/run.ts";

const SHARED = new URL("../../../../shared/", import.meta.url);

/** For node:test: false, or why the test is skipped. */
export const absent = (path: string): string | false =>
  existsSync(new URL(path, SHARED)) ? false : `../shared/${path} is not there`;

export function textOf(path: string): string {
  const raw = readFileSync(new URL(path, SHARED));
  return path.endsWith(".gz") ? gunzipSync(raw).toString("utf8") : raw.toString("utf8");
}

/** Columns of a CSV by header; NaN where a cell is empty or no number. */
export function tableOf(path: string): Map<string, Float64Array> {
  const [header = "", ...rows] = textOf(path).trim().split(/\r?\n/);
  const cells = rows.map((row) => row.split(","));
  return new Map(
    header
      .split(",")
      .map((name, at) => [
        name.trim(),
        Float64Array.from(cells, (row) => (row[at]?.trim() ? Number(row[at]) : Number.NaN)),
      ]),
  );
}

/** Bars from arrays; what is left out is the close, and volume 0. */
export function barsFrom(
  part: Partial<Record<"open" | "high" | "low" | "close" | "volume", ArrayLike<number>>>,
): Bars {
  const close = part.close ?? part.high ?? part.volume!;
  const bars = barsOf(close.length);
  bars.closeTimeMs.set(Array.from(close, (_, i) => (i + 1) * 60_000));
  for (const name of ["open", "high", "low", "close"] as const) bars[name].set(part[name] ?? close);
  if (part.volume) bars.volume.set(part.volume);
  return bars;
}

/** One column over all rows. */
export const valuesOf = (name: string, bars: Bars): Float64Array => batch(select([name]), bars)[0]!;

/** Largest |ours − theirs| / scale from row `from` on, where they have a value; and how many rows that were. */
export function distance(
  ours: Float64Array,
  theirs: Float64Array,
  from: number,
  scaleOf: (theirs: number, row: number) => number,
): { worst: number; rows: number } {
  let worst = 0;
  let rows = 0;
  theirs.forEach((value, row) => {
    if (row < from || Number.isNaN(value)) return;
    const away = Math.abs(ours[row]! - value) / scaleOf(value, row);
    worst = Number.isNaN(away) ? Number.POSITIVE_INFINITY : Math.max(worst, away);
    rows += 1;
  });
  return { worst, rows };
}

/** Inputs beside the candles, from files: each row is a value and the moment from which it counts. */

import { Series } from "../../features/library/series.ts";
import { MAX_AGE_MS } from "../../features/registry.ts";
import { FEAR_GREED, HEADLINES } from "../sentiment/series.ts";
import { CANDLE_COLUMNS, FUNDING_COLUMNS } from "./check.ts";
import { CsvFile, csvError } from "./csv.ts";

type Form = {
  header: readonly string[];
  /** Milliseconds from the time in the file until the value is known. */
  lagMs: number;
  /** Values older than this are absent. */
  maxAgeMs: number;
  low: number;
  high: number;
};

export type SideFile = "funding" | "open-interest" | "reference" | "fear-greed" | "headlines";

const FORMS: Readonly<Record<Exclude<SideFile, "reference">, Form>> = {
  funding: {
    header: FUNDING_COLUMNS,
    lagMs: 0,
    maxAgeMs: MAX_AGE_MS.funding,
    low: -1,
    high: 1,
  },
  "open-interest": {
    header: ["observedAtMs", "openInterest"],
    lagMs: 0,
    maxAgeMs: MAX_AGE_MS.openInterest,
    low: Number.MIN_VALUE,
    high: Number.MAX_VALUE,
  },
  "fear-greed": {
    header: ["dayMs", "value"],
    lagMs: FEAR_GREED.lagMs,
    maxAgeMs: MAX_AGE_MS.fearGreed,
    low: 0,
    high: 100,
  },
  headlines: {
    header: ["publishedAtMs", "score"],
    lagMs: HEADLINES.lagMs,
    maxAgeMs: MAX_AGE_MS.headlines,
    low: -1,
    high: 1,
  },
};

/**
 * One of these files as a series of when a value is known. A reference is a candle file of the same step: its close is
 * known when its bar is over, and counts for that bar alone.
 * @throws UsageError naming file, line and field.
 */
export async function sideSeries(kind: SideFile, file: string, stepMs: number): Promise<Series> {
  const form: Form =
    kind === "reference"
      ? {
          header: CANDLE_COLUMNS,
          lagMs: stepMs,
          maxAgeMs: stepMs - 1,
          low: Number.MIN_VALUE,
          high: Number.MAX_VALUE,
        }
      : FORMS[kind];
  const [timeField, ...fields] = form.header as readonly [string, ...string[]];
  const at = kind === "reference" ? CANDLE_COLUMNS.indexOf("close") : 1;
  const valueField = fields[at - 1]!;
  const series = new Series(form.maxAgeMs);
  for await (const { columns, rows, firstLine } of new CsvFile(file, form.header).parts())
    for (let i = 0; i < rows; i++) {
      const [timeMs, value] = [columns[0]![i]!, columns[at]![i]!];
      const wrong = (field: string, why: string) => csvError(file, { line: firstLine + i, field, why });
      if (!Number.isSafeInteger(timeMs) || timeMs < 0)
        throw wrong(timeField, `${timeMs} is no time in UTC milliseconds`);
      if (!(value >= form.low && value <= form.high)) throw wrong(valueField, `${value} is out of range`);
      if (!series.add(timeMs + form.lagMs, value))
        throw wrong(timeField, `${timeMs} is not later than the line before it`);
    }
  return series;
}

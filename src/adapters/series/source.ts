/** Candles and funding for an engine, from a CSV file or from a columnar one, part by part. */
import { basename } from "node:path";
import type { Candles, Funding } from "../../backtest/candles.ts";
import { UsageError } from "../../errors/errors.ts";
import { GROUP_ROWS } from "../columns/format.ts";
import { ColumnReader } from "../columns/reader.ts";
import { CANDLE_COLUMNS, FUNDING_COLUMNS, SeriesCheck } from "./check.ts";
import { CsvFile, PART_ROWS } from "./csv.ts";

/** How columnar files end. */
export const COLUMNS_END = ".saksi";
/** The most rows of a part of either. */
export const MAX_PART_ROWS = Math.max(PART_ROWS, GROUP_ROWS);

/** What is known of a source once it was read to its end. */
export type SourceFacts = {
  file: string;
  sha256: string;
  rows: number;
  stepMs: number;
  missing: number;
  firstOpenTimeMs: number;
  lastCloseTimeMs: number;
};

export interface CandleSource {
  /** Each part's arrays are overwritten by the next. The step is known with the first part. */
  parts(): AsyncGenerator<{ candles: Candles; rows: number; stepMs: number }>;
  /** After the last part. */
  facts(): SourceFacts;
}

/**
 * @param knownStepMs of a CSV file, if it is known; otherwise two candles are needed to tell it.
 * @throws UsageError `data.badFile`, `data.noFile`; `data.empty` at the end. SaksiError `columns.unreadable`.
 */
export const openCandles = (path: string, knownStepMs = 0): CandleSource =>
  path.endsWith(COLUMNS_END) ? fromColumns(path) : fromCsv(path, knownStepMs);

function fromCsv(path: string, knownStepMs: number): CandleSource {
  const csv = new CsvFile(path, CANDLE_COLUMNS);
  const check = new SeriesCheck(path, knownStepMs);
  const closeTimeMs = new Float64Array(PART_ROWS);
  return {
    async *parts() {
      let stepMs = 0;
      for await (const part of csv.parts()) {
        check.candles(part);
        if (stepMs !== 0 && stepMs !== check.stepMs)
          throw new UsageError(
            "data.badFile",
            `${path}: the first ${PART_ROWS} candles are ${stepMs} ms apart, later ones ${check.stepMs} ms`,
          );
        if (check.stepMs === 0) break;
        stepMs = check.stepMs;
        yield { candles: closing(part.columns, closeTimeMs, part.rows, stepMs), rows: part.rows, stepMs };
      }
      if (stepMs === 0)
        throw new UsageError("data.empty", `${path}: ${check.rows} candles; at least two are needed`);
    },
    facts: () => ({
      file: basename(path),
      sha256: csv.sha256,
      rows: check.rows,
      stepMs: check.stepMs,
      missing: check.missing,
      firstOpenTimeMs: check.firstMs,
      lastCloseTimeMs: check.lastMs + check.stepMs,
    }),
  };
}

function fromColumns(path: string): CandleSource {
  const reader = new ColumnReader(path);
  const { kind, rows, stepMs, missing, source, sourceSha256 } = reader.header;
  if (kind !== "candles") throw new UsageError("data.badFile", `${path}: holds ${kind}, not candles`);
  if (rows < 2) throw new UsageError("data.empty", `${path}: ${rows} candles; at least two are needed`);
  const closeTimeMs = new Float64Array(GROUP_ROWS);
  let [firstOpenTimeMs, lastCloseTimeMs] = [Number.NaN, Number.NaN];
  return {
    async *parts() {
      try {
        for (let part = reader.next(); part; part = reader.next()) {
          const candles = closing(part.values, closeTimeMs, part.rows, stepMs);
          if (Number.isNaN(firstOpenTimeMs)) firstOpenTimeMs = part.values[0]![0]!;
          lastCloseTimeMs = candles.closeTimeMs[part.rows - 1]!;
          yield { candles, rows: part.rows, stepMs };
        }
      } finally {
        reader.close();
      }
    },
    facts: () => ({
      file: source,
      sha256: sourceSha256,
      rows,
      stepMs,
      missing,
      firstOpenTimeMs,
      lastCloseTimeMs,
    }),
  };
}

function closing(
  columns: readonly Float64Array[],
  closeTimeMs: Float64Array,
  rows: number,
  stepMs: number,
): Candles {
  const [openTimeMs, open, high, low, close, volume] = columns as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  for (let i = 0; i < rows; i++) closeTimeMs[i] = openTimeMs[i]! + stepMs;
  return { closeTimeMs, open, high, low, close, volume };
}

/** Whole: funding is three rows a day. */
export async function readFunding(path: string): Promise<Funding & { file: string; sha256: string }> {
  const csv = new CsvFile(path, FUNDING_COLUMNS);
  const check = new SeriesCheck(path);
  const times: Float64Array[] = [];
  const rates: Float64Array[] = [];
  for await (const part of csv.parts()) {
    check.funding(part);
    times.push(part.columns[0]!.slice(0, part.rows));
    rates.push(part.columns[1]!.slice(0, part.rows));
  }
  const joined = (parts: Float64Array[]) => Float64Array.from(parts.flatMap((part) => [...part]));
  return { timeMs: joined(times), rate: joined(rates), file: basename(path), sha256: csv.sha256 };
}

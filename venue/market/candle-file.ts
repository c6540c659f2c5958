// Reads recorded candles: CSV with the header `openTimeMs,open,high,low,close,volume`, plain or gzip.

import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import type { ContractSpec } from "../money/contract-spec.ts";
import { MINUTE_MS } from "./market-feed.ts";

export interface RecordedBar {
  readonly openTimeMs: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly lots: number;
}

export interface RecordedBars {
  readonly stepMs: number;
  readonly bars: RecordedBar[];
}

export const MAX_DATA_ROWS = 2_000_000;
const HEADER = "openTimeMs,open,high,low,close,volume";

export class DataFileError extends Error {}

export function readTextFile(file: string): string {
  let raw: Buffer;
  try {
    raw = readFileSync(file);
  } catch {
    throw new DataFileError(`The data file ${file} cannot be read.`);
  }
  if (raw[0] !== 0x1f || raw[1] !== 0x8b) return raw.toString("utf8");
  try {
    return gunzipSync(raw).toString("utf8");
  } catch {
    throw new DataFileError(`The data file ${file} is damaged: it does not unpack.`);
  }
}

export function parseCandles(text: string, name: string, spec: ContractSpec): RecordedBars {
  const lines = text.split("\n");
  if (lines[0]?.trim() !== HEADER)
    throw new DataFileError(`${name} does not start with the header ${HEADER}.`);
  if (lines.length > MAX_DATA_ROWS) throw new DataFileError(`${name} has more than ${MAX_DATA_ROWS} rows.`);
  const perTick = 10 ** spec.pricePrecision;
  const perLot = 10 ** spec.quantityPrecision;
  const bars: RecordedBar[] = [];
  let stepMs = Number.POSITIVE_INFINITY;
  let before = Number.NEGATIVE_INFINITY;
  for (let n = 1; n < lines.length; n++) {
    const line = lines[n]!.trim();
    if (line === "") continue;
    const cells = line.split(",").map(Number);
    const [time, open, high, low, close, volume] = cells as [number, number, number, number, number, number];
    if (cells.length !== 6 || !cells.every(Number.isFinite))
      throw new DataFileError(`${name} row ${n + 1} is not six numbers.`);
    if (time <= before) throw new DataFileError(`${name} row ${n + 1} is not later than the row before it.`);
    if (low <= 0 || low > Math.min(open, close) || high < Math.max(open, close) || volume < 0) {
      throw new DataFileError(
        `${name} row ${n + 1} is not a candle: low, open, close and high are out of order.`,
      );
    }
    if (time % MINUTE_MS !== 0) throw new DataFileError(`${name} row ${n + 1} does not start on a minute.`);
    if (bars.length > 0) stepMs = Math.min(stepMs, time - before);
    before = time;
    const ticks = (price: number) => Math.max(2, Math.round(price * perTick));
    bars.push({
      openTimeMs: time,
      open: ticks(open),
      high: ticks(high),
      low: ticks(low),
      close: ticks(close),
      lots: Math.round(volume * perLot),
    });
  }
  if (bars.length < 2) throw new DataFileError(`${name} has fewer than two candles.`);
  if (stepMs !== MINUTE_MS && stepMs !== 5 * MINUTE_MS) {
    throw new DataFileError(`${name} has bars of ${stepMs} ms; only 1 and 5 minutes can be replayed.`);
  }
  return { stepMs, bars };
}

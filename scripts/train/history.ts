/** Market history from the simulated venue's exporter, run as a child process, or from files it wrote earlier. */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import type { Candle } from "../../src/domain/candle.ts";
import type { BookSample, FundingPoint, OpenInterestSample } from "../../src/domain/evidence.ts";
import { BOOK_LEVELS } from "../../src/domain/evidence.ts";
import { parseDecimal, parseE8 } from "../../src/domain/money.ts";
import { UsageError } from "../../src/errors/errors.ts";
import type { MarketHistory } from "./samples.ts";

const FUNDING_INTERVAL_MS = 8 * 3_600_000;

export type MarketRequest = { symbol: string; seed: number; minutes: number };

/** A line of the exporter's samples: what the venue showed at `tMs`, when the candle before it had just closed. */
type SampleLine = {
  tMs: number;
  bids: [string, string][];
  asks: [string, string][];
  openInterest: string;
  fundingRate: string;
};

/** @param everyMs book and open interest are kept only at these times, as a trader who decides then would. */
export function marketHistory(
  exporter: string,
  folder: string,
  request: MarketRequest,
  everyMs: number,
): MarketHistory {
  const { symbol, seed, minutes } = request;
  const stem = join(folder, `${symbol}-${seed}-${minutes}`);
  const [candleFile, sampleFile] = [`${stem}.csv.gz`, `${stem}.jsonl.gz`];
  if (!existsSync(candleFile) || !existsSync(sampleFile)) {
    const options = [
      "--seed",
      seed,
      "--symbol",
      symbol,
      "--minutes",
      minutes,
      "--out",
      candleFile,
      "--samples",
      sampleFile,
    ];
    const done = spawnSync(process.execPath, [exporter, ...options.map(String)], { encoding: "utf8" });
    if (done.status !== 0)
      throw new UsageError("train.export", `${exporter} failed: ${done.stderr.trim().slice(0, 300)}`);
  }
  const books = new Map<number, BookSample>();
  const openInterest = new Map<number, OpenInterestSample>();
  const funding: FundingPoint[] = [];
  for (const text of linesOf(sampleFile)) {
    const line = JSON.parse(text) as SampleLine;
    const fundingTimeMs = Math.floor(line.tMs / FUNDING_INTERVAL_MS) * FUNDING_INTERVAL_MS;
    if (fundingTimeMs !== funding.at(-1)?.fundingTimeMs)
      funding.push({ fundingTimeMs, rateE12: parseDecimal(line.fundingRate, 12) });
    if (line.tMs % everyMs !== 0) continue;
    books.set(line.tMs, bookOf(line));
    openInterest.set(line.tMs, { observedAtMs: line.tMs, amountE8: parseE8(line.openInterest) });
  }
  return { symbol, seed, candles: linesOf(candleFile).slice(1).map(candleOf), books, openInterest, funding };
}

const linesOf = (file: string): string[] =>
  gunzipSync(readFileSync(file)).toString("utf8").trimEnd().split("\n");

function candleOf(line: string): Candle {
  const [openTimeMs, open, high, low, close, volume] = line.split(",") as [
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  return {
    openTimeMs: Number(openTimeMs),
    openE8: parseE8(open),
    highE8: parseE8(high),
    lowE8: parseE8(low),
    closeE8: parseE8(close),
    volumeE8: parseE8(volume),
  };
}

function bookOf({ tMs, bids, asks }: SampleLine): BookSample {
  const side = (levels: [string, string][]) =>
    levels.slice(0, BOOK_LEVELS).map(([price, quantity]) => [parseE8(price), parseE8(quantity)] as const);
  return { updateId: String(tMs), observedAtMs: tMs, bids: side(bids), asks: side(asks) };
}

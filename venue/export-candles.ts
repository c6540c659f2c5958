// Writes a market's candles, and on demand what its book and funding looked like each minute, to files.
// The same seed and symbol give the same rows here and in a running venue.

import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { gzipSync } from "node:zlib";
import { OptionError, readOptions } from "./cli-options.ts";
import { openSyntheticFeed } from "./market/feeds.ts";
import { FUNDING_INTERVAL_MS, MINUTE_MS } from "./market/market-feed.ts";
import { contractSpec } from "./money/contract-spec.ts";
import { formatE8, formatUnits } from "./money/e8.ts";

const BOOK_ROWS = 15;
const MAX_MINUTES = 1_600_000;
const BAD_INPUT = 2;

function main(args: string[]): void {
  const { values } = parseArgs({
    args,
    options: {
      seed: { type: "string" },
      symbol: { type: "string", default: "BTCUSDT" },
      minutes: { type: "string" },
      out: { type: "string" },
      samples: { type: "string" },
      "end-ms": { type: "string" },
      "tick-ms": { type: "string" },
    },
  });
  const minutes = Number(values.minutes);
  if (values.out === undefined) throw new OptionError("--out FILE.csv or FILE.csv.gz is needed.");
  if (!Number.isInteger(minutes) || minutes < 1 || minutes > MAX_MINUTES) {
    throw new OptionError(`--minutes must be a whole number from 1 to ${MAX_MINUTES}.`);
  }
  const same = ["--markets", values.symbol, "--history-minutes", String(minutes)];
  if (values.seed !== undefined) same.push("--seed", values.seed);
  if (values["end-ms"] !== undefined) same.push("--start-ms", values["end-ms"]);
  if (values["tick-ms"] !== undefined) same.push("--tick-ms", values["tick-ms"]);
  const options = readOptions(same);
  const endMs = Math.floor(options.startMs / MINUTE_MS) * MINUTE_MS;
  const spec = contractSpec(options.markets[0]!, options);
  const { feed } = openSyntheticFeed(
    { spec, seed: options.seed, tickMs: options.tickMs, historyMinutes: minutes },
    endMs,
  );
  const price = (ticks: number) => formatUnits(ticks, spec.pricePrecision);
  const size = (lots: number) => formatUnits(lots, spec.quantityPrecision);
  const rows = ["openTimeMs,open,high,low,close,volume"];
  const samples: string[] = [];
  for (let tMs = endMs - minutes * MINUTE_MS; tMs < endMs; tMs += MINUTE_MS) {
    const candle = feed.candleUpTo(tMs / MINUTE_MS, endMs)!;
    const { open, high, low, close } = candle.last;
    rows.push([tMs, price(open), price(high), price(low), price(close), size(candle.lots)].join(","));
    if (values.samples === undefined) continue;
    const tick = feed.tickAt(tMs)!;
    const levels = (side: { ticks: number; lots: number }[]) =>
      side.slice(0, BOOK_ROWS).map((level) => [price(level.ticks), size(level.lots)]);
    samples.push(
      JSON.stringify({
        tMs,
        bids: levels(tick.bids),
        asks: levels(tick.asks),
        openInterest: size(feed.openInterestLots(tMs)),
        fundingRate: formatE8(
          feed.fundingRateE8(Math.floor(tMs / FUNDING_INTERVAL_MS) * FUNDING_INTERVAL_MS),
        ),
        markPrice: price(tick.mark),
        indexPrice: price(tick.index),
      }),
    );
  }
  write(values.out, rows);
  if (values.samples !== undefined) write(values.samples, samples);
}

function write(file: string, lines: string[]): void {
  const text = `${lines.join("\n")}\n`;
  writeFileSync(file, file.endsWith(".gz") ? gzipSync(text) : text);
}

try {
  main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`export: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(BAD_INPUT);
}

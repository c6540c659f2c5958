/** `saksi features`: indicators of recorded candles, as a CSV file. */
import { once } from "node:events";
import { createWriteStream, renameSync, rmSync, statSync } from "node:fs";
import { dirname } from "node:path";
import type { Writable } from "node:stream";
import { finished } from "node:stream/promises";
import { parseArgs } from "node:util";
import { createGzip } from "node:zlib";
import { type SideFile, sideSeries } from "../adapters/series/side-files.ts";
import { MAX_PART_ROWS, openCandles } from "../adapters/series/source.ts";
import { DAY_MS, MINUTE_MS } from "../domain/candle.ts";
import { DomainError, UsageError } from "../errors/errors.ts";
import { type Column, FAMILIES, SETS, select, signature } from "../features/library/catalogue.ts";
import { type Bars, MAX_SPAN, type SideInput } from "../features/library/indicator.ts";
import { AnchoredStream, barsOf, FeatureStream, needsOf } from "../features/library/run.ts";
import type { Series } from "../features/library/series.ts";

/** Inputs that a file gives; what is made of books and trades has no file here. */
const FILE_OF: Partial<Record<SideInput, SideFile>> = {
  fundingRate: "funding",
  openInterest: "open-interest",
  referencePrice: "reference",
  fearGreed: "fear-greed",
  headlineSum: "headlines",
  headlineCount: "headlines",
};
const SIDE_FILES = [...new Set(Object.values(FILE_OF))];
const WRITE_CHARS = 262_144;

export const FEATURES_HELP = `saksi features FILE: indicators of recorded candles (CSV openTimeMs,open,high,low,close,volume, plain or gzip, or a file of saksi data import).

  --columns A,B,C      columns like ema_20, rsi_14, macd_12_26_9_signal; without an output: all of them
  --set NAME           a family with its usual parameters: ${[...SETS.keys()].join(", ")}
  --out FILE.csv       where they are written; gzip when it ends in .gz
  --anchor none|N      N: restart at every UTC midnight from the last N candles (default none)
  --step MINUTES       length of a candle (default: the smallest distance between two)
  --funding FILE       fundingTimeMs,rate
  --open-interest FILE observedAtMs,openInterest
  --reference FILE     candles of spot or index, for the basis
  --fear-greed FILE    dayMs,value
  --headlines FILE     publishedAtMs,score
  --list               all indicators, their parameters and outputs
`;

type Options = {
  file: string;
  out: string;
  columns: Column[];
  anchor: number | undefined;
  stepMs: number | undefined;
  side: Map<SideFile, string>;
};

const usage = (why: string): never => {
  throw new UsageError("features.option", `${why}; saksi features --help lists the options`);
};

export function parseFeatures(args: string[]): Options | "help" | "list" {
  let parsed: { values: Record<string, unknown>; positionals: string[] };
  try {
    const text = { type: "string" } as const;
    const names = ["columns", "set", "out", "anchor", "step", ...SIDE_FILES];
    parsed = parseArgs({
      args,
      allowPositionals: true,
      options: {
        ...Object.fromEntries(names.map((name) => [name, text])),
        help: { type: "boolean" },
        list: { type: "boolean" },
      },
    });
  } catch (error) {
    return usage((error as Error).message.split(".")[0] as string);
  }
  if (parsed.values["help"]) return "help";
  if (parsed.values["list"]) return "list";
  const value = (name: string): string | undefined => parsed.values[name] as string | undefined;
  const [file, ...more] = parsed.positionals;
  if (!file || more.length > 0) return usage("give one file of candles");
  const out = value("out") || usage("--out says where the columns are written");
  if (!statSync(dirname(out), { throwIfNoEntry: false })?.isDirectory())
    usage(`--out: there is no folder ${dirname(out)}`);
  const set = value("set");
  const ofSet = set === undefined ? [] : (SETS.get(set) ?? usage(`there is no set "${set}"`));
  const named =
    value("columns")
      ?.split(",")
      .map((name) => name.trim()) ?? [];
  if (ofSet.length + named.length === 0) usage("--columns or --set says what is computed");
  const side = new Map<SideFile, string>();
  for (const name of SIDE_FILES) if (value(name) !== undefined) side.set(name, value(name) as string);
  return {
    file,
    out,
    side,
    columns: select([...ofSet, ...named]),
    anchor: value("anchor") === "none" ? undefined : whole("anchor", value("anchor"), MAX_SPAN),
    stepMs: times(whole("step", value("step"), DAY_MS / MINUTE_MS), MINUTE_MS),
  };
}

const times = (value: number | undefined, unit: number): number | undefined =>
  value === undefined ? undefined : value * unit;

function whole(name: string, text: string | undefined, high: number): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,6}$/.test(text) || Number(text) < 1 || Number(text) > high)
    usage(`--${name} takes a whole number from 1 to ${high}, not "${text}"`);
  return Number(text);
}

/** @returns the exit code. */
export async function features(options: Options): Promise<number> {
  const { out, columns } = options;
  const unfinished = `${out}.${process.pid}.unfinished`;
  try {
    const rows = await write(options, unfinished);
    renameSync(unfinished, out);
    process.stdout.write(`${rows} rows, ${columns.length} columns: ${out}\n`);
    return 0;
  } finally {
    rmSync(unfinished, { force: true });
  }
}

async function write(options: Options, path: string): Promise<number> {
  const file = createWriteStream(path, { flags: "wx" });
  const sink: Writable = options.out.endsWith(".gz") ? createGzip() : file;
  if (sink !== file) sink.pipe(file);
  const done = finished(file);
  // Without this an error before the end would count as unhandled.
  done.catch(() => undefined);
  try {
    const rows = await feed(options, async (text) => {
      if (!sink.write(text)) await Promise.race([once(sink, "drain"), done]);
    });
    sink.end();
    await done;
    return rows;
  } finally {
    file.destroy();
  }
}

async function feed(options: Options, emit: (text: string) => Promise<void>): Promise<number> {
  const { file, columns, anchor } = options;
  const needs = needsOf(columns);
  const stream = anchor === undefined ? new FeatureStream(columns) : new AnchoredStream(columns, anchor);
  const side = barsOf(MAX_PART_ROWS, needs);
  let fill: ((closeTimeMs: number, row: number) => void) | undefined;
  let text = `openTimeMs,${columns.map(({ name }) => name).join(",")}\n`;
  let done = 0;
  for await (const { candles, rows, stepMs } of openCandles(file, options.stepMs).parts()) {
    fill ??= await sideInputs(options, needs, side, stepMs);
    const bars = { ...side, ...candles };
    for (let i = 0; i < rows; i++) {
      const closeTimeMs = bars.closeTimeMs[i]!;
      fill(closeTimeMs, i);
      stream.push(bars, i);
      text += closeTimeMs - stepMs;
      for (const value of stream.values) text += Number.isNaN(value) ? "," : `,${value}`;
      text += "\n";
      if (text.length > WRITE_CHARS) {
        await emit(text);
        text = "";
      }
    }
    done += rows;
  }
  await emit(text);
  return done;
}

/** What fills the side inputs of the row at a close. @throws UsageError when a column needs a file that is not given. */
async function sideInputs(
  { columns, side }: Options,
  needs: readonly SideInput[],
  bars: Bars,
  stepMs: number,
): Promise<(closeTimeMs: number, row: number) => void> {
  const series = new Map<SideFile, Series>();
  for (const input of needs) {
    const kind = FILE_OF[input];
    const column = columns.find(({ chosen }) => chosen.definition.needs?.includes(input))?.name;
    if (!kind)
      throw new UsageError("features.needs", `${column} needs books or trades, which no file here gives`);
    const file = side.get(kind);
    if (file === undefined) throw new UsageError("features.needs", `${column} needs --${kind} FILE`);
    if (!series.has(kind)) series.set(kind, await sideSeries(kind, file, stepMs));
  }
  return (closeTimeMs, row) => {
    for (const [kind, one] of series) {
      const { count, sum } = one.advance(closeTimeMs);
      if (kind === "headlines") {
        bars.headlineCount[row] = count;
        bars.headlineSum[row] = sum;
      } else
        for (const input of needs) if (FILE_OF[input] === kind) bars[input][row] = one.latest(closeTimeMs);
    }
  };
}

/** One line for each indicator. */
export const listing = (): string =>
  FAMILIES.flatMap(({ title, definitions }) => [
    `${title}\n`,
    ...definitions.map((definition) => `  ${signature(definition).padEnd(34)} ${definition.meaning}\n`),
  ]).join("");

/** The command: parses, runs. Names that make no sense are a person's fault, not the program's. */
export async function featuresCommand(args: string[]): Promise<number> {
  try {
    const options = parseFeatures(args);
    if (options !== "help" && options !== "list") return await features(options);
    process.stdout.write(options === "help" ? FEATURES_HELP : listing());
    return 0;
  } catch (error) {
    throw error instanceof DomainError ? new UsageError(error.code, error.message) : error;
  }
}

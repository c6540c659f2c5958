/** `saksi data`: looks at files of candles and funding, and puts candles into the columnar form that engines read fast. */
import { basename } from "node:path";
import { ColumnWriter } from "../adapters/columns/writer.ts";
import { CANDLE_COLUMNS, FUNDING_COLUMNS, type Gap, SeriesCheck } from "../adapters/series/check.ts";
import { CsvFile } from "../adapters/series/csv.ts";
import { COLUMNS_END, openCandles } from "../adapters/series/source.ts";
import { UsageError } from "../errors/errors.ts";
import { duration, time } from "../report/html/format.ts";
import { readArgs } from "./args.ts";

export const DATA_HELP = `saksi data check FILE [--funding]     look at every row; gaps are listed, a fault ends it
saksi data import FILE --out OUT${COLUMNS_END}   candles as a columnar file: the same numbers, read many times faster

FILE is CSV or CSV.gz: ${CANDLE_COLUMNS.join(",")}; with --funding ${FUNDING_COLUMNS.join(",")}.
`;
/** Longest gaps that are shown. */
const SHOWN_GAPS = 5;

/** @returns the exit code. */
export async function data(args: string[]): Promise<number> {
  const { values, positionals } = readArgs("data", args, {
    out: { type: "string" },
    funding: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  });
  const [verb, file, surplus] = positionals;
  if (values.help || verb === undefined) {
    process.stdout.write(DATA_HELP);
    return 0;
  }
  if (file === undefined || surplus !== undefined)
    throw new UsageError("data.arguments", `saksi data ${verb} takes one file; saksi data --help shows how`);
  if (verb === "check") process.stdout.write(await check(file, values.funding));
  else if (verb === "import") {
    if (!values.out?.endsWith(COLUMNS_END))
      throw new UsageError("data.out", `--out FILE${COLUMNS_END} is missing: where the columnar file goes`);
    process.stdout.write(await importCandles(file, values.out));
  } else throw new UsageError("data.verb", `saksi data knows check and import, not "${verb}"`);
  return 0;
}

async function check(file: string, isFunding: boolean): Promise<string> {
  if (file.endsWith(COLUMNS_END)) return checkColumns(file);
  const csv = new CsvFile(file, isFunding ? FUNDING_COLUMNS : CANDLE_COLUMNS);
  const found = new SeriesCheck(file);
  for await (const part of csv.parts()) {
    if (isFunding) found.funding(part);
    else found.candles(part);
  }
  return told(file, found, csv.sha256);
}

async function checkColumns(file: string): Promise<string> {
  const source = openCandles(file);
  for await (const _ of source.parts());
  const { rows, stepMs, missing, firstOpenTimeMs, lastCloseTimeMs } = source.facts();
  return `${file}: ${rows} candles of ${duration(stepMs)}, ${time(firstOpenTimeMs)} to ${time(lastCloseTimeMs)} UTC, ${missing} missing; every row as it was written\n`;
}

async function importCandles(file: string, out: string): Promise<string> {
  const csv = new CsvFile(file, CANDLE_COLUMNS);
  const found = new SeriesCheck(file);
  const writer = new ColumnWriter(out, CANDLE_COLUMNS);
  try {
    const row = new Float64Array(CANDLE_COLUMNS.length);
    for await (const part of csv.parts()) {
      found.candles(part);
      for (let i = 0; i < part.rows; i++) {
        for (let c = 0; c < row.length; c++) row[c] = part.columns[c]![i]!;
        writer.push(row);
      }
    }
    writer.finish({
      kind: "candles",
      stepMs: found.stepMs,
      missing: found.missing,
      source: basename(file),
      sourceSha256: csv.sha256,
    });
  } finally {
    writer.abandon();
  }
  return `${told(file, found, csv.sha256)}  written  ${out}\n`;
}

function told(file: string, found: SeriesCheck, sha256: string): string {
  const { rows, stepMs, missing, gaps, gapCount, firstMs, lastMs } = found;
  if (rows === 0) return `${file}: no rows\n`;
  const head = `${file}: ${rows} rows, ${time(firstMs)} to ${time(lastMs)} UTC`;
  const body = stepMs === 0 ? "" : `, ${duration(stepMs)} apart, ${missing} missing in ${gapCount} gaps`;
  const longest = gaps.toSorted((a, b) => b.toMs - b.fromMs - (a.toMs - a.fromMs)).slice(0, SHOWN_GAPS);
  const gap = ({ fromMs, toMs }: Gap) =>
    `  gap      ${time(fromMs)} to ${time(toMs)}: ${(toMs - fromMs) / stepMs - 1} missing\n`;
  return `${head}${body}\n${longest.map(gap).join("")}  sha256   ${sha256}\n`;
}

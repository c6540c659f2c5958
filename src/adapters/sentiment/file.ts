/** Sentiment from a recorded history: CSV, plain or gzip, checked row by row before anything is served. */
import { readFileSync, statSync } from "node:fs";
import { basename } from "node:path";
import { gunzipSync } from "node:zlib";
import { parseDecimal } from "../../domain/money.ts";
import { UsageError } from "../../errors/errors.ts";
import { FEAR_GREED, HEADLINES, type Kind, newestAt, type Point, type SampleAt } from "./series.ts";

const MAX_FILE_BYTES = 64_000_000;
const MAX_ROWS = 1_000_000;
const MAX_CELL_CHARS = 40;
/** Evidence carries the source by name; a name this long still fits into it. */
const MAX_NAME_CHARS = 100;

type Form = Kind & {
  option: string;
  timeField: string;
  valueField: string;
  /** What the value is, for the person who wrote a bad one. */
  valueIs: string;
  /** @throws when the text is not such a value. */
  toPpm: (text: string) => number;
};

const FEAR_GREED_FORM: Form = {
  ...FEAR_GREED,
  option: "--fear-greed",
  timeField: "dayMs",
  valueField: "value",
  valueIs: "a whole number from 0 to 100",
  toPpm: (text) => (/^\d{1,3}$/.test(text) ? Number(text) * 10_000 : Number.NaN),
};

const HEADLINES_FORM: Form = {
  ...HEADLINES,
  option: "--headlines",
  timeField: "publishedAtMs",
  valueField: "score",
  valueIs: "a score from -1 to 1 with at most six decimals",
  toPpm: (text) => Number(parseDecimal(text, 6)),
};

/** Rows `dayMs,value`: the index of a day, published at its UTC midnight. @throws UsageError naming file, line and field. */
export const fileFearGreed = (file: string): SampleAt => fromFile(file, FEAR_GREED_FORM);

/** Rows `publishedAtMs,score`. @throws UsageError naming file, line and field. */
export const fileHeadlines = (file: string): SampleAt => fromFile(file, HEADLINES_FORM);

function fromFile(file: string, form: Form): SampleAt {
  const points = parseSeries(readText(file, form.option), file, form);
  const source = `file:${basename(file).slice(-MAX_NAME_CHARS)}`;
  return async (atMs) => {
    const point = newestAt(points, form, atMs);
    return point && { source, ...point };
  };
}

function readText(file: string, option: string): string {
  const wrong = (why: string): never => {
    throw new UsageError("sentiment.file", `${option}: ${file} ${why}`);
  };
  const found = statSync(file, { throwIfNoEntry: false });
  if (!found?.isFile()) return wrong("is not a file; give a CSV file");
  if (found.size > MAX_FILE_BYTES)
    return wrong(`has more than ${MAX_FILE_BYTES} bytes; give a shorter history`);
  const raw = readFileSync(file);
  if (raw[0] !== 0x1f || raw[1] !== 0x8b) return raw.toString("utf8");
  try {
    return gunzipSync(raw, { maxOutputLength: MAX_FILE_BYTES }).toString("utf8");
  } catch {
    return wrong(`does not unpack into at most ${MAX_FILE_BYTES} bytes; pack it again or give it unpacked`);
  }
}

/** @returns the points in order of time. */
function parseSeries(text: string, file: string, form: Form): Point[] {
  const header = `${form.timeField},${form.valueField}`;
  const wrong = (line: number, field: string, why: string): never => {
    throw new UsageError("sentiment.row", `${form.option}: ${file}, line ${line}, ${field}: ${why}`);
  };
  const lines = text.split("\n");
  if (lines[0]?.trim() !== header) wrong(1, "header", `must be "${header}"`);
  if (lines.length > MAX_ROWS) wrong(MAX_ROWS + 1, "row", `a history has at most ${MAX_ROWS} rows`);
  const points: (Point & { line: number })[] = [];
  lines.slice(1).forEach((row, at) => {
    const line = at + 2;
    if (row.trim() === "") return;
    const cells = row.split(",").map((cell) => cell.trim());
    const [time = "", value = ""] = cells;
    if (cells.length !== 2) wrong(line, "row", `has ${cells.length} fields instead of ${header}`);
    if (!/^\d{12,14}$/.test(time))
      wrong(line, form.timeField, `"${short(time)}" is not a time in milliseconds since 1970`);
    const valuePpm = ppmOf(form, value);
    if (valuePpm === undefined) wrong(line, form.valueField, `"${short(value)}" is not ${form.valueIs}`);
    else points.push({ publishedAtMs: Number(time), valuePpm, line });
  });
  if (points.length === 0) wrong(2, "row", "there is no value in this file");
  points.sort((a, b) => a.publishedAtMs - b.publishedAtMs || a.line - b.line);
  points.forEach((point, at) => {
    const before = points[at - 1];
    if (before?.publishedAtMs === point.publishedAtMs)
      wrong(point.line, form.timeField, `${point.publishedAtMs} is already on line ${before.line}`);
  });
  return points.map(({ publishedAtMs, valuePpm }) => ({ publishedAtMs, valuePpm }));
}

const short = (text: string): string => text.slice(0, MAX_CELL_CHARS);

function ppmOf(form: Form, text: string): number | undefined {
  try {
    const ppm = form.toPpm(text);
    return ppm >= form.lowPpm && ppm <= form.highPpm ? ppm : undefined;
  } catch {
    return undefined;
  }
}

/** CSV files, plain or gzip, read as a stream and checked line by line. */
import { closeSync, createReadStream, openSync, readSync, statSync } from "node:fs";
import { createGunzip } from "node:zlib";
import { UsageError } from "../../errors/errors.ts";

const MAX_LINE_CHARS = 10_000;
const MAX_SHOWN_CHARS = 40;
const NUMBER = /^-?\d+(\.\d+)?([eE][+-]?\d{1,3})?$/;

export type Row = { line: number; cells: string[] };

/** One sentence with file, line and field. */
export function wrong(file: string, line: number, field: string, why: string): never {
  throw new UsageError("csv.row", `${file}, line ${line}, ${field}: ${why}`);
}

/** @throws UsageError naming file, line and field, when the cell is not a finite number. */
export function numberIn(file: string, line: number, field: string, cell: string): number {
  const value = NUMBER.test(cell) ? Number(cell) : Number.NaN;
  return Number.isFinite(value)
    ? value
    : wrong(file, line, field, `"${cell.slice(0, MAX_SHOWN_CHARS)}" is not a number`);
}

/** A time in UTC milliseconds. @throws like {@link numberIn} */
export function timeIn(file: string, line: number, field: string, cell: string): number {
  return /^\d{1,15}$/.test(cell)
    ? Number(cell)
    : wrong(
        file,
        line,
        field,
        `"${cell.slice(0, MAX_SHOWN_CHARS)}" is not a time in milliseconds since 1970`,
      );
}

function isGzip(file: string): boolean {
  const start = Buffer.alloc(2);
  const from = openSync(file, "r");
  try {
    readSync(from, start, 0, 2, 0);
  } finally {
    closeSync(from);
  }
  return start[0] === 0x1f && start[1] === 0x8b;
}

/**
 * The rows below the header, some thousands at a time. Empty lines are passed over.
 * @throws UsageError in one sentence for a missing file, another header, a row of another length, a broken gzip.
 */
export async function* rowsOf(file: string, header: readonly string[]): AsyncGenerator<Row[]> {
  if (!statSync(file, { throwIfNoEntry: false })?.isFile())
    throw new UsageError("csv.file", `there is no file ${file}`);
  const source = createReadStream(file);
  const text = isGzip(file) ? source.pipe(createGunzip()) : source;
  let rest = "";
  let line = 0;
  const take = (one: string): Row | undefined => {
    line += 1;
    const cells = one.trim().split(",");
    if (line === 1) {
      if (one.trim() !== header.join(",")) wrong(file, 1, "header", `must be "${header.join(",")}"`);
      return undefined;
    }
    if (one.trim() === "") return undefined;
    if (cells.length !== header.length)
      wrong(file, line, "row", `has ${cells.length} fields instead of ${header.length}`);
    return { line, cells };
  };
  try {
    for await (const chunk of text) {
      const lines = (rest + (chunk as Buffer).toString("latin1")).split("\n");
      rest = lines.pop() as string;
      if (rest.length > MAX_LINE_CHARS)
        wrong(file, line + lines.length + 1, "row", `is longer than ${MAX_LINE_CHARS} characters`);
      yield lines.map(take).filter((row) => row !== undefined);
    }
  } catch (error) {
    if (error instanceof UsageError) throw error;
    wrong(file, line + 1, "row", `the file breaks off or is damaged here (${(error as Error).message})`);
  } finally {
    source.destroy();
  }
  const last = take(rest);
  if (last) yield [last];
}

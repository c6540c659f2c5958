/**
 * Streams a CSV file of decimal numbers, gzipped or not, as columns of doubles. A header of exactly the given
 * names, no quotes, no empty fields, no blank lines. The first fault ends it with one sentence: file, line, field.
 */
import { createHash } from "node:crypto";
import { closeSync, createReadStream, openSync, readSync, statSync } from "node:fs";
import { createGunzip } from "node:zlib";
import { UsageError } from "../../errors/errors.ts";

/** Rows that are handed on at once; only the last part may have fewer. */
export const PART_ROWS = 16_384;
/** A line beyond it is none of ours. */
const MAX_LINE_BYTES = 1_024;

export type CsvPart = { columns: Float64Array[]; rows: number; firstLine: number };
export type CsvFault = { line: number; field?: string; why: string };

export const csvError = (file: string, { line, field, why }: CsvFault): UsageError =>
  new UsageError("data.badFile", `${file}, line ${line}${field ? `, ${field}` : ""}: ${why}`);

const GZIP_MAGIC = Buffer.of(0x1f, 0x8b);
const COMMA = 44;
const LINE_END = 10;
const RETURN = 13;
const PLUS = 43;
const MINUS = 45;
const DOT = 46;
const ZERO = 48;
const NINE = 57;
const LETTER_E = 101;
/** The bit that a small letter has and a capital one has not. */
const LOWER = 32;
/** Whole numbers below it, divided by a power of ten up to 10²², round once: exactly what Number() gives. */
const EXACT = 2 ** 53;
const MAX_EXACT_DIGITS = 22;
const POWERS = Float64Array.from({ length: MAX_EXACT_DIGITS + 1 }, (_, i) => 10 ** i);

function isGzip(file: string): boolean {
  const start = Buffer.alloc(GZIP_MAGIC.length);
  const fd = openSync(file, "r");
  try {
    readSync(fd, start, 0, start.length, 0);
  } finally {
    closeSync(fd);
  }
  return start.equals(GZIP_MAGIC);
}

/** Reads one file; `sha256` is of its bytes as they lie on disk, complete after the last part. */
export class CsvFile {
  readonly file: string;
  readonly #names: readonly string[];
  readonly #hash = createHash("sha256");
  readonly #columns: Float64Array[];
  #rows = 0;
  #line = 1;

  /** @param file a path; gzipped or not is seen from its first bytes. */
  constructor(file: string, names: readonly string[]) {
    this.file = file;
    this.#names = names;
    this.#columns = names.map(() => new Float64Array(PART_ROWS));
  }

  get sha256(): string {
    return this.#hash.copy().digest("hex");
  }

  /** The columns of each part are the same arrays, overwritten by the next. @throws UsageError `data.badFile` */
  async *parts(): AsyncGenerator<CsvPart> {
    let rest: Buffer = Buffer.alloc(0);
    let isFirst = true;
    for await (const chunk of this.#bytes()) {
      const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      let from = 0;
      for (let end = bytes.indexOf(LINE_END, from); end >= 0; end = bytes.indexOf(LINE_END, from)) {
        if (isFirst) this.#header(bytes, from, end);
        else this.#row(bytes, from, end);
        isFirst = false;
        this.#line += 1;
        from = end + 1;
        if (this.#rows === PART_ROWS) yield this.#part();
      }
      rest = bytes.subarray(from);
      if (rest.length > MAX_LINE_BYTES) this.#refuse(`longer than ${MAX_LINE_BYTES} characters`);
    }
    if (rest.length > 0) {
      if (isFirst) this.#header(rest, 0, rest.length);
      else this.#row(rest, 0, rest.length);
      this.#line += 1;
    } else if (isFirst) this.#refuse("the file is empty");
    if (this.#rows > 0) yield this.#part();
  }

  async *#bytes(): AsyncGenerator<Buffer> {
    if (!statSync(this.file, { throwIfNoEntry: false })?.isFile())
      throw new UsageError("data.noFile", `there is no file ${this.file}`);
    const raw = createReadStream(this.file, { highWaterMark: 256 * 1024 });
    raw.on("data", (chunk) => this.#hash.update(chunk));
    const stream = isGzip(this.file) ? raw.pipe(createGunzip()) : raw;
    raw.on("error", (error) => stream.destroy(error));
    try {
      for await (const chunk of stream) yield chunk as Buffer;
    } catch (error) {
      if (error instanceof UsageError) throw error;
      const { code, message } = error as NodeJS.ErrnoException;
      if (code?.startsWith("Z_"))
        this.#refuse(`the gzip stream is damaged or cut short (${message}); fetch the file again`);
      throw new UsageError("data.unreadable", `${this.file}: ${message}`);
    } finally {
      raw.destroy();
    }
  }

  #part(): CsvPart {
    const rows = this.#rows;
    this.#rows = 0;
    return { columns: this.#columns, rows, firstLine: this.#line - rows };
  }

  #header(bytes: Buffer, from: number, end: number): void {
    const found = bytes.toString("utf8", from, trimmed(bytes, from, end));
    const wanted = this.#names.join(",");
    if (found !== wanted) this.#refuse(`the header is "${found.slice(0, 200)}", not "${wanted}"`);
  }

  #row(bytes: Buffer, from: number, lineEnd: number): void {
    const end = trimmed(bytes, from, lineEnd);
    let at = from;
    const columns = this.#columns;
    const last = columns.length - 1;
    for (let c = 0; c <= last; c++) {
      const start = at;
      let mantissa = 0;
      let decimals = -1;
      if (bytes[at] === MINUS) at += 1;
      const digits = at;
      for (; at < end; at++) {
        const byte = bytes[at]!;
        if (byte >= ZERO && byte <= NINE) {
          mantissa = mantissa * 10 + (byte - ZERO);
          if (decimals >= 0) decimals += 1;
        } else if (byte === DOT && decimals < 0 && at > digits) decimals = 0;
        else break;
      }
      const plainEnd = at;
      at = afterExponent(bytes, at, end);
      const isEnd = at === end;
      if (plainEnd === digits || decimals === 0 || (!isEnd && bytes[at] !== COMMA))
        this.#refuse(`"${field(bytes, start, end)}" is not a decimal number`, this.#names[c]);
      if (isEnd !== (c === last))
        this.#refuse(`${isEnd ? "too few" : "too many"} fields, ${columns.length} are needed`);
      const size =
        mantissa < EXACT && decimals <= MAX_EXACT_DIGITS && at === plainEnd
          ? decimals > 0
            ? mantissa / POWERS[decimals]!
            : mantissa
          : Number(bytes.toString("latin1", digits, at));
      columns[c]![this.#rows] = digits > start ? -size : size;
      at += 1;
    }
    this.#rows += 1;
  }

  #refuse(why: string, name?: string): never {
    throw csvError(this.file, { line: this.#line, ...(name ? { field: name } : {}), why });
  }
}

/** Without the return of a line that ends in both. */
const trimmed = (bytes: Buffer, from: number, end: number): number =>
  end > from && bytes[end - 1] === RETURN ? end - 1 : end;

/** Behind an exponent that begins at `at`, if a whole one does. */
function afterExponent(bytes: Buffer, at: number, end: number): number {
  if (at === end || (bytes[at]! | LOWER) !== LETTER_E) return at;
  let next = at + 1;
  if (bytes[next] === MINUS || bytes[next] === PLUS) next += 1;
  const digits = next;
  while (next < end && bytes[next]! >= ZERO && bytes[next]! <= NINE) next += 1;
  return next > digits ? next : at;
}

function field(bytes: Buffer, from: number, end: number): string {
  const comma = bytes.indexOf(COMMA, from);
  return bytes.toString("utf8", from, Math.min(comma < 0 || comma > end ? end : comma, from + 40));
}

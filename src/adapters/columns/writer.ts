/** Writes a columnar file beside its final name and puts it there when it is whole: a reader never sees half of one. */
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { crc32 } from "node:zlib";
import { assertLittleEndian, GROUP_ROWS, type Header, HeaderSchema, MAX_HEADER_BYTES } from "./format.ts";

const LINE_END = "\n".charCodeAt(0);
const SPACE = " ".charCodeAt(0);
/** Room for the description, whose figures are known at the end only. */
const HEADER_BYTES = 4_096;

export class ColumnWriter {
  readonly #path: string;
  readonly #part: string;
  readonly #fd: number;
  readonly #columns: readonly string[];
  readonly #group: Float64Array[];
  #inGroup = 0;
  #rows = 0;
  #open = true;

  constructor(path: string, columns: readonly string[]) {
    assertLittleEndian();
    this.#path = path;
    this.#part = `${path}.part-${process.pid}`;
    this.#columns = columns;
    this.#group = columns.map(() => new Float64Array(GROUP_ROWS));
    this.#fd = openSync(this.#part, "wx", 0o644);
    writeAll(this.#fd, Buffer.alloc(HEADER_BYTES, SPACE));
  }

  /** One row, in the order of the columns. */
  push(row: ArrayLike<number>): void {
    for (let i = 0; i < this.#group.length; i++) this.#group[i]![this.#inGroup] = row[i]!;
    this.#inGroup += 1;
    this.#rows += 1;
    if (this.#inGroup === GROUP_ROWS) this.#flush();
  }

  /** Makes the file readable under its name. */
  finish(about: Omit<Header, "format" | "columns" | "rows">): Header {
    if (this.#inGroup > 0) this.#flush();
    const header = HeaderSchema.parse({
      format: "saksi-columns-1",
      columns: [...this.#columns],
      rows: this.#rows,
      ...about,
    });
    const text = Buffer.from(JSON.stringify(header));
    if (text.length >= HEADER_BYTES || HEADER_BYTES > MAX_HEADER_BYTES)
      throw new RangeError(`the description has ${text.length} bytes, at most ${HEADER_BYTES - 1} fit`);
    writeAll(this.#fd, text, 0);
    writeAll(this.#fd, Buffer.of(LINE_END), HEADER_BYTES - 1);
    fsyncSync(this.#fd);
    this.#close();
    renameSync(this.#part, this.#path);
    syncDirectory(dirname(this.#path));
    return header;
  }

  /** Leaves nothing behind. */
  abandon(): void {
    if (!this.#open) return;
    this.#close();
    rmSync(this.#part, { force: true });
  }

  #flush(): void {
    let sum = 0;
    for (const column of this.#group) {
      const bytes = Buffer.from(column.buffer, 0, this.#inGroup * Float64Array.BYTES_PER_ELEMENT);
      sum = crc32(bytes, sum);
      writeAll(this.#fd, bytes);
    }
    const end = Buffer.alloc(4);
    end.writeUInt32LE(sum);
    writeAll(this.#fd, end);
    this.#inGroup = 0;
  }

  #close(): void {
    this.#open = false;
    closeSync(this.#fd);
  }
}

/** At `position`, or where the file is. One call may write less than all. */
function writeAll(fd: number, bytes: Uint8Array, position: number | null = null): void {
  for (let done = 0; done < bytes.length; ) {
    const at = position === null ? null : position + done;
    done += writeSync(fd, bytes, done, bytes.length - done, at);
  }
}

function syncDirectory(path: string): void {
  const fd = openSync(path, "r");
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

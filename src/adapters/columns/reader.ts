/** Reads a columnar file group by group into the same arrays, so memory does not grow with the history. */
import { closeSync, openSync, readSync } from "node:fs";
import { crc32 } from "node:zlib";
import {
  assertLittleEndian,
  CRC_BYTES,
  columnsError,
  GROUP_ROWS,
  type Header,
  HeaderSchema,
  MAX_HEADER_BYTES,
} from "./format.ts";

const LINE_END = "\n".charCodeAt(0);

export class ColumnReader {
  readonly header: Header;
  readonly #path: string;
  readonly #fd: number;
  readonly #bytes: Buffer;
  #at: number;
  #left: number;

  /** @throws SaksiError `columns.unreadable` */
  constructor(path: string) {
    assertLittleEndian();
    this.#path = path;
    this.#fd = openSync(path, "r");
    try {
      const { header, end } = this.#describe();
      this.header = header;
      this.#at = end;
      this.#left = header.rows;
    } catch (error) {
      closeSync(this.#fd);
      throw error;
    }
    this.#bytes = Buffer.from(new ArrayBuffer(this.header.columns.length * GROUP_ROWS * 8 + CRC_BYTES));
  }

  /**
   * The next rows as one array for each column, or undefined at the end. The arrays are views that the next call
   * overwrites.
   * @throws SaksiError `columns.unreadable` for a file that was cut or changed
   */
  next(): { values: Float64Array[]; rows: number } | undefined {
    if (this.#left === 0) return undefined;
    const rows = Math.min(this.#left, GROUP_ROWS);
    const width = rows * Float64Array.BYTES_PER_ELEMENT;
    const size = this.header.columns.length * width;
    const read = readSync(this.#fd, this.#bytes, 0, size + CRC_BYTES, this.#at);
    if (read < size + CRC_BYTES) throw columnsError(this.#path, `ends ${this.#left} rows before its end`);
    if (crc32(this.#bytes.subarray(0, size)) !== this.#bytes.readUInt32LE(size))
      throw columnsError(
        this.#path,
        `rows from ${this.header.rows - this.#left} on are not what was written`,
      );
    this.#at += size + CRC_BYTES;
    this.#left -= rows;
    const values = this.header.columns.map(
      (_, i) => new Float64Array(this.#bytes.buffer, this.#bytes.byteOffset + i * width, rows),
    );
    return { values, rows };
  }

  close(): void {
    closeSync(this.#fd);
  }

  #describe(): { header: Header; end: number } {
    const head = Buffer.alloc(MAX_HEADER_BYTES);
    const read = readSync(this.#fd, head, 0, head.length, 0);
    const end = head.subarray(0, read).indexOf(LINE_END);
    if (end < 0) throw columnsError(this.#path, "is no columnar file");
    let given: unknown;
    try {
      given = JSON.parse(head.toString("utf8", 0, end));
    } catch {
      throw columnsError(this.#path, "is no columnar file");
    }
    const parsed = HeaderSchema.safeParse(given);
    if (!parsed.success)
      throw columnsError(this.#path, "its description is not one that this version writes");
    return { header: parsed.data, end: end + 1 };
  }
}

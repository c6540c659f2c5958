/**
 * The columnar file of a series of our own: one line of JSON that describes it, then row groups. A group holds its
 * columns one behind the other as little-endian doubles, and a CRC-32 of them. Values are exactly those of the source.
 */
import { endianness } from "node:os";
import { z } from "zod";
import { SaksiError } from "../../errors/errors.ts";

/** Rows of a group; only the last may have fewer. */
export const GROUP_ROWS = 16_384;
export const CRC_BYTES = 4;
/** The description, its line's end included. */
export const MAX_HEADER_BYTES = 64 * 1024;

const hash = z.string().regex(/^[0-9a-f]{64}$/);
export const HeaderSchema = z.strictObject({
  format: z.literal("saksi-columns-1"),
  kind: z.enum(["candles", "funding"]),
  columns: z
    .array(z.string().regex(/^[a-zA-Z]\w{0,63}$/))
    .min(1)
    .max(64),
  rows: z.int().min(0),
  /** Of candles; 0 where rows have no step. */
  stepMs: z.int().min(0),
  /** Candles that are missing between the first and the last. */
  missing: z.int().min(0),
  /** Base name of the file that was imported, and the SHA-256 of its bytes. */
  source: z.string().max(255),
  sourceSha256: hash,
});
export type Header = z.output<typeof HeaderSchema>;

export const columnsError = (file: string, why: string): SaksiError =>
  new SaksiError("columns.unreadable", `${file}: ${why}; import it again with saksi data import`);

/** Views on a buffer's doubles read the machine's byte order. @throws SaksiError on a machine of the other one. */
export function assertLittleEndian(): void {
  if (endianness() !== "LE")
    throw new SaksiError(
      "columns.byteOrder",
      "columnar files need a little-endian machine; use the CSV file",
    );
}

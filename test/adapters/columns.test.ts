import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import fc from "fast-check";
import { GROUP_ROWS } from "../../src/adapters/columns/format.ts";
import { ColumnReader } from "../../src/adapters/columns/reader.ts";
import { ColumnWriter } from "../../src/adapters/columns/writer.ts";

const dir = mkdtempSync(join(tmpdir(), "saksi-columns-"));
after(() => rmSync(dir, { recursive: true }));
const ABOUT = {
  kind: "candles",
  stepMs: 60_000,
  missing: 0,
  source: "x.csv",
  sourceSha256: "0".repeat(64),
} as const;

const write = (file: string, rows: readonly (readonly number[])[], columns = ["a", "b"]) => {
  const writer = new ColumnWriter(file, columns);
  for (const row of rows) writer.push(row);
  return writer.finish(ABOUT);
};
const read = (file: string): number[][] => {
  const reader = new ColumnReader(file);
  const rows: number[][] = [];
  try {
    for (let part = reader.next(); part; part = reader.next())
      for (let i = 0; i < part.rows; i++) rows.push(part.values.map((column) => column[i]!));
  } finally {
    reader.close();
  }
  return rows;
};
const rowsTo = (count: number) => Array.from({ length: count }, (_, i) => [i, -i / 3]);

describe("a columnar file", () => {
  test("gives back every bit of every number", () => {
    const file = join(dir, "bits.cols");
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.double(), fc.double())), (rows) => {
        write(file, rows);
        assert.deepEqual(read(file), rows);
      }),
    );
  });

  test("has groups: their ends are no ends of the file", () => {
    for (const count of [0, 1, GROUP_ROWS - 1, GROUP_ROWS, GROUP_ROWS + 1, 2 * GROUP_ROWS]) {
      const file = join(dir, `${count}.cols`);
      assert.equal(write(file, rowsTo(count)).rows, count);
      assert.deepEqual(read(file), rowsTo(count));
    }
  });

  test("is there when it is whole, and what was abandoned leaves nothing", () => {
    const file = join(dir, "abandoned.cols");
    const writer = new ColumnWriter(file, ["a"]);
    writer.push([1]);
    assert.equal(readdirSync(dir).includes("abandoned.cols"), false);
    writer.abandon();
    assert.deepEqual(
      readdirSync(dir).filter((name) => name.startsWith("abandoned")),
      [],
    );
  });

  test("is refused when it was cut, changed, or is something else, and says what to do", () => {
    const file = join(dir, "hurt.cols");
    write(file, rowsTo(GROUP_ROWS + 10));
    const whole = readFileSync(file);
    truncateSync(file, whole.length - 5);
    assert.throws(
      () => read(file),
      /hurt\.cols: ends 10 rows before its end; import it again with saksi data import/,
    );
    const changed = Buffer.from(whole);
    changed[5_000]! ^= 1;
    writeFileSync(file, changed);
    assert.throws(() => read(file), /hurt\.cols: rows from 0 on are not what was written/);
    writeFileSync(file, "openTimeMs,open\n1,2\n");
    assert.throws(() => read(file), /hurt\.cols: is no columnar file/);
    writeFileSync(file, '{"format":"saksi-columns-9"}\n');
    assert.throws(() => read(file), /hurt\.cols: its description is not one/);
  });
});

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { CANDLE_COLUMNS, FUNDING_COLUMNS, SeriesCheck } from "../../src/adapters/series/check.ts";
import { CsvFile, PART_ROWS } from "../../src/adapters/series/csv.ts";

const dir = mkdtempSync(join(tmpdir(), "saksi-series-"));
after(() => rmSync(dir, { recursive: true }));
let files = 0;
const fileOf = (text: string | Buffer, end = "csv"): string => {
  const file = join(dir, `${files++}.${end}`);
  writeFileSync(file, text);
  return file;
};
const HEADER = CANDLE_COLUMNS.join(",");
const row = (minute: number, rest = "100,101,99,100,5") => `${minute * 60_000},${rest}`;
const text = (...rows: string[]) => [HEADER, ...rows, ""].join("\n");

async function look(file: string) {
  const csv = new CsvFile(file, CANDLE_COLUMNS);
  const check = new SeriesCheck(file);
  const rows: number[][] = [];
  for await (const part of csv.parts()) {
    check.candles(part);
    for (let i = 0; i < part.rows; i++) rows.push(part.columns.map((column) => column[i]!));
  }
  return { rows, check, sha256: csv.sha256 };
}
const refused = (given: string | Buffer, why: RegExp, end = "csv") =>
  assert.rejects(look(fileOf(given, end)), (error: Error) => {
    assert.match(error.message, why);
    assert.equal(error.message.includes("\n"), false, "one sentence");
    return true;
  });

describe("a file of candles", () => {
  test("is read to the bit that JavaScript's own numbers have, however it is cut and ended", async () => {
    const decimal = fc
      .tuple(fc.bigInt(0n, 10n ** 20n), fc.nat(25), fc.boolean(), fc.constantFrom("", "", "e-7", "E3", "e+2"))
      .map(([digits, decimals, minus, exponent]) => {
        const padded = digits.toString().padStart(decimals + 1, "0");
        const at = padded.length - decimals;
        return `${minus ? "-" : ""}${padded.slice(0, at)}${decimals > 0 ? `.${padded.slice(at)}` : ""}${exponent}`;
      });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(decimal, decimal), { minLength: 1, maxLength: 30 }),
        fc.constantFrom("\n", "\r\n"),
        fc.boolean(),
        async (rows, end, isLastEnded) => {
          const lines = ["a,b", ...rows.map((r) => r.join(","))].join(end) + (isLastEnded ? end : "");
          const found: number[][] = [];
          for await (const part of new CsvFile(fileOf(lines), ["a", "b"]).parts())
            for (let i = 0; i < part.rows; i++) found.push(part.columns.map((column) => column[i]!));
          assert.deepEqual(
            found,
            rows.map((r) => r.map(Number)),
          );
        },
      ),
      { numRuns: 60 },
    );
  });

  test("gives the same when it is gzipped, and its hash is of the file's own bytes", async () => {
    const lines = text(...Array.from({ length: PART_ROWS + 3 }, (_, i) => row(i)));
    const plain = await look(fileOf(lines));
    const file = fileOf(gzipSync(lines), "csv.gz");
    const zipped = await look(file);
    assert.deepEqual(zipped.rows, plain.rows);
    assert.equal(plain.rows.length, PART_ROWS + 3);
    assert.equal(zipped.sha256, createHash("sha256").update(readFileSync(file)).digest("hex"));
  });

  test("keeps its gaps and knows them, also when it begins with one", async () => {
    const { check } = await look(fileOf(text(row(0), row(5), row(6), row(7), row(10))));
    assert.equal(check.stepMs, 60_000);
    assert.equal(check.missing, 6);
    assert.deepEqual(check.gaps.at(-1), { fromMs: 7 * 60_000, toMs: 10 * 60_000 });
  });

  test("is refused at its first fault, by line and field", async () => {
    await refused(text(row(0), row(1, "NaN,101,99,100,5")), /line 3, open: "NaN" is not a decimal number/);
    await refused(text(row(0, "0,101,0,100,5")), /line 2, open: 0 is no price/);
    await refused(text(row(0, "100,101,99,100,-5")), /line 2, volume: -5 is no volume/);
    await refused(text(row(0, "100,99,101,100,5")), /line 2, high: 99 is below the low, 101/);
    await refused(text(row(0, "100,101,100.5,101,5")), /line 2, low: 100.5 is above the open, 100/);
    await refused(text(row(0, "100,100.5,99,101,5")), /line 2, high: 100.5 is below the close, 101/);
    await refused(text(row(1), row(1)), /line 3, openTimeMs: 60000 is there twice/);
    await refused(text(row(2), row(1)), /line 3, openTimeMs: 60000 comes after 120000/);
    await refused(
      text(row(0), row(1), row(2.5)),
      /line 4, openTimeMs: 150000 is 90000 ms after the row before/,
    );
    await refused(text("1.5,100,101,99,100,5"), /line 2, openTimeMs: 1.5 is no time in UTC milliseconds/);
    await refused(text(row(0, "100,101,99,100")), /line 2: too few fields, 6 are needed/);
    await refused(text(row(0, "100,101,99,100,5,6")), /line 2: too many fields/);
    await refused(text(row(0, "100,,99,100,5")), /line 2, high: "" is not a decimal number/);
    await refused(text(row(0, "1e,101,99,100,5")), /line 2, open: "1e" is not/);
    await refused(
      "time,open\n",
      /line 1: the header is "time,open", not "openTimeMs,open,high,low,close,volume"/,
    );
    await refused("", /line 1: the file is empty/);
    await refused(`${HEADER}\n${"9".repeat(2_000)}`, /line 2: longer than 1024 characters/);
    await refused(
      gzipSync(text(row(0), row(1))).subarray(0, 40),
      /the gzip stream is damaged or cut short/,
      "csv.gz",
    );
    await assert.rejects(look(join(dir, "none.csv")), /there is no file .*none\.csv/);
  });
});

test("a file of funding keeps the venue's jitter and refuses a rate that is a percentage", async () => {
  const file = fileOf(`${FUNDING_COLUMNS.join(",")}\n28800007,0.0001\n57600000,-0.75\n`);
  const check = new SeriesCheck(file);
  const reading = async () => {
    for await (const part of new CsvFile(file, FUNDING_COLUMNS).parts()) check.funding(part);
  };
  await assert.rejects(reading(), /line 3, rate: -0.75 is no share of the notional/);
});

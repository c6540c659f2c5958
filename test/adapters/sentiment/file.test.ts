import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { fileFearGreed, fileHeadlines } from "../../../src/adapters/sentiment/file.ts";
import { FEAR_GREED, HEADLINES } from "../../../src/adapters/sentiment/series.ts";
import { UsageError } from "../../../src/errors/errors.ts";

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const T0 = Date.UTC(2024, 0, 1);
const dir = mkdtempSync(join(tmpdir(), "saksi-sentiment-"));
after(() => rmSync(dir, { recursive: true }));

function written(content: string | Buffer, name = "history.csv"): string {
  const file = join(dir, name);
  writeFileSync(file, content);
  return file;
}

test("fear & greed of a day is served with its source, its day and its value in ppm", async () => {
  const at = fileFearGreed(written(`dayMs,value\n${T0},30\n${T0 + DAY_MS},100\n`));
  const source = "file:history.csv";
  assert.deepEqual(await at(T0 + 12 * HOUR_MS), { source, publishedAtMs: T0, valuePpm: 300_000 });
  assert.deepEqual(await at(T0 + 36 * HOUR_MS), {
    source,
    publishedAtMs: T0 + DAY_MS,
    valuePpm: 1_000_000,
  });
});

test("a headline score is exact to six decimals, on both sides of nought", async () => {
  const at = fileHeadlines(written(`publishedAtMs,score\n${T0},-1\n${T0 + HOUR_MS},0.123456\n`));
  assert.equal((await at(T0 + 60_000))?.valuePpm, -1_000_000);
  assert.equal((await at(T0 + 2 * HOUR_MS))?.valuePpm, 123_456);
});

test("before the first value and after a gap longer than its greatest age the input is absent", async () => {
  const at = fileFearGreed(written(`dayMs,value\n${T0},30\n${T0 + 4 * DAY_MS},40\n`));
  assert.equal(await at(T0 - 1), null);
  assert.equal(await at(T0), null);
  assert.equal(await at(T0 + 3 * DAY_MS), null);
  assert.equal((await at(T0 + 5 * DAY_MS))?.valuePpm, 400_000);
});

test("gzip, line ends of other systems, and rows in another order make no difference", async () => {
  const plain = fileFearGreed(written(`dayMs,value\n${T0},30\n${T0 + DAY_MS},40\n`, "same.csv"));
  const other = fileFearGreed(
    written(gzipSync(`dayMs,value\r\n${T0 + DAY_MS},40\r\n\r\n${T0},30\r\n`), "same.csv"),
  );
  for (let atMs = T0 - HOUR_MS; atMs < T0 + 4 * DAY_MS; atMs += HOUR_MS)
    assert.deepEqual(await other(atMs), await plain(atMs));
});

test("no recorded value is ever served before its cut-off", async () => {
  const rows = fc.uniqueArray(
    fc.record({
      time: fc.integer({ min: T0, max: T0 + 5 * DAY_MS }),
      value: fc.integer({ min: 0, max: 100 }),
    }),
    { selector: ({ time }) => time, minLength: 1, maxLength: 30 },
  );
  const cutoff = fc.integer({ min: T0 - DAY_MS, max: T0 + 9 * DAY_MS });
  await fc.assert(
    fc.asyncProperty(rows, cutoff, async (days, atMs) => {
      const text = days.map(({ time, value }) => `${time},${value}`).join("\n");
      const scores = days.map(({ time, value }) => `${time},${(value - 50) / 100}`).join("\n");
      const samples = [
        [await fileFearGreed(written(`dayMs,value\n${text}`))(atMs), FEAR_GREED],
        [await fileHeadlines(written(`publishedAtMs,score\n${scores}`))(atMs), HEADLINES],
      ] as const;
      for (const [sample, { lagMs, maxAgeMs }] of samples)
        if (sample) {
          assert.ok(sample.publishedAtMs + lagMs <= atMs);
          assert.ok(atMs - sample.publishedAtMs <= maxAgeMs);
        }
    }),
    { numRuns: 200 },
  );
});

test("a file that cannot be read whole is refused in one sentence with file, line and field", () => {
  const row = `${T0},30`;
  const cases: [typeof fileFearGreed, string | Buffer, RegExp][] = [
    [fileFearGreed, "", /line 1, header: must be "dayMs,value"/],
    [fileFearGreed, `publishedAtMs,score\n${row}`, /line 1, header: must be "dayMs,value"/],
    [fileHeadlines, `dayMs,value\n${row}`, /--headlines: .*line 1, header: must be "publishedAtMs,score"/],
    [fileFearGreed, "dayMs,value\n", /line 2, row: there is no value/],
    [fileFearGreed, `dayMs,value\n${row},1`, /line 2, row: has 3 fields instead of dayMs,value/],
    [fileFearGreed, `dayMs,value\n\n${T0}`, /line 3, row: has 1 fields/],
    [
      fileFearGreed,
      `dayMs,value\n${T0 / 1000},30`,
      /line 2, dayMs: "1704067200" is not a time in milliseconds/,
    ],
    [fileFearGreed, "dayMs,value\n2024-01-01,30", /line 2, dayMs: "2024-01-01" is not a time/],
    [
      fileFearGreed,
      `dayMs,value\n${row}\n${T0 + 1},101`,
      /line 3, value: "101" is not a whole number from 0 to 100/,
    ],
    [fileFearGreed, `dayMs,value\n${T0},`, /line 2, value: "" is not a whole number/],
    [fileFearGreed, `dayMs,value\n${T0},-1`, /line 2, value: "-1"/],
    [fileFearGreed, `dayMs,value\n${T0},12.5`, /line 2, value: "12.5"/],
    [
      fileFearGreed,
      `dayMs,value\n${row}\n${T0 + 1},1\n${T0},40`,
      /line 4, dayMs: 1704067200000 is already on line 2/,
    ],
    [fileHeadlines, `publishedAtMs,score\n${T0},1.1`, /line 2, score: "1.1" is not a score from -1 to 1/],
    [fileHeadlines, `publishedAtMs,score\n${T0},0.1234567`, /line 2, score: "0.1234567" is not a score/],
    [fileHeadlines, `publishedAtMs,score\n${T0},NaN`, /line 2, score: "NaN"/],
    [fileHeadlines, `publishedAtMs,score\n${T0},1e-1`, /line 2, score: "1e-1"/],
    [fileFearGreed, Buffer.from([0x1f, 0x8b, 8, 0]), /history\.csv does not unpack/],
  ];
  for (const [open, content, expected] of cases)
    assert.throws(() => open(written(content)), oneSentence(/history\.csv/, expected));
  assert.throws(
    () => fileFearGreed(join(dir, "none.csv")),
    oneSentence(/--fear-greed: .*none\.csv is not a file/),
  );
  assert.throws(() => fileHeadlines(dir), oneSentence(/--headlines: .* is not a file/));
});

function oneSentence(...expected: RegExp[]): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof UsageError, String(error));
    for (const pattern of expected) assert.match(error.message, pattern);
    assert.ok(!error.message.includes("\n"), `one line: ${error.message}`);
    return true;
  };
}

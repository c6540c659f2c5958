import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { gunzipSync, gzipSync } from "node:zlib";
import { features, featuresCommand, parseFeatures } from "../../src/cli/features.ts";
import { select } from "../../src/features/library/catalogue.ts";
import { AnchoredStream, batch } from "../../src/features/library/run.ts";
import { randomBars, STEP_MS } from "../features/library/random-bars.ts";
import { MIDNIGHT } from "../features/market.ts";

const dir = mkdtempSync(join(tmpdir(), "saksi-features-"));
after(() => rmSync(dir, { recursive: true }));

const HEADER = "openTimeMs,open,high,low,close,volume";
const ROWS = 3_000;
const bars = randomBars(8, ROWS);
const lines = [
  HEADER,
  ...Array.from(bars.close, (close, i) =>
    [bars.closeTimeMs[i]! - STEP_MS, bars.open[i], bars.high[i], bars.low[i], close, bars.volume[i]].join(
      ",",
    ),
  ),
];
const out = join(dir, "out.csv");

function file(name: string, content: string | Buffer): string {
  const path = join(dir, name);
  writeFileSync(path, content);
  return path;
}

async function run(...args: string[]): Promise<void> {
  const options = parseFeatures(args);
  assert.ok(typeof options === "object");
  assert.equal(await features(options), 0);
}

/** Cells of the written file below its header. */
const written = (path = out): string[][] =>
  readFileSync(path, "utf8")
    .trimEnd()
    .split("\n")
    .slice(1)
    .map((line) => line.split(","));

const candles = file("candles.csv", `${lines.join("\n")}\n`);
const NAMES = ["ema_20", "rsi_14", "macd_12_26_9_signal", "bbands_20_2_upper"];

describe("saksi features", () => {
  it("writes the columns it was asked for, in order, empty during warm-up, with every bit of the values", async () => {
    await run(candles, "--columns", NAMES.join(), "--out", out);
    assert.equal(readFileSync(out, "utf8").split("\n")[0], `openTimeMs,${NAMES.join()}`);
    const expected = batch(select(NAMES), bars);
    const rows = written();
    assert.equal(rows.length, ROWS);
    rows.forEach((cells, i) => {
      assert.equal(Number(cells[0]), bars.closeTimeMs[i]! - STEP_MS);
      expected.forEach((values, at) => {
        assert.equal(cells[at + 1], Number.isNaN(values[i]) ? "" : String(values[i]));
      });
    });
  });

  it("reads and writes gzip with the same result", async () => {
    const packed = join(dir, "out.csv.gz");
    await run(
      file("candles.csv.gz", gzipSync(readFileSync(candles))),
      "--columns",
      NAMES.join(),
      "--out",
      packed,
    );
    assert.equal(gunzipSync(readFileSync(packed)).toString("utf8"), readFileSync(out, "utf8"));
  });

  it("names a set's columns with the parameters they have", async () => {
    await run(candles, "--set", "averages", "--columns", "macd_5_9_3", "--out", join(dir, "set.csv"));
    const [header = ""] = readFileSync(join(dir, "set.csv"), "utf8").split("\n");
    assert.ok(header.startsWith("openTimeMs,sma_20,ema_20,rma_14"));
    assert.ok(header.endsWith("macd_5_9_3_line,macd_5_9_3_signal,macd_5_9_3_hist"));
  });

  it("restarts at midnight when it is anchored", async () => {
    const path = join(dir, "anchored.csv");
    await run(candles, "--columns", "ema_20", "--anchor", "500", "--out", path);
    const anchored = new AnchoredStream(select(["ema_20"]), 500);
    written(path).forEach(([, cell], i) => {
      anchored.push(bars, i);
      assert.equal(cell, Number.isNaN(anchored.values[0]) ? "" : String(anchored.values[0]));
    });
  });

  it("joins side files by when their values were known", async () => {
    const hour = 3_600_000;
    const funding = file(
      "funding.csv",
      `fundingTimeMs,rate\n${MIDNIGHT + 5},0.0001\n${MIDNIGHT + hour},0.0003\n`,
    );
    const headlines = file(
      "headlines.csv",
      `publishedAtMs,score\n${MIDNIGHT},1\n${MIDNIGHT + 1},0.5\n${MIDNIGHT + 10 * STEP_MS},-1\n`,
    );
    const path = join(dir, "side.csv");
    await run(
      candles,
      "--columns",
      "funding_1,headlines_5",
      "--funding",
      funding,
      "--headlines",
      headlines,
      "--out",
      path,
    );
    const rows = written(path);
    // The first bar closes a minute after midnight, and so does the one at row 59 an hour after it.
    assert.deepEqual(
      [0, 58, 59].map((i) => rows[i]![1]),
      ["1", "1", "2.9999999999999996"],
    );
    // A headline is known a minute after it was published: the first at the first close, the next at the second.
    assert.deepEqual(rows[4]!.slice(2), ["0.75", "2"]);
    assert.deepEqual(rows[6]!.slice(2), ["", "0"]);
    assert.deepEqual(rows[10]!.slice(2), ["-1", "1"]);
    // After a day without a settlement the last rate is too old.
    assert.equal(rows[1_440 + 58]![1], "2.9999999999999996");
    assert.equal(rows[1_440 + 60]![1], "");
  });
});

/** The first 50 candles with one cell of line 30 replaced. */
function with30(field: number, cell: string): string {
  const some = lines.slice(0, 51);
  some[29] = some[29]!
    .split(",")
    .map((old, at) => (at === field ? cell : old))
    .join(",");
  return some.join("\n");
}

describe("a bad file", () => {
  const time = (line: number): string => lines[line - 1]!.split(",")[0]!;
  const bad: readonly (readonly [string, string | Buffer, RegExp])[] = [
    ["a value that is no number", with30(4, "NaN"), /line 30, close: "NaN" is not a decimal number$/],
    ["an empty value", with30(5, ""), /line 30, volume: "" is not a decimal number$/],
    ["infinity", with30(2, "1e999"), /line 30, high: Infinity is no price$/],
    ["a price of zero", with30(3, "0"), /line 30, low: 0 is no price$/],
    ["negative volume", with30(5, "-1"), /line 30, volume: -1 is no volume$/],
    ["high and low swapped", with30(2, "1"), /line 30, high: 1 is below the low/],
    ["a low above the close", with30(3, String(bars.high[28])), /line 30, low: .* is above the (open|close)/],
    ["the same time twice", with30(0, time(29)), /line 30, openTimeMs: \d+ is there twice$/],
    ["an earlier time", with30(0, time(27)), /line 30, openTimeMs: \d+ comes after \d+; times must ascend$/],
    [
      "a time that is no time",
      with30(0, "2024-01-01"),
      /line 30, openTimeMs: "2024-01-01" is not a decimal number$/,
    ],
    ["a missing field", with30(1, "1,2"), /line 30: too many fields, 6 are needed$/],
    [
      "other columns",
      "time,open\n1,2\n",
      /line 1: the header is "time,open", not "openTimeMs,open,high,low,close,volume"$/,
    ],
    ["no candle", `${HEADER}\n`, /0 candles; at least two are needed$/],
    ["nothing at all", "", /line 1: the file is empty$/],
    ["a line without end", `${HEADER}\n${"1".repeat(20_000)}`, /line 2: longer than 1024 characters$/],
    [
      "a gzip that breaks off",
      gzipSync(readFileSync(candles)).subarray(0, 60_000),
      /line \d+: the gzip stream is damaged or cut short/,
    ],
  ];
  for (const [what, content, message] of bad)
    it(`with ${what} is named by file, line and field, and nothing is left behind`, async () => {
      const input = file("bad.csv", content);
      const target = join(dir, "never.csv");
      await assert.rejects(run(input, "--columns", "ema_20", "--out", target), (error: Error) => {
        assert.match(error.message, message);
        assert.ok(error.message.includes(input));
        return true;
      });
      assert.ok(!existsSync(target));
      assert.deepEqual(
        readdirSync(dir).filter((name) => name.includes("unfinished")),
        [],
      );
    });

  it("leaves an older result as it was", async () => {
    const before = readFileSync(out, "utf8");
    await assert.rejects(run(file("bad.csv", with30(4, "x")), "--columns", "ema_20", "--out", out));
    assert.equal(readFileSync(out, "utf8"), before);
  });
});

describe("options that cannot be", () => {
  const target = join(dir, "x.csv");
  const cases: readonly (readonly [string, string[], RegExp])[] = [
    ["no file", ["--set", "all", "--out", target], /give one file/],
    ["no output", [candles, "--set", "all"], /--out says/],
    ["no columns", [candles, "--out", target], /--columns or --set/],
    ["an unknown set", [candles, "--set", "best", "--out", target], /there is no set "best"/],
    ["an unknown option", [candles, "--sett", "all", "--out", target], /Unknown option '--sett'/],
    ["an unknown indicator", [candles, "--columns", "foo_3", "--out", target], /there is no indicator "foo"/],
    ["an unknown output", [candles, "--columns", "macd_line_x", "--out", target], /macd has no output "x"/],
    ["too many parameters", [candles, "--columns", "ema_1_2", "--out", target], /ema takes 1 parameters/],
    [
      "a span of zero",
      [candles, "--columns", "ema_0", "--out", target],
      /n is a whole number from 1 to 10000/,
    ],
    ["a broken span", [candles, "--columns", "ema_1.5", "--out", target], /n is a whole number/],
    [
      "spans in the wrong order",
      [candles, "--columns", "macd_26_12_9", "--out", target],
      /first span, 26, must be below/,
    ],
    ["a column twice", [candles, "--columns", "ema_20,ema", "--out", target], /ema_20 is named twice/],
    [
      "an anchor that is no number",
      [candles, "--columns", "ema", "--anchor", "x", "--out", target],
      /--anchor takes/,
    ],
    [
      "a folder that is not there",
      [candles, "--columns", "ema", "--out", "/no/where/x.csv"],
      /there is no folder/,
    ],
    [
      "a side file that is missing",
      [candles, "--columns", "funding", "--out", target],
      /funding_1 needs --funding FILE/,
    ],
    ["an input no file gives", [candles, "--columns", "ofi", "--out", target], /ofi_1 needs books or trades/],
  ];
  for (const [what, args, message] of cases)
    it(`are refused in one sentence: ${what}`, async () => {
      await assert.rejects(featuresCommand(args), (error: Error) => {
        assert.match(error.message, message);
        assert.ok(!error.message.includes("\n"));
        return true;
      });
      assert.ok(!existsSync(target));
    });
});

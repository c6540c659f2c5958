import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { gunzipSync, gzipSync } from "node:zlib";
import { type Loose, testVenue } from "./harness.ts";

const MAIN = fileURLToPath(new URL("../../venue/main.ts", import.meta.url));
const EXPORT = fileURLToPath(new URL("../../venue/export-candles.ts", import.meta.url));
const MINUTE = 60_000;
const T0 = Date.UTC(2024, 0, 1);

function ended(args: string[]): Promise<{ code: number | null; out: string; err: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args);
    let out = "";
    let err = "";
    child.stdout.on("data", (data) => {
      out += data;
      if (out.includes('"ready":true')) child.kill("SIGTERM");
    });
    child.stderr.on("data", (data) => {
      err += data;
    });
    child.on("close", (code) => resolve({ code, out, err }));
  });
}

describe("the command line", () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "venue-"));
  });
  after(() => rmSync(folder, { recursive: true }));
  const file = (name: string, text: string | Buffer) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };

  it("says where it listens and ends cleanly on SIGTERM", async () => {
    const { code, out } = await ended([MAIN, "--seed", "3"]);
    assert.equal(code, 0);
    assert.ok(JSON.parse(out.trim()).port > 0);
  });

  it("answers bad options and data with one sentence and a code", async () => {
    const gap = file("bad.csv", "openTimeMs,open,high,low,close,volume\n60000,5,4,3,5,1\n");
    const cases = [
      ["--nope"],
      ["--tick-ms", "7000"],
      ["--markets", "btc"],
      ["--accounts", "/none"],
      ["--data", gap],
    ];
    for (const { code, err } of await Promise.all(cases.map((args) => ended([MAIN, ...args])))) {
      assert.equal(code, 2);
      assert.equal(err.trim().split("\n").length, 1, err);
    }
  });

  it("replays recorded candles exactly, holes included", async () => {
    const bars: number[][] = [];
    for (let i = 0; i < 60; i++) {
      if (i === 25 || i === 40) continue;
      const open = 60_000 + i * 7;
      const close = open + (i % 2 === 0 ? 12 : -9);
      bars.push([
        T0 + i * MINUTE,
        open,
        Math.max(open, close) + 5.5,
        Math.min(open, close) - 4.5,
        close,
        1.25 + i,
      ]);
    }
    const csv = ["openTimeMs,open,high,low,close,volume", ...bars.map((bar) => bar.join(","))].join("\n");
    const data = new Map([["BTCUSDT", file("bars.csv.gz", gzipSync(csv))]]);
    const venue = await testVenue({ markets: ["BTCUSDT"], data, historyMinutes: 30 });
    assert.equal(venue.exchange.nowMs, T0 + 30 * MINUTE);
    await venue.ticks(6 * 29);
    const rows = (await venue.publicGet("/capi/v3/market/klines?symbol=BTCUSDT&interval=1m&limit=1000")).body;
    assert.deepEqual(
      rows.slice(0, -1).map((row: Loose[]) => row.slice(0, 6).map(Number)),
      bars.slice(0, -1),
    );
    await venue.close();
  });

  it("replays a recorded book with its diffs and trades", async () => {
    const lines = [
      {
        k: "s",
        rx: 1,
        E: T0 + 1000,
        u: 10,
        b: [
          ["60000.0", "1"],
          ["59999.0", "2"],
        ],
        a: [["60000.1", "1"]],
      },
      { k: "t", rx: 2, E: T0 + 2000, T: 1, id: 1, p: "60000.1", q: "0.5", m: false },
      { k: "d", rx: 3, E: T0 + 12_000, u: 11, b: [["60000.0", "0"]], a: [["60000.2", "3"]] },
      { k: "t", rx: 4, E: T0 + 13_000, T: 1, id: 2, p: "59999.0", q: "0.25", m: true },
    ];
    const data = new Map([
      ["BTCUSDT", file("book.jsonl", lines.map((line) => JSON.stringify(line)).join("\n"))],
    ]);
    const venue = await testVenue({ markets: ["BTCUSDT"], data });
    const depth = async () => (await venue.publicGet("/capi/v3/market/depth?symbol=BTCUSDT")).body;
    assert.deepEqual((await depth()).bids[0], ["60000.0", "1.0000"]);
    await venue.ticks(1);
    const now = await depth();
    assert.deepEqual([now.bids, now.asks.length], [[["59999.0", "2.0000"]], 2]);
    const [candle] = (await venue.publicGet("/capi/v3/market/klines?symbol=BTCUSDT&interval=1m")).body;
    assert.deepEqual(candle.slice(1, 6), ["60000.1", "60000.1", "59999.0", "59999.0", "0.7500"]);
    assert.equal((await venue.admin("GET", "/admin/status")).bookSource, "recorded");
    await venue.close();
  });

  it("exports the very candles and books that a venue of the same seed shows", async () => {
    const csv = join(folder, "out.csv.gz");
    const samples = join(folder, "out.jsonl");
    const args = [
      "--seed",
      "7",
      "--symbol",
      "BTCUSDT",
      "--minutes",
      "1440",
      "--out",
      csv,
      "--samples",
      samples,
    ];
    assert.equal((await ended([EXPORT, ...args])).code, 0);
    const rows = gunzipSync(readFileSync(csv)).toString().trim().split("\n").slice(1);
    assert.equal(rows.length, 1440);
    const venue = await testVenue({ seed: 7 });
    const shown = (await venue.publicGet("/capi/v3/market/klines?symbol=BTCUSDT&interval=1m&limit=1000"))
      .body;
    assert.deepEqual(
      shown.slice(0, -1).map((row: Loose[]) => row.slice(0, 6).join(",")),
      rows.slice(-999),
    );
    const earlier = await testVenue({ seed: 7, startMs: venue.exchange.nowMs - MINUTE });
    const sample = JSON.parse(readFileSync(samples, "utf8").trim().split("\n").at(-1)!);
    const depth = (await earlier.publicGet("/capi/v3/market/depth?symbol=BTCUSDT")).body;
    assert.deepEqual(
      [sample.tMs, sample.bids, sample.asks],
      [earlier.exchange.nowMs, depth.bids, depth.asks],
    );
    await venue.close();
    await earlier.close();
  });

  it("moves by itself in free mode", async () => {
    const venue = await testVenue({ mode: "free", speed: 10_000 });
    const before = venue.exchange.nowMs;
    await new Promise((resolve) => setTimeout(resolve, 120));
    assert.ok(venue.exchange.nowMs > before + 300_000);
    await venue.close();
  });
});

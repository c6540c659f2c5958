import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import type { BacktestResult } from "../../src/backtest/result.ts";
import { parseBacktest } from "../../src/cli/backtest.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const MINUTES = 3 * 1_440;
const dir = mkdtempSync(join(tmpdir(), "saksi-backtest-"));
after(() => rmSync(dir, { recursive: true }));
const CSV = join(dir, "candles.csv");

const saksi = (...args: string[]): string =>
  execFileSync(process.execPath, [join(ROOT, "src/cli/main.ts"), ...args], { encoding: "utf8" });
const refused = (...args: string[]): string => {
  const { status, stderr } = spawnSync(process.execPath, [join(ROOT, "src/cli/main.ts"), ...args], {
    encoding: "utf8",
  });
  assert.notEqual(status, 0);
  return stderr;
};

before(() => {
  const rows = Array.from({ length: MINUTES }, (_, i) => {
    const at = (k: number) => 100 + 10 * Math.sin(k / 300) + Math.sin(k / 7);
    const [open, close] = [at(i), at(i + 1)];
    return [i * 60_000, open, Math.max(open, close) + 0.1, Math.min(open, close) - 0.1, close, 50].join(",");
  });
  writeFileSync(CSV, ["openTimeMs,open,high,low,close,volume", ...rows, ""].join("\n"));
});

describe("saksi backtest", () => {
  test("writes every trade and the equity, which agree, and a page that refers to nowhere", () => {
    const [json, report] = [join(dir, "out.json"), join(dir, "out.html")];
    const said = saksi(
      ...["backtest", "--data", CSV, "--strategy", "sma-cross", "--fast", "10", "--slow", "60"],
      ...["--fee-bps", "5", "--slippage-bps", "1", "--json", json, "--report", report],
    );
    const result = JSON.parse(readFileSync(json, "utf8")) as BacktestResult;
    assert.match(said, /sma-cross \(fast 10, slow 60\)/);
    assert.ok(result.trades.length > 10);
    const profit = result.trades.reduce((sum, t) => sum + t.pnlUsd, 0);
    assert.ok(Math.abs(profit - result.summary.netProfitUsd) < 1e-6);
    assert.equal(result.equity.equityUsd.at(-1), result.summary.endEquityUsd);
    assert.equal(result.daily.timeMs.length, 3);
    assert.equal(result.data.rows, MINUTES);
    const page = readFileSync(report, "utf8");
    assert.doesNotMatch(page.replace(/https?:\/\/github\.com\S*/g, ""), /(src|href)="?https?:/);
    assert.match(page, /Returns by month/);
  });

  test("gives the same figures and hash from the columnar file as from the CSV file", () => {
    const columns = join(dir, "candles.saksi");
    assert.match(saksi("data", "import", CSV, "--out", columns), /4320 rows.*0 missing/);
    assert.match(saksi("data", "check", columns), /4320 candles of 1.0 min/);
    const outcome = (data: string): unknown => {
      const json = join(dir, "same.json");
      saksi("backtest", "--data", data, "--strategy", "rsi", "--short", "--json", json);
      return JSON.parse(readFileSync(json, "utf8"));
    };
    assert.deepEqual(outcome(columns), outcome(CSV));
  });

  test("says in one sentence what is wrong, and leaves no file", () => {
    const bad = join(dir, "bad.csv");
    writeFileSync(bad, "openTimeMs,open,high,low,close,volume\n0,100,101,99,100,5\n60000,100,99,101,100,5\n");
    const json = join(dir, "none.json");
    assert.match(
      refused("backtest", "--data", bad, "--strategy", "momentum", "--json", json),
      /^saksi: .*bad\.csv, line 3, high: 99 is below the low, 101\n$/,
    );
    assert.match(refused("data", "import", bad, "--out", join(dir, "none.saksi")), /line 3, high/);
    assert.deepEqual(
      readdirSync(dir).filter((name) => name.startsWith("none")),
      [],
    );
    assert.match(refused("backtest", "--strategy", "rsi"), /--data FILE is missing/);
  });

  test("refuses options that belong to nothing, and numbers out of their range", () => {
    const parse =
      (...args: string[]) =>
      () =>
        parseBacktest(["--data", CSV, ...args]);
    assert.throws(
      parse("--strategy", "magic"),
      /--strategy is one of buy-and-hold, sma-cross, rsi, momentum, not "magic"/,
    );
    assert.throws(parse("--strategy", "rsi", "--fast", "5"), /rsi has no --fast/);
    assert.throws(parse("--strategy", "rsi", "--n", "2.5"), /--n is a whole number/);
    assert.throws(parse("--strategy", "rsi", "--fee-bps=-1"), /--fee-bps is a number from 0/);
    assert.throws(parse("--strategy", "rsi", "--fee-bps", "20000"), /takerFeeBps/);
    assert.throws(parse("--strategy", "rsi", "extra"), /"extra" is no option/);
    assert.throws(parse("--strategy", "rsi", "--what"), /saksi backtest --help lists the options/);
  });
});

/**
 * Whole runs on a market that nobody conducts: the simulated exchange runs freely, twenty times as fast as real time,
 * and takes the place of WEEX; the engine's wall clock follows it.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { findProcess } from "../../src/adapters/local/process.ts";
import { endWorld } from "../../src/cli/open-world.ts";
import type { Report } from "../../src/report/report.ts";
import { READER, START_MS, startVenue, TRADER, UID, type Venue } from "../adapters/weex/venue-process.ts";

const ENGINE = new URL("../../sim/live-engine.ts", import.meta.url).pathname;
const SPEED = "20";
/** A minute and a half after a slot: the worlds are ready before the next one. */
const FROM_MS = START_MS + 90_000;
const GIVE_UP_MS = 150_000;
const OPENING_USDT = "5000.00000012";
const REAL_KEYS = {
  WEEX_UID: UID,
  WEEX_API_KEY: TRADER.apiKey,
  WEEX_API_SECRET: TRADER.secret,
  WEEX_API_PASSPHRASE: TRADER.passphrase,
  WEEX_READ_API_KEY: READER.apiKey,
  WEEX_READ_API_SECRET: READER.secret,
  WEEX_READ_API_PASSPHRASE: READER.passphrase,
};

type Ended = { code: number | null; output: string; report: Report };

class LiveRun {
  readonly #dir = mkdtempSync(join(tmpdir(), "saksi-live-"));
  readonly store = join(this.#dir, "store");

  /** Runs until `ctrlC` was printed, does `before`, presses Ctrl-C and waits for the end. */
  async life(
    venue: Venue,
    plan: { options: string[]; env?: Record<string, string>; ctrlC: RegExp; before?: () => Promise<void> },
  ): Promise<Ended> {
    const report = join(this.#dir, "report.json");
    const args = ["--port", "0", "--store", this.store, "--report", report, ...plan.options];
    const child = spawn(process.execPath, [ENGINE, venue.rest, SPEED, "--", ...args], {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, ...plan.env },
    });
    let output = "";
    let asked: Promise<void> | undefined;
    const onText = (chunk: Buffer): void => {
      output += chunk.toString();
      if (plan.ctrlC.test(output))
        asked ??= Promise.resolve(plan.before?.()).finally(() => void child.kill("SIGINT"));
    };
    child.stdout.on("data", onText);
    child.stderr.on("data", onText);
    const timer = setTimeout(() => child.kill("SIGKILL"), GIVE_UP_MS);
    const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
    clearTimeout(timer);
    assert.match(output, plan.ctrlC, output.slice(-2_000));
    await asked;
    assert.equal(code, 0, output.slice(-2_000));
    return { code, output, report: JSON.parse(readFileSync(report, "utf8")) as Report };
  }

  async end(): Promise<void> {
    await endWorld(this.store);
    rmSync(this.#dir, { recursive: true, force: true });
  }
}

function assertClosed({ output, report }: Ended): void {
  assert.doesNotMatch(output, /INVARIANT/);
  assert.ok(report.settlements.count >= 1, "a round trip was settled");
  assert.equal(report.settlements.count, report.trips.closed, "every closed trip is settled");
  assert.equal(report.predictions.terminal, report.predictions.published, "nothing is left half-way");
  assert.deepEqual(new Set(Object.values(report.reconciliation.differences)), new Set(["0"]));
  assert.deepEqual([report.venue.positions, report.venue.openOrders, report.venue.algoOrders], [0, 0, 0]);
  assert.deepEqual(report.incidents, []);
  assert.match(output, /epoch 1 stays open/);
}

/** Every byte that a store keeps, its peers' directories and logs included. */
function textOf(dir: string): string {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), "latin1"))
    .join("\n");
}

describe("a world on a market that nobody conducts", { concurrency: true, timeout: 200_000 }, () => {
  let venue: Venue;
  const runs: LiveRun[] = [];
  const run = (): LiveRun => {
    const one = new LiveRun();
    runs.push(one);
    return one;
  };
  before(async () => {
    venue = await startVenue([
      ...["--mode", "free", "--speed", SPEED, "--start-ms", String(FROM_MS)],
      ...["--rate-limit-weight", "100000000"],
    ]);
    await venue.admin("POST", "deposit", { uid: UID, asset: "USDT", amount: OPENING_USDT, ref: "opening" });
  });
  after(async () => {
    for (const one of runs) await one.end();
    await venue.stop();
  });

  it("on paper: a prediction goes through all stations to its final settlement, and Ctrl-C leaves nothing open", async () => {
    const live = run();
    const ended = await live.life(venue, { options: ["--live"], ctrlC: /validate .* #\d+ final, pnl/ });
    assertClosed(ended);
    assert.match(ended.report.source, /^live: .* on paper/);
    assert.match(ended.output, /attested by 3 of 5/);
  });

  it("with real orders: entry with its stop, reduce-only exit at Ctrl-C, flat, and the key is nowhere else", async () => {
    const trade = run();
    let secretsSeen = "";
    const ended = await trade.life(venue, {
      options: ["--trade", "--confirm-real-orders", "weex:BTCUSDT"],
      env: REAL_KEYS,
      ctrlC: /execute .* entry FILLED/,
      before: async () => {
        const ledger = await venue.admin<{ positions: unknown[]; algoOrders: number }>(
          "GET",
          `ledger?uid=${UID}`,
        );
        assert.equal(ledger.positions.length, 1);
        assert.equal(ledger.algoOrders, 2, "stop and target rest at the exchange");
        const pid = findProcess(trade.store, "attester1")?.pid;
        secretsSeen = textOf(trade.store) + readFileSync(`/proc/${pid}/environ`, "latin1");
      },
    });
    assertClosed(ended);
    assert.match(ended.report.source, /^trade: real orders/);
    assert.deepEqual(ended.report.trips.closeReasons, { halt: 1 });
    const ledger = await venue.admin<Record<string, unknown>>("GET", `ledger?uid=${UID}`);
    assert.deepEqual([ledger["positions"], ledger["openOrders"], ledger["algoOrders"]], [[], 0, 0]);
    assert.equal(
      BigInt(String(ledger["balanceE8"])) - 500_000_000_012n,
      BigInt(ended.report.settlements.pnlE8),
      "what the exchange's own ledger lost or won is what was settled",
    );
    assert.ok(secretsSeen.includes(READER.apiKey), "attesters hold the read-only key");
    for (const secret of Object.values(TRADER)) assert.ok(!secretsSeen.includes(secret));
  });
});

/** One run of the whole system, and the same run again. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { test } from "node:test";
import { World } from "../../sim/harness.ts";
import type { Report } from "../../src/report/report.ts";

const PREDICTIONS = 18;

async function run(seed: number, more: string[] = []): Promise<Report> {
  const world = new World({ seed, predictions: PREDICTIONS, more });
  try {
    const life = await world.life();
    assert.equal(life.code, 0, life.output.slice(-1_000));
    assert.doesNotMatch(life.output, /INVARIANT/);
    return world.report() as Report;
  } finally {
    await world.end();
  }
}

function assertClosedBooks(report: Report): void {
  assert.equal(report.predictions.terminal >= PREDICTIONS, true);
  assert.deepEqual(new Set(Object.values(report.reconciliation.differences)), new Set(["0"]));
  assert.equal(report.distribution.residualE6, "0");
  assert.deepEqual([report.venue.positions, report.venue.openOrders, report.venue.algoOrders], [0, 0, 0]);
  assert.equal(
    report.trips.closed + report.trips.withoutTrip.length,
    report.predictions.approved,
    "every approval has a round trip or a reason",
  );
  assert.equal(report.settlements.count, report.trips.closed, "every closed trip has one settlement");
  assert.ok(
    report.epochs.length >= 1 && report.epochs.some((epoch) => epoch.pnlE6 !== "0"),
    "an epoch distributed a result",
  );
  assert.deepEqual(report.incidents, []);
}

test("a run trades, is refused for three reasons by the contract and once by the attesters, and closes its books", {
  timeout: 300_000,
}, async () => {
  const first = await run(7);
  assertClosedBooks(first);
  assert.ok(first.predictions.approved >= 10);
  assert.ok(first.predictions.rejectedByContract >= 3);
  assert.equal(
    new Set(first.rejections.filter((one) => !one.text.includes("attesters")).map((one) => one.reasonBits))
      .size >= 3,
    true,
    "three different reasons",
  );
  assert.ok(first.predictions.refusedByAttesters >= 1);

  const busy = spawn(process.execPath, [
    "-e",
    "for (const until = Date.now() + 60000; Date.now() < until; );",
  ]);
  try {
    const again = await run(7);
    assert.equal(
      again.digest,
      first.digest,
      "the same seed under load and in another store gives the same digest",
    );
  } finally {
    busy.kill("SIGKILL");
  }
});

test("another seed gives another digest", { timeout: 120_000 }, async () => {
  const [one, two] = [new World({ seed: 21, predictions: 1 }), new World({ seed: 22, predictions: 1 })];
  try {
    await one.life();
    await two.life();
    assert.notEqual(one.report()?.digest, two.report()?.digest);
    assert.ok(one.report()?.digest);
  } finally {
    await one.end();
    await two.end();
  }
});

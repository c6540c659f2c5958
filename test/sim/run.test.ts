/** One run of the whole system, and the same run again. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { before, test } from "node:test";
import { World } from "../../sim/harness.ts";
import { ATTESTER_ROLES, FUNDS, STAKES } from "../../src/config/scenario.ts";
import type { Report } from "../../src/report/report.ts";

const PREDICTIONS = 18;
/** The load ends by itself should nobody end it. */
const BUSY_MS = 15_000;

async function run(seed: number, predictions: number): Promise<{ report: Report; records: string[] }> {
  const world = new World({ seed, predictions });
  try {
    const life = await world.life();
    assert.equal(life.code, 0, life.output.slice(-1_000));
    assert.doesNotMatch(life.output, /INVARIANT/);
    return { report: world.report() as Report, records: world.records() };
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

let first: Awaited<ReturnType<typeof run>>;
before(
  async () => {
    first = await run(7, PREDICTIONS);
  },
  { timeout: 240_000 },
);

test("a run trades, is refused for three reasons by the contract and once by the attesters, and closes its books", () => {
  const { predictions, rejections } = first.report;
  assertClosedBooks(first.report);
  assert.ok(predictions.approved >= 10);
  assert.ok(predictions.rejectedByContract >= 3);
  const byContract = rejections.filter((one) => !one.text.includes("attesters"));
  assert.ok(new Set(byContract.map((one) => one.reasonBits)).size >= 3, "three different reasons");
  assert.ok(predictions.refusedByAttesters >= 1);
});

test("an epoch gains and another loses: the loss is the bond's, the gain the depositors' and, above the mark, a fee for three", () => {
  const { epochs, standing } = first.report;
  const results = epochs.map((epoch) => BigInt(epoch.pnlE6));
  assert.ok(results.some((pnl) => pnl > 0n) && results.some((pnl) => pnl < 0n), `results ${results}`);
  let atMarkE6 = 0n;
  for (const epoch of epochs) {
    const pnlE6 = BigInt(epoch.pnlE6);
    const feesE6 = BigInt(epoch.feeOperatorE6) + BigInt(epoch.feeStakersE6) + BigInt(epoch.feeTreasuryE6);
    const depositorsE6 = BigInt(epoch.depositorsE6);
    assert.equal(depositorsE6 + feesE6 - BigInt(epoch.bondPaidE6), pnlE6);
    // what depositors lost has to come back before a fee is due on the rest
    const dueE6 = pnlE6 + atMarkE6 > 0n ? pnlE6 + atMarkE6 : 0n;
    assert.ok(feesE6 <= dueE6 / 5n, `fees ${feesE6} on ${dueE6} above the mark`);
    if (pnlE6 > 0n && dueE6 > 0n) assert.ok(feesE6 > 0n);
    atMarkE6 = atMarkE6 + depositorsE6 > 0n ? 0n : atMarkE6 + depositorsE6;
  }
  const stakersE6 = epochs.reduce((sum, epoch) => sum + BigInt(epoch.feeStakersE6), 0n);
  assert.deepEqual(
    [standing.feesPassedOnE6, standing.feesWaitingE6],
    [String(stakersE6), "0"],
    "stakers' fees have been passed on",
  );
});

test("every approval was under seal, and each one that was settled was revealed and is what was sealed", () => {
  const { seals, predictions, settlements } = first.report;
  assert.equal(first.report.transport, "sealed");
  assert.deepEqual(seals, {
    sealed: predictions.approved,
    revealed: settlements.count,
    matched: settlements.count,
  });
});

test("stake, bonds and the allocator's cash are in place", () => {
  const { standing, epochs } = first.report;
  const paidE6 = epochs.reduce((sum, epoch) => sum + BigInt(epoch.bondPaidE6), 0n);
  assert.equal(standing.operatorBondE6, String(FUNDS.bondUsdE6 - paidE6));
  assert.deepEqual(
    standing.attesterBondsE6,
    ATTESTER_ROLES.map(() => String(FUNDS.attesterBondUsdE6)),
  );
  const stake = String(STAKES.staker1 + STAKES.staker2);
  assert.deepEqual([standing.stakedSaksi, standing.signalledSaksi], [stake, stake]);
  assert.equal(standing.courtMaySlash, true);
  assert.deepEqual(
    [standing.allocatedE6, standing.targetE6],
    [String(FUNDS.atVenueUsdE6), String(FUNDS.atVenueUsdE6)],
  );
});

test("the same seed in another store, on a busy machine, gives the same digest; another seed gives another from its first prediction on", {
  timeout: 300_000,
}, async () => {
  const spin = `for (const until = Date.now() + ${BUSY_MS}; Date.now() < until; );`;
  const busy = spawn(process.execPath, ["-e", spin]);
  try {
    const [again, other] = await Promise.all([run(7, PREDICTIONS), run(21, 1)]);
    assert.deepEqual(again.records, first.records);
    assert.equal(again.report.digest, first.report.digest);
    assert.match(other.report.digest, /^0x[0-9a-f]{64}$/);
    assert.notEqual(other.report.digest, first.report.digest);
    assert.notEqual(other.records[0], first.records[0]);
  } finally {
    busy.kill("SIGKILL");
  }
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { sortKey } from "../../src/domain/market.ts";
import type { EpochRecord, PredictionPhase } from "../../src/domain/records.ts";
import { UnknownOutcome } from "../../src/errors/errors.ts";
import { distribute } from "../../src/stations/distribute/distribute.ts";
import { prediction } from "../domain/samples.ts";
import { desk } from "./desk.ts";

const SNAPSHOT_MS = Number(prediction.settleBy) * 1000;
const EPOCH = 1n;

/** The snapshot's time is reached, and the mandate's only trip is over. */
async function atSnapshot(phase: PredictionPhase = "final") {
  const world = await desk({ phase });
  world.venue.nowMs = SNAPSHOT_MS;
  return {
    ...world,
    distribute: () => distribute(world.deps, { epoch: EPOCH }),
    epoch: async () => (await world.store.get<EpochRecord>("epoch", sortKey(EPOCH)))?.value,
  };
}

test("at the snapshot the books are compared, the equity is witnessed and the epoch is closed, once", async () => {
  const world = await atSnapshot();
  const outcome = await world.distribute();
  assert.equal(outcome.status, "done");
  assert.match(outcome.text, /epoch 1: ledger 0 = venue 0 = chain 0 \(E8\), closing/);
  const { state, snapshotAt, ledgerPnlE8 } = (await world.epoch()) as EpochRecord;
  assert.deepEqual([state, snapshotAt, ledgerPnlE8], ["witnessed", prediction.settleBy, 0n]);
  assert.equal((await world.distribute()).status, "noop");
  assert.equal(world.told.length, 1);
  const { call, request } = world.told[0]!;
  assert.deepEqual(
    [call, request["epoch"], request["payload"], (request["signatures"] as string[]).length],
    ["closeEpoch", EPOCH, "0xaa", 3],
  );
});

test("before the snapshot it waits for the snapshot and its delay", async () => {
  const world = await atSnapshot();
  world.venue.nowMs = SNAPSHOT_MS - 1;
  const outcome = await world.distribute();
  assert.ok(outcome.status === "again" && outcome.atMs === SNAPSHOT_MS + 2_000);
  assert.deepEqual([world.told, await world.epoch()], [[], undefined]);
});

test("a trip that is not over is waited for, by its sequence", async () => {
  for (const phase of ["signed", "open", "closed", "settling", "settled", "expired"] as const) {
    const world = await atSnapshot(phase);
    const outcome = await world.distribute();
    assert.equal(outcome.status, "again", phase);
    assert.match(outcome.text, /round trip 7 is not final yet/);
    assert.deepEqual([world.told, await world.incidents()], [[], []], "nothing is compared while it is open");
  }
  for (const phase of ["rejected", "cancelled", "final"] as const)
    assert.equal((await (await atSnapshot(phase)).distribute()).status, "done", phase);
});

test("an epoch that is not the running one is nobody's business any more", async () => {
  const world = await atSnapshot();
  world.says.epoch = { epoch: 2n, snapshotAt: prediction.settleBy };
  assert.match((await world.distribute()).text, /the running epoch is 2/);
  assert.deepEqual([world.told, await world.epoch()], [[], undefined]);
});

test("without a quorum nothing is recorded and it is asked again", async () => {
  const world = await atSnapshot();
  world.silent.count = 3;
  const outcome = await world.distribute();
  assert.equal(outcome.status, "again");
  assert.match(outcome.text, /2 of 5 agree, 3 needed/);
  assert.deepEqual([world.told, await world.epoch()], [[], undefined]);
  world.silent.count = 2;
  assert.equal((await world.distribute()).status, "done");
});

test("a chain that does not answer leaves the epoch open for the next delivery", async () => {
  const world = await atSnapshot();
  world.says.failing = "closeEpoch";
  await assert.rejects(world.distribute(), UnknownOutcome);
  assert.equal(await world.epoch(), undefined);
  world.says.failing = "";
  assert.equal((await world.distribute()).status, "done");
});

test("a difference of the books is told, and the witnesses decide about the close all the same", async () => {
  const world = await atSnapshot();
  world.venue.balanceE8 = 1n;
  assert.match((await world.distribute()).text, /ledger 0 = venue 1/);
  assert.equal((await world.incidents())[0]?.kind, "reconcile");
});

test("the contract's two events complete one record, and put the next epoch on the calendar once", async () => {
  const world = await atSnapshot();
  await world.distribute();
  await world.work();
  world.says.epoch = { epoch: 2n, snapshotAt: prediction.settleBy + 7_200n };
  const closed = { closed: EPOCH, event: "EpochClosed", args: { epoch: EPOCH, residualE8: 3n } };
  const money = {
    pnlE6: 10n,
    bondPaidE6: 0n,
    depositorsE6: 8n,
    feeOperatorE6: 1n,
    feeStakersE6: 1n,
    feeTreasuryE6: 0n,
  };
  const paid = { closed: EPOCH, event: "Distributed", args: { epoch: EPOCH, ...money } };
  assert.match((await distribute(world.deps, closed)).text, /epoch 1 closed, residual 3 \(E8\)/);
  for (const _ of [1, 2])
    assert.match(
      (await distribute(world.deps, paid)).text,
      /epoch 1: pnl 10 \(E6\) → depositors 8, bond paid 0, fees 1\/1\/0/,
    );
  const { state, distributed, ledgerPnlE8 } = (await world.epoch()) as EpochRecord;
  assert.deepEqual(
    [state, ledgerPnlE8, distributed],
    ["closed", 0n, { epoch: EPOCH, residualE8: 3n, ...money }],
  );
  assert.deepEqual(
    (await world.work()).map((row) => [row.station, row.event, row.runAtMs]),
    [["distribute", { epoch: 2n }, SNAPSHOT_MS + 7_200_000 + 2_000]],
  );
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { sortKey } from "../../src/domain/market.ts";
import type { TripFill } from "../../src/domain/records.ts";
import { UnknownOutcome } from "../../src/errors/errors.ts";
import { settle } from "../../src/stations/settle/settle.ts";
import { put } from "../../src/stations/station.ts";
import { prediction } from "../domain/samples.ts";
import { desk, ID, MANDATE, START_MS } from "./desk.ts";

const fill = (leg: "entry" | "exit", timeMs: number): TripFill => ({
  fillId: leg === "entry" ? "1" : "2",
  orderId: "7",
  leg,
  priceE8: 1n,
  qtyE8: 1n,
  quoteE8: 1n,
  feeE8: 0n,
  timeMs,
});
const ENTRY_MS = START_MS;
const EXIT_MS = START_MS + 5_500;

/** A closed trip, with its fills in the ledger unless nothing was filled. */
async function closed(options: { filled?: boolean; phase?: "closed" | "open" | "settling" } = {}) {
  const world = await desk({ phase: options.phase ?? "closed" });
  if (options.filled ?? true)
    await world.store.transact([
      put(`trip#${MANDATE}`, sortKey(prediction.sequence), {
        fills: [fill("entry", ENTRY_MS), fill("exit", EXIT_MS)],
      }),
    ]);
  world.venue.advance(30_000);
  return { ...world, settle: () => settle(world.deps, { id: ID }) };
}

test("a closed trip is settled by a quorum's bytes with the times of its last fills, and only once", async () => {
  const world = await closed();
  assert.equal((await world.settle()).status, "done");
  const { phase, settleAttempts } = await world.record();
  assert.deepEqual([phase, settleAttempts], ["settling", 1]);
  assert.equal((await world.settle()).status, "noop");
  assert.equal(world.told.length, 1);
  const { call, request } = world.told[0]!;
  assert.deepEqual(
    [call, request["id"], request["payload"], (request["signatures"] as string[]).length, request["attempt"]],
    ["settle", ID, "0xaa", 3, 1],
  );
  assert.deepEqual(
    [request["entryLastAt"], request["exitLastAt"]],
    [BigInt(Math.floor(ENTRY_MS / 1000)), BigInt(Math.floor(EXIT_MS / 1000))],
  );
});

test("a settlement that is sent again counts its attempts, so that it is another transaction", async () => {
  const world = await closed();
  await world.settle();
  const item = await world.record();
  await world.store.transact([
    put(`prediction#${MANDATE}`, sortKey(prediction.sequence), { ...item, phase: "closed" }),
  ]);
  await world.settle();
  assert.deepEqual(
    world.told.map(({ request }) => request["attempt"]),
    [1, 2],
  );
});

test("a trip without a fill is cancelled the same way", async () => {
  const world = await closed({ filled: false });
  assert.equal((await world.settle()).status, "done");
  assert.deepEqual(
    world.told.map(({ call }) => call),
    ["cancel"],
  );
  assert.equal((await world.settle()).status, "noop");
});

test("nobody is asked before a block stands after the second of the last fill", async () => {
  const world = await closed();
  for (const headSeconds of [0, Math.floor(EXIT_MS / 1000)]) {
    world.says.headSeconds = headSeconds;
    const outcome = await world.settle();
    assert.equal(outcome.status, "again");
    assert.match(outcome.text, /waiting for a block after the last fill/);
    assert.ok(outcome.status === "again" && outcome.atMs > world.venue.nowMs);
  }
  assert.deepEqual([world.told, (await world.record()).phase], [[], "closed"]);
  world.says.headSeconds = Math.floor(EXIT_MS / 1000) + 1;
  assert.equal((await world.settle()).status, "done");
});

test("what is not closed is not settled", async () => {
  for (const phase of ["open", "settling"] as const) {
    const world = await closed({ phase });
    assert.equal((await world.settle()).status, "noop");
    assert.deepEqual(world.told, []);
  }
});

test("without a quorum it asks again until the grace is over, then books the declared maximum loss", async () => {
  const world = await closed();
  world.silent.count = 3;
  const deadlineMs = Number(prediction.settleBy + world.deps.config.expireGraceSeconds) * 1000;
  for (const atMs of [world.venue.nowMs, deadlineMs]) {
    world.venue.nowMs = atMs;
    const outcome = await world.settle();
    assert.equal(outcome.status, "again");
    assert.match(outcome.text, /2 of 5 agree, 3 needed/);
    assert.deepEqual([world.told, (await world.record()).phase], [[], "closed"]);
  }
  world.venue.nowMs = deadlineMs + 1_000;
  const outcome = await world.settle();
  assert.equal(outcome.status, "declined");
  assert.match(outcome.text, /not settled in time .* the declared maximum loss is booked/);
  assert.deepEqual(
    [world.told, (await world.record()).phase],
    [[{ call: "expire", request: { id: ID } }], "settling"],
  );
  assert.equal((await world.settle()).status, "noop");
});

test("a chain that does not answer leaves the trip closed for the next delivery", async () => {
  const world = await closed();
  world.says.failing = "settle";
  await assert.rejects(world.settle(), UnknownOutcome);
  assert.equal((await world.record()).phase, "closed");
  world.says.failing = "";
  assert.equal((await world.settle()).status, "done");
});

test("finality is asked for once the contract has a result, and not when it is final already", async () => {
  const world = await closed({ phase: "settling" });
  const finalize = () => settle(world.deps, { id: ID, finalize: true });
  world.says.state = "Approved";
  assert.equal((await finalize()).status, "again");
  for (const state of ["Settled", "Expired"] as const) {
    world.says.state = state;
    assert.equal((await finalize()).status, "done");
  }
  world.says.state = "Disputed";
  assert.equal((await finalize()).status, "again");
  for (const state of ["Final", "Voided"] as const) {
    world.says.state = state;
    assert.equal((await finalize()).status, "noop");
  }
  assert.deepEqual(
    world.told.map(({ call }) => call),
    ["finalize", "finalize"],
  );
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { REASON } from "../../src/domain/attestation.ts";
import { sortKey } from "../../src/domain/market.ts";
import type { PredictionPhase, RiskState } from "../../src/domain/records.ts";
import { candlePk } from "../../src/stations/ingest/candles.ts";
import { put } from "../../src/stations/station.ts";
import { type ValidateEvent, validate } from "../../src/stations/validate/validate.ts";
import { word } from "../domain/samples.ts";
import { desk, ID, MANDATE, START_MS } from "./desk.ts";

const event = (name: ValidateEvent["name"], args: ValidateEvent["args"] = {}, id = ID): ValidateEvent => ({
  name,
  id,
  timestamp: START_MS / 1000,
  args,
});
const DEADLINE = BigInt(START_MS / 1000 + 60);

test("an approval of the contract sends the entry, once, however often it is told", async () => {
  for (const phase of ["signed", "submitted"] as const) {
    const { deps, record, work } = await desk({ phase });
    assert.equal((await validate(deps, event("Approved"))).status, "done");
    const approved = await record();
    assert.deepEqual([approved.phase, approved.approvedAtMs], ["approved", START_MS]);
    assert.equal((await validate(deps, event("Approved"))).status, "noop");
    assert.deepEqual(
      (await work()).map((row) => [row.station, row.event]),
      [["execute", { id: ID, leg: "entry" }]],
    );
  }
});

test("an approval told late does not take a trip back to its beginning", async () => {
  for (const phase of ["open", "closed", "settled", "rejected", "final"] as const) {
    const { deps, record, work } = await desk({ phase });
    assert.equal((await validate(deps, event("Approved"))).status, "noop");
    assert.deepEqual([(await record()).phase, await work()], [phase, []]);
  }
});

test("events of other people's predictions, and of none, change nothing", async () => {
  const { deps, record, work } = await desk();
  for (const id of [word("99"), ""])
    assert.equal((await validate(deps, event("Approved", {}, id))).status, "noop");
  assert.deepEqual([(await record()).phase, await work()], ["submitted", []]);
});

test("a rejection is recorded with the contract's words and the attesters' reason", async () => {
  const { deps, record } = await desk();
  const args = {
    reasonBits: 1n << 25n,
    attesterReason: BigInt(REASON.outputDiffers),
    text: "attesters refused",
  };
  for (const _ of [1, 2]) {
    const outcome = await validate(deps, event("Rejected", args));
    assert.equal(outcome.status, "declined");
    assert.match(outcome.text, /rejected by the contract: attesters refused \(outputDiffers\)/);
  }
  const { phase, rejection } = await record();
  assert.deepEqual(
    [phase, rejection],
    ["rejected", { reasonBits: 1n << 25n, attesterReason: 40, text: "attesters refused (outputDiffers)" }],
  );
});

test("candles are fetched anew only after attesters saw other candles", async () => {
  for (const [reason, left, resets] of [
    [REASON.candlesDiffer, 0, 1],
    [REASON.evidenceHashDiffers, 0, 1],
    [REASON.outputDiffers, 3, 0],
    [0, 3, 0],
  ] as const) {
    const world = await desk();
    const pk = candlePk("weex:BTCUSDT");
    await world.store.transact([
      ...[1, 2, 3].map((at) => put(pk, sortKey(at * 60_000), { openTimeMs: at * 60_000 })),
      put("candleSpan", "weex:BTCUSDT", { fromMs: 0, toMs: 240_000 }),
    ]);
    await validate(world.deps, event("Rejected", { reasonBits: 1n, attesterReason: BigInt(reason) }));
    assert.equal((await world.store.query(pk, { limit: 9 })).length, left, `reason ${reason}`);
    assert.equal(world.resets(), resets, `reason ${reason}`);
    assert.equal((await world.store.get("candleSpan", "weex:BTCUSDT")) === undefined, left === 0);
  }
});

test("a revocation is kept, in whatever phase it comes, so that the entry's gate finds it", async () => {
  const { deps, record } = await desk({ phase: "approved" });
  assert.equal((await validate(deps, event("Revoked"))).status, "done");
  const { phase, revoked } = await record();
  assert.deepEqual([phase, revoked], ["approved", true]);
});

test("a settlement of the profit that our ledger has becomes final after the dispute window, and opens no incident", async () => {
  const { deps, record, work, incidents } = await desk({ phase: "settling", pnlE8: -5n });
  const told = event("Settled", { pnlE8: -5n, finalizableAt: DEADLINE });
  for (const _ of [1, 2]) assert.equal((await validate(deps, told)).status, "done");
  const settled = await record();
  assert.deepEqual([settled.phase, settled.pnlE8, settled.settledAtMs], ["settled", -5n, START_MS]);
  const rows = await work();
  assert.deepEqual(
    rows.map((row) => [row.station, row.event, row.runAtMs]),
    [["settle", { id: ID, finalize: true }, Number(DEADLINE) * 1000]],
  );
  assert.deepEqual(await incidents(), []);
});

test("one unit between the contract's profit and ours is an incident with both figures", async () => {
  const { deps, incidents, record } = await desk({ phase: "settling", pnlE8: 7n });
  await validate(deps, event("Settled", { pnlE8: 8n, finalizableAt: DEADLINE }));
  const [found] = await incidents();
  assert.match(`${found?.kind}: ${found?.text}`, /^pnlDiffers: contract booked 8, our ledger says 7 \(E8\)$/);
  assert.equal((await record()).pnlE8, 8n, "the contract's books are what is settled");
});

test("only a loss starts the cooldown, and only where there is one", async () => {
  for (const [pnlE8, cooldownMs, untilMs] of [
    [-1n, 60_000, START_MS + 60_000],
    [0n, 60_000, undefined],
    [1n, 60_000, undefined],
    [-1n, 0, undefined],
  ] as const) {
    const { deps, store } = await desk({ phase: "settling" }, { cooldownMs });
    await validate(deps, event("Settled", { pnlE8, finalizableAt: DEADLINE }));
    assert.equal((await store.get<RiskState>("risk", MANDATE))?.value.cooldownUntilMs, untilMs);
  }
});

test("a cancelled and a final trip are done with, at the time of the block", async () => {
  for (const [name, phase] of [
    ["Cancelled", "cancelled"],
    ["Finalized", "final"],
  ] as const) {
    const { deps, record, work } = await desk({ phase: "settling" as PredictionPhase });
    assert.equal((await validate(deps, event(name, { pnlE8: 1n }))).status, "done");
    const ended = await record();
    assert.deepEqual([ended.phase, ended.finalAtMs, await work()], [phase, START_MS, []]);
  }
});

test("an expiry is an incident, and still becomes final", async () => {
  const { deps, record, work, incidents } = await desk({ phase: "settling" });
  for (const _ of [1, 2])
    assert.equal((await validate(deps, event("Expired", { finalizableAt: DEADLINE }))).status, "declined");
  assert.equal((await record()).phase, "expired");
  assert.deepEqual(
    (await incidents()).map((found) => found.incidentId),
    [`expired:${ID}`],
  );
  assert.deepEqual(
    (await work()).map((row) => [row.event, row.runAtMs]),
    [[{ id: ID, finalize: true }, Number(DEADLINE) * 1000]],
  );
});

test("a dispute makes the result wait, and stops nothing", async () => {
  const { deps, record, work, incidents } = await desk({ phase: "settled" });
  assert.equal((await validate(deps, event("Disputed", { deadline: DEADLINE }))).status, "done");
  assert.deepEqual([(await record()).phase, await work(), await incidents()], ["settled", [], []]);
});

test("a ruling ends the trip at the court's figure, and one that differs calls a person", async () => {
  for (const [pnlE8, kinds] of [
    [7n, []],
    [-3n, ["corrected"]],
  ] as const) {
    const { deps, record, incidents } = await desk({ phase: "settled", pnlE8: 7n });
    await validate(deps, event("Resolved", { state: 5n, postedPnlE8: 7n, pnlE8 }));
    const ended = await record();
    assert.deepEqual([ended.phase, ended.pnlE8, ended.finalAtMs], ["final", pnlE8, START_MS]);
    assert.deepEqual(
      (await incidents()).map(({ kind }) => kind),
      kinds,
    );
  }
});

test("what the contract knew already is no news", async () => {
  const { deps, record, work, incidents } = await desk({ phase: "settling" });
  assert.equal((await validate(deps, event("Ignored", { status: 10n }))).status, "noop");
  assert.deepEqual([(await record()).phase, await work(), await incidents()], ["settling", [], []]);
});

test("an ignored settlement is sent again a named number of times, then a person is called", async () => {
  const { deps, record, work, incidents } = await desk({ phase: "settling", settleAttempts: 4 });
  assert.equal((await validate(deps, event("Ignored", { status: 7n }))).status, "done");
  assert.equal((await record()).phase, "closed");
  assert.deepEqual(
    (await work()).map((row) => [row.station, row.dedupeId]),
    [["settle", `settle:${ID}:5`]],
  );
  assert.deepEqual(await incidents(), []);

  const last = await desk({ phase: "settling", settleAttempts: 5 });
  assert.equal((await validate(last.deps, event("Ignored", { status: 7n }))).status, "declined");
  assert.deepEqual([(await last.record()).phase, await last.work()], ["settling", []]);
  assert.match(
    (await last.incidents())[0]?.text ?? "",
    /ignored a statement about #7 \(status 7, phase settling\)/,
  );
});

test("an ignored verdict is for a person at once", async () => {
  const { deps, incidents, work } = await desk({ phase: "submitted" });
  assert.equal((await validate(deps, event("Ignored", { status: 3n }))).status, "declined");
  assert.equal((await incidents())[0]?.kind, "ignored");
  assert.deepEqual(await work(), []);
});

test("the close of an epoch and its distribution are handed on, each once", async () => {
  const { deps, work } = await desk();
  const args = { epoch: 4n, pnlE6: 9n };
  for (const name of ["EpochClosed", "Distributed", "EpochClosed", "Distributed"] as const)
    assert.equal((await validate(deps, event(name, args, ""))).status, "done");
  assert.deepEqual(
    (await work()).map((row) => [row.station, row.lane, row.event]),
    ["EpochClosed", "Distributed"].map((name) => [
      "distribute",
      "distributed",
      { closed: 4n, event: name, args },
    ]),
  );
});

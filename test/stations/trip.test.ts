import assert from "node:assert/strict";
import { after, test } from "node:test";
import { SqliteStore } from "../../src/adapters/sqlite/store.ts";
import { sortKey } from "../../src/domain/market.ts";
import { predictionId } from "../../src/domain/prediction.ts";
import type { OrderRecord, PredictionRecord } from "../../src/domain/records.ts";
import type { PredictionState } from "../../src/ports/chain.ts";
import type { Work } from "../../src/ports/store.ts";
import { execute } from "../../src/stations/execute/execute.ts";
import { ordersOf, predictionById, predictionKey } from "../../src/stations/records.ts";
import { type Deps, incident, put } from "../../src/stations/station.ts";
import { deployment, prediction, reveal } from "../domain/samples.ts";
import { FakeVenue } from "./fake-venue.ts";

const START_MS = Number(prediction.observedAt) * 1000 + 20_000;
const ID = predictionId(deployment, prediction);
const stores: SqliteStore[] = [];
after(() => {
  for (const store of stores) store.close();
});

/** An approved prediction in a real store, the fake venue, and a chain that says what the test wants. */
async function approved(change: Partial<PredictionRecord> = {}) {
  const store = new SqliteStore(":memory:");
  stores.push(store);
  const venue = new FakeVenue(START_MS);
  const onChain: { state: PredictionState; revoked: boolean } = { state: "Approved", revoked: false };
  const config = {
    symbol: "BTCUSDT",
    market: "weex:BTCUSDT",
    mandateId: prediction.mandateId,
    unknownGraceMs: 45_000,
    maxClockSkewMs: 2_000,
    venueRejectsDuplicates: true,
  };
  const chain = { stateOf: async () => onChain };
  const deps = {
    store,
    venue,
    chain,
    config,
    clock: { nowMs: () => venue.nowMs },
    fence: () => 1,
  } as unknown as Deps;
  const key = predictionKey(prediction.mandateId, prediction.sequence);
  const record = { id: ID, phase: "approved", prediction, reveal, ...change } as PredictionRecord;
  await store.transact([
    put(key.pk, key.sk, record),
    put("predictionId", ID, { mandateId: prediction.mandateId, sequence: prediction.sequence }),
  ]);
  const work = async (): Promise<Work[]> => {
    const rows: Work[] = [];
    for (
      let row = await store.claim(Number.MAX_SAFE_INTEGER);
      row;
      row = await store.claim(Number.MAX_SAFE_INTEGER)
    ) {
      rows.push(row);
      await store.done(row.workId);
    }
    return rows;
  };
  return {
    store,
    venue,
    deps,
    onChain,
    work,
    enter: () => execute(deps, { id: ID, leg: "entry" }),
    exit: (reason = "horizon") => execute(deps, { id: ID, leg: "exit", reason }),
    record: async () => (await predictionById(store, ID)).value,
    orders: async (): Promise<OrderRecord[]> => (await ordersOf(store, ID)).map((item) => item.value),
  };
}

/** The position closed by the resting stop, as the venue does it: an order of its own. */
function stopHit(venue: FakeVenue): void {
  const [algo] = venue.algos.splice(0);
  venue.orders.push({
    orderId: "9000",
    clientOrderId: "",
    symbol: "BTCUSDT",
    state: "FILLED",
    side: "SELL",
    reduceOnly: true,
    qtyE8: algo!.qtyE8,
    filledQtyE8: 0n,
    createdAtMs: venue.nowMs,
    updatedAtMs: venue.nowMs,
    visibleAtMs: venue.nowMs,
  });
  venue.fill(venue.orders.at(-1)!, "LONG", algo!.qtyE8);
}

test("an approved prediction becomes one entry of the revealed size, and its exit is on the calendar at the horizon", async () => {
  const { enter, record, orders, venue, work } = await approved();
  assert.equal((await enter()).status, "done");
  assert.equal((await record()).phase, "open");
  assert.deepEqual(
    (await orders()).map((o) => [o.leg, o.state, o.filledQtyE8]),
    [["entry", "FILLED", reveal.qtyE8]],
  );
  const horizon = (await work()).find((row) => row.event["reason"] === "horizon");
  assert.equal(horizon?.runAtMs, Number(prediction.horizonAt) * 1000);
  await enter();
  assert.equal(venue.requests.length, 1, "delivered twice, sent once");
});

test("no order leaves without the contract's word, in time, unrevoked, unhalted and without an open incident", async () => {
  const cases: [string, (world: Awaited<ReturnType<typeof approved>>) => Promise<void> | void, RegExp][] = [
    [
      "rejected",
      ({ onChain }) => {
        onChain.state = "Rejected";
      },
      /the contract says Rejected/,
    ],
    [
      "unknown to the chain",
      ({ onChain }) => {
        onChain.state = "None";
      },
      /the contract says None/,
    ],
    [
      "revoked",
      ({ onChain }) => {
        onChain.revoked = true;
      },
      /revoked/,
    ],
    ["late", ({ venue }) => venue.advance(91_000), /after the entry had expired/],
    [
      "halted",
      ({ store }) =>
        store.transact([put("risk", prediction.mandateId, { mode: "HALT", modeReason: "by hand" })]),
      /halted \(by hand\)/,
    ],
    [
      "incident",
      ({ store }) => store.transact([incident(START_MS, "foreignActivity", "x", "a fill that is not ours")]),
      /open incident foreignActivity:x/,
    ],
  ];
  for (const [name, prepare, reason] of cases) {
    const world = await approved();
    await prepare(world);
    const outcome = await world.enter();
    assert.deepEqual([outcome.status, world.venue.requests.length], ["declined", 0], name);
    assert.match((await world.record()).noTripReason as string, reason);
    assert.deepEqual(
      (await world.work()).map((row) => row.station),
      ["settle"],
      "witnesses will say that nothing was filled",
    );
  }
});

test("an entry that was only intended when the engine stopped asks the gate again", async () => {
  const { enter, onChain, store, venue, orders } = await approved();
  const write = store.transact.bind(store);
  let writes = 0;
  store.transact = async (rows) => {
    if (++writes === 2) throw new Error("killed");
    await write(rows);
  };
  await assert.rejects(enter(), /killed/);
  store.transact = write;
  assert.equal((await orders())[0]?.state, "INTENT");
  onChain.revoked = true;
  assert.equal((await enter()).status, "declined");
  assert.equal(venue.requests.length, 0);
});

test("an entry that filled nothing ends the trip with its reason", async () => {
  const { enter, record, venue } = await approved();
  venue.fate = { state: "CANCELED" };
  assert.equal((await enter()).status, "declined");
  assert.deepEqual(
    [(await record()).phase, (await record()).noTripReason],
    ["closed", "entry order was not filled at its limit"],
  );
});

test("a position without a resting stop is closed at once", async () => {
  const { enter, venue, work } = await approved();
  venue.attachesStops = false;
  await enter();
  const exit = (await work()).find((row) => row.event["reason"] === "no resting stop");
  assert.equal(exit?.runAtMs, START_MS);
});

test("the horizon closes the position reduce-only, sweeps what rests and hands the exact sums to settlement", async () => {
  const { enter, exit, record, venue, store, work } = await approved();
  await enter();
  venue.advance(600_000);
  assert.equal((await exit()).status, "done");
  assert.deepEqual(await venue.positions("BTCUSDT"), []);
  assert.equal(venue.algos.length, 0, "the stop does not outlive its position");
  assert.ok(venue.orders[1]?.reduceOnly);
  const trip = await store.get<{ pnlE8: bigint; fills: unknown[] }>(
    `trip#${prediction.mandateId}`,
    sortKey(prediction.sequence),
  );
  assert.deepEqual(
    [trip?.value.fills.length, trip?.value.pnlE8],
    [2, -2n],
    "flat price, two fees of one unit",
  );
  assert.deepEqual(
    [(await record()).phase, (await record()).closeReason, (await record()).pnlE8],
    ["closed", "horizon", -2n],
  );
  assert.ok((await work()).some((row) => row.station === "settle"));
});

test("halt, revocation and incidents never keep an exit from going", async () => {
  const { enter, exit, record, onChain, store, venue } = await approved();
  await enter();
  onChain.revoked = true;
  await store.transact([
    put("risk", prediction.mandateId, { mode: "HALT", modeReason: "" }),
    incident(START_MS, "x", "y", "z"),
  ]);
  venue.advance(600_000);
  assert.equal((await exit()).status, "done");
  assert.equal((await record()).phase, "closed");
});

test("a stop that was hit closes the trip, and the later horizon finds nothing to do", async () => {
  const { enter, exit, record, venue } = await approved();
  await enter();
  assert.equal((await exit("hint")).status, "noop", "still open, nothing is closed by looking");
  venue.advance(60_000);
  stopHit(venue);
  assert.equal((await exit("hint")).status, "done");
  assert.equal((await record()).closeReason, "stop or target");
  assert.equal((await exit("horizon")).status, "noop");
  assert.equal(venue.requests.length, 1, "no exit order was needed");
});

test("a refused exit is tried again under a new id until the position is closed", async () => {
  const { enter, exit, orders, venue } = await approved();
  await enter();
  venue.advance(600_000);
  venue.nextSend = { kind: "refuse" };
  assert.equal((await exit()).status, "again");
  assert.equal((await exit()).status, "done");
  const exits = (await orders()).filter((order) => order.leg === "exit");
  assert.deepEqual(
    exits.map((order) => [order.attempt, order.state]),
    [
      [1, "REFUSED"],
      [2, "FILLED"],
    ],
  );
  assert.notEqual(exits[0]?.clientOrderId, exits[1]?.clientOrderId);
});

test("an exit whose fate is unknown is waited for, never doubled", async () => {
  const { enter, exit, venue, record } = await approved();
  await enter();
  venue.advance(600_000);
  venue.nextSend = { kind: "silent", acceptAfterMs: 20_000, visibleAfterMs: 5_000 };
  assert.equal((await exit()).status, "again");
  for (let looks = 0; looks < 4; looks++) {
    venue.advance(4_000);
    assert.equal((await exit()).status, "again");
  }
  assert.equal(venue.requests.length, 2);
  venue.advance(30_000);
  assert.equal((await exit()).status, "done");
  assert.deepEqual([(await record()).phase, venue.requests.length], ["closed", 2]);
});

test("a fill that is not ours closes the trip and opens an incident", async () => {
  const { enter, exit, venue, store } = await approved();
  await enter();
  const [entry] = venue.orders;
  venue.fill({ ...entry!, orderId: "777", side: "SELL" }, "SHORT", 5n);
  venue.fill({ ...entry!, orderId: "778", side: "BUY" }, "SHORT", 5n);
  venue.advance(600_000);
  assert.equal((await exit()).status, "done");
  const [found] = await store.query<{ text: string }>("incident", { limit: 5 });
  assert.match(found?.value.text ?? "", /2 fills on the account are not ours/);
});

test("somebody else's contracts on our side are told at once, and our part is closed by itself, then theirs", async () => {
  const { enter, exit, orders, venue, store, record } = await approved();
  await enter();
  const [entry] = venue.orders;
  venue.fill({ ...entry!, orderId: "777" }, "LONG", 5n);
  assert.equal((await exit("hint")).status, "noop", "looking closes nothing");
  const [found] = await store.query<{ text: string; open: boolean }>("incident", { limit: 5 });
  assert.match(found?.value.text ?? "", /LONG 5 \(E8\) on the account is not ours/);
  venue.advance(600_000);
  assert.equal((await exit()).status, "again");
  assert.equal((await exit()).status, "done");
  assert.deepEqual(
    (await orders()).filter((order) => order.leg === "exit").map((order) => order.qtyE8),
    [reveal.qtyE8, 5n],
  );
  assert.deepEqual(await venue.positions(), []);
  assert.deepEqual([(await record()).phase, (await record()).pnlE8], ["closed", -2n], "our fills alone");
});

test("somebody else's position on the other side is told, and left to them", async () => {
  const { enter, exit, venue, store, record } = await approved();
  await enter();
  const [entry] = venue.orders;
  venue.fill({ ...entry!, orderId: "777", side: "SELL" }, "SHORT", 5n);
  await exit("hint");
  assert.equal((await store.query("incident", { limit: 5 })).length, 1, "told while the trip is open");
  venue.advance(600_000);
  assert.equal((await exit()).status, "done");
  assert.equal((await record()).phase, "closed");
  assert.deepEqual(
    (await venue.positions()).map((position) => [position.side, position.qtyE8]),
    [["SHORT", 5n]],
  );
  assert.equal((await store.query("incident", { limit: 5 })).length, 1);
});

test("closing fills that never add up are waited for until the deadline, then told and handed over without a result", async () => {
  const { enter, exit, venue, store, record, work } = await approved();
  await enter();
  const [entry] = venue.orders;
  venue.fill({ ...entry!, orderId: "777" }, "LONG", 5n);
  // Somebody closes theirs and ours in one order: no fill of it is the exit of our trip.
  venue.fill({ ...entry!, orderId: "778", side: "SELL" }, "LONG", reveal.qtyE8 + 5n);
  assert.equal((await exit("hint")).status, "again");
  venue.nowMs = (Number(prediction.settleBy) + 1) * 1000;
  assert.equal((await exit("hint")).status, "declined");
  assert.deepEqual([(await record()).phase, (await record()).pnlE8], ["closed", undefined]);
  assert.equal((await store.query("incident", { limit: 5 })).length, 1);
  assert.ok((await work()).some((row) => row.station === "settle"));
});

test("a prediction that is not the contract's to trade yet has no order", async () => {
  for (const phase of ["signed", "submitted", "rejected", "closed"] as const) {
    const { enter, venue } = await approved({ phase });
    assert.equal((await enter()).status, "noop");
    assert.equal(venue.requests.length, 0);
  }
});

import assert from "node:assert/strict";
import { after, test } from "node:test";
import fc from "fast-check";
import { SqliteStore } from "../../src/adapters/sqlite/store.ts";
import { clientOrderId, type Leg } from "../../src/domain/ids.ts";
import { type OrderRecord, TERMINAL_ORDER_STATES } from "../../src/domain/records.ts";
import { UnknownOutcome } from "../../src/errors/errors.ts";
import type { Item } from "../../src/ports/store.ts";
import { driveOrder, lookAgainMs, SWEEP_SPACING_MS } from "../../src/stations/execute/order.ts";
import { orderKey } from "../../src/stations/records.ts";
import { type Deps, put } from "../../src/stations/station.ts";
import { word } from "../domain/samples.ts";
import { FakeVenue, Killed, type SendFault } from "./fake-venue.ts";

const START_MS = 1_767_614_400_000;
/** 30 s validity, 5 s skew, 10 s until an accepted order shows in the history. */
const VALIDITY_MS = 30_000;
const HISTORY_LAG_MS = 10_000;
const GRACE_MS = 45_000;
const ID = word("ab");

const stores: SqliteStore[] = [];
after(() => {
  for (const store of stores) store.close();
});

/** One leg of a trip, its real store and the fake venue; `deps` is what a freshly started engine would hold. */
function leg(options: { leg?: Leg; rejectsDuplicates?: boolean } = {}) {
  const name = options.leg ?? "entry";
  const store = new SqliteStore(":memory:");
  stores.push(store);
  const venue = new FakeVenue(START_MS);
  venue.rejectsDuplicates = options.rejectsDuplicates ?? true;
  const clock = { nowMs: () => venue.nowMs };
  const config = {
    symbol: "BTCUSDT",
    unknownGraceMs: GRACE_MS,
    maxClockSkewMs: 2_000,
    venueRejectsDuplicates: venue.rejectsDuplicates,
  };
  const deps = { store, venue, clock, config, fence: () => 1 } as unknown as Deps;
  const read = async (attempt = 1): Promise<Item<OrderRecord> | undefined> => {
    const key = orderKey(ID, name, attempt);
    return store.get<OrderRecord>(key.pk, key.sk);
  };
  const intend = async (attempt = 1): Promise<void> => {
    const key = orderKey(ID, name, attempt);
    const intent: OrderRecord = {
      predictionId: ID,
      leg: name,
      attempt,
      clientOrderId: clientOrderId(ID, name, attempt),
      state: "INTENT",
      side: "LONG",
      qtyE8: 100n,
      filledQtyE8: 0n,
      sweeps: 0,
    };
    await store.transact([put(key.pk, key.sk, intent, 0)]);
  };
  /** What a delivery does: reads the record from the store and drives it. */
  const drive = async (attempt = 1): Promise<OrderRecord> => {
    const item = (await read(attempt)) as Item<OrderRecord>;
    const { clientOrderId: id, side, qtyE8 } = item.value;
    const order = { clientOrderId: id, symbol: "BTCUSDT", side, qtyE8 };
    const driven = await driveOrder(deps, item, () =>
      name === "entry"
        ? venue.placeEntry({ ...order, limitE8: 1n, stopE8: 1n, targetE8: 1n })
        : venue.placeExit(order),
    );
    assert.deepEqual((await read(attempt))?.value, driven.value, "what is returned is what is stored");
    return driven.value;
  };
  /** Delivers when the record asks to be looked at, until it is terminal. */
  const settle = async (attempt = 1): Promise<OrderRecord> => {
    for (let looks = 0; looks < 60; looks++) {
      const order = await drive(attempt);
      if (TERMINAL_ORDER_STATES.includes(order.state)) return order;
      const atMs = lookAgainMs(deps, order);
      assert.ok(atMs >= venue.nowMs, "never asks for the past");
      venue.advance(Math.max(1, atMs - venue.nowMs));
    }
    throw new Error("the order never became terminal");
  };
  return { store, venue, deps, read, intend, drive, settle };
}

test("an order that fills at once goes from INTENT to FILLED in one delivery, with one request", async () => {
  const { venue, intend, drive } = leg();
  await intend();
  const order = await drive();
  assert.deepEqual(
    [order.state, order.filledQtyE8, order.sentAtMs, order.fence],
    ["FILLED", 100n, START_MS, 1],
  );
  assert.equal(venue.requests.length, 1);
  await drive();
  assert.equal(venue.requests.length, 1, "delivered again, nothing is sent again");
});

test("the state is SENDING in the store before the request leaves", async () => {
  const { venue, intend, drive, read } = leg();
  await intend();
  venue.nextSend = { kind: "kill", sent: false };
  await assert.rejects(drive(), Killed);
  assert.equal((await read())?.value.state, "SENDING");
});

test("a resting order is ACKED, a part of it PARTIAL, and its end is the venue's", async () => {
  const { venue, intend, drive } = leg();
  venue.fate = { state: "LIVE" };
  await intend();
  assert.equal((await drive()).state, "ACKED");
  const [order] = venue.orders;
  venue.fill(order!, "LONG", 40n);
  assert.deepEqual([(await drive()).state, (await drive()).filledQtyE8], ["PARTIAL", 40n]);
  order!.state = "CANCELED";
  const end = await drive();
  assert.deepEqual([end.state, end.filledQtyE8], ["CANCELED", 40n]);
});

test("an immediate-or-cancel order that found no price is CANCELED with nothing filled", async () => {
  const { venue, intend, drive } = leg();
  venue.fate = { state: "CANCELED" };
  await intend();
  const order = await drive();
  assert.deepEqual([order.state, order.filledQtyE8], ["CANCELED", 0n]);
});

test("a refusal is REFUSED with the venue's words, and no order exists", async () => {
  const { venue, intend, drive } = leg();
  await intend();
  venue.nextSend = { kind: "refuse" };
  const order = await drive();
  assert.deepEqual([order.state, order.reason], ["REFUSED", "insufficient margin"]);
  assert.equal(venue.orders.length, 0);
});

test("a timeout is UNKNOWN and nothing is sent again", async () => {
  const { venue, intend, drive, settle } = leg();
  await intend();
  venue.nextSend = { kind: "lost" };
  assert.equal((await drive()).state, "UNKNOWN");
  const end = await settle();
  assert.match(`${end.state} ${end.reason}`, /^REFUSED never accepted/);
  assert.equal(venue.requests.length, 1);
});

test("an order that was accepted without an answer is adopted as soon as it shows", async () => {
  const { venue, intend, drive } = leg();
  await intend();
  venue.nextSend = { kind: "silent", acceptAfterMs: 1_000, visibleAfterMs: 500 };
  assert.equal((await drive()).state, "UNKNOWN");
  venue.advance(1_600);
  const order = await drive();
  assert.deepEqual(
    [order.state, order.filledQtyE8, order.orderId],
    ["FILLED", 100n, venue.orders[0]?.orderId],
  );
});

test("an order that shows at the last moment that validity and lag allow is still adopted", async () => {
  const { venue, intend, drive, settle } = leg();
  await intend();
  venue.nextSend = { kind: "silent", acceptAfterMs: VALIDITY_MS, visibleAfterMs: HISTORY_LAG_MS };
  await drive();
  assert.equal((await settle()).state, "FILLED");
});

test("absence counts only in two sweeps, both after the grace", async () => {
  const { venue, intend, drive } = leg();
  await intend();
  venue.nextSend = { kind: "lost" };
  await drive();
  venue.advance(GRACE_MS - 1);
  for (let early = 0; early < 5; early++)
    assert.deepEqual([(await drive()).state, (await drive()).sweeps], ["UNKNOWN", 0]);
  venue.advance(1);
  assert.deepEqual([(await drive()).state], ["UNKNOWN"], "one late sweep is not enough");
  venue.advance(SWEEP_SPACING_MS);
  assert.equal((await drive()).state, "REFUSED");
});

test("a query that fails is not absence", async () => {
  const { venue, intend, drive, read } = leg();
  await intend();
  venue.nextSend = { kind: "lost" };
  await drive();
  venue.advance(GRACE_MS * 2);
  for (let times = 0; times < 5; times++) {
    venue.failingReads = 1;
    await assert.rejects(drive(), UnknownOutcome);
    assert.deepEqual([(await read())?.value.state, (await read())?.value.sweeps], ["UNKNOWN", 0]);
  }
});

test("a position or a fill of the unknown entry forbids to call it never accepted, even if no list shows the order", async () => {
  const { venue, intend, drive } = leg();
  await intend();
  venue.nextSend = { kind: "silent", acceptAfterMs: 0, visibleAfterMs: 10 * GRACE_MS };
  await drive();
  for (let looks = 0; looks < 6; looks++) {
    venue.advance(GRACE_MS);
    assert.equal((await drive()).state, "UNKNOWN");
  }
  venue.advance(10 * GRACE_MS);
  assert.equal((await drive()).state, "FILLED");
});

test("a kill after acceptance leads to adoption, with or without a venue that refuses repeated ids", async () => {
  for (const rejectsDuplicates of [true, false]) {
    const { venue, intend, drive } = leg({ rejectsDuplicates });
    await intend();
    venue.nextSend = { kind: "kill", sent: true };
    await assert.rejects(drive(), Killed);
    assert.equal((await drive()).state, "FILLED");
    assert.equal(venue.orders.length, 1);
    assert.equal(venue.requests.length, 1);
  }
});

test("a kill before the request left repeats it under the same id where the venue refuses repeated ids", async () => {
  const { venue, intend, drive } = leg({ rejectsDuplicates: true });
  await intend();
  venue.nextSend = { kind: "kill", sent: false };
  await assert.rejects(drive(), Killed);
  assert.equal((await drive()).state, "FILLED");
  assert.deepEqual(venue.requests, [clientOrderId(ID, "entry", 1)]);
});

test("a kill while sending becomes UNKNOWN, and nothing is repeated, where a repeat could double", async () => {
  const { venue, intend, drive, settle } = leg({ rejectsDuplicates: false });
  await intend();
  venue.nextSend = { kind: "kill", sent: false };
  await assert.rejects(drive(), Killed);
  assert.equal((await drive()).state, "UNKNOWN");
  assert.equal((await settle()).state, "REFUSED");
  assert.equal(venue.requests.length, 0);
});

test("a repeat refused as a duplicate adopts the order that the first request made", async () => {
  const { venue, intend, drive, read } = leg();
  await intend();
  venue.nextSend = { kind: "kill", sent: true };
  await assert.rejects(drive(), Killed);
  const [order] = venue.orders;
  order!.visibleAtMs = venue.nowMs + 1;
  const first = await drive();
  assert.notEqual(first.state, "FILLED", "not visible yet");
  assert.notEqual(
    (await read())?.value.state,
    "REFUSED",
    "a duplicate is a proof of acceptance, not a refusal",
  );
  venue.advance(HISTORY_LAG_MS);
  assert.equal((await drive()).state, "FILLED");
});

test("a repeat that has no answer either waits its own grace, however long ago the first request was", async () => {
  const { venue, intend, drive } = leg();
  await intend();
  venue.nextSend = { kind: "kill", sent: false };
  await assert.rejects(drive(), Killed);
  venue.advance(10 * GRACE_MS);
  venue.nextSend = { kind: "silent", acceptAfterMs: VALIDITY_MS, visibleAfterMs: HISTORY_LAG_MS };
  assert.equal((await drive()).state, "UNKNOWN");
  for (let looks = 0; looks < 3; looks++) {
    venue.advance(SWEEP_SPACING_MS);
    assert.equal((await drive()).state, "UNKNOWN");
  }
  venue.advance(GRACE_MS);
  assert.equal((await drive()).state, "FILLED");
});

type Step = {
  afterMs: number;
  send: SendFault;
  failingReads: number;
  fate: "FILLED" | "LIVE" | "CANCELED";
  killWrite: "no" | "before" | "after";
};

const anySend: fc.Arbitrary<SendFault> = fc.oneof(
  fc.constant<SendFault>({ kind: "none" }),
  fc.constant<SendFault>({ kind: "refuse" }),
  fc.constant<SendFault>({ kind: "lost" }),
  fc.record({
    kind: fc.constant("silent" as const),
    acceptAfterMs: fc.integer({ min: 0, max: VALIDITY_MS }),
    visibleAfterMs: fc.integer({ min: 0, max: HISTORY_LAG_MS }),
  }),
  fc.record({ kind: fc.constant("kill" as const), sent: fc.boolean() }),
);
const anyStep: fc.Arbitrary<Step> = fc.record({
  afterMs: fc.oneof(
    fc.constant(0),
    fc.integer({ min: 1, max: 10_000 }),
    fc.integer({ min: GRACE_MS - 10, max: 4 * GRACE_MS }),
  ),
  send: anySend,
  failingReads: fc.oneof(
    { weight: 4, arbitrary: fc.constant(0) },
    { weight: 1, arbitrary: fc.integer({ min: 1, max: 3 }) },
  ),
  fate: fc.constantFrom("FILLED", "LIVE", "CANCELED"),
  killWrite: fc.constantFrom("no", "no", "no", "before", "after"),
});

test("whatever faults, kills and delays come, a leg never has two orders that live or have traded, and none is lost", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom<Leg>("entry", "exit"),
      fc.boolean(),
      fc.array(anyStep, { minLength: 1, maxLength: 14 }),
      async (name, rejectsDuplicates, steps) => {
        const { venue, deps, intend, drive, settle, read, store } = leg({ leg: name, rejectsDuplicates });
        const write = store.transact.bind(store);
        const ids: string[] = [];
        let attempt = 0;
        const check = (): void => {
          const held = venue
            .accepted(ids)
            .filter((order) => order.state === "LIVE" || order.filledQtyE8 > 0n);
          assert.ok(
            held.length <= 1,
            `${held.length} orders of one leg: ${JSON.stringify(held.map((order) => order.state))}`,
          );
        };
        const next = async (): Promise<void> => {
          attempt += 1;
          ids.push(clientOrderId(ID, name, attempt));
          await intend(attempt);
        };
        await next();
        for (const step of steps) {
          const record = (await read(attempt))?.value as OrderRecord;
          // As the exit leg does: a new attempt only after the last one is proven terminal with nothing left behind.
          if (TERMINAL_ORDER_STATES.includes(record.state)) {
            if (record.filledQtyE8 > 0n) break;
            await next();
          }
          venue.advance(step.afterMs);
          venue.nextSend = step.send;
          venue.failingReads = step.failingReads;
          venue.fate = { state: step.fate };
          let writes = 0;
          store.transact = async (rows) => {
            writes += 1;
            const killed = step.killWrite !== "no" && writes === 2;
            if (killed && step.killWrite === "before") throw new Killed("before the write");
            await write(rows);
            if (killed) throw new Killed("after the write");
          };
          await drive(attempt).catch((error: unknown) =>
            assert.ok(error instanceof Killed || error instanceof UnknownOutcome, String(error)),
          );
          store.transact = write;
          check();
        }
        // The faults end: the record reaches the truth.
        venue.nextSend = { kind: "none" };
        venue.failingReads = 0;
        for (const order of venue.orders) if (order.state === "LIVE") order.state = "CANCELED";
        venue.fate = { state: "CANCELED" };
        const end = await settle(attempt);
        venue.advance(10 * GRACE_MS);
        check();
        const [order] = venue.accepted([end.clientOrderId]);
        assert.equal(deps.config.venueRejectsDuplicates, rejectsDuplicates);
        if (end.state === "REFUSED")
          assert.equal(order, undefined, `refused (${end.reason}), yet the venue has it`);
        else assert.deepEqual([order?.state, order?.filledQtyE8], [end.state, end.filledQtyE8]);
      },
    ),
    { numRuns: 400 },
  );
});

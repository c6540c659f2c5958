import assert from "node:assert/strict";
import { after, test } from "node:test";
import { SqliteStore } from "../../src/adapters/sqlite/store.ts";
import { sortKey } from "../../src/domain/market.ts";
import type { Incident } from "../../src/domain/records.ts";
import { foreignActivity } from "../../src/stations/foreign.ts";
import { slotKey } from "../../src/stations/records.ts";
import { type Deps, openIncidents, put } from "../../src/stations/station.ts";
import { prediction } from "../domain/samples.ts";
import { FakeVenue } from "./fake-venue.ts";

const START_MS = 1_767_614_400_000;
const MARKET = "weex:BTCUSDT";
const stores: SqliteStore[] = [];
after(() => {
  for (const store of stores) store.close();
});

/** A flat account whose first slot lies a minute back. */
async function flat() {
  const store = new SqliteStore(":memory:");
  stores.push(store);
  const venue = new FakeVenue(START_MS);
  const config = { symbol: "BTCUSDT", market: MARKET, mandateId: prediction.mandateId };
  const deps = { store, venue, config, clock: { nowMs: () => venue.nowMs } } as unknown as Deps;
  const slot = slotKey(MARKET, START_MS - 60_000);
  await store.transact([put(slot.pk, slot.sk, { cutoffMs: START_MS - 60_000 })]);
  const send = (opens: boolean, symbol = "BTCUSDT") =>
    opens
      ? venue.placeEntry({
          clientOrderId: `hand${venue.requests.length}`,
          symbol,
          side: "LONG",
          qtyE8: 5n,
          limitE8: 1n,
          stopE8: 1n,
          targetE8: 1n,
        })
      : venue.placeExit({ clientOrderId: `hand${venue.requests.length}`, symbol, side: "LONG", qtyE8: 5n });
  return { store, venue, deps, send, look: () => foreignActivity(deps) };
}

/** A trip of our own: opened, closed, its stop gone, and in the ledger. */
async function traded({ store, venue, send }: Awaited<ReturnType<typeof flat>>): Promise<void> {
  const from = venue.allFills.length;
  await send(true);
  venue.advance(1_000);
  await send(false);
  venue.algos.splice(0);
  const fills = venue.allFills.slice(from);
  await store.transact([put(`trip#${prediction.mandateId}`, sortKey(1n), { fills })]);
}

test("an account that is still is silent, before the first trip and after one", async () => {
  const world = await flat();
  assert.equal(await world.look(), undefined);
  await traded(world);
  assert.equal(await world.look(), undefined);
  assert.deepEqual(await openIncidents(world.deps), []);
});

test("a position, a resting order or a conditional order that nobody here made opens an incident that stops new risk", async () => {
  const cases: [string, (world: Awaited<ReturnType<typeof flat>>) => Promise<unknown>, RegExp][] = [
    ["a position", ({ send }) => send(true), /a LONG position of 5 \(E8\) in BTCUSDT/],
    ["a position elsewhere", ({ send }) => send(true, "ETHUSDT"), /position of 5 \(E8\) in ETHUSDT/],
    [
      "a resting order",
      async ({ venue, send }) => {
        venue.fate = { state: "LIVE" };
        await send(true);
      },
      /order 1000 resting/,
    ],
    [
      "a conditional order",
      async ({ venue }) =>
        venue.algos.push({
          algoId: "a9",
          clientAlgoId: "",
          symbol: "BTCUSDT",
          kind: "OTHER",
          triggerE8: 1n,
          qtyE8: 1n,
        }),
      /conditional order a9 resting/,
    ],
  ];
  for (const [name, disturb, words] of cases) {
    const world = await flat();
    await disturb(world);
    assert.match((await world.look()) as string, words, name);
    const [open] = await openIncidents(world.deps);
    assert.match(`${open?.incidentId} ${open?.text}`, words, name);
    assert.match(open?.incidentId as string, /^foreignActivity:/, name);
  }
});

test("a trade by hand that is over again is seen by its fills, before our first trip and after one", async () => {
  for (const after of [false, true]) {
    const world = await flat();
    if (after) await traded(world);
    world.venue.advance(1_000);
    await world.send(true);
    await world.send(false);
    world.venue.algos.splice(0);
    assert.match((await world.look()) as string, /2 fills, the first being/);
  }
});

test("what was there before the first slot is not ours to judge", async () => {
  const world = await flat();
  world.venue.nowMs = START_MS - 120_000;
  await world.send(true);
  await world.send(false);
  world.venue.algos.splice(0);
  world.venue.nowMs = START_MS;
  assert.equal(await world.look(), undefined);
});

test("what a person has looked at and closed is not told again, what comes later is", async () => {
  const world = await flat();
  const { store, venue, send, look } = world;
  const byHand = async (): Promise<void> => {
    venue.advance(1_000);
    await send(true);
    await send(false);
    venue.algos.splice(0);
  };
  await byHand();
  assert.ok(await look());
  const item = (await store.query<Incident>("incident", { limit: 1 }))[0]!;
  await store.transact([put(item.pk, item.sk, { ...item.value, open: false }, item.version)]);
  assert.equal(await look(), undefined);
  await byHand();
  assert.match((await look()) as string, /2 fills/);
  assert.equal((await openIncidents(world.deps)).length, 1, "the same incident, open again");
});

test("a venue that does not answer is no sign of stillness: the question fails and nothing is written", async () => {
  const world = await flat();
  world.venue.failingReads = 1;
  await assert.rejects(world.look(), /no answer/);
  assert.deepEqual(await openIncidents(world.deps), []);
});

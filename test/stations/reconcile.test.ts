import assert from "node:assert/strict";
import { test } from "node:test";
import { sortKey } from "../../src/domain/market.ts";
import type { VenueIncome } from "../../src/ports/venue.ts";
import { reconcile } from "../../src/stations/distribute/reconcile.ts";
import { put } from "../../src/stations/station.ts";
import { desk, MANDATE } from "./desk.ts";

const SENT_E6 = 10_000n;
const TRIPS_E8 = [70n, -30n, 2n];
const PNL_E8 = 42n;

const cash = (kind: VenueIncome["kind"], amountE8: bigint): VenueIncome => ({
  incomeId: `${kind}${amountE8}`,
  kind,
  symbol: "",
  amountE8,
  timeMs: 1,
});

/** Three books that agree: trips in the ledger, a balance of transfers and profit, and the contract's figures. */
async function books() {
  const world = await desk();
  const { store, venue, says } = world;
  await store.transact(TRIPS_E8.map((pnlE8, at) => put(`trip#${MANDATE}`, sortKey(at + 1), { pnlE8 })));
  venue.cashRows.push(cash("TRANSFER", SENT_E6 * 100n), cash("FUNDING", -1n), cash("OTHER", 5n));
  venue.balanceE8 = SENT_E6 * 100n + PNL_E8;
  says.fund = { sentToVenueE6: SENT_E6, returnedE6: 0n, settledPnlE8: PNL_E8, receivableE8: 0n };
  return { ...world, reconcile: () => reconcile(world.deps) };
}

test("three sums that agree open nothing, and are told with their time", async () => {
  const { reconcile: run, incidents, venue } = await books();
  const { atMs, ledgerPnlE8, venuePnlE8, chainPnlE8, venueTransfersE8, chainTransfersE8, differences } =
    await run();
  assert.deepEqual([ledgerPnlE8, venuePnlE8, chainPnlE8, atMs], [PNL_E8, PNL_E8, PNL_E8, venue.nowMs]);
  assert.equal(venueTransfersE8, chainTransfersE8);
  assert.deepEqual(Object.values(differences), [0n, 0n, 0n]);
  assert.deepEqual(await incidents(), []);
});

test("one unit in any one book is an incident that names the pair of books and the unit", async () => {
  type World = Awaited<ReturnType<typeof books>>;
  const cases: [string, (world: World) => unknown, RegExp][] = [
    [
      "a trip of our ledger",
      ({ store }) => store.transact([put(`trip#${MANDATE}`, sortKey(2), { pnlE8: -29n })]),
      /ledgerVenueE8 is 1, ledgerChainE8 is 1$/,
    ],
    [
      "a trip nobody else knows",
      ({ store }) => store.transact([put(`trip#${MANDATE}`, sortKey(9), { pnlE8: 1n })]),
      /ledgerVenueE8 is 1, ledgerChainE8 is 1$/,
    ],
    [
      "the venue's balance",
      ({ venue }) => {
        venue.balanceE8 -= 1n;
      },
      /^ledgerVenueE8 is 1$/,
    ],
    [
      "a transfer nobody ordered",
      ({ venue }) => venue.cashRows.push(cash("TRANSFER", -1n)),
      /ledgerVenueE8 is -1, transfersE8 is -1$/,
    ],
    [
      "the contract's profit",
      ({ says }) => {
        says.fund = { ...says.fund, settledPnlE8: PNL_E8 + 1n };
      },
      /^ledgerChainE8 is -1$/,
    ],
    [
      "the contract's transfers",
      ({ says }) => {
        says.fund = { ...says.fund, returnedE6: 1n };
      },
      /^transfersE8 is 100$/,
    ],
  ];
  for (const [name, disturb, words] of cases) {
    const world = await books();
    await disturb(world);
    await world.reconcile();
    const [found] = await world.incidents();
    assert.equal(found?.kind, "reconcile", name);
    assert.match(found?.text ?? "", words, name);
  }
});

test("asked twice it stays one incident, and a source that does not answer is not taken for zero", async () => {
  const world = await books();
  world.venue.balanceE8 += 1n;
  await world.reconcile();
  await world.reconcile();
  assert.equal((await world.incidents()).length, 1);
  const silent = await books();
  silent.venue.failingReads = 1;
  await assert.rejects(silent.reconcile(), /no answer/);
  assert.deepEqual(await silent.incidents(), []);
});

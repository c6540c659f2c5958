/** Each fault of the exchange in turn, one unit moved in each of the three books, and an order by another hand. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { FaultAt } from "../../sim/disturb.ts";
import { type Life, World } from "../../sim/harness.ts";
import { faultInput } from "../../venue/admin/faults.ts";

/** A fault and what the run says between it and the next entry that is disturbed. */
type Case = FaultAt & { shows: RegExp };

const order = { path: "/capi/v3/order", method: "POST" };
const atEntry = (nth: number, fault: FaultAt["fault"], shows: RegExp): Case => ({
  before: "placeEntry",
  nth,
  fault,
  shows,
});
const atExit = (nth: number, fault: FaultAt["fault"], shows: RegExp): Case => ({
  before: "placeExit",
  nth,
  fault,
  shows,
});
const NEVER_ACCEPTED = /entry order is UNKNOWN[\s\S]*no order: never accepted: absent in two late sweeps/;
const ADOPTED = /entry order is UNKNOWN[\s\S]*entry FILLED/;
const CLOSED_ALL_THE_SAME = /exit order is UNKNOWN[\s\S]*closed by horizon: .*, 2 fills, nothing rests/;
const NOT_FELT = /entry FILLED .*, stop resting: yes/;
const NO_CANDLE =
  /ingest .* declined: candle \S+ is missing and could not be backfilled[\s\S]*ingest .* \d+ candles/;

/** Faults that pass: each has a count after which it is over. */
const PASSING: Case[] = [
  atEntry(1, { name: "timeoutAfterAccept", count: 1, ...order }, ADOPTED),
  atExit(1, { name: "timeoutAfterAccept", count: 1, ...order }, CLOSED_ALL_THE_SAME),
  atEntry(2, { name: "timeoutBeforeAccept", count: 1, ...order }, NEVER_ACCEPTED),
  atEntry(3, { name: "http5xx", count: 1, ...order }, NEVER_ACCEPTED),
  atEntry(4, { name: "http429", count: 2 }, NEVER_ACCEPTED),
  atEntry(5, { name: "latency", realMs: 300, count: 5 }, NOT_FELT),
  atEntry(
    5,
    { name: "clockSkew", offsetMs: 90_000, count: 1, path: "/capi/v3/market/time" },
    /ingest .* declined: clock differs from the venue's by 90000 ms/,
  ),
  atExit(2, { name: "timeoutBeforeAccept", count: 1, ...order }, CLOSED_ALL_THE_SAME),
  atEntry(6, { name: "dropSocket", scope: "private", count: 1 }, NOT_FELT),
  atEntry(6, { name: "missingCandle", count: 8 }, NO_CANDLE),
  atExit(4, { name: "maintenance", count: 6 }, /with status 503[\s\S]*closed by horizon: .* nothing rests/),
  atEntry(7, { name: "sequenceGap", count: 3 }, NOT_FELT),
  atEntry(7, { name: "alteredCandle", closeAddTicks: 500, count: 6 }, /attesters refused \(candlesDiffer\)/),
  atEntry(8, { name: "dropSocket", scope: "public", count: 1 }, NOT_FELT),
  atEntry(8, { name: "frozenFeed", count: 20 }, NO_CANDLE),
  atEntry(9, { name: "partialFills", count: 20 }, NOT_FELT),
  atEntry(
    10,
    { name: "crossedBook", count: 100 },
    /ingest .* will retry: WEEX sent a book that cannot be true \(crossed\)/,
  ),
];
/** It does not pass: a run of its own. */
const FOREIGN: FaultAt = { before: "placeEntry", nth: 1, fault: { name: "foreignOrder", quantity: "0.01" } };

/** What the run says after a fault was switched on, up to the next disturbed entry after its own. */
function after({ output }: Life, at: number): string {
  const parts = output.split(/^FAULT .*$/m).slice(1);
  const here = PASSING[at] as Case;
  const entryOf = (index: number): number =>
    PASSING.slice(0, index + 1).findLast((one) => one.before === "placeEntry")?.nth ?? 0;
  const next = PASSING.findIndex((_, index) => index > at && entryOf(index) > entryOf(at));
  assert.ok(here);
  return parts.slice(at, next < 0 ? undefined : next).join("");
}

test("every fault that the exchange knows is switched on here", () => {
  const known = faultInput.options.map((option) => option.shape.name.value);
  const used = [...PASSING, FOREIGN].map(({ fault }) => fault.name);
  assert.deepEqual([...new Set(used)].sort(), [...known].sort());
});

test("no fault of the exchange doubles an order, loses a fill or leaves a position unprotected; one unit moved in any book is named", {
  timeout: 300_000,
}, async (t) => {
  const world = new World({ seed: 7, predictions: 14 });
  try {
    const life = await world.life({ disturb: { faults: PASSING }, moveUnits: true });
    assert.equal(life.code, 0, life.output.slice(-1_500));
    await t.test("each was switched on and felt", () => {
      assert.deepEqual(
        [...life.output.matchAll(/^FAULT (.*)$/gm)].map(([, name]) => name),
        PASSING.map(({ fault }) => fault.name),
      );
      assert.doesNotMatch(life.output, /STILL ON \S+ after 0 strikes/);
    });
    for (const [at, { before, fault, shows }] of PASSING.entries())
      await t.test(`${fault.name} ${before === "placeEntry" ? "at an entry" : "at an exit"}`, () =>
        assert.match(after(life, at), shows),
      );
    await t.test("every position had its stop, every trip is settled once, nothing is open", () => {
      const report = world.report();
      assert.doesNotMatch(life.output, /INVARIANT|stop resting: no/);
      assert.equal(report?.trips.closed, report?.settlements.count);
      assert.deepEqual(report?.incidents, []);
    });
    await t.test(
      "one unit more in the ledger, at the exchange or on the chain opens an incident that says so",
      () =>
        assert.deepEqual(
          [...life.output.matchAll(/^MOVED (.*)$/gm)].map(([, line]) => line),
          [
            "none: no incident",
            "ledger: reconcile ledgerVenueE8 is 1, ledgerChainE8 is 1",
            "venue: reconcile ledgerVenueE8 is -1",
            "chain: reconcile transfersE8 is 100",
          ],
        ),
    );
  } finally {
    await world.end();
  }
});

test("an order by another hand stops new risk, leaves our trip exact and shows in the books", {
  timeout: 120_000,
}, async () => {
  const world = new World({ seed: 7, predictions: 2 });
  try {
    const run = world.start({ disturb: { faults: [FOREIGN] } });
    await run.saw(/risk .* declined: open incident foreignActivity:.* is not ours/);
    run.child.kill("SIGINT");
    const { code, output } = await run.ended;
    const report = world.report();
    assert.notEqual(code, 0);
    assert.equal(report?.predictions.published, 1, "no further prediction");
    assert.deepEqual([report?.trips.closed, report?.settlements.count], [1, 1]);
    assert.deepEqual(
      [report?.venue.positions, report?.venue.openOrders, report?.venue.algoOrders],
      [0, 0, 0],
    );
    const { ledgerVenueE8, ...others } = report?.reconciliation.differences ?? {};
    assert.notEqual(ledgerVenueE8, "0", "what the other order cost is missing in our ledger");
    assert.deepEqual(new Set(Object.values(others)), new Set(["0"]));
    assert.deepEqual(report?.incidents.map((one) => one.kind).sort(), ["foreignActivity", "reconcile"]);
    const broken = output.split("\n").filter((line) => line.startsWith("INVARIANT"));
    assert.ok(broken.some((line) => line.includes("S2 the venue has order web-")));
    assert.deepEqual(
      broken.filter((line) => !/S2 the venue has order web-|S10 /.test(line)),
      [],
    );
  } finally {
    await world.end();
  }
});

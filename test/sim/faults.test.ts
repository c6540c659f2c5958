/** Each fault of the exchange in turn, inside one run; and one unit moved in each of the three books. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { FaultAt } from "../../sim/disturb.ts";
import { World } from "../../sim/harness.ts";

const order = { path: "/capi/v3/order", method: "POST" };
/** One round trip each; counts are small so that the fault passes. */
const FAULTS: FaultAt[] = [
  { before: "placeEntry", nth: 1, fault: { name: "timeoutAfterAccept", count: 1, ...order } },
  { before: "placeEntry", nth: 2, fault: { name: "timeoutBeforeAccept", count: 1, ...order } },
  { before: "placeExit", nth: 1, fault: { name: "timeoutAfterAccept", count: 1, ...order } },
  { before: "placeExit", nth: 2, fault: { name: "timeoutBeforeAccept", count: 1, ...order } },
  { before: "placeEntry", nth: 3, fault: { name: "http5xx", count: 1, ...order } },
  { before: "placeEntry", nth: 4, fault: { name: "http429", count: 2 } },
  { before: "placeEntry", nth: 5, fault: { name: "latency", realMs: 300, count: 5 } },
  { before: "placeEntry", nth: 6, fault: { name: "dropSocket", scope: "private", count: 1 } },
  { before: "placeEntry", nth: 7, fault: { name: "sequenceGap", count: 3 } },
  { before: "placeExit", nth: 4, fault: { name: "maintenance", count: 6 } },
  { before: "placeEntry", nth: 8, fault: { name: "dropSocket", scope: "public", count: 1 } },
  { before: "placeEntry", nth: 9, fault: { name: "partialFills", count: 50 } },
  { before: "placeEntry", nth: 10, fault: { name: "crossedBook", count: 10 } },
];

test("no fault of the exchange doubles an order, loses a fill or leaves a position unprotected", {
  timeout: 240_000,
}, async (t) => {
  const world = new World({ seed: 5, predictions: 14 });
  try {
    const life = await world.life({ disturb: { faults: FAULTS } });
    t.diagnostic(
      life.output
        .split("\n")
        .filter((line) => /UNKNOWN|retry|never accepted/.test(line))
        .slice(0, 12)
        .join("\n"),
    );
    assert.equal(life.code, 0, life.output.slice(-1_500));
    assert.doesNotMatch(life.output, /INVARIANT/);
    assert.match(life.output, /entry order is UNKNOWN/, "the faults must have been felt");
    const report = world.report();
    assert.equal(report?.trips.closed, report?.settlements.count);
    assert.doesNotMatch(life.output, /stop resting: no/);
  } finally {
    await world.end();
  }
});

for (const moveOneUnit of ["ledger", "venue", "chain"] as const)
  test(`one unit moved in the ${moveOneUnit} raises an incident`, { timeout: 120_000 }, async () => {
    const world = new World({ seed: 7, predictions: 1 });
    try {
      const life = await world.life({ disturb: { moveOneUnit } });
      const report = world.report();
      assert.notEqual(life.code, 0);
      assert.ok(
        report?.incidents.some((one) => one.kind === "reconcile" || one.kind === "pnlDiffers"),
        JSON.stringify(report?.incidents),
      );
      assert.ok(Object.values(report?.reconciliation.differences ?? {}).some((value) => value !== "0"));
    } finally {
      await world.end();
    }
  });

/** The engine is killed at any port call; nothing is lost, doubled or different. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { World } from "../../sim/harness.ts";
import { killRun } from "../../sim/kill.ts";

const SEED = 7;

test("an engine killed at twenty seed-drawn port calls ends with the digest of an undisturbed run", {
  timeout: 400_000,
}, async (t) => {
  const result = await killRun({ seed: SEED, predictions: 8, kills: 20, say: (text) => t.diagnostic(text) });
  assert.deepEqual(result.problems, []);
  assert.equal(result.reached, 20, "every planned kill must be reached");
  assert.equal(result.digest, result.undisturbed);
});

/** The venue takes a repeated client id for a new order: only our own ledger stands between a crash and a second order. */
async function killedBetweenAcceptanceAndReply(
  removeSendingWrite: boolean,
): Promise<{ invariants: string[]; code: number | null }> {
  const world = new World({ seed: SEED, predictions: 1 });
  try {
    const kill = { station: "execute", skip: 0, call: 0, when: "after", method: "venue.placeEntry" } as const;
    const disturb = { acceptDuplicates: true };
    const first = await world.life({ kill, removeSendingWrite, disturb });
    assert.equal(first.signal, "SIGKILL");
    const second = await world.life({ removeSendingWrite, disturb });
    return {
      code: second.code,
      invariants: second.output.split("\n").filter((line) => line.startsWith("INVARIANT")),
    };
  } finally {
    await world.end();
  }
}

test("a kill between the venue's acceptance and its reply places no second order", {
  timeout: 120_000,
}, async () => {
  const { invariants, code } = await killedBetweenAcceptanceAndReply(false);
  assert.deepEqual(invariants, []);
  assert.equal(code, 0);
});

test("without the write that an order is being sent, the same kill is found out", {
  timeout: 120_000,
}, async () => {
  const { invariants, code } = await killedBetweenAcceptanceAndReply(true);
  assert.ok(invariants.length > 0 || code !== 0, "the removed guard must be noticed");
});

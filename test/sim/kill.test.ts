/** The engine is killed at any port call, or another one starts beside it; nothing is lost, doubled or different. */
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { World } from "../../sim/harness.ts";
import { killRun, type Outcome, undisturbedRun } from "../../sim/kill.ts";

const RUN = { seed: 7, predictions: 8 };
const KILLS = 20;
let undisturbed: Outcome;

before(
  async () => {
    undisturbed = await undisturbedRun(RUN);
  },
  { timeout: 180_000 },
);

test("an engine killed at twenty seed-drawn port calls ends with the digest of an undisturbed run, and with one order a leg", {
  timeout: 600_000,
}, async (t) => {
  const result = await killRun({ ...RUN, kills: KILLS, say: (text) => t.diagnostic(text) }, undisturbed);
  assert.deepEqual(result.problems, []);
  assert.equal(result.reached, KILLS, "every planned kill must be reached");
  assert.equal(result.digest, undisturbed.digest);
});

test("without the write that an order is being sent, a kill between its acceptance and the reply is found out", {
  timeout: 240_000,
}, async () => {
  const world = new World({ seed: RUN.seed, predictions: 1 });
  const plan = { removeSendingWrite: true, disturb: { acceptDuplicates: true } };
  try {
    const kill = { station: "execute", skip: 0, call: 0, when: "after", method: "venue.placeEntry" } as const;
    const first = await world.life({ ...plan, kill });
    assert.equal(first.signal, "SIGKILL");
    const second = await world.life(plan);
    assert.notEqual(second.code, 0);
    assert.match(second.output, /INVARIANT S1 the venue has 2 orders with one client id/);
  } finally {
    await world.end();
  }
});

test("a second engine is refused in one sentence; one that takes the store over stops the first, and the run ends the same", {
  timeout: 240_000,
}, async () => {
  const world = new World(RUN);
  try {
    const first = world.start();
    await first.saw(/execute .*entry FILLED/);
    const refused = await world.life();
    assert.equal(refused.code, 1);
    assert.match(refused.output, /another engine \(process \d+\) is running on this store/);
    assert.equal(first.child.exitCode, null, "the first one goes on");
    const second = world.start({ forceLease: true });
    const [old, taken] = await Promise.all([first.ended, second.ended]);
    assert.match(old.output, /another engine has taken over this store/);
    assert.equal(taken.code, 0, taken.output.slice(-800));
    assert.doesNotMatch(taken.output, /INVARIANT/);
    assert.equal(world.report()?.digest, undisturbed.digest);
  } finally {
    await world.end();
  }
});

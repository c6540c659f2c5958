/** On a real market an outage may last: what must happen then is not given up. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Handlers, MAX_ATTEMPTS, Runner } from "../../src/adapters/local/runner.ts";
import { SqliteStore } from "../../src/adapters/sqlite/store.ts";
import { DomainError, UnknownOutcome } from "../../src/errors/errors.ts";
import { type Deps, done, openIncidents, work } from "../../src/stations/station.ts";

const START_MS = 1_767_614_400_000;
const LOOKS = MAX_ATTEMPTS * 3;
/** Longer than any pause between two attempts. */
const PAUSE_MS = 120_000;

async function exitDuring(error: () => Error, outlastsSilence: boolean) {
  const store = new SqliteStore(":memory:");
  const clock = { atMs: START_MS, nowMs: () => clock.atMs };
  const deps = { store, queue: store, clock, notify: { line: () => undefined } } as unknown as Deps;
  let outage = true;
  const handlers = {
    execute: async () => {
      if (outage) throw error();
      return done("closed");
    },
  } as unknown as Handlers;
  await store.transact([
    work("execute", { id: "0x1", leg: "exit", reason: "horizon" }, "exit:0x1", START_MS),
  ]);
  const runner = new Runner(deps, handlers, { outlastsSilence });
  for (let look = 0; look < LOOKS; look++) {
    await runner.drain();
    clock.atMs += PAUSE_MS;
  }
  outage = false;
  await runner.drain();
  const result = { counts: { ...(await store.counts()) }, incidents: (await openIncidents(deps)).length };
  store.close();
  return result;
}

const silence = (): Error => new UnknownOutcome("weex.noAnswer", "WEEX gave no answer");

test("an exit is tried through an outage of any length and goes when it is over", async () => {
  assert.deepEqual(await exitDuring(silence, true), { counts: { waiting: 0, buried: 0 }, incidents: 0 });
});

test("an error of our own is still given up, with an incident", async () => {
  const bug = (): Error => new DomainError("some.bug", "a bug");
  assert.deepEqual(await exitDuring(bug, true), { counts: { waiting: 0, buried: 1 }, incidents: 1 });
});

test("in the simulated world, where time does not pass meanwhile, silence is given up too", async () => {
  assert.deepEqual(await exitDuring(silence, false), { counts: { waiting: 0, buried: 1 }, incidents: 1 });
});

import assert from "node:assert/strict";
import { after, test } from "node:test";
import type { LambdaHandler } from "../../src/adapters/lambda/handle.ts";
import { type Handlers, loadHandlers, MAX_ATTEMPTS, Runner } from "../../src/adapters/local/runner.ts";
import { SqliteStore } from "../../src/adapters/sqlite/store.ts";
import { encodeJson } from "../../src/domain/json.ts";
import { FenceLost, Refused, UsageError } from "../../src/errors/errors.ts";
import {
  again,
  type Deps,
  declined,
  done,
  noop,
  type Outcome,
  openIncidents,
  STATIONS,
  type StationName,
  work,
} from "../../src/stations/station.ts";

const START_MS = 1_767_614_400_000;
const stores: SqliteStore[] = [];
after(() => {
  for (const store of stores) store.close();
});

type Line = { station: string; subject: string; text: string; level?: string };

/** A real queue, a clock that the test moves, and one handler for every station. */
function running(
  handler: (station: StationName, event: Record<string, unknown>) => Promise<Outcome> | Outcome,
) {
  const store = new SqliteStore(":memory:");
  stores.push(store);
  const clock = { atMs: START_MS, nowMs: () => clock.atMs };
  const lines: Line[] = [];
  const deps = {
    store,
    queue: store,
    clock,
    notify: { line: (line: Line) => void lines.push(line) },
  } as unknown as Deps;
  const handlers = Object.fromEntries(
    STATIONS.map((station): [StationName, LambdaHandler] => [
      station,
      async (event) => handler(station, event as Record<string, unknown>),
    ]),
  ) as Handlers;
  const enqueue = (station: string, event: Record<string, unknown>, runAtMs = START_MS, lane?: string) =>
    store.transact([work(station as StationName, event, `${station}:${encodeJson(event)}`, runAtMs, lane)]);
  return { store, deps, clock, lines, enqueue, runner: new Runner(deps, handlers) };
}

test("everything runnable is run, in order, also what comes up meanwhile, and nothing that is for later", async () => {
  const ran: unknown[] = [];
  const world = running(async (station, event) => {
    ran.push([station, event["n"]]);
    if (event["n"] === 1) await world.enqueue("features", { n: 10 });
    return done("");
  });
  await world.enqueue("ingest", { n: 2 }, START_MS - 1);
  await world.enqueue("ingest", { n: 1 }, START_MS - 2);
  await world.enqueue("ingest", { n: 3 }, START_MS + 1);
  assert.equal(await world.runner.drain(), 3);
  assert.deepEqual(ran, [
    ["ingest", 1],
    ["ingest", 2],
    ["features", 10],
  ]);
  assert.equal(await world.runner.drain(), 0);
  world.clock.atMs += 1;
  assert.equal(await world.runner.drain(), 1);
});

test("a row that waits comes back at its time, holds its lane only, and may wait for ever without a failure", async () => {
  let looks = 0;
  const ran: unknown[] = [];
  const world = running((_station, event) => {
    if (event["n"] !== 1) return done(String(ran.push(event["n"])));
    looks += 1;
    return looks <= 3 * MAX_ATTEMPTS ? again("not yet", world.clock.atMs - 5_000) : done("at last");
  });
  await world.enqueue("settle", { n: 1 }, START_MS, "lane");
  await world.enqueue("settle", { n: 2 }, START_MS, "lane");
  await world.enqueue("settle", { n: 3 }, START_MS);
  await world.runner.drain();
  assert.deepEqual(ran, [3]);
  for (let at = 0; at < 3 * MAX_ATTEMPTS; at++) {
    assert.equal(looks, at + 1, "a time in the past is the next instant, so that one drain ends");
    world.clock.atMs += 1;
    await world.runner.drain();
  }
  assert.deepEqual(ran, [3, 2]);
  assert.deepEqual(await openIncidents(world.deps), []);
  assert.deepEqual(
    world.lines.filter((line) => line.text === "not yet").length,
    1,
    "it says once why it waits",
  );
});

test("a failure is tried again after one, two, four … seconds, at most a minute, and then a person is called", async () => {
  let calls = 0;
  const world = running(() => {
    calls += 1;
    throw new Refused("venue.no", "the venue says no\n    at secret.ts");
  });
  await world.enqueue("execute", { n: 1 });
  const waits: number[] = [];
  for (;;) {
    await world.runner.drain();
    const nextMs = await world.store.nextRunAtMs();
    if (nextMs === undefined) break;
    waits.push((nextMs - world.clock.atMs) / 1000);
    world.clock.atMs = nextMs;
  }
  assert.deepEqual(waits, [1, 2, 4, 8, 16, 32, 60, 60, 60, 60, 60]);
  assert.equal(calls, MAX_ATTEMPTS);
  assert.deepEqual({ ...(await world.store.counts()) }, { waiting: 0, buried: 1 });
  const [found] = await openIncidents(world.deps);
  assert.equal(found?.incidentId, 'workBuried:execute:{"n":1}');
  assert.deepEqual(
    [world.lines.length, world.lines[0]?.level, world.lines.at(-1)?.level],
    [MAX_ATTEMPTS, "warn", "error"],
  );
  assert.match(world.lines.at(-1)?.text ?? "", /^gave up: the venue says no/);
  assert.deepEqual(world.runner.stats["execute"], {
    done: 0,
    declined: 0,
    noop: 0,
    again: 0,
    failed: MAX_ATTEMPTS,
  });
});

test("an event that no retry can mend is buried at once, and its lane goes on", async () => {
  const ran: unknown[] = [];
  const world = running((_station, event) => {
    if (event["n"] === 1) throw new UsageError("input.invalid", "settle event: id: is wrong");
    return done(String(ran.push(event["n"])));
  });
  await world.enqueue("settle", { n: 1 }, START_MS, "lane");
  await world.enqueue("nobody", { n: 2 }, START_MS, "lane");
  await world.enqueue("settle", { n: 3 }, START_MS, "lane");
  await world.runner.drain();
  assert.deepEqual(ran, [3]);
  assert.deepEqual({ ...(await world.store.counts()) }, { waiting: 0, buried: 2 });
  assert.match((await openIncidents(world.deps))[0]?.text ?? "", /settle event: id: is wrong/);
});

test("an engine that was taken over stops at once; the row is left for its successor", async () => {
  const world = running(() => {
    throw new FenceLost("store.fence", "another engine has taken over this store; this one stops");
  });
  await world.enqueue("settle", { n: 1 });
  await assert.rejects(world.runner.drain(), FenceLost);
  const left = await world.store.claim(START_MS);
  assert.deepEqual([left?.event, left?.attempts], [{ n: 1 }, 0]);
  assert.deepEqual(world.lines, []);
});

test("a kill inside a handler leaves the row, and the next life runs it again", async () => {
  let lives = 0;
  const killed = new Promise<Outcome>(() => undefined);
  const world = running(() => (++lives === 1 ? killed : done("the second time")));
  await world.enqueue("settle", { n: 1 });
  void world.runner.drain();
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(lives, 1);
  const { deps, store } = world;
  const handlers = Object.fromEntries(
    STATIONS.map((station) => [station, async () => noop(String(++lives))]),
  ) as unknown as Handlers;
  assert.equal(await new Runner(deps, handlers).drain(), 1);
  assert.deepEqual([lives, await store.claim(START_MS)], [2, undefined]);
});

test("a station that feeds itself at one instant is stopped, not followed for ever", {
  timeout: 60_000,
}, async () => {
  let n = 0;
  const world = running(async () => {
    await world.enqueue("ingest", { n: ++n });
    return noop("");
  });
  await world.enqueue("ingest", { n });
  await assert.rejects(
    world.runner.drain(),
    /more than 10000 rows ran at one instant; some station feeds itself/,
  );
  assert.equal(n, 10_000);
});

test("every row is counted, and told with its subject, except for those that had nothing to do", async () => {
  const outcomes: Outcome[] = [done("made"), declined("too late"), noop("done before")];
  const world = running((_station, event) => outcomes[event["n"] as number] as Outcome);
  const seen: unknown[] = [];
  world.runner.onStart = (row) => void seen.push(["start", row.event["n"]]);
  world.runner.onRow = (row, outcome) => void seen.push([outcome?.status, row.event["n"]]);
  await world.enqueue("publish", { n: 0, cutoffMs: START_MS });
  await world.enqueue("publish", { n: 1, id: `0x${"ab".repeat(32)}` });
  await world.enqueue("publish", { n: 2, epoch: 3n });
  await world.runner.drain();
  assert.deepEqual(world.runner.stats["publish"], { done: 1, declined: 1, noop: 1, again: 0, failed: 0 });
  assert.deepEqual(
    world.lines.map((line) => [line.subject, line.text, line.level]),
    [
      ["01-05 12:00", "made", "info"],
      ["0xabababab", "declined: too late", "decline"],
    ],
  );
  assert.deepEqual(seen, [
    ["start", 0],
    ["done", 0],
    ["start", 1],
    ["declined", 1],
    ["start", 2],
    ["noop", 2],
  ]);
});

test("the handlers are those of the Lambda files, one for each station", async () => {
  const handlers = await loadHandlers();
  assert.deepEqual(Object.keys(handlers), [...STATIONS]);
  for (const station of STATIONS) {
    const lambda = (await import(`../../lambdas/${station}.ts`)) as { handler: LambdaHandler };
    assert.equal(handlers[station], lambda.handler);
  }
});

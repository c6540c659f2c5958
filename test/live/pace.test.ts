import assert from "node:assert/strict";
import type { Server } from "node:http";
import { after, test } from "node:test";
import { jsonServer, listen } from "../../src/adapters/http/json.ts";
import { VirtualClock } from "../../src/adapters/local/clock.ts";
import { Conductor } from "../../src/adapters/local/conductor.ts";
import {
  PacedTime,
  systemWall,
  type VenueTime,
  type WallClock,
  WallTime,
} from "../../src/adapters/local/pace.ts";

const BLOCK_MS = 15_000;
const START_MS = 1_700_000_000_000 - (1_700_000_000_000 % BLOCK_MS);

const simulated: VenueTime = {
  clock: async (toMs) => ({ nowMs: toMs, nextEventMs: toMs + BLOCK_MS, watermarks: {} }),
};

/** A wall clock that is moved by whoever sleeps, and by the test. */
function handWall(startMs: number): WallClock & { pass(ms: number): void } {
  let nowMs = startMs;
  return {
    nowMs: () => nowMs,
    sleepUntil: async (atMs) => {
      nowMs = Math.max(nowMs, atMs);
    },
    pass: (ms) => {
      nowMs += ms;
    },
  };
}

test("paced time lets a step go only when its real time has come", async () => {
  const time = new PacedTime(simulated, 1_000);
  const startedAt = performance.now();
  await time.clock(START_MS);
  assert.ok(performance.now() - startedAt < 50, "the first step waits for nothing");
  for (let step = 1; step <= 4; step++) await time.clock(START_MS + step * 50_000);
  const tookMs = performance.now() - startedAt;
  assert.ok(tookMs >= 195, `200 virtual seconds at 1000 took ${tookMs} ms`);
});

test("paced time does not run faster afterwards because it was slow once", async () => {
  let realMs = 0;
  const time = new PacedTime(simulated, 2_000_000, () => performance.now() + realMs);
  await time.clock(START_MS);
  realMs = 10_000;
  await time.clock(START_MS + 60_000);
  const startedAt = performance.now();
  await time.clock(START_MS + 60_000 + 200_000_000);
  assert.ok(performance.now() - startedAt >= 80, "the delay of one step is no credit for the next");
});

test("a step asked for again, as after a restart, does not wait again", async () => {
  const time = new PacedTime(simulated, 1);
  await time.clock(START_MS);
  const startedAt = performance.now();
  await time.clock(START_MS);
  await time.clock(START_MS - 5_000);
  assert.ok(performance.now() - startedAt < 100);
});

test("who hurries a paced world is not held back any longer than half a second", async () => {
  const time = new PacedTime(simulated, 1);
  await time.clock(START_MS);
  const startedAt = performance.now();
  setTimeout(() => time.hurry(), 50);
  await time.clock(START_MS + 3_600_000);
  assert.ok(performance.now() - startedAt < 1_000);
});

test("wall time comes at the time asked for and is looked at every second", async () => {
  const wall = handWall(START_MS + 7);
  const time = new WallTime(wall, BLOCK_MS);
  const reply = await time.clock(START_MS + 2_000);
  assert.deepEqual(reply, { nowMs: START_MS + 2_000, nextEventMs: START_MS + 3_000, watermarks: {} });
  assert.equal(wall.nowMs(), START_MS + 2_000);
});

test("after a stall wall time goes on at the newest block, and leaves the missed ones out", async () => {
  const wall = handWall(START_MS);
  const time = new WallTime(wall, BLOCK_MS);
  wall.pass(100_000);
  assert.equal((await time.clock(START_MS + 1_000)).nowMs, START_MS + 6 * BLOCK_MS);
  wall.pass(3_000);
  assert.equal(
    (await time.clock(START_MS + 101_000)).nowMs,
    START_MS + 101_000,
    "small delays keep the grid",
  );
});

test("the system's wall clock sleeps until a time and not at all for one that has passed", async () => {
  const startedAt = Date.now();
  await systemWall.sleepUntil(startedAt - 5_000);
  await systemWall.sleepUntil(startedAt + 60);
  const tookMs = Date.now() - startedAt;
  assert.ok(tookMs >= 60 && tookMs < 500, `${tookMs} ms`);
});

const servers: Server[] = [];
after(() => {
  for (const server of servers) server.close();
});

async function worldWithFailingPeer(onSilence?: (peer: string, error: unknown) => void) {
  const ticks: number[] = [];
  const server = jsonServer({
    "POST /tick": async ({ body }) => {
      ticks.push((body as { nowMs: number }).nowMs);
      throw new Error("the market does not answer");
    },
  });
  servers.push(server);
  const url = `http://127.0.0.1:${await listen(server, 0)}`;
  let drained = 0;
  const conductor = new Conductor({
    time: new WallTime(handWall(START_MS + 1_000), BLOCK_MS),
    rpc: { send: async () => ({ timestamp: "0x0" }) } as never,
    peers: [{ name: "attester1", url, when: "slot" }],
    engine: {
      clock: new VirtualClock(START_MS + 1_000),
      drain: async () => void drained++,
      poll: async () => undefined,
      nextTimerMs: async () => undefined,
      awaitFrames: async () => undefined,
    },
    blockMs: BLOCK_MS,
    blockAfterSlot: false,
    ...(onSilence ? { onSilence } : {}),
  });
  return { conductor, ticks, drained: () => drained };
}

test("on a real market a peer that fails is named, left out, and asked again five seconds later", async () => {
  const silent: string[] = [];
  const { conductor, ticks, drained } = await worldWithFailingPeer((peer) => silent.push(peer));
  await conductor.resume();
  for (let step = 0; step < 6; step++) await conductor.step();
  assert.deepEqual(ticks, [START_MS + 1_000, START_MS + 6_000]);
  assert.deepEqual(silent, ["attester1", "attester1"]);
  assert.equal(drained(), 7, "the engine goes on");
});

test("in lockstep a peer that fails stops the run", async () => {
  const { conductor } = await worldWithFailingPeer();
  await assert.rejects(conductor.resume(), /does not answer/);
});

import assert from "node:assert/strict";
import type { Server } from "node:http";
import { after, test } from "node:test";
import type { Rpc } from "../../src/adapters/evm/rpc.ts";
import { jsonServer, listen } from "../../src/adapters/http/json.ts";
import { VirtualClock } from "../../src/adapters/local/clock.ts";
import { Conductor, type Peer } from "../../src/adapters/local/conductor.ts";
import { parseInput, TickSchema } from "../../src/domain/schemas.ts";

const BLOCK_MS = 15_000;
/** On the grid of blocks. */
const START_MS = 1_767_614_400_000;
const NEVER_MS = START_MS + 10 * 86_400_000;

const servers: Server[] = [];
after(() => {
  for (const server of servers) {
    server.close();
    server.closeAllConnections();
  }
});

type Options = {
  venueNextMs?: (nowMs: number) => number;
  timerMs?: number;
  peers?: { name: string; when: Peer["when"]; next?: (nowMs: number) => number | null }[];
  blockAfterSlot?: boolean;
  headMs?: number;
  onSilence?: (peer: string) => void;
};

/** A world whose every part writes down what it was asked to do; the peers are processes' servers. */
async function world(options: Options = {}) {
  const log: string[] = [];
  const at = (ms: number): string => `+${(ms - START_MS) / 1000}`;
  const broken = new Set<string>();
  const clock = new VirtualClock(START_MS);
  const chain = { headMs: options.headMs ?? START_MS };
  const timer = { ms: options.timerMs };
  const peers: Peer[] = [];
  for (const { name, when, next } of options.peers ?? []) {
    const server = jsonServer({
      "POST /tick": async ({ body }) => {
        const { nowMs } = parseInput(TickSchema, body, "tick");
        log.push(`${name} ${at(nowMs)}`);
        if (broken.has(name)) throw new Error(`${name} died`);
        return { nextMs: next ? next(nowMs) : null };
      },
    });
    servers.push(server);
    peers.push({ name, when, url: `http://127.0.0.1:${await listen(server, 0)}` });
  }
  const rpc = {
    send: async (method: string, params: unknown[]) => {
      if (method === "eth_getBlockByNumber") return { timestamp: `0x${(chain.headMs / 1000).toString(16)}` };
      const [seconds] = params as [number];
      assert.ok(method === "evm_mine" && seconds * 1000 > chain.headMs, `${method} ${seconds}`);
      chain.headMs = seconds * 1000;
      log.push(`mine ${at(chain.headMs)}`);
      return "0x0";
    },
  } as unknown as Rpc;
  const life = (): Conductor =>
    new Conductor({
      time: {
        clock: async (toMs: number) => {
          log.push(`venue ${at(toMs)}`);
          return {
            nowMs: toMs,
            nextEventMs: options.venueNextMs?.(toMs) ?? NEVER_MS,
            watermarks: { public: toMs },
          };
        },
      },
      rpc,
      peers,
      engine: {
        clock,
        drain: async () => void log.push(`drain ${at(clock.nowMs())}`),
        poll: async () => void log.push("poll"),
        nextTimerMs: async () => timer.ms,
        awaitFrames: async (watermarks) => void log.push(`frames ${at(watermarks["public"] as number)}`),
      },
      blockMs: BLOCK_MS,
      blockAfterSlot: options.blockAfterSlot ?? false,
      ...(options.onSilence ? { onSilence: options.onSilence } : {}),
    } as ConstructorParameters<typeof Conductor>[0]);
  return {
    log,
    clock,
    chain,
    broken,
    timer,
    life,
    conductor: life(),
    since: (ms: number) => (ms - START_MS) / 1000,
  };
}

test("one instant has one order: market, frames, slot peers, our work, block peers, the block, its events, our work", async () => {
  const { conductor, log } = await world({
    peers: [
      { name: "feed", when: "block" },
      { name: "attester1", when: "slot", next: () => START_MS + 300_000 },
      { name: "actors", when: "block" },
    ],
  });
  await conductor.step();
  assert.deepEqual(
    [...log.slice(0, 4), ...log.slice(4, 6).sort(), ...log.slice(6)],
    [
      "venue +15",
      "frames +15",
      "attester1 +15",
      "drain +15",
      "actors +15",
      "feed +15",
      "mine +15",
      "poll",
      "drain +15",
    ],
  );
});

test("time goes to whatever comes first: a market event, a timer, a peer's wish or a block", async () => {
  const next = async (options: Options): Promise<number> => {
    const made = await world(options);
    await made.conductor.resume();
    return made.since(await made.conductor.step());
  };
  assert.equal(await next({}), 15);
  assert.equal(await next({ venueNextMs: () => START_MS + 4_000 }), 4);
  assert.equal(await next({ timerMs: START_MS + 3_000 }), 3);
  assert.equal(await next({ timerMs: START_MS + 99_000 }), 15);
  const wish = { name: "attester1", when: "slot" as const, next: () => START_MS + 2_000 };
  assert.equal(await next({ peers: [wish] }), 2);
  assert.equal(
    await next({ venueNextMs: () => START_MS + 4_000, timerMs: START_MS + 3_000, peers: [wish] }),
    2,
  );
});

test("time never goes back: a timer that is overdue is this very instant", async () => {
  const { conductor, clock, since } = await world({ timerMs: START_MS - 60_000 });
  assert.equal(since(await conductor.step()), 0);
  assert.equal(clock.nowMs(), START_MS);
});

test("between blocks nothing is mined and no block peer is asked", async () => {
  const { conductor, log, chain } = await world({
    venueNextMs: () => START_MS + 4_000,
    peers: [{ name: "feed", when: "block" }],
  });
  await conductor.resume();
  log.length = 0;
  await conductor.step();
  assert.deepEqual([log, chain.headMs], [["venue +4", "frames +4", "drain +4"], START_MS]);
});

test("blocks are mined by virtual time, one for each step of the grid, empty or not", async () => {
  const { conductor, log } = await world();
  for (let step = 0; step < 4; step++) await conductor.step();
  assert.deepEqual(
    log.filter((line) => line.startsWith("mine")),
    ["mine +15", "mine +30", "mine +45", "mine +60"],
  );
});

test("a slot peer is woken at the time it asked for, not at every step", async () => {
  const { conductor, log } = await world({
    peers: [
      {
        name: "attester1",
        when: "slot",
        next: (nowMs) => (nowMs < START_MS + 40_000 ? START_MS + 40_000 : NEVER_MS),
      },
    ],
  });
  for (let step = 0; step < 5; step++) await conductor.step();
  assert.deepEqual(
    log.filter((line) => line.startsWith("attester1")),
    ["attester1 +15", "attester1 +40"],
  );
});

test("an instant that was finished before a kill is finished again without a second block", async () => {
  const { conductor, life, log, chain } = await world({ peers: [{ name: "feed", when: "block" }] });
  await conductor.step();
  log.length = 0;
  await life().resume();
  assert.deepEqual(log, ["venue +15", "frames +15", "drain +15", "poll", "drain +15"]);
  assert.equal(chain.headMs, START_MS + BLOCK_MS);
});

test("an instant that a kill cut short before its block gets its block from the next life", async () => {
  const { conductor, life, log, broken } = await world({
    peers: [
      { name: "feed", when: "block" },
      { name: "actors", when: "block" },
    ],
  });
  broken.add("actors");
  await assert.rejects(conductor.step(), /actors died/);
  assert.ok(!log.includes("mine +15"), "no block without what belongs before it");
  broken.clear();
  const before = log.length;
  await life().resume();
  const again = log.slice(before).filter((line) => /^(actors|mine)/.test(line));
  assert.deepEqual(again, ["actors +15", "mine +15"]);
});

test("in lockstep a silent attester stops the run at this instant, before our own work", async () => {
  const { conductor, log, broken } = await world({ peers: [{ name: "attester1", when: "slot" }] });
  broken.add("attester1");
  await assert.rejects(conductor.step(), /attester1 died/);
  assert.ok(!log.some((line) => line.startsWith("drain")), log.join());
});

test("where time does not wait, a silent peer is named and asked again soon, and everything else goes on", async () => {
  const silent: string[] = [];
  const { conductor, log, broken, since } = await world({
    peers: [
      { name: "attester1", when: "slot", next: () => NEVER_MS },
      { name: "feed", when: "block" },
    ],
    onSilence: (peer) => void silent.push(peer),
  });
  broken.add("attester1").add("feed");
  await conductor.step();
  assert.deepEqual(silent, ["attester1", "feed"]);
  assert.deepEqual(log.slice(-3), ["mine +15", "poll", "drain +15"]);
  assert.equal(since(await conductor.step()), 20);
  assert.equal(log.filter((line) => line.startsWith("attester1")).length, 2);
});

test("with a block after each slot, a vendor's answer has a block to land in; block peers wait for the grid", async () => {
  const { conductor, log } = await world({
    venueNextMs: (nowMs) => (nowMs < START_MS + 2_000 ? START_MS + 2_000 : NEVER_MS),
    blockAfterSlot: true,
    peers: [
      {
        name: "attester1",
        when: "slot",
        next: (nowMs) => (nowMs < START_MS + 2_000 ? START_MS + 2_000 : NEVER_MS),
      },
      { name: "feed", when: "block" },
    ],
  });
  await conductor.resume();
  log.length = 0;
  await conductor.step();
  assert.deepEqual(log, ["venue +2", "frames +2", "attester1 +2", "drain +2", "mine +2"]);
  await conductor.step();
  assert.deepEqual(log.slice(5), [
    "venue +15",
    "frames +15",
    "drain +15",
    "feed +15",
    "mine +15",
    "poll",
    "drain +15",
  ]);
});

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { toBeHex, Wallet } from "ethers";
import { validatorAbi } from "../../src/adapters/evm/abi.ts";
import { createChainReader } from "../../src/adapters/evm/reader.ts";
import { SqliteStore } from "../../src/adapters/sqlite/store.ts";
import { SaksiError } from "../../src/errors/errors.ts";
import type { Work } from "../../src/ports/store.ts";
import { type Deps, put } from "../../src/stations/station.ts";
import { ChainWatcher, type Cursor, RECENT_BLOCKS } from "../../src/stations/validate/watch.ts";
import { word } from "../domain/samples.ts";
import { CHAIN_ID, startAnvil } from "./anvil.ts";

const anvil = await startAnvil();
const { rpc } = anvil;
const validator = await anvil.emitter(new Wallet(word("0a")).address);
const vault = await anvil.emitter(new Wallet(word("0b")).address);
const elsewhere = `0x${"22".repeat(20)}`;
const reader = createChainReader({
  rpcUrl: anvil.url,
  chainId: CHAIN_ID,
  mandateId: word("11"),
  transport: "quorum",
  addresses: { validator, vault, policy: elsewhere, quorum: elsewhere, feed: elsewhere, registry: elsewhere },
});
const stores: SqliteStore[] = [];
after(() => {
  reader.close();
  for (const store of stores) store.close();
});

let ids = 0;
const newId = (): string => toBeHex(++ids, 32);
const finalized = (id: string, pnlE8 = 5n, emitter = validator) =>
  anvil.emitEvent(emitter, validatorAbi, "PredictionFinalized", [id, word("11"), pnlE8, word("00")]);

/** A watcher over a store whose cursor stands at the chain's present head. */
async function watching(confirmations = 1) {
  const store = new SqliteStore(":memory:");
  stores.push(store);
  const head = await reader.head();
  await store.transact([
    put("cursor", "chain", { recent: [{ number: head.number, hash: head.hash }] } satisfies Cursor, 0),
  ]);
  const deps = { store, queue: store, chain: reader, clock: { nowMs: () => 0 } } as unknown as Deps;
  const facts = async (): Promise<Work["event"][]> => {
    const events: Work["event"][] = [];
    for (let work = await store.claim(0); work; work = await store.claim(0)) {
      assert.deepEqual([work.station, work.lane], ["validate", "validate"]);
      events.push(work.event);
      await store.done(work.workId);
    }
    return events;
  };
  return {
    store,
    deps,
    facts,
    fresh: () => new ChainWatcher(deps, confirmations),
    watcher: new ChainWatcher(deps, confirmations),
  };
}
const cursorOf = async (store: SqliteStore): Promise<Cursor["recent"]> =>
  (await store.get<Cursor>("cursor", "chain"))?.value.recent ?? [];

test("an event becomes work once, with its arguments, after its confirmations and not before", async () => {
  for (const confirmations of [0, 1, 3]) {
    const { watcher, facts } = await watching(confirmations);
    const id = newId();
    await finalized(id, -7n);
    await anvil.mine();
    for (let later = 0; later < confirmations; later++) {
      await watcher.poll();
      assert.deepEqual(await facts(), [], `${later} of ${confirmations} confirmations`);
      await anvil.mine();
    }
    await watcher.poll();
    const [event, ...others] = await facts();
    assert.deepEqual(others, []);
    assert.deepEqual(
      [event?.["name"], event?.["id"], (event?.["args"] as { pnlE8: bigint } | undefined)?.pnlE8],
      ["Finalized", id, -7n],
    );
    await watcher.poll();
    assert.deepEqual(await facts(), []);
  }
});

test("events come in the order of the chain, across blocks and within one", async () => {
  const { watcher, facts } = await watching();
  const expected = [newId(), newId(), newId(), newId()];
  await finalized(expected[0] as string);
  await anvil.mine(2);
  for (const id of expected.slice(1)) await finalized(id);
  await anvil.mine(2);
  await watcher.poll();
  assert.deepEqual(
    (await facts()).map((event) => event["id"]),
    expected,
  );
});

test("logs of other contracts, and events nobody waits for, are no facts", async () => {
  const { watcher, facts } = await watching();
  await finalized(newId(), 5n, await anvil.emitter(`0x${"33".repeat(20)}`));
  await anvil.emit(validator, [word("aa"), word("bb"), word("cc")]);
  await anvil.mine(2);
  await watcher.poll();
  assert.deepEqual(await facts(), []);
});

test("the cursor survives a restart: nothing is missed and nothing is told twice", async () => {
  const { store, fresh, facts } = await watching();
  const told: unknown[] = [];
  const expected: string[] = [];
  for (let life = 0; life < 4; life++) {
    for (let at = 0; at < 2; at++) {
      const id = newId();
      expected.push(id);
      await finalized(id);
      await anvil.mine(11);
    }
    await fresh().poll();
    told.push(...(await facts()).map((event) => event["id"]));
  }
  assert.deepEqual(told, expected);
  const recent = await cursorOf(store);
  assert.ok(recent.length <= RECENT_BLOCKS);
  recent.slice(1).forEach(({ number }, at) => {
    assert.equal(number, (recent[at]?.number as number) + 1, "the cursor is a run of blocks");
  });
});

test("a block on another parent sends the cursor back to the fork, and what happened only there is never told", async () => {
  const { store, watcher, facts } = await watching(2);
  await anvil.mine(6);
  await watcher.poll();
  const orphan = newId();
  await finalized(orphan);
  await anvil.mine(2);
  await watcher.poll();
  await rpc.send("anvil_reorg", [5, []]);
  const id = newId();
  await finalized(id);
  await anvil.mine(4);
  await watcher.poll();
  assert.deepEqual(
    (await facts()).map((event) => event["id"]),
    [id],
  );
  await finalized(newId());
  await anvil.mine(4);
  await watcher.poll();
  for (const { number, hash } of await cursorOf(store))
    assert.equal((await reader.block(number))?.hash, hash, `block ${number}`);
});

test("a fact that lands again after a reorganisation is the same fact, in a running watcher and in a restarted one", async () => {
  for (const restarted of [false, true]) {
    const { watcher, fresh, facts } = await watching(0);
    await anvil.mine(3);
    await watcher.poll();
    const id = newId();
    await finalized(id);
    await anvil.mine(1);
    await watcher.poll();
    assert.deepEqual(
      (await facts()).map((event) => event["id"]),
      [id],
    );
    await rpc.send("anvil_reorg", [2, []]);
    await finalized(id);
    await anvil.mine(3);
    await (restarted ? fresh() : watcher).poll();
    assert.deepEqual(await facts(), []);
  }
});

test("a chain that became shorter is waited for", async () => {
  const { watcher, facts } = await watching(0);
  const snapshot = await rpc.send<string>("evm_snapshot", []);
  await anvil.mine(4);
  await watcher.poll();
  await rpc.send("evm_revert", [snapshot]);
  await watcher.poll();
  const id = newId();
  await finalized(id);
  // Another time makes other blocks of the same heights.
  await rpc.send("evm_increaseTime", [100]);
  await anvil.mine(6);
  await watcher.poll();
  assert.deepEqual(
    (await facts()).map((event) => event["id"]),
    [id],
  );
});

test("a reorganisation deeper than what is remembered stops with a sentence instead of guessing", async () => {
  const { store, fresh } = await watching(0);
  await anvil.mine(2);
  const head = await reader.head();
  const recent = [head.number - 1, head.number].map((number) => ({ number, hash: word("ff") }));
  await store.transact([put("cursor", "chain", { recent })]);
  await anvil.mine(1);
  const watcher = fresh();
  for (let polls = 0; polls < 2; polls++)
    await assert.rejects(
      watcher.poll(),
      (error: unknown) => error instanceof SaksiError && error.code === "watch.deepReorg",
    );
});

test("a store without a cursor is not read from the beginning of time", async () => {
  const { store, fresh } = await watching();
  await store.transact([{ op: "delete", pk: "cursor", sk: "chain" }]);
  await assert.rejects(
    fresh().poll(),
    (error: unknown) => error instanceof SaksiError && error.code === "watch.noCursor",
  );
});

test("an event lost with the process between the read and the write is told by the next life", async () => {
  const { store, fresh, facts } = await watching();
  const id = newId();
  await finalized(id);
  await anvil.mine(2);
  const write = store.transact.bind(store);
  store.transact = async () => {
    throw new Error("killed");
  };
  await assert.rejects(fresh().poll(), /killed/);
  store.transact = write;
  await fresh().poll();
  assert.deepEqual(
    (await facts()).map((event) => event["id"]),
    [id],
  );
});

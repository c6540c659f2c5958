import assert from "node:assert/strict";
import { after, test } from "node:test";
import { keccak256, Transaction, type Wallet } from "ethers";
import fc from "fast-check";
import { FINAL_AFTER_BLOCKS, TxLane } from "../../src/adapters/evm/lane.ts";
import { Rpc } from "../../src/adapters/evm/rpc.ts";
import { SqliteStore } from "../../src/adapters/sqlite/store.ts";
import type { TxStatus } from "../../src/ports/chain.ts";
import type { Store } from "../../src/ports/store.ts";
import { CHAIN_ID, REVERT_CODE, startAnvil } from "./anvil.ts";

const anvil = await startAnvil();
const { rpc } = anvil;
const REFUSES = `0x${"de".repeat(20)}`;
const TO = `0x${"11".repeat(20)}`;
await rpc.send("anvil_setCode", [REFUSES, REVERT_CODE]);

const stores: SqliteStore[] = [];
after(() => {
  for (const store of stores) store.close();
});
function newStore(): SqliteStore {
  const store = new SqliteStore(":memory:");
  stores.push(store);
  return store;
}

/** A node whose answers pass through `before` and may be stopped there. */
class WatchedRpc extends Rpc {
  before: (method: string, params: unknown[]) => Promise<void> = async () => undefined;
  override async send<T>(method: string, params: unknown[]): Promise<T> {
    await this.before(method, params);
    return super.send<T>(method, params);
  }
}
const watched = new WatchedRpc(anvil.url, CHAIN_ID);
after(() => watched.close());

async function lane(store: Store = newStore(), node: Rpc = rpc, wallet?: Wallet) {
  const signer = wallet ?? (await anvil.wallet());
  return { lane: new TxLane(store, node, signer, CHAIN_ID), store, wallet: signer };
}
const send = (to: TxLane, key: string, target = TO): Promise<TxStatus> =>
  to.send(key, "test", target, "0x", 100_000n);
const known = (hash: string) => rpc.send<{ nonce: string } | null>("eth_getTransactionByHash", [hash]);
const minedCount = async (address: string): Promise<number> =>
  Number(await rpc.send<string>("eth_getTransactionCount", [address, "latest"]));

test("the same key asked twice, at once or later or by a later life, is one transaction under one nonce", async () => {
  const { lane: first, store, wallet } = await lane();
  const [a, b] = await Promise.all([send(first, "k"), send(first, "k")]);
  const { lane: second } = await lane(store, rpc, wallet);
  const c = await send(second, "k");
  assert.deepEqual([a.txHash, a.nonce], [b.txHash, b.nonce]);
  assert.deepEqual([a.txHash, a.nonce], [c.txHash, c.nonce]);
  await anvil.mine();
  assert.equal(await minedCount(wallet.address), 1);
  await second.refresh();
  assert.equal((await send(second, "k")).state, "mined");
  await anvil.mine();
  assert.equal(await minedCount(wallet.address), 1);
});

test("the bytes on the wire were in the store before", async () => {
  const { lane: one, store, wallet } = await lane(undefined, watched);
  let seen = 0;
  watched.before = async (method, params) => {
    if (method !== "eth_sendRawTransaction") return;
    seen += 1;
    const [row] = await store.query<{ raw: string; state: string }>(`tx#${CHAIN_ID}#${wallet.address}`, {
      limit: 10,
      descending: true,
    });
    assert.deepEqual([row?.value.raw, row?.value.state], [params[0], "pending"]);
  };
  await send(one, "a");
  await send(one, "b");
  watched.before = async () => undefined;
  assert.equal(seen, 2);
});

test("keys asked for at the same time get consecutive nonces in the order of asking, and all are mined", async () => {
  const { lane: one, wallet } = await lane();
  const sent = await Promise.all(Array.from({ length: 12 }, (_, at) => send(one, `k${at}`)));
  assert.deepEqual(
    sent.map((tx) => tx.nonce),
    sent.map((_, at) => at),
  );
  await anvil.mine();
  const changed = await one.refresh();
  assert.deepEqual(
    changed.map((tx) => `${tx.key} ${tx.state}`),
    sent.map((tx) => `${tx.key} mined`),
  );
  assert.ok(changed.every((tx) => tx.gasUsed === 21_000n && tx.blockNumber === changed[0]?.blockNumber));
  assert.equal(await minedCount(wallet.address), 12);
});

test("a receipt is reported once", async () => {
  const { lane: one } = await lane();
  await send(one, "k");
  assert.deepEqual(await one.refresh(), [], "not mined yet");
  await anvil.mine();
  assert.equal((await one.refresh()).length, 1);
  assert.deepEqual(await one.refresh(), []);
});

test("a receipt that a reorganisation takes back is taken back here, and the same bytes are sent again in order", async () => {
  const { lane: one, wallet } = await lane();
  await anvil.mine(2);
  const sent = await Promise.all(["a", "b", "c"].map((key) => send(one, key)));
  await anvil.mine();
  assert.equal((await one.refresh()).length, 3);
  await anvil.mine(2);
  assert.deepEqual(await one.refresh(), []);

  await rpc.send("anvil_reorg", [4, []]);
  assert.equal(await minedCount(wallet.address), 0, "the chain forgot all three");
  const later = await send(one, "d");
  assert.deepEqual(
    (await one.refresh()).map((tx) => `${tx.key} ${tx.state} ${tx.nonce} ${tx.blockNumber}`),
    ["a pending 0 undefined", "b pending 1 undefined", "c pending 2 undefined"],
  );
  await anvil.mine();
  assert.deepEqual(
    (await one.refresh()).map((tx) => `${tx.key} ${tx.state} ${tx.txHash}`),
    [...sent, later].map((tx) => `${tx.key} mined ${tx.txHash}`),
  );
  assert.equal(await minedCount(wallet.address), 4);
});

test("a life that was not there when the chain was reorganised finds out at its first look", async () => {
  const { lane: one, store, wallet } = await lane();
  await anvil.mine(2);
  await send(one, "k");
  await anvil.mine();
  await one.refresh();
  await rpc.send("anvil_reorg", [3, []]);
  await anvil.mine(5);
  const { lane: next } = await lane(store, rpc, wallet);
  assert.deepEqual(
    (await next.refresh()).map((tx) => tx.state),
    ["pending"],
  );
  await anvil.mine();
  assert.deepEqual(
    (await next.refresh()).map((tx) => tx.state),
    ["mined"],
  );
  assert.equal((await send(next, "k")).state, "mined");
  assert.equal(await minedCount(wallet.address), 1);
});

test("a receipt is final after enough blocks: until then one look in a chain that only grows, one at the end, none after", async () => {
  const { lane: one, store, wallet } = await lane(undefined, watched);
  let looks = 0;
  watched.before = async (method) => {
    if (method === "eth_getTransactionReceipt") looks += 1;
  };
  const pending = async () =>
    (await store.query(`txPending#${CHAIN_ID}#${wallet.address}`, { limit: 10 })).length;
  await send(one, "k");
  await anvil.mine();
  await one.refresh();
  for (let block = 1; block < FINAL_AFTER_BLOCKS; block++) {
    await anvil.mine();
    assert.deepEqual(await one.refresh(), []);
  }
  assert.deepEqual([looks, await pending()], [1, 1]);
  await anvil.mine();
  assert.deepEqual(await one.refresh(), [], "final is no news");
  assert.deepEqual([looks, await pending()], [2, 0]);
  await anvil.mine();
  await one.refresh();
  watched.before = async () => undefined;
  assert.equal(looks, 2);
});

test("a reverted transaction is reported as reverted, with the gas it cost, and is not sent again", async () => {
  const { lane: one, wallet } = await lane();
  await send(one, "bad", REFUSES);
  await anvil.mine();
  const [status] = await one.refresh();
  assert.deepEqual([status?.key, status?.state], ["bad", "reverted"]);
  assert.ok((status?.gasUsed ?? 0n) > 21_000n);
  assert.equal((await send(one, "bad", REFUSES)).state, "reverted");
  await anvil.mine();
  assert.equal(await minedCount(wallet.address), 1);
});

test("bytes that the node dropped are sent again after some blocks, the same bytes under the same nonce", async () => {
  const { lane: one } = await lane();
  const sent = await send(one, "k");
  await rpc.send("anvil_dropTransaction", [sent.txHash]);
  assert.equal(await known(sent.txHash), null);
  await one.refresh();
  assert.equal(await known(sent.txHash), null, "not at once: a node may merely be slow");
  await anvil.mine(12);
  await one.refresh();
  assert.equal(Number((await known(sent.txHash))?.nonce), sent.nonce);
  await anvil.mine();
  assert.equal((await one.refresh())[0]?.txHash, sent.txHash);
});

test("asking again for what the node dropped sends the same bytes at once", async () => {
  const { lane: one } = await lane();
  const sent = await send(one, "k");
  await rpc.send("anvil_dropTransaction", [sent.txHash]);
  await send(one, "k");
  assert.ok(await known(sent.txHash));
});

test("a node that is away loses nothing: the intent is stored, and a later life delivers it under its nonce", async () => {
  const { lane: one, store, wallet } = await lane(undefined, watched);
  watched.before = async (method) => {
    if (method === "eth_sendRawTransaction") throw new Error("connection refused");
  };
  await assert.rejects(send(one, "first"), /connection refused/);
  watched.before = async () => undefined;
  const { lane: later } = await lane(store, rpc, wallet);
  assert.equal((await send(later, "second")).nonce, 1);
  assert.equal((await send(later, "first")).nonce, 0);
  await anvil.mine();
  assert.equal((await later.refresh()).length, 2);
});

test("what is signed is what was asked for, replayable on no other chain", async () => {
  const { lane: one, store, wallet } = await lane();
  const sent = await one.send("k", "test", TO, "0xabcd", 77_777n);
  const [row] = await store.query<{ raw: string }>(`tx#${CHAIN_ID}#${wallet.address}`, { limit: 1 });
  const tx = Transaction.from(row?.value.raw as string);
  assert.deepEqual(
    [tx.to?.toLowerCase(), tx.data, tx.gasLimit, tx.chainId, tx.value, tx.nonce],
    [TO, "0xabcd", 77_777n, CHAIN_ID, 0n, 0],
  );
  assert.equal(sent.txHash, keccak256(row?.value.raw as string));
  assert.ok(!("raw" in sent), "signed bytes do not travel in a status");
});

test("killed anywhere and started again, every key ends as exactly one mined transaction", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 0, max: 6 }), { minLength: 1, maxLength: 8 }),
      async (deaths) => {
        const store = newStore();
        const wallet = await anvil.wallet();
        const keys = ["a", "b", "c"];
        for (const dieAt of [...deaths, Number.POSITIVE_INFINITY]) {
          let calls = 0;
          const dying = async (): Promise<void> => {
            if (calls++ === dieAt) throw new Error("killed");
          };
          // Dies before or after a write, before or after a request: each call is one more place to die.
          const mortal: Store = {
            get: (pk, sk) => store.get(pk, sk),
            query: (pk, range) => store.query(pk, range),
            async transact(writes) {
              await dying();
              await store.transact(writes);
              await dying();
            },
          };
          watched.before = async (method) => {
            if (method === "eth_sendRawTransaction") await dying();
          };
          const { lane: life } = await lane(mortal, watched, wallet);
          for (const key of keys) {
            const alive = await send(life, key).then(
              () => true,
              () => false,
            );
            if (!alive) break;
          }
        }
        watched.before = async () => undefined;
        await anvil.mine();
        const { lane: last } = await lane(store, rpc, wallet);
        const mined = await last.refresh();
        assert.deepEqual(
          mined.map((tx) => `${tx.key} ${tx.state} ${tx.nonce}`),
          keys.map((key, at) => `${key} mined ${at}`),
        );
        assert.equal(await minedCount(wallet.address), keys.length);
      },
    ),
    { numRuns: 25 },
  );
});

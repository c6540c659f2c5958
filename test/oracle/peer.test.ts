import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Rpc } from "../../src/adapters/evm/rpc.ts";
import { getJson, jsonServer, listen, postJson } from "../../src/adapters/http/json.ts";
import { gelatoTransport } from "../../src/adapters/oracle/gelato.ts";
import { announcePublisher, vendorPeer } from "../../src/adapters/oracle/vendor-peer.ts";
import type { ChainPort } from "../../src/ports/chain.ts";

const EVENT = { address: "0x00", topic: "0x01" };

/** A chain that has one log in each block. */
function fakeRpc() {
  const chain = { head: 5 };
  const send = async (method: string, params: unknown[]): Promise<unknown> => {
    if (method === "eth_blockNumber") return `0x${chain.head.toString(16)}`;
    const { fromBlock, toBlock } = params[0] as { fromBlock: string; toBlock: string };
    return Array.from({ length: Number(toBlock) - Number(fromBlock) + 1 }, (_, at) => Number(fromBlock) + at);
  };
  return { chain, rpc: { send } as unknown as Rpc };
}

describe("a vendor's local network", () => {
  it("acts on each event once, before the next block, and not twice for one instant", async () => {
    const { chain, rpc } = fakeRpc();
    const seen: unknown[][] = [];
    const peer = await vendorPeer(rpc, EVENT, async (logs) => void seen.push(logs));
    const url = `http://127.0.0.1:${await listen(peer.server, 0)}`;
    const tick = (nowMs: number) => postJson<{ nextMs: null }>(`${url}/tick`, { nowMs });
    assert.deepEqual(await tick(15_000), { nextMs: null });
    chain.head = 7;
    await tick(30_000);
    await tick(30_000);
    await tick(45_000);
    assert.deepEqual(seen, [[], [6, 7], []]);
    peer.server.close();
  });

  it("runs a tick again that failed, and refuses a body it does not know", async () => {
    const { rpc } = fakeRpc();
    let calls = 0;
    const peer = await vendorPeer(rpc, EVENT, async () => {
      calls += 1;
      if (calls === 1) throw new Error("once");
    });
    const url = `http://127.0.0.1:${await listen(peer.server, 0)}`;
    await assert.rejects(postJson(`${url}/tick`, { nowMs: 1 }), /once/);
    await postJson(`${url}/tick`, { nowMs: 1 });
    assert.equal(calls, 2);
    await assert.rejects(postJson(`${url}/tick`, { nowMs: 1, extra: true }), /not what this route takes/);
    await assert.rejects(postJson(`${url}/publisher`, { url: "no" }), /not what this route takes/);
    peer.server.close();
  });

  it("lets a tick wait for the one before it, as when an engine was killed inside it", async () => {
    const order: string[] = [];
    const peer = await vendorPeer(fakeRpc().rpc, EVENT, async () => {
      order.push("in");
      await new Promise((resolve) => setTimeout(resolve, 30));
      order.push("out");
    });
    const url = `http://127.0.0.1:${await listen(peer.server, 0)}`;
    await Promise.all([15_000, 15_000, 30_000].map((nowMs) => postJson(`${url}/tick`, { nowMs })));
    assert.deepEqual(order, ["in", "out", "in", "out"]);
    peer.server.close();
  });

  it("leads a script to the publisher wherever it lives after a restart", async () => {
    const peer = await vendorPeer(fakeRpc().rpc, EVENT, async () => undefined);
    const url = `http://127.0.0.1:${await listen(peer.server, 0)}`;
    assert.equal(peer.url(), url);
    await assert.rejects(getJson(`${url}/predictions/0x01`), /not announced itself/);
    for (const life of [1, 2]) {
      const publisher = jsonServer({
        "GET /predictions/": async ({ path }) => ({ life, path, sequence: 7n }),
      });
      await announcePublisher(url, `http://127.0.0.1:${await listen(publisher, 0)}`);
      const path = `/predictions/0x0${life}`;
      assert.deepEqual(await getJson(`${url}${path}`), { life, path, sequence: 7n });
      publisher.close();
      publisher.closeAllConnections();
    }
    peer.server.close();
  });

  it("keeps what it fetched ahead, and is loud when the publisher is away", async () => {
    const peer = await vendorPeer(fakeRpc().rpc, EVENT, async () => undefined);
    const url = `http://127.0.0.1:${await listen(peer.server, 0)}`;
    const publisher = jsonServer({ "GET /predictions/": async ({ path }) => ({ path }) });
    await announcePublisher(url, `http://127.0.0.1:${await listen(publisher, 0)}`);
    await peer.prefetch("0x0a");
    publisher.close();
    publisher.closeAllConnections();
    assert.deepEqual(await getJson(`${url}/predictions/0x0a`), { path: "/predictions/0x0a" });
    await assert.rejects(peer.prefetch("0x0b"), /did not answer/);
    peer.server.close();
  });
});

describe("the Gelato transport", () => {
  it("only registers: the event does the rest", async () => {
    const registered: string[] = [];
    const chain = { register: async ({ id }: { id: string }) => registered.push(id) } as unknown as ChainPort;
    const { summary } = await gelatoTransport(chain).submit({
      id: "0x12",
      prediction: {} as never,
      signature: "0x",
      reveal: {} as never,
    });
    assert.deepEqual(registered, ["0x12"]);
    assert.match(summary, /registered/);
  });
});

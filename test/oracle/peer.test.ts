import assert from "node:assert/strict";
import type { Server } from "node:http";
import { after, describe, it } from "node:test";
import type { Rpc } from "../../src/adapters/evm/rpc.ts";
import { getJson, jsonServer, listen, postJson } from "../../src/adapters/http/json.ts";
import { gelatoTransport } from "../../src/adapters/oracle/gelato.ts";
import { announcePublisher, vendorPeer } from "../../src/adapters/oracle/vendor-peer.ts";
import type { ChainPort } from "../../src/ports/chain.ts";

const servers: Server[] = [];
after(() => {
  for (const server of servers) {
    server.close();
    server.closeAllConnections();
  }
});
async function started(server: Server): Promise<string> {
  servers.push(server);
  return `http://127.0.0.1:${await listen(server, 0)}`;
}

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
    const url = await started(peer.server);
    const tick = (nowMs: number) => postJson<{ nextMs: null }>(`${url}/tick`, { nowMs });
    assert.deepEqual(await tick(15_000), { nextMs: null });
    chain.head = 7;
    await tick(30_000);
    await tick(30_000);
    await tick(45_000);
    assert.deepEqual(seen, [[], [6, 7], []]);
  });

  it("runs a tick again that failed, and refuses a body it does not know", async () => {
    const { rpc } = fakeRpc();
    let calls = 0;
    const peer = await vendorPeer(rpc, EVENT, async () => {
      calls += 1;
      if (calls === 1) throw new Error("once");
    });
    const url = await started(peer.server);
    await assert.rejects(postJson(`${url}/tick`, { nowMs: 1 }), /once/);
    await postJson(`${url}/tick`, { nowMs: 1 });
    assert.equal(calls, 2);
    await assert.rejects(
      postJson(`${url}/tick`, { nowMs: 1, extra: true }),
      /tick: Unrecognized key: "extra"/,
    );
    for (const nowMs of [-1, 1.5, "2", null])
      await assert.rejects(postJson(`${url}/tick`, { nowMs }), /^Refused: tick: nowMs: /);
    await assert.rejects(postJson(`${url}/publisher`, { url: "no" }), /publisher: url: Invalid URL/);
    assert.equal(calls, 2, "nothing is done about a body that was refused");
  });

  it("lets a tick wait for the one before it, as when an engine was killed inside it", async () => {
    const order: string[] = [];
    const peer = await vendorPeer(fakeRpc().rpc, EVENT, async () => {
      order.push("in");
      await new Promise((resolve) => setTimeout(resolve, 30));
      order.push("out");
    });
    const url = await started(peer.server);
    await Promise.all([15_000, 15_000, 30_000].map((nowMs) => postJson(`${url}/tick`, { nowMs })));
    assert.deepEqual(order, ["in", "out", "in", "out"]);
  });

  it("leads a script to the publisher wherever it lives after a restart", async () => {
    const peer = await vendorPeer(fakeRpc().rpc, EVENT, async () => undefined);
    const url = await started(peer.server);
    assert.equal(peer.url(), url);
    await assert.rejects(getJson(`${url}/predictions/0x01`), /not announced itself/);
    for (const life of [1, 2]) {
      const publisher = jsonServer({
        "GET /predictions/": async ({ path }) => ({ life, path, sequence: 7n }),
      });
      await announcePublisher(url, await started(publisher));
      const path = `/predictions/0x0${life}`;
      assert.deepEqual(await getJson(`${url}${path}`), { life, path, sequence: 7n });
      publisher.close();
      publisher.closeAllConnections();
    }
  });

  it("keeps what it fetched ahead, and is loud when the publisher is away", async () => {
    const peer = await vendorPeer(fakeRpc().rpc, EVENT, async () => undefined);
    const url = await started(peer.server);
    const publisher = jsonServer({ "GET /predictions/": async ({ path }) => ({ path }) });
    await announcePublisher(url, await started(publisher));
    await peer.prefetch("0x0a");
    publisher.close();
    publisher.closeAllConnections();
    assert.deepEqual(await getJson(`${url}/predictions/0x0a`), { path: "/predictions/0x0a" });
    await assert.rejects(peer.prefetch("0x0b"), /did not answer/);
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

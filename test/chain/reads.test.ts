import assert from "node:assert/strict";
import { test } from "node:test";
import { hexlify, keccak256, toBeHex, toUtf8Bytes } from "ethers";
import fc from "fast-check";
import { feedAbi } from "../../src/adapters/evm/abi.ts";
import { mayContain } from "../../src/adapters/evm/bloom.ts";
import { bracketingRound } from "../../src/adapters/evm/feed.ts";
import type { Rpc } from "../../src/adapters/evm/rpc.ts";
import type { BlockRef } from "../../src/ports/chain.ts";
import { REVERT_CODE, startAnvil } from "./anvil.ts";

const anvil = await startAnvil();
const { rpc } = anvil;

test("whatever eth_getLogs finds in a block is in its bloom, address and topics alike", async () => {
  const word = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => hexlify(bytes));
  const log = fc.record({
    emitter: fc.integer({ min: 1, max: 40 }),
    topics: fc.array(word, { minLength: 3, maxLength: 3 }),
  });
  let logs = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(log, { maxLength: 12 }), async (wanted) => {
      for (const { emitter, topics } of wanted)
        await anvil.emit(await anvil.emitter(toBeHex(emitter * 7_919, 20)), topics);
      await anvil.mine();
      const block = (await rpc.block("latest")) as BlockRef;
      const found = await rpc.send<{ address: string; topics: string[] }[]>("eth_getLogs", [
        { blockHash: block.hash },
      ]);
      assert.equal(found.length, wanted.length);
      for (const { address, topics } of found)
        for (const value of [address, ...topics]) assert.ok(mayContain(block.logsBloom, value), value);
      logs += found.length;
    }),
    { numRuns: 15 },
  );
  assert.ok(logs > 20);
});

test("an empty bloom contains nothing, and one log leaves most other addresses out", async () => {
  await anvil.mine();
  const empty = (await rpc.block("latest")) as BlockRef;
  const others = Array.from({ length: 200 }, (_, at) => keccak256(toUtf8Bytes(String(at))).slice(0, 42));
  assert.ok(others.every((address) => !mayContain(empty.logsBloom, address)));
  await anvil.emit(
    await anvil.emitter(`0x${"44".repeat(20)}`),
    [1, 2, 3].map((value) => toBeHex(value, 32)),
  );
  await anvil.mine();
  const one = (await rpc.block("latest")) as BlockRef;
  assert.ok(others.filter((address) => mayContain(one.logsBloom, address)).length < 5);
});

test("a block that does not exist is undefined, and a block's hash and parent link up", async () => {
  const head = (await rpc.block("latest")) as BlockRef;
  assert.equal(await rpc.block(head.number + 1), undefined);
  assert.equal((await rpc.block(head.number - 1))?.hash, head.parentHash);
});

/** A feed that is read by calls only: rounds of one phase, ascending in time, several in one second allowed. */
function feedOf(times: readonly bigint[], firstRound: bigint) {
  const latest = firstRound + BigInt(times.length) - 1n;
  let calls = 0;
  const call = async (_to: string, _abi: unknown, method: string, args: readonly bigint[]) => {
    calls += 1;
    const round = method === "latestRoundData" ? latest : (args[0] as bigint);
    assert.ok(round >= firstRound && round <= latest, `round ${round} does not exist`);
    const time = times[Number(round - firstRound)] as bigint;
    return [round, 1n, time, time, round];
  };
  return { rpc: { call } as unknown as Rpc, calls: () => calls };
}

test("the bracketing round is the last one at or before a time, found without asking for all of them", async () => {
  const gaps = fc.array(fc.integer({ min: 0, max: 90 }), { minLength: 1, maxLength: 400 });
  await fc.assert(
    fc.asyncProperty(
      gaps,
      fc.constantFrom(0n, 1n, 7n),
      fc.integer({ min: -50, max: 40_000 }),
      async (steps, phase, offset) => {
        let now = 1_000n;
        const times = steps.map((step) => (now += BigInt(step)));
        const time = 1_000n + BigInt(offset);
        const firstRound = (phase << 64n) + 1n;
        const { rpc: feed, calls } = feedOf(times, firstRound);
        const expected = times.findLastIndex((at) => at <= time);
        assert.equal(
          await bracketingRound(feed, "0x", time),
          expected < 0 ? 0n : firstRound + BigInt(expected),
        );
        assert.ok(calls() <= 30, `${calls()} calls for ${times.length} rounds`);
      },
    ),
    { numRuns: 300 },
  );
});

test("a feed that reverts has no round yet; a node that does not answer is an error, never an absence", async () => {
  const feed = `0x${"55".repeat(20)}`;
  await rpc.send("anvil_setCode", [feed, REVERT_CODE]);
  assert.equal(await bracketingRound(rpc, feed, 1_000n), 0n);
  const away = { call: async () => assert.fail("connection refused") } as unknown as Rpc;
  await assert.rejects(bracketingRound(away, feed, 1_000n), /connection refused/);
  assert.ok(feedAbi.hasFunction("latestRoundData"));
});

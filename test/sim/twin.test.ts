import assert from "node:assert/strict";
import { test } from "node:test";
import { World } from "../../sim/harness.ts";

const RUN = { seed: 11, predictions: 2 };

test("a twin engine on the same store is refused in one sentence and does no harm", {
  timeout: 120_000,
}, async () => {
  const world = new World(RUN);
  try {
    const first = world.start();
    await untilTrading(first.child);
    const twin = await world.life();
    assert.equal(twin.code, 1);
    assert.match(twin.output, /another engine \(process \d+\) is running on this store/);
    const life = await first.ended;
    assert.equal(life.code, 0, life.output.slice(-500));
    assert.doesNotMatch(life.output, /INVARIANT/);
  } finally {
    await world.end();
  }
});

test("a twin that takes the store over makes the first engine stop, and the run ends the same", {
  timeout: 180_000,
}, async () => {
  const calm = new World(RUN);
  await calm.life();
  const wanted = calm.report()?.digest;
  await calm.end();
  const world = new World(RUN);
  try {
    const first = world.start();
    await untilTrading(first.child);
    const second = world.start({ forceLease: true });
    const [old, taken] = await Promise.all([first.ended, second.ended]);
    assert.match(old.output, /another engine has taken over this store/);
    assert.equal(taken.code, 0, taken.output.slice(-800));
    assert.doesNotMatch(taken.output, /INVARIANT/);
    assert.equal(world.report()?.digest, wanted);
  } finally {
    await world.end();
  }
});

function untilTrading(child: import("node:child_process").ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.stdout?.on("data", (chunk: Buffer) => {
      if (/execute .*entry FILLED/.test(chunk.toString())) resolve();
    });
    child.on("close", () => resolve());
  });
}

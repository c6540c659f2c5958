import assert from "node:assert/strict";
import { it } from "node:test";
import { z } from "zod";
import { handle } from "../../src/adapters/lambda/handle.ts";
import { onColdStart, runtimeDeps, setRuntime } from "../../src/adapters/lambda/runtime.ts";
import { type Deps, done } from "../../src/stations/station.ts";

const deps = { name: "wired" } as unknown as Deps;

it("a process wires once, and again only after a wiring that failed", async () => {
  let wirings = 0;
  onColdStart(async () => {
    wirings += 1;
    if (wirings === 1) throw new Error("not yet");
    return deps;
  });
  await assert.rejects(runtimeDeps(), /not yet/);
  assert.equal(await runtimeDeps(), deps);
  assert.equal(await runtimeDeps(), deps);
  assert.equal(wirings, 2);
});

it("a handler reads bigints from plain JSON and from the embedded queue alike", async () => {
  setRuntime(deps);
  const handler = handle("distribute", z.strictObject({ epoch: z.bigint() }), async (given, { epoch }) => {
    assert.equal(given, deps);
    return done(`epoch ${epoch}`);
  });
  assert.deepEqual(await handler({ epoch: { $n: "12" } }), done("epoch 12"));
  assert.deepEqual(await handler({ epoch: 12n }), done("epoch 12"));
});

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";

describe("a stream", () => {
  it("allocates nothing per bar: no collection with a megabyte of young memory", () => {
    // With a megabyte of young memory, a single number boxed per bar would be collected several times.
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ["--max-semi-space-size=1", fileURLToPath(new URL("./stream-for-long.ts", import.meta.url))],
      { encoding: "utf8" },
    );
    assert.equal(status, 0, stderr);
    assert.deepEqual(JSON.parse(stdout), { bars: 100_000, collections: 0 });
  });
});

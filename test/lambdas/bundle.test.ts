import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { it } from "node:test";
import { EXAMPLE_SLOTS } from "../../src/adapters/lambda/example.ts";

const DIST = join(import.meta.dirname, "../../dist");
const skip = existsSync(join(DIST, "predict.cjs")) ? false : "there is no dist/; npm run package makes it";
const MAX_BUNDLE_BYTES = 5_000_000;

it("the bundle of predict runs in a fresh process, away from the project and its node_modules", {
  skip,
}, () => {
  const away = mkdtempSync(join(tmpdir(), "saksi-bundle-"));
  for (const part of ["predict.cjs", "models", "wasm"])
    cpSync(join(DIST, part), join(away, part), { recursive: true });
  const script = `require("./predict.cjs").handler({ cutoffMs: ${EXAMPLE_SLOTS.predict} }).then((outcome) => console.log(JSON.stringify(outcome)))`;
  const { status, stdout, stderr } = spawnSync(process.execPath, ["-e", script], {
    cwd: away,
    encoding: "utf8",
    env: {},
  });
  rmSync(away, { recursive: true });
  assert.equal(status, 0, stderr);
  assert.match(stdout, /^\{"status":"done","text":"P\(up\) /);
});

it("the bundle of predict stays small", { skip }, () =>
  assert.ok(statSync(join(DIST, "predict.cjs")).size < MAX_BUNDLE_BYTES),
);

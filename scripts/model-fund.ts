/**
 * `npm run model:fund -- --histories 10000 [--seed 7]`: the contracts of the fund and their model through many random
 * histories. A failing one is shortened and printed with the command (`--path`, `--only`) that repeats it.
 */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { parseArgs } from "node:util";

const ROOT = join(import.meta.dirname, "..");
const { histories, seed, path, only } = parseArgs({
  options: {
    histories: { type: "string", default: "1000" },
    seed: { type: "string", default: "7" },
    path: { type: "string" },
    only: { type: "string" },
  },
}).values;
const bad =
  (!/^[1-9]\d{0,6}$/.test(histories) && "--histories is a number from 1") ||
  (!/^\d{1,9}$/.test(seed) && "--seed is a number from 0") ||
  (path !== undefined && !/^\d+(:\d+)*$/.test(path) && "--path is the numbers that a failure printed") ||
  (only !== undefined && !/^(any|flat)$/.test(only) && "--only is any or flat");
if (bad) {
  console.error(`model:fund: ${bad}`);
  process.exit(2);
}
const env: NodeJS.ProcessEnv = { ...process.env, MODEL_HISTORIES: histories, MODEL_SEED: seed };
if (path !== undefined) env.MODEL_PATH = path;
if (only !== undefined) env.MODEL_ONLY = only;
const { status } = spawnSync(
  process.execPath,
  [join(ROOT, "node_modules/hardhat/dist/src/cli.js"), "test", "mocha", "test/contracts/fund-model.test.ts"],
  { cwd: ROOT, stdio: "inherit", env },
);
process.exitCode = status ?? 1;

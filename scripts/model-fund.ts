/** `npm run model:fund -- --histories 10000 [--seed 7]`: the contracts of the fund and their model through many random histories. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { parseArgs } from "node:util";

const ROOT = join(import.meta.dirname, "..");
const { histories, seed } = parseArgs({
  options: { histories: { type: "string", default: "1000" }, seed: { type: "string", default: "7" } },
}).values;
if (!/^[1-9]\d{0,6}$/.test(histories) || !/^\d{1,9}$/.test(seed)) {
  console.error("model:fund: --histories is a number from 1, --seed one from 0");
  process.exit(2);
}
const { status } = spawnSync(
  process.execPath,
  [join(ROOT, "node_modules/hardhat/dist/src/cli.js"), "test", "mocha", "test/contracts/fund-model.test.ts"],
  { cwd: ROOT, stdio: "inherit", env: { ...process.env, MODEL_HISTORIES: histories, MODEL_SEED: seed } },
);
process.exitCode = status ?? 1;

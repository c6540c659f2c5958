/** `npm test`: every fast test, in one node:test run. Folders with long campaigns have scripts of their own. */
import { spawnSync } from "node:child_process";
import { globSync } from "node:fs";

const SLOW = ["test/contracts/", "test/sim/"];
const files = globSync("test/**/*.test.ts")
  .filter((file) => !SLOW.some((folder) => file.startsWith(folder)))
  .sort();
const { status } = spawnSync(
  process.execPath,
  ["--test", "--test-concurrency=2", ...process.argv.slice(2), ...files],
  { stdio: "inherit" },
);
process.exitCode = status ?? 1;

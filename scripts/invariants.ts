/**
 * `npm run invariants -- --runs 1000 --depth 200 [--seed 0x…] [--slice 50] [--grep pattern]`: the deep campaign of the
 * contracts' invariants, in slices of runs with a seed each, so that it shows progress and a failure names the seed that
 * repeats it. Exits with 1 at the first failure.
 */
import { spawnSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { globSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";

const ROOT = join(import.meta.dirname, "..");
const HARDHAT = join(ROOT, "node_modules/hardhat/dist/src/cli.js");
const SLICE_MS = 4 * 3_600_000;
const MAX_RUNS = 1_000_000;

const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "1000" },
    depth: { type: "string", default: "200" },
    slice: { type: "string", default: "50" },
    seed: { type: "string", default: `0x${randomBytes(8).toString("hex")}` },
    grep: { type: "string", default: "invariant_" },
  },
});
const runs = count("runs", values.runs);
const depth = count("depth", values.depth);
const slice = Math.min(count("slice", values.slice), runs);
if (!/^0x[0-9a-f]{1,64}$/i.test(values.seed))
  fail(`--seed ${values.seed} is not a hexadecimal number such as 0x5a4b`);

const tests = globSync("test/contracts/invariants/*.t.sol", { cwd: ROOT }).sort();
const slices = Math.ceil(runs / slice);
// suites are linked with the artifacts of the deployed libraries, which a test alone does not build
const build = spawnSync(process.execPath, [HARDHAT, "build"], {
  cwd: ROOT,
  encoding: "utf8",
  timeout: SLICE_MS,
});
if (build.status !== 0) fail(`the contracts do not build: ${build.stdout}${build.stderr}`);
console.log(
  `${runs} runs of ${depth} acts for each invariant in ${tests.length} suites, seed ${values.seed}`,
);
for (let n = 0; n < slices; n += 1) {
  const size = Math.min(slice, runs - n * slice);
  // the first slice has the seed as given, so that the seed of a failed slice repeats it
  const seed =
    n === 0 ? values.seed : `0x${createHash("sha256").update(`${values.seed}:${n}`).digest("hex")}`;
  const started = performance.now();
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [HARDHAT, "test", "solidity", ...tests, "--grep", values.grep],
    {
      cwd: ROOT,
      encoding: "utf8",
      timeout: SLICE_MS,
      maxBuffer: 64 * 1024 * 1024,
      env: {
        ...process.env,
        INVARIANT_RUNS: String(size),
        INVARIANT_DEPTH: String(depth),
        INVARIANT_SEED: seed,
      },
    },
  );
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  const passing = /(\d+) passing/.exec(stdout)?.[1] ?? "0";
  if (status !== 0) {
    console.log(`${stdout}${stderr}`);
    console.log(`slice ${n + 1} of ${slices} failed; repeat it with`);
    console.log(`npm run invariants -- --runs ${size} --depth ${depth} --slice ${size} --seed ${seed}`);
    process.exit(1);
  }
  console.log(
    `slice ${n + 1} of ${slices}: ${passing} invariants hold over ${size} runs, ${seconds} s, seed ${seed}`,
  );
}

function count(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > MAX_RUNS)
    fail(`--${name} ${text} is not a whole number from 1 to ${MAX_RUNS}`);
  return value;
}

function fail(message: string): never {
  console.error(`invariants: ${message}.`);
  process.exit(2);
}

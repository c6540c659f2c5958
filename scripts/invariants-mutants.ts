/**
 * `npm run invariants:mutants [-- --only D1,R2]`: shows that the invariants can fail. Every mutant of
 * test/contracts/invariants/mutants*.ts is made in a copy of the tree, where the invariant it names must fail; the tree
 * as it is must pass all of them (not asked with --only). Exits with 1 if a mutant lives or the tree fails.
 */
import { spawnSync } from "node:child_process";
import { cpSync, globSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Mutant } from "../test/contracts/invariants/mutants.ts";

const ROOT = join(import.meta.dirname, "..");
const RUN_MS = 1_200_000;
const COPIED = [
  "contracts",
  "hardhat.config.ts",
  "package.json",
  "test/contracts/invariants",
  "tsconfig.json",
];

/** Deployed libraries: the runner links a suite with their artifacts, which a test alone does not build. */
const LINKED = ["contracts/libraries/RedeemLib.sol", "contracts/libraries/SettlementLib.sol"];

const { only } = parseArgs({ options: { only: { type: "string" } } }).values;
const wanted = only?.split(",");
const MUTANTS: Mutant[] = [];
for (const file of globSync("test/contracts/invariants/mutants*.ts", { cwd: ROOT }).sort())
  MUTANTS.push(...Object.values<Mutant[]>(await import(join(ROOT, file))).flat());
const unknown = wanted?.filter((id) => !MUTANTS.some((mutant) => mutant.id === id)) ?? [];
if (unknown.length > 0) {
  console.error(
    `invariants: no mutant is called ${unknown.join(", ")}; see test/contracts/invariants/mutants*.ts.`,
  );
  process.exit(2);
}
const mutants = MUTANTS.filter(({ id }) => wanted === undefined || wanted.includes(id));
const copy = mkdtempSync(join(tmpdir(), "saksi-mutants-"));
try {
  for (const name of COPIED) cpSync(join(ROOT, name), join(copy, name), { recursive: true });
  symlinkSync(join(ROOT, "node_modules"), join(copy, "node_modules"));
  // each mutant is compiled anew: that takes half the time without the optimizer, which changes no behaviour
  const config = readFileSync(join(copy, "hardhat.config.ts"), "utf8");
  writeFileSync(
    join(copy, "hardhat.config.ts"),
    config.replace("optimizer: { enabled: true", "optimizer: { enabled: false"),
  );
  let bad = 0;
  if (wanted === undefined)
    for (const test of new Set(mutants.map((mutant) => mutant.test))) if (!passes(test)) bad += 1;
  for (const mutant of mutants) if (!dies(mutant)) bad += 1;
  console.log(`${mutants.length} mutants, ${bad === 0 ? "every one found" : `${bad} failures`}`);
  process.exitCode = bad === 0 ? 0 : 1;
} finally {
  rmSync(copy, { recursive: true });
}

/** The suite as it is, without any change. */
function passes(test: string): boolean {
  const { ok, output } = run(test, "invariant_");
  console.log(`${ok ? "ok  " : "FAIL"} ${test} as it is`);
  if (!ok) console.log(output);
  return ok;
}

function dies(mutant: Mutant): boolean {
  const path = join(copy, mutant.file);
  const source = readFileSync(path, "utf8");
  if (source.split(mutant.before).length !== 2) {
    console.log(`FAIL ${mutant.id}: its text does not occur exactly once in ${mutant.file}`);
    return false;
  }
  writeFileSync(
    path,
    source.replace(mutant.before, () => mutant.after),
  );
  const started = performance.now();
  const { output } = run(mutant.test, mutant.invariant);
  writeFileSync(path, source);
  const found = new RegExp(`\\d\\) ${mutant.invariant}\\(\\)`).test(output);
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  const why = /Broken\("([^"]*)"\)/.exec(output)?.[1] ?? "";
  console.log(
    found
      ? `dead ${mutant.id}: ${mutant.what} → ${mutant.invariant}: ${why} (${seconds} s)`
      : `LIVES ${mutant.id}: ${mutant.what}; ${mutant.invariant} did not fail\n${output.slice(-2_000)}`,
  );
  return found;
}

function run(test: string, pattern: string): { ok: boolean; output: string } {
  const built = hardhat("build", ...LINKED);
  return built.ok ? hardhat("test", "solidity", test, "--grep", pattern) : built;
}

function hardhat(...args: string[]): { ok: boolean; output: string } {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(ROOT, "node_modules/hardhat/dist/src/cli.js"), ...args],
    {
      cwd: copy,
      encoding: "utf8",
      timeout: RUN_MS,
      maxBuffer: 64 * 1024 * 1024,
      env: { ...process.env, INVARIANT_SHRINKS: "0" },
    },
  );
  return { ok: status === 0, output: `${stdout}${stderr}` };
}

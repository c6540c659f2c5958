/** `npm run gas`: runs the gas suite and prints what each step costs against its target; `--json` prints {step: gas} only. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { GAS_TARGETS } from "../test/contracts/support/gas-targets.ts";

const RUN_MS = 300_000;
const ROOT = join(import.meta.dirname, "..");
const { json } = parseArgs({ options: { json: { type: "boolean", default: false } } }).values;

const folder = mkdtempSync(join(tmpdir(), "saksi-gas-"));
const report = join(folder, "gas.json");
const { status } = spawnSync(
  process.execPath,
  [join(ROOT, "node_modules/hardhat/dist/src/cli.js"), "test", "mocha", "test/contracts/gas.test.ts"],
  // the suite's own words go to stderr, so that stdout is the answer alone
  { cwd: ROOT, stdio: ["ignore", 2, 2], env: { ...process.env, GAS_REPORT: report }, timeout: RUN_MS },
);
process.exitCode = status ?? 1;
if (existsSync(report)) print(JSON.parse(readFileSync(report, "utf8")) as Record<string, number>);
else console.error("gas: the suite ended before it had measured; its words are above");
rmSync(folder, { recursive: true });

function print(measured: Record<string, number>): void {
  if (json) {
    console.log(JSON.stringify(measured, null, 2));
    return;
  }
  console.log(`${"transaction".padEnd(38)}${"gas".padStart(9)}${"target".padStart(9)}${"ratio".padStart(7)}`);
  for (const [name, gas] of Object.entries(measured)) {
    const target = GAS_TARGETS[name]?.target;
    const ratio = target === undefined ? "-" : (gas / target).toFixed(2);
    console.log(
      name.padEnd(38) +
        String(gas).padStart(9) +
        String(target ?? "-").padStart(9) +
        ratio.padStart(7) +
        (target !== undefined && gas > target ? "  above" : ""),
    );
  }
}

/**
 * `npm run mutate`: changes the contracts in many small ways and counts how many of the changes a test notices. What is
 * changed, how it is judged and what survived is in docs/mutation.md.
 *
 *   --per-contract N   mutants of each file (default 7)      --only TEXT       files whose path holds the text
 *   --max N            mutants in all                        --operator NAME   this operator alone
 *   --seed TEXT        another draw                          --resume          keep earlier results
 *   --again            with --resume: judge what survived again               --check FLOOR  exit 1 below this score
 */

import { join } from "node:path";
import { parseArgs } from "node:util";
import { campaign } from "./mutation/campaign.ts";
import { OPERATORS } from "./mutation/operators.ts";
import { scoreOf } from "./mutation/report.ts";

const ROOT = join(import.meta.dirname, "..");
const { values } = parseArgs({
  options: {
    "per-contract": { type: "string", default: "7" },
    max: { type: "string", default: "100000" },
    seed: { type: "string", default: "saksi" },
    only: { type: "string", default: "" },
    operator: { type: "string" },
    resume: { type: "boolean", default: false },
    again: { type: "boolean", default: false },
    check: { type: "string" },
  },
});
const count = (option: "per-contract" | "max"): number => {
  const value = Number(values[option]);
  if (!Number.isInteger(value) || value < 1)
    throw new Error(`mutate: --${option} needs a whole number from 1, not "${values[option]}"`);
  return value;
};
const operator = OPERATORS.find((name) => name === values.operator);
if (values.operator !== undefined && operator === undefined)
  throw new Error(`mutate: --operator is one of ${OPERATORS.join(", ")}, not "${values.operator}"`);
const results = await campaign({
  root: ROOT,
  stateDir: join(ROOT, ".saksi/mutation"),
  perFile: count("per-contract"),
  max: count("max"),
  seed: values.seed,
  only: values.only,
  operator,
  resume: values.resume,
  again: values.again,
  say: console.log,
});
if (values.check !== undefined && scoreOf(results) < Number(values.check)) {
  console.error(`mutate: the score is below ${values.check} %`);
  process.exitCode = 1;
}

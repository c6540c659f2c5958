/** `npm run bench:engine [-- --only NAME] [--json]`: speed of the engine's libraries. */
import { cpus, loadavg } from "node:os";
import { parseArgs } from "node:util";
import { benchIndicators, printIndicators } from "./indicators.ts";

const BENCHES = {
  indicators: { run: benchIndicators, print: printIndicators },
} as const;
type Name = keyof typeof BENCHES;

const { values } = parseArgs({
  options: { only: { type: "string" }, json: { type: "boolean", default: false } },
});
const names = Object.keys(BENCHES) as Name[];
const chosen = values.only === undefined ? names : names.filter((name) => name === values.only);
if (chosen.length === 0) {
  process.stderr.write(`there is no bench "${values.only}"; there are ${names.join(", ")}\n`);
  process.exit(2);
}
const machine = {
  cpu: `${cpus().length} × ${cpus()[0]?.model}`,
  node: process.version,
  load: loadavg().map((load) => Math.round(10 * load) / 10),
};
const results: Record<string, unknown> = { machine };
if (!values.json)
  process.stdout.write(`Node ${machine.node}, ${machine.cpu}, load ${machine.load.join(" ")}\n`);
for (const name of chosen) {
  const result = await BENCHES[name].run();
  results[name] = result;
  if (!values.json) process.stdout.write(BENCHES[name].print(result));
}
if (values.json) process.stdout.write(`${JSON.stringify(results, null, 2)}\n`);

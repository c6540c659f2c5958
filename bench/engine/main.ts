/** `npm run bench:engine [-- --only NAME] [--json]`: speed of the engine's libraries. */
import { cpus, loadavg } from "node:os";
import { parseArgs } from "node:util";
import { benchBacktest, printBacktest } from "./backtest.ts";
import { benchIndicators, printIndicators } from "./indicators.ts";

/** @returns what it measured, and the same as text. */
function bench<T>(run: () => T | Promise<T>, print: (result: T) => string) {
  return async () => {
    const result = await run();
    return { result, text: print(result) };
  };
}

const BENCHES = {
  indicators: bench(benchIndicators, printIndicators),
  backtest: bench(benchBacktest, printBacktest),
};
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
  const { result, text } = await BENCHES[name]();
  results[name] = result;
  if (!values.json) process.stdout.write(text);
}
if (values.json) process.stdout.write(`${JSON.stringify(results, null, 2)}\n`);

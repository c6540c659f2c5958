/** `saksi invoke`: one Lambda, one event, one outcome. */
import { existsSync, readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { onColdStart } from "../adapters/lambda/runtime.ts";
import { wireFor } from "../adapters/local/cold-start.ts";
import { loadHandler } from "../adapters/local/runner.ts";
import { readWiring, type WiringSettings } from "../config/wiring.ts";
import { decodeJson } from "../domain/json.ts";
import { UsageError } from "../errors/errors.ts";
import { STATIONS, type StationName } from "../stations/station.ts";

export const INVOKE_HELP = `saksi invoke <lambda> <event.json>: run one Lambda on an event and print the outcome.

  --store DIR   the store of a run that is not running now (default: SAKSI_STORE, else a made-up slot in memory)

Lambdas: ${STATIONS.join(", ")}. Examples of events lie in events/.
`;

type InvokeOptions = { station: StationName; event: unknown; wiring: WiringSettings };

/** Prints the outcome as one line of JSON. @returns the exit code. */
export async function invoke(args: string[]): Promise<number> {
  const options = parseInvoke(args);
  if (options === "help") {
    process.stdout.write(INVOKE_HELP);
    return 0;
  }
  const handler = await loadHandler(options.station);
  onColdStart(() => wireFor(options.wiring));
  const outcome = await handler(options.event);
  process.stdout.write(`${JSON.stringify(outcome)}\n`);
  return 0;
}

export function parseInvoke(args: string[]): InvokeOptions | "help" {
  const { values, positionals } = readArgs(args);
  if (values.help) return "help";
  const [name, file, surplus] = positionals;
  if (name === undefined || file === undefined || surplus !== undefined)
    throw new UsageError(
      "invoke.arguments",
      "saksi invoke takes the name of a Lambda and a file with its event",
    );
  const station = STATIONS.find((known) => known === name);
  if (!station)
    throw new UsageError("invoke.lambda", `there is no Lambda "${name}"; there are ${STATIONS.join(", ")}`);
  return {
    station,
    event: readEvent(file),
    wiring: readWiring(values.store ? { SAKSI_STORE: values.store } : process.env),
  };
}

function readArgs(args: string[]) {
  try {
    const options = { store: { type: "string" }, help: { type: "boolean", default: false } } as const;
    return parseArgs({ args, strict: true, allowPositionals: true, options });
  } catch (error) {
    throw new UsageError(
      "option.unknown",
      `${(error as Error).message.split(".")[0]}; saksi invoke --help lists the options`,
    );
  }
}

function readEvent(file: string): unknown {
  if (!existsSync(file)) throw new UsageError("invoke.event", `there is no file ${file}`);
  try {
    return decodeJson(readFileSync(file, "utf8"));
  } catch (error) {
    throw new UsageError("invoke.event", `${file} is not JSON: ${(error as Error).message}`);
  }
}

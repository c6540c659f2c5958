/** How a process that was started for one event is wired, from its environment. */
import { resolve } from "node:path";
import { UsageError } from "../errors/errors.ts";

/** A store directory of a run, or nothing: then a made-up slot in memory. */
export type WiringSettings = { store: string | undefined };

/** @throws UsageError when the environment asks for what this version cannot do. */
export function readWiring(env: NodeJS.ProcessEnv = process.env): WiringSettings {
  const wiring = env["SAKSI_WIRING"] ?? "embedded";
  if (wiring !== "embedded")
    throw new UsageError("wiring.unknown", `SAKSI_WIRING is embedded, not "${wiring}"`);
  // The service sets this in its own machines only; a local invocation does not have it.
  if (env["AWS_EXECUTION_ENV"])
    throw new UsageError(
      "wiring.notHere",
      "the embedded wiring keeps its store on one machine and does not run in AWS Lambda",
    );
  const store = env["SAKSI_STORE"];
  return { store: store ? resolve(store) : undefined };
}

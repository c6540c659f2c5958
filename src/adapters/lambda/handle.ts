/** What every Lambda does: parse the event, take the wired dependencies, call the station, reply in plain JSON. */
import type { z } from "zod";
import { decodeJson, encodeJson } from "../../domain/json.ts";
import { parseInput } from "../../domain/schemas.ts";
import type { Deps, Outcome } from "../../stations/station.ts";
import { runtimeDeps } from "./runtime.ts";

export type LambdaHandler = (event: unknown) => Promise<Outcome>;

/** Event sources speak plain JSON, in which a bigint is `{"$n":"…"}`. */
const withBigints = (event: unknown): unknown =>
  event === undefined ? undefined : decodeJson(encodeJson(event));

/** @throws UsageError naming the station and the field when the event is not what the schema says. */
export function handle<Event>(
  station: string,
  schema: z.ZodType<Event>,
  run: (deps: Deps, event: Event) => Promise<Outcome>,
): LambdaHandler {
  return async (event) => {
    const parsed = parseInput(schema, withBigints(event), `${station} event`);
    return run(await runtimeDeps(), parsed);
  };
}

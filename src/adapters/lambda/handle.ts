/** What every Lambda does: parse the event, take the wired dependencies, call the station, reply in plain JSON. */
import type { z } from "zod";
import { UsageError } from "../../errors/errors.ts";
import type { Deps, Outcome } from "../../stations/station.ts";
import { runtimeDeps } from "./runtime.ts";

export type LambdaHandler = (event: unknown) => Promise<Outcome>;

/** @throws UsageError naming the station and the field when the event is not what the schema says. */
export function handle<Event>(station: string, schema: z.ZodType<Event>, run: (deps: Deps, event: Event) => Promise<Outcome>): LambdaHandler {
  return async (event) => {
    const parsed = schema.safeParse(event);
    if (!parsed.success) {
      const issue = parsed.error.issues[0];
      throw new UsageError("event.invalid", `${station}: event field ${issue?.path.join(".") || "(root)"}: ${issue?.message ?? "is invalid"}`);
    }
    return run(await runtimeDeps(), parsed.data);
  };
}

/** Station 8. Orders, each exactly once: entry after approval, exit at the horizon, the stop or the target. */
import type { Deps, Outcome } from "../station.ts";
import { enter } from "./entry.ts";
import { type ExitReason, exit } from "./exit.ts";

export type ExecuteEvent = { id: string; leg: "entry" } | { id: string; leg: "exit"; reason: ExitReason };

export const execute = (deps: Deps, event: ExecuteEvent): Promise<Outcome> =>
  event.leg === "entry" ? enter(deps, event.id) : exit(deps, event.id, event.reason);

/** The dependencies of this process: set by the embedded host, or wired from the environment at a cold start. */
import type { Deps } from "../../stations/station.ts";

let wired: Promise<Deps> | undefined;
let wireColdStart: (() => Promise<Deps>) | undefined;

export function setRuntime(deps: Deps): void {
  wired = Promise.resolve(deps);
}

/** How a process that was started for one event builds its dependencies. */
export function onColdStart(wire: () => Promise<Deps>): void {
  wireColdStart = wire;
}

export async function runtimeDeps(): Promise<Deps> {
  if (!wired) {
    const wire = wireColdStart ?? (await import("../local/cold-start.ts")).wireFromEnvironment;
    wired = wire() as Promise<Deps>;
  }
  return wired as Promise<Deps>;
}

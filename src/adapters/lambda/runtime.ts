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

/** Wires once; a wiring that failed is tried again by the next event. */
export function runtimeDeps(): Promise<Deps> {
  wired ??= coldStart().catch((error: unknown) => {
    wired = undefined;
    throw error;
  });
  return wired;
}

async function coldStart(): Promise<Deps> {
  if (wireColdStart) return wireColdStart();
  const { wireFromEnvironment } = await import("../local/cold-start.ts");
  return wireFromEnvironment();
}

/**
 * The dependencies for one event, in a process that was started for it: against the store of a run that is paused or
 * over, or, without one, against a made-up slot in memory. Never beside a living engine: the store's lease forbids it.
 */
import { readWiring, type WiringSettings } from "../../config/wiring.ts";
import { readWorld, type World } from "../../config/world.ts";
import type { SlotRecord } from "../../domain/records.ts";
import { messageOf, SaksiError, UnknownOutcome, UsageError } from "../../errors/errors.ts";
import type { Notify } from "../../ports/ports.ts";
import type { Deps } from "../../stations/station.ts";
import { exampleDeps } from "../lambda/example.ts";
import { checkChain, type Wiring, wire } from "./wire.ts";

export const wireFromEnvironment = (): Promise<Deps> => wireFor(readWiring());

export async function wireFor({ store }: WiringSettings): Promise<Deps> {
  if (!store) {
    notify.line({
      station: "wiring",
      subject: "example",
      text: "no store is named: a made-up slot in memory, forgotten at the end",
    });
    return exampleDeps(notify);
  }
  const world = readWorld(store);
  if (!world)
    throw new UsageError(
      "store.none",
      `${store} holds no run; name the --store of one, or none for the example`,
    );
  const wiring = await wire({
    dir: store,
    world,
    notify,
    nowMs: async () => world.startMs,
  });
  try {
    await setTime(wiring);
    await sameChain(wiring.deps, world);
  } catch (error) {
    wiring.close();
    throw error;
  }
  return wiring.deps;
}

/** Standard output belongs to the outcome. */
const notify: Notify = {
  line: ({ station, subject, text }) => void process.stderr.write(`${station} ${subject}: ${text}\n`),
};

/** Virtual time is the venue's. Without it, stations that need no venue go by the newest slot. */
async function setTime({ deps, clock, venue }: Wiring): Promise<void> {
  try {
    clock.advanceTo(await venue.serverTimeMs());
  } catch (error) {
    if (!(error instanceof UnknownOutcome)) throw error;
    const [newest] = await deps.store.query<SlotRecord>(`slot#${deps.config.market}`, {
      limit: 1,
      descending: true,
    });
    if (newest) clock.advanceTo(newest.value.cutoffMs + deps.config.candleDelayMs);
    deps.notify.line({
      station: "wiring",
      subject: "venue",
      text: `${messageOf(error)}: only stations that need no exchange will run`,
    });
  }
}

/** A chain that answers must be the store's own; one that does not stops the stations that need it, by itself. */
async function sameChain(deps: Deps, world: World): Promise<void> {
  try {
    await checkChain(deps, world);
  } catch (error) {
    if (error instanceof SaksiError && error.code === "store.otherChain") throw error;
    deps.notify.line({
      station: "wiring",
      subject: "chain",
      text: "the chain does not answer: only stations that need none will run",
    });
  }
}

/** The world of a run: where it is kept, started or found again, and ended. */
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { type BootOptions, bootWorld, ROOT } from "../adapters/local/boot.ts";
import { ensureCompiled } from "../adapters/local/compile.ts";
import type { Peer } from "../adapters/local/conductor.ts";
import { MODELS_DIR } from "../adapters/local/engine.ts";
import { findProcess, stopProcess } from "../adapters/local/process.ts";
import { VENDORS } from "../adapters/oracle/transports.ts";
import { sentimentOf } from "../adapters/sentiment/index.ts";
import { DirectoryModelStore } from "../adapters/tfjs/index.ts";
import type { Mode } from "../config/modes.ts";
import { readWeexKeys } from "../config/weex-keys.ts";
import { readWorld, type World } from "../config/world.ts";
import { SaksiError, UsageError } from "../errors/errors.ts";
import type { UpOptions } from "./options.ts";

/** The next free folder, or that of a run of this kind which is unfinished and whose world is still there. */
export function defaultStore(mode: Mode): string {
  const root = join(ROOT, ".saksi");
  mkdirSync(root, { recursive: true });
  for (let number = 1; number < 1_000_000; number++) {
    const dir = join(root, `run-${String(number).padStart(4, "0")}`);
    if (!existsSync(dir)) return dir;
    if (!existsSync(join(dir, "finished")) && goesOn(dir, mode)) return dir;
  }
  throw new SaksiError("store.full", `${root} is full of runs; remove old ones`);
}

function goesOn(dir: string, mode: Mode): boolean {
  const world = readableWorld(dir);
  return world?.mode === mode && processesOf(world).every((name) => findProcess(dir, name) !== undefined);
}

/** A description of another version is nothing to go on with. */
function readableWorld(dir: string): World | undefined {
  try {
    return readWorld(dir);
  } catch {
    return undefined;
  }
}

/** Where the account lives that is not on a machine of others. */
const ACCOUNT_PROCESS: Record<Mode, readonly string[]> = { simulated: ["venue"], live: ["paper"], trade: [] };

/** Without one of these the run cannot go on. */
const processesOf = (world: World): string[] => [
  ...ACCOUNT_PROCESS[world.mode],
  "chain",
  "feed",
  ...world.attesters.map((attester) => attester.name),
];

/** Starts a world in `dir`, or finds the unfinished one of the same options. */
export async function openWorld(
  dir: string,
  options: UpOptions,
  setup: Pick<BootOptions, "wall" | "progress" | "riskSpec">,
): Promise<World> {
  const { progress } = setup;
  if (existsSync(join(dir, "finished")))
    throw new UsageError("store.finished", `${dir} holds a finished run; choose another --store`);
  const sentiment = namedSentiment(options);
  const known = readWorld(dir);
  if (known) {
    if (optionsOf(known) !== optionsOf({ ...options, transport: options.oracle }))
      throw new UsageError(
        "store.otherOptions",
        `${dir} holds a run with ${optionsOf(known)}; give the same options or another --store`,
      );
    if (!isDeepStrictEqual(known.sentiment ?? {}, sentiment))
      throw new UsageError(
        "store.otherOptions",
        `${dir} holds a run with other --fear-greed or --headlines (${describeSentiment(known.sentiment)}); give the same or another --store`,
      );
    for (const name of processesOf(known))
      if (!findProcess(dir, name))
        throw new SaksiError(
          "store.worldGone",
          `the ${name} of this store is no longer running, so the run cannot go on; use another --store`,
        );
    progress(`resuming the run in ${dir}`);
    return known;
  }
  // Read once before anything is started, so that a bad row is a sentence and not a peer that does not come up.
  sentimentOf({ sentiment }, { line: () => undefined });
  if (options.mode === "trade") readWeexKeys();
  await ensureCompiled(progress);
  const model = (await new DirectoryModelStore(MODELS_DIR).list()).find(({ name }) => name === options.model);
  if (!model) throw new UsageError("option.model", `there is no model "${options.model}" in models/`);
  try {
    return await bootWorld({
      dir,
      mode: options.mode,
      weexUrl: options.weexUrl,
      seed: options.seed,
      market: options.market,
      modelId: model.modelId,
      transport: options.oracle,
      data: options.data,
      sentiment,
      ...setup,
    });
  } catch (error) {
    await endWorld(dir);
    throw error;
  }
}

type Named = Pick<World, "mode" | "seed" | "transport" | "market">;
function optionsOf({ mode, seed, transport, market }: Named): string {
  const kind = mode === "simulated" ? `--seed ${seed} --oracle ${transport}` : `--${mode}`;
  return `${kind} --market ${market}`;
}

function namedSentiment({ fearGreed, headlines }: UpOptions): NonNullable<World["sentiment"]> {
  return { ...(fearGreed ? { fearGreed } : {}), ...(headlines ? { headlines } : {}) };
}

export const describeSentiment = ({ fearGreed, headlines }: NonNullable<World["sentiment"]> = {}): string =>
  `fear & greed: ${fearGreed ?? "absent"}, headlines: ${headlines ?? "absent"}`;

export function peersOf(dir: string, world: World): Peer[] {
  const feed = findProcess(dir, "feed");
  const actors = findProcess(dir, "actors");
  const vendor = findProcess(dir, VENDORS[world.transport]?.process ?? "");
  return [
    ...world.attesters.map(({ name, url }) => ({ name, url, when: "slot" as const })),
    ...[actors, vendor, feed].flatMap((record) =>
      record ? [{ name: record.name, url: `http://127.0.0.1:${record.port}`, when: "block" as const }] : [],
    ),
  ];
}

export async function endWorld(dir: string): Promise<void> {
  const folder = join(dir, "processes");
  if (!existsSync(folder)) return;
  await Promise.all(readdirSync(folder).map((file) => stopProcess(dir, file.replace(/\.json$/, ""))));
}

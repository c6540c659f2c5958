/** The engine of one mandate, wired from a world and a store directory. All state is in the store; start is recovery. */

import { TIMING } from "../../config/scenario.ts";
import type { World } from "../../config/world.ts";
import { SaksiError } from "../../errors/errors.ts";
import type { VenueHint } from "../../ports/venue.ts";
import { epochWork } from "../../stations/distribute/distribute.ts";
import { ingestWork, nextSlotMs } from "../../stations/ingest/ingest.ts";
import { warm } from "../../stations/ingest/warm.ts";
import { openPrediction } from "../../stations/records.ts";
import { type Deps, incident, put, work } from "../../stations/station.ts";
import { ChainWatcher } from "../../stations/validate/watch.ts";
import { setRuntime } from "../lambda/runtime.ts";
import type { SqliteStore } from "../sqlite/store.ts";
import type { VirtualClock } from "./clock.ts";
import { loadHandlers, Runner } from "./runner.ts";
import { checkChain, type WireOptions, wire } from "./wire.ts";

export { MODELS_DIR } from "../../config/assets.ts";

const FRAME_TIMEOUT_MS = 30_000;
const LOOK_EVERY_MS = 60_000;

export type EngineOptions = WireOptions;

export type Engine = {
  deps: Deps;
  store: SqliteStore;
  clock: VirtualClock;
  runner: Runner;
  /** Address that pays gas. */
  relayer: string;
  drain(): Promise<void>;
  poll(): Promise<void>;
  nextTimerMs(): Promise<number | undefined>;
  awaitFrames(watermarks: Record<string, number>): Promise<void>;
  close(): Promise<void>;
};

export async function startEngine(options: EngineOptions): Promise<Engine> {
  const { world } = options;
  const wiring = await wire(options);
  const { deps, ports, store, clock, venue } = wiring;
  const { config } = deps;
  setRuntime(deps);
  const runner = new Runner(deps, await loadHandlers(), { outlastsSilence: world.mode !== "simulated" });
  await initialise(deps, world);
  await warm(deps);

  const hints: VenueHint[] = [];
  await venue.start(config.symbol, (hint) => hints.push(hint));
  hints.push({ kind: "socket", symbol: config.symbol, detail: "engine start" });
  const watcher = new ChainWatcher(deps, TIMING.confirmations);
  let lookedAtMs = 0;

  const onHints = async (): Promise<void> => {
    const nowMs = clock.nowMs();
    const relevant = hints.splice(0).some((hint) => hint.kind !== "candle" && hint.kind !== "book-gap");
    if (!relevant && nowMs - lookedAtMs < LOOK_EVERY_MS) return;
    lookedAtMs = nowMs;
    const open = await openPrediction(ports.store, config.mandateId);
    if (open?.value.phase !== "open" && open?.value.phase !== "closing") return;
    await ports.store.transact([
      work(
        "execute",
        { id: open.value.id, leg: "exit", reason: "hint" },
        `look:${open.value.id}:${nowMs}`,
        nowMs,
      ),
    ]);
  };

  return {
    deps,
    store,
    clock,
    runner,
    relayer: wiring.relayer,
    async drain() {
      await onHints();
      await runner.drain();
    },
    async poll() {
      const head = await ports.chain.head();
      for (const tx of await ports.chain.refresh(head))
        if (tx.state === "reverted")
          await ports.store.transact([
            incident(
              clock.nowMs(),
              "txReverted",
              tx.key,
              `transaction ${tx.txHash} of step ${tx.step} reverted`,
            ),
          ]);
      await watcher.poll(head);
    },
    nextTimerMs: () => store.nextRunAtMs(),
    awaitFrames: (watermarks) => venue.awaitFrames(watermarks, FRAME_TIMEOUT_MS),
    async close() {
      await venue.stop();
      wiring.close();
    },
  };
}

/** First life of a store: cursor, calendar and venue settings. Later lives find them done; another chain is refused. */
async function initialise(deps: Deps, world: World): Promise<void> {
  const { config, store, clock } = deps;
  if (await checkChain(deps, world)) return;
  const start = await deps.chain.block(world.chain.startBlock);
  if (!start)
    throw new SaksiError("store.otherChain", "the chain found has no block where this store begins");
  await deps.venue.prepare(config.symbol, config.leverage);
  const { epoch, snapshotAt } = await deps.chain.epoch();
  await store.transact([
    put("world", "chain", { genesisHash: world.chain.genesisHash, validator: world.addresses.validator }, 0),
    put("cursor", "chain", { recent: [{ number: start.number, hash: start.hash }] }, 0),
    ingestWork(config, nextSlotMs(config, clock.nowMs())),
    epochWork(config, epoch, snapshotAt),
  ]);
}

/** The engine of one mandate, wired from a world and a store directory. All state is in the store; start is recovery. */
import { join } from "node:path";
import { riskSpecHash } from "../../domain/risk-spec.ts";
import { symbolOf } from "../../domain/market.ts";
import { SaksiError } from "../../errors/errors.ts";
import { TIMING, QUORUM } from "../../config/scenario.ts";
import type { World } from "../../config/world.ts";
import type { Notify, Ports } from "../../ports/ports.ts";
import type { VenueHint } from "../../ports/venue.ts";
import { epochWork } from "../../stations/distribute/distribute.ts";
import { MarketWindow } from "../../stations/features/window.ts";
import { ingestWork, nextSlotMs } from "../../stations/ingest/ingest.ts";
import { publishedOf } from "../../stations/publish/published.ts";
import { openPrediction, predictionById } from "../../stations/records.ts";
import { type Deps, type EngineConfig, incident, put, work } from "../../stations/station.ts";
import { ChainWatcher } from "../../stations/validate/watch.ts";
import { createChain } from "../evm/chain.ts";
import { localSigner } from "../evm/signer.ts";
import { setRuntime } from "../lambda/runtime.ts";
import { quorumTransport } from "../oracle/quorum.ts";
import { remoteAttester } from "../oracle/witness-client.ts";
import { SqliteStore } from "../sqlite/store.ts";
import { DirectoryModelStore, TfjsRuntime } from "../tfjs/index.ts";
import { createWeexClient, type WeexClient } from "../weex/client.ts";
import type { WeexCredentials } from "../weex/options.ts";
import { VirtualClock } from "./clock.ts";
import { openKey } from "./keystore.ts";
import { takeLease } from "./lease.ts";
import { seededRandom } from "./random.ts";
import { loadHandlers, Runner } from "./runner.ts";

export const MODELS_DIR = new URL("../../../models", import.meta.url).pathname;
const FRAME_TIMEOUT_MS = 30_000;
const REQUEST_TIMEOUT_MS = 10_000;
const LOOK_EVERY_MS = 60_000;

export type EngineOptions = {
  dir: string;
  world: World;
  credentials: WeexCredentials;
  notify: Notify;
  nowMs: number;
  /** Wraps every port, for fault injection and measurement. */
  wrapPorts?: (ports: Ports) => Ports;
  forceLease?: boolean;
};

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

export function engineConfig(world: World): EngineConfig {
  return {
    market: world.market,
    symbol: symbolOf(world.market),
    mandateId: world.mandateId,
    modelId: world.modelId,
    deployment: { chainId: world.chain.chainId, validator: world.addresses.validator },
    riskSpec: world.riskSpec,
    riskSpecHash: riskSpecHash(world.riskSpec),
    slotStepMs: TIMING.slotStepMs,
    candleDelayMs: TIMING.candleDelayMs,
    maxClockSkewMs: 2_000,
    dailyLossLimitBps: 500n,
    drawdownLimitBps: 1_500n,
    cooldownMs: 0,
    leverage: 5,
    quorum: QUORUM,
    disputeWindowMs: TIMING.disputeSeconds * 1_000,
    venueRejectsDuplicates: true,
    unknownGraceMs: TIMING.unknownGraceMs,
  };
}

export async function startEngine(options: EngineOptions): Promise<Engine> {
  const { dir, world, notify } = options;
  const config = engineConfig(world);
  const store = new SqliteStore(join(dir, "engine.db"));
  const fence = takeLease(store, { force: options.forceLease ?? false });
  const keys = join(dir, "keys");
  const [publisher, relayer] = await Promise.all([openKey(keys, "publisher"), openKey(keys, "relayer")]);
  const clock = new VirtualClock(options.nowMs);
  const venue: WeexClient = createWeexClient({
    restBaseUrl: world.venue.url, wsBaseUrl: world.venue.wsUrl, credentials: options.credentials, userAgent: "saksi-engine",
    requestTimeoutMs: REQUEST_TIMEOUT_MS, now: () => clock.nowMs(), triggerPrice: "LAST",
  });
  const chain = createChain({ ...world.chain, rpcUrl: world.chain.url, addresses: world.addresses, mandateId: world.mandateId, transport: world.transport, store, relayer });
  const attesters = world.attesters.map((attester) => remoteAttester(attester.name, attester.url));
  const runtime = new TfjsRuntime(new DirectoryModelStore(MODELS_DIR));
  const model = await runtime.load(world.modelId);
  const published = async (id: string) => publishedOf((await predictionById(ports.store, id)).value);
  const plain: Ports = {
    clock, random: seededRandom(world.seed), store, queue: store, signer: localSigner(publisher, config.deployment), chain, venue, attesters,
    transport: quorumTransport(chain, attesters, config.quorum, published),
    models: runtime, sentiment: { fearGreed: async () => null, headlines: async () => null }, notify,
  };
  const ports: Ports = options.wrapPorts?.(plain) ?? plain;
  const deps: Deps = { ...ports, config, window: new MarketWindow(model.manifest.featureSpec), fence: () => fence };
  setRuntime(deps);
  const runner = new Runner(deps, await loadHandlers());
  await initialise(deps, world);

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
    await ports.store.transact([work("execute", { id: open.value.id, leg: "exit", reason: "hint" }, `look:${open.value.id}:${nowMs}`, nowMs)]);
  };

  return {
    deps, store, clock, runner, relayer: relayer.address,
    async drain() {
      await onHints();
      await runner.drain();
    },
    async poll() {
      for (const tx of await ports.chain.refresh())
        if (tx.state === "reverted") await ports.store.transact([incident(clock.nowMs(), "txReverted", tx.key, `transaction ${tx.txHash} of step ${tx.step} reverted`)]);
      await watcher.poll();
    },
    nextTimerMs: () => store.nextRunAtMs(),
    awaitFrames: (watermarks) => venue.awaitFrames(watermarks, FRAME_TIMEOUT_MS),
    async close() {
      await venue.stop();
      chain.close();
      store.close();
    },
  };
}

/** First life of a store: cursor, calendar and venue settings. Later lives find them done; another chain is refused. */
async function initialise(deps: Deps, world: World): Promise<void> {
  const { config, store, clock } = deps;
  const known = await store.get<{ genesisHash: string; validator: string }>("world", "chain");
  const genesis = await deps.chain.block(0);
  if (genesis?.hash !== world.chain.genesisHash || (known && (known.value.genesisHash !== world.chain.genesisHash || known.value.validator !== world.addresses.validator)))
    throw new SaksiError("store.otherChain", "this store belongs to another chain or deployment than the one found; use another --store or start that chain again");
  if (known) return;
  const start = await deps.chain.block(world.chain.startBlock);
  if (!start) throw new SaksiError("store.otherChain", "the chain found has no block where this store begins");
  await deps.venue.prepare(config.symbol, config.leverage);
  const { epoch, snapshotAt } = await deps.chain.epoch();
  await store.transact([
    put("world", "chain", { genesisHash: world.chain.genesisHash, validator: world.addresses.validator }, 0),
    put("cursor", "chain", { recent: [{ number: start.number, hash: start.hash }] }, 0),
    ingestWork(config, nextSlotMs(config, clock.nowMs())),
    epochWork(config, epoch, snapshotAt),
  ]);
}

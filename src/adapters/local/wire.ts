/** The dependencies of the stations, wired from a world and a store directory. Shared by the engine and by single invocations. */
import { join } from "node:path";
import { MODELS_DIR, WASM_DIR } from "../../config/assets.ts";
import { MODES } from "../../config/modes.ts";
import { QUORUM, TIMING } from "../../config/scenario.ts";
import type { World } from "../../config/world.ts";
import { symbolOf } from "../../domain/market.ts";
import { riskSpecHash } from "../../domain/risk-spec.ts";
import { SaksiError } from "../../errors/errors.ts";
import type { Clock, Notify, Ports } from "../../ports/ports.ts";
import { MarketWindow } from "../../stations/features/window.ts";
import { publishedOf } from "../../stations/publish/published.ts";
import { predictionById } from "../../stations/records.ts";
import type { Deps, EngineConfig } from "../../stations/station.ts";
import { createChain } from "../evm/chain.ts";
import { localSigner } from "../evm/signer.ts";
import { transportOf } from "../oracle/transports.ts";
import { remoteAttesters } from "../oracle/witness-client.ts";
import { sentimentOf } from "../sentiment/index.ts";
import { SqliteStore } from "../sqlite/store.ts";
import { DirectoryModelStore, TfjsRuntime } from "../tfjs/index.ts";
import { VirtualClock } from "./clock.ts";
import { openKey } from "./keystore.ts";
import { takeLease } from "./lease.ts";
import type { WallClock } from "./pace.ts";
import { seededRandom, systemRandom } from "./random.ts";
import { type EngineVenue, engineVenue } from "./venue.ts";

export type WireOptions = {
  dir: string;
  world: World;
  notify: Notify;
  /** Real time, in a world on a real market. */
  wall?: WallClock;
  /** Asked after the lease is taken: whoever held it may have moved time until then. */
  nowMs: () => Promise<number>;
  /** Wraps every port, for fault injection and measurement. */
  wrapPorts?: (ports: Ports) => Ports;
  forceLease?: boolean;
};

export type Wiring = {
  deps: Deps;
  ports: Ports;
  store: SqliteStore;
  /** Time as the conductor steps it. */
  clock: VirtualClock;
  venue: EngineVenue;
  /** Address that pays gas. */
  relayer: string;
  close(): void;
};

type ConfigSource = Pick<World, "mode" | "market" | "mandateId" | "modelId" | "riskSpec"> & {
  chain: Pick<World["chain"], "chainId">;
  addresses: Pick<World["addresses"], "validator">;
};

export function engineConfig(world: ConfigSource): EngineConfig {
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
    expireGraceSeconds: BigInt(TIMING.settleGraceSeconds) + 30n,
    disputeWindowMs: TIMING.disputeSeconds * 1_000,
    venueRejectsDuplicates: MODES[world.mode].venueRejectsDuplicates,
    unknownGraceMs: TIMING.unknownGraceMs,
  };
}

export const modelRuntime = (): TfjsRuntime => new TfjsRuntime(new DirectoryModelStore(MODELS_DIR), WASM_DIR);

/** Takes the store's lease; asks nobody anything. @throws SaksiError `lease.held` while another engine lives. */
export async function wire(options: WireOptions): Promise<Wiring> {
  const { dir, world, notify } = options;
  const config = engineConfig(world);
  const store = new SqliteStore(join(dir, "engine.db"));
  const fence = takeLease(store, { force: options.forceLease ?? false });
  const keys = join(dir, "keys");
  const [publisher, relayer] = await Promise.all([openKey(keys, "publisher"), openKey(keys, "relayer")]);
  const clock = new VirtualClock(await options.nowMs());
  const { wall } = options;
  // On a real market an order leaves at the time it leaves, not at the time of the step that sends it.
  const time: Clock = wall ? { nowMs: () => Math.max(clock.nowMs(), wall.nowMs()) } : clock;
  const venue = engineVenue(dir, world, () => time.nowMs());
  const chain = createChain({
    ...world.chain,
    rpcUrl: world.chain.url,
    addresses: world.addresses,
    mandateId: world.mandateId,
    transport: world.transport,
    store,
    relayer,
  });
  const attesters = remoteAttesters(world.attesters, {
    quorum: { chainId: world.chain.chainId, quorumAddress: world.addresses.quorum },
    signerSetEpoch: () => chain.signerSetEpoch(),
    notify,
  });
  const models = modelRuntime();
  const model = await models.load(world.modelId);
  const published = async (id: string) => publishedOf((await predictionById(ports.store, id)).value);
  const plain: Ports = {
    clock: time,
    random: world.mode === "simulated" ? seededRandom(world.seed) : systemRandom(),
    store,
    queue: store,
    signer: localSigner(publisher, config.deployment),
    chain,
    venue,
    attesters,
    transport: transportOf({ chain, clock: time, attesters, dir, world, quorum: config.quorum, published }),
    models,
    sentiment: sentimentOf(world, notify),
    notify,
  };
  const ports: Ports = options.wrapPorts?.(plain) ?? plain;
  const deps: Deps = {
    ...ports,
    config,
    window: new MarketWindow(model.manifest.featureSpec),
    fence: () => fence,
  };
  return {
    deps,
    ports,
    store,
    clock,
    venue,
    relayer: relayer.address,
    close() {
      chain.close();
      store.close();
    },
  };
}

/** @returns whether this store has lived before. @throws SaksiError `store.otherChain` when the chain found is not the store's. */
export async function checkChain(
  { store, chain }: Pick<Deps, "store" | "chain">,
  world: World,
): Promise<boolean> {
  const known = await store.get<{ genesisHash: string; validator: string }>("world", "chain");
  const genesis = await chain.block(0);
  if (
    genesis?.hash !== world.chain.genesisHash ||
    (known &&
      (known.value.genesisHash !== world.chain.genesisHash ||
        known.value.validator !== world.addresses.validator))
  )
    throw new SaksiError(
      "store.otherChain",
      "this store belongs to another chain or deployment than the one found; use another --store or start that chain again",
    );
  return known !== undefined;
}

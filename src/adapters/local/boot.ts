/** Builds the simulated world: exchange, chain, contracts, money, feed, attesters. Idempotent enough to be watched, not resumed half-way. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Mode } from "../../config/modes.ts";
import { ATTESTER_ROLES, LOCAL_CHAIN_ID, riskSpecFor, roleWallet } from "../../config/scenario.ts";
import { type World, writeWorld } from "../../config/world.ts";
import { symbolOf } from "../../domain/market.ts";
import type { RiskSpec } from "../../domain/risk-spec.ts";
import type { Deployment } from "../evm/deploy.ts";
import { Rpc } from "../evm/rpc.ts";
import { prepareTransport, VENDORS } from "../oracle/transports.ts";
import { createWeexClient } from "../weex/client.ts";
import { deploy, fund, startChain } from "./boot-chain.ts";
import { ROOT, startActors, startPeer, TEST_KEY_SCRYPT_N } from "./boot-peers.ts";
import { openPaper, openRealAccount } from "./boot-real.ts";
import { openSimulated, type TradingPlace } from "./boot-venue.ts";
import { storeKey } from "./keystore.ts";
import type { WallClock } from "./pace.ts";
import type { ProcessRecord } from "./process.ts";
import { weexConnection } from "./venue.ts";

export { readSecrets } from "./secrets.ts";

export { ROOT };
export const ARTIFACTS = join(ROOT, "artifacts");

export type BootOptions = {
  dir: string;
  mode: Mode;
  seed: number;
  market: string;
  modelId: string;
  transport: World["transport"];
  /** Recorded files instead of the synthetic market, `SYMBOL=FILE` or `FILE`. */
  data: readonly string[];
  sentiment: NonNullable<World["sentiment"]>;
  /** Another host that speaks WEEX v3, for a world on a real market. */
  weexUrl: string | undefined;
  wall: WallClock;
  /** Other rules of size than the scenario's, for measurements. */
  riskSpec?: (usual: RiskSpec) => RiskSpec;
  progress: (text: string) => void;
};

/** Opens the place where this kind of world trades. */
const PLACES: Record<Mode, (options: BootOptions) => Promise<TradingPlace>> = {
  simulated: openSimulated,
  live: openPaper,
  trade: openRealAccount,
};

export async function bootWorld(options: BootOptions): Promise<World> {
  const { dir, progress } = options;
  mkdirSync(dir, { recursive: true });
  const sourceHash = await prepareTransport(options.transport, dir, progress);
  const place = await PLACES[options.mode](options);

  progress("starting the chain");
  const chain = await startChain(dir, place.startMs);
  const rpc = new Rpc(`http://127.0.0.1:${chain.port}`, LOCAL_CHAIN_ID);
  progress("deploying the contracts");
  const deployment = await deploy(rpc, options, place, sourceHash);
  const world = await describe(options, place, { chain, rpc, deployment });
  await fund(rpc, deployment);
  await place.credit();
  const vendor = VENDORS[options.transport];
  if (vendor) {
    progress(`starting the local ${options.transport} network`);
    const { process: name, entry: file, keyRole } = vendor;
    await startPeer(dir, world, { name, file, keyRole, key: place.peerKey });
  }
  world.chain.startBlock = Number(await rpc.send<string>("eth_blockNumber", []));

  progress("starting the feed and five attesters");
  await storeKey(join(dir, "keys"), "publisher", roleWallet("publisher").privateKey, TEST_KEY_SCRYPT_N);
  await storeKey(join(dir, "keys"), "relayer", roleWallet("relayer").privateKey, TEST_KEY_SCRYPT_N);
  const attester = (name: (typeof ATTESTER_ROLES)[number]) =>
    startPeer(dir, world, { name, file: "src/cli/attester.ts", keyRole: name, key: place.peerKey });
  const [attesters] = await Promise.all([
    Promise.all(ATTESTER_ROLES.map(attester)),
    startPeer(dir, world, { name: "feed", file: "src/cli/feed.ts", keyRole: "feeder" }),
    place.adminToken === undefined ? undefined : startActors(dir, world, place.adminToken),
  ]);
  world.attesters = attesters.map((record, at) => ({
    name: record.name,
    url: `http://127.0.0.1:${record.port}`,
    signer: roleWallet(ATTESTER_ROLES[at]!).address,
  }));
  writeWorld(dir, world);
  rpc.close();
  return world;
}

async function describe(
  options: BootOptions,
  place: TradingPlace,
  parts: { chain: ProcessRecord; rpc: Rpc; deployment: Deployment },
): Promise<World> {
  const { market, mode } = options;
  const { venue, startMs, source } = place;
  const client = createWeexClient(weexConnection({ venue, mode }, "saksi-setup", () => startMs));
  const rules = await client.marketRules(symbolOf(market));
  const genesis = await parts.rpc.block(0);
  const { addresses, feeds, mandates, asset } = parts.deployment;
  const { DisputeCourt, AttesterBonds, SaksiToken, StakeVault, FeeForwarder, Allocator } = addresses;
  return {
    format: 1,
    mode,
    seed: options.seed,
    source,
    transport: options.transport,
    chain: {
      url: `http://127.0.0.1:${parts.chain.port}`,
      chainId: LOCAL_CHAIN_ID,
      genesisHash: genesis?.hash ?? "",
      startBlock: 0,
    },
    addresses: {
      validator: addresses.PredictionValidator,
      policy: addresses.RiskPolicy,
      quorum: addresses.QuorumAttester,
      vault: addresses.FundVault,
      feed: feeds[market] ?? "",
      registry: addresses.ModelRegistry,
      asset,
      bond: addresses.BondVault,
      attesterBonds: AttesterBonds ?? "",
      court: DisputeCourt ?? "",
      token: SaksiToken ?? "",
      stake: StakeVault ?? "",
      forwarder: FeeForwarder ?? "",
      allocator: Allocator ?? "",
      functions: addresses.FunctionsAttester,
      gelato: addresses.GelatoAttester,
    },
    venue,
    market,
    mandateId: mandates[market] ?? "",
    modelId: options.modelId,
    publisher: roleWallet("publisher").address,
    riskSpec: options.riskSpec?.(riskSpecFor(rules)) ?? riskSpecFor(rules),
    attesters: [],
    startMs,
    sentiment: options.sentiment,
  };
}

/** Builds the simulated world: exchange, chain, contracts, money, feed, attesters. Idempotent enough to be watched, not resumed half-way. */
import { randomBytes } from "node:crypto";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  ATTESTER_ROLES,
  LOCAL_CHAIN_ID,
  riskSpecFor,
  roleWallet,
  TIMING,
  VENUE_UID,
} from "../../config/scenario.ts";
import { type World, writeWorld } from "../../config/world.ts";
import { symbolOf } from "../../domain/market.ts";
import type { Deployment } from "../evm/deploy.ts";
import { Rpc } from "../evm/rpc.ts";
import { prepareTransport, VENDORS } from "../oracle/transports.ts";
import { createWeexClient } from "../weex/client.ts";
import { deploy, fund, startChain } from "./boot-chain.ts";
import { storeKey } from "./keystore.ts";
import { type ProcessRecord, readyLine, startProcess } from "./process.ts";
import { secretsFile, type VenueKey, type VenueSecrets } from "./secrets.ts";
import { VenueAdmin } from "./venue-admin.ts";

export { readSecrets } from "./secrets.ts";

export const ROOT = new URL("../../../", import.meta.url).pathname;
export const ARTIFACTS = join(ROOT, "artifacts");
const PRIVATE_MODE = 0o600;
/** The keys of the simulated world are publicly known: their files need the form, not the cost. */
const TEST_KEY_SCRYPT_N = 1_024;

export type BootOptions = {
  dir: string;
  seed: number;
  market: string;
  modelId: string;
  transport: World["transport"];
  /** Recorded files instead of the synthetic market, `SYMBOL=FILE` or `FILE`. */
  data: readonly string[];
  progress: (text: string) => void;
};

const newKey = (): VenueKey => ({
  apiKey: randomBytes(16).toString("hex"),
  secret: randomBytes(32).toString("hex"),
  passphrase: randomBytes(12).toString("hex"),
});

function writePrivate(file: string, value: unknown): void {
  writeFileSync(file, JSON.stringify(value), { mode: PRIVATE_MODE });
  chmodSync(file, PRIVATE_MODE);
}

export async function bootWorld(options: BootOptions): Promise<World> {
  const { dir, progress } = options;
  mkdirSync(dir, { recursive: true });
  const secrets: VenueSecrets = {
    adminToken: randomBytes(24).toString("hex"),
    trade: newKey(),
    read: newKey(),
  };
  writePrivate(secretsFile(dir), secrets);
  const sourceHash = await prepareTransport(options.transport, dir, progress);

  progress("starting the exchange");
  const venue = await startVenue(options, secrets);
  const venueUrl = `http://127.0.0.1:${venue.port}`;
  const admin = new VenueAdmin(venueUrl, secrets.adminToken);
  const startMs = (await admin.status()).nowMs;

  progress("starting the chain");
  const chain = await startChain(dir, startMs);
  const rpc = new Rpc(`http://127.0.0.1:${chain.port}`, LOCAL_CHAIN_ID);
  progress("deploying the contracts");
  const deployment = await deploy(rpc, options, startMs, sourceHash);
  const world = await describe(options, {
    venueUrl,
    venuePort: venue.port,
    chain,
    rpc,
    deployment,
    startMs,
    secrets,
  });
  await fund(rpc, admin, deployment);
  const vendor = VENDORS[options.transport];
  if (vendor) {
    progress(`starting the local ${options.transport} network`);
    await startPeer(options, world, vendor.process, vendor.entry, vendor.keyRole, secrets.read);
  }
  world.chain.startBlock = Number(await rpc.send<string>("eth_blockNumber", []));

  progress("starting the feed and five attesters");
  await storeKey(join(dir, "keys"), "publisher", roleWallet("publisher").privateKey, TEST_KEY_SCRYPT_N);
  await storeKey(join(dir, "keys"), "relayer", roleWallet("relayer").privateKey, TEST_KEY_SCRYPT_N);
  const [attesters] = await Promise.all([
    Promise.all(
      ATTESTER_ROLES.map((role) =>
        startPeer(options, world, role, "src/cli/attester.ts", role, secrets.read),
      ),
    ),
    startPeer(options, world, "feed", "src/cli/feed.ts", "feeder", secrets.read),
    startActors(options, world, secrets),
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

function startVenue(options: BootOptions, secrets: VenueSecrets): Promise<ProcessRecord> {
  const accounts = join(options.dir, "venue-accounts.json");
  writePrivate(accounts, [
    { uid: VENUE_UID, role: "trade", ...secrets.trade },
    { uid: VENUE_UID, role: "read", ...secrets.read },
  ]);
  return startProcess(
    options.dir,
    "venue",
    process.execPath,
    [
      join(ROOT, "venue/main.ts"),
      "--seed",
      String(options.seed),
      "--markets",
      symbolOf(options.market),
      "--tick-ms",
      String(TIMING.tickMs),
      "--accounts",
      accounts,
      "--admin-token",
      secrets.adminToken,
      "--rate-limit-weight",
      "1000000",
      ...options.data.flatMap((file) => ["--data", file]),
    ],
    readyLine,
  );
}

async function describe(
  options: BootOptions,
  parts: {
    venueUrl: string;
    venuePort: number;
    chain: ProcessRecord;
    rpc: Rpc;
    deployment: Deployment;
    startMs: number;
    secrets: VenueSecrets;
  },
): Promise<World> {
  const { deployment, startMs } = parts;
  const client = createWeexClient({
    restBaseUrl: parts.venueUrl,
    userAgent: "saksi-setup",
    requestTimeoutMs: 10_000,
    now: () => startMs,
  });
  const rules = await client.marketRules(symbolOf(options.market));
  const genesis = await parts.rpc.block(0);
  const { addresses, feeds, mandates, asset } = deployment;
  return {
    format: 1,
    seed: options.seed,
    source:
      options.data.length > 0
        ? `recorded: ${options.data.map((file) => file.split("/").at(-1)).join(", ")}`
        : "synthetic",
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
      feed: feeds[options.market] ?? "",
      registry: addresses.ModelRegistry,
      asset,
      functions: addresses.FunctionsAttester,
      gelato: addresses.GelatoAttester,
    },
    venue: { url: parts.venueUrl, wsUrl: `ws://127.0.0.1:${parts.venuePort}`, uid: VENUE_UID },
    market: options.market,
    mandateId: mandates[options.market] ?? "",
    modelId: options.modelId,
    publisher: roleWallet("publisher").address,
    riskSpec: riskSpecFor(rules),
    attesters: [],
    startMs,
  };
}

/** A peer gets a directory of its own: the public world, one key, a read-only venue key. Nothing of the engine's. */
async function startPeer(
  options: BootOptions,
  world: World,
  name: string,
  file: string,
  keyRole: Parameters<typeof roleWallet>[0],
  key: VenueKey,
): Promise<ProcessRecord> {
  const dir = join(options.dir, "peers", name);
  mkdirSync(dir, { recursive: true });
  writeWorld(dir, world);
  writePrivate(join(dir, "attester.json"), { name });
  writePrivate(join(dir, "venue-key.json"), key);
  await storeKey(join(dir, "keys"), keyRole, roleWallet(keyRole).privateKey, TEST_KEY_SCRYPT_N);
  return startProcess(options.dir, name, process.execPath, [join(ROOT, file), "--dir", dir], readyLine);
}

/** The scenario's people: their keys are theirs, and they may work the exchange's fault switches. */
async function startActors(options: BootOptions, world: World, secrets: VenueSecrets): Promise<void> {
  const dir = join(options.dir, "peers", "actors");
  mkdirSync(dir, { recursive: true });
  writeWorld(dir, world);
  writePrivate(join(dir, "admin.json"), { adminToken: secrets.adminToken });
  for (const role of ["guardian", "deployer", "feeder", "actor"] as const)
    await storeKey(join(dir, "keys"), role, roleWallet(role).privateKey, TEST_KEY_SCRYPT_N);
  await startProcess(
    options.dir,
    "actors",
    process.execPath,
    [join(ROOT, "sim/actors.ts"), "--dir", dir],
    readyLine,
  );
}

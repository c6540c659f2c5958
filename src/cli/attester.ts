/** `node src/cli/attester.ts --dir DIR`: one attester. DIR holds its world description, its keys and its own store. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createChainReader } from "../adapters/evm/reader.ts";
import { VirtualClock } from "../adapters/local/clock.ts";
import { MODELS_DIR } from "../adapters/local/engine.ts";
import { openKey } from "../adapters/local/keystore.ts";
import { witnessVenue } from "../adapters/local/venue.ts";
import { Witness } from "../adapters/oracle/witness.ts";
import { witnessServer } from "../adapters/oracle/witness-client.ts";
import { sentimentOf } from "../adapters/sentiment/index.ts";
import { SqliteStore } from "../adapters/sqlite/store.ts";
import { DirectoryModelStore, TfjsRuntime } from "../adapters/tfjs/index.ts";
import { DIRECTION_TERMS } from "../config/deployment.ts";
import { MODES } from "../config/modes.ts";
import { TIMING } from "../config/scenario.ts";
import { readWorld } from "../config/world.ts";
import { symbolOf } from "../domain/market.ts";
import { parseInput, TickSchema } from "../domain/schemas.ts";
import { venueAccountHash } from "../domain/settlement-payload.ts";
import { UsageError } from "../errors/errors.ts";
import type { Notify } from "../ports/ports.ts";
import { MarketWindow } from "../stations/features/window.ts";
import { runPeer } from "./peer.ts";

/** On a real market the engine's clock may be this much ahead of the exchange's; its slots are then recorded by it. */
const MAX_AHEAD_MS = 2_000;
/** Into the log of this process; standard output says when it is ready. */
const logger: Notify = {
  line: ({ station, subject, text }) => void process.stderr.write(`${station} ${subject}: ${text}\n`),
};

await runPeer("attester", async (dir) => {
  const world = readWorld(dir);
  if (!world) throw new UsageError("attester.world", `${dir} holds no world.json`);
  const { name } = JSON.parse(readFileSync(join(dir, "attester.json"), "utf8")) as { name: string };
  const store = new SqliteStore(join(dir, "attester.db"));
  store.takeFence(`pid:${process.pid}`);
  const clock = new VirtualClock(world.startMs);
  const venue = witnessVenue(dir, world, `saksi-${name}`, () => clock.nowMs());
  const chain = createChainReader({
    ...world.chain,
    rpcUrl: world.chain.url,
    addresses: world.addresses,
    mandateId: world.mandateId,
    transport: world.transport,
  });
  const models = new TfjsRuntime(new DirectoryModelStore(MODELS_DIR));
  const model = await models.load(world.modelId);
  const witness = new Witness({
    name,
    wallet: await openKey(join(dir, "keys"), name),
    clock,
    store,
    venue,
    chain,
    models,
    sentiment: sentimentOf(world, logger),
    window: new MarketWindow(model.manifest.featureSpec),
    config: {
      market: world.market,
      symbol: symbolOf(world.market),
      mandateId: world.mandateId,
      modelId: world.modelId,
      slotStepMs: TIMING.slotStepMs,
      candleDelayMs: TIMING.candleDelayMs,
      riskSpec: world.riskSpec,
      publisher: world.publisher,
      quorumAddress: world.addresses.quorum,
      vault: world.addresses.vault,
      venueAccountHash: venueAccountHash(world.venue.uid),
      tolerances: MODES[world.mode].tolerances,
      ...(world.transport === "sealed" ? { sealed: DIRECTION_TERMS } : {}),
    },
  });
  // Virtual time is the venue's: read before anything is judged by it.
  const server = witnessServer(witness, async () => clock.advanceTo(await venue.serverTimeMs()), {
    "POST /tick": async ({ body }) => {
      const { nowMs } = parseInput(TickSchema, body, "tick");
      if (nowMs - clock.nowMs() <= MAX_AHEAD_MS) clock.advanceTo(nowMs);
      return { nextMs: await witness.tick() };
    },
  });
  return {
    server,
    close: async () => {
      chain.close();
      store.close();
    },
  };
});

/** The directory of a run whose world is gone, with one slot that waits for its prediction. */
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EXAMPLE_SLOTS, exampleDeps } from "../../src/adapters/lambda/example.ts";
import { storeKey } from "../../src/adapters/local/keystore.ts";
import { SqliteStore } from "../../src/adapters/sqlite/store.ts";
import { roleWallet } from "../../src/config/scenario.ts";
import { type World, writeWorld } from "../../src/config/world.ts";
import type { SlotRecord } from "../../src/domain/records.ts";
import { slotOf } from "../../src/stations/records.ts";
import { put } from "../../src/stations/station.ts";

const NOBODY = "http://127.0.0.1:9";
const ADDRESS = `0x${"11".repeat(20)}`;
const HASH = `0x${"22".repeat(32)}`;

export async function pausedRun(): Promise<string> {
  const dir = mkdtempSync(join(tmpdir(), "saksi-paused-"));
  const { config, store: example } = await exampleDeps({ line: () => undefined });
  const world: World = {
    format: 1,
    mode: "simulated",
    seed: 7,
    source: "test",
    transport: "quorum",
    chain: { url: NOBODY, chainId: 31_337n, genesisHash: HASH, startBlock: 0 },
    addresses: {
      validator: ADDRESS,
      policy: ADDRESS,
      quorum: ADDRESS,
      vault: ADDRESS,
      feed: ADDRESS,
      registry: ADDRESS,
      asset: ADDRESS,
      bond: ADDRESS,
      attesterBonds: ADDRESS,
      court: ADDRESS,
      token: ADDRESS,
      stake: ADDRESS,
      forwarder: ADDRESS,
      allocator: ADDRESS,
    },
    venue: { url: NOBODY, wsUrl: "ws://127.0.0.1:9", uid: "1" },
    market: config.market,
    mandateId: config.mandateId,
    modelId: config.modelId,
    publisher: ADDRESS,
    riskSpec: config.riskSpec,
    attesters: [],
    startMs: EXAMPLE_SLOTS.features,
  };
  writeWorld(dir, world);
  const key = { apiKey: "a", secret: "b", passphrase: "c" };
  writeFileSync(join(dir, "secrets.json"), JSON.stringify({ adminToken: "t", trade: key, read: key }), {
    mode: 0o600,
  });
  for (const role of ["publisher", "relayer"] as const)
    await storeKey(join(dir, "keys"), role, roleWallet(role).privateKey);
  const store = new SqliteStore(join(dir, "engine.db"));
  store.takeFence("test");
  const slot = await slotOf(example, config.market, EXAMPLE_SLOTS.predict);
  await store.transact([put(slot.pk, slot.sk, slot.value, 0)]);
  store.close();
  return dir;
}

export async function slotIn(dir: string, cutoffMs: number): Promise<SlotRecord> {
  const store = new SqliteStore(join(dir, "engine.db"));
  const { value } = await slotOf(store, "weex:BTCUSDT", cutoffMs);
  store.close();
  return value;
}

/** As if an engine with this process id held the store. */
export function holdBy(dir: string, pid: number): void {
  const store = new SqliteStore(join(dir, "engine.db"));
  store.takeFence(`pid:${pid}`);
  store.close();
}

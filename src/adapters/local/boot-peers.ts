/** Starts the processes beside the engine. Each gets a directory of its own: the public world, one key, a read-only venue key. */
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Role, roleWallet } from "../../config/scenario.ts";
import { type World, writeWorld } from "../../config/world.ts";
import { encodeJson } from "../../domain/json.ts";
import { storeKey } from "./keystore.ts";
import { type ProcessRecord, readyLine, startProcess } from "./process.ts";
import { peerKeyFile } from "./secrets.ts";

export const ROOT = new URL("../../../", import.meta.url).pathname;
const PRIVATE_MODE = 0o600;
/** The keys of the simulated world are publicly known: their files need the form, not the cost. */
export const TEST_KEY_SCRYPT_N = 1_024;

export function writePrivate(file: string, value: unknown): void {
  writeFileSync(file, encodeJson(value), { mode: PRIVATE_MODE });
  chmodSync(file, PRIVATE_MODE);
}

export function peerDir(dir: string, name: string): string {
  const peer = join(dir, "peers", name);
  mkdirSync(peer, { recursive: true });
  return peer;
}

/** @param key to the account, for reading only; nothing for a peer that needs no account. */
export async function startPeer(
  store: string,
  world: World,
  peer: { name: string; file: string; keyRole: Role; key?: unknown },
): Promise<ProcessRecord> {
  const { name, file, keyRole, key } = peer;
  const dir = peerDir(store, name);
  writeWorld(dir, world);
  writePrivate(join(dir, "attester.json"), { name });
  if (key !== undefined) writePrivate(peerKeyFile(dir), key);
  await storeKey(join(dir, "keys"), keyRole, roleWallet(keyRole).privateKey, TEST_KEY_SCRYPT_N);
  return startProcess(store, name, process.execPath, [join(ROOT, file), "--dir", dir], readyLine);
}

/** The scenario's people: their keys are theirs, and they may work the exchange's fault switches. */
export async function startActors(store: string, world: World, adminToken: string): Promise<void> {
  const dir = peerDir(store, "actors");
  writeWorld(dir, world);
  writePrivate(join(dir, "admin.json"), { adminToken });
  for (const role of ["guardian", "deployer", "feeder", "actor", "staker1"] as const)
    await storeKey(join(dir, "keys"), role, roleWallet(role).privateKey, TEST_KEY_SCRYPT_N);
  await startProcess(
    store,
    "actors",
    process.execPath,
    [join(ROOT, "sim/actors.ts"), "--dir", dir],
    readyLine,
  );
}

/** The exchange's keys of a local world, in a file that only we can read. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { UsageError } from "../../errors/errors.ts";

export type VenueKey = { apiKey: string; secret: string; passphrase: string };
export type VenueSecrets = { adminToken: string; trade: VenueKey; read: VenueKey };

export type PaperTokens = { tradeToken: string; readToken: string };

export const secretsFile = (dir: string): string => join(dir, "secrets.json");

/** @throws UsageError when the directory holds none. */
export function readSecrets(dir: string): VenueSecrets {
  const file = secretsFile(dir);
  if (!existsSync(file))
    throw new UsageError("secrets.missing", `${dir} holds no secrets.json, so it is no store of a run`);
  return JSON.parse(readFileSync(file, "utf8")) as VenueSecrets;
}

/** A peer's key to the account, in its own directory: a read-only key of the exchange, or of a paper account. */
export const peerKeyFile = (dir: string): string => join(dir, "venue-key.json");
/** Tokens of the paper account, in the store of a live world. */
export const paperTokensFile = (dir: string): string => join(dir, "paper-tokens.json");

/** @throws UsageError when the file is not there. */
export function readKeyFile<Key>(file: string): Key {
  if (!existsSync(file)) throw new UsageError("secrets.missing", `there is no ${file}`);
  return JSON.parse(readFileSync(file, "utf8")) as Key;
}

/** The exchange's keys of a local world, in a file that only we can read. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { UsageError } from "../../errors/errors.ts";

export type VenueKey = { apiKey: string; secret: string; passphrase: string };
export type VenueSecrets = { adminToken: string; trade: VenueKey; read: VenueKey };

export const secretsFile = (dir: string): string => join(dir, "secrets.json");

/** @throws UsageError when the directory holds none. */
export function readSecrets(dir: string): VenueSecrets {
  const file = secretsFile(dir);
  if (!existsSync(file))
    throw new UsageError("secrets.missing", `${dir} holds no secrets.json, so it is no store of a run`);
  return JSON.parse(readFileSync(file, "utf8")) as VenueSecrets;
}

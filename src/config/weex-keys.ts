/** Keys of a real WEEX account, from the environment. They are neither logged nor described anywhere. */
import { UsageError } from "../errors/errors.ts";

export type WeexKey = { apiKey: string; secret: string; passphrase: string };
export type WeexKeys = {
  uid: string;
  /** May trade; stays in the engine's memory. */
  trade: WeexKey;
  /** May only read; attesters get it. */
  read: WeexKey;
};

const MAX_UID_CHARS = 40;

/** @throws UsageError naming what is missing, never a value. */
export function readWeexKeys(env: NodeJS.ProcessEnv = process.env): WeexKeys {
  const missing: string[] = [];
  const read = (name: string): string => {
    const value = env[name]?.trim() ?? "";
    if (value === "") missing.push(name);
    return value;
  };
  const keys: WeexKeys = {
    uid: read("WEEX_UID"),
    trade: {
      apiKey: read("WEEX_API_KEY"),
      secret: read("WEEX_API_SECRET"),
      passphrase: read("WEEX_API_PASSPHRASE"),
    },
    read: {
      apiKey: read("WEEX_READ_API_KEY"),
      secret: read("WEEX_READ_API_SECRET"),
      passphrase: read("WEEX_READ_API_PASSPHRASE"),
    },
  };
  if (missing.length > 0)
    throw new UsageError(
      "keys.missing",
      `--trade needs keys in the environment, and ${missing.join(", ")} ${missing.length > 1 ? "are" : "is"} not set`,
    );
  if (!/^[A-Za-z0-9_-]+$/.test(keys.uid) || keys.uid.length > MAX_UID_CHARS)
    throw new UsageError("keys.uid", "WEEX_UID is the account's number as WEEX shows it");
  if (keys.read.apiKey === keys.trade.apiKey)
    throw new UsageError(
      "keys.same",
      "WEEX_READ_API_KEY must be a key of its own, without the right to trade: attesters hold it",
    );
  return keys;
}

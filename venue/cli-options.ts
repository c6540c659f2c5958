// Reads the command line; everything wrong ends as one sentence.

import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { z } from "zod";
import type { ApiKey } from "./http/signature.ts";
import { parseE8 } from "./money/e8.ts";
import type { VenueOptions } from "./venue-server.ts";

export class OptionError extends Error {}

const MINUTE_MS = 60_000;
const MAX_HISTORY_MINUTES = 1_600_000;
const MIN_START_MS = Date.UTC(2010, 0, 1);
const MAX_START_MS = Date.UTC(2040, 0, 1);
const DEFAULT_START_MS = Date.UTC(2026, 0, 5, 12);
const MAX_MARKETS = 20;

const accountsFile = z.array(
  z.strictObject({
    uid: z.string().min(1).max(40),
    role: z.enum(["trade", "read"]),
    apiKey: z.string().min(1).max(128),
    secret: z.string().min(1).max(256),
    passphrase: z.string().min(1).max(64),
  }),
);

const TEXT = { type: "string" } as const;

export function readOptions(args: string[]): VenueOptions {
  let values: Record<string, string | string[] | boolean | undefined>;
  try {
    values = parseArgs({
      args,
      allowPositionals: false,
      options: {
        port: TEXT,
        host: TEXT,
        seed: TEXT,
        markets: TEXT,
        "start-ms": TEXT,
        "history-minutes": TEXT,
        "tick-ms": TEXT,
        data: { type: "string", multiple: true },
        mode: TEXT,
        speed: TEXT,
        accounts: TEXT,
        "admin-token": TEXT,
        "maker-fee": TEXT,
        "taker-fee": TEXT,
        "rate-limit-weight": TEXT,
        "ping-ms": TEXT,
      },
    }).values;
  } catch (error) {
    throw new OptionError(error instanceof Error ? error.message.split("\n")[0]! : String(error));
  }
  const text = (name: string) => values[name] as string | undefined;
  const whole = (name: string, standard: number, least: number, most: number): number => {
    const given = text(name);
    if (given === undefined) return standard;
    const value = Number(given);
    if (!Number.isInteger(value) || value < least || value > most) {
      throw new OptionError(`--${name} must be a whole number from ${least} to ${most}.`);
    }
    return value;
  };
  const markets = marketList(text("markets") ?? "BTCUSDT");
  const tickMs = whole("tick-ms", 10_000, 500, 15_000);
  if (MINUTE_MS % tickMs !== 0) throw new OptionError("--tick-ms must divide 60000.");
  const mode = text("mode") ?? "lockstep";
  if (mode !== "lockstep" && mode !== "free") throw new OptionError("--mode must be lockstep or free.");
  const speed = Number(text("speed") ?? 1);
  if (!(speed > 0 && speed <= 100_000)) throw new OptionError("--speed must be above 0 and at most 100000.");
  return {
    port: whole("port", 0, 0, 65_535),
    host: text("host") ?? "127.0.0.1",
    seed: whole("seed", 1, 0, 0xffffffff),
    markets,
    startMs: Math.floor(whole("start-ms", DEFAULT_START_MS, MIN_START_MS, MAX_START_MS) / tickMs) * tickMs,
    historyMinutes: whole("history-minutes", 5760, 0, MAX_HISTORY_MINUTES),
    tickMs,
    data: dataFiles((values.data as string[] | undefined) ?? [], markets),
    mode,
    speed,
    accounts: readAccounts(text("accounts")),
    adminToken: text("admin-token"),
    makerFeePpm: feePpm("maker-fee", text("maker-fee") ?? "0.0002"),
    takerFeePpm: feePpm("taker-fee", text("taker-fee") ?? "0.0008"),
    rateLimitWeight: whole("rate-limit-weight", 500, 0, 1_000_000_000),
    pingMs: whole("ping-ms", MINUTE_MS, 0, 86_400_000),
  };
}

function marketList(given: string): string[] {
  const names = given.split(",");
  if (names.length > MAX_MARKETS) throw new OptionError(`--markets takes at most ${MAX_MARKETS} names.`);
  for (const name of names) {
    if (!/^[A-Z0-9]{1,16}USDT$/.test(name))
      throw new OptionError(`--markets: "${name}" is not a name like BTCUSDT.`);
  }
  if (new Set(names).size !== names.length) throw new OptionError("--markets names a market twice.");
  return names;
}

function dataFiles(given: string[], markets: string[]): Map<string, string> {
  const files = new Map<string, string>();
  for (const entry of given) {
    const match = /^([A-Z0-9]{1,20})=(.+)$/.exec(entry);
    const symbol = match?.[1] ?? markets[0]!;
    if (!markets.includes(symbol))
      throw new OptionError(`--data names ${symbol}, which is not in --markets.`);
    if (files.has(symbol)) throw new OptionError(`--data gives two files for ${symbol}.`);
    files.set(symbol, match?.[2] ?? entry);
  }
  return files;
}

function readAccounts(file: string | undefined): ApiKey[] {
  if (file === undefined) return [];
  let raw: unknown;
  try {
    raw = JSON.parse(readFileSync(file, "utf8"));
  } catch {
    throw new OptionError(`--accounts: ${file} cannot be read as JSON.`);
  }
  const parsed = accountsFile.safeParse(raw);
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    throw new OptionError(`--accounts: ${file} is not right at "${issue.path.join(".")}": ${issue.message}.`);
  }
  if (new Set(parsed.data.map((key) => key.apiKey)).size !== parsed.data.length) {
    throw new OptionError(`--accounts: ${file} gives one apiKey twice.`);
  }
  return parsed.data;
}

function feePpm(name: string, given: string): bigint {
  const valueE8 = parseE8(given);
  if (valueE8 === undefined || valueE8 < 0n || valueE8 > 1_000_000n || valueE8 % 100n !== 0n) {
    throw new OptionError(`--${name} must be a fraction from 0 to 0.01 with at most 6 decimals.`);
  }
  return valueE8 / 100n;
}

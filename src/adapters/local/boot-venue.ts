/** Where a world trades, and the first kind of such a place: an exchange simulated on this machine. */
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { FUNDS, TIMING, VENUE_UID } from "../../config/scenario.ts";
import type { World } from "../../config/world.ts";
import { symbolOf } from "../../domain/market.ts";
import { formatE6 } from "../../domain/money.ts";
import type { BootOptions } from "./boot.ts";
import { ROOT, writePrivate } from "./boot-peers.ts";
import { type ProcessRecord, readyLine, startProcess } from "./process.ts";
import { secretsFile, type VenueKey, type VenueSecrets } from "./secrets.ts";
import { VenueAdmin } from "./venue-admin.ts";

export type TradingPlace = {
  /** What the world's description says of it. */
  venue: World["venue"];
  source: string;
  startMs: number;
  /** What the vault sends to the account. */
  atVenueUsdE6: bigint;
  /** To read the account with; attesters get it. */
  peerKey: unknown;
  /** Of a simulated exchange: for the scenario's actors. */
  adminToken?: string;
  /** The custody desk books what the vault has sent. */
  credit(): Promise<void>;
};

const newKey = (): VenueKey => ({
  apiKey: randomBytes(16).toString("hex"),
  secret: randomBytes(32).toString("hex"),
  passphrase: randomBytes(12).toString("hex"),
});

export async function openSimulated(options: BootOptions): Promise<TradingPlace> {
  const secrets: VenueSecrets = {
    adminToken: randomBytes(24).toString("hex"),
    trade: newKey(),
    read: newKey(),
  };
  writePrivate(secretsFile(options.dir), secrets);
  options.progress("starting the exchange");
  const { port } = await startVenue(options, secrets);
  const url = `http://127.0.0.1:${port}`;
  const admin = new VenueAdmin(url, secrets.adminToken);
  const { atVenueUsdE6 } = FUNDS;
  return {
    venue: { url, wsUrl: `ws://127.0.0.1:${port}`, uid: VENUE_UID },
    source:
      options.data.length > 0
        ? `recorded: ${options.data.map((file) => file.split("/").at(-1)).join(", ")}`
        : "synthetic",
    startMs: (await admin.status()).nowMs,
    atVenueUsdE6,
    peerKey: secrets.read,
    adminToken: secrets.adminToken,
    credit: async () => void (await admin.deposit(VENUE_UID, formatE6(atVenueUsdE6), "allocation-1")),
  };
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

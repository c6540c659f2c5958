/** Places on a real market: a paper account over WEEX's public data, or a real account taken over as it is. */
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { FUNDS } from "../../config/scenario.ts";
import { readWeexKeys, type WeexKey } from "../../config/weex-keys.ts";
import type { World } from "../../config/world.ts";
import { symbolOf } from "../../domain/market.ts";
import { formatE6, formatE8 } from "../../domain/money.ts";
import { messageOf, SaksiError, UsageError } from "../../errors/errors.ts";
import { createWeexAccountReader } from "../weex/client.ts";
import { weexHosts } from "../weex/options.ts";
import { PAPER_FILE, type PaperDeskSettings } from "../weex/paper-desk.ts";
import { openingOf } from "../weex/since-opening.ts";
import type { BootOptions } from "./boot.ts";
import { peerDir, ROOT, writePrivate } from "./boot-peers.ts";
import type { TradingPlace } from "./boot-venue.ts";
import { readyLine, startProcess } from "./process.ts";
import { type PaperTokens, paperTokensFile } from "./secrets.ts";
import { weexConnection } from "./venue.ts";

const PAPER_UID = "paper";
const E8_PER_E6 = 100n;
const alreadyThere = async (): Promise<void> => undefined;

function hostsOf(weexUrl: string | undefined): Pick<World["venue"], "url" | "wsUrl"> {
  const { restBaseUrl, wsBaseUrl } = weexHosts(weexUrl);
  return restBaseUrl === undefined || wsBaseUrl === undefined ? {} : { url: restBaseUrl, wsUrl: wsBaseUrl };
}

const sourceOf = (text: string, weexUrl: string | undefined): string =>
  weexUrl === undefined ? text : `${text}, at ${weexUrl}`;

/** A new paper account, opened with what the vault sends it. */
export async function openPaper(options: BootOptions): Promise<TradingPlace> {
  const { dir, weexUrl, market } = options;
  const tokens: PaperTokens = {
    tradeToken: randomBytes(24).toString("hex"),
    readToken: randomBytes(24).toString("hex"),
  };
  writePrivate(paperTokensFile(dir), tokens);
  const peer = peerDir(dir, "paper");
  const settings: PaperDeskSettings = {
    symbol: symbolOf(market),
    ...(weexUrl === undefined ? {} : { weexUrl }),
    ...tokens,
    balanceE8: FUNDS.atVenueUsdE6 * E8_PER_E6,
  };
  writePrivate(join(peer, PAPER_FILE), settings);
  options.progress("opening a paper account on WEEX's public market");
  const entry = join(ROOT, "src/cli/paper.ts");
  const { port } = await startProcess(dir, "paper", process.execPath, [entry, "--dir", peer], readyLine);
  return {
    venue: { ...hostsOf(weexUrl), uid: PAPER_UID, paperUrl: `http://127.0.0.1:${port}` },
    source: sourceOf("live: WEEX's public data, fills on paper", weexUrl),
    startMs: options.wall.nowMs(),
    atVenueUsdE6: FUNDS.atVenueUsdE6,
    peerKey: { readToken: tokens.readToken },
    credit: alreadyThere,
  };
}

/**
 * The account with what it holds; the local vault's allocation is set to that.
 * @throws UsageError for missing keys, keys of two accounts, an account that is not flat, or a balance out of bounds.
 */
export async function openRealAccount(options: BootOptions): Promise<TradingPlace> {
  const keys = readWeexKeys();
  const { weexUrl, market, wall } = options;
  const symbol = symbolOf(market);
  const venue = { ...hostsOf(weexUrl), uid: keys.uid };
  const reader = (credentials: WeexKey) =>
    createWeexAccountReader({
      ...weexConnection({ venue, mode: "trade" }, "saksi-setup", () => wall.nowMs()),
      credentials,
    });
  options.progress("reading the WEEX account");
  const account = reader(keys.trade);
  const [balance, positions, orders, protective, atMs] = await readable("trading key", () =>
    Promise.all([
      account.balance(),
      account.positions(),
      account.openOrders(symbol),
      account.openAlgoOrders(symbol),
      account.serverTimeMs(),
    ]),
  );
  const seen = await readable("read-only key", () => reader(keys.read).balance());
  if (positions.length + orders.length + protective.length > 0)
    throw new UsageError(
      "trade.notFlat",
      `the WEEX account has ${positions.length} positions and ${orders.length + protective.length} orders; close and cancel them first`,
    );
  if (seen.balanceE8 !== balance.balanceE8)
    throw new UsageError(
      "keys.twoAccounts",
      "the trading key and the read-only key show different balances; give two keys of one account",
    );
  const opening = openingOf(balance.balanceE8, atMs);
  const atVenueUsdE6 = opening.balanceE8 / E8_PER_E6;
  if (atVenueUsdE6 <= 0n || atVenueUsdE6 > FUNDS.venueCapUsdE6)
    throw new UsageError(
      "trade.balance",
      `the WEEX account holds ${formatE8(balance.balanceE8)} USDT; this version trades accounts that hold something and at most ${formatE6(FUNDS.venueCapUsdE6)}`,
    );
  return {
    venue: { ...venue, opening },
    source: sourceOf("trade: real orders on WEEX", weexUrl),
    startMs: wall.nowMs(),
    atVenueUsdE6,
    peerKey: keys.read,
    credit: alreadyThere,
  };
}

async function readable<T>(key: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    throw new SaksiError(
      "trade.account",
      `the WEEX account cannot be read with the ${key}: ${messageOf(error)}`,
      {
        cause: error,
      },
    );
  }
}

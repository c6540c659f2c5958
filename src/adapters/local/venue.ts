/** The exchange of a world as each of its processes sees it: simulated, on paper over live data, or real. */
import { MODES } from "../../config/modes.ts";
import { readWeexKeys, type WeexKey } from "../../config/weex-keys.ts";
import type { World } from "../../config/world.ts";
import { SaksiError, UsageError } from "../../errors/errors.ts";
import type { VenueAccount, VenueData, VenueTrading } from "../../ports/venue.ts";
import { createWeexAccountReader, createWeexClient } from "../weex/client.ts";
import type { WeexOptions } from "../weex/options.ts";
import { paperAccount, paperTrading } from "../weex/paper-client.ts";
import { type Opening, sinceOpening } from "../weex/since-opening.ts";
import type { WeexStream } from "../weex/stream.ts";
import {
  type PaperTokens,
  paperTokensFile,
  peerKeyFile,
  readKeyFile,
  readSecrets,
  type VenueKey,
} from "./secrets.ts";

export type EngineVenue = VenueData & VenueTrading & Pick<WeexStream, "start" | "stop" | "awaitFrames">;

const REQUEST_TIMEOUT_MS = 10_000;
/** The paper account asks the market itself before it answers. */
const PAPER_TIMEOUT_MS = 30_000;
const nothingToAwait = async (): Promise<void> => undefined;

/** Hosts of the exchange; without a URL in the description, WEEX's own. */
export function weexConnection(
  world: Pick<World, "venue" | "mode">,
  userAgent: string,
  now: () => number,
): WeexOptions {
  const { url, wsUrl } = world.venue;
  return {
    ...(url === undefined ? {} : { restBaseUrl: url }),
    ...(wsUrl === undefined ? {} : { wsBaseUrl: wsUrl }),
    userAgent,
    requestTimeoutMs: REQUEST_TIMEOUT_MS,
    now,
    triggerPrice: MODES[world.mode].triggerPrice,
  };
}

/**
 * With the keys of this store, or of the environment for a real account.
 * @throws UsageError when keys are missing or of another account.
 */
export function engineVenue(dir: string, world: World, now: () => number): EngineVenue {
  const connection = weexConnection(world, "saksi-engine", now);
  if (world.mode === "simulated")
    return createWeexClient({ ...connection, credentials: readSecrets(dir).trade });
  if (world.mode === "live") {
    const { url } = paperOf(world);
    const paper = paperTrading({
      url,
      token: readKeyFile<PaperTokens>(paperTokensFile(dir)).tradeToken,
      timeoutMs: PAPER_TIMEOUT_MS,
    });
    const data = createWeexAccountReader({ ...connection, bookSource: "REST" });
    return {
      ...data,
      ...paper,
      start: nothingToAwait,
      stop: nothingToAwait,
      awaitFrames: nothingToAwait,
    };
  }
  const client = createWeexClient({
    ...connection,
    bookSource: "REST",
    credentials: tradeKeyOf(world),
  });
  return { ...sinceOpening(client, openingOf(world)), awaitFrames: nothingToAwait };
}

/** For attesters: data and the read-only half of the account, with the key of their own directory. */
export function witnessVenue(
  dir: string,
  world: World,
  userAgent: string,
  now: () => number,
): VenueData & VenueAccount {
  const connection: WeexOptions = { ...weexConnection(world, userAgent, now), bookSource: "REST" };
  if (world.mode === "live") {
    const { url } = paperOf(world);
    const account = paperAccount({
      url,
      token: readKeyFile<Pick<PaperTokens, "readToken">>(peerKeyFile(dir)).readToken,
      timeoutMs: PAPER_TIMEOUT_MS,
    });
    return { ...createWeexAccountReader(connection), ...account };
  }
  const reader = createWeexAccountReader({
    ...connection,
    credentials: readKeyFile<VenueKey>(peerKeyFile(dir)),
  });
  return world.mode === "trade" ? sinceOpening(reader, openingOf(world)) : reader;
}

/** The trading key of a real account is in the environment of each start and nowhere else. */
function tradeKeyOf(world: World): WeexKey {
  const { uid, trade } = readWeexKeys();
  if (uid !== world.venue.uid)
    throw new UsageError(
      "keys.otherAccount",
      `this store trades account ${world.venue.uid} and WEEX_UID names another; use that account's keys or another --store`,
    );
  return trade;
}

function paperOf({ venue }: World): { url: string } {
  if (venue.paperUrl === undefined) throw incomplete("paper account");
  return { url: venue.paperUrl };
}

function openingOf({ venue }: World): Opening {
  if (venue.opening === undefined) throw incomplete("account's opening balance");
  return venue.opening;
}

const incomplete = (what: string): SaksiError =>
  new SaksiError("world.incomplete", `the store's description names no ${what}; use another --store`);

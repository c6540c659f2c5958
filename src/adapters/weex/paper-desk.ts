/**
 * The paper account as a process: it owns the account, watches stops and targets, and outlives the engine as an
 * exchange would. Its time is the market's, asked before each call.
 */
import { existsSync, readFileSync } from "node:fs";
import type { Server } from "node:http";
import { join } from "node:path";
import { z } from "zod";
import { decodeJson } from "../../domain/json.ts";
import { parseInput } from "../../domain/schemas.ts";
import { messageOf, UsageError } from "../../errors/errors.ts";
import { VirtualClock } from "../local/clock.ts";
import { createWeexClient } from "./client.ts";
import { weexHosts } from "./options.ts";
import { createPaperTrading, type PaperTrading } from "./paper.ts";
import { paperFiles } from "./paper-file.ts";
import { paperServer } from "./paper-server.ts";

export const PAPER_FILE = "paper.json";
/** Real milliseconds between two looks at stop and target while a position is open. */
const POLL_MS = 5_000;
const REQUEST_TIMEOUT_MS = 10_000;
const MIN_TOKEN_CHARS = 16;

const PaperDeskSchema = z.strictObject({
  symbol: z.string().min(1),
  /** Another host that speaks WEEX v3. */
  weexUrl: z.url().optional(),
  tradeToken: z.string().min(MIN_TOKEN_CHARS),
  readToken: z.string().min(MIN_TOKEN_CHARS),
  /** Opening balance of a new account. */
  balanceE8: z.bigint().positive(),
});
export type PaperDeskSettings = z.infer<typeof PaperDeskSchema>;

/**
 * Opens the account described in `dir`, or a new one.
 * @throws UsageError for a missing or bad description, UnknownOutcome when the market does not answer.
 */
export async function openPaperDesk(dir: string): Promise<{ server: Server; close(): Promise<void> }> {
  const file = join(dir, PAPER_FILE);
  if (!existsSync(file)) throw new UsageError("paper.settings", `${dir} holds no ${PAPER_FILE}`);
  const settings = parseInput(PaperDeskSchema, decodeJson(readFileSync(file, "utf8")), PAPER_FILE);
  const { symbol, weexUrl, balanceE8 } = settings;
  const clock = new VirtualClock(0);
  const data = createWeexClient({
    ...weexHosts(weexUrl),
    userAgent: "saksi-paper",
    requestTimeoutMs: REQUEST_TIMEOUT_MS,
    now: () => clock.nowMs(),
    bookSource: "REST",
  });
  const readTime = async (): Promise<void> => clock.advanceTo(await data.serverTimeMs());
  await readTime();
  const store = paperFiles(join(dir, "account"));
  const account = createPaperTrading({ data, store, account: symbol, balanceE8, now: () => clock.nowMs() });
  await account.balance();
  const watch = watchStops(account, data, symbol, readTime);
  return {
    server: paperServer(account, settings, readTime),
    async close() {
      await watch.stop();
      await data.stop();
    },
  };
}

/** A failed look is said and made again; closed bars tell later what happened meanwhile. */
function watchStops(
  account: PaperTrading,
  data: { prices(symbol: string): Promise<{ markE8: bigint }> },
  symbol: string,
  readTime: () => Promise<void>,
) {
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();
  const look = async (): Promise<void> => {
    await readTime();
    if ((await account.positions(symbol)).length === 0) return;
    await account.onPrice(symbol, (await data.prices(symbol)).markE8);
  };
  const schedule = (): void => {
    if (stopped) return;
    timer = setTimeout(() => {
      running = look()
        .catch((error: unknown) => void process.stderr.write(`paper: ${messageOf(error)}\n`))
        .finally(schedule);
    }, POLL_MS);
  };
  schedule();
  return {
    async stop(): Promise<void> {
      stopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}

/** What is checked of a real account before anything trades in it, asked of the simulated exchange over its protocol. */
import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { BootOptions } from "../../src/adapters/local/boot.ts";
import { openRealAccount } from "../../src/adapters/local/boot-real.ts";
import { createWeexClient } from "../../src/adapters/weex/client.ts";
import { openWorld } from "../../src/cli/open-world.ts";
import { parseUp, type UpOptions } from "../../src/cli/options.ts";
import { SaksiError, UsageError } from "../../src/errors/errors.ts";
import { READER, startVenue, TRADER, UID, type Venue } from "../adapters/weex/venue-process.ts";
import { pausedRun } from "../lambdas/store.ts";

const SYMBOL = "BTCUSDT";
const KEYS: Record<string, string> = {
  WEEX_UID: UID,
  WEEX_API_KEY: TRADER.apiKey,
  WEEX_API_SECRET: TRADER.secret,
  WEEX_API_PASSPHRASE: TRADER.passphrase,
  WEEX_READ_API_KEY: READER.apiKey,
  WEEX_READ_API_SECRET: READER.secret,
  WEEX_READ_API_PASSPHRASE: READER.passphrase,
};
const wall = { nowMs: () => 0, sleepUntil: async () => undefined };

describe("a real account before it is traded", () => {
  const dir = mkdtempSync(join(tmpdir(), "saksi-real-"));
  let venue: Venue;
  before(async () => {
    venue = await startVenue(["--rate-limit-weight", "0"]);
    Object.assign(process.env, KEYS);
  });
  after(async () => {
    for (const name of Object.keys(KEYS)) delete process.env[name];
    await venue.stop();
    rmSync(dir, { recursive: true });
  });
  const move = (kind: "deposit" | "withdraw", amount: string, ref: string) =>
    venue.admin("POST", kind, { uid: UID, asset: "USDT", amount, ref });
  const open = () =>
    openRealAccount({
      dir,
      mode: "trade",
      market: `weex:${SYMBOL}`,
      weexUrl: venue.rest,
      wall: { ...wall, nowMs: () => venue.nowMs() },
      progress: () => undefined,
    } as unknown as BootOptions);
  const refused = (expected: RegExp) =>
    assert.rejects(open(), (error: unknown) => {
      assert.ok(error instanceof SaksiError, String(error));
      assert.match(error.message, expected);
      for (const { secret, passphrase } of [TRADER, READER])
        assert.ok(!error.message.includes(secret) && !error.message.includes(passphrase));
      return true;
    });

  it("is refused empty, and with more than the local fund may send", async () => {
    await refused(/holds 0 USDT; this version trades accounts that hold something and at most 15000/);
    await move("deposit", "15000.000001", "1");
    await refused(/holds 15000\.000001 USDT/);
    await move("withdraw", "14000", "2");
  });

  it("is taken over with what it holds, in whole E6, and its keys are written nowhere", async () => {
    await move("deposit", "0.00000099", "3");
    const place = await open();
    assert.deepEqual(place.venue, {
      url: venue.rest,
      wsUrl: venue.ws,
      uid: UID,
      opening: { atMs: venue.nowMs(), balanceE8: 100_000_000_100n, remainderE8: 99n },
    });
    assert.equal(place.atVenueUsdE6, 1_000_000_001n);
    assert.deepEqual(place.peerKey, READER, "attesters get the key that only reads");
    assert.deepEqual(readdirSync(dir), []);
  });

  it("is refused while a position is open or an order rests", async () => {
    const client = createWeexClient(venue.options());
    const { askE8, tickE8 } = await bestAsk();
    await client.placeEntry({
      clientOrderId: "before-1",
      symbol: SYMBOL,
      side: "LONG",
      qtyE8: 100_000n,
      limitE8: askE8 + 100n * tickE8,
      stopE8: askE8 / 2n - ((askE8 / 2n) % tickE8),
      targetE8: askE8 * 2n,
    });
    await refused(/has 1 positions and 2 orders; close and cancel them first/);
    await client.placeExit({ clientOrderId: "before-2", symbol: SYMBOL, side: "LONG", qtyE8: 100_000n });
    await refused(/has 0 positions and 2 orders/);
    for (const { algoId } of await client.openAlgoOrders(SYMBOL)) await client.cancelAlgo(SYMBOL, algoId);
    await open();

    async function bestAsk() {
      const { tickE8 } = await client.marketRules(SYMBOL);
      const [askE8] = (await client.book(SYMBOL)).asks[0] ?? [0n];
      return { askE8, tickE8 };
    }
  });

  it("is refused with a key that WEEX does not know, in words that show no secret", async () => {
    process.env["WEEX_READ_API_KEY"] = "unknown-key-0123456789";
    await refused(/cannot be read with the read-only key/);
    process.env["WEEX_READ_API_KEY"] = READER.apiKey;
    process.env["WEEX_API_SECRET"] = "another-secret-0123456789";
    await refused(/cannot be read with the trading key/);
    process.env["WEEX_API_SECRET"] = TRADER.secret;
  });
});

describe("a store of another kind of world", () => {
  const opened = async (store: string, ...args: string[]) =>
    openWorld(store, parseUp(args) as UpOptions, { wall, progress: () => undefined });

  it("is not resumed as one on a real market", async () => {
    const store = await pausedRun();
    await assert.rejects(
      opened(store, "--live"),
      (error: unknown) =>
        error instanceof UsageError &&
        /holds a run with --seed 7 --oracle quorum --market weex:BTCUSDT; give the same options/.test(
          error.message,
        ),
    );
    rmSync(store, { recursive: true });
  });

  it("is not opened for real orders without keys", async () => {
    const store = mkdtempSync(join(tmpdir(), "saksi-real-"));
    await assert.rejects(
      opened(store, "--trade", "--confirm-real-orders", "weex:BTCUSDT"),
      /--trade needs keys in the environment, and WEEX_UID, .* are not set$/,
    );
    assert.deepEqual(readdirSync(store), []);
    rmSync(store, { recursive: true });
  });
});

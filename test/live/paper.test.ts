/** The paper account as its own process, over HTTP, on the simulated exchange's public data. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { findProcess, readyLine, startProcess, stopProcess } from "../../src/adapters/local/process.ts";
import { paperAccount, paperTrading } from "../../src/adapters/weex/paper-client.ts";
import { encodeJson } from "../../src/domain/json.ts";
import { Refused, UnknownOutcome } from "../../src/errors/errors.ts";
import type { EntryOrder, VenueAccount, VenueTrading } from "../../src/ports/venue.ts";
import { minutes, startVenue, type Venue } from "../adapters/weex/venue-process.ts";

const SYMBOL = "BTCUSDT";
const E8 = 100_000_000n;
const DESK = new URL("../../src/cli/paper.ts", import.meta.url).pathname;
const TRADE_TOKEN = "token-that-may-trade";
const READ_TOKEN = "token-that-may-read";

describe("the paper account in its process", () => {
  const dir = mkdtempSync(join(tmpdir(), "saksi-paper-"));
  let venue: Venue;
  let url = "";
  let trader: VenueTrading;
  let reader: VenueAccount;

  async function startDesk(): Promise<void> {
    const { port } = await startProcess(dir, "paper", process.execPath, [DESK, "--dir", dir], readyLine);
    url = `http://127.0.0.1:${port}`;
    trader = paperTrading({ url, token: TRADE_TOKEN, timeoutMs: 10_000 });
    reader = paperAccount({ url, token: READ_TOKEN, timeoutMs: 10_000 });
  }
  before(async () => {
    venue = await startVenue(["--rate-limit-weight", "0"]);
    mkdirSync(dir, { recursive: true });
    const settings = {
      symbol: SYMBOL,
      weexUrl: venue.rest,
      tradeToken: TRADE_TOKEN,
      readToken: READ_TOKEN,
      balanceE8: 10_000n * E8,
    };
    writeFileSync(join(dir, "paper.json"), encodeJson(settings));
    await startDesk();
  });
  after(async () => {
    await stopProcess(dir, "paper");
    await venue.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  const entry = (clientOrderId: string): EntryOrder => ({
    clientOrderId,
    symbol: SYMBOL,
    side: "LONG",
    qtyE8: E8 / 100n,
    limitE8: 90_000n * E8,
    stopE8: 10_000n * E8,
    targetE8: 190_000n * E8,
  });

  it("opens with a transfer of its balance", async () => {
    assert.deepEqual(await reader.balance(), {
      balanceE8: 10_000n * E8,
      availableE8: 10_000n * E8,
      unrealisedE8: 0n,
    });
    assert.deepEqual(
      (await reader.income(0)).map(({ kind, amountE8 }) => [kind, amountE8]),
      [["TRANSFER", 10_000n * E8]],
    );
  });

  it("lets the read token trade nothing, and an unknown token do nothing", async () => {
    const withReadToken = paperTrading({ url, token: READ_TOKEN, timeoutMs: 10_000 });
    const calls: (() => Promise<unknown>)[] = [
      () => withReadToken.prepare(SYMBOL, 5),
      () => withReadToken.placeEntry(entry("r-1")),
      () => withReadToken.placeExit({ clientOrderId: "r-2", symbol: SYMBOL, side: "LONG", qtyE8: E8 }),
      () => withReadToken.cancelAlgo(SYMBOL, "1"),
      () => withReadToken.cancelOrder(SYMBOL, "1"),
    ];
    for (const call of calls)
      await assert.rejects(
        call,
        (error: Error) => error instanceof Refused && /may not trade/.test(error.message),
      );
    const stranger = paperTrading({ url, token: "token-of-somebody", timeoutMs: 10_000 });
    await assert.rejects(stranger.balance(), /knows no such token/);
    await assert.rejects(stranger.placeEntry(entry("s-1")), /knows no such token/);
    assert.deepEqual(await reader.orderHistory(SYMBOL, 0), []);
  });

  it("refuses what is no order, naming the field", async () => {
    await assert.rejects(
      trader.placeEntry({ ...entry("t-0"), qtyE8: -1n }),
      (error: Error) => error instanceof Refused && /paper placeEntry: qtyE8/.test(error.message),
    );
    await assert.rejects(
      trader.placeEntry({ ...entry("t-0"), side: "BOTH" as never }),
      /paper placeEntry: side/,
    );
    await assert.rejects(
      trader.placeEntry({ ...entry("t-0"), note: "unknown key" } as never),
      /paper placeEntry: .*note/,
    );
  });

  it("keeps position, protection and used ids when its process is killed and started again", async () => {
    await trader.prepare(SYMBOL, 5);
    await trader.placeEntry(entry("t-1"));
    const seen = async () => ({
      balance: await reader.balance(),
      positions: await reader.positions(),
      orders: await reader.orderHistory(SYMBOL, 0),
      algos: await reader.openAlgoOrders(SYMBOL),
      fills: await reader.fills(SYMBOL, 0),
    });
    const earlier = await seen();
    assert.deepEqual(earlier.positions, [{ symbol: SYMBOL, side: "LONG", qtyE8: E8 / 100n }]);
    assert.deepEqual(
      earlier.algos.map(({ kind }) => kind),
      ["STOP", "TARGET"],
    );
    process.kill(findProcess(dir, "paper")?.pid ?? 0, "SIGKILL");
    await assert.rejects(reader.balance(), (error: Error) => error instanceof UnknownOutcome);
    await startDesk();
    assert.deepEqual(await seen(), earlier);
    await assert.rejects(trader.placeEntry(entry("t-1")), /was used before/);
  });

  it("closes a position reduce-only and is flat in the read token's eyes", async () => {
    await venue.advance(minutes(2));
    await assert.rejects(
      trader.placeExit({ clientOrderId: "t-2", symbol: SYMBOL, side: "SHORT", qtyE8: E8 / 100n }),
      Refused,
    );
    await trader.placeExit({ clientOrderId: "t-3", symbol: SYMBOL, side: "LONG", qtyE8: E8 / 100n });
    assert.deepEqual(await reader.positions(), []);
    assert.deepEqual(await reader.openAlgoOrders(SYMBOL), []);
    const fills = await reader.fills(SYMBOL, 0);
    assert.equal(
      fills.filter((fill) => fill.side === "SELL").reduce((sum, fill) => sum + fill.qtyE8, 0n),
      E8 / 100n,
    );
  });

  it("takes a market that does not answer for an unknown outcome, not for a refusal", async () => {
    await venue.fault("http5xx", { path: "/capi/v3/market/time" });
    await assert.rejects(reader.balance(), (error: Error) => error instanceof UnknownOutcome);
    await venue.clearFaults();
    await reader.balance();
  });
});

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { after, afterEach, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { createWeexClient, type WeexClient } from "../../../src/adapters/weex/client.ts";
import { Refused, UnknownOutcome } from "../../../src/errors/errors.ts";
import type { VenueHint } from "../../../src/ports/venue.ts";
import { minutes, startVenue, UID, type Venue } from "./venue-process.ts";

const SYMBOL = "BTCUSDT";
const WAIT_MS = 5_000;
let venue: Venue;
let client: WeexClient;
let hints: VenueHint[] = [];

before(async () => {
  venue = await startVenue(["--rate-limit-weight", "0", "--markets", "BTCUSDT,ETHUSDT"]);
  await venue.admin("POST", "deposit", { uid: UID, asset: "USDT", amount: "100000.00", ref: "opening" });
  client = createWeexClient(venue.options());
  await client.start(SYMBOL, (hint) => void hints.push(hint));
});
after(async () => {
  await client.stop();
  await venue.stop();
});
afterEach(async () => {
  await venue.clearFaults();
  hints = [];
});

const kinds = () => hints.map((hint) => hint.kind);
async function step(ms = 10_000): Promise<void> {
  await client.awaitFrames(await venue.advance(ms), WAIT_MS);
}
async function eventually(done: () => boolean): Promise<void> {
  for (let i = 0; i < 200 && !done(); i++) await sleep(20);
  assert.ok(done(), "in time");
}
const byRest = () => createWeexClient(venue.options({ bookSource: "REST" }));

describe("WEEX stream", () => {
  it("names its connections and has read every frame up to the venue's watermark", async () => {
    const cids = client.cids();
    assert.equal(new Set(cids).size, 2);
    const watermarks = await venue.advance(minutes(1));
    assert.deepEqual(Object.keys(watermarks).sort(), [...cids].sort());
    await client.awaitFrames({ ...watermarks, "somebody-else": 1_000 }, WAIT_MS);
    assert.ok(kinds().includes("candle"));
    assert.equal(client.lastFrameAtMs() > 0, true);
    const beyond = Object.fromEntries(Object.entries(watermarks).map(([cid, count]) => [cid, count + 1]));
    await assert.rejects(client.awaitFrames(beyond, 100), UnknownOutcome);
  });

  it("serves the same book by stream and by REST, to the byte, tick after tick", async () => {
    const rest = byRest();
    for (let tick = 0; tick < 30; tick++) {
      await step();
      const live = client.liveBook(SYMBOL);
      assert.ok(live, "in order");
      assert.deepEqual(await client.book(SYMBOL), live);
      assert.deepEqual(await rest.book(SYMBOL), live);
    }
    assert.ok(!kinds().includes("book-gap"));
    assert.equal(client.livePrices(SYMBOL)?.markE8, (await client.prices(SYMBOL)).markE8);
  });

  it("sees a gap in the depth sequence, says so, and is in order again after a fresh snapshot", async () => {
    await venue.fault("sequenceGap", { count: 1, symbol: SYMBOL, userAgent: "saksi-test" });
    for (let i = 0; i < 6 && !kinds().includes("book-gap"); i++) await step();
    assert.ok(kinds().includes("book-gap"));
    await eventually(() => client.liveBook(SYMBOL) !== undefined);
    await step();
    assert.deepEqual(client.liveBook(SYMBOL), await byRest().book(SYMBOL));
  });

  it("hints at orders, fills and positions while the frame is read", async () => {
    const best = (await client.book(SYMBOL)).asks[0]![0];
    const { tickE8, minQtyE8 } = await client.marketRules(SYMBOL);
    const [stopE8, targetE8] = [best - tickE8 * 5_000n, best + tickE8 * 5_000n];
    await client.placeEntry({
      clientOrderId: "hinted",
      symbol: SYMBOL,
      side: "LONG",
      qtyE8: minQtyE8,
      limitE8: best + tickE8 * 50n,
      stopE8,
      targetE8,
    });
    await step();
    for (const kind of ["order", "fill", "position"] as const) assert.ok(kinds().includes(kind), kind);
    hints = [];
    await venue.fault("foreignOrder", {
      uid: UID,
      symbol: "ETHUSDT",
      side: "BUY",
      positionSide: "LONG",
      quantity: "0.01",
    });
    await step();
    assert.ok(kinds().includes("fill"), "an order in a market we do not follow");
  });

  for (const scope of ["public", "private"]) {
    it(`comes back after a dropped ${scope} socket with all its streams`, async () => {
      const before = client.cids();
      await venue.fault("dropSocket", { scope, count: 1, userAgent: "saksi-test" });
      await eventually(() =>
        hints.some((hint) => hint.kind === "socket" && hint.detail === `${scope} restored`),
      );
      assert.ok(hints.some((hint) => hint.detail === `${scope} dropped`));
      assert.notDeepEqual(client.cids().sort(), before.sort());
      await step();
      hints = [];
      await step(minutes(1));
      assert.ok(kinds().includes("candle"));
      await eventually(() => client.liveBook(SYMBOL) !== undefined);
      const income = `drop-${scope}`;
      await venue.admin("POST", "deposit", { uid: UID, asset: "USDT", amount: "1.00", ref: income });
      await step();
      assert.ok(hints.some((hint) => hint.detail === "account"));
    });
  }

  it("waits in awaitFrames for a socket that is coming back", async () => {
    const watermarks = await venue.advance(10_000);
    await venue.fault("dropSocket", { scope: "public", count: 1, userAgent: "saksi-test" });
    await client.awaitFrames(watermarks, WAIT_MS);
    await client.awaitFrames(await venue.advance(10_000), WAIT_MS);
    await eventually(() => client.liveBook(SYMBOL) !== undefined);
    assert.deepEqual(client.liveBook(SYMBOL), await byRest().book(SYMBOL));
  });

  it("follows a second market on the same sockets", async () => {
    const seen: VenueHint[] = [];
    await client.start("ETHUSDT", (hint) => void seen.push(hint));
    await step(minutes(1));
    assert.ok(seen.some((hint) => hint.kind === "candle" && hint.symbol === "ETHUSDT"));
    assert.deepEqual(client.liveBook("ETHUSDT"), await byRest().book("ETHUSDT"));
  });

  it("answers heartbeats, and refuses a market the venue does not know", async () => {
    await step(minutes(3));
    assert.equal(client.cids().length, 2);
    const other = createWeexClient(venue.options());
    await assert.rejects(
      other.start("NOPEUSDT", () => {}),
      Refused,
    );
    await other.stop();
  });

  for (const scope of ["public", "private"] as const)
    it(`starts although its ${scope} socket is cut twice while it opens`, async () => {
      const userAgent = `cut-${scope}`;
      await venue.admin("POST", "faults", { name: "dropSocket", scope, userAgent, count: 2 });
      const late = createWeexClient(venue.options({ userAgent }));
      try {
        await late.start(SYMBOL, () => {});
        assert.equal(late.cids().length, 2);
      } finally {
        await late.stop();
      }
    });

  it("lets a process end after stop", async () => {
    const script = `
      const { createWeexClient } = await import(${JSON.stringify(new URL("../../../src/adapters/weex/client.ts", import.meta.url).href)});
      const client = createWeexClient({ ...${JSON.stringify(venue.options())}, now: () => ${venue.nowMs()} });
      await client.start("BTCUSDT", () => {});
      await client.book("BTCUSDT");
      await client.balance();
      await client.stop();`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", script], { stdio: "inherit" });
    const code = await Promise.race([
      new Promise((resolve) => child.once("exit", resolve)),
      sleep(8_000, undefined, { ref: false }),
    ]);
    child.kill("SIGKILL");
    assert.equal(code, 0);
  });
});

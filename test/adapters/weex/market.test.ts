import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "node:test";
import { createWeexClient, type WeexClient } from "../../../src/adapters/weex/client.ts";
import { firstGap, MINUTE_MS } from "../../../src/domain/candle.ts";
import { Refused, UnknownOutcome } from "../../../src/errors/errors.ts";
import { minutes, START_MS, startVenue, type Venue } from "./venue-process.ts";

const SYMBOL = "BTCUSDT";
let venue: Venue;
let client: WeexClient;

before(async () => {
  venue = await startVenue(["--rate-limit-weight", "100000"]);
  client = createWeexClient(venue.options());
});
after(() => venue.stop());
afterEach(() => venue.clearFaults());

/** Request weight that `work` uses, by the venue's own count. */
async function weightOf(work: () => Promise<unknown>): Promise<number> {
  await client.serverTimeMs();
  const before = client.requestWeight().used ?? 0;
  await work();
  return (client.requestWeight().used ?? 0) - before;
}

describe("WEEX market data", () => {
  it("gives candles of one range the same whether they come from recent or from historical klines", async () => {
    const to = venue.nowMs();
    const from = to - minutes(1_300);
    const all = await client.candles(SYMBOL, from, to);
    assert.equal(all.length, 1_300);
    assert.equal(firstGap(all, from, to, MINUTE_MS), undefined);
    const pieces = [];
    for (let start = from; start < to; start += minutes(100))
      pieces.push(...(await client.candles(SYMBOL, start, start + minutes(100))));
    assert.deepEqual(pieces, all);
  });

  it("uses the fewest calls: one for what recent klines reach, one per hundred bars before", async () => {
    const now = venue.nowMs();
    const past = now - minutes(1);
    assert.equal(await weightOf(() => client.candles(SYMBOL, past - minutes(240), past)), 1);
    assert.equal(await weightOf(() => client.candles(SYMBOL, now - minutes(1_250), past)), 1 + 3 * 5);
    assert.equal(await weightOf(() => client.candles(SYMBOL, now - minutes(3_000), now - minutes(2_900))), 5);
  });

  it("gives closed candles only, by the server's time", async () => {
    await venue.advance(30_000);
    const openBar = Math.floor(venue.nowMs() / MINUTE_MS) * MINUTE_MS;
    const candles = await client.candles(SYMBOL, openBar - minutes(2), openBar + minutes(5));
    assert.deepEqual(
      candles.map((candle) => candle.openTimeMs),
      [openBar - minutes(2), openBar - minutes(1)],
    );
    assert.deepEqual(await client.candles(SYMBOL, openBar, openBar + minutes(1)), []);
    await venue.advanceTo(openBar + minutes(1));
    assert.equal((await client.candles(SYMBOL, openBar, openBar + minutes(1))).length, 1);
  });

  it("shows an altered candle to the client it was altered for, and a missing one as a gap", async () => {
    const openTimeMs = venue.nowMs() - minutes(10);
    const honest = createWeexClient(venue.options({ userAgent: "honest" }));
    const range = [openTimeMs, openTimeMs + minutes(2)] as const;
    const [true1, true2] = await honest.candles(SYMBOL, ...range);
    await venue.fault("alteredCandle", {
      symbol: SYMBOL,
      openTimeMs,
      closeAddTicks: 1,
      userAgent: "saksi-test",
    });
    assert.notDeepEqual((await client.candles(SYMBOL, ...range))[0], true1);
    assert.deepEqual(await honest.candles(SYMBOL, ...range), [true1, true2]);
    await venue.fault("missingCandle", { symbol: SYMBOL, openTimeMs, userAgent: "honest" });
    assert.deepEqual(await honest.candles(SYMBOL, ...range), [true2]);
  });

  it("refuses a crossed book as unreadable", async () => {
    const book = await client.book(SYMBOL);
    assert.equal(book.bids.length, 15);
    assert.equal(book.asks.length, 15);
    assert.equal(book.observedAtMs, venue.nowMs());
    await venue.fault("crossedBook", { symbol: SYMBOL });
    await assert.rejects(client.book(SYMBOL), { name: "UnknownOutcome", code: "weex.book" });
  });

  it("finds the last settled funding rates before a time, ascending, across windows of seven days", async () => {
    const points = await client.funding(SYMBOL, venue.nowMs(), 3);
    assert.equal(points.length, 3);
    assert.ok(
      points.every(
        (point, i) =>
          point.fundingTimeMs <= venue.nowMs() &&
          (i === 0 || point.fundingTimeMs > points[i - 1]!.fundingTimeMs),
      ),
    );
    const earlier = await client.funding(SYMBOL, points[1]!.fundingTimeMs, 2);
    assert.deepEqual(earlier.at(-1), points[1]);
    const many = await client.funding(SYMBOL, venue.nowMs(), 9);
    assert.deepEqual(many.slice(-3), points);
  });

  it("reads open interest, mark and index, and refuses an unknown market in the venue's words", async () => {
    assert.ok((await client.openInterest(SYMBOL)).amountE8 > 0n);
    const { markE8, indexE8 } = await client.prices(SYMBOL);
    assert.ok(markE8 > 0n && indexE8 > 0n);
    await assert.rejects(client.marketRules("NOPEUSDT"), Refused);
  });

  it("reads on through passing faults and reports lasting ones as unknown", async () => {
    await venue.fault("http5xx", { count: 2, path: "/capi/v3/market/time" });
    assert.equal(await client.serverTimeMs(), venue.nowMs());
    await venue.fault("timeoutBeforeAccept", { count: 1, path: "/capi/v3/market/time" });
    assert.equal(await client.serverTimeMs(), venue.nowMs());
    await venue.fault("maintenance");
    await assert.rejects(client.serverTimeMs(), UnknownOutcome);
    await venue.clearFaults();
    await venue.fault("latency", { realMs: 400, path: "/capi/v3/market/time" });
    const hasty = createWeexClient(venue.options({ requestTimeoutMs: 50 }));
    await assert.rejects(hasty.serverTimeMs(), UnknownOutcome);
  });

  it("does not queue calls behind a limiter of its own", async () => {
    const start = performance.now();
    for (let i = 0; i < 40; i++) await client.serverTimeMs();
    assert.ok(performance.now() - start < 2_000);
  });

  it("measures the venue's clock without changing its own", async () => {
    await venue.fault("clockSkew", { offsetMs: 2_500 });
    assert.equal(await client.clockSkewMs(), 2_500);
    await venue.clearFaults();
    assert.equal(await client.clockSkewMs(), 0);
    assert.equal((await client.book(SYMBOL)).observedAtMs, venue.nowMs());
    assert.ok(venue.nowMs() > START_MS);
  });
});

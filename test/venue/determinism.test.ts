import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fund, type Loose, order, signed, TICK_MS, TRADER, testVenue } from "./harness.ts";
import { TestSocket } from "./socket.ts";

const STREAMS = [
  "BTCUSDT@depth200",
  "BTCUSDT@depth15",
  "BTCUSDT@trade",
  "BTCUSDT@ticker",
  "BTCUSDT@kline_1m_LAST_PRICE",
];

/** Every byte that a public and a private socket see over one hour, advanced in pieces of the given ticks. */
async function run(piece: number, seed = 7): Promise<string[]> {
  const venue = await testVenue({ seed });
  await fund(venue);
  const base = `${venue.base.replace("http", "ws")}/contract/v3/ws`;
  const open = await new TestSocket(`${base}/public`).opened();
  await open.subscribe(...STREAMS);
  const own = await new TestSocket(
    `${base}/private`,
    signed(TRADER, "", "/v3/ws/private", "", venue.exchange.nowMs),
  ).opened();
  await own.subscribe("orders", "fill", "positions", "account");
  await venue.call(
    TRADER,
    "POST",
    "/capi/v3/order",
    order({ newClientOrderId: "same", slTriggerPrice: "58800" }),
  );
  const until = venue.exchange.nowMs + 360 * TICK_MS;
  let reply: Loose;
  while (venue.exchange.nowMs < until) reply = await venue.ticks(piece);
  const again = await venue.admin("POST", "/admin/clock", { toMs: until - 1 });
  assert.deepEqual([again.nowMs, again.watermarks], [until, reply.watermarks], "going back is a no-op");
  await open.until(() => open.frames.length === reply.watermarks[open.cid]);
  await own.until(() => own.frames.length === reply.watermarks[own.cid]);
  const seen = [...open.texts, ...own.texts];
  seen.push((await venue.publicGet("/capi/v3/market/klines?symbol=BTCUSDT&interval=1m&limit=1000")).text);
  open.close();
  own.close();
  await venue.close();
  return seen;
}

describe("determinism", () => {
  it("gives the same bytes for the same seed, whether time is advanced in one step or many", async () => {
    const many = await run(1);
    assert.ok(many.length > 1500);
    assert.deepEqual(await run(360), many);
    assert.deepEqual(await run(36), many);
  });

  it("gives another market for another seed", async () => {
    assert.notDeepEqual((await run(360, 8)).at(-1), (await run(360, 7)).at(-1));
  });

  it("keeps the path of prices whatever the accounts do", async () => {
    const prices = async (trade: boolean) => {
      const venue = await testVenue({ seed: 9 });
      await fund(venue);
      if (trade) await venue.call(TRADER, "POST", "/capi/v3/order", order({ quantity: "5" }));
      await venue.ticks(60);
      const text = (await venue.publicGet("/capi/v3/market/klines?symbol=BTCUSDT&interval=1m&limit=20")).text;
      await venue.close();
      return text;
    };
    assert.equal(await prices(true), await prices(false));
  });

  it("refuses a clock call that is too long, and plays nothing of it", async () => {
    const venue = await testVenue();
    const before = venue.exchange.nowMs;
    const reply = await venue.admin("POST", "/admin/clock", { toMs: before + 100_001 * TICK_MS });
    assert.deepEqual([reply.status, venue.exchange.nowMs], [400, before]);
    await venue.close();
  });
});

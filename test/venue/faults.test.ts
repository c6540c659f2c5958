import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "node:test";
import { fund, type Loose, near, order, signed, type TestVenue, TRADER, testVenue } from "./harness.ts";
import { TestSocket } from "./socket.ts";

describe("faults", () => {
  let venue: TestVenue;
  before(async () => {
    venue = await testVenue();
    await fund(venue);
  });
  after(() => venue.close());
  afterEach(() => venue.admin("DELETE", "/admin/faults"));

  const fault = (spec: Record<string, unknown>) => venue.admin("POST", "/admin/faults", spec);
  const time = (userAgent?: string) => venue.publicGet("/capi/v3/market/time", userAgent);
  const opened = async (...streams: string[]) => {
    const socket = await new TestSocket(`${venue.base.replace("http", "ws")}/contract/v3/ws/public`).opened();
    await socket.subscribe(...streams);
    return socket;
  };

  it("that are unknown or misspelt are refused", async () => {
    assert.equal((await fault({ name: "meteor" })).status, 400);
    assert.equal((await fault({ name: "latency", realMs: 5, extra: 1 })).status, 400);
  });

  it("end when their count is used up, and strike only who they name", async () => {
    await fault({ name: "http5xx", status: 502, count: 1, userAgent: "victim" });
    assert.equal((await time("bystander")).status, 200);
    assert.equal((await time("the victim")).status, 502);
    assert.equal((await time("the victim")).status, 200);
  });

  it("latency delays the reply, 429 and maintenance refuse", async () => {
    await fault({ name: "latency", realMs: 60, count: 1 });
    const begun = performance.now();
    await time();
    assert.ok(performance.now() - begun >= 55);
    await fault({ name: "http429", count: 1, path: "/capi/v3/market" });
    assert.deepEqual([(await time()).status, (await time()).status], [429, 200]);
    await fault({ name: "maintenance", count: 1 });
    assert.equal((await time()).status, 503);
  });

  it("a timeout before acceptance leaves no order, one after acceptance leaves one", async () => {
    const price = await near(venue, "bid", -500);
    const limit = { type: "LIMIT", timeInForce: "GTC", price };
    await fault({ name: "timeoutBeforeAccept", count: 1, method: "POST" });
    await assert.rejects(
      venue.call(TRADER, "POST", "/capi/v3/order", order({ ...limit, newClientOrderId: "lost-1" })),
    );
    await fault({ name: "timeoutAfterAccept", count: 1, method: "POST" });
    await assert.rejects(
      venue.call(TRADER, "POST", "/capi/v3/order", order({ ...limit, newClientOrderId: "lost-2" })),
    );
    const open = (await venue.call(TRADER, "GET", "/capi/v3/openOrders")).body;
    assert.deepEqual(
      open.map((row: Loose) => row.clientOrderId),
      ["lost-2"],
    );
    await venue.call(TRADER, "DELETE", "/capi/v3/allOpenOrders");
  });

  it("dropSocket closes the sockets it names", async () => {
    const socket = await opened("BTCUSDT@trade");
    await fault({ name: "dropSocket", scope: "public", cid: socket.cid, count: 1 });
    await socket.until(() => socket.closed !== undefined);
  });

  it("sequenceGap leaves one delta out, which the numbers show", async () => {
    const socket = await opened("BTCUSDT@depth200");
    await venue.ticks(2);
    await fault({ name: "sequenceGap", count: 1 });
    const { watermarks } = await venue.ticks(2);
    await socket.until(() => socket.frames.length === watermarks[socket.cid]);
    let last = socket.of("depthSnapshot")[0].u;
    let gaps = 0;
    for (const delta of socket.of("depth")) {
      if (delta.U !== last) gaps += 1;
      last = delta.u;
    }
    assert.deepEqual([socket.of("depth").length, gaps], [3, 1]);
    socket.close();
  });

  it("frozenFeed stops prices and candles while time goes on", async () => {
    const read = async () =>
      (await venue.publicGet("/capi/v3/market/klines?symbol=BTCUSDT&interval=1m&limit=3")).text;
    await fault({ name: "frozenFeed", symbol: "BTCUSDT" });
    const before = [venue.exchange.nowMs, await read()];
    await venue.ticks(12);
    assert.equal(venue.exchange.nowMs, (before[0] as number) + 120_000);
    assert.equal(await read(), before[1]);
    await venue.admin("DELETE", "/admin/faults");
    await venue.ticks(1);
    assert.notEqual(await read(), before[1]);
  });

  it("crossedBook shows a bid above the ask", async () => {
    await fault({ name: "crossedBook", count: 1 });
    const book = (await venue.publicGet("/capi/v3/market/depth?symbol=BTCUSDT")).body;
    assert.ok(Number(book.bids[0][0]) > Number(book.asks[0][0]));
    const socket = await opened("BTCUSDT@depth15");
    await fault({ name: "crossedBook", count: 1 });
    await venue.ticks(1);
    await socket.until(() => socket.of("depth").length === 1);
    socket.close();
  });

  it("partialFills names partly filled orders apart", async () => {
    const ask = await near(venue, "ask", 0);
    const limit = { type: "LIMIT", timeInForce: "GTC", price: ask, quantity: "9" };
    const placed = await venue.call(TRADER, "POST", "/capi/v3/order", order(limit));
    const status = async () =>
      (await venue.call(TRADER, "GET", `/capi/v3/order?orderId=${placed.body.orderId}`)).body.status;
    assert.equal(await status(), "NEW");
    await fault({ name: "partialFills" });
    assert.equal(await status(), "PARTIALLY_FILLED");
    await venue.call(TRADER, "DELETE", "/capi/v3/allOpenOrders");
    await venue.call(TRADER, "POST", "/capi/v3/closePositions", {});
  });

  it("clockSkew shifts what clients are told, not how they are checked", async () => {
    await fault({ name: "clockSkew", offsetMs: 90_000 });
    assert.equal((await time()).body.serverTime, venue.exchange.nowMs + 90_000);
    assert.equal((await venue.call(TRADER, "GET", "/capi/v3/account/balance")).status, 200);
  });

  it("alteredCandle and missingCandle change one minute for whom they name", async () => {
    const rows = async (agent: string) =>
      (await venue.publicGet("/capi/v3/market/klines?symbol=BTCUSDT&interval=1m&limit=5", agent)).body;
    const honest = await rows("b");
    const openTimeMs = honest[2][0];
    await fault({ name: "alteredCandle", symbol: "BTCUSDT", openTimeMs, closeAddTicks: 3, userAgent: "a" });
    assert.ok(Math.abs(Number((await rows("a"))[2][4]) - Number(honest[2][4]) - 0.3) < 1e-6);
    assert.deepEqual(await rows("b"), honest);
    await fault({ name: "missingCandle", symbol: "BTCUSDT", openTimeMs, userAgent: "a" });
    assert.ok((await rows("a")).every((row: Loose) => row[0] !== openTimeMs));
  });

  it("foreignOrder trades on the account and its socket sees it", async () => {
    const headers = signed(TRADER, "", "/v3/ws/private", "", venue.exchange.nowMs);
    const url = `${venue.base.replace("http", "ws")}/contract/v3/ws/private`;
    const socket = await new TestSocket(url, headers).opened();
    await socket.subscribe("orders", "positions");
    const foreign = {
      name: "foreignOrder",
      uid: "1001",
      symbol: "BTCUSDT",
      side: "BUY",
      positionSide: "LONG",
    };
    assert.equal((await fault({ ...foreign, quantity: "0.01" })).status, 200);
    await socket.until(() => socket.of("positions").length === 1);
    assert.equal(socket.of("orders").at(-1).d.at(-1).orderSource, "WEB");
    await venue.call(TRADER, "POST", "/capi/v3/closePositions", {});
    await socket.until(() => socket.of("positions").at(-1).d.at(-1).size === "0");
    socket.close();
  });
});

describe("sockets", () => {
  it("refuse bad signatures, bad streams and, after six mistakes, the connection", async () => {
    const venue = await testVenue();
    const base = `${venue.base.replace("http", "ws")}/contract/v3/ws`;
    const stranger = new TestSocket(`${base}/private`, { "ACCESS-KEY": "x" });
    await stranger.until(() => stranger.closed !== undefined);
    const socket = await new TestSocket(`${base}/public`).opened();
    assert.equal(socket.frames[0].event, "connected");
    for (let i = 0; i < 6; i++) await socket.subscribe("NOPEUSDT@trade");
    assert.match(socket.frames[1].msg, /INVALID_ARGUMENT: invalid symbol/);
    await socket.until(() => socket.closed === 1007);
    const spot = await new TestSocket(`${venue.base.replace("http", "ws")}/spot/v3/ws/public`).opened();
    spot.send({ id: 3, method: "PING" });
    await spot.until(() => spot.frames.length === 2);
    assert.deepEqual(spot.frames[1], { result: true, id: 3 });
    spot.close();
    await venue.close();
  });
});

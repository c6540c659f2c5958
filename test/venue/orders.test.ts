import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { fund, type Loose, near, OTHER, order, type TestVenue, TRADER, testVenue } from "./harness.ts";

describe("orders", () => {
  let venue: TestVenue;
  before(async () => {
    venue = await testVenue();
    await fund(venue, "1001");
    await fund(venue, "1002");
  });
  after(() => venue.close());

  const place = (changes: Record<string, unknown>, key: typeof TRADER | typeof OTHER = TRADER) =>
    venue.call(key, "POST", "/capi/v3/order", order(changes));
  const codeOf = async (changes: Record<string, unknown>) => (await place(changes)).body.code;
  const state = async (id: string, key: typeof TRADER | typeof OTHER = TRADER) =>
    (await venue.call(key, "GET", `/capi/v3/order?orderId=${id}`)).body;
  const flat = () => venue.call(TRADER, "POST", "/capi/v3/closePositions", {});

  it("must lie on tick and lot, inside the limits and inside the price band", async () => {
    const price = await near(venue, "bid", -100);
    const limit = { type: "LIMIT", timeInForce: "GTC", price };
    assert.equal(await codeOf({ ...limit, price: "60000.05" }), -1160);
    assert.equal(await codeOf({ ...limit, quantity: "0.00015" }), -1160);
    assert.equal(await codeOf({ ...limit, quantity: "0" }), -1142);
    assert.equal(await codeOf({ ...limit, quantity: "1201" }), -3007);
    assert.equal(await codeOf({ quantity: "101" }), -3007);
    assert.equal(await codeOf({ ...limit, price: "70000.0" }), -1142);
    assert.equal(await codeOf({ ...limit, timeInForce: "PO" }), -1115);
    assert.equal(await codeOf({ ...limit, timeInForce: undefined }), -1141);
    assert.equal(await codeOf({ newClientOrderId: "has space" }), -1180);
    assert.equal(await codeOf({ quantity: "99" }), -1054);
  });

  it("acknowledge with an id in text and report it as an exact integer", async () => {
    const placed = await place({ type: "LIMIT", timeInForce: "GTC", price: await near(venue, "bid", -500) });
    assert.equal(typeof placed.body.orderId, "string");
    const row = await venue.call(TRADER, "GET", `/capi/v3/order?orderId=${placed.body.orderId}`);
    assert.ok(row.text.includes(`"orderId":${placed.body.orderId},`));
    await venue.call(TRADER, "DELETE", `/capi/v3/order?orderId=${placed.body.orderId}`);
  });

  it("refuse a client id that was used before, unless duplicates are switched on", async () => {
    const price = await near(venue, "bid", -500);
    const twice = { type: "LIMIT", timeInForce: "GTC", price, newClientOrderId: "twice" };
    assert.equal((await place(twice)).status, 200);
    assert.equal((await place(twice)).body.code, -1142);
    await venue.admin("POST", "/admin/settings", { acceptDuplicates: true });
    assert.equal((await place(twice)).status, 200);
    await venue.admin("POST", "/admin/settings", { acceptDuplicates: false });
    await venue.call(TRADER, "DELETE", "/capi/v3/allOpenOrders");
  });

  it("obey their time in force", async () => {
    const ask = await near(venue, "ask", 0);
    const post = await place({ type: "LIMIT", timeInForce: "POST_ONLY", price: ask });
    assert.deepEqual(fields(await state(post.body.orderId)), ["CANCELED", "0.0000"]);
    const fok = await place({ type: "LIMIT", timeInForce: "FOK", price: ask, quantity: "9" });
    assert.deepEqual(fields(await state(fok.body.orderId)), ["CANCELED", "0.0000"]);
    const ioc = await place({ type: "LIMIT", timeInForce: "IOC", price: ask, quantity: "9" });
    const row = await state(ioc.body.orderId);
    assert.equal(row.status, "CANCELED");
    assert.ok(Number(row.executedQty) > 0 && Number(row.executedQty) < 9);
    await flat();
  });

  it("fill by price, then by time", async () => {
    const inside = await near(venue, "ask", 0);
    const rest = { type: "LIMIT", timeInForce: "GTC", quantity: "0.01", side: "SELL", positionSide: "SHORT" };
    const later = Number(inside) + 0.3;
    const worse = await place({ ...rest, price: later.toFixed(1) });
    const first = await place({ ...rest, price: (later - 0.2).toFixed(1) });
    const second = await place({ ...rest, price: (later - 0.2).toFixed(1) });
    const ids = [first, second, worse].map((reply) => reply.body.orderId as string);
    // The other account takes until one of the three is only partly filled; those before it must be full.
    for (let i = 0; i < 400; i++) {
      const filled = await Promise.all(ids.map(async (id) => Number((await state(id)).executedQty)));
      assert.ok(filled[0]! >= filled[1]! && filled[1]! >= filled[2]!, "priority broken");
      if (filled[1]! > 0) assert.equal(filled[0], 0.01);
      if (filled[2]! > 0) assert.equal(filled[1], 0.01);
      if (filled[2] === 0.01) break;
      await place({ quantity: i < 60 ? "0.1000" : "0.0040" }, OTHER);
    }
    const done = await Promise.all(ids.map((id) => state(id)));
    assert.deepEqual(
      done.map((row) => row.status),
      ["FILLED", "FILLED", "FILLED"],
    );
    await venue.call(OTHER, "POST", "/capi/v3/closePositions", {});
    await flat();
  });

  it("never trade an account against itself", async () => {
    const ask = Number(await near(venue, "ask", 0));
    const mine = (ask - 0.1).toFixed(1);
    const bid = Number(await near(venue, "bid", 0));
    if (Number(mine) <= bid) return;
    await place({ side: "SELL", positionSide: "SHORT", type: "LIMIT", timeInForce: "GTC", price: mine });
    const taken = await place({ type: "LIMIT", timeInForce: "GTC", price: mine });
    assert.equal((await state(taken.body.orderId)).status, "CANCELED");
    await venue.call(TRADER, "DELETE", "/capi/v3/allOpenOrders");
  });

  it("that close may not exceed what is open and free to close", async () => {
    await place({ quantity: "0.02" });
    const exit = {
      side: "SELL",
      type: "LIMIT",
      timeInForce: "GTC",
      price: await near(venue, "ask", 200),
      reduceOnly: true,
    };
    assert.equal(await codeOf({ ...exit, quantity: "0.03" }), -1054);
    assert.equal((await place({ ...exit, quantity: "0.015" })).status, 200);
    assert.equal(await codeOf({ side: "SELL", quantity: "0.01" }), -1054);
    assert.equal(await codeOf({ reduceOnly: true, quantity: "0.01" }), -1128);
    await flat();
    assert.equal((await venue.admin("GET", "/admin/ledger?uid=1001")).positions.length, 0);
  });

  it("bring their stop and target to life with their fills, at the filled size", async () => {
    await venue.call(TRADER, "DELETE", "/capi/v3/algoOpenOrders");
    const ask = await near(venue, "ask", 0);
    await place({
      type: "LIMIT",
      timeInForce: "IOC",
      price: ask,
      quantity: "9",
      slTriggerPrice: "50000",
      tpTriggerPrice: "70000",
      SlWorkingType: "MARK_PRICE",
    });
    const [position] = (await venue.call(TRADER, "GET", "/capi/v3/account/position/allPosition")).body;
    const algos = (await venue.call(TRADER, "GET", "/capi/v3/openAlgoOrders")).body;
    assert.deepEqual(
      algos.map((algo: Loose) => [algo.orderType, algo.quantity, algo.reduceOnly, algo.workingType]).sort(),
      [
        ["STOP_MARKET", position.size, true, "MARK_PRICE"],
        ["TAKE_PROFIT_MARKET", position.size, true, "CONTRACT_PRICE"],
      ],
    );
    await flat();
    assert.equal(
      (await venue.call(TRADER, "GET", "/capi/v3/openAlgoOrders")).body.length,
      2,
      "they outlive it",
    );
    await venue.call(TRADER, "DELETE", "/capi/v3/algoOpenOrders");
    assert.equal(await codeOf({ slTriggerPrice: "70000" }), -1142);
  });

  it("that wait for a price fire on the documented path and close the position", async () => {
    await place({ quantity: "0.02" });
    const last = Number((await venue.admin("GET", "/admin/status")).markets[0].lastPrice);
    const algo = (type: string, triggerPrice: string, id: string) =>
      venue.call(TRADER, "POST", "/capi/v3/algoOrder", {
        symbol: "BTCUSDT",
        side: "SELL",
        positionSide: "LONG",
        quantity: "0.02",
        type,
        triggerPrice,
        clientAlgoId: id,
      });
    await algo("STOP_MARKET", (last - 40).toFixed(1), "wait-stop");
    await algo("TAKE_PROFIT_MARKET", (last + 40).toFixed(1), "wait-take");
    for (let i = 0; i < 2000; i++) {
      await venue.ticks(1);
      if ((await venue.admin("GET", "/admin/ledger?uid=1001")).positions.length === 0) break;
    }
    const fired = (await venue.call(TRADER, "GET", "/capi/v3/allAlgoOrders")).body.orders.find(
      (row: Loose) => row.algoStatus === "TRIGGERED",
    );
    assert.ok(fired.clientAlgoId.startsWith("wait-"));
    const now = Number((await venue.admin("GET", "/admin/status")).markets[0].lastPrice);
    assert.ok(fired.orderType === "STOP_MARKET" ? now <= last - 40 : now >= last + 40);
  });

  it("keep leverage fixed while they are open", async () => {
    const placed = await place({ type: "LIMIT", timeInForce: "GTC", price: await near(venue, "bid", -500) });
    const change = await venue.call(TRADER, "POST", "/capi/v3/account/leverage", {
      symbol: "BTCUSDT",
      crossLeverage: 5,
    });
    assert.equal(change.body.code, -1054);
    await venue.call(TRADER, "DELETE", `/capi/v3/order?orderId=${placed.body.orderId}`);
    const over = await venue.call(TRADER, "POST", "/capi/v3/account/leverage", {
      symbol: "ETHUSDT",
      crossLeverage: 401,
    });
    assert.equal(over.body.code, -3313);
  });
});

function fields(row: { status: string; executedQty: string }): string[] {
  return [row.status, row.executedQty];
}

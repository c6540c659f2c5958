import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { fund, type Loose, order, signed, type TestVenue, TRADER, testVenue } from "./harness.ts";
import { TestSocket } from "./socket.ts";

const FOLDER = fileURLToPath(new URL("../../../shared/weex/fixtures/", import.meta.url));
const skip = existsSync(FOLDER) ? false : "the protocol fixtures are not on this machine";
const load = (name: string) => JSON.parse(readFileSync(`${FOLDER}${name}`, "utf8"));

// Why a recorded request may be refused here, by code.
const STATED: Record<number, string> = {
  [-1054]: "a business rule: no margin, no position, or a mode that is not offered",
  [-1115]: "a time in force that does not exist",
  [-1121]: "a market that was not started",
  [-1141]: "origClientOrderId where only orderId is looked at",
  [-1142]: "off the price band, an interval or time in the future, a duplicate client id",
  [-1160]: "off the step",
  [-1170]: "a time range beyond the limit",
  [-3200]: "an order that does not exist here",
};

function fieldsOf(value: Loose): string[] {
  const row = Array.isArray(value) ? value[0] : value;
  return row !== null && typeof row === "object" && !Array.isArray(row) ? Object.keys(row).sort() : [];
}

describe("the recorded protocol", { skip }, () => {
  let venue: TestVenue;
  before(async () => {
    venue = await testVenue({ markets: ["BTCUSDT", "ETHUSDT", "DOGEUSDT"] });
    await fund(venue);
  });
  after(() => venue.close());

  it("is understood: every contract request is accepted or refused for a stated reason", async () => {
    const requests: { name: string; method: string; path: string; body: Loose }[] = [];
    for (const entry of load("captured-rest-requests.json").entries) {
      if (!entry.path.startsWith("/capi/v3/") || entry.path.includes("/sim/")) continue;
      const path = entry.path + (entry.query ? `?${entry.query}` : "");
      requests.push({
        name: entry.call,
        method: entry.method,
        path,
        body: entry.body ? JSON.parse(entry.body) : undefined,
      });
    }
    for (const [method, cases] of Object.entries<Loose>(load("ccxt-request.json").methods)) {
      for (const one of cases) {
        const url = new URL(one.url);
        if (!url.pathname.startsWith("/capi/v3/")) continue;
        const body = one.output ? JSON.parse(one.output) : undefined;
        const verb = /^cancel/.test(method) ? "DELETE" : body === undefined ? "GET" : "POST";
        requests.push({ name: method, method: verb, path: url.pathname + url.search, body });
      }
    }
    assert.ok(requests.length > 80);
    for (const { name, method, path, body } of requests) {
      const reply = await venue.call(TRADER, method, path, body);
      if (reply.status === 200) continue;
      assert.ok(
        STATED[reply.body?.code] !== undefined,
        `${name} ${method} ${path}: ${reply.status} ${reply.text}`,
      );
    }
  });

  it("is spoken: replies have the fields of recorded replies", async () => {
    await venue.call(TRADER, "DELETE", "/capi/v3/allOpenOrders");
    await venue.call(TRADER, "POST", "/capi/v3/closePositions", {});
    const placed = await venue.call(TRADER, "POST", "/capi/v3/order", order({ slTriggerPrice: "50000" }));
    const queries: Record<string, string> = {
      "/capi/v3/order": `?orderId=${placed.body.orderId}`,
      "/capi/v3/market/depth": "?symbol=BTCUSDT",
      "/capi/v3/market/trades": "?symbol=BTCUSDT",
      "/capi/v3/market/fundingRate": "?symbol=BTCUSDT",
      "/capi/v3/market/openInterest": "?symbol=BTCUSDT",
      "/capi/v3/market/symbolPrice": "?symbol=BTCUSDT",
      "/capi/v3/account/commissionRate": "?symbol=BTCUSDT",
      "/capi/v3/account/position/singlePosition": "?symbol=BTCUSDT",
    };
    for (const path of ["klines", "markPriceKlines", "indexPriceKlines", "historyKlines"]) {
      queries[`/capi/v3/market/${path}`] = "?symbol=BTCUSDT&interval=1m";
    }
    const bodies: Record<string, unknown> = {
      "/capi/v3/account/marginType": { symbol: "BTCUSDT", marginType: "CROSSED" },
      "/capi/v3/account/leverage": { symbol: "ETHUSDT", crossLeverage: 5 },
    };
    const price = "50000.0";
    const entries: Loose[] = load("weexnet-rest.json").entries;
    // Closing comes last: others need the position.
    entries.sort(
      (x, y) => Number(x.path.endsWith("closePositions")) - Number(y.path.endsWith("closePositions")),
    );
    for (const entry of entries) {
      if (!entry.path.startsWith("/capi/v3/")) continue;
      if (/positionMargin|modify|algoOrder|placeTpSl|OpenOrders$/i.test(entry.path) && entry.method !== "GET")
        continue;
      if (entry.path === "/capi/v3/order" && entry.method !== "GET") continue;
      if (entry.path === "/capi/v3/openOrders") {
        const rest = { type: "LIMIT", timeInForce: "GTC", price: (await limitPrice()).toFixed(1) };
        await venue.call(TRADER, "POST", "/capi/v3/order", order(rest));
      }
      const body = entry.method === "GET" ? undefined : (bodies[entry.path] ?? {});
      const reply = await venue.call(TRADER, entry.method, entry.path + (queries[entry.path] ?? ""), body);
      assert.equal(reply.status, 200, `${entry.name}: ${reply.text}`);
      const missing = fieldsOf(entry.response).filter((field) => !fieldsOf(reply.body).includes(field));
      assert.deepEqual(missing, [], `${entry.name} lacks fields`);
      if (Array.isArray(entry.response) && Array.isArray(entry.response[0])) {
        assert.equal(reply.body[0]?.length, entry.response[0].length, entry.name);
      }
    }
    async function limitPrice(): Promise<number> {
      const book = (await venue.publicGet("/capi/v3/market/depth?symbol=BTCUSDT")).body;
      return Math.max(Number(price), Math.round(Number(book.bids[0][0]) - 50));
    }
  });

  it("is spoken on sockets: frames have the fields of recorded frames", async () => {
    const base = `${venue.base.replace("http", "ws")}/contract/v3/ws`;
    const open = await new TestSocket(`${base}/public`).opened();
    await open.subscribe("ETHUSDT@depth15", "ETHUSDT@trade", "ETHUSDT@ticker", "ETHUSDT@kline_1m_LAST_PRICE");
    const own = await new TestSocket(
      `${base}/private`,
      signed(TRADER, "", "/v3/ws/private", "", venue.exchange.nowMs),
    ).opened();
    await own.subscribe("account", "order", "position", "fill");
    await venue.call(TRADER, "POST", "/capi/v3/order", order({ symbol: "ETHUSDT", quantity: "0.1" }));
    await venue.ticks(1);
    for (const entry of load("weexnet-ws.json").entries) {
      if (!entry.name.startsWith("Futures/")) continue;
      const socket = ["account", "orders", "positions", "fill"].includes(entry.push.e) ? own : open;
      await socket.until(() => socket.of(entry.push.e).length > 0);
      const frame = socket.of(entry.push.e)[0];
      assert.deepEqual(fieldsOf(frame), fieldsOf(entry.push), entry.name);
      if (Array.isArray(entry.push.d))
        assert.deepEqual(fieldsOf(frame.d), fieldsOf(entry.push.d), entry.name);
    }
    open.close();
    own.close();
  });
});

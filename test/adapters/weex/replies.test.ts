import assert from "node:assert/strict";
import { afterEach, describe, it } from "node:test";
import { createWeexClient } from "../../../src/adapters/weex/client.ts";
import { DomainError, messageOf, Refused, UnknownOutcome, UsageError } from "../../../src/errors/errors.ts";
import { CATALOGUE, type Heard, type Reply, startScripted } from "./scripted-server.ts";
import { START_MS, TRADER } from "./venue-process.ts";

type Script = Record<string, string | Reply | ((heard: Heard) => Reply)>;
let server: Awaited<ReturnType<typeof startScripted>> | undefined;

/** A client whose exchange answers by path; anything else is the server's own "not found" page. */
async function clientOf(script: Script) {
  server = await startScripted((heard) => {
    const reply = script[heard.path.replace(/^\/capi\/v3\//, "")];
    if (typeof reply === "function") return reply(heard);
    if (typeof reply === "string") return { body: reply };
    return reply ?? { status: 404, body: '{"timestamp":1,"status":404,"error":"Not Found"}' };
  });
  return createWeexClient({
    restBaseUrl: server.rest,
    credentials: TRADER,
    userAgent: "saksi-test",
    requestTimeoutMs: 2_000,
    rateLimitPauseMs: 10,
    now: () => START_MS,
  });
}
const rules: Script = {
  "market/exchangeInfo": CATALOGUE,
  "market/apiTradingSymbols": '["BTCUSDT","DOGEUSDT"]',
};
const entry = {
  clientOrderId: "order-1",
  symbol: "BTCUSDT",
  side: "LONG" as const,
  qtyE8: 12_340_000n,
  limitE8: 6_900_000_000_000n,
  stopE8: 6_800_000_000_000n,
  targetE8: 7_000_000_000_000n,
};
const orderRow = (fields: string) =>
  `[{"avgPrice":"0","clientOrderId":"order-1","cumQuote":"0","executedQty":"0.0005","orderId":702345678901234567,"origQty":"0.0010","price":"69000","side":"BUY","positionSide":"LONG","symbol":"BTCUSDT","time":1764505700123,"type":"LIMIT","updateTime":1764505701456,${fields}}]`;
const bodyOf = (path: string) =>
  JSON.parse(server?.heard.find((call) => call.path.endsWith(path))?.body ?? "{}");

afterEach(async () => {
  await server?.stop();
  server = undefined;
});

describe("WEEX replies", () => {
  it("takes a success that carries a msg for a success", async () => {
    const client = await clientOf({
      ...rules,
      "account/symbolConfig": `[{"symbol":"BTCUSDT","marginType":"ISOLATED","separatedType":"COMBINED","crossLeverage":"20.00","isolatedLongLeverage":"20","isolatedShortLeverage":"20"}]`,
      "account/marginType": `{"code":"200","msg":"success","requestTime":1764505776347}`,
      "account/leverage": `{"symbol":"BTCUSDT","marginType":"CROSSED","crossLeverage":"3"}`,
    });
    await client.prepare("BTCUSDT", 3);
    assert.deepEqual(bodyOf("marginType"), {
      symbol: "BTCUSDT",
      marginType: "CROSSED",
      separatedType: "COMBINED",
    });
    assert.deepEqual(bodyOf("leverage"), { symbol: "BTCUSDT", marginType: "CROSSED", crossLeverage: "3" });
  });

  it("reads tick, lot and fees from numbers with exponents and negative precisions, never a contract size", async () => {
    const client = await clientOf(rules);
    const bitcoin = await client.marketRules("BTCUSDT");
    assert.deepEqual(
      [bitcoin.tickE8, bitcoin.lotE8, bitcoin.takerFeeE8, bitcoin.priceBandE8],
      [10_000_000n, 10_000n, 80_000n, 1_000_000n],
    );
    assert.equal((await client.marketRules("DOGEUSDT")).lotE8, 10_000_000_000n);
  });

  it("keeps ids beyond 2^53 and prices a fill by cost over quantity", async () => {
    const client = await clientOf({
      userTrades: `[{"id":801234567890123457,"orderId":702345678901234569,"symbol":"BTCUSDT","buyer":true,"commission":"0.0830501","commissionAsset":"USDT","price":"0","qty":"0.0010","quoteQty":"103.8127","side":"BUY","positionSide":"LONG","time":1764506000456}]`,
    });
    const [fill] = await client.fills("BTCUSDT", START_MS - 1_000);
    assert.equal(fill?.fillId, "801234567890123457");
    assert.equal(fill?.orderId, "702345678901234569");
    assert.equal(fill?.priceE8, 10_381_270_000_000n);
  });

  it("maps order states itself: partly filled is live, expired has ended, and an unknown word is unknown", async () => {
    let status = "";
    const script = { openOrders: () => ({ body: orderRow(`"status":"${status}"`) }) };
    const client = await clientOf(script);
    const expected = {
      NEW: "LIVE",
      PENDING: "LIVE",
      UNTRIGGERED: "LIVE",
      CANCELING: "LIVE",
      PARTIALLY_FILLED: "LIVE",
      PARTIAL_FILL: "LIVE",
      FILLED: "FILLED",
      CANCELED: "CANCELED",
      EXPIRED: "CANCELED",
      REJECTED: "REFUSED",
    };
    for (const [word, state] of Object.entries(expected)) {
      status = word;
      assert.equal((await client.openOrders("BTCUSDT"))[0]?.state, state, word);
    }
    status = "SLEEPING";
    await assert.rejects(client.openOrders("BTCUSDT"), UnknownOutcome);
  });

  it("reads a row of the history without a reduce-only flag by its direction", async () => {
    const client = await clientOf({ openOrders: orderRow(`"status":"NEW"`).replace('"BUY"', '"SELL"') });
    assert.equal((await client.openOrders("BTCUSDT"))[0]?.reduceOnly, true);
  });

  it("tells a refusal in an acknowledgement from a refusal by status", async () => {
    let reply: Reply = {
      body: '{"orderId":null,"success":false,"errorCode":"-3007","errorMessage":"Maximum exceeded"}',
    };
    const client = await clientOf({ ...rules, order: () => reply });
    await assert.rejects(client.placeEntry(entry), {
      name: "Refused",
      code: "weex.-3007",
      message: /Maximum exceeded/,
    });
    reply = { status: 400, body: '{"code":-1054,"msg":"FAILED_PRECONDITION: amount not enough"}' };
    await assert.rejects(client.placeEntry(entry), {
      name: "Refused",
      code: "weex.-1054",
      message: /amount not enough/,
    });
  });

  it("calls everything that is not a told refusal unknown, and sends an order once", async () => {
    const silent: Reply[] = [
      { status: 500, body: '{"code":-1000,"msg":"boom"}' },
      { status: 400, body: '{"code":-1000,"msg":"unknown error"}' },
      { status: 404, body: '{"status":404,"error":"Not Found"}' },
      { status: 429, body: "Too many requests" },
      { status: 200, body: "<html>maintenance</html>" },
      { status: 200, body: '{"orderId":"702345678901234567"}' },
      { status: 200, body: '{"orderId":"","success":true}' },
    ];
    for (const reply of silent) {
      const client = await clientOf({ ...rules, order: reply });
      await assert.rejects(client.placeEntry(entry), UnknownOutcome, reply.body);
      assert.equal(server?.heard.filter((call) => call.path === "/capi/v3/order").length, 1, reply.body);
      await server?.stop();
    }
  });

  it("repeats a read a bounded number of times, and a limited one after a pause", async () => {
    const client = await clientOf({ "market/time": { status: 503, body: "" } });
    await assert.rejects(client.serverTimeMs(), UnknownOutcome);
    assert.equal(server?.heard.length, 3);
    await server?.stop();
    let calls = 0;
    const limited = await clientOf({
      "market/time": () =>
        ++calls === 1 ? { status: 429, body: "slow down" } : { body: '{"serverTime":1767614400000}' },
    });
    assert.equal(await limited.serverTimeMs(), START_MS);
    assert.equal(calls, 2);
  });

  it("pauses before a call when the reply headers leave no weight", async () => {
    const headers = { "x-used-weight-10s": "500", "x-remaining-weight-10s": "0" };
    const client = await clientOf({ "market/time": { body: '{"serverTime":1767614400000}', headers } });
    await client.serverTimeMs();
    const start = performance.now();
    await client.serverTimeMs();
    assert.ok(performance.now() - start >= 8);
    assert.deepEqual(client.requestWeight(), { used: 500, remaining: 0 });
  });

  it("measures the clock once after a stale timestamp and signs again", async () => {
    const stamps: string[] = [];
    const script: Script = {
      "market/time": `{"serverTime":${START_MS + 90_000}}`,
      "account/balance": (heard) => {
        stamps.push(String(heard.headers["access-timestamp"]));
        return stamps.length === 1
          ? { status: 400, body: '{"code":-1046,"msg":"REQUEST_EXPIRED"}' }
          : { body: '[{"asset":"USDT","balance":"1.5","availableBalance":"1","unrealizePnl":"-0.5"}]' };
      },
    };
    const client = await clientOf(script);
    assert.deepEqual(await client.balance(), {
      balanceE8: 150_000_000n,
      availableE8: 100_000_000n,
      unrealisedE8: -50_000_000n,
    });
    assert.deepEqual(stamps, [String(START_MS), String(START_MS + 90_000)]);
    assert.equal(await client.clockSkewMs(), 90_000);
  });

  it("sends prices and quantities as exact decimals with stop, target, trigger type and our id", async () => {
    const client = await clientOf({
      ...rules,
      order: '{"orderId":"702345678901234567","success":true,"errorCode":"","errorMessage":""}',
    });
    assert.deepEqual(await client.placeEntry(entry), { orderId: "702345678901234567" });
    assert.deepEqual(bodyOf("/order"), {
      symbol: "BTCUSDT",
      side: "BUY",
      positionSide: "LONG",
      type: "LIMIT",
      timeInForce: "IOC",
      quantity: "0.1234",
      price: "69000",
      newClientOrderId: "order-1",
      slTriggerPrice: "68000",
      SlWorkingType: "MARK_PRICE",
      tpTriggerPrice: "70000",
      TpWorkingType: "MARK_PRICE",
    });
    assert.equal(server?.heard.at(-1)?.headers["user-agent"], "saksi-test");
  });

  it("refuses amounts off the tick or the lot before anything is sent", async () => {
    const client = await clientOf(rules);
    const bad = [
      { ...entry, limitE8: entry.limitE8 + 1n },
      { ...entry, stopE8: entry.stopE8 + 5_000_000n },
      { ...entry, qtyE8: entry.qtyE8 + 1n },
      { ...entry, qtyE8: 0n },
      { ...entry, stopE8: entry.targetE8 },
      { ...entry, clientOrderId: "white space" },
    ];
    for (const order of bad) await assert.rejects(client.placeEntry(order), DomainError);
    await assert.rejects(
      client.placeExit({ clientOrderId: "x", symbol: "BTCUSDT", side: "LONG", qtyE8: 5_000n }),
      DomainError,
    );
    assert.equal(server?.heard.filter((call) => call.method === "POST").length, 0);
  });

  it("follows the key of the income list and leaves out what fills tell", async () => {
    const row = (id: string, type: string, income: string) =>
      `{"billId":${id},"asset":"USDT","symbol":"BTCUSDT","income":"${income}","incomeType":"${type}","balance":"1","fillFee":"0","time":1767614399000,"transferReason":""}`;
    const client = await clientOf({
      "account/income": (heard) =>
        heard.body.includes("nextKeyId")
          ? {
              body: `{"hasNextPage":false,"nextKey":null,"items":[${row("700000000000000001", "deposit", "100")}]}`,
            }
          : {
              body: `{"hasNextPage":true,"nextKey":{"nextKeyId":700000000000000002,"nextKeyTime":1767614399000},"items":[${row("700000000000000003", "position_funding", "-0.00000001")},${row("700000000000000002", "position_open_long", "-1")}]}`,
            },
    });
    const rows = await client.income(START_MS - 10_000);
    assert.deepEqual(
      rows.map((entry) => [entry.incomeId, entry.kind, entry.amountE8]),
      [
        ["700000000000000001", "TRANSFER", 10_000_000_000n],
        ["700000000000000003", "FUNDING", -1n],
      ],
    );
    assert.match(server?.heard.at(-1)?.body ?? "", /"nextKeyId":"700000000000000002"/);
  });

  it("never puts a secret into an error, even when the exchange echoes it", async () => {
    const echo = {
      status: 400,
      body: `{"code":-1047,"msg":"bad ${TRADER.apiKey} ${TRADER.secret} ${TRADER.passphrase}"}`,
    };
    const client = await clientOf({ "account/balance": echo });
    const error = await client.balance().catch((thrown: unknown) => thrown);
    assert.ok(error instanceof Refused);
    const shown = `${messageOf(error)} ${error.stack} ${JSON.stringify(error)} ${String(error.cause)}`;
    for (const secret of Object.values(TRADER)) assert.ok(!shown.includes(secret));
    const broken = createWeexClient({
      restBaseUrl: server?.rest ?? "",
      credentials: { ...TRADER, apiKey: "bad\nheader-value" },
      userAgent: "x",
      requestTimeoutMs: 500,
      now: () => START_MS,
    });
    const failure = await broken.balance().catch((thrown: unknown) => thrown);
    assert.ok(failure instanceof UnknownOutcome && !`${failure.stack}`.includes("header-value"));
  });

  it("refuses unknown options and private calls without credentials", async () => {
    const options = { userAgent: "x", requestTimeoutMs: 500, now: () => START_MS };
    assert.throws(
      () => createWeexClient({ ...options, timeout: 5 } as never),
      (error) => error instanceof UsageError && /timeout/.test(error.message),
    );
    assert.throws(() => createWeexClient({ ...options, requestTimeoutMs: -1 }), UsageError);
    await assert.rejects(createWeexClient(options).balance(), DomainError);
  });
});

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { READER, signed, type TestVenue, TRADER, testVenue } from "./harness.ts";

const PATH = "/capi/v3/account/balance";

describe("the gate of the private API", () => {
  let venue: TestVenue;
  before(async () => {
    venue = await testVenue();
  });
  after(() => venue.close());

  const code = async (change: (headers: Record<string, string>) => void, skewMs = 0) => {
    const headers = signed(TRADER, "GET", PATH, "", venue.exchange.nowMs + skewMs);
    change(headers);
    const reply = await fetch(venue.base + PATH, { headers });
    return ((await reply.json()) as { code?: number }).code;
  };

  it("names the header that is missing or wrong", async () => {
    assert.equal(await code(() => {}), undefined);
    assert.equal(await code((h) => delete h["ACCESS-KEY"]), -1040);
    assert.equal(await code((h) => delete h["ACCESS-SIGN"]), -1041);
    assert.equal(await code((h) => delete h["ACCESS-TIMESTAMP"]), -1042);
    assert.equal(await code((h) => Object.assign(h, { "ACCESS-TIMESTAMP": "soon" })), -1043);
    assert.equal(await code((h) => Object.assign(h, { "ACCESS-KEY": "nobody" })), -1044);
    assert.equal(await code((h) => Object.assign(h, { "ACCESS-SIGN": "AAAA" })), -1047);
    assert.equal(await code((h) => Object.assign(h, { "ACCESS-PASSPHRASE": "guess" })), -1049);
  });

  it("measures a signature's age in virtual time", async () => {
    assert.equal(await code(() => {}, -30_000), undefined);
    assert.equal(await code(() => {}, -30_001), -1046);
    assert.equal(await code(() => {}, 30_001), -1046);
  });

  it("lets a read key query and fetch income, and nothing else", async () => {
    assert.equal((await venue.call(READER, "GET", PATH)).status, 200);
    assert.equal((await venue.call(READER, "POST", "/capi/v3/account/income", {})).status, 200);
    const refused = await venue.call(READER, "DELETE", "/capi/v3/allOpenOrders");
    assert.deepEqual([refused.status, refused.body.code], [403, -1052]);
  });

  it("refuses unknown keys, unknown paths and wrong methods with their codes", async () => {
    assert.equal((await venue.publicGet("/capi/v3/market/time?x=1")).body.code, -1142);
    assert.equal((await venue.publicGet("/capi/v3/market/depth?symbol=NOPEUSDT")).body.code, -1121);
    assert.equal((await venue.publicGet("/capi/v3/market/depth?symbol=BTCUSDT&limit=20")).body.code, -1142);
    assert.equal(
      (await venue.publicGet("/capi/v3/market/klines?symbol=BTCUSDT&interval=2h")).body.code,
      -1142,
    );
    assert.equal((await venue.publicGet("/capi/v3/market/klines?interval=1m")).body.code, -1141);
    const missing = await venue.publicGet("/capi/v9/nothing");
    assert.deepEqual([missing.status, "msg" in missing.body], [404, false]);
    assert.equal((await venue.call(TRADER, "POST", "/capi/v3/market/time", {})).body.code, -1150);
  });

  it("keeps the admin API behind its token", async () => {
    const reply = await fetch(`${venue.base}/admin/status`);
    assert.equal(reply.status, 401);
  });

  it("counts weights per ten virtual seconds and answers 429 beyond them", async () => {
    const tight = await testVenue({ rateLimitWeight: 100 });
    const first = await tight.publicGet("/capi/v3/market/ticker/24hr");
    assert.equal(first.headers.get("x-used-weight-10s"), "40");
    assert.equal(first.headers.get("x-remaining-weight-10s"), "60");
    await tight.publicGet("/capi/v3/market/ticker/24hr");
    const third = await tight.publicGet("/capi/v3/market/ticker/24hr");
    assert.deepEqual([third.status, third.body], [429, undefined]);
    await tight.ticks(1);
    assert.equal((await tight.publicGet("/capi/v3/market/time")).status, 200);
    await tight.close();
  });
});

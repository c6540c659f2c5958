import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { fund, type Loose, READER, type TestVenue, TRADER, testVenue } from "./harness.ts";

const BTC = "BTC/USDT:USDT";

describe("an unmodified ccxt client with only its URLs changed", () => {
  let venue: TestVenue;
  let exchange: Loose;
  before(async () => {
    venue = await testVenue();
    exchange = venue.client(TRADER);
    await exchange.loadMarkets();
    await exchange.loadHttpProxyAgent();
    await fund(venue);
  });
  after(async () => {
    await exchange.close();
    await venue.close();
  });

  it("loads the markets with tick, lot and fees", () => {
    const market = exchange.market(BTC);
    assert.equal(market.precision.price, 0.1);
    assert.equal(market.precision.amount, 0.0001);
    assert.equal(market.taker, 0.0008);
  });

  it("reads candles, book, trades, tickers and funding", async () => {
    const candles = await exchange.fetchOHLCV(BTC, "1m", undefined, 1000);
    assert.equal(candles.length, 1000);
    for (let i = 1; i < candles.length; i++) assert.equal(candles[i][0] - candles[i - 1][0], 60_000);
    assert.equal((await exchange.fetchOHLCV(BTC, "1h", undefined, 20)).length, 20);
    const from = venue.exchange.nowMs - 3_600_000;
    const old = await exchange.fetchOHLCV(BTC, "1m", from, 50, { historical: true });
    assert.equal(old[0][0], from);
    const book = await exchange.fetchOrderBook(BTC, 200);
    assert.ok(book.bids.length >= 40 && book.asks.length >= 40);
    assert.ok(book.bids[0][0] < book.asks[0][0]);
    assert.ok((await exchange.fetchTrades(BTC)).length > 0);
    assert.ok((await exchange.fetchTicker(BTC)).last > 0);
    assert.equal(Object.keys(await exchange.fetchBidsAsks(undefined, { type: "swap" })).length, 2);
    assert.equal(typeof (await exchange.fetchFundingRate(BTC)).fundingRate, "number");
    assert.ok((await exchange.fetchFundingRateHistory(BTC)).length > 0);
    assert.ok((await exchange.fetchOpenInterest(BTC)).openInterestAmount > 0);
    assert.equal(await exchange.fetchTime({ type: "swap" }), venue.exchange.nowMs);
  });

  it("takes an order from rest to cancellation", async () => {
    const book = await exchange.fetchOrderBook(BTC);
    const price = Number((book.bids[0][0] * 0.995).toFixed(1));
    const placed = await exchange.createOrder(BTC, "limit", "buy", 0.01, price, { clientOrderId: "life-1" });
    assert.match(placed.id, /^7\d{17}$/);
    const live = await exchange.fetchOrder(placed.id, BTC);
    assert.deepEqual([live.status, live.clientOrderId, live.id], ["open", "life-1", placed.id]);
    assert.equal((await exchange.fetchOpenOrders(BTC)).length, 1);
    await exchange.cancelOrder(placed.id, BTC);
    assert.equal((await exchange.fetchOrder(placed.id, BTC)).status, "canceled");
    await assert.rejects(exchange.cancelOrder(placed.id, BTC), { name: "InvalidOrder" });
  });

  it("opens and closes a position with trades, fees and balances to match", async () => {
    await exchange.setLeverage(10, BTC);
    assert.equal((await exchange.fetchLeverage(BTC)).longLeverage, 10);
    const opened = await exchange.createOrder(BTC, "market", "buy", 0.02, undefined, {
      clientOrderId: "open-1",
    });
    const [position] = await exchange.fetchPositions([BTC]);
    assert.deepEqual([position.side, position.contracts], ["long", 0.02]);
    const closed = await exchange.createOrder(BTC, "market", "sell", 0.02, undefined, { reduceOnly: true });
    assert.equal((await exchange.fetchPositions([BTC])).length, 0);
    const trades = [
      ...(await exchange.fetchOrderTrades(opened.id, BTC)),
      ...(await exchange.fetchOrderTrades(closed.id, BTC)),
    ];
    const cash = trades.reduce(
      (sum: number, t: Loose) => sum + (t.side === "buy" ? -t.cost : t.cost) - t.fee.cost,
      0,
    );
    const balance = await exchange.fetchBalance({ type: "swap" });
    assert.ok(Math.abs(balance.USDT.total - 100_000 - cash) < 1e-6);
  });

  it("watches book, trades, candles and ticker as time is advanced", async () => {
    const watches = [
      exchange.watchOrderBook(BTC),
      exchange.watchTrades(BTC),
      exchange.watchOHLCV(BTC, "1m"),
      exchange.watchTicker(BTC),
    ];
    await settle();
    await venue.ticks(1);
    const [book, trades, candles, ticker] = await Promise.all(watches);
    assert.ok(book.bids[0][0] < book.asks[0][0]);
    assert.ok(trades.length > 0);
    assert.ok(candles.length > 0);
    assert.ok(ticker.last > 0);
    for (let i = 0; i < 3; i++) {
      const next = exchange.watchOrderBook(BTC);
      await venue.ticks(1);
      await next;
    }
    const rest = await exchange.fetchOrderBook(BTC, 200);
    const watched = exchange.orderbooks[BTC];
    assert.equal(watched.nonce, rest.nonce);
    assert.deepEqual(
      Array.from(watched.bids)
        .slice(0, 20)
        .map((row: Loose) => [row[0], row[1]]),
      rest.bids.slice(0, 20),
    );
    assert.deepEqual(
      Array.from(watched.asks)
        .slice(0, 20)
        .map((row: Loose) => [row[0], row[1]]),
      rest.asks.slice(0, 20),
    );
  });

  it("watches its orders, trades, positions and balance", async () => {
    // The virtual clock has run on: ccxt measures its distance to it again.
    await exchange.loadTimeDifference();
    await exchange.watchPositions([BTC]);
    const watches = [
      exchange.watchOrders(BTC),
      exchange.watchMyTrades(BTC),
      exchange.watchPositions([BTC]),
      exchange.watchBalance({ type: "swap" }),
    ];
    await settle();
    const placed = await exchange.createOrder(BTC, "market", "sell", 0.01, undefined, {
      clientOrderId: "watched-1",
    });
    const [orders, trades, positions, balance] = await Promise.all(watches);
    assert.equal(orders.at(-1).id, placed.id);
    assert.equal(trades.at(-1).order, placed.id);
    assert.equal(positions.at(-1).side, "short");
    assert.ok(balance.USDT.total > 0);
    await exchange.closePosition(BTC);
    assert.equal((await exchange.fetchPositions([BTC])).length, 0);
  });

  it("may read but not trade with a read key", async () => {
    const reader = venue.client(READER);
    await reader.loadMarkets();
    assert.ok((await reader.fetchBalance({ type: "swap" })).USDT.total > 0);
    assert.ok((await reader.fetchLedger("USDT", undefined, 5, { type: "swap" })).length > 0);
    await assert.rejects(reader.createOrder(BTC, "market", "buy", 0.01), { name: "PermissionDenied" });
    await reader.close();
  });
});

const settle = () => new Promise((resolve) => setTimeout(resolve, 150));

// A venue inside the test's process, with signed REST calls, admin calls and ccxt clients against it.

import { createHmac } from "node:crypto";
import ccxt from "ccxt";
import { type RunningVenue, startVenue, type VenueOptions } from "../../venue/venue-server.ts";

// biome-ignore lint/suspicious/noExplicitAny: replies of another protocol are looked at field by field.
export type Loose = any;

export const START_MS = Date.UTC(2026, 0, 5, 12);
export const TICK_MS = 10_000;
export const TRADER = {
  uid: "1001",
  role: "trade",
  apiKey: "trade-key",
  secret: "trade-secret",
  passphrase: "phrase1",
} as const;
export const READER = {
  uid: "1001",
  role: "read",
  apiKey: "read-key",
  secret: "read-secret",
  passphrase: "phrase2",
} as const;
export const OTHER = {
  uid: "1002",
  role: "trade",
  apiKey: "other-key",
  secret: "other-secret",
  passphrase: "phrase3",
} as const;
type Key = typeof TRADER | typeof READER | typeof OTHER;

export interface TestVenue extends RunningVenue {
  readonly base: string;
  admin(method: string, path: string, body?: unknown): Promise<Loose>;
  call(
    key: Key,
    method: string,
    path: string,
    body?: unknown,
    userAgent?: string,
  ): Promise<{ status: number; body: Loose; text: string }>;
  publicGet(
    path: string,
    userAgent?: string,
  ): Promise<{ status: number; body: Loose; text: string; headers: Headers }>;
  /** Plays that many ticks. */
  ticks(count: number): Promise<Loose>;
  client(key: Key): Loose;
}

export async function testVenue(changes: Partial<VenueOptions> = {}): Promise<TestVenue> {
  const venue = await startVenue({
    port: 0,
    host: "127.0.0.1",
    seed: 7,
    markets: ["BTCUSDT", "ETHUSDT"],
    startMs: START_MS,
    historyMinutes: 1500,
    tickMs: TICK_MS,
    data: new Map(),
    mode: "lockstep",
    speed: 1,
    accounts: [TRADER, READER, OTHER],
    adminToken: "token",
    makerFeePpm: 200n,
    takerFeePpm: 800n,
    rateLimitWeight: 0,
    pingMs: 60_000,
    ...changes,
  });
  const base = `http://127.0.0.1:${venue.port}`;
  const admin = async (method: string, path: string, body?: unknown) => {
    const init: RequestInit = { method, headers: { "x-admin-token": "token" } };
    if (body !== undefined) init.body = JSON.stringify(body);
    const reply = await fetch(base + path, init);
    return { status: reply.status, ...((await reply.json()) as object) };
  };
  return {
    ...venue,
    base,
    admin,
    async call(key, method, path, body, userAgent = "test") {
      const text = body === undefined ? (method === "POST" ? "{}" : "") : JSON.stringify(body);
      const headers = signed(key, method, path, text, venue.exchange.nowMs);
      const init: RequestInit = { method, headers: { ...headers, "user-agent": userAgent } };
      if (text !== "") init.body = text;
      return read(await fetch(base + path, init));
    },
    async publicGet(path, userAgent = "test") {
      const reply = await fetch(base + path, { headers: { "user-agent": userAgent } });
      return { ...(await read(reply)), headers: reply.headers };
    },
    ticks: (count) => admin("POST", "/admin/clock", { toMs: venue.exchange.nowMs + count * TICK_MS }),
    client(key) {
      const ws = base.replace("http", "ws");
      return new (ccxt as Loose).pro.weex({
        apiKey: key.apiKey,
        secret: key.secret,
        password: key.passphrase,
        enableRateLimit: false,
        options: { defaultType: "swap", adjustForTimeDifference: true },
        urls: {
          api: {
            public: base,
            private: base,
            contract: base,
            contractPrivate: base,
            ws: { contract: `${ws}/contract/v3/ws`, spot: `${ws}/spot/v3/ws` },
          },
        },
      });
    },
  };
}

export function signed(
  key: Key,
  method: string,
  path: string,
  body: string,
  nowMs: number,
): Record<string, string> {
  const timestamp = String(nowMs);
  const sign = createHmac("sha256", key.secret)
    .update(timestamp + method + path + body)
    .digest("base64");
  return {
    "ACCESS-KEY": key.apiKey,
    "ACCESS-SIGN": sign,
    "ACCESS-PASSPHRASE": key.passphrase,
    "ACCESS-TIMESTAMP": timestamp,
    "content-type": "application/json",
  };
}

async function read(reply: Response): Promise<{ status: number; body: Loose; text: string }> {
  const text = await reply.text();
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    body = undefined;
  }
  return { status: reply.status, body, text };
}

let orderCount = 0;
/** A market order that opens a long, unless told otherwise. */
export function order(changes: Record<string, unknown> = {}): Record<string, unknown> {
  orderCount += 1;
  return {
    symbol: "BTCUSDT",
    side: "BUY",
    positionSide: "LONG",
    type: "MARKET",
    quantity: "0.01",
    newClientOrderId: `order-${orderCount}`,
    ...changes,
  };
}

/** A price some ticks of 0.1 away from the best bid or ask. */
export async function near(venue: TestVenue, side: "bid" | "ask", ticks: number): Promise<string> {
  const book = (await venue.publicGet("/capi/v3/market/depth?symbol=BTCUSDT")).body;
  const best = Number(side === "bid" ? book.bids[0][0] : book.asks[0][0]);
  return (best + ticks / 10).toFixed(1);
}

export async function fund(venue: TestVenue, uid = "1001", amount = "100000.00"): Promise<void> {
  await venue.admin("POST", "/admin/deposit", { uid, asset: "USDT", amount, ref: `fund-${uid}` });
}

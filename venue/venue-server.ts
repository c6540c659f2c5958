// Puts the parts together behind one port.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { AdminError, type AdminSetup, answerAdmin, guardAdmin } from "./admin/admin-api.ts";
import { Faults } from "./admin/faults.ts";
import { Clock } from "./engine/clock.ts";
import { Exchange } from "./engine/exchange.ts";
import { startFreeClock } from "./engine/free-clock.ts";
import { Market } from "./engine/market.ts";
import { toJson } from "./http/json.ts";
import { RateLimiter } from "./http/rate-limiter.ts";
import { answerRest } from "./http/rest-server.ts";
import type { ApiKey } from "./http/signature.ts";
import { DataFileError } from "./market/candle-file.ts";
import { openRecordedFeed, openSyntheticFeed } from "./market/feeds.ts";
import { contractSpec } from "./money/contract-spec.ts";
import { SocketHub } from "./ws/socket-hub.ts";
import { SocketServer } from "./ws/socket-server.ts";

const MAX_BODY_BYTES = 256 * 1024;
// Longer than clients keep idle connections, so that none is cut under a request.
const KEEP_ALIVE_MS = 120_000;
const DRAIN_BYTES = 8 * 1024 * 1024;

export interface VenueOptions {
  readonly port: number;
  readonly host: string;
  readonly seed: number;
  readonly markets: readonly string[];
  readonly startMs: number;
  readonly historyMinutes: number;
  readonly tickMs: number;
  readonly data: ReadonlyMap<string, string>;
  readonly mode: "lockstep" | "free";
  readonly speed: number;
  readonly accounts: readonly ApiKey[];
  readonly adminToken: string | undefined;
  readonly makerFeePpm: bigint;
  readonly takerFeePpm: bigint;
  readonly rateLimitWeight: number;
  readonly pingMs: number;
}

export interface RunningVenue {
  readonly port: number;
  readonly exchange: Exchange;
  readonly faults: Faults;
  close(): Promise<void>;
}

export async function startVenue(options: VenueOptions): Promise<RunningVenue> {
  const exchange = openExchange(options);
  const faults = new Faults();
  const hub = new SocketHub(exchange, faults, options.pingMs);
  exchange.listen(hub);
  exchange.isFrozen = (symbol) => faults.size > 0 && faults.strike("frozenFeed", { symbol }) !== undefined;
  const keys = new Map(options.accounts.map((key) => [key.apiKey, key]));
  for (const key of options.accounts) exchange.account(key.uid);
  const sockets = new SocketServer(exchange, hub, faults, keys);
  const clock = new Clock(exchange, () => [...hub.connections].some((one) => one.buffered > DRAIN_BYTES));
  const limiter = new RateLimiter(options.rateLimitWeight);
  const rest = { exchange, faults, keys, limiter };
  const admin: AdminSetup = {
    exchange,
    clock,
    hub,
    sockets,
    faults,
    token: options.adminToken,
    mode: options.mode,
  };
  const server = createServer((request, response) => {
    answer(request, response, rest, admin).catch((error: unknown) => {
      process.stderr.write(`venue: ${error instanceof Error ? error.stack : String(error)}\n`);
      if (!response.headersSent) response.writeHead(500, { "content-type": "application/json" });
      response.end('{"code":-1000,"msg":"UNKNOWN_ERROR"}');
    });
  });
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  server.on("upgrade", (request, socket, head) => {
    socket.on("error", () => socket.destroy());
    sockets.upgrade(request, socket, head);
  });
  const port = await listen(server, options.port, options.host);
  const stopClock = options.mode === "free" ? startFreeClock(exchange, clock, options.speed) : () => {};
  return {
    port,
    exchange,
    faults,
    close: async () => {
      stopClock();
      sockets.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function openExchange(options: VenueOptions): Exchange {
  const { seed, tickMs, historyMinutes } = options;
  let startMs = options.startMs;
  const request = (symbol: string) => ({ spec: contractSpec(symbol, options), seed, tickMs, historyMinutes });
  const recorded = new Map(
    [...options.data].map(([symbol, file]) => [symbol, openRecordedFeed(request(symbol), file)]),
  );
  const starts = [...recorded.values()].map((opened) => opened.startMs!);
  // Markets of several files begin where all of them have their history.
  if (starts.length > 0) startMs = Math.ceil(Math.max(...starts) / tickMs) * tickMs;
  const markets = options.markets.map((symbol) => {
    const opened = recorded.get(symbol) ?? openSyntheticFeed(request(symbol), startMs);
    return new Market(contractSpec(symbol, options), opened.feed);
  });
  try {
    return new Exchange({ seed, startMs, tickMs, markets });
  } catch (error) {
    throw new DataFileError(
      `The venue cannot start: ${error instanceof Error ? error.message : String(error)}.`,
    );
  }
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  rest: Parameters<typeof answerRest>[0],
  admin: AdminSetup,
): Promise<void> {
  const body = await readBody(request);
  if (body === undefined) {
    response.writeHead(413).end();
    return;
  }
  const idle = admin.clock.idle();
  if (!(request.url ?? "").startsWith("/admin")) {
    if (idle !== undefined) await idle;
    return answerRest(rest, request, response, body);
  }
  let status = 200;
  let text: string;
  try {
    guardAdmin(admin, request);
    text = toJson(await answerAdmin(admin, request.method ?? "GET", request.url ?? "", body));
  } catch (error) {
    if (!(error instanceof AdminError)) throw error;
    status = error.status;
    text = toJson({ error: error.message });
  }
  response.writeHead(status, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(text),
  });
  response.end(text);
}

async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function listen(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : port);
    });
  });
}

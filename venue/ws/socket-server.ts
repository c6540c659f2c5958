// Accepts sockets and answers what clients send on them.

import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";
import { z } from "zod";
import type { Faults } from "../admin/faults.ts";
import type { Exchange } from "../engine/exchange.ts";
import { Refusal } from "../engine/records.ts";
import { type ApiKeys, authenticate } from "../http/signature.ts";
import { labelOf } from "../market/seeded-random.ts";
import { Connection, MAX_REJECTED_FRAMES, MAX_STREAMS_PER_CONNECTION } from "./connection.ts";
import type { SocketHub } from "./socket-hub.ts";
import { klineSnapshot, parseStream, type Stream, tradeSnapshot } from "./streams.ts";

const MAX_FRAME_BYTES = 64 * 1024;
const MAX_CONNECTIONS = 100;
const PATH = /^\/(contract|spot)\/v3\/ws\/(public|private)$/;
/** Signed whatever the path of the socket is. */
const SIGNED_PATH = "/v3/ws/private";
const PRIVATE_CHANNELS = ["orders", "fill", "positions", "account"];
const ALIASES: Record<string, string> = { order: "orders", position: "positions" };

const frame = z.object({
  id: z.union([z.string().max(64), z.number()]).optional(),
  method: z.enum(["SUBSCRIBE", "UNSUBSCRIBE", "PING", "PONG"]),
  params: z.array(z.string().max(80)).max(MAX_STREAMS_PER_CONNECTION).optional(),
});

export class SocketServer {
  private readonly exchange: Exchange;
  private readonly hub: SocketHub;
  private readonly faults: Faults;
  private readonly keys: ApiKeys;
  private readonly server = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_FRAME_BYTES,
    perMessageDeflate: false,
  });
  private made = 0;

  constructor(exchange: Exchange, hub: SocketHub, faults: Faults, keys: ApiKeys) {
    this.exchange = exchange;
    this.hub = hub;
    this.faults = faults;
    this.keys = keys;
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const match = PATH.exec((request.url ?? "").split("?")[0]!);
    const userAgent = request.headers["user-agent"] ?? "";
    if (match === null) {
      refuse(socket, "404 Not Found");
      return;
    }
    const family = match[1] as "contract" | "spot";
    const scope = match[2] as "public" | "private";
    if (this.faults.strike("maintenance", { userAgent, path: request.url ?? "" })) {
      refuse(socket, "503 Service Unavailable");
      return;
    }
    if (this.hub.connections.size >= MAX_CONNECTIONS) {
      refuse(socket, "429 Too Many Requests");
      return;
    }
    let uid: string | undefined;
    if (scope === "private") {
      try {
        uid = authenticate(this.keys, request.headers, (time) => time + SIGNED_PATH, this.exchange.nowMs).uid;
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        refuse(socket, "401 Unauthorized");
        return;
      }
    }
    this.server.handleUpgrade(request, socket, head, (opened) => {
      this.made += 1;
      const cid = cidOf(this.exchange.seed, this.made);
      const connection = new Connection(opened, { cid, scope, family, uid, userAgent });
      this.hub.connections.add(connection);
      opened.on("message", (data) => this.receive(connection, String(data)));
      opened.on("close", () => this.hub.drop(connection));
      opened.on("error", () => this.hub.drop(connection));
      connection.send(`{"cid":"${cid}","event":"connected","time":"${this.exchange.nowMs}"}`);
      if (this.faults.strike("dropSocket", { scope, cid, userAgent })) connection.destroy();
    });
  }

  /** Closes what a dropSocket fault names; how many there were. */
  dropMatching(): number {
    let dropped = 0;
    for (const connection of [...this.hub.connections]) {
      const { scope, cid, userAgent } = connection;
      if (this.faults.strike("dropSocket", { scope, cid, userAgent }) === undefined) continue;
      this.hub.drop(connection);
      connection.destroy();
      dropped += 1;
    }
    return dropped;
  }

  close(): void {
    for (const connection of this.hub.connections) connection.destroy();
    this.server.close();
  }

  private receive(connection: Connection, text: string): void {
    let raw: unknown;
    try {
      raw = JSON.parse(text);
    } catch {
      this.reject(connection, undefined, "INVALID_ARGUMENT: not JSON");
      return;
    }
    const parsed = frame.safeParse(raw);
    if (!parsed.success) {
      this.reject(connection, undefined, "INVALID_ARGUMENT: invalid frame");
      return;
    }
    const { id, method, params = [] } = parsed.data;
    if (method === "PONG") return;
    if (method === "PING") {
      connection.send(ack(id));
      return;
    }
    const names = params.map((name) => ALIASES[name] ?? name);
    for (const name of names) {
      const wrong = this.wrongWith(connection, name);
      if (wrong !== undefined) {
        this.reject(connection, id, wrong);
        return;
      }
    }
    if (method === "UNSUBSCRIBE") {
      for (const name of names) this.hub.unsubscribe(connection, this.keyOf(connection, name));
      connection.send(ack(id));
      return;
    }
    if (new Set([...connection.streams, ...names]).size > MAX_STREAMS_PER_CONNECTION) {
      this.reject(connection, id, `INVALID_ARGUMENT: more than ${MAX_STREAMS_PER_CONNECTION} streams`);
      return;
    }
    connection.send(ack(id));
    for (const name of names) {
      this.hub.subscribe(connection, this.keyOf(connection, name));
      const stream = parseStream(name);
      if (connection.scope === "public" && stream !== undefined) this.sendSnapshot(connection, stream);
    }
  }

  private wrongWith(connection: Connection, name: string): string | undefined {
    if (connection.scope === "private") {
      return PRIVATE_CHANNELS.includes(name) ? undefined : `INVALID_ARGUMENT: invalid channel : ${name}`;
    }
    const stream = parseStream(name);
    if (stream === undefined) return `INVALID_ARGUMENT: invalid channel : ${name}`;
    if (this.exchange.markets.has(stream.symbol) && connection.family === "contract") return undefined;
    return `INVALID_ARGUMENT: invalid symbol : ${stream.symbol}`;
  }

  private keyOf(connection: Connection, name: string): string {
    if (connection.scope === "public") return name;
    // Spot sockets may listen, but nothing ever happens there.
    return connection.family === "contract" ? `${connection.uid}/${name}` : `spot/${connection.uid}/${name}`;
  }

  private sendSnapshot(connection: Connection, stream: Stream): void {
    const market = this.exchange.markets.get(stream.symbol)!;
    const now = this.exchange.nowMs;
    if (stream.kind === "depth") {
      connection.send((stream.size === 15 ? market.depth15 : market.depth200).snapshotJson(now));
    } else if (stream.kind === "trade") connection.send(tradeSnapshot(market, now));
    else if (stream.kind === "kline") {
      connection.send(klineSnapshot(market, stream, this.faults.candleView(market, connection), now));
    }
  }

  private reject(connection: Connection, id: string | number | undefined, message: string): void {
    connection.send(`{"result":false,"id":${idJson(id)},"msg":${JSON.stringify(message)}}`);
    connection.rejected += 1;
    if (connection.rejected >= MAX_REJECTED_FRAMES) connection.close(1007);
  }
}

function ack(id: string | number | undefined): string {
  return `{"result":true,"id":${idJson(id)}}`;
}

/** The exchange answers a numeric id with a number even when it came as text. */
function idJson(id: string | number | undefined): string {
  if (id === undefined) return "null";
  return typeof id === "string" && /^\d{1,15}$/.test(id) ? String(Number(id)) : JSON.stringify(id);
}

function refuse(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

function cidOf(seed: number, count: number): string {
  const hex = (value: number) => value.toString(16).padStart(8, "0");
  return `${hex(labelOf(`cid/${seed}`))}-0000-4000-8000-${count.toString(16).padStart(12, "0")}`;
}

// All sockets: turns what happens in the exchange into frames for those who subscribed.

import type { Faults } from "../admin/faults.ts";
import { crossed } from "../admin/faults.ts";
import type { Account } from "../engine/account.ts";
import type { Exchange, ExchangeSink } from "../engine/exchange.ts";
import type { Market, PublicTrade } from "../engine/market.ts";
import type { AlgoOrder, Fill, Order, Position } from "../engine/records.ts";
import { type Json, toJson } from "../http/json.ts";
import type { Connection } from "./connection.ts";
import {
  algoFrameRow,
  balanceFrameRow,
  fillFrameRow,
  orderFrameRow,
  positionFrameRow,
} from "./private-rows.ts";
import { klineFrame, parseStream, tickerFrame, tradeFrame } from "./streams.ts";

type PrivateChannel = "orders" | "fill" | "positions" | "account";
interface Pending {
  readonly account: Account;
  readonly channel: PrivateChannel;
  readonly event: string;
  readonly rows: Json[];
}

export class SocketHub implements ExchangeSink {
  readonly connections = new Set<Connection>();
  private readonly byStream = new Map<string, Set<Connection>>();
  private readonly exchange: Exchange;
  private readonly faults: Faults;
  private readonly pingMs: number;
  private lastPingMs: number;
  private pending: Pending[] = [];

  constructor(exchange: Exchange, faults: Faults, pingMs: number) {
    this.exchange = exchange;
    this.faults = faults;
    this.pingMs = pingMs;
    this.lastPingMs = exchange.nowMs;
  }

  subscribe(connection: Connection, stream: string): void {
    connection.streams.add(stream);
    const set = this.byStream.get(stream) ?? new Set();
    set.add(connection);
    this.byStream.set(stream, set);
  }

  unsubscribe(connection: Connection, stream: string): void {
    connection.streams.delete(stream);
    const set = this.byStream.get(stream);
    set?.delete(connection);
    if (set?.size === 0) this.byStream.delete(stream);
  }

  drop(connection: Connection): void {
    for (const stream of [...connection.streams]) this.unsubscribe(connection, stream);
    this.connections.delete(connection);
  }

  wantsDepth(market: Market, size: 15 | 200): boolean {
    return this.byStream.has(`${market.spec.symbol}@depth${size}`);
  }

  depth(market: Market, size: 15 | 200, json: string): void {
    const { symbol } = market.spec;
    for (const connection of this.byStream.get(`${symbol}@depth${size}`) ?? []) {
      const occasion = { symbol, userAgent: connection.userAgent };
      if (this.faults.size > 0) {
        if (this.faults.strike("sequenceGap", occasion) !== undefined) continue;
        if (this.faults.strike("crossedBook", occasion) !== undefined) {
          connection.send(this.withCrossedTouch(market, json, size));
          continue;
        }
      }
      connection.send(json);
    }
  }

  marketMoved(market: Market, trades: readonly PublicTrade[]): void {
    const { symbol } = market.spec;
    const now = this.exchange.nowMs;
    if (trades.length > 0) this.toAll(`${symbol}@trade`, () => tradeFrame(market, trades, "trade", now));
    this.toAll(`${symbol}@ticker`, () => tickerFrame(market, now));
    for (const [name, connections] of this.byStream) {
      if (!name.startsWith(`${symbol}@kline_`)) continue;
      const stream = parseStream(name);
      if (stream?.kind !== "kline") continue;
      const altered = this.faults.has("alteredCandle") || this.faults.has("missingCandle");
      let shared: string | undefined;
      for (const connection of connections) {
        if (shared === undefined || altered) {
          shared = klineFrame(market, stream, this.faults.candleView(market, connection), now);
        }
        if (shared !== undefined) connection.send(shared);
      }
    }
  }

  orderChanged(account: Account, order: Order): void {
    const partial = this.faults.partialName({ userAgent: "" });
    this.gather(account, "orders", "OrderUpdate", () =>
      orderFrameRow(this.marketOf(order.symbol), order, partial),
    );
  }

  algoChanged(account: Account, algo: AlgoOrder): void {
    const leverage = account.leverageOf(algo.symbol).cross;
    this.gather(account, "orders", "OrderUpdate", () =>
      algoFrameRow(this.marketOf(algo.symbol), algo, leverage),
    );
  }

  filled(account: Account, fill: Fill): void {
    this.gather(account, "fill", "OrderUpdate", () => fillFrameRow(this.marketOf(fill.symbol), fill));
  }

  positionChanged(account: Account, position: Position, event: string): void {
    this.gather(account, "positions", event, () =>
      positionFrameRow(this.marketOf(position.symbol), account, position),
    );
  }

  balanceChanged(account: Account, event: string): void {
    this.gather(account, "account", event, () =>
      balanceFrameRow(account, this.exchange.startMs, this.exchange.nowMs),
    );
  }

  flush(): void {
    const pending = this.pending;
    this.pending = [];
    for (const { account, channel, event, rows } of pending) {
      account.frameVersion += 1;
      const frame = { e: channel, E: this.exchange.nowMs, v: account.frameVersion, msgEvent: event, d: rows };
      const text = toJson(frame);
      for (const connection of this.byStream.get(`${account.uid}/${channel}`) ?? []) connection.send(text);
    }
  }

  heartbeat(): void {
    if (this.pingMs === 0 || this.exchange.nowMs - this.lastPingMs < this.pingMs) return;
    this.lastPingMs = this.exchange.nowMs;
    for (const connection of this.connections) {
      const key = connection.scope === "public" ? "event" : "type";
      connection.send(`{"${key}":"ping","time":"${this.exchange.nowMs}"}`);
    }
  }

  /** Rows of one channel that follow one another travel in one frame, orders kept. */
  private gather(account: Account, channel: PrivateChannel, event: string, row: () => Json): void {
    if (!this.byStream.has(`${account.uid}/${channel}`)) return;
    const last = this.pending.findLast((entry) => entry.account === account && entry.channel === channel);
    const replaces = channel === "account" && last?.event === event;
    if (last === undefined || last.event !== event)
      this.pending.push({ account, channel, event, rows: [row()] });
    else if (replaces) last.rows[0] = row();
    else last.rows.push(row());
  }

  private toAll(stream: string, frame: () => string): void {
    const connections = this.byStream.get(stream);
    if (connections === undefined) return;
    const text = frame();
    for (const connection of connections) connection.send(text);
  }

  /** Adds a bid above the best ask and an ask below the best bid to a delta. */
  private withCrossedTouch(market: Market, json: string, size: 15 | 200): string {
    const channel = size === 15 ? market.depth15 : market.depth200;
    const book = crossed(market.book.visible());
    const add = (text: string, key: string, row: string) =>
      text.replace(`"${key}":[`, `"${key}":[${row},`).replace(",]", "]");
    const bid = channel.rows(book.bids.slice(0, 1)).slice(1, -1);
    const ask = channel.rows(book.asks.slice(0, 1)).slice(1, -1);
    return add(add(json, "b", bid), "a", ask);
  }

  private marketOf(symbol: string): Market {
    return this.exchange.markets.get(symbol)!;
  }
}

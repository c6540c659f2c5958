// The exchange: its clock, markets and accounts. Everything that happens does so through here or through the
// functions beside it, in one thread and in one order; real time is unknown to it.

import { FUNDING_INTERVAL_MS } from "../market/market-feed.ts";
import { Account } from "./account.ts";
import { triggerAlgoOrders } from "./algo-orders.ts";
import { settleFunding } from "./funding.ts";
import { liquidateIfNeeded } from "./liquidation.ts";
import type { Market, PublicTrade } from "./market.ts";
import { fillAgainstFlow, fillCrossedOrders } from "./matching.ts";
import type { AlgoOrder, Fill, Order, Position } from "./records.ts";

export const MAX_EVENTS_PER_CLOCK_CALL = 100_000;
const ID_BASE = 700_000_000_000_000_000n;
const ID_STEP = 1009n;

/** What wants to hear of changes: the sockets. */
export interface ExchangeSink {
  wantsDepth(market: Market, size: 15 | 200): boolean;
  depth(market: Market, size: 15 | 200, json: string): void;
  marketMoved(market: Market, trades: readonly PublicTrade[]): void;
  orderChanged(account: Account, order: Order): void;
  algoChanged(account: Account, algo: AlgoOrder): void;
  filled(account: Account, fill: Fill): void;
  positionChanged(account: Account, position: Position, event: string): void;
  balanceChanged(account: Account, event: string): void;
  /** Sends what the calls above have gathered. */
  flush(): void;
  heartbeat(): void;
}

export interface ExchangeSettings {
  acceptDuplicates: boolean;
  refusalInAck: boolean;
}

export class Exchange {
  nowMs: number;
  readonly tickMs: number;
  readonly startMs: number;
  readonly seed: number;
  readonly markets = new Map<string, Market>();
  readonly accounts = new Map<string, Account>();
  readonly settings: ExchangeSettings = { acceptDuplicates: false, refusalInAck: false };
  /** Set by the fault desk: markets that stand still while time goes on. */
  isFrozen: (symbol: string) => boolean = () => false;
  private sink: ExchangeSink | undefined;
  private idCount = 0n;
  private sequence = 0;

  constructor(setup: { seed: number; startMs: number; tickMs: number; markets: readonly Market[] }) {
    this.seed = setup.seed;
    this.tickMs = setup.tickMs;
    this.startMs = Math.floor(setup.startMs / setup.tickMs) * setup.tickMs;
    this.nowMs = this.startMs;
    for (const market of setup.markets) {
      this.markets.set(market.spec.symbol, market);
      this.seedMarket(market);
    }
  }

  /** The instance the sockets live in; one only. */
  listen(sink: ExchangeSink): void {
    this.sink = sink;
  }

  get out(): ExchangeSink | undefined {
    return this.sink;
  }

  nextId(): bigint {
    this.idCount += 1n;
    return ID_BASE + this.idCount * ID_STEP;
  }

  nextSequence(): number {
    this.sequence += 1;
    return this.sequence;
  }

  account(uid: string): Account {
    let account = this.accounts.get(uid);
    if (account === undefined) {
      account = new Account(uid);
      this.accounts.set(uid, account);
    }
    return account;
  }

  get nextEventMs(): number {
    return (Math.floor(this.nowMs / this.tickMs) + 1) * this.tickMs;
  }

  eventsUntil(toMs: number): number {
    return Math.max(0, Math.floor(toMs / this.tickMs) - Math.floor(this.nowMs / this.tickMs));
  }

  /** Plays events up to and including toMs, then stands at toMs. */
  advanceTo(toMs: number): void {
    if (toMs <= this.nowMs) return;
    if (this.eventsUntil(toMs) > MAX_EVENTS_PER_CLOCK_CALL)
      throw new Error("too many events for one clock call");
    for (let at = this.nextEventMs; at <= toMs; at = this.nextEventMs) {
      this.nowMs = at;
      this.tick();
    }
    this.nowMs = toMs;
  }

  /** Publishes the book after something changed it between ticks. */
  publishBook(market: Market): void {
    const book = market.book.visible();
    const id = market.updateId + 1;
    let used = false;
    for (const channel of [market.depth15, market.depth200]) {
      const wanted = this.sink?.wantsDepth(market, channel.size) ?? false;
      const json = channel.advance(book, id, this.nowMs, wanted);
      if (json === undefined) continue;
      used = true;
      if (wanted) this.sink?.depth(market, channel.size, json);
    }
    if (used) market.updateId = id;
  }

  private tick(): void {
    const isFunding = this.nowMs % FUNDING_INTERVAL_MS === 0;
    for (const market of this.markets.values()) {
      const trades = this.moveMarket(market);
      triggerAlgoOrders(this, market);
      if (isFunding) settleFunding(this, market);
      this.publishBook(market);
      if (trades !== undefined) this.sink?.marketMoved(market, trades);
    }
    for (const account of this.accounts.values()) {
      if (account.positions.size > 0) liquidateIfNeeded(this, account);
    }
    this.sink?.flush();
    this.sink?.heartbeat();
  }

  private moveMarket(market: Market): PublicTrade[] | undefined {
    if (this.isFrozen(market.spec.symbol)) return undefined;
    market.feedMs = this.nowMs;
    const tick = market.feed.tickAt(this.nowMs);
    if (tick === undefined) return undefined;
    market.last = tick.last;
    market.mark = tick.mark;
    market.index = tick.index;
    market.book.bids = tick.bids;
    market.book.asks = tick.asks;
    fillCrossedOrders(this, market);
    fillAgainstFlow(this, market, tick.trades);
    return market.addTrades(tick.trades, this.nowMs);
  }

  private seedMarket(market: Market): void {
    market.lastRateE8 = market.feed.fundingRateE8(
      Math.floor(this.nowMs / FUNDING_INTERVAL_MS) * FUNDING_INTERVAL_MS,
    );
    if (this.moveMarket(market) === undefined)
      throw new Error(`${market.spec.symbol} has no data at the start`);
    this.publishBook(market);
  }
}

// Faults that a test turns on: what each may say about itself, and whether it strikes here and now.

import { z } from "zod";
import type { Market } from "../engine/market.ts";
import type { VisibleBook } from "../engine/match-book.ts";
import { asItIs, type CandleView } from "../http/klines.ts";
import { MINUTE_MS, type MinuteCandle } from "../market/market-feed.ts";

export const MAX_FAULTS = 100;
const MAX_REAL_MS = 60_000;

const common = {
  count: z.number().int().positive().optional(),
  path: z.string().optional(),
  method: z.string().optional(),
  userAgent: z.string().optional(),
};
const realMs = z.number().int().min(0).max(MAX_REAL_MS);
const symbol = z.string();

export const faultInput = z.discriminatedUnion("name", [
  z.strictObject({ name: z.literal("latency"), realMs, ...common }),
  z.strictObject({
    name: z.literal("http5xx"),
    status: z.number().int().min(500).max(599).optional(),
    ...common,
  }),
  z.strictObject({ name: z.literal("http429"), ...common }),
  z.strictObject({ name: z.literal("timeoutBeforeAccept"), realMs: realMs.optional(), ...common }),
  z.strictObject({ name: z.literal("timeoutAfterAccept"), realMs: realMs.optional(), ...common }),
  z.strictObject({ name: z.literal("maintenance"), ...common }),
  z.strictObject({
    name: z.literal("dropSocket"),
    scope: z.enum(["public", "private"]).optional(),
    cid: z.string().optional(),
    ...common,
  }),
  z.strictObject({ name: z.literal("sequenceGap"), symbol: symbol.optional(), ...common }),
  z.strictObject({ name: z.literal("frozenFeed"), symbol: symbol.optional(), ...common }),
  z.strictObject({ name: z.literal("crossedBook"), symbol: symbol.optional(), ...common }),
  z.strictObject({ name: z.literal("partialFills"), ...common }),
  z.strictObject({ name: z.literal("clockSkew"), offsetMs: z.number().int(), ...common }),
  z.strictObject({
    name: z.literal("alteredCandle"),
    symbol,
    openTimeMs: z.number().int(),
    closeAddTicks: z.number().int(),
    ...common,
  }),
  z.strictObject({ name: z.literal("missingCandle"), symbol, openTimeMs: z.number().int(), ...common }),
  z.strictObject({
    name: z.literal("foreignOrder"),
    uid: z.string(),
    symbol,
    side: z.enum(["BUY", "SELL"]),
    positionSide: z.enum(["LONG", "SHORT"]),
    quantity: z.string(),
    price: z.string().optional(),
    ...common,
  }),
]);

export type FaultSpec = z.infer<typeof faultInput>;
export type FaultName = FaultSpec["name"];
export type Fault<N extends FaultName = FaultName> = Extract<FaultSpec, { name: N }> & {
  id: string;
  hits: number;
};

/** Where a fault could strike. */
export interface Occasion {
  readonly userAgent?: string;
  readonly path?: string;
  readonly method?: string;
  readonly symbol?: string;
  readonly scope?: "public" | "private";
  readonly cid?: string;
}

export class Faults {
  private active: Fault[] = [];
  private made = 0;

  get size(): number {
    return this.active.length;
  }

  list(): readonly Fault[] {
    return this.active;
  }

  add(spec: FaultSpec): Fault {
    if (this.active.length >= MAX_FAULTS) throw new Error(`more than ${MAX_FAULTS} faults`);
    this.made += 1;
    const fault = { ...spec, id: `fault-${this.made}`, hits: 0 } as Fault;
    this.active.push(fault);
    return fault;
  }

  remove(id: string | undefined): number {
    const before = this.active.length;
    this.active = id === undefined ? [] : this.active.filter((fault) => fault.id !== id);
    return before - this.active.length;
  }

  has(name: FaultName): boolean {
    return this.active.some((fault) => fault.name === name);
  }

  /** The first fault of this name that fits, counted as struck; it ends when its count is used up. */
  strike<N extends FaultName>(name: N, occasion: Occasion): Fault<N> | undefined {
    if (this.active.length === 0) return undefined;
    const fault = this.active.find((one) => one.name === name && fits(one, occasion)) as Fault<N> | undefined;
    if (fault === undefined) return undefined;
    this.count(fault as Fault);
    return fault;
  }

  candleView(market: Market, who: { userAgent: string }): CandleView {
    const place = { userAgent: who.userAgent, symbol: market.spec.symbol };
    const mine = this.active.filter(
      (fault): fault is Fault<"alteredCandle" | "missingCandle"> =>
        (fault.name === "alteredCandle" || fault.name === "missingCandle") && fits(fault, place),
    );
    if (mine.length === 0) return asItIs;
    return (candle) => {
      let shown: MinuteCandle | undefined = candle;
      for (const fault of mine) {
        if (fault.openTimeMs !== candle.minute * MINUTE_MS || shown === undefined) continue;
        this.count(fault as Fault);
        if (fault.name === "missingCandle") shown = undefined;
        else shown = withCloseMoved(shown, fault.closeAddTicks);
      }
      return shown;
    };
  }

  /** The book as shown: a crossed one swaps its touch prices. */
  shownBook(book: VisibleBook, shownSymbol: string, who: { userAgent: string }): VisibleBook {
    if (this.active.length === 0) return book;
    if (this.strike("crossedBook", { symbol: shownSymbol, userAgent: who.userAgent }) === undefined)
      return book;
    return crossed(book);
  }

  partialName(who: { userAgent: string }): boolean {
    return this.strike("partialFills", { userAgent: who.userAgent }) !== undefined;
  }

  private count(fault: Fault): void {
    fault.hits += 1;
    if (fault.count !== undefined && fault.hits >= fault.count)
      this.active = this.active.filter((one) => one !== fault);
  }
}

export function crossed(book: VisibleBook): VisibleBook {
  const bid = book.bids[0];
  const ask = book.asks[0];
  if (bid === undefined || ask === undefined) return book;
  return {
    bids: [{ ticks: ask.ticks + 1, lots: bid.lots }, ...book.bids],
    asks: [{ ticks: bid.ticks - 1, lots: ask.lots }, ...book.asks],
  };
}

function withCloseMoved(candle: MinuteCandle, ticks: number): MinuteCandle {
  const close = candle.last.close + ticks;
  const { open, high, low } = candle.last;
  return { ...candle, last: { open, close, high: Math.max(high, close), low: Math.min(low, close) } };
}

function fits(fault: Fault, occasion: Occasion): boolean {
  if (fault.path !== undefined && !(occasion.path ?? "").startsWith(fault.path)) return false;
  if (fault.method !== undefined && occasion.method !== fault.method.toUpperCase()) return false;
  if (fault.userAgent !== undefined && !(occasion.userAgent ?? "").includes(fault.userAgent)) return false;
  if ("symbol" in fault && fault.symbol !== undefined && fault.symbol !== occasion.symbol) return false;
  if ("scope" in fault && fault.scope !== undefined && fault.scope !== occasion.scope) return false;
  if ("cid" in fault && fault.cid !== undefined && fault.cid !== occasion.cid) return false;
  return true;
}

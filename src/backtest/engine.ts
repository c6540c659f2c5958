/**
 * The event-driven backtest over candles. A decision sees closed candles only; what it orders fills from the next
 * candle on. Chunks come one after another, so memory does not grow with the history.
 */
import type { Trade } from "./account.ts";
import { Broker } from "./broker.ts";
import { type Candles, type Funding, NO_FUNDING } from "./candles.ts";
import type { Terms } from "./terms.ts";
import { Instruction, type Trader } from "./trader.ts";

/** Equity after each close, and the position's notional at it, for the rows of a chunk. */
export type Marks = { readonly equityUsd: Float64Array; readonly notionalUsd: Float64Array };

export type Listener = {
  onTrade(trade: Trade): void;
  /** Rows [0, count) of the chunk are marked. */
  onMarks(candles: Candles, marks: Marks, count: number): void;
};

export class Backtest {
  readonly #broker: Broker;
  readonly #trader: Trader;
  readonly #listener: Listener;
  readonly #stepMs: number;
  readonly #instruction = new Instruction();
  #marks: Marks = { equityUsd: new Float64Array(0), notionalUsd: new Float64Array(0) };
  #lastClose = Number.NaN;
  #lastTimeMs = Number.NaN;

  /** @param stepMs of the candles, milliseconds. */
  constructor(
    trader: Trader,
    terms: Terms,
    stepMs: number,
    listener: Listener,
    funding: Funding = NO_FUNDING,
  ) {
    this.#trader = trader;
    this.#listener = listener;
    this.#stepMs = stepMs;
    this.#broker = new Broker(terms, funding, (trade) => listener.onTrade(trade));
  }

  get account() {
    return this.#broker.account;
  }

  /** Lives through rows [0, count) of a chunk. */
  pass(candles: Candles, count: number): void {
    if (this.#marks.equityUsd.length < count)
      this.#marks = { equityUsd: new Float64Array(count), notionalUsd: new Float64Array(count) };
    this.#trader.prepare(candles, 0, count);
    const broker = this.#broker;
    const { account } = broker;
    const trader = this.#trader;
    const instruction = this.#instruction;
    const { closeTimeMs, close } = candles;
    const { equityUsd, notionalUsd } = this.#marks;
    for (let i = 0; i < count; i++) {
      const closedAtMs = closeTimeMs[i]!;
      broker.pass(candles, i, closedAtMs - this.#stepMs);
      const price = close[i]!;
      equityUsd[i] = account.equityAt(price);
      notionalUsd[i] = account.qty * price;
      if (broker.isRuined) continue;
      instruction.given = false;
      trader.decide(candles, i, account, instruction);
      if (instruction.given) broker.take(instruction, closedAtMs, price);
    }
    if (count === 0) return;
    this.#lastClose = close[count - 1]!;
    this.#lastTimeMs = closeTimeMs[count - 1]!;
    this.#listener.onMarks(candles, this.#marks, count);
  }

  /** Leaves an open position at the last close, costs included; returns the cash in the end. */
  finish(): number {
    if (!Number.isNaN(this.#lastClose)) this.#broker.finish(this.#lastClose, this.#lastTimeMs);
    return this.account.cashUsd;
  }
}

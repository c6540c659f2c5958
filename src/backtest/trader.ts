/** What decides in a backtest: asked once after every close, it may leave one instruction. */
import type { Account } from "./account.ts";
import type { Candles } from "./candles.ts";

/**
 * The instruction of the last decision, one object for the whole run. A trader that has nothing to say leaves `given`
 * false; the fields of an earlier instruction then mean nothing.
 */
export class Instruction {
  given = false;
  /** Signed position that is wanted. */
  wantedQty = 0;
  /** The entry fills at this price or better, or rests there; NaN: at the market. */
  limitPrice = Number.NaN;
  /** A position that is reached by it is left at these; NaN: not. */
  stopPrice = Number.NaN;
  targetPrice = Number.NaN;
  /** What has not filled by then is taken back. */
  expiresAtMs = Number.POSITIVE_INFINITY;
  /** The position is left at the market from here on. */
  exitAtMs = Number.POSITIVE_INFINITY;

  /** A plain order at the market for the position that is wanted. */
  want(qty: number): void {
    this.given = true;
    this.wantedQty = qty;
    this.limitPrice = this.stopPrice = this.targetPrice = Number.NaN;
    this.expiresAtMs = this.exitAtMs = Number.POSITIVE_INFINITY;
  }
}

export interface Trader {
  readonly name: string;
  /** Sees rows [from, to) before their closes are asked for; row i may be used for the decision after close i, not before. */
  prepare(candles: Candles, from: number, to: number): void;
  /** After the close of `row`, with the account as it then is. */
  decide(candles: Candles, row: number, account: Account, instruction: Instruction): void;
}

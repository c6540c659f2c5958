/**
 * Carries instructions out on candles. The path inside a candle is not known, so what is worse for us is taken:
 * orders at the market fill at the open; a stop and a target in one candle: the stop; a stop that the open has jumped
 * over fills at the open; a resting entry fills only when it is traded through by a tick, and in the candle in which it
 * fills only the stop may follow, not the target.
 */
import { Account, type ExitReason, type Trade } from "./account.ts";
import type { Candles, Funding } from "./candles.ts";
import { roundToLot, type Terms } from "./terms.ts";
import type { Instruction } from "./trader.ts";

const BPS = 1e-4;
const NONE = Number.NaN;
const NEVER = Number.POSITIVE_INFINITY;

export class Broker {
  readonly account: Account;
  readonly #terms: Terms;
  readonly #funding: Funding;
  readonly #taker: number;
  readonly #maker: number;
  readonly #slippage: number;
  readonly #impact: number;
  readonly #participation: number;
  readonly #maintenance: number;
  #nextFunding = 0;
  /* the working entry (or change of position) */
  #orderQty = 0;
  #orderFromMs = NEVER;
  #orderUntilMs = NEVER;
  #orderLimit = NONE;
  /* how the position is left */
  #stop = NONE;
  #target = NONE;
  #exitAtMs = NEVER;
  #isRuined = false;

  constructor(terms: Terms, funding: Funding, onTrade: (trade: Trade) => void) {
    this.account = new Account(terms.capitalUsd, onTrade);
    this.#terms = terms;
    this.#funding = funding;
    this.#taker = terms.takerFeeBps * BPS;
    this.#maker = terms.makerFeeBps * BPS;
    this.#slippage = terms.slippageBps * BPS;
    this.#impact = terms.impactBps * BPS;
    this.#participation = terms.maxParticipation ?? NEVER;
    this.#maintenance = terms.maintenanceMarginBps * BPS;
  }

  /** Nothing is left to trade with. */
  get isRuined(): boolean {
    return this.#isRuined;
  }

  /** Whether a candle can pass without a look at orders: no position, no order. */
  get isIdle(): boolean {
    return this.account.qty === 0 && this.#orderQty === 0;
  }

  /**
   * Takes an instruction given at the close of a candle. It replaces what was working before.
   * @param price the close: quantities are bounded by what it allows.
   */
  take(instruction: Instruction, timeMs: number, price: number): void {
    const { account } = this;
    const t = this.#terms;
    const most = (t.maxLeverage * Math.max(account.equityAt(price), 0)) / price;
    const wanted = Math.max(-most, Math.min(most, instruction.wantedQty));
    const qty = roundToLot(wanted - account.qty, t.lot);
    const closes = wanted === 0;
    const isSmall = Math.abs(qty) < t.minQty || Math.abs(qty) * price < t.minNotionalUsd;
    this.#orderQty = closes ? -account.qty : isSmall ? 0 : qty;
    this.#orderFromMs = timeMs + t.latencyMs;
    this.#orderUntilMs = instruction.expiresAtMs;
    this.#orderLimit = instruction.limitPrice;
    this.#stop = instruction.stopPrice;
    this.#target = instruction.targetPrice;
    this.#exitAtMs = instruction.exitAtMs;
  }

  /** One candle, from its open to its close. */
  pass(c: Candles, i: number, openTimeMs: number): void {
    const { account } = this;
    this.#fundUntil(openTimeMs, c.open[i]!);
    if (this.isIdle || this.#isOut(openTimeMs)) return;
    const volume = c.volume[i]!;
    if (account.qty !== 0 && openTimeMs >= this.#exitAtMs)
      this.#leave(c.open[i]!, openTimeMs, "horizon", volume);
    const restedAt = this.#work(c, i, openTimeMs);
    if (account.qty !== 0) this.#protect(c, i, openTimeMs, restedAt);
  }

  /** Leaves what is still open at the last close. */
  finish(price: number, timeMs: number): void {
    this.#orderQty = 0;
    if (this.account.qty !== 0) this.#market(-this.account.qty, price, timeMs, "end", NEVER);
  }

  /** Charged on the position as it was when the candle opened that contains the time of funding. */
  #fundUntil(openTimeMs: number, price: number): void {
    const { timeMs, rate } = this.#funding;
    while (this.#nextFunding < timeMs.length && timeMs[this.#nextFunding]! <= openTimeMs) {
      if (this.account.qty !== 0) this.account.fund(rate[this.#nextFunding]!, price);
      this.#nextFunding += 1;
    }
  }

  #isOut(timeMs: number): boolean {
    for (const { fromMs, toMs } of this.#terms.outages) if (timeMs >= fromMs && timeMs < toMs) return true;
    return false;
  }

  /** Fills the working order as far as it goes; returns the price at which it had rested, if it filled there. */
  #work(c: Candles, i: number, openTimeMs: number): number {
    if (this.#orderQty === 0 || openTimeMs < this.#orderFromMs) return NONE;
    if (openTimeMs >= this.#orderUntilMs) {
      this.#orderQty = 0;
      return NONE;
    }
    const qty = this.#orderQty;
    const open = c.open[i]!;
    const limit = this.#orderLimit;
    const volume = c.volume[i]!;
    const side = Math.sign(qty);
    if (Number.isNaN(limit) || side * (limit - open) >= 0) {
      this.#orderQty -= this.#market(qty, open, openTimeMs, "signal", volume, limit);
      return NONE;
    }
    const reached = side > 0 ? limit - c.low[i]! : c.high[i]! - limit;
    if (reached < this.#terms.tick || reached < 0) return NONE;
    const filled = this.#bounded(qty, volume);
    this.account.fill(openTimeMs, filled, limit, this.#maker, limit, "signal");
    this.#orderQty -= filled;
    return limit;
  }

  #protect(c: Candles, i: number, openTimeMs: number, restedAt: number): void {
    const { account } = this;
    const side = Math.sign(account.qty);
    const open = c.open[i]!;
    const worst = side > 0 ? c.low[i]! : c.high[i]!;
    const best = side > 0 ? c.high[i]! : c.low[i]!;
    const liquidation = account.liquidationPrice(this.#maintenance);
    const stopFirst = side * (this.#stop - liquidation) >= 0;
    if (side * (worst - this.#stop) <= 0 && stopFirst) {
      const at = side * (open - this.#stop) <= 0 ? open : this.#stop;
      this.#leave(at, openTimeMs, "stop", NEVER);
      return;
    }
    if (side * (worst - liquidation) <= 0) {
      this.#liquidate(liquidation, open, openTimeMs);
      return;
    }
    if (!Number.isNaN(restedAt) || Number.isNaN(this.#target)) return;
    if (side * (open - this.#target) >= 0) this.#leave(open, openTimeMs, "target", NEVER);
    else if (side * (best - this.#target) >= this.#terms.tick)
      this.#leave(this.#target, openTimeMs, "target", NEVER);
  }

  /** Whole position at the market; the venue's own protective orders are not bounded by volume. */
  #leave(price: number, timeMs: number, reason: ExitReason, volume: number): void {
    const left = this.#market(-this.account.qty, price, timeMs, reason, volume);
    if (left !== 0 && this.account.qty === 0) this.#forget();
  }

  #forget(): void {
    this.#orderQty = 0;
    this.#stop = this.#target = NONE;
    this.#exitAtMs = NEVER;
  }

  #liquidate(price: number, open: number, timeMs: number): void {
    const side = Math.sign(this.account.qty);
    const at = side * (open - price) <= 0 ? open : price;
    const rate = this.#terms.liquidationFeeBps * BPS;
    this.account.fill(timeMs, -this.account.qty, at, rate, at, "liquidation");
    this.#forget();
    // The insurance fund takes what is missing: an account does not owe.
    if (this.account.cashUsd <= 0) {
      this.account.cashUsd = 0;
      this.#isRuined = true;
    }
  }

  #bounded(qty: number, volume: number): number {
    const most = this.#participation * volume;
    if (Math.abs(qty) <= most) return qty;
    return Math.sign(qty) * Math.abs(roundToLot(most, this.#terms.lot));
  }

  /** Takes liquidity at `price`; returns the signed quantity that filled. Never beyond a limit. */
  #market(
    qty: number,
    price: number,
    timeMs: number,
    reason: ExitReason,
    volume: number,
    limit = NONE,
  ): number {
    const filled = this.#participation === NEVER ? qty : this.#bounded(qty, volume);
    if (filled === 0) return 0;
    const side = Math.sign(filled);
    const share = this.#impact === 0 || volume === 0 ? 0 : Math.min(Math.abs(filled) / volume, 1);
    const paid = price * (1 + side * (this.#slippage + this.#impact * Math.sqrt(share)));
    const at = Number.isNaN(limit) ? paid : side > 0 ? Math.min(paid, limit) : Math.max(paid, limit);
    this.account.fill(timeMs, filled, at, this.#taker, price, reason);
    return filled;
  }
}

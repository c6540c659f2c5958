/**
 * A margin account on one linear perpetual: cash, one position at its mean entry price, fees, funding. A round trip
 * runs from flat to flat; an order through zero ends one and begins the next.
 */

/** Why a position was left. */
export type ExitReason = "signal" | "stop" | "target" | "horizon" | "liquidation" | "end";

export type Trade = {
  side: "long" | "short";
  entryTimeMs: number;
  exitTimeMs: number;
  /** Sum of the entry fills, in the base currency. */
  qty: number;
  /** Means over all fills of the leg. */
  entryPrice: number;
  exitPrice: number;
  /** Both legs. */
  feesUsd: number;
  /** Positive: paid. */
  fundingUsd: number;
  /** What spread, impact and latency-free slippage cost against the candle's price; already in the prices. */
  slippageUsd: number;
  /** After fees and funding. */
  pnlUsd: number;
  exitReason: ExitReason;
};

export class Account {
  cashUsd: number;
  /** Signed. */
  qty = 0;
  entryPrice = 0;
  feesUsd = 0;
  fundingUsd = 0;
  slippageUsd = 0;
  /** Sum of the notionals of all fills. */
  turnoverUsd = 0;
  readonly #onTrade: (trade: Trade) => void;
  /* the round trip that is open */
  #openedAtMs = 0;
  #entryQty = 0;
  #entryQuote = 0;
  #exitQuote = 0;
  #exitQty = 0;
  #tripFees = 0;
  #tripFunding = 0;
  #tripSlippage = 0;

  constructor(capitalUsd: number, onTrade: (trade: Trade) => void) {
    this.cashUsd = capitalUsd;
    this.#onTrade = onTrade;
  }

  equityAt(price: number): number {
    return this.cashUsd + this.qty * (price - this.entryPrice);
  }

  /**
   * The price at which equity falls to the maintenance margin; NaN without a position. Below zero for a long that
   * cannot be liquidated.
   */
  liquidationPrice(maintenanceRate: number): number {
    if (this.qty === 0) return Number.NaN;
    // cash + q·(p − entry) = m·|q|·p
    const signedRate = this.qty > 0 ? maintenanceRate : -maintenanceRate;
    return (this.qty * this.entryPrice - this.cashUsd) / (this.qty * (1 - signedRate));
  }

  /** A payment of the funding rate on the position; positive rates are paid by longs. */
  fund(rate: number, price: number): void {
    const paid = this.qty * price * rate;
    this.cashUsd -= paid;
    this.fundingUsd += paid;
    this.#tripFunding += paid;
  }

  /**
   * @param qty signed; may cross zero.
   * @param referencePrice the candle's price before slippage.
   */
  fill(
    timeMs: number,
    qty: number,
    price: number,
    feeRate: number,
    referencePrice: number,
    reason: ExitReason,
  ): void {
    const closing =
      this.qty !== 0 && Math.sign(qty) !== Math.sign(this.qty)
        ? Math.min(Math.abs(qty), Math.abs(this.qty))
        : 0;
    if (closing > 0) this.#close(timeMs, Math.sign(qty) * closing, price, feeRate, referencePrice, reason);
    const opening = Math.abs(qty) - closing;
    if (opening > 0) this.#open(timeMs, Math.sign(qty) * opening, price, feeRate, referencePrice);
  }

  #pay(qty: number, price: number, feeRate: number, referencePrice: number): void {
    const notional = Math.abs(qty) * price;
    const fee = notional * feeRate;
    const slippage = qty * (price - referencePrice);
    this.cashUsd -= fee;
    this.feesUsd += fee;
    this.slippageUsd += slippage;
    this.turnoverUsd += notional;
    this.#tripFees += fee;
    this.#tripSlippage += slippage;
  }

  #open(timeMs: number, qty: number, price: number, feeRate: number, referencePrice: number): void {
    if (this.qty === 0) {
      this.#openedAtMs = timeMs;
      this.#entryQty = this.#entryQuote = this.#exitQty = this.#exitQuote = 0;
      this.#tripFees = this.#tripFunding = this.#tripSlippage = 0;
    }
    this.#pay(qty, price, feeRate, referencePrice);
    this.entryPrice =
      (this.entryPrice * Math.abs(this.qty) + price * Math.abs(qty)) / Math.abs(this.qty + qty);
    this.qty += qty;
    this.#entryQty += Math.abs(qty);
    this.#entryQuote += Math.abs(qty) * price;
  }

  #close(
    timeMs: number,
    qty: number,
    price: number,
    feeRate: number,
    referencePrice: number,
    reason: ExitReason,
  ): void {
    this.#pay(qty, price, feeRate, referencePrice);
    this.cashUsd += -qty * (price - this.entryPrice);
    const side = this.qty > 0 ? "long" : "short";
    // Exactly zero when it closes, whatever the sums of quotients say.
    this.qty = Math.abs(qty) === Math.abs(this.qty) ? 0 : this.qty + qty;
    this.#exitQty += Math.abs(qty);
    this.#exitQuote += Math.abs(qty) * price;
    if (this.qty !== 0) return;
    this.entryPrice = 0;
    const gross = (this.#exitQuote - this.#entryQuote) * (side === "long" ? 1 : -1);
    this.#onTrade({
      side,
      entryTimeMs: this.#openedAtMs,
      exitTimeMs: timeMs,
      qty: this.#entryQty,
      entryPrice: this.#entryQuote / this.#entryQty,
      exitPrice: this.#exitQuote / this.#exitQty,
      feesUsd: this.#tripFees,
      fundingUsd: this.#tripFunding,
      slippageUsd: this.#tripSlippage,
      pnlUsd: gross - this.#tripFees - this.#tripFunding,
      exitReason: reason,
    });
  }
}

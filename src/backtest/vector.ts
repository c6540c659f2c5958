/**
 * The same account for a whole column of wanted exposures at once: taker fee, slippage, funding, leverage, lots and
 * liquidation; no resting orders, stops, latency, impact or participation. What remains agrees with the event-driven
 * backtest to rounding. It keeps one number for cash and cost of the position, so equity is that plus qty × price.
 */
import type { Candles, Funding } from "./candles.ts";
import { roundToLot, type Terms } from "./terms.ts";

const BPS = 1e-4;

/** One account between two chunks. */
export class VectorAccount {
  /** Cash less the cost of the position at its entry. */
  basisUsd: number;
  qty = 0;
  feesUsd = 0;
  fundingUsd = 0;
  /** Orders filled. */
  fills = 0;
  orderQty = 0;
  wanted = 0;
  nextFunding = 0;

  constructor(capitalUsd: number) {
    this.basisUsd = capitalUsd;
  }
}

/** What the whole-column mode leaves out: a sweep with any of it would lie. */
export const beyondVector = (terms: Terms): string | undefined =>
  terms.impactBps > 0
    ? "impactBps"
    : terms.maxParticipation !== undefined
      ? "maxParticipation"
      : terms.latencyMs > 0
        ? "latencyMs"
        : terms.outages.length > 0
          ? "outages"
          : undefined;

/**
 * Lives through rows [0, count): `wanted[i]` is the exposure wanted after close i; `equityUsd[i]` becomes the equity at it.
 * @param stepMs of the candles.
 */
export function live(
  a: VectorAccount,
  candles: Candles,
  wanted: Float64Array,
  equityUsd: Float64Array,
  count: number,
  terms: Terms,
  funding: Funding,
  stepMs: number,
): void {
  const { closeTimeMs, open, high, low, close } = candles;
  const fee = terms.takerFeeBps * BPS;
  const slippage = terms.slippageBps * BPS;
  const liquidationFee = terms.liquidationFeeBps * BPS;
  const maintenance = terms.maintenanceMarginBps * BPS;
  const { lot, maxLeverage, minQty, minNotionalUsd } = terms;
  const times = funding.timeMs;
  let { basisUsd, qty, orderQty, wanted: last, nextFunding } = a;
  let fundingAtMs = nextFunding < times.length ? times[nextFunding]! : Number.POSITIVE_INFINITY;
  let liquidation = liquidationOf(basisUsd, qty, maintenance);
  for (let i = 0; i < count; i++) {
    const openedAtMs = closeTimeMs[i]! - stepMs;
    while (fundingAtMs <= openedAtMs) {
      const paid = qty * open[i]! * funding.rate[nextFunding]!;
      basisUsd -= paid;
      a.fundingUsd += paid;
      nextFunding += 1;
      fundingAtMs = nextFunding < times.length ? times[nextFunding]! : Number.POSITIVE_INFINITY;
      liquidation = liquidationOf(basisUsd, qty, maintenance);
    }
    if (orderQty !== 0) {
      const price = open[i]! * (orderQty > 0 ? 1 + slippage : 1 - slippage);
      const paid = Math.abs(orderQty) * price * fee;
      basisUsd -= orderQty * price + paid;
      qty += orderQty;
      a.feesUsd += paid;
      a.fills += 1;
      orderQty = 0;
      liquidation = liquidationOf(basisUsd, qty, maintenance);
    }
    if (qty > 0 ? low[i]! <= liquidation : qty < 0 && high[i]! >= liquidation) {
      const at = qty > 0 ? Math.min(open[i]!, liquidation) : Math.max(open[i]!, liquidation);
      const paid = Math.abs(qty) * at * liquidationFee;
      basisUsd = Math.max(basisUsd + qty * at - paid, 0);
      a.feesUsd += paid;
      a.fills += 1;
      qty = 0;
    }
    const price = close[i]!;
    const equity = basisUsd + qty * price;
    equityUsd[i] = equity;
    const now = wanted[i]!;
    if (now !== last && !Number.isNaN(now)) {
      last = now;
      const most = (maxLeverage * Math.max(equity, 0)) / price;
      const aim = Math.max(-most, Math.min(most, (now * equity) / price));
      const order = roundToLot(aim - qty, lot);
      const isSmall = Math.abs(order) < minQty || Math.abs(order) * price < minNotionalUsd;
      orderQty = aim === 0 ? -qty : isSmall ? 0 : order;
    }
  }
  a.basisUsd = basisUsd;
  a.qty = qty;
  a.orderQty = orderQty;
  a.wanted = last;
  a.nextFunding = nextFunding;
}

/** Leaves the position at `price`, costs included; returns the cash. */
export function leave(a: VectorAccount, price: number, terms: Terms): number {
  const at = price * (a.qty > 0 ? 1 - terms.slippageBps * BPS : 1 + terms.slippageBps * BPS);
  const paid = Math.abs(a.qty) * at * terms.takerFeeBps * BPS;
  a.basisUsd += a.qty * at - paid;
  a.feesUsd += paid;
  a.qty = 0;
  return a.basisUsd;
}

/** NaN without a position, so that no comparison holds. */
const liquidationOf = (basisUsd: number, qty: number, maintenance: number): number =>
  qty === 0 ? Number.NaN : -basisUsd / (qty * (1 - (qty > 0 ? maintenance : -maintenance)));

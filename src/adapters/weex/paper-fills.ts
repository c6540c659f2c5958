/**
 * How the paper venue fills: pure integer functions. Every doubt is decided against us, so that paper results are
 * not better than real ones would be.
 */
import type { Candle } from "../../domain/candle.ts";
import type { BookSample } from "../../domain/evidence.ts";
import { ceilDiv, E8, floorDiv, maxBigint, minBigint, quoteE8 } from "../../domain/money.ts";
import type { Side } from "../../domain/prediction.ts";

export type SweptLevel = { priceE8: bigint; qtyE8: bigint; quoteE8: bigint; feeE8: bigint };
/** Ticks that a triggered stop or target loses against its trigger price. */
const TRIGGER_SLIP_TICKS = 1n;
const E12 = 1_000_000_000_000n;

/** Fee of one fill, rounded up to E8 as the venue does. */
export const feeOf = (quote: bigint, feeRateE8: bigint): bigint => ceilDiv(quote * feeRateE8, E8);

/** Takes the visible levels best first until `qtyE8` or the limit is reached. No limit = market order. */
export function sweep(
  book: BookSample,
  taker: "BUY" | "SELL",
  qtyE8: bigint,
  limitE8: bigint | undefined,
  takerFeeE8: bigint,
): SweptLevel[] {
  const levels = taker === "BUY" ? book.asks : book.bids;
  const swept: SweptLevel[] = [];
  let left = qtyE8;
  for (const [priceE8, sizeE8] of levels) {
    const beyond = limitE8 !== undefined && (taker === "BUY" ? priceE8 > limitE8 : priceE8 < limitE8);
    if (left === 0n || beyond) break;
    const taken = minBigint(left, sizeE8);
    const quote = quoteE8(priceE8, taken);
    swept.push({ priceE8, qtyE8: taken, quoteE8: quote, feeE8: feeOf(quote, takerFeeE8) });
    left -= taken;
  }
  return swept;
}

export type Trigger = { kind: "STOP" | "TARGET"; priceE8: bigint };
type Protected = { side: Side; stopE8: bigint | null; targetE8: bigint | null };

/**
 * What a bar does to a protected position. When both prices lie inside the bar the stop counts; in the bar of the
 * entry only the stop counts, although the bar may have touched it before the entry; a bar that opens beyond the
 * stop fills at its open.
 */
export function triggerInBar(
  position: Protected,
  bar: Candle,
  isEntryBar: boolean,
  tickE8: bigint,
): Trigger | undefined {
  const slip = TRIGGER_SLIP_TICKS * tickE8;
  const long = position.side === "LONG";
  const { stopE8, targetE8 } = position;
  if (stopE8 !== null && (long ? bar.lowE8 <= stopE8 : bar.highE8 >= stopE8)) {
    const from = isEntryBar ? stopE8 : long ? minBigint(stopE8, bar.openE8) : maxBigint(stopE8, bar.openE8);
    return { kind: "STOP", priceE8: long ? maxBigint(from - slip, tickE8) : from + slip };
  }
  if (!isEntryBar && targetE8 !== null && (long ? bar.highE8 >= targetE8 : bar.lowE8 <= targetE8))
    return { kind: "TARGET", priceE8: long ? targetE8 - slip : targetE8 + slip };
  return undefined;
}

/** The same for a single price seen now: a bar of one price. */
export const triggerAtPrice = (position: Protected, priceE8: bigint, tickE8: bigint): Trigger | undefined =>
  triggerInBar(
    position,
    { openTimeMs: 0, openE8: priceE8, highE8: priceE8, lowE8: priceE8, closeE8: priceE8, volumeE8: 0n },
    false,
    tickE8,
  );

/** Funding cash, signed (negative = paid), rounded against us. A positive rate is paid by longs. */
export function fundingCash(side: Side, qtyE8: bigint, priceE8: bigint, rateE12: bigint): bigint {
  const signed = quoteE8(priceE8, qtyE8) * rateE12;
  return floorDiv(side === "LONG" ? -signed : signed, E12);
}

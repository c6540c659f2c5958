/**
 * A round trip in sums of fills. Profit never goes through an average:
 * pnl = ±(exitQuote − entryQuote) − fees − funding (funding signed, positive = paid by us).
 */
import { concat, keccak256, toBeHex, toTwos } from "ethers";
import type { Side } from "./prediction.ts";
import type { TripFill } from "./records.ts";

export type TripSums = {
  entryQtyE8: bigint;
  exitQtyE8: bigint;
  entryQuoteE8: bigint;
  exitQuoteE8: bigint;
  feesE8: bigint;
  entryFirstAtMs: number;
  entryLastAtMs: number;
  exitLastAtMs: number;
  entryFills: number;
  exitFills: number;
};

export function sumTrip(fills: readonly TripFill[]): TripSums {
  const sums: TripSums = {
    entryQtyE8: 0n,
    exitQtyE8: 0n,
    entryQuoteE8: 0n,
    exitQuoteE8: 0n,
    feesE8: 0n,
    entryFirstAtMs: 0,
    entryLastAtMs: 0,
    exitLastAtMs: 0,
    entryFills: 0,
    exitFills: 0,
  };
  for (const fill of fills) {
    sums.feesE8 += fill.feeE8;
    if (fill.leg === "entry") {
      sums.entryQtyE8 += fill.qtyE8;
      sums.entryQuoteE8 += fill.quoteE8;
      sums.entryFirstAtMs = sums.entryFills === 0 ? fill.timeMs : Math.min(sums.entryFirstAtMs, fill.timeMs);
      sums.entryLastAtMs = Math.max(sums.entryLastAtMs, fill.timeMs);
      sums.entryFills += 1;
    } else {
      sums.exitQtyE8 += fill.qtyE8;
      sums.exitQuoteE8 += fill.quoteE8;
      sums.exitLastAtMs = Math.max(sums.exitLastAtMs, fill.timeMs);
      sums.exitFills += 1;
    }
  }
  return sums;
}

export function tripPnlE8(side: Side, sums: TripSums, fundingPaidE8: bigint): bigint {
  const gross = sums.exitQuoteE8 - sums.entryQuoteE8;
  return (side === "LONG" ? gross : -gross) - sums.feesE8 - fundingPaidE8;
}

/** What `DisputeCourt.proveFills` takes at once. */
export const MAX_PROVABLE_FILLS = 32;

/** keccak over {@link fillRows}. */
export const fillsRoot = (fills: readonly TripFill[]): string => keccak256(fillRows(fills));

/**
 * The fills in (time, id) order, each a row of 105 bytes; up to {@link MAX_PROVABLE_FILLS} of them can be added up
 * on-chain. The fee is an int128, as in the payload: a maker's rebate is a negative fee.
 */
export function fillRows(fills: readonly TripFill[]): string {
  const ordered = [...fills].sort(
    (a, b) => a.timeMs - b.timeMs || (BigInt(a.fillId) < BigInt(b.fillId) ? -1 : 1),
  );
  return concat(
    ordered.map((fill) =>
      concat([
        toBeHex(BigInt(fill.fillId), 16),
        toBeHex(BigInt(fill.orderId), 16),
        toBeHex(fill.leg === "entry" ? 1 : 2, 1),
        toBeHex(fill.timeMs, 8),
        toBeHex(fill.priceE8, 16),
        toBeHex(fill.qtyE8, 16),
        toBeHex(fill.quoteE8, 16),
        toBeHex(toTwos(fill.feeE8, 128), 16),
      ]),
    ),
  );
}

/**
 * Splits an account's fills since the entry into this trip's legs: entry fills carry our entry order ids, every
 * later closing fill of the same position side up to the entry quantity is its exit. Anything left over is foreign.
 */
export function tripFills<
  F extends {
    orderId: string;
    positionSide: Side;
    side: "BUY" | "SELL";
    qtyE8: bigint;
    timeMs: number;
    fillId: string;
    priceE8: bigint;
    quoteE8: bigint;
    feeE8: bigint;
  },
>(fills: readonly F[], side: Side, entryOrderIds: ReadonlySet<string>): { trip: TripFill[]; foreign: F[] } {
  const closingSide = side === "LONG" ? "SELL" : "BUY";
  const ordered = [...fills].sort(
    (a, b) => a.timeMs - b.timeMs || (BigInt(a.fillId) < BigInt(b.fillId) ? -1 : 1),
  );
  const trip: TripFill[] = [];
  const foreign: F[] = [];
  let openQtyE8 = 0n;
  for (const fill of ordered) {
    const base = {
      fillId: fill.fillId,
      orderId: fill.orderId,
      priceE8: fill.priceE8,
      qtyE8: fill.qtyE8,
      quoteE8: fill.quoteE8,
      feeE8: fill.feeE8,
      timeMs: fill.timeMs,
    };
    if (entryOrderIds.has(fill.orderId)) {
      openQtyE8 += fill.qtyE8;
      trip.push({ ...base, leg: "entry" });
    } else if (fill.positionSide === side && fill.side === closingSide && openQtyE8 >= fill.qtyE8) {
      openQtyE8 -= fill.qtyE8;
      trip.push({ ...base, leg: "exit" });
    } else if (openQtyE8 > 0n) foreign.push(fill);
  }
  return { trip, foreign };
}

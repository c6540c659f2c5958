/**
 * The evidence of a decision: canonical raw inputs, never features. Anyone who holds the bundle recomputes
 * features, output and decision. Re-fetchable inputs (candles, settled funding) must be byte-equal for every
 * attester; perishable ones (book, open interest, sentiment, equity) each attester records for itself.
 */
import { AbiCoder, concat, getBytes, keccak256, toBeHex, toUtf8Bytes } from "ethers";
import { DomainError } from "../errors/errors.ts";
import type { Candle } from "./candle.ts";

export type FundingPoint = { fundingTimeMs: number; rateE12: bigint };

/** Book at one depth update `u` of the venue: best first, at most BOOK_LEVELS a side. */
export type BookSample = {
  updateId: string;
  observedAtMs: number;
  bids: readonly (readonly [priceE8: bigint, qtyE8: bigint])[];
  asks: readonly (readonly [priceE8: bigint, qtyE8: bigint])[];
};
export type OpenInterestSample = { observedAtMs: number; amountE8: bigint };
/** A value is usable only from `publishedAtMs` on. `valuePpm`: fear & greed 0…1e6, headline score −1e6…1e6. */
export type SentimentSample = { source: string; publishedAtMs: number; valuePpm: number };

export type EvidenceBundle = {
  market: string;
  stepMs: number;
  /** Close time of the last candle; nothing later is inside. */
  cutoffMs: number;
  /** UTC midnight at or before cutoff: recursive state restarts here from exactly `windowCandles` candles. */
  anchorMs: number;
  windowCandles: number;
  /** Gapless from anchorMs − windowCandles × stepMs up to cutoff. */
  candles: readonly Candle[];
  /** Settled rates, ascending, the last FUNDING_POINTS at or before cutoff. */
  funding: readonly FundingPoint[];
  /** null = not available: marked absent, never invented. */
  book: BookSample | null;
  openInterest: readonly OpenInterestSample[];
  fearGreed: SentimentSample | null;
  headlines: SentimentSample | null;
  /** Equity figure the size was derived from (venue balance while flat). */
  equityE8: bigint;
};

export const BOOK_LEVELS = 15;
export const FUNDING_POINTS = 3;
export const OPEN_INTEREST_POINTS = 13;

const abi = AbiCoder.defaultAbiCoder();
const EVIDENCE_TAG = keccak256(toUtf8Bytes("SaksiEvidence(1)"));
const EMPTY = `0x${"00".repeat(32)}`;

const HASH_BYTES = 32;
const TIME_BYTES = 8;
const AMOUNT_BYTES = 16;
const AMOUNTS = ["openE8", "highE8", "lowE8", "closeE8", "volumeE8"] as const;
const LOW_HALF = (1n << 64n) - 1n;

/**
 * Folds one more candle into the chain of a window: keccak256(chain, open time as 8 bytes, five amounts as 16 bytes each).
 * The chain of the first candle starts at {@link emptyCandleChain}. Written byte by byte, as a cold start folds thousands.
 */
export function foldCandle(chain: string, candle: Candle): string {
  const bytes = new Uint8Array(HASH_BYTES + TIME_BYTES + AMOUNTS.length * AMOUNT_BYTES);
  bytes.set(getBytes(chain));
  const view = new DataView(bytes.buffer);
  view.setBigUint64(HASH_BYTES, BigInt(candle.openTimeMs));
  AMOUNTS.forEach((name, index) => {
    const amount = candle[name];
    if (amount < 0n || amount >> 128n !== 0n)
      throw new DomainError("evidence.range", `${name} of a candle is out of range: ${amount}`);
    const at = HASH_BYTES + TIME_BYTES + index * AMOUNT_BYTES;
    view.setBigUint64(at, amount >> 64n);
    view.setBigUint64(at + AMOUNT_BYTES / 2, amount & LOW_HALF);
  });
  return keccak256(bytes);
}
export const emptyCandleChain = EMPTY;

export const candleChain = (candles: readonly Candle[]): string => candles.reduce(foldCandle, EMPTY);

const signedWord = (value: bigint): string => abi.encode(["int256"], [value]);

export function fundingHash(points: readonly FundingPoint[]): string {
  return keccak256(
    concat([EVIDENCE_TAG, ...points.flatMap((p) => [toBeHex(p.fundingTimeMs, 32), signedWord(p.rateE12)])]),
  );
}

function levelsHash(levels: BookSample["bids"]): string {
  return keccak256(concat([EVIDENCE_TAG, ...levels.flatMap(([p, q]) => [toBeHex(p, 32), toBeHex(q, 32)])]));
}

export function bookHash(book: BookSample | null): string {
  if (!book) return EMPTY;
  return keccak256(
    abi.encode(
      ["string", "uint64", "bytes32", "bytes32"],
      [book.updateId, book.observedAtMs, levelsHash(book.bids), levelsHash(book.asks)],
    ),
  );
}

function openInterestHash(samples: readonly OpenInterestSample[]): string {
  return keccak256(
    concat([EVIDENCE_TAG, ...samples.flatMap((s) => [toBeHex(s.observedAtMs, 32), toBeHex(s.amountE8, 32)])]),
  );
}

function sentimentHash(sample: SentimentSample | null): string {
  if (!sample) return EMPTY;
  return keccak256(
    abi.encode(["string", "uint64", "int64"], [sample.source, sample.publishedAtMs, BigInt(sample.valuePpm)]),
  );
}

/**
 * The hash that is signed. `chain` may be the incrementally folded {@link candleChain}; without it the chain is recomputed.
 */
export function evidenceHash(bundle: EvidenceBundle, chain: string = candleChain(bundle.candles)): string {
  return keccak256(
    abi.encode(
      [
        "bytes32",
        "string",
        "uint64",
        "uint64",
        "uint64",
        "uint32",
        "uint32",
        "bytes32",
        "bytes32",
        "bytes32",
        "bytes32",
        "bytes32",
        "bytes32",
        "int256",
      ],
      [
        EVIDENCE_TAG,
        bundle.market,
        bundle.stepMs,
        bundle.cutoffMs,
        bundle.anchorMs,
        bundle.windowCandles,
        bundle.candles.length,
        chain,
        fundingHash(bundle.funding),
        bookHash(bundle.book),
        openInterestHash(bundle.openInterest),
        sentimentHash(bundle.fearGreed),
        sentimentHash(bundle.headlines),
        bundle.equityE8,
      ],
    ),
  );
}

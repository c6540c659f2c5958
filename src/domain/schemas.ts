/**
 * Boundary schemas: what may come in from another process, an event source or a person. Unknown keys are refused,
 * numbers have the width the contract gives them, lists and texts are bounded.
 */
import { z } from "zod";
import { UsageError } from "../errors/errors.ts";
import { BOOK_LEVELS, FUNDING_POINTS, OPEN_INTEREST_POINTS } from "./evidence.ts";

const MAX_NOTE_CHARS = 2_000;
const MAX_WINDOW_CANDLES = 10_000;
/** Statements have seven or eight words; none ever has more than this. */
const MAX_PAYLOAD_WORDS = 16;
const PPM = 1_000_000;

/** 0x and 64 lower-case digits: ids, hashes, salts. */
export const Bytes32Schema = z
  .string()
  .regex(/^0x[0-9a-f]{64}$/, "is not 0x and 64 lower-case hexadecimal digits");
export const AddressSchema = z.string().regex(/^0x[0-9a-fA-F]{40}$/, "is not an address");
/** r, s, v. */
export const SignatureSchema = z.string().regex(/^0x[0-9a-f]{130}$/, "is not a signature of 65 bytes");
const PayloadSchema = z
  .string()
  .regex(
    new RegExp(`^0x(?:[0-9a-f]{64}){1,${MAX_PAYLOAD_WORDS}}$`),
    `is not one to ${MAX_PAYLOAD_WORDS} words of 32 bytes`,
  );
export const MarketSchema = z.string().regex(/^weex:[A-Z0-9]{2,20}$/, "is not a market like weex:BTCUSDT");

const uint = (bits: number) =>
  z
    .bigint()
    .nonnegative()
    .max((1n << BigInt(bits)) - 1n);
const int = (bits: number) =>
  z
    .bigint()
    .min(-(1n << BigInt(bits - 1)))
    .max((1n << BigInt(bits - 1)) - 1n);
const timeMs = z.int().nonnegative();
const text = z.string().max(200);

export const PredictionSchema = z.strictObject({
  mandateId: Bytes32Schema,
  modelId: Bytes32Schema,
  sequence: uint(64).positive(),
  previousId: Bytes32Schema,
  observedAt: uint(64),
  entryExpiresAt: uint(64),
  horizonAt: uint(64),
  settleBy: uint(64),
  referencePriceE8: uint(128).positive(),
  maxNotionalUsdE6: uint(128),
  maxLeverageBps: uint(32),
  maxLossUsdE6: uint(128),
  confidencePpm: uint(32).max(BigInt(PPM)),
  riskSpecHash: Bytes32Schema,
  evidenceHash: Bytes32Schema,
  seal: Bytes32Schema,
});

export const RevealSchema = z.strictObject({
  salt: Bytes32Schema,
  side: z.enum(["LONG", "SHORT"]),
  entryLimitE8: uint(128),
  stopE8: uint(128),
  targetE8: uint(128),
  qtyE8: uint(128),
  leverageBps: uint(32),
});

export const ModelOutputSchema = z.strictObject({
  probUpPpm: z.int().min(0).max(PPM),
  sigmaPpm: z.int().min(0).max(PPM),
});

const levels = z.array(z.tuple([uint(128), uint(128)])).max(BOOK_LEVELS);
const sentiment = z
  .strictObject({ source: text, publishedAtMs: timeMs, valuePpm: z.int().min(-PPM).max(PPM) })
  .nullable();

/** The evidence of a published prediction; candles are fetched, not carried. */
export const EvidenceSchema = z.strictObject({
  market: MarketSchema,
  stepMs: z.int().positive(),
  cutoffMs: timeMs,
  anchorMs: timeMs,
  windowCandles: z.int().positive().max(MAX_WINDOW_CANDLES),
  funding: z.array(z.strictObject({ fundingTimeMs: timeMs, rateE12: int(64) })).max(FUNDING_POINTS),
  book: z.strictObject({ updateId: text, observedAtMs: timeMs, bids: levels, asks: levels }).nullable(),
  openInterest: z
    .array(z.strictObject({ observedAtMs: timeMs, amountE8: uint(128) }))
    .max(OPEN_INTEREST_POINTS),
  fearGreed: sentiment,
  headlines: sentiment,
  equityE8: int(128),
});

export const PublishedPredictionSchema = z.strictObject({
  id: Bytes32Schema,
  market: MarketSchema,
  prediction: PredictionSchema,
  signature: SignatureSchema,
  reveal: RevealSchema,
  output: ModelOutputSchema,
  evidence: EvidenceSchema,
});

export const EpochRequestSchema = z.strictObject({
  mandateId: Bytes32Schema,
  epoch: uint(64).positive(),
  snapshotAt: uint(64),
});

/** Virtual time, announced to a peer of a simulated world. */
export const TickSchema = z.strictObject({ nowMs: timeMs });

/** What an attester answers. Text beyond the bound is cut by nobody: such an answer is refused. */
export const SignedStatementSchema = z.strictObject({
  signer: AddressSchema,
  payload: PayloadSchema,
  signature: SignatureSchema,
  note: z.string().max(MAX_NOTE_CHARS),
});

/** A decision slot: the close time of its last candle. */
export const SlotEventSchema = z.strictObject({ cutoffMs: z.int().positive() });

/** Arguments of a contract's event, by name. */
export const ChainArgsSchema = z.record(
  z.string().max(40),
  z.union([z.bigint(), z.string().max(MAX_NOTE_CHARS), z.boolean()]),
);

/** Where and why the first fault lies; in a choice of shapes, the shape that was missed by least. */
function firstFault(issue: z.core.$ZodIssue | undefined): { path: PropertyKey[]; message: string } {
  if (issue?.code === "invalid_union" && issue.errors.length > 0) {
    const nearest = [...issue.errors].sort((a, b) => a.length - b.length)[0];
    const inner = firstFault(nearest?.[0]);
    return { path: [...issue.path, ...inner.path], message: inner.message };
  }
  return { path: issue?.path ?? [], message: issue?.message ?? "is invalid" };
}

/** @throws UsageError `input.invalid` saying what came in, which field is wrong and why, in one sentence. */
export function parseInput<T>(schema: z.ZodType<T>, value: unknown, what: string): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const { path, message } = firstFault(parsed.error.issues[0]);
  throw new UsageError("input.invalid", `${what}: ${path.length > 0 ? `${path.join(".")}: ` : ""}${message}`);
}

/** What trading costs and what a venue allows, for a backtest. Prices and quantities are floats: nothing here is signed. */
import { z } from "zod";
import { UsageError } from "../errors/errors.ts";

const bps = z.number().min(0).max(10_000);

/** A time in which the venue takes no order and fills none; UTC milliseconds, the end excluded. */
export const OutageSchema = z
  .strictObject({ fromMs: z.number().min(0), toMs: z.number().min(0) })
  .refine(({ fromMs, toMs }) => fromMs < toMs, "an outage must end after it begins");

export const TermsSchema = z.strictObject({
  /** Cash at the start, in the quote currency. */
  capitalUsd: z.number().positive().default(10_000),
  takerFeeBps: bps.default(0),
  makerFeeBps: bps.default(0),
  /** Half the spread: what a taking order pays beyond the price of the candle. */
  slippageBps: bps.default(0),
  /** Impact of an order as large as the volume of the candle it fills in; grows with the root of the share. */
  impactBps: bps.default(0),
  /** Largest share of a candle's volume that may be ours; the rest of an order waits for the next candle. */
  maxParticipation: z.number().positive().max(1).optional(),
  /** From a candle's close to the arrival of the order at the venue. */
  latencyMs: z.number().int().min(0).max(86_400_000).default(0),
  /** Largest notional as a multiple of equity. */
  maxLeverage: z.number().positive().max(125).default(1),
  maintenanceMarginBps: bps.default(50),
  liquidationFeeBps: bps.default(50),
  /** Quantities are whole multiples of it, rounded toward zero; 0: any quantity. */
  lot: z.number().min(0).default(0),
  minQty: z.number().min(0).default(0),
  minNotionalUsd: z.number().min(0).default(0),
  /** A resting price must be traded through by so much to count as filled. */
  tick: z.number().min(0).default(0),
  outages: z.array(OutageSchema).default([]),
});

export type Terms = z.output<typeof TermsSchema>;

/** @throws UsageError `backtest.terms` naming the first field that is wrong. */
export function termsFrom(given: unknown): Terms {
  const parsed = TermsSchema.safeParse(given);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  throw new UsageError("backtest.terms", `terms: ${issue.path.join(".") || "the object"}: ${issue.message}`);
}

/** Whole lots toward zero. A part in 10⁹ of a lot below the next one counts as that one: quantities are quotients. */
export function roundToLot(qty: number, lot: number): number {
  if (lot === 0) return qty;
  const lots = Math.abs(qty) / lot;
  return Math.sign(qty) * Math.floor(lots + 1e-9) * lot;
}

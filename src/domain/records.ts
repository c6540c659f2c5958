/** What the store keeps about each slot, prediction, trade and epoch: the one record of the one path. */
import type { EvidenceBundle } from "./evidence.ts";
import type { Leg } from "./ids.ts";
import type { ModelOutput } from "./output.ts";
import type { Prediction, Reveal, Side } from "./prediction.ts";

/** A decision time of a market. Every slot ends published or declined with a reason. */
export type SlotRecord = {
  market: string;
  cutoffMs: number;
  phase: "ingested" | "featured" | "predicted" | "sized" | "published" | "declined";
  declined?: { station: string; reason: string };
  evidence?: Omit<EvidenceBundle, "candles"> & { candleCount: number };
  evidenceHash?: string;
  /** Base64 of the exact float32 bytes, and their hash. */
  features?: { sequence: string; statics: string; sigmaPpm: number; hash: string };
  output?: ModelOutput;
  unsigned?: Prediction;
  reveal?: Reveal;
  sequence?: bigint;
};

export type PredictionPhase =
  | "intent"
  | "signed"
  | "submitted"
  | "approved"
  | "rejected"
  | "open"
  | "closing"
  | "closed"
  | "settling"
  | "settled"
  | "final"
  | "cancelled"
  | "expired";

export type PredictionRecord = {
  id: string;
  market: string;
  cutoffMs: number;
  phase: PredictionPhase;
  prediction: Prediction;
  reveal: Reveal;
  output: ModelOutput;
  evidence: Omit<EvidenceBundle, "candles"> & { candleCount: number };
  signature?: string;
  publishedAtMs?: number;
  verdicts?: { attester: string; note: string }[];
  transport?: string;
  approvedAtMs?: number;
  rejection?: { reasonBits: bigint; attesterReason: number; text: string };
  revoked?: boolean;
  closeReason?: string;
  /** How often a settlement was sent; the contract may ignore one whose hints were overtaken. */
  settleAttempts?: number;
  settledAtMs?: number;
  pnlE8?: bigint;
  finalAtMs?: number;
  /** Why an approved prediction has no round trip. */
  noTripReason?: string;
};

export const TERMINAL_PHASES: readonly PredictionPhase[] = ["rejected", "final", "cancelled"];

/** INTENT → SENDING → ACKED | UNKNOWN | REFUSED → PARTIAL → FILLED | CANCELED */
export type OrderState =
  | "INTENT"
  | "SENDING"
  | "ACKED"
  | "UNKNOWN"
  | "REFUSED"
  | "PARTIAL"
  | "FILLED"
  | "CANCELED";
export const TERMINAL_ORDER_STATES: readonly OrderState[] = ["REFUSED", "FILLED", "CANCELED"];

export type OrderRecord = {
  predictionId: string;
  leg: Leg;
  attempt: number;
  clientOrderId: string;
  state: OrderState;
  side: Side;
  qtyE8: bigint;
  orderId?: string;
  filledQtyE8: bigint;
  /** Virtual time the request was signed; absence counts only well after it. */
  sentAtMs?: number;
  /** When it was signed again after a crash, under the same id. */
  resentAtMs?: number;
  sweeps: number;
  firstSweepAtMs?: number;
  reason?: string;
  fence?: number;
};

export type TripFill = {
  fillId: string;
  orderId: string;
  leg: Leg;
  priceE8: bigint;
  qtyE8: bigint;
  quoteE8: bigint;
  feeE8: bigint;
  timeMs: number;
};

export type SettlementRecord = {
  predictionId: string;
  sequence: bigint;
  kind: "settled" | "cancelled";
  fillsRoot: string;
  entryQuoteE8: bigint;
  exitQuoteE8: bigint;
  qtyE8: bigint;
  feesE8: bigint;
  fundingE8: bigint;
  /** Our own figure from our own ledger, before asking anyone. */
  pnlE8: bigint;
  fills: TripFill[];
  witnesses: string[];
};

export type EpochRecord = {
  epoch: bigint;
  snapshotAt: bigint;
  state: "open" | "witnessed" | "closed";
  ledgerPnlE8?: bigint;
  venuePnlE8?: bigint;
  chainPnlE8?: bigint;
  distributed?: Record<string, bigint | string | boolean>;
};

export type TradingMode = "ACTIVE" | "REDUCE" | "HALT";
export type RiskState = {
  mode: TradingMode;
  modeReason: string;
  dayMs: number;
  dayStartEquityE8: bigint;
  peakEquityE8: bigint;
  cooldownUntilMs: number;
};

export type Incident = { incidentId: string; atMs: number; kind: string; text: string; open: boolean };

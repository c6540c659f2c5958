/** What every station is: a pure function of its dependencies and its input, with one effect and an outcome that says why. */

import { type Deployment, toUnixSeconds } from "../domain/prediction.ts";
import type { Incident } from "../domain/records.ts";
import type { RiskSpec } from "../domain/risk-spec.ts";
import type { Ports } from "../ports/ports.ts";
import type { NewWork, Write } from "../ports/store.ts";
import type { MarketWindow } from "./features/window.ts";

export const STATIONS = [
  "ingest",
  "features",
  "predict",
  "risk",
  "publish",
  "attest",
  "validate",
  "execute",
  "settle",
  "distribute",
] as const;
export type StationName = (typeof STATIONS)[number];

/** Fixed for the life of an engine. Times in milliseconds unless the name says otherwise. */
export type EngineConfig = {
  market: string;
  symbol: string;
  mandateId: string;
  modelId: string;
  deployment: Deployment;
  riskSpec: RiskSpec;
  riskSpecHash: string;
  /** Decision slots lie on multiples of this. */
  slotStepMs: number;
  /** Named delay after a candle's close before anyone asks for it. */
  candleDelayMs: number;
  maxClockSkewMs: number;
  dailyLossLimitBps: bigint;
  drawdownLimitBps: bigint;
  cooldownMs: number;
  leverage: number;
  quorum: number;
  disputeWindowMs: number;
  /** After settleBy, before a trip without witnesses is expired; a little more than the contract's own grace. */
  expireGraceSeconds: bigint;
  /** The venue refuses a repeated client order id, so that the same request may be repeated after a crash. */
  venueRejectsDuplicates: boolean;
  /** Request validity + skew + history lag: absence counts only after this. */
  unknownGraceMs: number;
};

export type Deps = Ports & { config: EngineConfig; window: MarketWindow; fence: () => number };

export type Outcome =
  | { status: "done"; text: string }
  /** Did not act, and says why. */
  | { status: "declined"; text: string }
  /** Nothing to do: already done by an earlier delivery. */
  | { status: "noop"; text: string }
  /** Not yet: the runner delivers again at this time. */
  | { status: "again"; text: string; atMs: number };

export const done = (text: string): Outcome => ({ status: "done", text });
export const declined = (text: string): Outcome => ({ status: "declined", text });
export const noop = (text: string): Outcome => ({ status: "noop", text });
export const again = (text: string, atMs: number): Outcome => ({ status: "again", text, atMs });

/** A work row in a lane of its own: nothing waits behind it. */
export function work(
  station: StationName,
  event: Record<string, unknown>,
  dedupeId: string,
  runAtMs: number,
  lane = dedupeId,
): Write {
  const row: NewWork = { station, event, dedupeId, lane, runAtMs };
  return { op: "enqueue", work: row };
}

export const put = (pk: string, sk: string, value: unknown, expect?: number): Write =>
  expect === undefined ? { op: "put", pk, sk, value } : { op: "put", pk, sk, value, expect };

/** Opens an incident: new risk stops until a person closes it. */
export function incident(nowMs: number, kind: string, subject: string, text: string): Write {
  const record: Incident = { incidentId: `${kind}:${subject}`, atMs: nowMs, kind, text, open: true };
  return put("incident", record.incidentId, record);
}

export async function openIncidents(deps: Pick<Ports, "store">): Promise<Incident[]> {
  const items = await deps.store.query<Incident>("incident", { limit: 1_000 });
  return items.map((item) => item.value).filter((record) => record.open);
}

export const nowSeconds = (deps: Pick<Ports, "clock">): bigint => toUnixSeconds(deps.clock.nowMs());

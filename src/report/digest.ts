/**
 * One hash over what happened: predictions, orders and settlements in order of (mandate, sequence, kind, leg, attempt).
 * Semantic fields and virtual times only, so that it is equal across processes, stores, load and kills.
 */
import { keccak256, toUtf8Bytes } from "ethers";
import { sortKey } from "../domain/market.ts";
import type { OrderRecord, PredictionRecord, TripFill } from "../domain/records.ts";
import type { Store } from "../ports/store.ts";

const MAX_RECORDS = 10_000;
type Trip = { sequence: bigint; fills: TripFill[]; fundingPaidE8: bigint; pnlE8: bigint };

const line = (fields: Record<string, unknown>): string =>
  Object.keys(fields)
    .sort()
    .map((name) => `${name}=${fields[name] === undefined ? "" : String(fields[name])}`)
    .join(";");

function predictionLine(record: PredictionRecord): string {
  const { prediction: p, reveal: r } = record;
  return line({
    kind: "prediction",
    mandate: p.mandateId,
    sequence: p.sequence,
    model: p.modelId,
    observedAt: p.observedAt,
    entryExpiresAt: p.entryExpiresAt,
    horizonAt: p.horizonAt,
    settleBy: p.settleBy,
    price: p.referencePriceE8,
    notional: p.maxNotionalUsdE6,
    leverage: p.maxLeverageBps,
    loss: p.maxLossUsdE6,
    confidence: p.confidencePpm,
    riskSpec: p.riskSpecHash,
    evidence: p.evidenceHash,
    side: r.side,
    entry: r.entryLimitE8,
    stop: r.stopE8,
    target: r.targetE8,
    qty: r.qtyE8,
    probUp: record.output.probUpPpm,
    sigma: record.output.sigmaPpm,
    phase: record.phase,
    reasons: record.rejection?.reasonBits,
    attesterReason: record.rejection?.attesterReason,
    noTrip: record.noTripReason,
    closed: record.closeReason,
    pnl: record.pnlE8,
  });
}

const orderLine = (o: OrderRecord): string =>
  line({
    kind: "order",
    leg: o.leg,
    attempt: o.attempt,
    state: o.state,
    side: o.side,
    qty: o.qtyE8,
    filled: o.filledQtyE8,
    sentAtMs: o.sentAtMs,
  });

const tripLine = (trip: Trip): string =>
  line({
    kind: "settlement",
    funding: trip.fundingPaidE8,
    pnl: trip.pnlE8,
    fills: trip.fills
      .map((f) => `${f.leg}:${f.timeMs}:${f.priceE8}:${f.qtyE8}:${f.quoteE8}:${f.feeE8}`)
      .join(","),
  });

/** The canonical records, a line each, in the order they are hashed. */
export async function canonicalRecords(store: Store, mandateId: string): Promise<string[]> {
  const lines: string[] = [];
  for (const { value } of await store.query<PredictionRecord>(`prediction#${mandateId}`, {
    limit: MAX_RECORDS,
  })) {
    lines.push(predictionLine(value));
    for (const order of await store.query<OrderRecord>(`order#${value.id}`, { limit: MAX_RECORDS }))
      lines.push(orderLine(order.value));
    const trip = await store.get<Trip>(`trip#${mandateId}`, sortKey(value.prediction.sequence));
    if (trip) lines.push(tripLine(trip.value));
  }
  return lines;
}

export const digestOf = async (store: Store, mandateId: string): Promise<string> =>
  keccak256(toUtf8Bytes((await canonicalRecords(store, mandateId)).join("\n")));

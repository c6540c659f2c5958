/** The report of a run, from the store alone (and the measurements of this process). Schema: docs/report.md. */
import { type Reveal, sealOf } from "../domain/prediction.ts";
import type { EpochRecord, OrderRecord, PredictionRecord, SlotRecord } from "../domain/records.ts";
import type { TxStatus } from "../ports/chain.ts";
import type { Reconciliation } from "../stations/distribute/reconcile.ts";
import { type Deps, openIncidents, STATIONS } from "../stations/station.ts";
import { digestOf } from "./digest.ts";
import type { Latencies, Percentiles } from "./latency.ts";

const MAX_RECORDS = 10_000;

export type Report = {
  format: 1;
  seed: number;
  source: string;
  transport: string;
  market: string;
  model: string;
  virtual: { startMs: number; endMs: number };
  wallSeconds: number;
  predictions: {
    published: number;
    terminal: number;
    approved: number;
    rejectedByContract: number;
    refusedByAttesters: number;
    byState: Record<string, number>;
  };
  stations: Record<string, { done: number; declined: number; noop: number; again: number; failed: number }>;
  declines: { station: string; reason: string; count: number }[];
  rejections: { sequence: number; reasonBits: string; text: string }[];
  orders: Record<string, Record<string, number>>;
  trips: {
    closed: number;
    withoutTrip: { sequence: number; reason: string }[];
    closeReasons: Record<string, number>;
  };
  settlements: { count: number; pnlE8: string; winners: number; losers: number };
  epochs: {
    epoch: number;
    pnlE6: string;
    bondPaidE6: string;
    feeOperatorE6: string;
    feeStakersE6: string;
    feeTreasuryE6: string;
    depositorsE6: string;
    residualE8: string;
    carryE8: string;
  }[];
  distribution: { inE6: string; outE6: string; residualE6: string };
  reconciliation: {
    ledgerPnlE8: string;
    venuePnlE8: string;
    chainPnlE8: string;
    differences: Record<string, string>;
  };
  /** Of approved predictions: under seal, opened on the chain by the settlement, and the same as what was sealed. */
  seals: { sealed: number; revealed: number; matched: number };
  standing: {
    operatorBondE6: string;
    attesterBondsE6: string[];
    stakedSaksi: string;
    signalledSaksi: string;
    courtMaySlash: boolean;
    allocatedE6: string;
    targetE6: string;
    feesPassedOnE6: string;
    feesWaitingE6: string;
  };
  venue: { positions: number; openOrders: number; algoOrders: number; balanceE8: string };
  latencyMs: { closeToPublished: Percentiles; approvalToWire: Percentiles };
  gas: Record<string, { count: number; min: number; median: number; max: number }>;
  incidents: { kind: string; text: string }[];
  digest: string;
};

/** Reasons with their figures taken out, so that like is counted with like. */
const kindOfReason = (reason: string): string =>
  reason.replace(/0x[0-9a-f]+/g, "…").replace(/-?\d[\d.:TZ-]*/g, "N");

const tally = <T>(items: readonly T[], key: (item: T) => string): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const item of items) counts[key(item)] = (counts[key(item)] ?? 0) + 1;
  return counts;
};

export async function buildReport(
  deps: Deps,
  run: {
    seed: number;
    source: string;
    transport: string;
    startMs: number;
    wallSeconds: number;
    stations: Report["stations"];
    latencies: Latencies;
    reconciliation: Reconciliation;
    txs: readonly TxStatus[];
    /** What settlements revealed on the chain, by prediction. */
    reveals: ReadonlyMap<string, Reveal>;
    standing: Report["standing"];
  },
): Promise<Report> {
  const { store, config, venue, clock } = deps;
  const all = async <T>(pk: string) =>
    (await store.query<T>(pk, { limit: MAX_RECORDS })).map((item) => item.value);
  const slots = await all<SlotRecord>(`slot#${config.market}`);
  const predictions = await all<PredictionRecord>(`prediction#${config.mandateId}`);
  const orders = (await Promise.all(predictions.map((p) => all<OrderRecord>(`order#${p.id}`)))).flat();
  const trips = await all<{ pnlE8: bigint }>(`trip#${config.mandateId}`);
  const epochs = (await all<EpochRecord>("epoch")).filter(
    (epoch) => epoch.state === "closed" && epoch.distributed,
  );
  const declined = slots.flatMap((slot) =>
    slot.declined ? [`${slot.declined.station}|${kindOfReason(slot.declined.reason)}`] : [],
  );
  const figure = (epoch: EpochRecord, name: string): bigint =>
    BigInt((epoch.distributed?.[name] as bigint | undefined) ?? 0n);
  const distribution = epochs.map((epoch) => ({
    inE6: figure(epoch, "pnlE6"),
    outE6:
      figure(epoch, "depositorsE6") +
      figure(epoch, "feeOperatorE6") +
      figure(epoch, "feeStakersE6") +
      figure(epoch, "feeTreasuryE6") -
      figure(epoch, "bondPaidE6"),
  }));
  const sum = (values: bigint[]): bigint => values.reduce((total, value) => total + value, 0n);
  const inE6 = sum(distribution.map((d) => d.inE6));
  const outE6 = sum(distribution.map((d) => d.outE6));
  const [positions, openOrders, algoOrders, balance, incidents] = await Promise.all([
    venue.positions(),
    venue.openOrders(config.symbol),
    venue.openAlgoOrders(config.symbol),
    venue.balance(),
    openIncidents(deps),
  ]);
  const byState = tally(predictions, (p) => p.phase);
  const rejected = predictions.filter((p) => p.phase === "rejected");
  const model = await deps.models.load(config.modelId);
  return {
    format: 1,
    seed: run.seed,
    source: run.source,
    transport: run.transport,
    market: config.market,
    model: `${model.manifest.name} ${config.modelId}`,
    virtual: { startMs: run.startMs, endMs: clock.nowMs() },
    wallSeconds: run.wallSeconds,
    predictions: {
      published: predictions.length,
      terminal: predictions.filter((p) => ["rejected", "final", "cancelled"].includes(p.phase)).length,
      approved: predictions.filter((p) => p.approvedAtMs !== undefined).length,
      rejectedByContract: rejected.filter((p) => !p.rejection?.attesterReason).length,
      refusedByAttesters: rejected.filter((p) => p.rejection?.attesterReason).length,
      byState,
    },
    stations: Object.fromEntries(
      STATIONS.map((name) => [
        name,
        run.stations[name] ?? { done: 0, declined: 0, noop: 0, again: 0, failed: 0 },
      ]),
    ),
    declines: Object.entries(tally(declined, (text) => text)).map(([text, count]) => {
      const [station = "", reason = ""] = text.split("|");
      return { station, reason, count };
    }),
    rejections: rejected.map((p) => ({
      sequence: Number(p.prediction.sequence),
      reasonBits: String(p.rejection?.reasonBits ?? 0n),
      text: p.rejection?.text ?? "",
    })),
    orders: {
      entry: tally(
        orders.filter((o) => o.leg === "entry"),
        (o) => o.state,
      ),
      exit: tally(
        orders.filter((o) => o.leg === "exit"),
        (o) => o.state,
      ),
    },
    trips: {
      closed: trips.length,
      withoutTrip: predictions.flatMap((p) =>
        p.noTripReason ? [{ sequence: Number(p.prediction.sequence), reason: p.noTripReason }] : [],
      ),
      closeReasons: tally(
        predictions.filter((p) => p.closeReason),
        (p) => p.closeReason as string,
      ),
    },
    settlements: {
      count: predictions.filter((p) => p.settledAtMs !== undefined).length,
      pnlE8: String(sum(trips.map((trip) => trip.pnlE8))),
      winners: trips.filter((trip) => trip.pnlE8 > 0n).length,
      losers: trips.filter((trip) => trip.pnlE8 < 0n).length,
    },
    epochs: epochs.map((epoch) => ({
      epoch: Number(epoch.epoch),
      pnlE6: String(figure(epoch, "pnlE6")),
      bondPaidE6: String(figure(epoch, "bondPaidE6")),
      feeOperatorE6: String(figure(epoch, "feeOperatorE6")),
      feeStakersE6: String(figure(epoch, "feeStakersE6")),
      feeTreasuryE6: String(figure(epoch, "feeTreasuryE6")),
      depositorsE6: String(figure(epoch, "depositorsE6")),
      residualE8: String(figure(epoch, "residualE8")),
      carryE8: String(figure(epoch, "carryE8")),
    })),
    distribution: { inE6: String(inE6), outE6: String(outE6), residualE6: String(inE6 - outE6) },
    reconciliation: {
      ledgerPnlE8: String(run.reconciliation.ledgerPnlE8),
      venuePnlE8: String(run.reconciliation.venuePnlE8),
      chainPnlE8: String(run.reconciliation.chainPnlE8),
      differences: Object.fromEntries(
        Object.entries(run.reconciliation.differences).map(([name, value]) => [name, String(value)]),
      ),
    },
    seals: {
      sealed: run.transport === "sealed" ? predictions.filter((p) => p.approvedAtMs !== undefined).length : 0,
      revealed: run.reveals.size,
      matched: predictions.filter(({ id, prediction }) => {
        const reveal = run.reveals.get(id);
        return (
          reveal &&
          sealOf(config.deployment, config.mandateId, prediction.sequence, reveal) === prediction.seal
        );
      }).length,
    },
    standing: run.standing,
    venue: {
      positions: positions.filter((p) => p.qtyE8 > 0n).length,
      openOrders: openOrders.length,
      algoOrders: algoOrders.length,
      balanceE8: String(balance.balanceE8),
    },
    latencyMs: run.latencies.percentiles(),
    gas: gasByStep(run.txs),
    incidents: incidents.map(({ kind, text }) => ({ kind, text })),
    digest: await digestOf(store, config.mandateId),
  };
}

function gasByStep(txs: readonly TxStatus[]): Report["gas"] {
  const steps: Report["gas"] = {};
  for (const step of new Set(txs.map((tx) => tx.step))) {
    const used = txs
      .filter((tx) => tx.step === step && tx.gasUsed !== undefined)
      .map((tx) => Number(tx.gasUsed))
      .sort((a, b) => a - b);
    if (used.length > 0)
      steps[step] = {
        count: used.length,
        min: used[0]!,
        median: used[Math.floor(used.length / 2)]!,
        max: used.at(-1)!,
      };
  }
  return steps;
}

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { SqliteStore } from "../../src/adapters/sqlite/store.ts";
import { sortKey } from "../../src/domain/market.ts";
import type { OrderRecord, PredictionRecord, TripFill } from "../../src/domain/records.ts";
import type { Write } from "../../src/ports/store.ts";
import { canonicalRecords, digestOf } from "../../src/report/digest.ts";
import { orderKey, predictionKey } from "../../src/stations/records.ts";
import { put } from "../../src/stations/station.ts";
import { prediction, reveal, word } from "../domain/samples.ts";

const MANDATE = prediction.mandateId;
const stores: SqliteStore[] = [];
after(() => {
  for (const store of stores) store.close();
});

const record = (sequence: bigint): PredictionRecord =>
  ({
    id: word(`b${sequence}`),
    market: "weex:BTCUSDT",
    cutoffMs: 1,
    phase: "final",
    prediction: { ...prediction, sequence },
    reveal,
    output: { probUpPpm: 540_000, sigmaPpm: 1_500 },
    evidence: { candleCount: 1 },
    signature: "0x01",
    publishedAtMs: 5,
    approvedAtMs: 6,
    settledAtMs: 7,
    finalAtMs: 8,
    transport: "quorum",
    verdicts: [{ attester: "attester1", note: "yes" }],
    settleAttempts: 1,
    closeReason: "horizon",
    pnlE8: -5n,
  }) as PredictionRecord;
const order = (sequence: bigint, leg: "entry" | "exit"): OrderRecord => ({
  predictionId: word(`b${sequence}`),
  leg,
  attempt: 1,
  clientOrderId: "c",
  state: "FILLED",
  side: "LONG",
  qtyE8: 10n,
  filledQtyE8: 10n,
  orderId: "1000",
  sentAtMs: 50,
  resentAtMs: 51,
  sweeps: 0,
  fence: 1,
});
const fill: TripFill = {
  fillId: "1",
  orderId: "1000",
  leg: "entry",
  priceE8: 5n,
  qtyE8: 10n,
  quoteE8: 50n,
  feeE8: 1n,
  timeMs: 60,
};

type Change = {
  prediction?: (honest: PredictionRecord) => Partial<PredictionRecord>;
  order?: Partial<OrderRecord>;
  fill?: Partial<TripFill>;
  trip?: { pnlE8?: bigint; fundingPaidE8?: bigint };
};
/** All records of one prediction. */
function writesOf(sequence: bigint, change: Change = {}): Write[] {
  const honest = record(sequence);
  const made = { ...honest, ...change.prediction?.(honest) };
  const key = predictionKey(MANDATE, sequence);
  const orders = (["exit", "entry"] as const).map((leg) => {
    const { pk, sk } = orderKey(made.id, leg, 1);
    return put(pk, sk, { ...order(sequence, leg), ...change.order });
  });
  return [
    put(key.pk, key.sk, made),
    ...orders,
    put(`trip#${MANDATE}`, sortKey(sequence), {
      sequence,
      fills: [{ ...fill, ...change.fill }],
      fundingPaidE8: 0n,
      pnlE8: -5n,
      ...change.trip,
    }),
  ];
}
async function storeOf(writes: readonly Write[]): Promise<SqliteStore> {
  const store = new SqliteStore(":memory:");
  stores.push(store);
  await store.transact(writes);
  return store;
}
const digest = async (writes: readonly Write[]): Promise<string> => digestOf(await storeOf(writes), MANDATE);
const honest = await digest(writesOf(1n));

test("records are in order of sequence, then prediction, orders and settlement, whatever order they were written in", async () => {
  const writes = [2n, 10n, 1n].flatMap((sequence) => writesOf(sequence));
  const lines = await canonicalRecords(await storeOf(writes), MANDATE);
  const kinds = lines.map((line) => /kind=(\w+)/.exec(line)?.[1]);
  assert.deepEqual(
    kinds,
    [1, 2, 3].flatMap(() => ["prediction", "order", "order", "settlement"]),
  );
  assert.deepEqual(
    lines.flatMap((line) => /kind=prediction.*sequence=(\d+)/.exec(line)?.[1] ?? []),
    ["1", "2", "10"],
  );
  assert.deepEqual(
    lines.slice(1, 3).map((line) => /leg=(\w+)/.exec(line)?.[1]),
    ["entry", "exit"],
  );
  assert.equal(await digest(writes), await digest([...writes].reverse()));
});

test("the digest does not know who signed, who carried it, when the wall clock said so, nor how often one tried", async () => {
  const same: Change[] = [
    { prediction: () => ({ signature: "0x02" }) },
    { prediction: () => ({ verdicts: [] }) },
    { prediction: () => ({ transport: "gelato" }) },
    { prediction: () => ({ publishedAtMs: 99, approvedAtMs: 99, settledAtMs: 99, finalAtMs: 99 }) },
    { prediction: () => ({ settleAttempts: 3 }) },
    {
      prediction: ({ prediction: p }) => ({ prediction: { ...p, previousId: word("fe"), seal: word("fe") } }),
    },
    { prediction: ({ reveal: r }) => ({ reveal: { ...r, salt: word("fe") } }) },
    { order: { orderId: "7", clientOrderId: "d", fence: 9, resentAtMs: 1, sweeps: 2 } },
    { fill: { fillId: "9", orderId: "7" } },
  ];
  for (const change of same)
    assert.equal(await digest(writesOf(1n, change)), honest, String(change.prediction));
});

test("the id of a prediction, which follows from addresses and the salt, is not in the digest", async () => {
  const moved = writesOf(1n, { prediction: () => ({ id: word("ee") }) }).map((write) =>
    write.op === "put" && write.pk.startsWith("order#") ? { ...write, pk: `order#${word("ee")}` } : write,
  );
  assert.equal(await digest(moved), honest);
});

test("every field that means something changes the digest", async () => {
  const differing: Change[] = [
    ...(
      [
        "modelId",
        "observedAt",
        "entryExpiresAt",
        "horizonAt",
        "settleBy",
        "referencePriceE8",
        "maxNotionalUsdE6",
        "maxLeverageBps",
        "maxLossUsdE6",
        "confidencePpm",
        "riskSpecHash",
        "evidenceHash",
      ] as const
    ).map(
      (field): Change => ({
        prediction: ({ prediction: p }) => {
          const value = p[field];
          return { prediction: { ...p, [field]: typeof value === "bigint" ? value + 1n : word("fe") } };
        },
      }),
    ),
    ...(["entryLimitE8", "stopE8", "targetE8", "qtyE8"] as const).map(
      (field): Change => ({
        prediction: ({ reveal: r }) => ({ reveal: { ...r, [field]: r[field] + 1n } }),
      }),
    ),
    { prediction: ({ reveal: r }) => ({ reveal: { ...r, side: "SHORT" } }) },
    { prediction: () => ({ output: { probUpPpm: 540_050, sigmaPpm: 1_500 } }) },
    { prediction: () => ({ output: { probUpPpm: 540_000, sigmaPpm: 1_510 } }) },
    { prediction: () => ({ phase: "expired" }) },
    { prediction: () => ({ rejection: { reasonBits: 1n, attesterReason: 0, text: "" } }) },
    { prediction: () => ({ rejection: { reasonBits: 1n, attesterReason: 20, text: "" } }) },
    { prediction: () => ({ noTripReason: "late" }) },
    { prediction: () => ({ closeReason: "stop or target" }) },
    { prediction: () => ({ pnlE8: -6n }) },
    ...[
      { state: "CANCELED" as const },
      { side: "SHORT" as const },
      { qtyE8: 11n },
      { filledQtyE8: 9n },
      { sentAtMs: 49 },
      { attempt: 2 },
    ].map((change): Change => ({ order: change })),
    ...(["priceE8", "qtyE8", "quoteE8", "feeE8"] as const).map(
      (field): Change => ({
        fill: { [field]: fill[field] + 1n },
      }),
    ),
    { fill: { timeMs: 61 } },
    { fill: { leg: "exit" } },
    { trip: { pnlE8: -4n } },
    { trip: { fundingPaidE8: 1n } },
  ];
  const digests = [honest, await digest(writesOf(2n)), await digest([])];
  for (const change of differing) digests.push(await digest(writesOf(1n, change)));
  assert.equal(new Set(digests).size, digests.length);
});

test("another mandate's records, slots, work and incidents are no part of it", async () => {
  const foreign: Write[] = [
    put(`prediction#${word("fa")}`, sortKey(1), record(1n)),
    put("slot#weex:BTCUSDT", sortKey(1), { phase: "declined" }),
    put("incident", "x", { open: true }),
    put("tx", "x", { gasUsed: 1n }),
  ];
  assert.equal(await digest([...writesOf(1n), ...foreign]), honest);
});

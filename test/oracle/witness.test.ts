import assert from "node:assert/strict";
import { after, test } from "node:test";
import type { Wallet } from "ethers";
import { localSigner } from "../../src/adapters/evm/signer.ts";
import { Witness, type WitnessDeps } from "../../src/adapters/oracle/witness.ts";
import { SqliteStore } from "../../src/adapters/sqlite/store.ts";
import { ALL_FLAGS, parseAttestation, REASON, VERDICT } from "../../src/domain/attestation.ts";
import type { Candle } from "../../src/domain/candle.ts";
import { decide } from "../../src/domain/decide.ts";
import { boundsOf, revealOf, timesOf } from "../../src/domain/declare.ts";
import { type EvidenceBundle, evidenceHash } from "../../src/domain/evidence.ts";
import { clientOrderId } from "../../src/domain/ids.ts";
import { sortKey } from "../../src/domain/market.ts";
import { type Prediction, predictionId, type Reveal, sealOf } from "../../src/domain/prediction.ts";
import { riskSpecHash } from "../../src/domain/risk-spec.ts";
import { venueAccountHash } from "../../src/domain/settlement-payload.ts";
import { type StatementType, statementSigner } from "../../src/domain/statement.ts";
import { Refused } from "../../src/errors/errors.ts";
import { featuresOf } from "../../src/features/index.ts";
import { outputOf } from "../../src/models/index.ts";
import type { PublishedPrediction, SignedStatement } from "../../src/ports/attester.ts";
import type { PredictionState } from "../../src/ports/chain.ts";
import { MarketWindow } from "../../src/stations/features/window.ts";
import { attesterKey, QUORUM } from "../boundaries/signed.ts";
import { deployment, riskSpec, word } from "../domain/samples.ts";
import { bundleAt, MIDNIGHT, walk } from "../features/market.ts";
import { loadByName, runtime } from "../models/artefacts.ts";
import { FakeVenue } from "../stations/fake-venue.ts";

const SLOT_MS = 300_000;
const DELAY_MS = 2_000;
const CUTOFF_MS = MIDNIGHT + 75 * 60_000;
const MANDATE = word("11");
const EQUITY_E8 = 1_000_000_000_000n;
const WINDOW = 720;
const model = await loadByName("logistic");
after(() => model.dispose());
const { featureSpec } = model.manifest;
const candles = walk(9, MIDNIGHT - WINDOW * 60_000, WINDOW + 75 + 10);
const spec = { ...riskSpec, minConfidencePpm: 500_000n };
const publisher = attesterKey(20);
const stores: SqliteStore[] = [];
after(() => {
  for (const store of stores) store.close();
});

/** The account of the other tests, with a market beside it. */
class Market extends FakeVenue {
  inputsRead = 0;
  /** The whole history, or what a test leaves of it. */
  candleRows: readonly Candle[] = candles;
  override balanceE8 = EQUITY_E8;
  async candles(_symbol: string, fromMs: number, toMs: number): Promise<Candle[]> {
    return this.candleRows.filter((candle) => candle.openTimeMs >= fromMs && candle.openTimeMs < toMs);
  }
  async book() {
    this.inputsRead += 1;
    return bundleAt([], this.nowMs).book;
  }
  async openInterest() {
    return { observedAtMs: this.nowMs, amountE8: 100_000_000_000n };
  }
  async funding(_symbol: string, toMs: number) {
    return bundleAt([], Math.floor(toMs / SLOT_MS) * SLOT_MS).funding;
  }
}

/** An attester at the moment after a slot's close; `life()` is the same attester after a restart. */
async function attester(wallet: Wallet = attesterKey(1)) {
  const store = new SqliteStore(":memory:");
  stores.push(store);
  const venue = new Market(CUTOFF_MS + DELAY_MS);
  const says = {
    state: "Approved" as PredictionState,
    epoch: { epoch: 1n, snapshotAt: BigInt(CUTOFF_MS / 1000) },
    signerSetEpoch: 3n,
    priceE8: candles.at(-11)?.closeE8 as bigint,
  };
  const chain = {
    ...deployment,
    stateOf: async () => ({ state: says.state, epoch: says.epoch.epoch }),
    epoch: async () => says.epoch,
    feedPrice: async () => ({ priceE8: says.priceE8, updatedAt: 0n }),
    signerSetEpoch: async () => says.signerSetEpoch,
  };
  const life = (): Witness =>
    new Witness({
      name: "attester1",
      wallet,
      clock: { nowMs: () => venue.nowMs },
      store,
      venue,
      chain,
      models: runtime,
      sentiment: { fearGreed: async () => null, headlines: async () => null },
      window: new MarketWindow(featureSpec),
      config: {
        market: "weex:BTCUSDT",
        symbol: "BTCUSDT",
        mandateId: MANDATE,
        modelId: model.modelId,
        slotStepMs: SLOT_MS,
        candleDelayMs: DELAY_MS,
        riskSpec: spec,
        publisher: publisher.address,
        quorumAddress: QUORUM.quorumAddress,
        vault: `0x${"ee".repeat(20)}`,
        venueAccountHash: venueAccountHash("1"),
        tolerances: { equityE8: 0n, openInterestBps: 10n, bookBps: 0n, priceBps: 100n, maxAgeSeconds: 120n },
      },
    } as unknown as WitnessDeps);
  return { store, venue, says, life, witness: life() };
}

/** What an honest publisher signs about the slot, and what the market's recording makes of it. */
async function publish(change: { output?: number; key?: Wallet } = {}): Promise<PublishedPrediction> {
  const window = new MarketWindow(featureSpec);
  for (const candle of candles) if (candle.openTimeMs < CUTOFF_MS) window.push(candle);
  const evidence: EvidenceBundle = {
    ...bundleAt([], CUTOFF_MS),
    candles: window.candles,
    openInterest: [{ observedAtMs: CUTOFF_MS, amountE8: 100_000_000_000n }],
    fearGreed: null,
    headlines: null,
    equityE8: EQUITY_E8,
  };
  evidence.book = { ...evidence.book!, observedAtMs: CUTOFF_MS };
  const outcome = outputOf(model, featuresOf(featureSpec, evidence, window.engine));
  if (outcome.kind !== "output") throw new Error(outcome.reason);
  const output = { ...outcome.output, probUpPpm: outcome.output.probUpPpm + (change.output ?? 0) };
  const referencePriceE8 = window.candles.at(-1)?.closeE8 as bigint;
  const sized = decide(output, EQUITY_E8, referencePriceE8, spec);
  if ("declined" in sized) throw new Error(sized.declined);
  const d = sized.decision;
  const reveal: Reveal = revealOf(d, word("77"));
  const observedAt = BigInt(CUTOFF_MS / 1000);
  const prediction: Prediction = {
    mandateId: MANDATE,
    modelId: model.modelId,
    sequence: 1n,
    previousId: word("00"),
    ...timesOf(observedAt, spec),
    referencePriceE8,
    ...boundsOf(d),
    riskSpecHash: riskSpecHash(spec),
    evidenceHash: evidenceHash(evidence, window.chain),
    seal: sealOf(deployment, MANDATE, 1n, reveal),
  };
  const { candles: _fetched, ...carried } = evidence;
  const signature = await localSigner(change.key ?? publisher, deployment).signPrediction(prediction);
  return {
    id: predictionId(deployment, prediction),
    market: evidence.market,
    prediction,
    signature,
    reveal,
    output,
    evidence: carried,
  };
}
const published = await publish();

const refusal = (code: string) => (error: unknown) => error instanceof Refused && error.code === code;
const signedBy = (statement: SignedStatement, type: StatementType, signerSetEpoch = 3n): string | undefined =>
  statementSigner(
    { chainId: deployment.chainId, quorumAddress: QUORUM.quorumAddress },
    type,
    statement,
    signerSetEpoch,
  );

test("each slot is recorded once, at its time, and the next one is asked for", async () => {
  const { witness, venue, store } = await attester();
  assert.equal(await witness.tick(), CUTOFF_MS + SLOT_MS + DELAY_MS);
  assert.equal(venue.inputsRead, 1);
  venue.advance(10_000);
  await witness.tick();
  assert.equal(venue.inputsRead, 1, "what is recorded stays as it was");
  const recorded = await store.get<{ cutoffMs: number; equityE8: bigint }>("recording", sortKey(CUTOFF_MS));
  assert.deepEqual([recorded?.value.cutoffMs, recorded?.value.equityE8], [CUTOFF_MS, EQUITY_E8]);
});

test("a slot found a minute late is not recorded: what it would show is another time's", async () => {
  for (const [lateMs, recordings] of [
    [59_999, 1],
    [60_000, 0],
  ] as const) {
    const { witness, venue, store } = await attester();
    venue.advance(lateMs);
    await witness.tick();
    assert.equal((await store.query("recording", { limit: 9 })).length, recordings, `${lateMs} ms late`);
  }
});

test("an honest prediction of a recorded slot is signed with every flag, in bytes the contract recovers", async () => {
  const { witness } = await attester();
  await witness.tick();
  const statement = await witness.attest(published);
  const { verdict, reason, flags, predictionDigest } = parseAttestation(statement.payload);
  assert.deepEqual(
    [verdict, reason, flags, predictionDigest],
    [VERDICT.yes, 0, ALL_FLAGS, published.id],
    statement.note,
  );
  assert.equal(statement.signer, attesterKey(1).address);
  assert.equal(signedBy(statement, "Attestation"), attesterKey(1).address);
  assert.notEqual(signedBy(statement, "SettlementAttestation"), attesterKey(1).address);
});

test("two attesters who saw the same sign the same bytes under their own keys", async () => {
  const [first, second] = await Promise.all([attester(attesterKey(1)), attester(attesterKey(2))]);
  const statements = [];
  for (const { witness } of [first, second]) {
    await witness.tick();
    statements.push(await witness.attest(published));
  }
  const [one, two] = statements as [SignedStatement, SignedStatement];
  assert.equal(one.payload, two.payload);
  assert.notEqual(one.signature, two.signature);
});

test("another output than its own is refused with the reason, and the refusal is signed as well", async () => {
  const { witness } = await attester();
  await witness.tick();
  const statement = await witness.attest(await publish({ output: 5_000 }));
  const { verdict, reason } = parseAttestation(statement.payload);
  assert.deepEqual([verdict, reason], [VERDICT.no, REASON.outputDiffers]);
  assert.match(statement.note, /^outputDiffers: /);
  assert.equal(signedBy(statement, "Attestation"), attesterKey(1).address);
});

test("it never says two things about one prediction, not even when it would judge otherwise now, or after a restart", async () => {
  const { witness, says, life, venue } = await attester();
  await witness.tick();
  const first = await witness.attest(published);
  says.priceE8 *= 2n;
  venue.advance(3_600_000);
  assert.deepEqual(await witness.attest(published), first);
  assert.deepEqual(await life().attest(published), first);
});

test("asked twice at once, one statement leaves", async () => {
  const { witness } = await attester();
  await witness.tick();
  const [one, two] = await Promise.all([witness.attest(published), witness.attest(published)]);
  assert.deepEqual(one, two);
});

test("after a change of the signer set the same bytes are signed again, and nothing is judged again", async () => {
  const { witness, says } = await attester();
  await witness.tick();
  const first = await witness.attest(published);
  says.signerSetEpoch = 4n;
  says.priceE8 *= 2n;
  const second = await witness.attest(published);
  assert.equal(second.payload, first.payload);
  assert.equal(signedBy(second, "Attestation", 4n), attesterKey(1).address);
  assert.notEqual(signedBy(first, "Attestation", 4n), attesterKey(1).address);
  assert.deepEqual(await witness.attest(published), second);
});

test("nothing is signed for another digest, another publisher, or a slot it did not see itself", async () => {
  const { witness, store } = await attester();
  await witness.tick();
  await assert.rejects(witness.attest({ ...published, id: word("ab") }), refusal("attest.id"));
  const later = { ...published.prediction, horizonAt: published.prediction.horizonAt + 1n };
  await assert.rejects(witness.attest({ ...published, prediction: later }), refusal("attest.id"));
  await assert.rejects(witness.attest(await publish({ key: attesterKey(21) })), refusal("attest.signature"));
  assert.deepEqual(await store.query("statement", { limit: 9 }), []);
  const blind = await attester();
  await assert.rejects(blind.witness.attest(published), refusal("attest.notRecorded"));
});

test("a slot whose own inputs were incomplete is no ground for a verdict", async () => {
  const { witness, venue } = await attester();
  venue.candleRows = candles.filter((candle) => candle.openTimeMs !== CUTOFF_MS - 60_000);
  await witness.tick();
  await assert.rejects(
    witness.attest(published),
    (error: unknown) =>
      error instanceof Refused &&
      /incomplete: candle 2026-01-05T01:14:00.000Z is missing/.test(error.message),
  );
});

/** The trip of the published prediction: its entry, and its exit unless it is still open. */
async function traded(venue: Market, closes = true): Promise<void> {
  const { side, qtyE8 } = published.reveal;
  const order = { symbol: "BTCUSDT", side, qtyE8 };
  const entry = { ...order, clientOrderId: clientOrderId(published.id, "entry", 1) };
  venue.advance(5_000);
  await venue.placeEntry({ ...entry, limitE8: 1n, stopE8: 1n, targetE8: 1n });
  venue.advance(60_000);
  if (closes) await venue.placeExit({ ...order, clientOrderId: clientOrderId(published.id, "exit", 1) });
}

test("a closed trip is witnessed from the account's own fills, and later fills do not change what was said", async () => {
  const { witness, venue, life } = await attester();
  await traded(venue);
  const statement = await witness.witnessSettlement(published);
  assert.equal(signedBy(statement, "SettlementAttestation"), attesterKey(1).address);
  assert.match(statement.note, /^2 fills read, pnl -2 \(E8\)$/);
  assert.equal(statement.payload.length, 2 + 8 * 64);
  assert.equal(`0x${statement.payload.slice(66, 130)}`, published.id);
  venue.advance(60_000);
  await venue.placeEntry({
    clientOrderId: "hand",
    symbol: "BTCUSDT",
    side: "LONG",
    qtyE8: 1n,
    limitE8: 1n,
    stopE8: 1n,
    targetE8: 1n,
  });
  assert.deepEqual(await life().witnessSettlement(published), statement);
});

test("an open position, an entry that may still fill and a state that has nothing to settle are refused", async () => {
  const open = await attester();
  await traded(open.venue, false);
  await assert.rejects(open.witness.witnessSettlement(published), refusal("witness.notFlat"));

  const early = await attester();
  early.venue.nowMs = Number(published.prediction.entryExpiresAt) * 1000;
  await assert.rejects(early.witness.witnessSettlement(published), refusal("witness.early"));
  early.venue.advance(1_000);
  const statement = await early.witness.witnessSettlement(published);
  assert.match(statement.note, /^0 fills read/);

  const closed = await attester();
  await traded(closed.venue);
  for (const state of ["None", "Rejected", "Settled", "Final", "Cancelled"] as const) {
    closed.says.state = state;
    await assert.rejects(closed.witness.witnessSettlement(published), refusal("witness.state"));
  }
  closed.says.state = "Expired";
  assert.ok(await closed.witness.witnessSettlement(published));
  await assert.rejects(
    closed.witness.witnessSettlement({ ...published, id: word("ab") }),
    refusal("witness.id"),
  );
});

const EPOCH_1 = { mandateId: MANDATE, epoch: 1n, snapshotAt: BigInt(CUTOFF_MS / 1000) };

test("the equity at a snapshot is witnessed once, with the transfers and fills of the epoch", async () => {
  const { witness, venue, life } = await attester();
  venue.cashRows.push(
    { incomeId: "1", kind: "TRANSFER", symbol: "", amountE8: 700n, timeMs: CUTOFF_MS - 1 },
    { incomeId: "2", kind: "TRANSFER", symbol: "", amountE8: -300n, timeMs: CUTOFF_MS },
    { incomeId: "3", kind: "TRANSFER", symbol: "", amountE8: 900n, timeMs: CUTOFF_MS + 1 },
  );
  const statement = await witness.witnessEpoch(EPOCH_1);
  assert.equal(signedBy(statement, "EpochAttestation"), attesterKey(1).address);
  const wordAt = (at: number): bigint => BigInt(`0x${statement.payload.slice(2 + at * 64, 66 + at * 64)}`);
  assert.deepEqual(
    [wordAt(1), wordAt(2), wordAt(3) >> 128n, wordAt(3) & (2n ** 128n - 1n)],
    [1n, EQUITY_E8, 7n, 3n],
  );
  venue.balanceE8 += 1n;
  assert.deepEqual(await life().witnessEpoch(EPOCH_1), statement);
});

test("an epoch is not witnessed too early, while a position is open, out of turn, or if it is not the running one", async () => {
  const { witness, venue, says } = await attester();
  for (const request of [
    { ...EPOCH_1, epoch: 2n },
    { ...EPOCH_1, snapshotAt: EPOCH_1.snapshotAt + 1n },
  ])
    await assert.rejects(witness.witnessEpoch(request), refusal("witness.epoch"));
  venue.nowMs = CUTOFF_MS - 1;
  await assert.rejects(witness.witnessEpoch(EPOCH_1), /the snapshot time is not reached/);
  venue.nowMs = CUTOFF_MS + DELAY_MS;
  await traded(venue, false);
  await assert.rejects(witness.witnessEpoch(EPOCH_1), refusal("witness.notFlat"));

  says.epoch = { epoch: 2n, snapshotAt: EPOCH_1.snapshotAt };
  const second = { ...EPOCH_1, epoch: 2n };
  await assert.rejects(witness.witnessEpoch(second), /the previous epoch was not witnessed here/);
});

test("an epoch follows the one that was witnessed before: what was told then is not told again", async () => {
  const { witness, venue, says } = await attester();
  venue.cashRows.push({ incomeId: "1", kind: "TRANSFER", symbol: "", amountE8: 700n, timeMs: CUTOFF_MS - 1 });
  await witness.witnessEpoch(EPOCH_1);
  says.epoch = { epoch: 2n, snapshotAt: EPOCH_1.snapshotAt + 60n };
  venue.advance(60_000);
  const { payload } = await witness.witnessEpoch({ ...EPOCH_1, ...says.epoch });
  assert.equal(BigInt(`0x${payload.slice(2 + 3 * 64, 66 + 3 * 64)}`), 0n);
});

/**
 * An attester: its own key, venue client, model and memory. It records every slot itself, recomputes what it is asked
 * about, and never signs two different statements about one thing.
 */
import { type HDNodeWallet, verifyTypedData, type Wallet } from "ethers";
import { attestationPayload } from "../../domain/attestation.ts";
import type { DirectionTerms } from "../../domain/direction.ts";
import type { EvidenceBundle } from "../../domain/evidence.ts";
import { sortKey } from "../../domain/market.ts";
import { PREDICTION_TYPES, predictionDomain, predictionId, toUnixSeconds } from "../../domain/prediction.ts";
import type { SlotRecord } from "../../domain/records.ts";
import type { RiskSpec } from "../../domain/risk-spec.ts";
import { fillsRoot } from "../../domain/settlement.ts";
import { epochPayload } from "../../domain/settlement-payload.ts";
import {
  quorumDomain,
  type StatementType,
  statementSigner,
  statementTypes,
  statementValue,
} from "../../domain/statement.ts";
import { DomainError, messageOf, Refused } from "../../errors/errors.ts";
import type { ModelRuntime } from "../../models/index.ts";
import type { AttesterPort, PublishedPrediction, SignedStatement } from "../../ports/attester.ts";
import type { ChainReader } from "../../ports/chain.ts";
import type { Clock, Sentiment } from "../../ports/ports.ts";
import type { Store } from "../../ports/store.ts";
import type { VenueAccount, VenueData } from "../../ports/venue.ts";
import { judge, type Tolerances } from "../../stations/attest/judge.ts";
import { bringUp } from "../../stations/features/features.ts";
import type { MarketWindow } from "../../stations/features/window.ts";
import { gatherEvidence, RECORD_WITHIN_MS } from "../../stations/ingest/evidence.ts";
import { nextSlotMs } from "../../stations/ingest/ingest.ts";
import { readTrip, tripPayload } from "../../stations/settle/witness.ts";
import { put } from "../../stations/station.ts";

export type WitnessConfig = {
  market: string;
  symbol: string;
  mandateId: string;
  modelId: string;
  slotStepMs: number;
  candleDelayMs: number;
  riskSpec: RiskSpec;
  publisher: string;
  quorumAddress: string;
  vault: string;
  venueAccountHash: string;
  tolerances: Tolerances;
  /** Of a world whose predictions are sealed. */
  sealed?: DirectionTerms | undefined;
};

export type WitnessDeps = {
  name: string;
  wallet: Wallet | HDNodeWallet;
  clock: Clock;
  store: Store;
  venue: VenueData & VenueAccount;
  chain: ChainReader;
  models: ModelRuntime;
  sentiment: Sentiment;
  window: MarketWindow;
  config: WitnessConfig;
};

const STATEMENT_LIFE_SECONDS = 86_400n;

export class Witness implements AttesterPort {
  readonly #deps: WitnessDeps;
  constructor(deps: WitnessDeps) {
    this.#deps = deps;
  }
  get name(): string {
    return this.#deps.name;
  }

  /** Records the inputs of the slot whose time has come. @returns when it wants to be woken next. */
  async tick(): Promise<number> {
    const { clock, config, store } = this.#deps;
    const nowMs = clock.nowMs();
    const nextMs = nextSlotMs(config, nowMs);
    const cutoffMs = nextMs - config.slotStepMs;
    if (
      nowMs - cutoffMs - config.candleDelayMs < RECORD_WITHIN_MS &&
      !(await store.get("recording", sortKey(cutoffMs)))
    )
      await this.#record(cutoffMs);
    return nextMs + config.candleDelayMs;
  }

  async #record(cutoffMs: number): Promise<void> {
    const { store, config } = this.#deps;
    const gathered = await gatherEvidence(this.#deps, cutoffMs);
    if ("refused" in gathered) {
      await store.transact([put("recording", sortKey(cutoffMs), { refused: gathered.refused })]);
      return;
    }
    await bringUp(this.#deps, this.#deps.window, cutoffMs);
    await store.transact([
      put("recording", sortKey(cutoffMs), gathered.evidence),
      put("openInterest", `${config.market}#${sortKey(cutoffMs)}`, gathered.evidence.openInterest.at(-1)),
    ]);
  }

  async attest(published: PublishedPrediction): Promise<SignedStatement> {
    const { chain, config } = this.#deps;
    const deployment = { chainId: chain.chainId, validator: chain.validator };
    if (predictionId(deployment, published.prediction) !== published.id)
      throw new Refused("attest.id", "the id is not the digest of this prediction here");
    if (
      verifyTypedData(
        predictionDomain(deployment),
        PREDICTION_TYPES,
        published.prediction,
        published.signature,
      ) !== config.publisher
    )
      throw new Refused("attest.signature", "the prediction is not signed by the mandate's publisher");
    return this.#once(`attest:${published.id}`, "Attestation", async () => {
      const judgement = await this.#judge(published);
      return {
        payload: attestationPayload(deployment, published.id, published.prediction, judgement),
        note: judgement.note,
      };
    });
  }

  async #judge(published: PublishedPrediction) {
    const { chain, config, clock, models, store, window } = this.#deps;
    const { cutoffMs } = published.evidence;
    const recorded = await store.get<SlotRecord["evidence"] & { refused?: string }>(
      "recording",
      sortKey(cutoffMs),
    );
    if (!recorded)
      throw new Refused(
        "attest.notRecorded",
        `slot ${new Date(cutoffMs).toISOString()} was not recorded here`,
      );
    if (recorded.value?.refused !== undefined || !recorded.value)
      throw new Refused(
        "attest.notRecorded",
        `own inputs of this slot are incomplete: ${recorded.value?.refused}`,
      );
    await bringUp(this.#deps, window, cutoffMs);
    const { candleCount: _count, ...evidence } = recorded.value;
    const own: EvidenceBundle = { ...evidence, candles: window.candles };
    const model = await models.load(config.modelId).catch((error: unknown) => {
      if (error instanceof DomainError) return undefined;
      throw error;
    });
    const second = await chain.feedPrice();
    return judge(published, {
      deployment: { chainId: chain.chainId, validator: chain.validator },
      mandateId: config.mandateId,
      riskSpec: config.riskSpec,
      featureSpec: window.spec,
      model,
      evidence: own,
      engine: window.engine,
      chain: window.chain,
      secondPriceE8: second.priceE8,
      nowSeconds: toUnixSeconds(clock.nowMs()),
      tolerances: config.tolerances,
      sealed: config.sealed,
    });
  }

  async witnessSettlement(published: PublishedPrediction): Promise<SignedStatement> {
    const { chain, config, clock, venue } = this.#deps;
    const { state, epoch } = await chain.stateOf(published.id);
    if (state !== "Approved" && state !== "Expired")
      throw new Refused("witness.state", `the prediction is ${state} on-chain`);
    const deployment = { chainId: chain.chainId, validator: chain.validator };
    if (predictionId(deployment, published.prediction) !== published.id)
      throw new Refused("witness.id", "the id is not the digest of this prediction here");
    return this.#once(`settle:${published.id}`, "SettlementAttestation", async () => {
      const facts = await readTrip(venue, published, config.symbol);
      if (facts.sums.entryFills === 0 && toUnixSeconds(clock.nowMs()) <= published.prediction.entryExpiresAt)
        throw new Refused("witness.early", "the entry may still fill");
      const payload = tripPayload(deployment, published, facts, {
        venueAccountHash: config.venueAccountHash,
        epoch,
      });
      return { payload, note: `${facts.fills.length} fills read, pnl ${facts.pnlE8} (E8)` };
    });
  }

  async witnessEpoch(request: {
    mandateId: string;
    epoch: bigint;
    snapshotAt: bigint;
  }): Promise<SignedStatement> {
    const { chain, config, clock, venue, store } = this.#deps;
    const running = await chain.epoch();
    if (running.epoch !== request.epoch || running.snapshotAt !== request.snapshotAt)
      throw new Refused("witness.epoch", `the running epoch is ${running.epoch}`);
    if (toUnixSeconds(clock.nowMs()) < running.snapshotAt)
      throw new Refused("witness.epoch", "the snapshot time is not reached");
    const before = await store.get<{ snapshotAt: bigint }>("epochWitnessed", sortKey(request.epoch - 1n));
    if (!before && request.epoch > 1n)
      throw new Refused("witness.epoch", "the previous epoch was not witnessed here");
    const fromMs = Number(before?.value.snapshotAt ?? 0n) * 1000;
    const toMs = Number(request.snapshotAt) * 1000;
    const statement = await this.#once(`epoch:${request.epoch}`, "EpochAttestation", async () => {
      const [balance, positions, income, fills] = await Promise.all([
        venue.balance(),
        venue.positions(),
        venue.income(fromMs),
        venue.fills(config.symbol, Math.max(fromMs, toMs - FILL_LOOKBACK_MS)),
      ]);
      if (positions.some((position) => position.qtyE8 > 0n))
        throw new Refused("witness.notFlat", "a position is open at the snapshot");
      const within = (timeMs: number) => timeMs > fromMs && timeMs <= toMs;
      const transfers = income
        .filter((row) => row.kind === "TRANSFER" && within(row.timeMs))
        .map((row) => row.amountE8);
      const epochFills = fills
        .filter((fill) => within(fill.timeMs))
        .map((fill) => ({ ...fill, leg: "exit" as const }));
      const sum = (values: bigint[]) => values.reduce((total, value) => total + value, 0n);
      const payload = epochPayload(chain.chainId, config.vault, {
        epoch: request.epoch,
        venueEquityE8: balance.balanceE8,
        snapshotAt: request.snapshotAt,
        observedAt: request.snapshotAt,
        expiresAt: request.snapshotAt + STATEMENT_LIFE_SECONDS,
        sentUsdE6: sum(transfers.filter((value) => value > 0n)) / 100n,
        returnedUsdE6: -sum(transfers.filter((value) => value < 0n)) / 100n,
        fillCount: BigInt(epochFills.length),
        fillsRoot: fillsRoot(epochFills),
        venueAccountHash: config.venueAccountHash,
      });
      return { payload, note: `equity ${balance.balanceE8} (E8), ${epochFills.length} fills` };
    });
    await store.transact([put("epochWitnessed", sortKey(request.epoch), { snapshotAt: request.snapshotAt })]);
    return statement;
  }

  /**
   * The first payload about a subject is the only one, and is stored before it leaves. After a change of the signer set
   * the same payload is signed again, because the contract recovers signatures under the current set only.
   */
  async #once(
    subject: string,
    type: StatementType,
    make: () => Promise<{ payload: string; note: string }>,
  ): Promise<SignedStatement> {
    const { store, wallet, chain, config } = this.#deps;
    const quorum = { chainId: chain.chainId, quorumAddress: config.quorumAddress };
    const said = await store.get<SignedStatement>("statement", subject);
    const { payload, note } = said?.value ?? (await make());
    const signerSetEpoch = await chain.signerSetEpoch();
    if (said && statementSigner(quorum, type, said.value, signerSetEpoch) === wallet.address)
      return said.value;
    const signature = await wallet.signTypedData(
      quorumDomain(quorum),
      statementTypes(type),
      statementValue(payload, signerSetEpoch),
    );
    const statement: SignedStatement = { signer: wallet.address, payload, signature, note };
    try {
      await store.transact([put("statement", subject, statement, said?.version ?? 0)]);
    } catch (error) {
      const other = await store.get<SignedStatement>("statement", subject);
      if (other) return other.value;
      throw new Refused("witness.store", messageOf(error));
    }
    return statement;
  }
}

/** The venue answers for fills of at most seven days at a time. */
const FILL_LOOKBACK_MS = 7 * 86_400_000;

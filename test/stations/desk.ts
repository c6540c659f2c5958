/**
 * One prediction of a mandate in a real store, with a fake account, a chain that says what the test wants and keeps what
 * it was told, and attesters that all say the same. Time is the venue's.
 */
import { after } from "node:test";
import { Wallet } from "ethers";
import { SqliteStore } from "../../src/adapters/sqlite/store.ts";
import { predictionId } from "../../src/domain/prediction.ts";
import type { Incident, PredictionRecord } from "../../src/domain/records.ts";
import { UnknownOutcome } from "../../src/errors/errors.ts";
import type { AttesterPort, SignedStatement } from "../../src/ports/attester.ts";
import type { PredictionState } from "../../src/ports/chain.ts";
import type { Work } from "../../src/ports/store.ts";
import { predictionById, predictionKey } from "../../src/stations/records.ts";
import { type Deps, type EngineConfig, openIncidents, put } from "../../src/stations/station.ts";
import { deployment, prediction, reveal, riskSpec, word } from "../domain/samples.ts";
import { FakeVenue } from "./fake-venue.ts";

export const ID = predictionId(deployment, prediction);
export const MANDATE = prediction.mandateId;
export const START_MS = Number(prediction.observedAt) * 1000 + 20_000;
const ATTESTERS = 5;
const stores: SqliteStore[] = [];
after(() => {
  for (const store of stores) store.close();
});

export type Told = { call: string; request: Record<string, unknown> };

/** What the chain answers; `told` is what was written to it. `failing` is a call that gets no answer. */
function fakeChain(venue: FakeVenue) {
  const told: Told[] = [];
  const says = {
    state: "Approved" as PredictionState,
    headSeconds: undefined as number | undefined,
    epoch: { epoch: 1n, snapshotAt: prediction.settleBy },
    fund: { sentToVenueE6: 0n, returnedE6: 0n, settledPnlE8: 0n, receivableE8: 0n },
    failing: "",
  };
  const write = (call: string) => async (request: unknown) => {
    if (says.failing === call) throw new UnknownOutcome("test.chain", "the node did not answer");
    told.push({
      call,
      request: typeof request === "object" ? (request as Told["request"]) : { id: request },
    });
  };
  return {
    ...deployment,
    told,
    says,
    head: async () => ({ timestamp: says.headSeconds ?? Math.floor(venue.nowMs / 1000) }),
    stateOf: async () => ({ state: says.state, revoked: false, epoch: says.epoch.epoch }),
    epoch: async () => says.epoch,
    fundFigures: async () => says.fund,
    settle: write("settle"),
    cancel: write("cancel"),
    expire: write("expire"),
    finalize: write("finalize"),
    closeEpoch: write("closeEpoch"),
    lapse: write("lapse"),
  };
}

/** Attesters who sign the same bytes, but for the silent ones. */
function panel(silent: { count: number }): AttesterPort[] {
  return Array.from({ length: ATTESTERS }, (_, at) => {
    const say = async (): Promise<SignedStatement> => {
      if (at < silent.count) throw new UnknownOutcome("http.noAnswer", "no answer");
      const { address } = new Wallet(word(`0${at + 1}`));
      return { signer: address, payload: "0xaa", signature: `sig-${at + 1}`, note: "read" };
    };
    return { name: `attester${at + 1}`, attest: say, witnessSettlement: say, witnessEpoch: say };
  });
}

export async function desk(change: Partial<PredictionRecord> = {}, config: Partial<EngineConfig> = {}) {
  const store = new SqliteStore(":memory:");
  stores.push(store);
  const venue = new FakeVenue(START_MS);
  const chain = fakeChain(venue);
  const silent = { count: 0 };
  let resets = 0;
  const deps = {
    store,
    queue: store,
    venue,
    chain,
    attesters: panel(silent),
    clock: { nowMs: () => venue.nowMs },
    fence: () => 1,
    window: { firstOpenMs: () => 0, reset: () => void resets++ },
    config: {
      symbol: "BTCUSDT",
      market: "weex:BTCUSDT",
      mandateId: MANDATE,
      deployment,
      riskSpec,
      quorum: 3,
      cooldownMs: 0,
      candleDelayMs: 2_000,
      expireGraceSeconds: 150n,
      ...config,
    },
  } as unknown as Deps;
  const record = {
    id: ID,
    market: "weex:BTCUSDT",
    cutoffMs: Number(prediction.observedAt) * 1000,
    phase: "submitted",
    prediction,
    reveal,
    evidence: { candleCount: 1 },
    output: { probUpPpm: 540_000, sigmaPpm: 1_500 },
    ...change,
  } as PredictionRecord;
  const key = predictionKey(MANDATE, prediction.sequence);
  await store.transact([
    put(key.pk, key.sk, record),
    put("predictionId", ID, { mandateId: MANDATE, sequence: prediction.sequence }),
  ]);
  return {
    store,
    venue,
    chain,
    says: chain.says,
    told: chain.told,
    silent,
    deps,
    resets: () => resets,
    record: async () => (await predictionById(store, ID)).value,
    incidents: (): Promise<Incident[]> => openIncidents(deps),
    /** Takes all work off the queue, in the order of the lanes, whenever it is to run. */
    work: async (): Promise<Work[]> => {
      const rows: Work[] = [];
      const next = () => store.claim(Number.MAX_SAFE_INTEGER);
      for (let row = await next(); row; row = await next()) {
        rows.push(row);
        await store.done(row.workId);
      }
      return rows;
    },
  };
}

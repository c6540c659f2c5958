/** What the system needs of the chain. Reads are at a stated block where it matters; writes are recorded intents, sent once. */
import type { Prediction, Reveal } from "../domain/prediction.ts";

export type BlockRef = {
  number: number;
  hash: string;
  parentHash: string;
  timestamp: number;
  logsBloom: string;
};

export type ChainEventName =
  | "Registered"
  | "Ignored"
  | "Approved"
  | "Rejected"
  | "Settled"
  | "Cancelled"
  | "Finalized"
  | "Expired"
  | "Disputed"
  | "Resolved"
  | "Revoked"
  | "EpochClosed"
  | "Distributed"
  | "NewRiskPaused"
  | "NewRiskResumed";

export type ChainEvent = {
  name: ChainEventName;
  /** Prediction id, or the empty string for fund events. */
  id: string;
  blockNumber: number;
  blockHash: string;
  logIndex: number;
  txHash: string;
  timestamp: number;
  args: Record<string, bigint | string | boolean>;
};

export type PredictionState =
  | "None"
  | "Registered"
  | "Ignored"
  | "Approved"
  | "Rejected"
  | "Settled"
  | "Final"
  | "Cancelled"
  | "Expired"
  | "Disputed"
  | "Voided";

export type Preview = { ok: boolean; reasonBits: bigint; text: string };

/** Every write is one intent with a key: asked for twice, sent once, under one nonce. */
export type TxStatus = {
  key: string;
  step: string;
  state: "pending" | "mined" | "reverted";
  txHash: string;
  nonce: number;
  gasUsed?: bigint;
  blockNumber?: number;
};

export type SignedPrediction = { id: string; prediction: Prediction; signature: string };

export interface ChainReader {
  readonly chainId: bigint;
  readonly validator: string;
  head(): Promise<BlockRef>;
  block(number: number): Promise<BlockRef | undefined>;
  /** Events of one block, asked by its hash so that a lagging node errs instead of answering empty. */
  eventsOf(block: BlockRef): Promise<ChainEvent[]>;
  stateOf(id: string): Promise<{
    state: PredictionState;
    revoked: boolean;
    approvedAt: bigint;
    epoch: bigint;
    finalizableAt: bigint;
  }>;
  nextSequence(mandateId: string): Promise<{ sequence: bigint; previousId: string }>;
  preview(prediction: Prediction, reveal: Reveal): Promise<Preview>;
  /** Latest answer of the market's feed. */
  feedPrice(): Promise<{ priceE8: bigint; updatedAt: bigint }>;
  epoch(): Promise<{ epoch: bigint; snapshotAt: bigint }>;
  fundFigures(): Promise<{
    sentToVenueE6: bigint;
    returnedE6: bigint;
    settledPnlE8: bigint;
    receivableE8: bigint;
  }>;
  signerSetEpoch(): Promise<bigint>;
}

export interface ChainPort extends ChainReader {
  attestQuorum(
    request: SignedPrediction & { reveal: Reveal; payload: string; signatures: string[] },
  ): Promise<TxStatus>;
  /** The same under seal: the reveal stays here until the settlement. */
  attestSealed(request: SignedPrediction & { payload: string; signatures: string[] }): Promise<TxStatus>;
  /** Makes a signed prediction known, for transports that carry only the verdict. */
  register(request: SignedPrediction & { reveal: Reveal }): Promise<TxStatus>;
  /** Asks the Functions network about a registered prediction; its answer comes as another's transaction. */
  requestFunctions(request: { id: string; source: string; args: string[] }): Promise<TxStatus>;
  lapse(request: SignedPrediction): Promise<TxStatus>;
  /** Finds the feed rounds that bracket the fills by itself. */
  settle(request: {
    id: string;
    prediction: Prediction;
    reveal: Reveal;
    payload: string;
    signatures: string[];
    entryLastAt: bigint;
    exitLastAt: bigint;
    attempt: number;
  }): Promise<TxStatus>;
  cancel(request: {
    id: string;
    prediction: Prediction;
    payload: string;
    signatures: string[];
    attempt: number;
  }): Promise<TxStatus>;
  /** After settleBy and the mandate's grace: books the declared maximum loss and the penalty. */
  expire(id: string): Promise<TxStatus>;
  finalize(id: string): Promise<TxStatus>;
  closeEpoch(request: { epoch: bigint; payload: string; signatures: string[] }): Promise<TxStatus>;
  /** Reads receipts of what is watched and sends lost bytes again. `head`: if it has just been read. Returns what changed. */
  refresh(head?: BlockRef): Promise<TxStatus[]>;
}

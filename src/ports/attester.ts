/** An independent witness with its own key, venue client and memory. */
import type { EvidenceBundle } from "../domain/evidence.ts";
import type { ModelOutput } from "../domain/output.ts";
import type { Prediction, Reveal } from "../domain/prediction.ts";

/** What is published about a prediction; everything an attester needs besides what it fetches itself. */
export type PublishedPrediction = {
  id: string;
  market: string;
  prediction: Prediction;
  signature: string;
  reveal: Reveal;
  output: ModelOutput;
  /** Perishable inputs as the publisher saw them; candles are not carried, they are fetched. */
  evidence: Omit<EvidenceBundle, "candles">;
};

export type SignedStatement = { signer: string; payload: string; signature: string; note: string };

export interface AttesterPort {
  readonly name: string;
  /** Signs a verdict, yes or no with reason, over the 224-byte payload. */
  attest(published: PublishedPrediction): Promise<SignedStatement>;
  /** Reads the fills of a prediction with a read-only key and signs the 8-word settlement payload (quantity 0: nothing filled). */
  witnessSettlement(published: PublishedPrediction): Promise<SignedStatement>;
  /** Signs the venue's equity at an epoch's snapshot. */
  witnessEpoch(request: { mandateId: string; epoch: bigint; snapshotAt: bigint }): Promise<SignedStatement>;
}

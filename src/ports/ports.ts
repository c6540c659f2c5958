/** Everything a station may use of the outside world. Interfaces only. */
import type { Transport } from "../domain/attestation.ts";
import type { Prediction, Reveal } from "../domain/prediction.ts";
import type { ModelRuntime } from "../models/index.ts";
import type { AttesterPort } from "./attester.ts";
import type { ChainPort } from "./chain.ts";
import type { Queue, Store } from "./store.ts";
import type { VenueData, VenueTrading } from "./venue.ts";

export interface Clock {
  nowMs(): number;
}

export interface Random {
  /** 32 unpredictable bytes (hex) for a purpose; in a seeded run a function of (seed, purpose). */
  bytes32(purpose: string): string;
}

export interface Signer {
  readonly address: string;
  /** Signs the typed struct itself, never a foreign digest. */
  signPrediction(prediction: Prediction): Promise<string>;
}

export interface Sentiment {
  fearGreed(atMs: number): Promise<{ source: string; publishedAtMs: number; valuePpm: number } | null>;
  headlines(atMs: number): Promise<{ source: string; publishedAtMs: number; valuePpm: number } | null>;
}

export interface Notify {
  /** One readable line per station and prediction. */
  line(line: {
    station: string;
    subject: string;
    text: string;
    level?: "info" | "decline" | "warn" | "error";
  }): void;
}

/** Carries verdicts on-chain. One port, several transports. */
export interface AttestationTransport {
  readonly name: Transport;
  /**
   * Brings the prediction before the validator. Idempotent per prediction id.
   * Resolves when a transaction is recorded (not mined); throws `Refused` when the attesters cannot form a quorum.
   */
  submit(request: {
    id: string;
    prediction: Prediction;
    signature: string;
    reveal: Reveal;
  }): Promise<{ summary: string }>;
}

export type Ports = {
  clock: Clock;
  random: Random;
  store: Store;
  queue: Queue;
  signer: Signer;
  chain: ChainPort;
  venue: VenueTrading & VenueData;
  attesters: readonly AttesterPort[];
  transport: AttestationTransport;
  models: ModelRuntime;
  sentiment: Sentiment;
  notify: Notify;
};

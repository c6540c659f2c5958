/**
 * The 224-byte attestation payload: seven words, a deterministic function of the prediction and the verdict,
 * so that every honest attester signs the same bytes. One payload for all transports.
 */
import { AbiCoder, getBytes, keccak256, toUtf8Bytes } from "ethers";
import { DomainError } from "../errors/errors.ts";
import type { Deployment, Prediction } from "./prediction.ts";

export const FLAG = { INPUTS: 1, FEATURES: 2, INFERENCE: 4, SIZING: 8, PRICE: 16, DIRECTION: 32 } as const;
/** What is said of an open prediction; of a sealed one DIRECTION as well. */
export const ALL_FLAGS = 31;
/** The validator's own mark in a record and in a preview: the reveal comes with the settlement. */
export const SEALED_MARK = 64;
/** How a verdict may reach the chain. */
export const TRANSPORTS = ["sealed", "quorum", "functions", "gelato"] as const;
/** Of the two ways of the quorum, one hides the direction until the settlement. */
export const isCarriedByQuorum = (transport: unknown): transport is "sealed" | "quorum" =>
  transport === "sealed" || transport === "quorum";
export type Transport = (typeof TRANSPORTS)[number];

export const VERDICT = { yes: 1, no: 2 } as const;

/** Why an attester says no. The number goes on-chain, the text into its note. */
export const REASON = {
  none: 0,
  badSignature: 1,
  wrongMandate: 2,
  unknownModel: 3,
  unknownRiskSpec: 4,
  stale: 10,
  candlesDiffer: 20,
  fundingDiffers: 21,
  bookDiffers: 22,
  openInterestDiffers: 23,
  sentimentDiffers: 24,
  equityDiffers: 25,
  /** Reserved. Where all parts that are carried agree, a hash that differs is told as candlesDiffer. */
  evidenceHashDiffers: 26,
  featuresRefused: 30,
  outputDiffers: 40,
  decisionDiffers: 50,
  boundsDiffer: 51,
  sealDiffers: 52,
  timesDiffer: 53,
  directionBroken: 54,
  priceOffSecondSource: 60,
} as const;
export type ReasonName = keyof typeof REASON;
export const reasonName = (code: number): string =>
  Object.entries(REASON).find(([, value]) => value === code)?.[0] ?? `reason ${code}`;

export type AttestationPayload = {
  domain: string;
  predictionDigest: string;
  evidenceHash: string;
  referencePriceE8: bigint;
  observedAt: bigint;
  expiresAt: bigint;
  verdict: number;
  reason: number;
  flags: number;
};

const abi = AbiCoder.defaultAbiCoder();
const WORDS = ["bytes32", "bytes32", "bytes32", "int192", "uint64", "uint64", "uint256"];
export const ATTESTATION_BYTES = 224;

const domainOf = (tag: string, deployment: Deployment): string =>
  keccak256(
    abi.encode(
      ["bytes32", "uint256", "uint256", "address"],
      [keccak256(toUtf8Bytes(tag)), 1n, deployment.chainId, deployment.validator],
    ),
  );

export const attestationDomain = (deployment: Deployment): string =>
  domainOf("SaksiAttestationPayload", deployment);
export const settlementDomain = (deployment: Deployment): string =>
  domainOf("SaksiSettlementPayload", deployment);

export function attestationPayload(
  deployment: Deployment,
  id: string,
  prediction: Prediction,
  judgement: { verdict: "yes" | "no"; reason: number; flags: number },
): string {
  const packed =
    BigInt(VERDICT[judgement.verdict]) | (BigInt(judgement.reason) << 8n) | (BigInt(judgement.flags) << 24n);
  return abi.encode(WORDS, [
    attestationDomain(deployment),
    id,
    prediction.evidenceHash,
    prediction.referencePriceE8,
    prediction.observedAt,
    prediction.entryExpiresAt,
    packed,
  ]);
}

export function parseAttestation(payload: string): AttestationPayload {
  if (getBytes(payload).length !== ATTESTATION_BYTES)
    throw new DomainError("attestation.length", `an attestation has ${ATTESTATION_BYTES} bytes`);
  const [domain, predictionDigest, evidenceHash, referencePriceE8, observedAt, expiresAt, packed] =
    abi.decode(WORDS, payload) as unknown as [string, string, string, bigint, bigint, bigint, bigint];
  if (packed >> 32n !== 0n)
    throw new DomainError("attestation.dirtyBits", "unused bits of the last word are set");
  return {
    domain,
    predictionDigest,
    evidenceHash,
    referencePriceE8,
    observedAt,
    expiresAt,
    verdict: Number(packed & 0xffn),
    reason: Number((packed >> 8n) & 0xffffn),
    flags: Number((packed >> 24n) & 0xffn),
  };
}

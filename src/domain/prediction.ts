/**
 * The signed statement. `predictionId` is its EIP-712 digest; the seal hides (or, in open mode, only binds)
 * the direction and the prices. Times are unix seconds, floored once from milliseconds in {@link toUnixSeconds}.
 */
import { AbiCoder, keccak256, TypedDataEncoder, toUtf8Bytes } from "ethers";

export type Side = "LONG" | "SHORT";
export const SIDE_CODE: Record<Side, number> = { LONG: 1, SHORT: 2 };
export const sideOfCode = (code: number): Side => (code === 1 ? "LONG" : "SHORT");

export type Prediction = {
  mandateId: string;
  modelId: string;
  sequence: bigint;
  previousId: string;
  observedAt: bigint;
  entryExpiresAt: bigint;
  horizonAt: bigint;
  settleBy: bigint;
  referencePriceE8: bigint;
  maxNotionalUsdE6: bigint;
  maxLeverageBps: bigint;
  maxLossUsdE6: bigint;
  confidencePpm: bigint;
  riskSpecHash: string;
  evidenceHash: string;
  seal: string;
};

export type Reveal = {
  salt: string;
  side: Side;
  entryLimitE8: bigint;
  stopE8: bigint;
  targetE8: bigint;
  qtyE8: bigint;
  leverageBps: bigint;
};

/** Where a prediction is valid: one validator on one chain. */
export type Deployment = { chainId: bigint; validator: string };

export const ZERO_ID = `0x${"00".repeat(32)}`;

export const PREDICTION_TYPES = {
  Prediction: [
    { name: "mandateId", type: "bytes32" },
    { name: "modelId", type: "bytes32" },
    { name: "sequence", type: "uint64" },
    { name: "previousId", type: "bytes32" },
    { name: "observedAt", type: "uint64" },
    { name: "entryExpiresAt", type: "uint64" },
    { name: "horizonAt", type: "uint64" },
    { name: "settleBy", type: "uint64" },
    { name: "referencePriceE8", type: "uint128" },
    { name: "maxNotionalUsdE6", type: "uint128" },
    { name: "maxLeverageBps", type: "uint32" },
    { name: "maxLossUsdE6", type: "uint128" },
    { name: "confidencePpm", type: "uint32" },
    { name: "riskSpecHash", type: "bytes32" },
    { name: "evidenceHash", type: "bytes32" },
    { name: "seal", type: "bytes32" },
  ],
};

export const predictionDomain = (deployment: Deployment) => ({
  name: "Saksi",
  version: "1",
  chainId: deployment.chainId,
  verifyingContract: deployment.validator,
});

export const predictionId = (deployment: Deployment, prediction: Prediction): string =>
  TypedDataEncoder.hash(predictionDomain(deployment), PREDICTION_TYPES, prediction);

const SEAL_TYPEHASH = keccak256(
  toUtf8Bytes(
    "Seal(uint256 chainId,address validator,bytes32 mandateId,uint64 sequence,bytes32 salt,uint8 side,uint128 entryLimitE8,uint128 stopE8,uint128 targetE8,uint128 qtyE8,uint32 leverageBps)",
  ),
);

export function sealOf(deployment: Deployment, mandateId: string, sequence: bigint, reveal: Reveal): string {
  return keccak256(
    AbiCoder.defaultAbiCoder().encode(
      [
        "bytes32",
        "uint256",
        "address",
        "bytes32",
        "uint64",
        "bytes32",
        "uint8",
        "uint128",
        "uint128",
        "uint128",
        "uint128",
        "uint32",
      ],
      [
        SEAL_TYPEHASH,
        deployment.chainId,
        deployment.validator,
        mandateId,
        sequence,
        reveal.salt,
        SIDE_CODE[reveal.side],
        reveal.entryLimitE8,
        reveal.stopE8,
        reveal.targetE8,
        reveal.qtyE8,
        reveal.leverageBps,
      ],
    ),
  );
}

/** The only place where milliseconds become seconds. */
export const toUnixSeconds = (timeMs: number): bigint => BigInt(Math.floor(timeMs / 1000));

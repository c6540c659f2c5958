/** The published rules by which a size, a stop and a target follow from an output. Its hash is signed in every prediction. */
import { AbiCoder, keccak256, toUtf8Bytes } from "ethers";
import { z } from "zod";

const positive = z.coerce.bigint().positive();

export const RiskSpecSchema = z.strictObject({
  version: z.literal(1),
  /** Smallest confidence of the chosen side that may trade. */
  minConfidencePpm: positive.max(1_000_000n),
  /** Fraction of the Kelly bet taken: 2500 = a quarter. */
  kellyFractionBps: positive.max(10_000n),
  /** Cap on the declared loss of one trade, of equity. */
  riskPerTradeBps: positive.max(10_000n),
  /** Stop and target distances in horizon standard deviations: 15000 = 1.5. */
  stopSigmaBps: positive,
  targetSigmaBps: positive,
  minStopBps: positive,
  maxStopBps: positive,
  /** Entry limit beyond the reference price. */
  entrySlipBps: positive,
  /** Allowance for slippage beyond the stop inside the declared loss. */
  stopSlipBps: positive,
  takerFeePpm: positive,
  maxLeverageBps: positive,
  maxNotionalUsdE6: positive,
  tickE8: positive,
  lotE8: positive,
  minQtyE8: positive,
  horizonSeconds: positive,
  entrySeconds: positive,
  settleSeconds: positive,
});
export type RiskSpec = z.infer<typeof RiskSpecSchema>;

const FIELDS = Object.keys(RiskSpecSchema.shape) as (keyof RiskSpec)[];

export function riskSpecHash(spec: RiskSpec): string {
  const names = keccak256(toUtf8Bytes(`SaksiRiskSpec(${FIELDS.join(",")})`));
  return keccak256(
    AbiCoder.defaultAbiCoder().encode(
      ["bytes32", `uint256[${FIELDS.length}]`],
      [names, FIELDS.map((field) => BigInt(spec[field]))],
    ),
  );
}

/** The published rules by which a size, a stop and a target follow from an output. Its hash is signed in every prediction. */
import { AbiCoder, keccak256, toUtf8Bytes } from "ethers";
import { z } from "zod";

const positive = z.coerce.bigint().positive();
const FULL_BPS = 10_000n;

const RiskSpecFields = z.strictObject({
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
export type RiskSpec = z.infer<typeof RiskSpecFields>;

/** Rules that cannot hold together, each with the field to change: under them no trade is ever possible, or none is meant. */
const CONTRADICTIONS: readonly {
  field: keyof RiskSpec;
  in: (spec: RiskSpec) => boolean;
  says: (spec: RiskSpec) => string;
}[] = [
  {
    field: "minStopBps",
    in: (spec) => spec.minStopBps > spec.maxStopBps,
    says: (spec) =>
      `${spec.minStopBps} is above maxStopBps ${spec.maxStopBps}; the nearest stop cannot lie beyond the farthest`,
  },
  {
    field: "maxStopBps",
    in: (spec) => spec.maxStopBps >= FULL_BPS,
    says: (spec) =>
      `${spec.maxStopBps} would put the stop of a long at or below zero; keep it below ${FULL_BPS}`,
  },
  {
    field: "targetSigmaBps",
    in: (spec) => spec.maxStopBps * spec.targetSigmaBps <= spec.entrySlipBps * spec.stopSigmaBps,
    says: (spec) =>
      `even the farthest target lies within entrySlipBps ${spec.entrySlipBps}; raise it above that, or no entry has a target beyond its limit`,
  },
  {
    field: "entrySeconds",
    in: (spec) => spec.entrySeconds > spec.horizonSeconds,
    says: (spec) =>
      `${spec.entrySeconds} is above horizonSeconds ${spec.horizonSeconds}; an entry expires at its horizon at the latest`,
  },
];

/** A published rule book. Contradictory rules are refused with a sentence, as unknown keys are. */
export const RiskSpecSchema = RiskSpecFields.superRefine((spec, context) => {
  for (const contradiction of CONTRADICTIONS)
    if (contradiction.in(spec))
      context.addIssue({ code: "custom", path: [contradiction.field], message: contradiction.says(spec) });
});

const FIELDS = Object.keys(RiskSpecFields.shape) as (keyof RiskSpec)[];

export function riskSpecHash(spec: RiskSpec): string {
  const names = keccak256(toUtf8Bytes(`SaksiRiskSpec(${FIELDS.join(",")})`));
  return keccak256(
    AbiCoder.defaultAbiCoder().encode(
      ["bytes32", `uint256[${FIELDS.length}]`],
      [names, FIELDS.map((field) => BigInt(spec[field]))],
    ),
  );
}

/**
 * What a deployment is told, as files say it: the flat form of `ignition/parameters/<network>.json`, which Ignition reads
 * as well, and the nested form that a deployment record keeps. Unknown keys are refused.
 */
import { readFileSync } from "node:fs";
import { id } from "ethers";
import { z } from "zod";
import { longestDisputeSeconds } from "../../src/adapters/evm/deploy.ts";
import type {
  CourtParams,
  DeploymentParams,
  GovernanceParams,
  MandateLimits,
} from "../../src/adapters/evm/deployment-params.ts";
import { AddressSchema, Bytes32Schema, MarketSchema } from "../../src/domain/schemas.ts";
import { UsageError } from "../../src/errors/errors.ts";

/** What a file says where a value must be written in before it can be used. */
export const UNSET = "UNSET";
const ZERO_ADDRESS = /^0x0{40}$/;
const MAX_ATTESTERS = 31;
const BPS = 10_000;

/** JSON has no large integers: beyond 2^53 they are decimal texts. */
const amount = z
  .union([z.int().nonnegative(), z.string().regex(/^[0-9]{1,40}$/, "is not a decimal integer")])
  .transform((value) => BigInt(value));
const bps = z.int().min(0).max(BPS);
const count = z.int().nonnegative();
const address = AddressSchema.refine((text) => !ZERO_ADDRESS.test(text), "is the zero address");

const vault = {
  venueDeposit: address,
  venueCapUsdE6: amount,
  residualToleranceE8: amount,
  bondReleaseDelaySeconds: amount,
  silenceSeconds: amount,
  minDepositUsdE6: amount,
  maxDepositUsdE6: amount,
  redeemCapBps: bps,
  minBondBps: bps,
  performanceFeeBps: bps,
  operatorShareBps: bps,
  stakersShareBps: bps,
} satisfies Record<Exclude<keyof DeploymentParams["vault"], "stakers" | "treasury">, z.ZodType>;

const court = {
  bondUsdE6: amount,
  reviewSeconds: amount,
  rulingSeconds: amount,
  reviewerDelaySeconds: amount,
  slashBps: bps,
  attesterMinBondUsdE6: amount,
  attesterUnbondingSeconds: amount,
} satisfies Record<Exclude<keyof CourtParams, "sink">, z.ZodType>;

const governance = {
  saksiHolder: address,
  unbondingSeconds: amount,
  escrowSeconds: amount,
  streamSeconds: amount,
  scoreIntervalSeconds: amount,
  votingDelaySeconds: amount,
  votingPeriodSeconds: amount,
  lateQuorumExtensionSeconds: amount,
  queueWindowSeconds: amount,
  proposalThresholdSaksi: amount,
  quorumPercent: amount,
  quorumFloorSaksi: amount,
  timelockDelaySeconds: amount,
  timelockMaxDelaySeconds: amount,
  executionWindowSeconds: amount,
  placeDelaySeconds: amount,
  placeCapUsdE6: amount,
  placeCapBps: bps,
  bucketCapacityUsdE6: amount,
  bucketWindowSeconds: amount,
} satisfies Record<keyof GovernanceParams, z.ZodType>;

const limits = {
  active: z.boolean(),
  maxNotionalUsdE6: amount,
  maxLossUsdE6: amount,
  lossBudgetUsdE6: amount,
  ratePerDayNotionalUsdE6: amount,
  ratePerDayCount: count,
  maxOpen: count,
  maxLeverageBps: count,
  minConfidencePpm: count,
  maxDrawdownBps: bps,
  minBondBps: bps,
  requiredFlags: count,
  minLevel: count,
  priceBandBps: bps,
  entryBandBps: bps,
  fillBandBps: bps,
  maxAgeSeconds: count,
  feedHeartbeatSeconds: count,
  allocationUsdE6: amount,
  settleGraceSeconds: count,
  disputeWindowSeconds: count,
  expiryPenaltyUsdE6: amount,
} satisfies Record<keyof MandateLimits, z.ZodType>;

/** In the order of the contract's `Limits`, where the feed's address comes between. */
export const LIMIT_FIELDS = Object.keys(limits) as (keyof MandateLimits)[];
export const VAULT_FIELDS = Object.keys(vault) as (keyof typeof vault)[];
const COURT_FIELDS = Object.keys(court);
const GOVERNANCE_FIELDS = Object.keys(governance);

const common = {
  /** The timelock when left out. */
  owner: address.optional(),
  guardian: address,
  executor: address,
  operator: address,
  feeder: address,
  asset: address.optional(),
  attesters: z.array(address).min(1).max(MAX_ATTESTERS),
  threshold: z.int().positive(),
  venueAccountHash: Bytes32Schema,
  epochLengthSeconds: amount,
  policyDelaySeconds: amount,
  loosenDelaySeconds: amount,
  maxPauseSeconds: amount,
  signerDelaySeconds: amount,
  modelActivationDelaySeconds: amount,
  feeReservePpm: count,
};

/** The nested form: what `deploySaksi` takes, with integers or decimal texts for bigints. */
export const DeploymentParamsSchema = z.strictObject({
  ...common,
  firstSnapshotAt: amount,
  vault: z.strictObject({ ...vault, stakers: address.optional(), treasury: address.optional() }),
  markets: z.array(z.strictObject({ market: MarketSchema, limits: z.strictObject(limits) })),
  models: z.array(z.strictObject({ modelId: Bytes32Schema, publisher: address, isPrivate: z.boolean() })),
  mints: z.array(z.strictObject({ to: address, amountUsdE6: amount })).optional(),
  gelatoExecutor: address.optional(),
  functions: z
    .strictObject({
      requester: address,
      router: address.optional(),
      subscriptionId: amount,
      donId: Bytes32Schema,
      callbackGasLimit: count,
      sourceHash: Bytes32Schema,
      timeoutSeconds: amount,
    })
    .optional(),
  court: z.strictObject({ ...court, sink: address.optional() }).optional(),
  governance: z.strictObject(governance).optional(),
});

/** `limit` + `maxLossUsdE6` = `limitMaxLossUsdE6`. */
export const prefixed = (prefix: string, field: string): string =>
  prefix + field.charAt(0).toUpperCase() + field.slice(1);

const flatten = (prefix: string, shape: z.ZodRawShape): z.ZodRawShape =>
  Object.fromEntries(Object.entries(shape).map(([field, schema]) => [prefixed(prefix, field), schema]));

const FlatSchema = z.strictObject({
  ...common,
  /** Unix seconds; left out, it is the first multiple of the epoch's length after the chain's latest block. */
  firstSnapshotAt: amount.optional(),
  market: MarketSchema,
  /** keccak256 of the market's text: what the contracts hold. Ignition cannot compute it. */
  marketHash: Bytes32Schema,
  modelId: Bytes32Schema,
  modelPublisher: address,
  modelIsPrivate: z.boolean(),
  ...flatten("vault", vault),
  ...flatten("limit", limits),
  ...flatten("court", court),
  /** The longest time a dispute can take, which Ignition cannot add up. */
  courtDisputeSeconds: amount,
  ...flatten("governance", governance),
  /** Where the governor will stand: Ignition cannot compute it, `npm run deploy` does. */
  governor: address.optional(),
});
const FileSchema = z.strictObject({ Saksi: z.record(z.string(), z.unknown()) });

/**
 * Reads a parameter file.
 * @param latestBlockAt unix seconds of the chain's latest block, for an epoch grid that the file leaves open.
 * @throws UsageError naming the file and every field that is unset or wrong.
 */
export function readParameters(file: string, latestBlockAt: bigint): DeploymentParams {
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(file, "utf8"));
  } catch (cause) {
    throw new UsageError("parameters.unreadable", `${file} cannot be read as JSON`, { cause });
  }
  return parseParameters(file, json, latestBlockAt);
}

export function parseParameters(file: string, json: unknown, latestBlockAt: bigint): DeploymentParams {
  const { Saksi: values } = parse(FileSchema, file, json);
  const unset = Object.entries(values)
    .filter(([, value]) => value === UNSET || (Array.isArray(value) && value.includes(UNSET)))
    .map(([field]) => field);
  if (unset.length > 0)
    throw new UsageError(
      "parameters.unset",
      `${file} leaves ${unset.join(", ")} unset; write ${unset.length > 1 ? "them" : "it"} in before deploying`,
    );
  const flat = parse(FlatSchema, file, values) as z.infer<typeof FlatSchema> & Record<string, never>;
  if (flat.marketHash !== id(flat.market))
    throw new UsageError(
      "parameters.market",
      `${file}: marketHash is not that of ${flat.market}; write ${id(flat.market)}`,
    );
  const ascending = [...flat.attesters].sort((a, b) => (BigInt(a) < BigInt(b) ? -1 : 1));
  if (flat.attesters.join() !== ascending.join())
    throw new UsageError(
      "parameters.attesters",
      `${file}: attesters must be in ascending order; write ${ascending.join(", ")}`,
    );
  const group = (prefix: string, fields: readonly string[]): Record<string, unknown> =>
    Object.fromEntries(fields.map((field) => [field, flat[prefixed(prefix, field)]]));
  const shared = Object.fromEntries(
    Object.keys(common)
      .map((field) => [field, flat[field]] as const)
      .filter(([, value]) => value !== undefined),
  );
  const epoch = flat.epochLengthSeconds;
  const params = {
    ...shared,
    firstSnapshotAt: flat.firstSnapshotAt ?? (latestBlockAt / epoch + 1n) * epoch,
    vault: group("vault", VAULT_FIELDS),
    markets: [{ market: flat.market, limits: group("limit", LIMIT_FIELDS) }],
    models: [{ modelId: flat.modelId, publisher: flat.modelPublisher, isPrivate: flat.modelIsPrivate }],
    court: group("court", COURT_FIELDS) as unknown as CourtParams,
    governance: group("governance", GOVERNANCE_FIELDS),
  } as unknown as DeploymentParams & { court: CourtParams };
  const disputeSeconds = longestDisputeSeconds(params.court, params.markets);
  if (flat.courtDisputeSeconds !== disputeSeconds)
    throw new UsageError(
      "parameters.dispute",
      `${file}: courtDisputeSeconds is not what a dispute can take; write ${disputeSeconds}`,
    );
  return params;
}

/** @throws UsageError with one clause for each field that does not fit. */
export function parse<T>(schema: z.ZodType<T>, where: string, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const clauses = parsed.error.issues.map(
    ({ path, message }) => `${path.join(".") || "the file"} ${message}`,
  );
  throw new UsageError("file.invalid", `${where}: ${clauses.join("; ")}`);
}

import { AbiCoder, id, keccak256, ZeroAddress } from "ethers";
import type { ContractName } from "./artifacts.ts";
import { deployAllocator, deployGovernance } from "./deploy-governance.ts";
import type { CourtParams, DeploymentParams } from "./deployment-params.ts";
import { Sequence, type SequenceOptions } from "./sequence.ts";

export interface Deployment {
  chainId: bigint;
  addresses: Partial<Record<ContractName, string>> & {
    ModelRegistry: string;
    RiskPolicy: string;
    PredictionValidator: string;
    QuorumAttester: string;
    BondVault: string;
    FundVault: string;
  };
  asset: string;
  feeds: Record<string, string>;
  mandates: Record<string, string>;
}

export interface DeployOptions extends SequenceOptions {
  params: DeploymentParams;
}

/** Flags a transport may claim: everything, or all but INFERENCE and DIRECTION, which need the model and the reveal. */
const ALL_FLAGS = 0x3f;
const WITHOUT_INFERENCE = 0x1b;
/** A flagged result may be disputed for this many windows, see SettlementDesk. */
const FLAGGED_WINDOWS = 3n;

/** The mandate's id, as `PredictionValidator.registerMandate` computes it. */
export function mandateIdOf(venueAccountHash: string, market: string, operator: string): string {
  return keccak256(
    AbiCoder.defaultAbiCoder().encode(
      ["bytes32", "bytes32", "bytes32", "address"],
      [
        id("Mandate(bytes32 venueAccountHash,bytes32 marketHash,address operator)"),
        venueAccountHash,
        id(market),
        operator,
      ],
    ),
  );
}

/**
 * Deploys and wires the whole protocol from one account. Addresses follow from the account and its first nonce.
 * On an account that starts at nonce 0 two runs give the same addresses.
 */
export async function deploySaksi(options: DeployOptions): Promise<Deployment> {
  const { deployer, params: p } = options;
  if (deployer.provider === null) throw new Error("deployment: the deployer needs a provider");
  const from = await deployer.getAddress();
  const { chainId } = await deployer.provider.getNetwork();
  const s = new Sequence(options, from, chainId, await deployer.getNonce());

  const settlementLib = await s.create("SettlementLib", []);
  const asset = p.asset ?? (await s.create("MockUsd", []));
  const feeds: Record<string, string> = {};
  for (const { market } of p.markets)
    feeds[market] = await s.create("VenuePriceFeed", [from, p.feeder, market]);
  const registry = await s.create("ModelRegistry", [from, p.guardian, p.modelActivationDelaySeconds]);
  const policy = await s.create("RiskPolicy", [from, p.guardian, p.loosenDelaySeconds, p.maxPauseSeconds]);
  const validator = await s.create(
    "PredictionValidator",
    [
      from,
      p.guardian,
      registry,
      policy,
      p.firstSnapshotAt,
      p.epochLengthSeconds,
      p.policyDelaySeconds,
      p.feeReservePpm,
    ],
    { SettlementLib: settlementLib },
  );
  const attesters = [...p.attesters].sort((a, b) => (BigInt(a) < BigInt(b) ? -1 : 1));
  const quorum = await s.create("QuorumAttester", [
    from,
    p.guardian,
    validator,
    attesters,
    p.threshold,
    p.signerDelaySeconds,
  ]);
  const mandates = Object.fromEntries(
    p.markets.map(({ market }) => [market, mandateIdOf(p.venueAccountHash, market, p.operator)]),
  );
  const mandateIds = Object.values(mandates);
  const stakers =
    p.governance &&
    (await deployGovernance(s, p.guardian, p.governance, { from, asset, validator, quorum, mandateIds }));
  const owner = named("owner", p.owner ?? stakers?.SaksiTimelock);
  const redeemLib = await s.create("RedeemLib", []);
  const { bondReleaseDelaySeconds, ...rest } = p.vault;
  const terms = {
    ...rest,
    stakers: named("stakers", p.vault.stakers ?? stakers?.FeeForwarder),
    treasury: named("treasury", p.vault.treasury ?? stakers?.SaksiTimelock),
  };
  const bond = await s.create("BondVault", [asset, p.operator, bondReleaseDelaySeconds]);
  const vaultParams = { venueAccountHash: p.venueAccountHash, ...terms };
  const vault = await s.create("FundVault", [from, p.guardian, asset, validator, quorum, bond, vaultParams], {
    RedeemLib: redeemLib,
  });
  const addresses: Deployment["addresses"] = {
    SettlementLib: settlementLib,
    ModelRegistry: registry,
    RiskPolicy: policy,
    PredictionValidator: validator,
    QuorumAttester: quorum,
    ...stakers,
    RedeemLib: redeemLib,
    BondVault: bond,
    FundVault: vault,
  };
  if (p.asset === undefined) addresses.MockUsd = asset;
  await s.call("PredictionValidator", validator, "setExecutor", [p.executor]);
  await s.call("PredictionValidator", validator, "setVault", [vault]);
  await s.call("BondVault", bond, "setVault", [vault]);
  await s.call("RiskPolicy", policy, "setBondSource", [bond]);
  await s.call("QuorumAttester", quorum, "setVault", [vault]);
  await s.call("PredictionValidator", validator, "setAdapter", [quorum, 2, ALL_FLAGS, true]);
  await deployTransports(s, p, from, validator, addresses);

  for (const { market, limits } of p.markets) {
    await s.call("PredictionValidator", validator, "registerMandate", [
      p.venueAccountHash,
      id(market),
      p.operator,
    ]);
    await s.call("RiskPolicy", policy, "openMandate", [mandates[market], { ...limits, feed: feeds[market] }]);
  }
  for (const { modelId, publisher, isPrivate } of p.models) {
    await s.call("ModelRegistry", registry, "proposeModel", [modelId, publisher, isPrivate]);
    if (p.modelActivationDelaySeconds === 0n)
      await s.call("ModelRegistry", registry, "activateModel", [modelId]);
  }
  for (const { to, amountUsdE6 } of p.mints ?? []) await s.call("MockUsd", asset, "mint", [to, amountUsdE6]);
  if (p.court !== undefined) await deployCourt(s, p, p.court, from, asset, addresses);
  if (p.governance && stakers)
    addresses.Allocator = await deployAllocator(s, p, p.governance, {
      from,
      vault,
      validator,
      stake: stakers.StakeVault,
      mandateId: mandateIds[0]!,
    });
  // A contract that only reads the others, such as a lens, is created here: every address is known, nothing moves after it.
  if (owner.toLowerCase() !== from.toLowerCase()) await offerOwnership(s, owner, addresses, feeds);
  await s.settle();
  return { chainId, addresses, asset, feeds, mandates };
}

/** @throws Error for a holder that neither the parameters name nor governance gives. */
function named(role: string, holder: string | undefined): string {
  if (holder === undefined || holder === ZeroAddress)
    throw new Error(`deployment: name the ${role}, or deploy governance`);
  return holder;
}

async function deployTransports(
  s: Sequence,
  p: DeploymentParams,
  from: string,
  validator: string,
  addresses: Deployment["addresses"],
): Promise<void> {
  if (p.gelatoExecutor !== undefined) {
    const gelato = await s.create("GelatoAttester", [from, validator, p.gelatoExecutor]);
    addresses.GelatoAttester = gelato;
    await s.call("PredictionValidator", validator, "setAdapter", [gelato, 1, WITHOUT_INFERENCE, false]);
  }
  if (p.functions === undefined) return;
  const f = p.functions;
  let router = f.router;
  if (router === undefined)
    router = addresses.MockFunctionsRouter = await s.create("MockFunctionsRouter", []);
  const functions = await s.create("FunctionsAttester", [
    from,
    f.requester,
    validator,
    router,
    f.subscriptionId,
    f.donId,
    f.callbackGasLimit,
    f.sourceHash,
    f.timeoutSeconds,
  ]);
  addresses.FunctionsAttester = functions;
  await s.call("PredictionValidator", validator, "setAdapter", [functions, 3, WITHOUT_INFERENCE, false]);
}

/** From the settlement of a flagged result to the last word about it. */
export function longestDisputeSeconds(
  { reviewSeconds, rulingSeconds }: Pick<CourtParams, "reviewSeconds" | "rulingSeconds">,
  markets: DeploymentParams["markets"],
): bigint {
  const windows = markets.map(({ limits }) => BigInt(limits.disputeWindowSeconds) * FLAGGED_WINDOWS);
  return reviewSeconds + rulingSeconds + windows.reduce((longest, w) => (w > longest ? w : longest), 0n);
}

/** After everything else, so that a world without a court has the same addresses. */
async function deployCourt(
  s: Sequence,
  p: DeploymentParams,
  c: CourtParams,
  from: string,
  asset: string,
  addresses: Deployment["addresses"],
): Promise<void> {
  const { PredictionValidator: validator, QuorumAttester: quorum, StakeVault: stake } = addresses;
  const sink = named("sink", c.sink ?? addresses.SaksiTimelock);
  const court = await s.create("DisputeCourt", [
    from,
    asset,
    validator,
    sink,
    c.bondUsdE6,
    c.reviewSeconds,
    c.rulingSeconds,
    c.reviewerDelaySeconds,
    c.slashBps,
  ]);
  const bonds = await s.create("AttesterBonds", [
    asset,
    validator,
    quorum,
    sink,
    c.attesterMinBondUsdE6,
    c.attesterUnbondingSeconds,
    longestDisputeSeconds(c, p.markets),
  ]);
  await s.call("PredictionValidator", validator, "scheduleCourt", [court]);
  await s.call("PredictionValidator", validator, "applyCourt", []);
  await s.call("QuorumAttester", quorum, "setBonds", [bonds]);
  if (stake !== undefined) {
    await s.call("StakeVault", stake, "scheduleCourt", [court]);
    // slashed stake goes to the treasury, from which stakers compensate depositors
    await s.call("DisputeCourt", court, "setStake", [stake, addresses.SaksiTimelock]);
  }
  addresses.DisputeCourt = court;
  addresses.AttesterBonds = bonds;
}

async function offerOwnership(
  s: Sequence,
  owner: string,
  addresses: Deployment["addresses"],
  feeds: Record<string, string>,
): Promise<void> {
  const owned: ContractName[] = [
    "ModelRegistry",
    "RiskPolicy",
    "PredictionValidator",
    "QuorumAttester",
    "FundVault",
    "GelatoAttester",
    "FunctionsAttester",
    "DisputeCourt",
    "StakeVault",
    "Allocator",
  ];
  for (const name of owned) {
    const address = addresses[name];
    if (address !== undefined) await s.call(name, address, "transferOwnership", [owner]);
  }
  for (const feed of Object.values(feeds)) await s.call("VenuePriceFeed", feed, "transferOwnership", [owner]);
}

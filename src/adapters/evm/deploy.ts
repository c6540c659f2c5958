import { AbiCoder, id, keccak256, ZeroAddress } from "ethers";
import type { ContractName } from "./artifacts.ts";
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
  const redeemLib = await s.create("RedeemLib", []);
  const { bondReleaseDelaySeconds, ...terms } = p.vault;
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

  const mandates: Record<string, string> = {};
  for (const { market, limits } of p.markets) {
    const mandateId = mandateIdOf(p.venueAccountHash, market, p.operator);
    mandates[market] = mandateId;
    await s.call("PredictionValidator", validator, "registerMandate", [
      p.venueAccountHash,
      id(market),
      p.operator,
    ]);
    await s.call("RiskPolicy", policy, "openMandate", [mandateId, { ...limits, feed: feeds[market] }]);
  }
  for (const { modelId, publisher, isPrivate } of p.models) {
    await s.call("ModelRegistry", registry, "proposeModel", [modelId, publisher, isPrivate]);
    if (p.modelActivationDelaySeconds === 0n)
      await s.call("ModelRegistry", registry, "activateModel", [modelId]);
  }
  for (const { to, amountUsdE6 } of p.mints ?? []) await s.call("MockUsd", asset, "mint", [to, amountUsdE6]);
  if (p.court !== undefined) await deployCourt(s, p, p.court, from, asset, addresses);
  if (p.owner.toLowerCase() !== from.toLowerCase()) await offerOwnership(s, p.owner, addresses, feeds);
  await s.settle();
  return { chainId, addresses, asset, feeds, mandates };
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

/** After everything else, so that a world without a court has the same addresses. */
async function deployCourt(
  s: Sequence,
  p: DeploymentParams,
  c: CourtParams,
  from: string,
  asset: string,
  addresses: Deployment["addresses"],
): Promise<void> {
  const { PredictionValidator: validator, QuorumAttester: quorum } = addresses;
  const court = await s.create("DisputeCourt", [
    from,
    asset,
    validator,
    c.sink,
    c.bondUsdE6,
    c.reviewSeconds,
    c.rulingSeconds,
    c.reviewerDelaySeconds,
    c.slashBps,
  ]);
  const windows = p.markets.map(({ limits }) => BigInt(limits.disputeWindowSeconds) * FLAGGED_WINDOWS);
  const disputeSeconds =
    c.reviewSeconds + c.rulingSeconds + windows.reduce((longest, w) => (w > longest ? w : longest), 0n);
  const bonds = await s.create("AttesterBonds", [
    asset,
    validator,
    quorum,
    c.sink,
    c.attesterMinBondUsdE6,
    c.attesterUnbondingSeconds,
    disputeSeconds,
  ]);
  await s.call("PredictionValidator", validator, "scheduleCourt", [court]);
  await s.call("PredictionValidator", validator, "applyCourt", []);
  await s.call("QuorumAttester", quorum, "setBonds", [bonds]);
  addresses.DisputeCourt = court;
  addresses.AttesterBonds = bonds;
}

async function offerOwnership(
  s: Sequence,
  owner: string,
  addresses: Deployment["addresses"],
  feeds: Record<string, string>,
): Promise<void> {
  if (owner === ZeroAddress) throw new Error("deployment: the owner may not be the zero address");
  const owned: ContractName[] = [
    "ModelRegistry",
    "RiskPolicy",
    "PredictionValidator",
    "QuorumAttester",
    "FundVault",
    "GelatoAttester",
    "FunctionsAttester",
    "DisputeCourt",
  ];
  for (const name of owned) {
    const address = addresses[name];
    if (address !== undefined) await s.call(name, address, "transferOwnership", [owner]);
  }
  for (const feed of Object.values(feeds)) await s.call("VenuePriceFeed", feed, "transferOwnership", [owner]);
}

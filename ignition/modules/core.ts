/** Everything but vendors' transports, in the order of docs/contracts.md, with the parameters of `ignition/parameters/<network>.json`. */
import type { buildModule } from "@nomicfoundation/hardhat-ignition/modules";
import { LIMIT_FIELDS, prefixed, VAULT_FIELDS } from "../../scripts/deployment/parameters.ts";

type Builder = Parameters<Parameters<typeof buildModule>[1]>[0];
type Argument = NonNullable<Parameters<Builder["call"]>[2]>[number];
type Target = Parameters<Builder["call"]>[0];
type Step = NonNullable<NonNullable<Parameters<Builder["call"]>[3]>["after"]>[number];

/** Flags the quorum may claim: all of them. */
const ALL_FLAGS = 0x3f;
const QUORUM_LEVEL = 2;
/** The one of the fund's parameters that is its bond's. */
const BOND_FIELD = "bondReleaseDelaySeconds";

/** In the order of the governor's `GovernorParams`. */
const GOVERNOR_FIELDS = [
  "votingDelaySeconds",
  "votingPeriodSeconds",
  "lateQuorumExtensionSeconds",
  "queueWindowSeconds",
  "proposalThresholdSaksi",
  "quorumPercent",
  "quorumFloorSaksi",
];
/** Transactions before the governor's creation; the module with a mock asset sends one more. */
export const BEFORE_GOVERNOR = 11;

/**
 * @param asset the fund's asset: a parameter, or a contract deployed before.
 * @param owner of all contracts; the timelock when left out.
 */
export function saksi(m: Builder, asset: Argument, owner?: Argument) {
  const deployer = m.getAccount(0);
  const value = (name: string) => m.getParameter(name);
  const guardian = value("guardian");
  // Ignition sends what does not depend on each other in an order of its own; here each step waits for the one before.
  let last: Step[] = [];
  const inOrder = <T extends Step>(step: T): T => {
    last = [step];
    return step;
  };
  const contract = (name: string, args: Argument[], libraries = {}) =>
    inOrder(m.contract(name, args, { after: last, libraries }));
  const call = (to: Target, method: string, args: Argument[], id?: string) =>
    inOrder(m.call(to, method, args, { after: last, ...(id === undefined ? {} : { id }) }));

  const SettlementLib = inOrder(m.library("SettlementLib"));
  const feed = contract("VenuePriceFeed", [deployer, value("feeder"), value("market")]);
  const registry = contract("ModelRegistry", [deployer, guardian, value("modelActivationDelaySeconds")]);
  const policy = contract("RiskPolicy", [
    deployer,
    guardian,
    value("loosenDelaySeconds"),
    value("maxPauseSeconds"),
  ]);
  const validator = contract(
    "PredictionValidator",
    [
      deployer,
      guardian,
      registry,
      policy,
      value("firstSnapshotAt"),
      value("epochLengthSeconds"),
      value("policyDelaySeconds"),
      value("feeReservePpm"),
    ],
    { SettlementLib },
  );
  const quorum = contract("QuorumAttester", [
    deployer,
    guardian,
    validator,
    value("attesters"),
    value("threshold"),
    value("signerDelaySeconds"),
  ]);
  const venueAccountHash = value("venueAccountHash");
  const governance = (field: string) => value(prefixed("governance", field));
  const court = (field: string) => value(prefixed("court", field));
  const operator = value("operator");
  const group = (prefix: string, fields: readonly string[]) =>
    Object.fromEntries(fields.map((field) => [field, value(prefixed(prefix, field))]));
  const registered = call(validator, "registerMandate", [venueAccountHash, value("marketHash"), operator]);
  const mandateId = m.readEventArgument(registered, "MandateRegistered", "mandateId", {
    emitter: validator,
  });

  const token = contract("SaksiToken", [governance("saksiHolder")]);
  const stake = contract("StakeVault", [
    deployer,
    guardian,
    token,
    asset,
    ...["unbondingSeconds", "escrowSeconds", "streamSeconds", "scoreIntervalSeconds"].map(governance),
  ]);
  const governorAddress = value("governor");
  const timelock = contract("SaksiTimelock", [
    ...["timelockDelaySeconds", "timelockMaxDelaySeconds", "executionWindowSeconds"].map(governance),
    governorAddress,
  ]);
  const proposals = contract("SaksiProposals", [governorAddress, validator, quorum, stake, asset]);
  const governor = contract("SaksiGovernor", [
    stake,
    timelock,
    proposals,
    guardian,
    Object.fromEntries(GOVERNOR_FIELDS.map((field) => [field, governance(field)])),
  ]);
  const forwarder = contract("FeeForwarder", [stake, asset, mandateId]);
  call(stake, "listMandate", [mandateId]);

  const RedeemLib = inOrder(m.library("RedeemLib", { after: last }));
  const releaseDelay = value(prefixed("vault", BOND_FIELD));
  const bond = contract("BondVault", [asset, operator, releaseDelay]);
  const vaultTerms = VAULT_FIELDS.filter((field) => field !== BOND_FIELD);
  const vaultParams = {
    venueAccountHash,
    stakers: forwarder,
    treasury: timelock,
    ...group("vault", vaultTerms),
  };
  const vault = contract("FundVault", [deployer, guardian, asset, validator, quorum, bond, vaultParams], {
    RedeemLib,
  });

  call(validator, "setExecutor", [value("executor")]);
  call(validator, "setVault", [vault]);
  call(bond, "setVault", [vault], "bond_setVault");
  call(policy, "setBondSource", [bond]);
  call(quorum, "setVault", [vault]);
  call(validator, "setAdapter", [quorum, QUORUM_LEVEL, ALL_FLAGS, true]);
  call(policy, "openMandate", [mandateId, { ...group("limit", LIMIT_FIELDS), feed }]);
  call(registry, "proposeModel", [value("modelId"), value("modelPublisher"), value("modelIsPrivate")]);

  const disputes = contract("DisputeCourt", [
    deployer,
    asset,
    validator,
    timelock,
    ...["bondUsdE6", "reviewSeconds", "rulingSeconds", "reviewerDelaySeconds", "slashBps"].map(court),
  ]);
  const attesterBonds = contract("AttesterBonds", [
    asset,
    validator,
    quorum,
    timelock,
    ...["attesterMinBondUsdE6", "attesterUnbondingSeconds", "disputeSeconds"].map(court),
  ]);
  call(validator, "scheduleCourt", [disputes]);
  call(validator, "applyCourt", []);
  call(quorum, "setBonds", [attesterBonds]);
  call(stake, "scheduleCourt", [disputes], "stake_scheduleCourt");
  call(disputes, "setStake", [stake, timelock]);

  const allocator = contract("Allocator", [
    deployer,
    guardian,
    vault,
    validator,
    stake,
    ...["placeDelaySeconds", "bucketCapacityUsdE6", "bucketWindowSeconds"].map(governance),
  ]);
  const venueDeposit = value(prefixed("vault", "venueDeposit"));
  const caps = ["placeCapUsdE6", "placeCapBps"].map(governance);
  call(allocator, "schedulePlace", [mandateId, venueDeposit, ...caps]);
  call(vault, "setAllocator", [allocator]);
  // A contract that only reads the others, such as a lens, is created here.

  // An offer; the owner accepts it. Where the owner is the deployer it changes nothing.
  const all = { registry, policy, validator, quorum, vault, feed, disputes, stake, allocator };
  for (const [name, owned] of Object.entries(all))
    call(owned, "transferOwnership", [owner ?? timelock], `offer_${name}`);
  const others = {
    SettlementLib,
    RedeemLib,
    token,
    timelock,
    proposals,
    governor,
    forwarder,
    bond,
    attesterBonds,
  };
  return { ...all, ...others };
}

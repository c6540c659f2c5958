/** The core contracts in the order of docs/contracts.md, with the parameters of `ignition/parameters/<network>.json`. */
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

/** @param asset the fund's asset: a parameter, or a contract deployed before. */
export function saksi(m: Builder, asset: Argument) {
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
  const operator = value("operator");
  const group = (prefix: string, fields: readonly string[]) =>
    Object.fromEntries(fields.map((field) => [field, value(prefixed(prefix, field))]));
  const RedeemLib = inOrder(m.library("RedeemLib", { after: last }));
  const releaseDelay = value(prefixed("vault", BOND_FIELD));
  const bond = contract("BondVault", [asset, operator, releaseDelay]);
  const vaultTerms = VAULT_FIELDS.filter((field) => field !== BOND_FIELD);
  const vaultParams = { venueAccountHash, ...group("vault", vaultTerms) };
  const vault = contract("FundVault", [deployer, guardian, asset, validator, quorum, bond, vaultParams], {
    RedeemLib,
  });

  call(validator, "setExecutor", [value("executor")]);
  call(validator, "setVault", [vault]);
  call(bond, "setVault", [vault], "bond_setVault");
  call(policy, "setBondSource", [bond]);
  call(quorum, "setVault", [vault]);
  call(validator, "setAdapter", [quorum, QUORUM_LEVEL, ALL_FLAGS, true]);
  const registered = call(validator, "registerMandate", [venueAccountHash, value("marketHash"), operator]);
  const mandateId = m.readEventArgument(registered, "MandateRegistered", "mandateId", {
    emitter: validator,
  });
  call(policy, "openMandate", [mandateId, { ...group("limit", LIMIT_FIELDS), feed }]);
  call(registry, "proposeModel", [value("modelId"), value("modelPublisher"), value("modelIsPrivate")]);
  // An offer; the owner accepts it. Where the owner is the deployer it changes nothing.
  for (const [name, owned] of Object.entries({ registry, policy, validator, quorum, vault, feed }))
    call(owned, "transferOwnership", [value("owner")], `offer_${name}`);
  return { SettlementLib, RedeemLib, feed, registry, policy, validator, quorum, bond, vault };
}

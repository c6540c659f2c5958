/** What each contract must answer if it stands as its record says: every parameter and every role, read by getter. */
import { getAddress, id, ZeroAddress } from "ethers";
import { GOVERNANCE } from "./expectations-governance.ts";
import {
  addressIn as at,
  type DeploymentRecord,
  type RecordedContract,
  type RecordedRole,
  recorded,
} from "./record.ts";

export type Value = string | bigint | boolean;
export type Expectation = {
  contract: string;
  address: string;
  getter: string;
  args: Value[];
  /** The field of a returned struct or tuple. */
  field?: string;
  expected: Value;
};

/** Flags a transport may claim: everything, or all but INFERENCE and DIRECTION. */
const ALL_FLAGS = 63n;
const WITHOUT_INFERENCE = 27n;
const ADAPTERS: Record<string, { level: bigint; flagsMask: bigint; maySettle: boolean }> = {
  QuorumAttester: { level: 2n, flagsMask: ALL_FLAGS, maySettle: true },
  GelatoAttester: { level: 1n, flagsMask: WITHOUT_INFERENCE, maySettle: false },
  FunctionsAttester: { level: 3n, flagsMask: WITHOUT_INFERENCE, maySettle: false },
};
const ACTIVE_MODEL = 2n;

/** Who holds what, by contract; the owner comes from every contract that has one. */
export function rolesOf(record: DeploymentRecord): RecordedRole[] {
  const p = record.parameters;
  const timelock = at(record, "SaksiTimelock");
  const owner = p.owner ?? timelock;
  const guarded = { owner, guardian: p.guardian };
  const holders: Record<string, Record<string, string>> = {
    ModelRegistry: guarded,
    RiskPolicy: guarded,
    PredictionValidator: { ...guarded, executor: p.executor },
    QuorumAttester: guarded,
    FundVault: {
      ...guarded,
      venueDeposit: p.vault.venueDeposit,
      stakers: p.vault.stakers ?? at(record, "FeeForwarder"),
      treasury: p.vault.treasury ?? timelock,
      allocator: at(record, "Allocator"),
    },
    BondVault: { operator: p.operator },
    VenuePriceFeed: { owner, feeder: p.feeder },
    DisputeCourt: { owner },
    GelatoAttester: { owner, executor: p.gelatoExecutor ?? ZeroAddress },
    FunctionsAttester: { owner, requester: p.functions?.requester ?? ZeroAddress },
    StakeVault: { ...guarded, court: at(record, "DisputeCourt"), scorer: ZeroAddress },
    SaksiGovernor: { proposalGuardian: p.guardian },
    Allocator: guarded,
  };
  return record.contracts.flatMap(({ contract, address }) =>
    Object.entries(holders[contract] ?? {}).map(([role, holder]) => ({
      contract,
      address,
      role,
      holder: getAddress(holder),
    })),
  );
}

/** Everything a record says, as one list of reads. */
export function expectationsOf(record: DeploymentRecord): Expectation[] {
  const all = record.roles.map(
    ({ contract, address, role, holder }): Expectation => ({
      contract,
      address,
      getter: role,
      args: [],
      expected: holder,
    }),
  );
  for (const one of record.contracts) {
    const build = OF[one.contract];
    if (build === undefined) continue;
    const expect: Expect = (getter, expected, args = [], field) =>
      void all.push({
        contract: one.contract,
        address: one.address,
        getter,
        args,
        expected,
        ...(field === undefined ? {} : { field }),
      });
    build(expect, record, one);
  }
  return all;
}

export type Expect = (getter: string, expected: Value, args?: Value[], field?: string) => void;
export type Build = (expect: Expect, record: DeploymentRecord, contract: RecordedContract) => void;

const sinkOf = (record: DeploymentRecord, { sink }: { sink?: string }): string =>
  sink ?? at(record, "SaksiTimelock");

const OF: Record<string, Build> = {
  ...GOVERNANCE,
  ModelRegistry(expect, { parameters: p }) {
    expect("activationDelaySeconds", p.modelActivationDelaySeconds);
    expect("modelCount", BigInt(p.models.length));
    for (const [index, { modelId, publisher, isPrivate }] of p.models.entries()) {
      expect("modelAt", modelId, [BigInt(index)]);
      expect("model", publisher, [modelId], "publisher");
      expect("model", isPrivate, [modelId], "isPrivate");
      if (p.modelActivationDelaySeconds === 0n) expect("model", ACTIVE_MODEL, [modelId], "status");
    }
  },
  RiskPolicy(expect, record) {
    const p = record.parameters;
    expect("loosenDelaySeconds", p.loosenDelaySeconds);
    expect("maxPauseSeconds", p.maxPauseSeconds);
    expect("bondSource", at(record, "BondVault"));
    for (const { market, limits } of p.markets) {
      const mandate = record.mandates[market]!;
      expect("limits", record.feeds[market]!, [mandate], "feed");
      for (const [field, value] of Object.entries(limits))
        expect("limits", typeof value === "number" ? BigInt(value) : value, [mandate], field);
    }
  },
  PredictionValidator(expect, record) {
    const p = record.parameters;
    expect("registry", at(record, "ModelRegistry"));
    expect("policy", at(record, "RiskPolicy"));
    expect("vault", at(record, "FundVault"));
    expect("court", at(record, "DisputeCourt"));
    expect("policyDelaySeconds", p.policyDelaySeconds);
    expect("feeReservePpm", BigInt(p.feeReservePpm));
    for (const [contract, adapter] of Object.entries(ADAPTERS)) {
      const one = recorded(record, contract);
      if (one === undefined) continue;
      for (const [field, value] of Object.entries(adapter)) expect("adapter", value, [one.address], field);
    }
    expect("mandateCount", BigInt(p.markets.length));
    for (const [index, { market }] of p.markets.entries()) {
      const mandate = record.mandates[market]!;
      expect("mandateAt", mandate, [BigInt(index + 1)]);
      expect("mandate", p.operator, [mandate], "operator");
      expect("mandate", p.venueAccountHash, [mandate], "venueAccountHash");
      expect("mandate", id(market), [mandate], "marketHash");
    }
  },
  QuorumAttester(expect, record) {
    const p = record.parameters;
    expect("validator", at(record, "PredictionValidator"));
    expect("vault", at(record, "FundVault"));
    expect("bonds", at(record, "AttesterBonds"));
    expect("threshold", BigInt(p.threshold));
    expect("signerDelaySeconds", p.signerDelaySeconds);
    expect("signerCount", BigInt(p.attesters.length));
    for (const attester of p.attesters) expect("isSigner", true, [attester]);
  },
  FundVault(expect, record) {
    const { vault: v, venueAccountHash } = record.parameters;
    expect("asset", record.asset);
    expect("validator", at(record, "PredictionValidator"));
    expect("attester", at(record, "QuorumAttester"));
    expect("venueAccountHash", venueAccountHash);
    expect("bond", at(record, "BondVault"));
    expect("operator", record.parameters.operator);
    for (const field of ["minDepositUsdE6", "maxDepositUsdE6", "redeemCapBps"] as const)
      expect("depositTerms", BigInt(v[field]), [], field);
    for (const field of [
      "venueCapUsdE6",
      "residualToleranceE8",
      "silenceSeconds",
      "minBondBps",
      "performanceFeeBps",
      "operatorShareBps",
      "stakersShareBps",
    ] as const)
      expect(field, BigInt(v[field]));
  },
  BondVault(expect, record) {
    expect("asset", record.asset);
    expect("vault", at(record, "FundVault"));
    expect("releaseDelaySeconds", record.parameters.vault.bondReleaseDelaySeconds);
  },
  VenuePriceFeed(expect, record, { address }) {
    const market = Object.entries(record.feeds).find(
      ([, feed]) => getAddress(feed) === getAddress(address),
    )?.[0];
    expect("description", market ?? "");
    expect("decimals", 8n);
  },
  GelatoAttester(expect, record) {
    expect("sink", at(record, "PredictionValidator"));
  },
  DisputeCourt(expect, record) {
    const c = record.parameters.court;
    if (c === undefined) return;
    expect("asset", record.asset);
    expect("validator", at(record, "PredictionValidator"));
    expect("sink", sinkOf(record, c));
    expect("bondUsdE6", c.bondUsdE6);
    expect("reviewSeconds", c.reviewSeconds);
    expect("rulingSeconds", c.rulingSeconds);
    expect("disputeSeconds", c.reviewSeconds + c.rulingSeconds);
    expect("reviewerDelaySeconds", c.reviewerDelaySeconds);
    expect("slashBps", BigInt(c.slashBps));
    expect("stake", at(record, "StakeVault"));
    expect("slashRecipient", at(record, "SaksiTimelock"));
  },
  AttesterBonds(expect, record) {
    const c = record.parameters.court;
    if (c === undefined) return;
    expect("asset", record.asset);
    expect("validator", at(record, "PredictionValidator"));
    expect("quorum", at(record, "QuorumAttester"));
    expect("sink", sinkOf(record, c));
    expect("minBondUsdE6", c.attesterMinBondUsdE6);
    expect("unbondingSeconds", c.attesterUnbondingSeconds);
  },
  FunctionsAttester(expect, record) {
    const f = record.parameters.functions;
    if (f === undefined) return;
    expect("sink", at(record, "PredictionValidator"));
    expect("router", f.router ?? at(record, "MockFunctionsRouter"));
    expect("subscriptionId", f.subscriptionId);
    expect("donId", f.donId);
    expect("callbackGasLimit", BigInt(f.callbackGasLimit));
    expect("sourceHash", f.sourceHash);
    expect("timeoutSeconds", f.timeoutSeconds);
  },
};

/** Contracts that the list above knows; another one in a record is reported as unread. */
export const READ_CONTRACTS = new Set([
  ...Object.keys(OF),
  // code without parameters
  "SettlementLib",
  "RedeemLib",
  "SaksiToken",
  "MockUsd",
  "MockFunctionsRouter",
]);

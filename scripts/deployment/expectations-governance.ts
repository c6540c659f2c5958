/** The same for the contracts of stakers and governance. Their timings have to be in force, and nobody else may hold the timelock's roles. */
import { id, ZeroAddress, ZeroHash } from "ethers";
import type { Build } from "./expectations.ts";
import { addressIn as at } from "./record.ts";

const PROPOSER = id("PROPOSER_ROLE");
const CANCELLER = id("CANCELLER_ROLE");
const EXECUTOR = id("EXECUTOR_ROLE");
const ADMIN = ZeroHash;

export const GOVERNANCE: Record<string, Build> = {
  StakeVault(expect, record) {
    const g = record.parameters.governance;
    if (g === undefined) return;
    expect("saksi", at(record, "SaksiToken"));
    expect("asset", record.asset);
    expect("unbondingSeconds", g.unbondingSeconds);
    expect("escrowSeconds", g.escrowSeconds);
    expect("streamSeconds", g.streamSeconds);
    expect("scoreIntervalSeconds", g.scoreIntervalSeconds);
    const mandates = record.parameters.markets.map(({ market }) => record.mandates[market]!);
    expect("mandateCount", BigInt(mandates.length));
    for (const [index, mandate] of mandates.entries()) expect("mandateAt", mandate, [BigInt(index)]);
  },
  FeeForwarder(expect, record) {
    expect("stakeVault", at(record, "StakeVault"));
    expect("asset", record.asset);
    expect("mandateId", firstMandate(record));
  },
  SaksiTimelock(expect, record) {
    const g = record.parameters.governance;
    if (g === undefined) return;
    expect("getMinDelay", g.timelockDelaySeconds);
    expect("maxDelaySeconds", g.timelockMaxDelaySeconds);
    expect("executionWindowSeconds", g.executionWindowSeconds);
    const governor = at(record, "SaksiGovernor");
    expect("hasRole", true, [PROPOSER, governor]);
    expect("hasRole", true, [CANCELLER, governor]);
    expect("hasRole", true, [EXECUTOR, ZeroAddress]);
    expect("hasRole", true, [ADMIN, at(record, "SaksiTimelock")]);
    for (const role of [PROPOSER, CANCELLER, ADMIN]) expect("hasRole", false, [role, record.deployer]);
  },
  SaksiProposals(expect, record) {
    expect("governor", at(record, "SaksiGovernor"));
    expect("validator", at(record, "PredictionValidator"));
    expect("quorumAttester", at(record, "QuorumAttester"));
    expect("stakeVault", at(record, "StakeVault"));
    expect("treasuryAsset", record.asset);
  },
  SaksiGovernor(expect, record) {
    const g = record.parameters.governance;
    if (g === undefined) return;
    expect("token", at(record, "StakeVault"));
    expect("timelock", at(record, "SaksiTimelock"));
    expect("proposals", at(record, "SaksiProposals"));
    expect("votingDelay", g.votingDelaySeconds);
    expect("votingPeriod", g.votingPeriodSeconds);
    expect("lateQuorumVoteExtension", g.lateQuorumExtensionSeconds);
    expect("queueWindowSeconds", g.queueWindowSeconds);
    expect("proposalThreshold", g.proposalThresholdSaksi);
    expect("quorumNumerator()", g.quorumPercent);
    expect("quorumFloorSaksi", g.quorumFloorSaksi);
  },
  Allocator(expect, record) {
    const g = record.parameters.governance;
    if (g === undefined) return;
    const mandate = firstMandate(record);
    expect("vault", at(record, "FundVault"));
    expect("validator", at(record, "PredictionValidator"));
    expect("signals", at(record, "StakeVault"));
    expect("placeDelaySeconds", g.placeDelaySeconds);
    expect("bucketCapacityUsdE6", g.bucketCapacityUsdE6);
    expect("bucketWindowSeconds", g.bucketWindowSeconds);
    expect("mandateIds", `[${mandate}]`);
    expect("place", record.parameters.vault.venueDeposit, [mandate], "venueDeposit");
    expect("place", g.placeCapUsdE6, [mandate], "capUsdE6");
    expect("place", BigInt(g.placeCapBps), [mandate], "capBps");
    expect("place", false, [mandate], "removed");
  },
};

/** The one whose stakers get the fee and whose address gets the cash. */
const firstMandate = ({ parameters, mandates }: Parameters<Build>[1]): string =>
  mandates[parameters.markets[0]!.market]!;

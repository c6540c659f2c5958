/** Stakers and what they govern: the token, the stake, its votes over everything, and the way of the fund's cash. */
import type { DeploymentParams, GovernanceParams } from "./deployment-params.ts";
import type { Sequence } from "./sequence.ts";

type Core = { from: string; asset: string; validator: string; quorum: string; mandateIds: string[] };

/** Before the fund, which is told its stakers and its treasury once. Times in seconds. */
export async function deployGovernance(s: Sequence, guardian: string, g: GovernanceParams, core: Core) {
  const { from, asset, validator, quorum, mandateIds } = core;
  const token = await s.create("SaksiToken", [g.saksiHolder]);
  const stake = await s.create("StakeVault", [
    from,
    guardian,
    token,
    asset,
    g.unbondingSeconds,
    g.escrowSeconds,
    g.streamSeconds,
    g.scoreIntervalSeconds,
  ]);
  // timelock, forms and governor know each other: the governor comes after the two
  const governorAddress = s.addressAfter(2);
  const timelock = await s.create("SaksiTimelock", [
    g.timelockDelaySeconds,
    g.timelockMaxDelaySeconds,
    g.executionWindowSeconds,
    governorAddress,
  ]);
  const proposals = await s.create("SaksiProposals", [governorAddress, validator, quorum, stake, asset]);
  const governor = await s.create("SaksiGovernor", [
    stake,
    timelock,
    proposals,
    guardian,
    {
      votingDelaySeconds: g.votingDelaySeconds,
      votingPeriodSeconds: g.votingPeriodSeconds,
      lateQuorumExtensionSeconds: g.lateQuorumExtensionSeconds,
      queueWindowSeconds: g.queueWindowSeconds,
      proposalThresholdSaksi: g.proposalThresholdSaksi,
      quorumPercent: g.quorumPercent,
      quorumFloorSaksi: g.quorumFloorSaksi,
    },
  ]);
  const forwarder = await s.create("FeeForwarder", [stake, asset, mandateIds[0]]);
  for (const mandateId of mandateIds) await s.call("StakeVault", stake, "listMandate", [mandateId]);
  return {
    SaksiToken: token,
    StakeVault: stake,
    SaksiTimelock: timelock,
    SaksiProposals: proposals,
    SaksiGovernor: governor,
    FeeForwarder: forwarder,
  };
}

/** After it only the allocator moves the fund's cash, and only to the one address named here. */
export async function deployAllocator(
  s: Sequence,
  p: DeploymentParams,
  g: GovernanceParams,
  at: { from: string; vault: string; validator: string; stake: string; mandateId: string },
): Promise<string> {
  const allocator = await s.create("Allocator", [
    at.from,
    p.guardian,
    at.vault,
    at.validator,
    at.stake,
    g.placeDelaySeconds,
    g.bucketCapacityUsdE6,
    g.bucketWindowSeconds,
  ]);
  await s.call("Allocator", allocator, "schedulePlace", [
    at.mandateId,
    p.vault.venueDeposit,
    g.placeCapUsdE6,
    g.placeCapBps,
  ]);
  await s.call("FundVault", at.vault, "setAllocator", [allocator]);
  return allocator;
}

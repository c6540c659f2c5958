import { deployed, PERIODS, SAKSI } from "./stake-world.ts";
import { createWorld, DAY, E6, type Live, type WorldOptions } from "./support/world.ts";

export const STATE = {
  Pending: 0n,
  Active: 1n,
  Canceled: 2n,
  Defeated: 3n,
  Succeeded: 4n,
  Queued: 5n,
  Expired: 6n,
  Executed: 7n,
};
export const FOR = 1;
export const AGAINST = 0;
export const SETTINGS = {
  votingDelaySeconds: DAY,
  votingPeriodSeconds: 2n * DAY,
  lateQuorumExtensionSeconds: DAY,
  queueWindowSeconds: 2n * DAY,
  proposalThresholdSaksi: 1_000n * SAKSI,
  quorumPercent: 10n,
  quorumFloorSaksi: 50_000n * SAKSI,
};
export const TIMELOCK = { min: 2n * DAY, max: 3n * DAY, window: 3n * DAY };

/** The whole system with governance over it: the timelock owns every contract, taken over by proposals. */
export async function createGovernedWorld(options: WorldOptions = {}) {
  const world = await createWorld(options);
  const { ethers, deployer, guardian, usd } = world;
  const [alice, bob, mallory] = world.signers.slice(13) as typeof world.signers & { length: 7 };
  const saksi = await deployed(ethers, "SaksiToken", deployer.address);
  const stakeVault = await deployed(
    ethers,
    "StakeVault",
    deployer.address,
    guardian.address,
    saksi.target,
    usd.target,
    PERIODS.unbonding,
    PERIODS.escrow,
    PERIODS.stream,
    PERIODS.scoreInterval,
  );
  // timelock, proposals and governor know each other: the governor's address is known before it is there
  const nonce = await deployer.getNonce();
  const governorAddress = ethers.getCreateAddress({ from: deployer.address, nonce: nonce + 2 });
  const { min, max, window } = TIMELOCK;
  const timelock = await deployed(ethers, "SaksiTimelock", min, max, window, governorAddress);
  const proposals = await deployed(
    ethers,
    "SaksiProposals",
    governorAddress,
    world.validator.target,
    world.quorum.target,
    stakeVault.target,
    usd.target,
  );
  const governor = await deployed(
    ethers,
    "SaksiGovernor",
    stakeVault.target,
    timelock.target,
    proposals.target,
    guardian.address,
    SETTINGS,
  );
  if (governor.target !== governorAddress) throw new Error("the governor is elsewhere");

  for (const [who, amount] of [
    [alice!, 100_000n],
    [bob!, 40_000n],
  ] as const) {
    await saksi.transfer(who.address, amount * SAKSI);
    await saksi.connect(who).approve(stakeVault.target, amount * SAKSI);
    await stakeVault.connect(who).stake(amount * SAKSI);
    await stakeVault.connect(who).delegate(who.address);
  }
  await saksi.transfer(mallory!.address, 10_000_000n * SAKSI);
  await saksi.connect(mallory!).approve(stakeVault.target, 10_000_000n * SAKSI);

  /** Makes a proposal by one of the flat functions and answers its id. */
  const propose = async (by: { address: string }, act: string, ...args: unknown[]): Promise<bigint> => {
    const proposalId = await proposals.connect(by)[act].staticCall(...args);
    await proposals.connect(by)[act](...args);
    return proposalId;
  };
  const state = (proposalId: bigint): Promise<bigint> => governor.state(proposalId);
  const open = async () => world.after(SETTINGS.votingDelaySeconds + 1n);
  const close = async () => world.after(SETTINGS.votingPeriodSeconds);
  /** From a pending proposal to one that has won. */
  const win = async (...proposalIds: bigint[]) => {
    await open();
    for (const proposalId of proposalIds) await governor.connect(alice!).castVote(proposalId, FOR);
    await close();
  };
  const queue = (proposalId: bigint) => governor.connect(mallory!)["queue(uint256)"](proposalId);
  const execute = (proposalId: bigint) => governor.connect(mallory!)["execute(uint256)"](proposalId);
  const cancel = (by: { address: string }, proposalId: bigint) =>
    governor.connect(by)["cancel(uint256)"](proposalId);
  /** From a pending proposal to its effect. */
  const pass = async (...proposalIds: bigint[]) => {
    await win(...proposalIds);
    for (const proposalId of proposalIds) await queue(proposalId);
    await world.after(min);
    for (const proposalId of proposalIds) await execute(proposalId);
  };

  const owned: Record<string, Live> = {
    RiskPolicy: world.policy,
    PredictionValidator: world.validator,
    ModelRegistry: world.registry,
    QuorumAttester: world.quorum,
    FundVault: world.vault,
    StakeVault: stakeVault,
  };
  const takeovers: bigint[] = [];
  for (const [name, contract] of Object.entries(owned)) {
    await contract.connect(deployer).transferOwnership(timelock.target);
    takeovers.push(await propose(alice!, "proposeAcceptOwnership", contract.target, `take over ${name}`));
  }
  await pass(...takeovers);
  return {
    ...world,
    saksi,
    stakeVault,
    timelock,
    proposals,
    governor,
    owned,
    alice: alice!,
    bob: bob!,
    mallory: mallory!,
    propose,
    state,
    open,
    close,
    win,
    queue,
    execute,
    cancel,
    pass,
  };
}

export type GovernedWorld = Awaited<ReturnType<typeof createGovernedWorld>>;

/** An allocator that the timelock owns and the fund does not know yet. */
export const createAllocator = ({
  ethers,
  timelock,
  guardian,
  vault,
  validator,
  stakeVault,
}: GovernedWorld) =>
  deployed(
    ethers,
    "Allocator",
    timelock.target,
    guardian.address,
    vault.target,
    validator.target,
    stakeVault.target,
    DAY,
    1_000n * E6,
    DAY,
  );

import { type ContractFactory, id, ZeroHash } from "ethers";
import { network } from "hardhat";
import { DAY, E6, type Live } from "./support/world.ts";

export const SAKSI = 10n ** 18n;
export const RAY = 10n ** 27n;
export const BTC = id("mandate BTC");
export const ETH = id("mandate ETH");
export const NONE = ZeroHash;
export const PERIODS = { unbonding: 14n * DAY, escrow: 7n * DAY, stream: 7n * DAY, scoreInterval: 6n * DAY };

type Connection = Awaited<ReturnType<typeof network.create>>;
export type Ethers = Connection["ethers"];

/** Deploys a contract and returns it by its ABI. */
export const deployed = async (ethers: Ethers, name: string, ...args: unknown[]) => {
  const contract = await ethers.deployContract(name, args);
  await contract.waitForDeployment();
  return (await ethers.getContractAt(name, await contract.getAddress())) as unknown as Live;
};

/** The name of the error with which a contract's constructor refuses, or nothing. */
export const refusedCreation = async (factory: Promise<ContractFactory>, ...args: unknown[]) => {
  const { interface: names } = await factory;
  try {
    await (await factory).deploy(...args);
  } catch (error) {
    return names.parseError((error as { data: string }).data)!.name;
  }
  return "";
};

/** A chain of its own with token and stake vault, two mandates, a court, a scorer and three stakers. */
export async function createStakeWorld() {
  const { ethers, networkHelpers } = await network.create();
  const { time } = networkHelpers;
  const [owner, guardian, court, scorer, alice, bob, carol, victim, payer] = await ethers.getSigners();
  const usd = await deployed(ethers, "MockUsd");
  const saksi = await deployed(ethers, "SaksiToken", owner!.address);
  const vault = await deployed(
    ethers,
    "StakeVault",
    owner!.address,
    guardian!.address,
    saksi.target,
    usd.target,
    PERIODS.unbonding,
    PERIODS.escrow,
    PERIODS.stream,
    PERIODS.scoreInterval,
  );
  await vault.listMandate(BTC);
  await vault.listMandate(ETH);
  await vault.scheduleCourt(court!.address);
  await vault.scheduleScorer(scorer!.address);
  for (const who of [alice, bob, carol]) {
    await saksi.transfer(who!.address, 1_000_000n * SAKSI);
    await saksi.connect(who!).approve(vault.target, 10n ** 30n);
  }
  await saksi.approve(vault.target, 10n ** 30n);
  await usd.mint(payer!.address, 1_000_000n * E6);
  await usd.connect(payer!).approve(vault.target, 10n ** 30n);

  let mark = await networkHelpers.takeSnapshot();
  let markedAt = await time.latest();
  /** What the vault's books say it holds of SAKSI. */
  const booked = async () => {
    const { stakeSaksi, rewardSaksi, reserveSaksi, escrowSaksi } = await vault.accounts();
    return (stakeSaksi + rewardSaksi + reserveSaksi + escrowSaksi) as bigint;
  };
  const signalOf = (account: { address: string }, mandateId: string): Promise<bigint> =>
    vault["signalOf(address,bytes32)"](account.address, mandateId);
  return {
    ethers,
    networkHelpers,
    usd,
    saksi,
    vault,
    owner: owner!,
    guardian: guardian!,
    court: court!,
    scorer: scorer!,
    alice: alice!,
    bob: bob!,
    carol: carol!,
    victim: victim!,
    payer: payer!,
    booked,
    signalOf,
    totalSignalOf: (mandateId: string): Promise<bigint> => vault["signalOf(bytes32)"](mandateId),
    now: async () => BigInt(await time.latest()),
    after: async (seconds: bigint) => {
      await time.increase(seconds);
    },
    /** Stakes and signals in one go. */
    signal: async (who: { address: string }, mandateId: string, amountSaksi: bigint) => {
      await vault.connect(who).stake(amountSaksi);
      await vault.connect(who).signal(mandateId, amountSaksi);
    },
    slash: async (mandateId: string, amountSaksi: bigint, capturedAt?: bigint) =>
      vault
        .connect(court!)
        .slash(mandateId, amountSaksi, capturedAt ?? BigInt(await time.latest()), victim!.address, id("why")),
    keep: async () => {
      mark = await networkHelpers.takeSnapshot();
      markedAt = await time.latest();
    },
    back: async () => {
      await mark.restore();
      // A chain's time goes on with the real one; how long earlier tests took must not matter.
      await time.setNextBlockTimestamp(markedAt + 1);
    },
  };
}

export type StakeWorld = Awaited<ReturnType<typeof createStakeWorld>>;

import { SETTINGS, TIMELOCK } from "./governance-world.ts";
import { deployed, PERIODS, SAKSI } from "./stake-world.ts";
import { createWorld, E6, type Live, PRICE, type World, type WorldOptions } from "./support/world.ts";

export interface LensAddresses {
  validator: string;
  policy: string;
  registry: string;
  quorum: string;
  vault: string;
  court: string;
  attesterBonds: string;
  allocator: string;
  stakeVault: string;
  governor: string;
  owner: string;
  guardian: string;
  executor: string;
}

/** A lens with its libraries. */
export async function deployLens(ethers: World["ethers"], addresses: LensAddresses): Promise<Live> {
  const libraries: Record<string, string> = {};
  for (const name of ["HealthLib", "PredictionWordsLib", "AccountWordsLib"])
    libraries[name] = (await deployed(ethers, name)).target;
  const lens = await ethers.deployContract("Lens", [addresses], { libraries });
  return (await ethers.getContractAt("Lens", await lens.getAddress())) as unknown as Live;
}

/** Everything a deployment can have, owned by the timelock, funded, with stake behind the mandate, and a lens on it. */
export async function createLensWorld(options: WorldOptions = {}) {
  const world = await createWorld(options);
  const { ethers, networkHelpers, deployer, guardian, usd, validator, vault, court, mandateId } = world;
  const saksi = await deployed(ethers, "SaksiToken", deployer.address);
  const { unbonding, escrow, stream, scoreInterval } = PERIODS;
  const stakeVault = await deployed(
    ethers,
    "StakeVault",
    deployer.address,
    guardian.address,
    saksi.target,
    usd.target,
    unbonding,
    escrow,
    stream,
    scoreInterval,
  );
  const from = deployer.address;
  const governorAddress = ethers.getCreateAddress({ from, nonce: (await deployer.getNonce()) + 2 });
  const { min, max, window } = TIMELOCK;
  const timelock = await deployed(ethers, "SaksiTimelock", min, max, window, governorAddress);
  const proposals = await deployed(
    ethers,
    "SaksiProposals",
    governorAddress,
    validator.target,
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

  await world.fund({ deposit: 100_000n, bond: 10_000n, venue: 50_000n });
  const signals = await deployed(ethers, "MockSignals");
  const allocator = await deployed(
    ethers,
    "Allocator",
    deployer.address,
    guardian.address,
    vault.target,
    validator.target,
    signals.target,
    PERIODS.escrow,
    40_000n * E6,
    PERIODS.escrow,
  );
  await vault.setAllocator(allocator.target);
  await stakeVault.listMandate(mandateId);
  await stakeVault.scheduleCourt(court.target);
  await court.setStake(stakeVault.target, world.treasury.address);

  await networkHelpers.impersonateAccount(timelock.target);
  await networkHelpers.setBalance(timelock.target, 10n ** 20n);
  const owner = await ethers.getSigner(timelock.target);
  const owned = [validator, world.policy, world.registry, world.quorum, vault, court, allocator, stakeVault];
  for (const contract of owned) {
    await contract.transferOwnership(timelock.target);
    await contract.connect(owner).acceptOwnership();
  }
  for (const who of [world.depositor, world.second, world.operator])
    for (const spender of [court, stakeVault, world.bonds])
      await usd.connect(who).approve(spender.target, 10n ** 15n);
  await saksi.transfer(world.second.address, 1_000_000n * SAKSI);
  await saksi.connect(world.second).approve(stakeVault.target, 10n ** 30n);
  await world.push(PRICE);

  const addresses: LensAddresses = {
    validator: validator.target,
    policy: world.policy.target,
    registry: world.registry.target,
    quorum: world.quorum.target,
    vault: vault.target,
    court: court.target,
    attesterBonds: world.bonds.target,
    allocator: allocator.target,
    stakeVault: stakeVault.target,
    governor: governor.target,
    owner: owner.address,
    guardian: guardian.address,
    executor: world.executor.address,
  };
  const lens = await deployLens(ethers, addresses);

  /** Names of what a lens says does not hold, in its order. */
  const brokenOf = async (one: Live = lens): Promise<string[]> => {
    const health = (await one.health()).toObject() as Record<string, boolean>;
    return Object.entries(health).flatMap(([name, holds]) => (holds ? [] : [name]));
  };
  /** Waits for the end of the epoch and closes it with what the venue must hold, or so much more. */
  const closeWith = async (surplusE8 = 0n) => {
    const snapshotAt = (await validator.snapshotAt()) as bigint;
    if ((await world.now()) < snapshotAt) await world.until(snapshotAt + 1n);
    const [, , pnlE8] = await validator.epochBook(await validator.currentEpoch());
    const result = await world.closeEpoch({
      equityE8: (await vault.receivableAtVenueE8()) + pnlE8 + surplusE8,
    });
    await world.push(PRICE);
    return result;
  };
  await world.keep();
  return {
    ...world,
    saksi,
    stakeVault,
    timelock,
    proposals,
    governor,
    signals,
    allocator,
    owner,
    lens,
    addresses,
    brokenOf,
    closeWith,
  };
}

export type LensWorld = Awaited<ReturnType<typeof createLensWorld>>;

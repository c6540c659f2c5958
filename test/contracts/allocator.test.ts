import { expect } from "chai";
import { createWorld, E6, id, type Live, type World } from "./support/world.ts";

const HOURS = 3_600n;
const [FIRST, SECOND] = [id("mandate one"), id("mandate two")];

describe("Allocator", () => {
  let w: World;
  let allocator: Live;
  let signals: Live;

  before(async () => {
    w = await createWorld();
    const deploy = async (name: string, args: unknown[]) =>
      (await w.ethers.deployContract(name, args)) as unknown as Live;
    signals = await deploy("MockSignals", []);
    allocator = await deploy("Allocator", [
      w.owner.address,
      w.guardian.address,
      w.vault.target,
      w.validator.target,
      signals.target,
      72n * HOURS,
      40_000n * E6,
      24n * HOURS,
    ]);
    await w.vault.setAllocator(allocator.target);
    await w.fund({ venue: 0n, bond: 10_000n });
    await w.vault.setVenueCapUsdE6(90_000n * E6);
    await allocator.schedulePlace(FIRST, w.venue.address, 50_000n * E6, 10_000n);
    await allocator.schedulePlace(SECOND, w.treasury.address, 90_000n * E6, 3_000n);
    await signals.set(FIRST, 3n);
    await signals.set(SECOND, 1n);
    await w.keep();
  });
  afterEach(() => w.back());

  const ready = () => w.after(72n * HOURS);
  const refusedBy = (name: string, sent: Promise<unknown>) =>
    expect(sent).to.be.revertedWithCustomError(allocator, name);

  it("splits the fund by signal, under the absolute and the relative cap", async () => {
    expect(await allocator.targetUsdE6(FIRST)).to.equal(50_000n * E6);
    expect(await allocator.targetUsdE6(SECOND)).to.equal(25_000n * E6);
    await signals.set(SECOND, 9n);
    expect(await allocator.targetUsdE6(FIRST)).to.equal(25_000n * E6);
    expect(await allocator.targetUsdE6(SECOND)).to.equal(30_000n * E6);
  });

  it("sends nothing to an address before its delay is over, and then for anyone", async () => {
    const anyone = allocator.connect(w.stranger);
    await refusedBy("AllocatorTooEarly", anyone.rebalanceMandate(FIRST));
    await refusedBy("AllocatorNothingToSend", anyone.rebalance());
    await ready();
    await anyone.rebalanceMandate(SECOND);
    expect(await w.usd.balanceOf(w.treasury.address)).to.equal(25_000n * E6);
    expect(await w.vault.receivableAtVenueE8()).to.equal(2_500_000n * E6);
    await refusedBy("AllocatorNothingToSend", anyone.rebalanceMandate(SECOND));
  });

  it("lets out no more than the bucket holds, which refills evenly", async () => {
    await ready();
    await allocator.rebalance();
    expect(await allocator.allocatedUsdE6(FIRST)).to.equal(40_000n * E6);
    expect(await allocator.allocatedUsdE6(SECOND)).to.equal(0n);
    await w.after(6n * HOURS);
    await allocator.rebalance();
    expect(await allocator.allocatedUsdE6(FIRST)).to.equal(50_000n * E6);
    expect((await allocator.allocatedUsdE6(SECOND)) / E6).to.equal(0n);
  });

  it("is the only way out once it is named", async () => {
    await expect(w.vault.connect(w.executor).sendToVenue(1n)).to.be.revertedWithCustomError(
      w.vault,
      "VaultUnauthorised",
    );
    await expect(w.vault.sendToVenueAddress(w.stranger.address, 1n)).to.be.revertedWithCustomError(
      w.vault,
      "VaultUnauthorised",
    );
    await expect(w.vault.setAllocator(w.stranger.address)).to.be.revertedWithCustomError(
      w.vault,
      "VaultAlreadySet",
    );
  });

  it("stops at once when the guardian removes a place, and takes back what is there", async () => {
    await ready();
    await allocator.rebalanceMandate(FIRST);
    await refusedBy("GuardedUnauthorised", allocator.connect(w.stranger).removePlace(FIRST));
    await allocator.connect(w.guardian).removePlace(FIRST);
    await w.after(24n * HOURS);
    await refusedBy("AllocatorNothingToSend", allocator.rebalanceMandate(FIRST));
    await refusedBy("AllocatorUnauthorised", allocator.connect(w.stranger).recordReturn(FIRST, 1n));
    await allocator.connect(w.venue).recordReturn(FIRST, 15_000n * E6);
    expect(await allocator.allocatedUsdE6(FIRST)).to.equal(25_000n * E6);
    expect(await w.vault.idleUsdE6()).to.equal(75_000n * E6);
    // named again it waits again
    await allocator.schedulePlace(FIRST, w.venue.address, 60_000n * E6, 10_000n);
    await refusedBy("AllocatorTooEarly", allocator.rebalanceMandate(FIRST));
  });

  it("lets the guardian lower caps and nobody raise them in place", async () => {
    const guardian = allocator.connect(w.guardian);
    await guardian.lowerCaps(FIRST, 10_000n * E6, 500n);
    expect(await allocator.targetUsdE6(FIRST)).to.equal(5_000n * E6);
    await refusedBy("AllocatorBadCaps", guardian.lowerCaps(FIRST, 10_001n * E6, 500n));
    await refusedBy("AllocatorBadCaps", allocator.lowerCaps(FIRST, 10_000n * E6, 501n));
    await refusedBy("OwnableUnauthorizedAccount", guardian.schedulePlace(FIRST, w.venue.address, 1n, 1n));
    await refusedBy("AllocatorUnknownMandate", guardian.lowerCaps(id("none"), 0n, 0n));
  });

  it("leaves the cash of those who left, and follows bond and cap of the fund", async () => {
    await w.vault.connect(w.depositor).requestRedeemShares(70_000n * E6 * E6);
    await ready();
    await w.closeEpoch({ equityE8: 0n });
    await allocator.rebalance();
    const sent: bigint = (await allocator.allocatedUsdE6(FIRST)) + (await allocator.allocatedUsdE6(SECOND));
    expect(sent <= 30_000n * E6).to.equal(true);
    expect((await w.vault.idleUsdE6()) >= (await w.vault.redemptionsOwedE6())).to.equal(true);
    await w.vault.connect(w.depositor).claimRedeem();
  });

  it("walks no more than its bound of mandates", async () => {
    for (let at = 2n; at < (await allocator.MAX_MANDATES()); at++)
      await allocator.schedulePlace(id(`m${at}`), w.venue.address, 1n, 1n);
    await refusedBy("AllocatorTooMany", allocator.schedulePlace(id("more"), w.venue.address, 1n, 1n));
  });
});

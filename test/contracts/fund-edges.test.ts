import { expect } from "chai";
import { refusedCreation } from "./stake-world.ts";
import { createWorld, E6, E8, type Live, PRICE, type World } from "./support/world.ts";

describe("The fund at its edges", () => {
  let w: World;
  before(async () => {
    w = await createWorld();
    await w.fund();
    await w.push(PRICE);
    await w.keep();
  });
  afterEach(() => w.back());

  describe("the bond", () => {
    it("goes out in the second it is due, and no earlier", async () => {
      const bond = w.bondVault.connect(w.operator);
      // the request's epoch is distributed before the bond is due
      const snapshotAt: bigint = await w.validator.snapshotAt();
      const at = snapshotAt - 100n;
      await w.time.setNextBlockTimestamp(at);
      await expect(bond.requestRelease(2_500n * E6))
        .to.emit(w.bondVault, "BondReleaseRequested")
        .withArgs(w.operator.address, 2_500n * E6, at + 600n);
      expect([await bond.bondReleasingUsdE6(), await bond.releasableAt()]).to.deep.equal([
        2_500n * E6,
        at + 600n,
      ]);
      await w.until(snapshotAt + 1n);
      await w.closeEpoch({ equityE8: await w.vault.receivableAtVenueE8() });
      await w.time.setNextBlockTimestamp(at + 599n);
      await expect(bond.releaseBond())
        .to.be.revertedWithCustomError(w.bondVault, "BondTooEarly")
        .withArgs(at + 599n, at + 600n);
      await w.time.setNextBlockTimestamp(at + 600n);
      await expect(bond.releaseBond())
        .to.emit(w.bondVault, "BondChanged")
        .withArgs(w.operator.address, 5_000n * E6, 2_500n * E6);
      expect(await bond.bondReleasingUsdE6()).to.equal(0n);
      await expect(bond.releaseBond()).to.be.revertedWithCustomError(w.bondVault, "BondZeroAmount");
    });

    it("says what it holds, for whom and since when", async () => {
      expect([
        await w.bondVault.asset(),
        await w.bondVault.operator(),
        await w.bondVault.vault(),
        await w.bondVault.releaseDelaySeconds(),
        await w.bondVault.bondUsdE6(),
      ]).to.deep.equal([w.usd.target, w.operator.address, w.vault.target, 600n, 5_000n * E6]);
      await expect(w.bondVault.connect(w.operator).postBond(0n)).to.be.revertedWithCustomError(
        w.bondVault,
        "BondZeroAmount",
      );
      await expect(w.bondVault.connect(w.deployer).setVault(w.vault.target))
        .to.be.revertedWithCustomError(w.bondVault, "BondUnauthorised")
        .withArgs(w.deployer.address);
    });
  });

  describe("the silence", () => {
    it("is over in the second that its length has passed since the snapshot", async () => {
      const silentFrom = (await w.validator.snapshotAt()) + w.params.vault.silenceSeconds;
      const stranger = w.vault.connect(w.stranger);
      await w.time.setNextBlockTimestamp(silentFrom - 1n);
      await expect(stranger.startWindDown())
        .to.be.revertedWithCustomError(w.vault, "VaultTooEarly")
        .withArgs(silentFrom - 1n, silentFrom);
      await w.time.setNextBlockTimestamp(silentFrom);
      await expect(stranger.startWindDown())
        .to.emit(w.vault, "WindDownStarted")
        .withArgs(w.stranger.address, true);
    });

    it("opens the bond in the same second", async () => {
      const silentFrom = (await w.validator.snapshotAt()) + w.params.vault.silenceSeconds;
      await expect(w.vault.startWindDown())
        .to.emit(w.vault, "WindDownStarted")
        .withArgs(w.owner.address, false);
      await w.time.setNextBlockTimestamp(silentFrom - 1n);
      await expect(w.vault.callBond())
        .to.be.revertedWithCustomError(w.vault, "VaultTooEarly")
        .withArgs(silentFrom - 1n, silentFrom);
      await w.time.setNextBlockTimestamp(silentFrom);
      await expect(w.vault.callBond())
        .to.emit(w.vault, "BondCalled")
        .withArgs(50_000n * E6, 5_000n * E6);
    });
  });

  describe("the line in a wind-down", () => {
    it("gives back what was not served, to the share, and pays what was", async () => {
      const holder = w.vault.connect(w.depositor);
      const all: bigint = await w.vault.balanceOf(w.depositor.address);
      await w.vault.setRedeemCapBps(2_500n);
      await holder.requestRedeemShares(all / 2n);
      await w.until((await w.validator.snapshotAt()) + 1n);
      await w.closeEpoch({ equityE8: 50_000n * E8 });
      await w.vault.startWindDown();
      const served: bigint = await w.vault.claimableRedeemRequest(1n, w.depositor.address);
      expect(await w.vault.pendingRedeemRequest(1n, w.depositor.address)).to.equal(all / 2n - served);
      await holder.cancelRedeemRequest();
      expect(await w.vault.balanceOf(w.depositor.address)).to.equal(all - served);
      expect(await w.vault.pendingRedeemRequest(1n, w.depositor.address)).to.equal(0n);
      await holder.claimRedeem();
      expect(await w.usd.balanceOf(w.depositor.address)).to.equal(925_000n * E6);
      await expect(holder.claimRedeem()).to.be.revertedWithCustomError(w.vault, "VaultNothingToClaim");
    });
  });

  describe("a new fund", () => {
    const bondOf = async (asset: string): Promise<Live> =>
      (await w.ethers.deployContract("BondVault", [asset, w.operator.address, 600n])) as unknown as Live;
    const refusal = (bond: Live, over: object = {}) =>
      refusedCreation(
        w.ethers.getContractFactory("FundVault", {
          libraries: { RedeemLib: w.deployment.addresses.RedeemLib! },
        }),
        w.owner.address,
        w.guardian.address,
        w.usd.target,
        w.validator.target,
        w.quorum.target,
        bond.target,
        { ...w.params.vault, venueAccountHash: w.params.venueAccountHash, ...over },
      );

    it("needs a bond in its own asset that secures nobody else", async () => {
      expect(await refusal(await bondOf(w.usd.target))).to.equal("");
      expect(await refusal(await bondOf(w.stranger.address))).to.equal("VaultBadBond");
      expect(await refusal(w.bondVault)).to.equal("VaultBadBond");
    });

    it("shares its fee up to all of it", async () => {
      const bond = await bondOf(w.usd.target);
      expect(await refusal(bond, { operatorShareBps: 7_000n, stakersShareBps: 3_000n })).to.equal("");
      expect(await refusal(bond, { operatorShareBps: 7_001n, stakersShareBps: 3_000n })).to.equal(
        "VaultBadBps",
      );
    });
  });

  it("takes any equity that its books can hold, and refuses one unit more", async () => {
    const largest = (1n << 119n) - 1n;
    await w.until((await w.validator.snapshotAt()) + 1n);
    for (const equityE8 of [largest + 1n, -largest - 2n])
      await expect(w.closeEpoch({ equityE8 }))
        .to.be.revertedWithCustomError(w.vault, "VaultBadStatement")
        .withArgs(2n);
    // what nobody explains has a word of its own, which is shorter
    const explained: bigint = await w.vault.receivableAtVenueE8();
    const surplus = (1n << 56n) * 100n;
    await expect(w.closeEpoch({ equityE8: explained + surplus })).to.be.revertedWithCustomError(
      w.vault,
      "SafeCastOverflowedUintDowncast",
    );
    for (const equityE8 of [explained + surplus - 1n, -largest - 1n]) {
      await w.back();
      await w.until((await w.validator.snapshotAt()) + 1n);
      const closed = (await w.closeEpoch({ equityE8 })).find("EpochClosed")!.args;
      expect(closed.venueEquityE8).to.equal(equityE8);
    }
  });
});

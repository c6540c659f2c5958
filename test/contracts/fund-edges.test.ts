import { expect } from "chai";
import { createWorld, E6, PRICE, type World } from "./support/world.ts";

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
      const at = (await w.now()) + 10n;
      await w.time.setNextBlockTimestamp(at);
      await expect(bond.requestRelease(2_500n * E6))
        .to.emit(w.bondVault, "BondReleaseRequested")
        .withArgs(w.operator.address, 2_500n * E6, at + 600n);
      expect([await bond.bondReleasingUsdE6(), await bond.releasableAt()]).to.deep.equal([
        2_500n * E6,
        at + 600n,
      ]);
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
});

import { expect } from "chai";
import { concat, ZeroAddress } from "ethers";
import { deployed } from "./stake-world.ts";
import { closeWith, gainOf } from "./support/epochs.ts";
import { createWorld, E6, E8, id, type Live, PRICE, type World } from "./support/world.ts";

const UNIT = E6 * E6; // shares of a dollar at the first price

describe("FundVault at its limits", () => {
  let w: World;
  before(async () => {
    w = await createWorld();
    await w.fund();
    await w.push(PRICE);
    await w.keep();
  });
  afterEach(() => w.back());

  const refusedBy = (name: string, sent: Promise<unknown>, contract: Live = w.vault) =>
    expect(sent).to.be.revertedWithCustomError(contract, name);

  it("converts at the price of the last close", async () => {
    expect(await w.vault.convertToShares(E6)).to.equal(UNIT);
    expect(await w.vault.convertToAssets(UNIT)).to.equal(E6);
    await closeWith(w, [], E8);
    expect(await w.vault.totalAssets()).to.equal(100_001n * E6);
    expect(await w.vault.convertToAssets(100_000n * UNIT)).to.equal(100_001n * E6 - 1n);
    expect(await w.vault.convertToShares(100_001n * E6)).to.be.within(100_000n * UNIT, 100_000n * UNIT + 10n);
  });

  it("refuses nothing at all, and a venue without an address", async () => {
    await refusedBy("VaultZeroAmount", w.vault.connect(w.executor).sendToVenue(0n));
    await refusedBy("VaultZeroAmount", w.vault.connect(w.venue).recordReturn(0n));
    await refusedBy("VaultZeroAmount", w.vault.claimFees(0, 0n));
    await expect(w.vault.setVenueDeposit(ZeroAddress))
      .to.emit(w.vault, "VenueDepositChanged")
      .withArgs(w.venue.address, ZeroAddress);
    await refusedBy("VaultVenueUnset", w.vault.connect(w.executor).sendToVenue(1n));
  });

  it("pays each fee account its own", async () => {
    const { id: won } = await w.trip();
    await closeWith(w, [won]);
    const accounts = [w.operator, w.stakers, w.treasury];
    for (const [account, who] of accounts.entries()) {
      const owed: bigint = await w.vault.feesOwedE6(account);
      expect(owed > 0n).to.equal(true);
      expect(await gainOf(w, who, () => w.vault.claimFees(account, owed))).to.equal(owed);
      expect(await w.vault.feesOwedE6(account)).to.equal(0n);
    }
  });

  it("mints by shares as well as by assets, in parts, and never for nothing", async () => {
    const own = w.vault.connect(w.second);
    await own.requestDepositUsdE6(10n * E6);
    await closeWith(w);
    await refusedBy("VaultZeroAmount", own["deposit(uint256,address)"](0n, w.second.address));
    await own["mint(uint256,address)"](4n * UNIT, w.second.address);
    expect(await w.vault.maxDeposit(w.second.address)).to.equal(6n * E6);
    await own["mint(uint256,address)"](6n * UNIT, w.stranger.address);
    expect(await w.vault.balanceOf(w.stranger.address)).to.equal(6n * UNIT);
  });

  it("says what is pending and claimable under the request's own number alone", async () => {
    const own = w.vault.connect(w.depositor);
    await own.requestRedeemShares(60_000n * UNIT);
    expect(await w.vault.pendingRedeemRequest(1n, w.depositor.address)).to.equal(60_000n * UNIT);
    expect(await w.vault.pendingRedeemRequest(2n, w.depositor.address)).to.equal(0n);
    await closeWith(w);
    expect(await w.vault.claimableRedeemRequest(1n, w.depositor.address)).to.equal(60_000n * UNIT);
    expect(await w.vault.claimableRedeemRequest(2n, w.depositor.address)).to.equal(0n);
    // 60 000 are owed and 50 000 are there
    expect(await w.vault.maxWithdraw(w.depositor.address)).to.equal(50_000n * E6);
    expect(await w.vault.maxRedeem(w.depositor.address)).to.equal(50_000n * UNIT);
    await own.redeem(50_000n * UNIT, w.depositor.address, w.depositor.address);
    await w.vault.connect(w.venue).recordReturn(50_000n * E6);
    expect(await w.vault.maxRedeem(w.depositor.address)).to.equal(10_000n * UNIT);
  });

  describe("a request that is served in part", () => {
    beforeEach(async () => {
      await w.vault.setRedeemCapBps(1_000n);
      await w.vault.connect(w.depositor).requestRedeemShares(30_000n * UNIT);
      await closeWith(w);
    });
    const own = () => w.vault.connect(w.depositor);
    const [some, me] = [10_000n * UNIT, () => w.depositor.address];

    it("pays no more than is served, and nothing when that is claimed", async () => {
      await refusedBy("VaultExceedsClaimable", own().redeem(some + 1n, me(), me()));
      await refusedBy("VaultExceedsClaimable", own().withdraw(10_000n * E6 + 1n, me(), me()));
      await own().redeem(some, me(), me());
      await refusedBy("VaultNothingToClaim", own().redeem(0n, me(), me()));
    });

    it("gives back what waits when the fund ends: before what is served is claimed", async () => {
      await w.vault.startWindDown();
      await own().cancelRedeemRequest();
      expect(await w.vault.balanceOf(me())).to.equal(90_000n * UNIT);
      expect(await w.vault.pendingRedeemRequest(1n, me())).to.equal(0n);
      await refusedBy("VaultNothingToClaim", own().cancelRedeemRequest());
      expect(await gainOf(w, w.depositor, () => own().claimRedeem())).to.equal(10_000n * E6);
      await refusedBy("VaultNothingToClaim", own().claimRedeem());
    });

    it("or after", async () => {
      await w.vault.startWindDown();
      await own().claimRedeem();
      await own().cancelRedeemRequest();
      expect(await w.vault.balanceOf(me())).to.equal(90_000n * UNIT);
      await refusedBy("VaultNothingToClaim", own().cancelRedeemRequest());
    });
  });

  it("gives nothing back of a request that was wholly served", async () => {
    await w.vault.connect(w.depositor).requestRedeemShares(10n * UNIT);
    await closeWith(w);
    await w.vault.startWindDown();
    await refusedBy("VaultNothingToClaim", w.vault.connect(w.depositor).cancelRedeemRequest());
  });

  it("reads a statement of seven words only", async () => {
    await w.until((await w.validator.snapshotAt()) + 1n);
    const payload = concat([await w.statement({ equityE8: 50_000n * E8 }), "0x00"]);
    const signatures = await w.signaturesOf("EpochAttestation", payload);
    await expect(w.quorum.closeEpoch(payload, signatures))
      .to.be.revertedWithCustomError(w.vault, "VaultBadStatement")
      .withArgs(255);
  });

  describe("is not deployed", () => {
    const fund = async (over: Partial<World["params"]["vault"]>, bond?: string) => {
      const { bondReleaseDelaySeconds: _delay, ...terms } = w.params.vault;
      const fresh = await deployed(w.ethers, "BondVault", w.usd.target, w.operator.address, 600n);
      const args = [
        w.owner.address,
        w.guardian.address,
        w.usd.target,
        w.validator.target,
        w.quorum.target,
        bond ?? fresh.target,
        { venueAccountHash: w.params.venueAccountHash, ...terms, ...over },
      ];
      const libraries = { RedeemLib: w.deployment.addresses.RedeemLib! };
      return w.ethers.deployContract("FundVault", args, { libraries });
    };

    it("with fee shares beyond the whole", async () => {
      await refusedBy("VaultBadBps", fund({ operatorShareBps: 7_001, stakersShareBps: 3_000 }));
    });

    it("with a bond that answers to another fund, or lies in another asset", async () => {
      await refusedBy("VaultBadBond", fund({}, w.bondVault.target));
      const other = await deployed(w.ethers, "MockUsd");
      const bond = await deployed(w.ethers, "BondVault", other.target, w.operator.address, 600n);
      await refusedBy("VaultBadBond", fund({}, bond.target));
    });
  });
});

describe("BondVault at its limits", () => {
  let w: World;
  before(async () => {
    w = await createWorld();
    await w.fund();
  });

  it("answers to one fund, named once, by its deployer", async () => {
    const fresh = await deployed(w.ethers, "BondVault", w.usd.target, w.operator.address, 600n);
    const refused = (sent: Promise<unknown>) =>
      expect(sent).to.be.revertedWithCustomError(fresh, "BondUnauthorised");
    await refused(fresh.connect(w.operator).setVault(w.vault.target));
    await fresh.setVault(w.vault.target);
    await refused(fresh.setVault(w.vault.target));
  });

  it("takes no bond of nothing, and says what of it is committed and what is on its way out", async () => {
    const bond = w.bondVault.connect(w.operator);
    await expect(bond.postBond(0n)).to.be.revertedWithCustomError(w.bondVault, "BondZeroAmount");
    await expect(bond.releaseBond()).to.be.revertedWithCustomError(w.bondVault, "BondZeroAmount");
    await bond.requestRelease(1_000n * E6);
    expect([
      await w.bondVault.bondUsdE6(),
      await w.bondVault.bondReleasingUsdE6(),
      await w.bondVault.committedBondUsdE6(),
    ]).to.deep.equal([5_000n * E6, 1_000n * E6, 4_000n * E6]);
  });
});

describe("Allocator at its limits", () => {
  let w: World;
  let allocator: Live;
  const mandate = id("a mandate");
  before(async () => {
    w = await createWorld();
    const signals = await deployed(w.ethers, "MockSignals");
    allocator = await deployed(
      w.ethers,
      "Allocator",
      w.owner.address,
      w.guardian.address,
      w.vault.target,
      w.validator.target,
      signals.target,
      3_600n,
      40_000n * E6,
      86_400n,
    );
    await w.keep();
  });
  afterEach(() => w.back());

  it("announces a place with an address and caps that make sense, and shows it", async () => {
    const place = (to: string, capBps: bigint) => allocator.schedulePlace(mandate, to, 1n, capBps);
    await expect(place(ZeroAddress, 1n)).to.be.revertedWithCustomError(allocator, "AllocatorZeroAddress");
    await expect(place(w.venue.address, 10_001n)).to.be.revertedWithCustomError(
      allocator,
      "AllocatorBadCaps",
    );
    await place(w.venue.address, 10_000n);
    const shown = await allocator.place(mandate);
    expect([shown.venueDeposit, shown.capUsdE6, shown.capBps, shown.removed]).to.deep.equal([
      w.venue.address,
      1n,
      10_000n,
      false,
    ]);
    expect(await allocator.mandateIds()).to.deep.equal([mandate]);
  });

  it("has no target for an unknown or removed place, nor while nobody signals", async () => {
    expect(await allocator.targetUsdE6(mandate)).to.equal(0n);
    await allocator.schedulePlace(mandate, w.venue.address, 1n, 10_000n);
    expect(await allocator.targetUsdE6(mandate)).to.equal(0n);
    await allocator.connect(w.guardian).removePlace(mandate);
    expect(await allocator.targetUsdE6(mandate)).to.equal(0n);
  });
});

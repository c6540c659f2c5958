import { expect } from "chai";
import { createWorld, E6, E8, PRICE, REASON, type World } from "./support/world.ts";

describe("FundVault", () => {
  let w: World;

  before(async () => {
    w = await createWorld();
    await w.fund();
    await w.push(PRICE);
    await w.keep();
  });
  afterEach(() => w.back());

  /** idle + receivable = depositors + redemptions owed + fees owed + carry, in E8. */
  const identity = async (v: World = w) => {
    const { vault, usd } = v;
    const [idle, atVenue, assets, owed, carry, bond, pending] = await Promise.all([
      vault.idleUsdE6(),
      vault.receivableAtVenueE8(),
      vault.totalAssetsE6(),
      vault.redemptionsOwedE6(),
      vault.carryE8(),
      vault.bondUsdE6(),
      vault.pendingDepositsE6(),
    ]);
    const fees = (await vault.feesOwedE6(0)) + (await vault.feesOwedE6(1)) + (await vault.feesOwedE6(2));
    expect(idle * 100n + atVenue).to.equal((assets + owed + fees) * 100n + carry);
    expect(await usd.balanceOf(vault.target)).to.equal(idle + pending);
    expect(await usd.balanceOf(v.bondVault.target)).to.equal(bond);
  };
  /** Runs trips, waits for the snapshot and makes everything final. */
  const epochOf = async (exits: bigint[], feeE8 = 5n * E8) => {
    const ids: string[] = [];
    let pnl = 0n;
    for (const exitQuoteE8 of exits) {
      const trip = await w.trip({ exitQuoteE8, feeE8 });
      ids.push(trip.id);
      pnl += trip.pnlE8;
    }
    await w.until((await w.validator.snapshotAt()) + 130n);
    await w.validator.finalizeMany(ids);
    return pnl;
  };
  const conserved = (args: Record<string, bigint>) => {
    const surplus =
      args.residualE8! > 0n ? args.depositorsE6! - (args.pnlE6! - fees(args) + args.bondPaidE6!) : 0n;
    expect(args.depositorsE6! - surplus + fees(args) - args.bondPaidE6!).to.equal(args.pnlE6);
    return surplus;
  };
  const fees = (args: Record<string, bigint>) =>
    args.feeOperatorE6! + args.feeStakersE6! + args.feeTreasuryE6!;

  describe("money in", () => {
    it("gives shares one for one before the first transfer, and refuses the shortcut afterwards", async () => {
      expect(await w.vault.balanceOf(w.depositor.address)).to.equal(100_000n * E6 * E6);
      expect(await w.vault.totalAssetsE6()).to.equal(100_000n * E6);
      await expect(w.vault.connect(w.second).seedUsdE6(E6)).to.be.revertedWithCustomError(
        w.vault,
        "VaultAlreadyTrading",
      );
      await identity();
    });

    it("ignores donations", async () => {
      const price: bigint = await w.vault.sharePriceE18();
      await w.usd.mint(w.vault.target, 10n ** 12n);
      expect(await w.vault.sharePriceE18()).to.equal(price);
      expect(await w.vault.idleUsdE6()).to.equal(50_000n * E6);
    });

    it("lets only the operator post bond and only release it after the delay and its epoch's close, above what the venue needs", async () => {
      await expect(w.bondVault.postBond(1n)).to.be.revertedWithCustomError(w.bondVault, "BondUnauthorised");
      const bond = w.bondVault.connect(w.operator);
      await bond.requestRelease(2_500n * E6);
      await expect(bond.releaseBond()).to.be.revertedWithCustomError(w.bondVault, "BondTooEarly");
      await w.after(600n);
      await expect(bond.releaseBond()).to.be.revertedWithCustomError(w.bondVault, "BondEpochOpen");
      await w.until((await w.validator.snapshotAt()) + 1n);
      await w.closeEpoch({ equityE8: 50_000n * E8 });
      await bond.releaseBond();
      expect(await w.vault.bondUsdE6()).to.equal(2_500n * E6);
      await bond.requestRelease(1n);
      await w.until((await w.validator.snapshotAt()) + 1n);
      await w.closeEpoch({ equityE8: 50_000n * E8 });
      await expect(bond.releaseBond()).to.be.revertedWithCustomError(w.bondVault, "BondTooLow");
      await expect(bond.requestRelease(2_501n * E6)).to.be.revertedWithCustomError(
        w.bondVault,
        "BondInsufficient",
      );
    });

    it("sends to the one venue address, under the cap, out of idle cash, by the executor alone", async () => {
      await expect(w.vault.sendToVenue(1n)).to.be.revertedWithCustomError(w.vault, "VaultUnauthorised");
      const vault = w.vault.connect(w.executor);
      await expect(vault.sendToVenue(30_001n * E6)).to.be.revertedWithCustomError(w.vault, "VaultVenueCap");
      await w.vault.setVenueCapUsdE6(10n ** 12n);
      await expect(vault.sendToVenue(50_001n * E6)).to.be.revertedWithCustomError(w.vault, "VaultBondTooLow");
      await w.bondVault.connect(w.operator).postBond(5_000n * E6);
      await expect(vault.sendToVenue(50_001n * E6)).to.be.revertedWithCustomError(
        w.vault,
        "VaultInsufficientIdle",
      );
      const before = await w.usd.balanceOf(w.venue.address);
      await vault.sendToVenue(10_000n * E6);
      expect((await w.usd.balanceOf(w.venue.address)) - before).to.equal(10_000n * E6);
      expect(await w.vault.receivableAtVenueE8()).to.equal(60_000n * E8);
      await w.vault.connect(w.venue).recordReturn(4_000n * E6);
      expect(await w.vault.receivableAtVenueE8()).to.equal(56_000n * E8);
      await expect(w.vault.connect(w.stranger).recordReturn(1n)).to.be.revertedWithCustomError(
        w.vault,
        "VaultUnauthorised",
      );
      await identity();
    });
  });

  describe("a close with profit", () => {
    it("pays the fee on the gain over the mark, split to the unit, and lifts the mark", async () => {
      const pnl = await epochOf([6_040n * E8 + 37n, 6_050n * E8]);
      expect(pnl).to.equal(80n * E8 + 37n);
      const closed = await w.closeEpoch({ equityE8: 50_000n * E8 + pnl });
      const d = closed.find("Distributed")!.args.toObject() as Record<string, bigint>;
      expect(d.pnlE6).to.equal(80n * E6);
      expect(d.carryE8).to.equal(37n);
      expect(fees(d)).to.equal(16n * E6);
      expect([d.feeOperatorE6, d.feeStakersE6, d.feeTreasuryE6]).to.deep.equal([
        8n * E6,
        4_800_000n,
        3_200_000n,
      ]);
      expect(conserved(d)).to.equal(0n);
      const c = closed.find("EpochClosed")!.args;
      expect([c.residualE8, c.breakerTripped]).to.deep.equal([0n, false]);
      expect(await w.vault.totalAssetsE6()).to.equal(100_064n * E6);
      expect(await w.vault.highWaterMarkE18()).to.equal(await w.vault.sharePriceE18());
      expect(await w.validator.currentEpoch()).to.equal(2n);
      await identity();
    });

    it("pays fees only from idle cash, to the named accounts", async () => {
      const pnl = await epochOf([6_050n * E8]);
      await w.closeEpoch({ equityE8: 50_000n * E8 + pnl });
      const owed = await w.vault.feesOwedE6(2);
      await w.vault.connect(w.stranger).claimFees(2, owed);
      expect(await w.usd.balanceOf(w.treasury.address)).to.equal(owed);
      await expect(w.vault.claimFees(2, 1n)).to.be.revertedWithCustomError(w.vault, "VaultInsufficientFees");
      await w.bondVault.connect(w.operator).postBond(5_000n * E6);
      await w.vault.connect(w.executor).sendToVenue(25_000n * E6);
      await w.vault.connect(w.executor).sendToVenue(4_900n * E6);
      await identity();
    });

    it("carries the remainder into the next epoch", async () => {
      let equity = 50_000n * E8 + (await epochOf([6_010n * E8 + 60n]));
      await w.closeEpoch({ equityE8: equity });
      expect(await w.vault.carryE8()).to.equal(60n);
      equity += await epochOf([6_010n * E8 + 70n]);
      const d = (await w.closeEpoch({ equityE8: equity })).find("Distributed")!.args;
      expect(d.pnlE6).to.equal(5n * E6 + 1n);
      expect(d.carryE8).to.equal(30n);
      await identity();
    });
  });

  describe("a close with loss", () => {
    it("takes the bond first and leaves the price alone while it lasts", async () => {
      const price: bigint = await w.vault.sharePriceE18();
      const pnl = await epochOf([5_980n * E8 - 1n]);
      const d = (await w.closeEpoch({ equityE8: 50_000n * E8 + pnl }))
        .find("Distributed")!
        .args.toObject() as Record<string, bigint>;
      expect(d.pnlE6).to.equal(-25n * E6 - 1n);
      expect(d.carryE8).to.equal(99n);
      expect(d.bondPaidE6).to.equal(25n * E6 + 1n);
      expect(d.depositorsE6).to.equal(0n);
      conserved(d);
      expect(await w.vault.bondUsdE6()).to.equal(4_975n * E6 - 1n);
      expect(await w.vault.sharePriceE18()).to.equal(price);
      await identity();
    });

    it("reaches depositors when the bond is gone, charges no fee until the mark is passed again", async () => {
      const pnl = await epochOf([5_980n * E8]);
      // equity is far below what the results explain: the difference is borne like a loss and trips the breaker
      const equity = 50_000n * E8 + pnl - 6_000n * E8;
      const closed = await w.closeEpoch({ equityE8: equity });
      const d = closed.find("Distributed")!.args.toObject() as Record<string, bigint>;
      expect(d.residualE8).to.equal(-6_000n * E8);
      expect(d.pnlE6).to.equal(-6_025n * E6);
      expect(d.bondPaidE6).to.equal(5_000n * E6);
      expect(d.depositorsE6).to.equal(-1_025n * E6);
      conserved(d);
      expect(closed.find("EpochClosed")!.args.breakerTripped).to.equal(true);
      expect(await w.policy.halted()).to.equal(true);
      await identity();
      await w.push(PRICE);
      const refused = await w.attest(await w.predict());
      expect(refused.find("PredictionRejected")!.args.reasonBits & REASON.HALTED!).to.equal(REASON.HALTED);
      await w.policy.resetBreaker();
      await w.bondVault.connect(w.operator).postBond(5_000n * E6);
      const next = await epochOf([6_040n * E8]);
      const e = (await w.closeEpoch({ equityE8: equity + next }))
        .find("Distributed")!
        .args.toObject() as Record<string, bigint>;
      expect(fees(e)).to.equal(0n);
      expect(e.depositorsE6).to.equal(35n * E6);
      await identity();
    });
  });

  describe("the reconciliation", () => {
    it("gives a surplus to depositors alone: silence costs the bond the whole declared loss", async () => {
      const { id: predictionId, p } = await w.approve();
      await w.until(p.settleBy + 61n);
      await w.validator.expire(predictionId);
      await w.until((await w.validator.snapshotAt()) + 1n);
      await w.validator.finalize(predictionId);
      // the true result was a loss of 30
      const closed = await w.closeEpoch({ equityE8: 49_970n * E8 });
      const d = closed.find("Distributed")!.args.toObject() as Record<string, bigint>;
      expect(d.residualE8).to.equal(80n * E8);
      expect(d.bondPaidE6).to.equal(110n * E6);
      expect(d.depositorsE6).to.equal(80n * E6);
      expect(conserved(d)).to.equal(80n * E6);
      expect(closed.find("BreakerTripped")!.args.cause).to.equal(2n);
      await identity();
    });

    it("tolerates a difference up to the tolerance, and adopts the attested equity", async () => {
      const pnl = await epochOf([6_030n * E8]);
      const closed = await w.closeEpoch({ equityE8: 50_000n * E8 + pnl - E8 });
      expect(closed.find("EpochClosed")!.args.breakerTripped).to.equal(false);
      expect(await w.vault.receivableAtVenueE8()).to.equal(50_000n * E8 + pnl - E8);
      await identity();
    });

    it("trips when the witnessed transfers are not the chain's", async () => {
      await w.until((await w.validator.snapshotAt()) + 1n);
      const closed = await w.closeEpoch({ equityE8: 50_000n * E8, sentE6: 49_999n * E6 });
      expect(closed.find("BreakerTripped")!.args.cause).to.equal(3n);
    });

    it("counts a transfer after the snapshot in the next epoch", async () => {
      await w.until((await w.validator.snapshotAt()) + 1n);
      await w.vault.connect(w.venue).recordReturn(1_000n * E6);
      expect((await w.vault.transfersOf(2)).returnedUsdE6).to.equal(1_000n * E6);
      const closed = await w.closeEpoch({ equityE8: 50_000n * E8 });
      expect(closed.find("EpochClosed")!.args.residualE8).to.equal(0n);
      expect(await w.vault.receivableAtVenueE8()).to.equal(49_000n * E8);
      await identity();
      await w.until((await w.validator.snapshotAt()) + 1n);
      expect((await w.closeEpoch({ equityE8: 49_000n * E8 })).find("EpochClosed")!.args.residualE8).to.equal(
        0n,
      );
    });
  });

  describe("an epoch", () => {
    it("does not close before its snapshot or while a prediction of it is not final", async () => {
      const trip = await w.trip();
      await expect(w.closeEpoch({ equityE8: 0n })).to.be.revertedWithCustomError(
        w.vault,
        "VaultBadStatement",
      );
      await w.until((await w.validator.snapshotAt()) + 1n);
      await expect(w.closeEpoch({ equityE8: 0n })).to.be.revertedWithCustomError(
        w.validator,
        "ValidatorEpochOpen",
      );
      await w.validator.finalize(trip.id);
      await w.closeEpoch({ equityE8: 50_000n * E8 + trip.pnlE8 });
    });

    it("goes on trading after its snapshot, into the next epoch", async () => {
      await w.until((await w.validator.snapshotAt()) + 1n);
      await w.push(PRICE);
      const { id: predictionId, p } = await w.approve();
      expect((await w.validator.record(predictionId)).epoch).to.equal(2n);
      await w.closeEpoch({ equityE8: 50_000n * E8 });
      expect(await w.validator.epochBook(2)).to.deep.equal([1n, 0n, 0n]);
      expect(p.settleBy <= (await w.validator.snapshotAt())).to.equal(true);
    });

    it("starts from the next grid time after a late close, however long the chain slept", async () => {
      const first = await w.validator.snapshotAt();
      const length = w.params.epochLengthSeconds;
      await w.until(first + 100n * length + 5n);
      expect(await w.validator.epochAt(await w.now())).to.deep.equal([2n, first + 101n * length]);
      await w.closeEpoch({ equityE8: 50_000n * E8 });
      expect(await w.validator.currentEpoch()).to.equal(2n);
      expect(await w.validator.snapshotAt()).to.equal(first + 101n * length);
    });

    it("refuses a statement for another vault, epoch, account or time, and a caller other than the quorum", async () => {
      await w.until((await w.validator.snapshotAt()) + 1n);
      const bad = async (over: Parameters<World["closeEpoch"]>[0], word: number) =>
        expect(w.closeEpoch(over)).to.be.revertedWithCustomError(w.vault, "VaultBadStatement").withArgs(word);
      await bad({ domain: w.mandateId }, 0);
      await bad({ epoch: 2n }, 1);
      await bad({ equityE8: 1n << 130n }, 2);
      await bad({ snapshotAt: 5n }, 4);
      await bad({ observedAt: (await w.now()) + 100n }, 4);
      await bad({ expiresAt: 5n }, 4);
      await bad({ account: w.mandateId }, 6);
      await expect(w.vault.closeEpoch("0x")).to.be.revertedWithCustomError(w.vault, "VaultUnauthorised");
      await expect(w.validator.rollEpoch()).to.be.revertedWithCustomError(
        w.validator,
        "ValidatorUnauthorised",
      );
      await w.closeEpoch({ equityE8: 50_000n * E8 });
      await bad({ epoch: 1n, equityE8: 50_000n * E8 }, 1);
    });
  });

  describe("depositors", () => {
    it("enter and leave at the price of the close, never with a profit from rounding", async () => {
      await w.vault.connect(w.second).requestDepositUsdE6(10_000n * E6);
      const half = (await w.vault.balanceOf(w.depositor.address)) / 2n;
      await w.vault.connect(w.depositor).requestRedeemShares(half);
      await identity();
      const pnl = await epochOf([6_050n * E8 + 11n]);
      await expect(w.vault.connect(w.second).claimShares()).to.be.revertedWithCustomError(
        w.vault,
        "VaultEpochNotClosed",
      );
      await w.closeEpoch({ equityE8: 50_000n * E8 + pnl });
      await identity();
      const price: bigint = await w.vault.sharePriceE18();
      await w.vault.connect(w.second).claimShares();
      const shares: bigint = await w.vault.balanceOf(w.second.address);
      expect((shares * price) / 10n ** 18n <= 10_000n * E6).to.equal(true);
      await expect(w.vault.connect(w.second).claimShares()).to.be.revertedWithCustomError(
        w.vault,
        "VaultNothingToClaim",
      );
      const before = await w.usd.balanceOf(w.depositor.address);
      await w.vault.connect(w.depositor).claimRedeem();
      const got = (await w.usd.balanceOf(w.depositor.address)) - before;
      expect(got).to.equal(
        await w.vault.totalAssetsE6().then((left: bigint) => 100_036n * E6 + 10_000n * E6 - left),
      );
      await identity();
    });

    it("take a request back until the snapshot", async () => {
      const before = await w.usd.balanceOf(w.second.address);
      const vault = w.vault.connect(w.second);
      await vault.requestDepositUsdE6(7n * E6);
      await vault.cancelDepositRequest();
      expect(await w.usd.balanceOf(w.second.address)).to.equal(before);
      await vault.requestDepositUsdE6(7n * E6);
      await w.until((await w.validator.snapshotAt()) + 1n);
      await expect(vault.cancelDepositRequest()).to.be.revertedWithCustomError(w.vault, "VaultCutOffPassed");
      await expect(vault.requestDepositUsdE6(E6)).to.be.revertedWithCustomError(
        w.vault,
        "VaultRequestPending",
      );
      await w.closeEpoch({ equityE8: 50_000n * E8 });
      await vault.claimShares();
    });

    it("are paid when cash has returned, and leave also while new risk is halted", async () => {
      await w.vault.connect(w.depositor).requestRedeemShares(await w.vault.balanceOf(w.depositor.address));
      await w.policy.connect(w.guardian).tripBreaker(1);
      await w.until((await w.validator.snapshotAt()) + 1n);
      await w.closeEpoch({ equityE8: 50_000n * E8 });
      await expect(w.vault.connect(w.depositor).claimRedeem()).to.be.revertedWithCustomError(
        w.vault,
        "VaultInsufficientIdle",
      );
      await w.vault.connect(w.venue).recordReturn(50_000n * E6);
      await w.vault.connect(w.depositor).claimRedeem();
      expect(await w.usd.balanceOf(w.depositor.address)).to.equal(1_000_000n * E6);
      await identity();
    });

    it("hold what they ask for", async () => {
      await expect(w.vault.connect(w.second).requestRedeemShares(1n)).to.be.revertedWithCustomError(
        w.vault,
        "ERC20InsufficientBalance",
      );
      await expect(w.vault.connect(w.second).requestRedeemShares(0n)).to.be.revertedWithCustomError(
        w.vault,
        "VaultZeroAmount",
      );
      await expect(w.vault.connect(w.second).cancelDepositRequest()).to.be.revertedWithCustomError(
        w.vault,
        "VaultNothingToClaim",
      );
      await expect(w.vault.connect(w.second).claimRedeem()).to.be.revertedWithCustomError(
        w.vault,
        "VaultNothingToClaim",
      );
    });
  });
});

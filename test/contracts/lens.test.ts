import { expect } from "chai";
import { createLensWorld, type LensWorld } from "./lens-world.ts";
import { SAKSI } from "./stake-world.ts";
import { E6, E8, id, LIMITS, STATE, ZeroHash } from "./support/world.ts";

/** What a node lets a read cost is at least this. */
const READ_GAS = 30_000_000n;
const SHARES = 10n ** 12n;

describe("the lens's figures", () => {
  let w: LensWorld;

  before(async () => {
    w = await createLensWorld();
  });
  afterEach(() => w.back());

  const dashboard = async () =>
    (await w.lens.dashboard()).toObject() as Record<string, bigint | boolean | string>;

  it("have names and units", () => {
    const { outputs } = w.lens.interface.getFunction("dashboard")!;
    for (const { name, type } of outputs) {
      expect(name).to.not.equal("");
      if (
        /^u?int/.test(type) &&
        /(Assets|idle|bond|Notional|Loss|Deposits|Owed|Cap|price|Mark|pnl)/.test(name)
      )
        expect(name).to.match(/(UsdE6|E8|E18|Saksi)$/);
    }
  });

  describe("the dashboard", () => {
    it("shows money, epoch, reservations and stake as they are", async () => {
      await w.stakeVault.connect(w.second).stake(1_000n * SAKSI);
      await w.stakeVault.connect(w.second).signal(w.mandateId, 600n * SAKSI);
      await w.vault.connect(w.second).requestDepositUsdE6(7_000n * E6);
      await w.vault.connect(w.depositor).requestRedeemShares(5_000n * SHARES);
      await w.approve();
      const d = await dashboard();
      expect(d.fundAssetsUsdE6).to.equal(100_000n * E6);
      expect(d.fundShares).to.equal(100_000n * SHARES);
      expect(d.sharePriceE18).to.equal(10n ** 12n);
      expect(d.highWaterMarkE18).to.equal(10n ** 12n);
      expect(d.idleUsdE6).to.equal(50_000n * E6);
      expect(d.receivableAtVenueE8).to.equal(50_000n * E8);
      expect(d.venueCapUsdE6).to.equal(80_000n * E6);
      expect(d.bondUsdE6).to.equal(10_000n * E6);
      expect(d.bondNeededUsdE6).to.equal(2_500n * E6);
      expect(d.pendingDepositsUsdE6).to.equal(7_000n * E6);
      expect(d.redemptionLineShares).to.equal(5_000n * SHARES);
      expect(d.currentEpoch).to.equal(1n);
      expect(d.currentEpochEndsAt).to.equal(w.params.firstSnapshotAt);
      expect(d.requestsBelongToEpoch).to.equal(1n);
      expect([d.approvalsOfCurrentEpoch, d.unfinishedOfCurrentEpoch]).to.deep.equal([1n, 1n]);
      expect([d.mandateCount, d.openPredictions]).to.deep.equal([1n, 1n]);
      expect(d.openNotionalUsdE6).to.equal(10_000n * E6);
      expect(d.reservedLossUsdE6).to.equal(100n * E6);
      expect([d.newRiskHalted, d.breakerCause, d.windingDown]).to.deep.equal([false, 0n, false]);
      expect([d.signers, d.signersNeeded]).to.deep.equal([5n, 3n]);
      expect(d.stakedSaksi).to.equal(1_000n * SAKSI);
      expect(d.totalSignalSaksi).to.equal(600n * SAKSI);
      expect(d.recordHead).to.equal(await w.validator.head());
      expect([d.lastClosedEpoch, d.equityAtLastCloseE8]).to.deep.equal([0n, 0n]);
    });

    it("shows what the last close reconciled with, whatever was moved since", async () => {
      await w.closeWith(3n);
      expect((await dashboard()).equityAtLastCloseE8).to.equal(50_000n * E8 + 3n);
      await w.signals.set(w.mandateId, 1n);
      await w.allocator.connect(w.owner).schedulePlace(w.mandateId, w.venue.address, 20_000n * E6, 10_000n);
      await w.after(8n * 86_400n);
      await w.allocator.rebalance();
      const d = await dashboard();
      expect(d.receivableAtVenueE8).to.equal(70_000n * E8 + 3n);
      expect([d.lastClosedEpoch, d.equityAtLastCloseE8]).to.deep.equal([1n, 50_000n * E8 + 3n]);
      expect(d.carryE8).to.equal(3n);
    });

    it("shows a halt, a line that waits and fees that are owed", async () => {
      await w.vault.connect(w.owner).setRedeemCapBps(100);
      await w.vault.connect(w.depositor).requestRedeemShares(5_000n * SHARES);
      const t = await w.trip({ exitQuoteE8: 8_000n * E8 });
      await w.until((await w.validator.record(t.id)).finalizableAt);
      await w.validator.finalize(t.id);
      await w.closeWith();
      await w.policy.connect(w.guardian).pauseNewRisk(600);
      const d = await dashboard();
      expect(d.redemptionLineShares).to.equal(4_000n * SHARES);
      expect(d.redemptionsOwedUsdE6).to.be.greaterThan(1_000n * E6);
      expect(d.feesOwedUsdE6).to.equal((1_995n * E6) / 5n);
      expect(d.sharePriceE18).to.equal(d.highWaterMarkE18);
      expect([d.newRiskHalted, d.breakerCause]).to.deep.equal([true, 0n]);
      expect(d.pausedUntil).to.equal((await w.now()) + 600n);
      expect(d.equityAtLastCloseE8).to.equal(50_000n * E8 + t.pnlE8);
    });
  });

  describe("the lists", () => {
    const more = async (count: number) => {
      for (let i = 0; i < count; i++) {
        const mandateId = await w.validator
          .connect(w.owner)
          .registerMandate.staticCall(id("account"), id(`m${i}`), w.operator.address);
        await w.validator.connect(w.owner).registerMandate(id("account"), id(`m${i}`), w.operator.address);
        await w.policy.connect(w.owner).openMandate(mandateId, { ...LIMITS, feed: w.feed.target });
      }
    };

    it("give mandates by pages of at most MAX_PAGE", async () => {
      await more(3);
      const { id: open } = await w.approve();
      const all = await w.lens.mandates(1, 32);
      expect(all.mandateIds).to.have.length(4);
      expect(all.mandateIds[0]).to.equal(w.mandateId);
      expect(all.lastPredictionIds.toArray()).to.deep.equal([open, ZeroHash, ZeroHash, ZeroHash]);
      expect(all.openNotionalUsdE6[0]).to.equal(10_000n * E6);
      expect(all.active.toArray()).to.deep.equal([true, true, true, true]);
      const page = await w.lens.mandates(3, 1);
      expect(page.mandateIds.toArray()).to.deep.equal([all.mandateIds[2]]);
      expect((await w.lens.mandates(4, 5)).mandateIds).to.have.length(1);
      expect((await w.lens.mandates(5, 5)).mandateIds).to.have.length(0);
    });

    it("give epochs until the one after the running one", async () => {
      await w.vault.connect(w.second).requestDepositUsdE6(7_000n * E6);
      await w.vault.connect(w.depositor).requestRedeemShares(5_000n * SHARES);
      const t = await w.trip();
      await w.until((await w.validator.record(t.id)).finalizableAt);
      await w.validator.finalize(t.id);
      await w.closeWith();
      const e = await w.lens.epochs(1, 32);
      expect(e.numbers.toArray()).to.deep.equal([1n, 2n, 3n]);
      expect(e.closed.toArray()).to.deep.equal([true, false, false]);
      expect([e.approvals[0], e.unfinished[0], e.pnlE8[0]]).to.deep.equal([1n, 0n, t.pnlE8]);
      expect(e.sentToVenueUsdE6[0]).to.equal(50_000n * E6);
      expect(e.depositsAskedUsdE6[0]).to.equal(7_000n * E6);
      expect(e.redemptionsServedShares[0]).to.equal(5_000n * SHARES);
      expect(e.redemptionsPaidUsdE6[0]).to.be.greaterThan(5_000n * E6);
      expect((await w.lens.epochs(4, 1)).numbers).to.have.length(0);
    });

    it("give predictions by their ids, and zeros for an id nobody knows", async () => {
      const { id: open } = await w.approve();
      const p = await w.lens.predictions([open, id("nobody's")]);
      expect(p.mandateIds.toArray()).to.deep.equal([w.mandateId, ZeroHash]);
      expect(p.states.toArray()).to.deep.equal([STATE.Approved, STATE.None]);
      expect([p.sequences[0], p.maxLossUsdE6[0]]).to.deep.equal([1n, 100n * E6]);
    });

    it("refuse a longer page and the number zero", async () => {
      const limit = await w.lens.MAX_PAGE();
      const tooLong = (sent: Promise<unknown>) =>
        expect(sent)
          .to.be.revertedWithCustomError(w.lens, "LensPageTooLong")
          .withArgs(limit + 1n, limit);
      await tooLong(w.lens.mandates(1, limit + 1n));
      await tooLong(w.lens.epochs(1, limit + 1n));
      await tooLong(w.lens.predictions(Array(Number(limit) + 1).fill(ZeroHash)));
      await expect(w.lens.mandates(0, 1)).to.be.revertedWithCustomError(w.lens, "LensStartsAtOne");
      await expect(w.lens.epochs(0, 1)).to.be.revertedWithCustomError(w.lens, "LensStartsAtOne");
    });

    it("cost a reader little with 17 mandates and 17 closed epochs, as do dashboard and health, which look at 16", async () => {
      await more(16);
      for (let i = 0; i < 17; i++) await w.closeWith();
      for (const [name, ...args] of [
        ["health"],
        ["healthy"],
        ["dashboard"],
        ["mandates", 1n, 32n],
        ["epochs", 1n, 32n],
      ] as const) {
        const gas = (await w.lens[name].estimateGas(...args)) as bigint;
        expect(gas, name).to.be.lessThan(READ_GAS / 10n);
      }
      expect(await w.brokenOf()).to.deep.equal([]);
      expect((await dashboard()).mandateCount).to.equal(17n);
    });
  });

  it("are what the lens was told of", async () => {
    expect((await w.lens.deployed()).toObject()).to.deep.equal(w.addresses);
  });
});

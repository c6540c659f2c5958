/**
 * A QUORUM THAT LIES
 *
 * Who: attesters who act together. Three of five signatures are the threshold.
 * Power: below it two valid signatures; at it every verdict, every settlement and every epoch statement. They hold shares
 *   of the fund, and one of them may be paid the fees.
 * Want: others' cash.
 * What the contracts do
 * - Below the threshold nothing: exactly k signatures of members are counted, and two disjoint quorums cannot exist.
 * - A verdict at the threshold still needs the publisher's signature, the sequence, every limit, the buckets and the bond:
 *   one trip costs at most its declared loss and the penalty, as anyone's.
 * - A false settlement waits for its dispute window, three of them if the fills are off the market. Anyone may challenge;
 *   nobody but another class or the owner can uphold it, and if nobody does it costs the price of silence.
 * - A false equity that no result explains trips the breaker. That close and all until the owner resets the breaker give no
 *   shares, and the unexplained part is in no exit price. A false shortfall takes the bond, as a loss.
 * Bound, with somebody who challenges within the window and an owner who does not reset a breaker unread: nothing for a
 *   false profit; nothing for a false surplus beyond the tolerance of an epoch (1 dollar); for a false shortfall the bond
 *   and the part of those who leave in that epoch, which stays with those who stay. Here: 0, 1, 5 000 and 45 000 dollars.
 * Remains: nobody challenges; the owner resets unread; several epochs of one dollar; a mark that a false surplus raised, which
 *   costs the operator his fee until the price passes it. The guardian ends all of it by
 *   removing members, in one transaction each.
 */
import { expect } from "chai";
import { closeWith, gainOf, leave } from "../support/epochs.ts";
import { createWorld, E6, E8, PRICE, STATE, STATUS, type World } from "../support/world.ts";

describe("Attack: a quorum that lies", () => {
  let w: World;
  before(async () => {
    w = await createWorld();
    // the attackers' ally owns a tenth of the fund; half of the cash is at the venue
    for (const who of [w.depositor, w.second]) await w.usd.connect(who).approve(w.vault.target, 10n ** 15n);
    await w.vault.connect(w.second).seedUsdE6(10_000n * E6);
    await w.fund({ deposit: 90_000n });
    for (const who of [w.depositor, w.second]) await w.usd.connect(who).approve(w.court.target, 10n ** 15n);
    await w.push(PRICE);
    await w.keep();
  });
  afterEach(() => w.back());

  describe("below the threshold", () => {
    const two = () => w.attesters.slice(0, 2);

    it("gets no verdict, no settlement and no close delivered", async () => {
      const p = await w.predict();
      const payload = w.attestation(p);
      const signatures = await w.signaturesOf("Attestation", payload, two());
      await expect(w.attest(p, w.reveal(), { payload, signatures })).to.be.revertedWithCustomError(
        w.quorum,
        "QuorumSignatureCount",
      );
      const [a, b] = two();
      const twice = await w.signaturesOf("Attestation", payload, [a!, b!, b!]);
      await expect(w.attest(p, w.reveal(), { payload, signatures: twice })).to.be.revertedWithCustomError(
        w.quorum,
        "QuorumUnsorted",
      );
      const open = await w.approve();
      const f = await w.fillsOf(open.p, open.r);
      await w.until(f.exitLastAt + 1n);
      const refused = w.settle(open.p, open.r, f, { by: two() });
      await expect(refused).to.be.revertedWithCustomError(w.quorum, "QuorumSignatureCount");
      await expect(w.closeEpoch({ equityE8: 10n ** 20n }, two())).to.be.revertedWithCustomError(
        w.quorum,
        "QuorumSignatureCount",
      );
      expect(await w.vault.totalAssetsE6()).to.equal(100_000n * E6);
    });

    it("cannot stop the other three either", async () => {
      const p = await w.predict();
      const payload = w.attestation(p);
      const signatures = await w.signaturesOf("Attestation", payload, w.attesters.slice(2));
      await w.attest(p, w.reveal(), { payload, signatures });
      expect((await w.validator.record(w.digest(p))).state).to.equal(STATE.Approved);
    });

    it("control: with one signature more the same bytes go through", async () => {
      await closeWith(w, [], 10n ** 10n);
      expect(await w.vault.totalAssetsE6()).to.equal(100_100n * E6);
    });
  });

  describe("at the threshold, with a false profit", () => {
    /** 50 000 dollars out of nothing: an exit far off the market. */
    const falseProfit = () => w.trip({ exitQuoteE8: 56_000n * E8, feeE8: 0n });

    it("gets nothing when anyone challenges: what nobody upholds costs the price of silence", async () => {
      const { id: lie, pnlE8 } = await falseProfit();
      expect(pnlE8).to.equal(50_000n * E8);
      await w.after(300n); // the window of 120 seconds has been tripled
      await w.court.connect(w.depositor).challenge(lie);
      await w.after(1_801n);
      await w.court.close(lie);
      await w.court.payBonds(lie);
      expect((await w.validator.record(lie)).pnlE8).to.equal(-110n * E8);
      await w.until((await w.validator.snapshotAt()) + 1n);
      // what they still say about the equity is now unexplained
      const closed = await w.closeEpoch({ equityE8: 100_000n * E8 });
      expect(closed.find("EpochClosed")!.args.breakerTripped).to.equal(true);
      for (const account of [0, 1, 2]) expect(await w.vault.feesOwedE6(account)).to.equal(0n);
      expect(await gainOf(w, w.second, () => leave(w, w.second))).to.equal(10_000n * E6);
      expect(await w.usd.balanceOf(w.depositor.address)).to.equal(910_000n * E6);
    });

    it("control: unchallenged it is paid, a fifth of it as fees and the ally's tenth of the rest", async () => {
      const { id: lie } = await falseProfit();
      await w.after(400n);
      await closeWith(w, [lie]);
      const fees =
        (await w.vault.feesOwedE6(0)) + (await w.vault.feesOwedE6(1)) + (await w.vault.feesOwedE6(2));
      expect(fees).to.equal(10_000n * E6);
      expect(await gainOf(w, w.second, () => leave(w, w.second))).to.equal(14_000n * E6 - 1n);
    });

    it("cannot open a trip that the publisher did not sign or the limits refuse", async () => {
      const p = await w.predict();
      const forged = await w.sign(p, w.attesters[0]!);
      expect((await w.attest(p, w.reveal(), { signature: forged })).ignored).to.equal(STATUS.BAD_SIGNATURE);
      const large = await w.attest(await w.predict({ maxLossUsdE6: 201n * E6 }));
      expect(large.find("PredictionRejected")).to.not.equal(undefined);
      expect((await w.validator.mandate(w.mandateId)).reservedLossUsdE6).to.equal(0n);
    });
  });

  describe("at the threshold, with a false equity", () => {
    it("a surplus of a million is in no exit price until the owner has looked into it", async () => {
      await closeWith(w, [], 1_000_000n * E8);
      expect(await w.policy.halted()).to.equal(true);
      expect(await w.vault.unexplainedUsdE6()).to.equal(1_000_000n * E6);
      // the next statement agrees with the lie, so that no residual is left
      expect(await gainOf(w, w.second, () => leave(w, w.second))).to.equal(10_000n * E6);
      // and the one after it with the truth
      await closeWith(w, [], -1_000_000n * E8);
      expect(await w.vault.unexplainedUsdE6()).to.equal(0n);
    });

    it("within the tolerance it is worth a dollar an epoch, and that to those who stay", async () => {
      await closeWith(w, [], E8);
      expect(await w.policy.halted()).to.equal(false);
      expect(await gainOf(w, w.second, () => leave(w, w.second))).to.equal(10_000n * E6 + E6 / 10n - 1n);
    });

    it("control: with the breaker reset unread, the ally takes all the cash there is", async () => {
      await closeWith(w, [], 1_000_000n * E8);
      await w.policy.resetBreaker();
      await w.vault.connect(w.second).requestRedeemShares(await w.vault.balanceOf(w.second.address));
      await closeWith(w);
      expect(await w.vault.redemptionsOwedE6()).to.equal(110_000n * E6 - 1n);
      expect(await w.vault.maxWithdraw(w.second.address)).to.equal(50_000n * E6);
    });

    it("a depressed price gives nobody shares, in that close or in one that repeats it", async () => {
      await w.vault.connect(w.second).requestDepositUsdE6(100_000n * E6);
      await closeWith(w, [], -104_000n * E8);
      expect(await w.vault.totalAssetsE6()).to.equal(1_000n * E6);
      const vault = w.vault.connect(w.second);
      await expect(vault.claimShares()).to.be.revertedWithCustomError(w.vault, "VaultEpochNotClosed");
      await vault.cancelDepositRequest();
      await vault.requestDepositUsdE6(100_000n * E6);
      await closeWith(w);
      await expect(vault.claimShares()).to.be.revertedWithCustomError(w.vault, "VaultEpochNotClosed");
      await vault.cancelDepositRequest();
      await closeWith(w, [], 104_000n * E8);
      await w.policy.resetBreaker();
      // what was said to be missing is there again; the bond has paid 5 000 for it
      expect(await gainOf(w, w.second, () => leave(w, w.second))).to.equal(10_500n * E6 - 1n);
    });

    it("bound of a false shortfall: the bond, and the part of those who leave in that close", async () => {
      const half = (await w.vault.balanceOf(w.depositor.address)) / 2n;
      await w.vault.connect(w.depositor).requestRedeemShares(half);
      await closeWith(w, [], -104_000n * E8);
      const robbed = await gainOf(w, w.depositor, () => w.vault.connect(w.depositor).claimRedeem());
      expect(robbed).to.equal(450n * E6);
      expect(await w.vault.bondUsdE6()).to.equal(0n);
      await closeWith(w, [], 104_000n * E8);
      // 45 000 less what they were paid, and the bond, are now the others'
      expect(await w.vault.totalAssetsE6()).to.equal(105_000n * E6 - robbed);
    });

    it("remains: a false surplus raises the mark for good, and no fee is earned below it", async () => {
      await closeWith(w, [], 1_000_000n * E8);
      await closeWith(w, [], -1_000_000n * E8);
      expect((await w.vault.highWaterMarkE18()) > 10n * (await w.vault.sharePriceE18())).to.equal(true);
      await w.policy.resetBreaker();
      await w.bondVault.connect(w.operator).postBond(5_000n * E6);
      await w.push(PRICE);
      const { id: won } = await w.trip();
      const d = (await closeWith(w, [won])).find("Distributed")!.args;
      expect([d.pnlE6, d.depositorsE6]).to.deep.equal([25n * E6, 25n * E6]);
    });

    it("the guardian ends it between two closes", async () => {
      await closeWith(w, [], 1_000_000n * E8);
      for (const liar of w.attesters.slice(0, 3))
        await w.quorum.connect(w.guardian).removeSigner(liar.address);
      await expect(closeWith(w)).to.be.revertedWithCustomError(w.quorum, "QuorumNotSigner");
    });
  });
});

/**
 * LIMITS RESET BY A NEW RULE BOOK, QUORUM, COURT OR ALLOCATOR
 *
 * Who: an owner, or a majority, that replaces an edge to be rid of what it remembers; anyone who applies what was announced.
 * Power: deploying any contract and naming it after the delay.
 * Wants: empty buckets, no drawdown, free reservations, a lost sequence, another court in the middle of a dispute; or a
 *   rule book so bad that nobody can leave.
 * What the contracts do: a rule book holds rules only. Buckets, drawdown, reservations, records and the sequence are the
 *   validator's; the bond source, the fund's allocator and its validator are named once; the court changes with no dispute
 *   open. The end of the fund asks nothing of the rule book.
 * Bound: what the new rules themselves allow, from the books as they were: here 0 dollars of bucket, drawdown and budget
 *   won by the change. Depositors have the delay, here 600 seconds, and on a real network two days, to ask for their money.
 * Remains: breaker and pause are the rule book's own. A change that was announced before an incident, and applied by anyone
 *   after it, is not halted until the guardian trips the new one: one approval under bond and budget at most may come between.
 *   A policy delay shorter than an epoch is no time to leave in.
 */
import { expect } from "chai";
import { deployed } from "../stake-world.ts";
import { closeWith, gainOf } from "../support/epochs.ts";
import { createWorld, E6, E8, LIMITS, type Live, PRICE, REASON, type World } from "../support/world.ts";

describe("Attack: limits reset by a replacement", () => {
  let w: World;
  before(async () => {
    w = await createWorld();
    await w.fund();
    await w.push(PRICE);
    await w.keep();
  });
  afterEach(() => w.back());

  /** A rule book with the same limits and nothing in its past. */
  const freshPolicy = async (limits: Partial<typeof LIMITS> = {}) => {
    const policy = await deployed(w.ethers, "RiskPolicy", w.owner.address, w.guardian.address, 120n, 3_600n);
    await policy.setBondSource(w.bondVault.target);
    await policy.openMandate(w.mandateId, { ...LIMITS, ...limits, feed: w.feed.target });
    return policy;
  };
  const replaceBy = async (policy: Live | { target: string }) => {
    await w.validator.schedulePolicy(policy.target);
    await w.after(600n);
    await w.validator.connect(w.stranger).applyPolicy();
    await w.push(PRICE);
  };
  const reasonsOf = async (over = {}) =>
    (await w.attest(await w.predict(over))).find("PredictionRejected")?.args.reasonBits ?? 0n;
  const round = async (over = {}) => {
    await w.push(PRICE);
    return w.trip(over);
  };

  it("keeps what the buckets have let out", async () => {
    for (let i = 0; i < 20; i++) await round({ exitQuoteE8: 6_006n * E8 });
    await replaceBy(await freshPolicy());
    expect(await reasonsOf()).to.equal(REASON.RATE_NOTIONAL);
  });

  it("keeps the drawdown and the peak it is measured from", async () => {
    await round({ exitQuoteE8: 6_400n * E8, feeE8: 0n });
    await round({ exitQuoteE8: 6_000n * E8, feeE8: 5_041n * E8 });
    expect(await reasonsOf()).to.equal(REASON.DRAWDOWN);
    await replaceBy(await freshPolicy());
    const { pnlE8, peakPnlE8 } = await w.validator.mandate(w.mandateId);
    expect([pnlE8, peakPnlE8]).to.deep.equal([-4_641n * E8, 400n * E8]);
    expect(await reasonsOf()).to.equal(REASON.DRAWDOWN);
  });

  it("keeps reservations, sequence and what is open", async () => {
    const { p, r, id } = await w.approve();
    await w.validator.schedulePolicy((await freshPolicy()).target);
    await w.after(600n);
    await w.validator.applyPolicy();
    await w.push(PRICE);
    const book = await w.validator.mandate(w.mandateId);
    expect([book.openCount, book.reservedLossUsdE6, book.lastSequence]).to.deep.equal([1n, 100n * E6, 1n]);
    expect(await reasonsOf()).to.equal(REASON.OPEN_LIMIT);
    await w.settle(p, r, await w.fillsOf(p, r));
    expect((await w.validator.record(id)).pnlE8).to.equal(25n * E8);
  });

  it("finds no bond behind a rule book that does not know it: fails closed", async () => {
    const policy = await deployed(w.ethers, "RiskPolicy", w.owner.address, w.guardian.address, 120n, 3_600n);
    await policy.openMandate(w.mandateId, { ...LIMITS, feed: w.feed.target });
    await replaceBy(policy);
    expect(await reasonsOf()).to.equal(REASON.BOND_LOW);
  });

  it("control: a mandate with new books has no drawdown and full buckets", async () => {
    await round({ exitQuoteE8: 6_000n * E8, feeE8: 5_041n * E8 });
    expect(await reasonsOf()).to.equal(REASON.DRAWDOWN);
    await w.validator.registerMandate(w.mandateId, w.mandateId, w.operator.address);
    const other = await w.validator.mandateAt(2);
    await w.policy.openMandate(other, { ...LIMITS, feed: w.feed.target });
    await w.approve({ mandateId: other });
  });

  it("keeps what a quorum said: another set goes on in the same sequence", async () => {
    const { p } = await w.approve();
    await w.until(p.entryExpiresAt + 1n);
    const members = w.attesters.map((one) => one.address).sort((a, b) => (BigInt(a) < BigInt(b) ? -1 : 1));
    const second = await deployed(
      w.ethers,
      "QuorumAttester",
      w.owner.address,
      w.guardian.address,
      w.validator.target,
      members,
      3,
      300n,
    );
    await w.validator.setAdapter(second.target, 2, 0x3f, true);
    await w.validator.connect(w.guardian).disableAdapter(w.quorum.target);
    // the same members, the same bytes under the new set's name: the record is there
    const payload = w.attestation(p);
    const signatures = await w.signaturesOf("Attestation", payload, undefined, {
      domain: { ...w.quorumDomain, verifyingContract: second.target },
      epoch: 1n,
    });
    const again = await w.outcome(second.attest(p, await w.sign(p), w.reveal(), payload, signatures));
    expect(again.ignored).to.equal(10);
    await expect(w.attest(await w.predict())).to.be.revertedWithCustomError(
      w.validator,
      "ValidatorUnauthorised",
    );
  });

  it("leaves a dispute to the court it is before", async () => {
    await w.usd.connect(w.second).approve(w.court.target, 10n ** 15n);
    const { id } = await round();
    await w.validator.scheduleCourt(w.stranger.address);
    await w.court.connect(w.second).challenge(id);
    await w.after(600n);
    await expect(w.validator.applyCourt()).to.be.revert(w.ethers);
    await expect(
      w.validator.connect(w.stranger).closeDispute(id, 10n ** 12n, false),
    ).to.be.revertedWithCustomError(w.validator, "ValidatorUnauthorised");
    await w.after(1_300n);
    await w.court.close(id);
    await w.validator.applyCourt();
  });

  it("has no second allocator, bond source or fund to name", async () => {
    await w.vault.setAllocator(w.stranger.address);
    await expect(w.vault.setAllocator(w.second.address)).to.be.revertedWithCustomError(
      w.vault,
      "VaultAlreadySet",
    );
    await expect(w.policy.setBondSource(w.second.address)).to.be.revertedWithCustomError(
      w.policy,
      "PolicyAlreadySet",
    );
    await expect(w.validator.setVault(w.second.address)).to.be.revertedWithCustomError(
      w.validator,
      "ValidatorAlreadySet",
    );
    await expect(w.bondVault.setVault(w.second.address)).to.be.revertedWithCustomError(
      w.bondVault,
      "BondUnauthorised",
    );
  });

  it("remains: a rule book announced before an incident is not halted by it until the guardian says so", async () => {
    const next = await freshPolicy();
    await w.validator.schedulePolicy(next.target);
    await w.after(600n);
    await closeWith(w, [], -100n * E8);
    expect(await w.policy.halted()).to.equal(true);
    await w.validator.connect(w.stranger).applyPolicy();
    await w.push(PRICE);
    const { p } = await w.approve();
    expect(p.maxLossUsdE6).to.equal(100n * E6);
    await next.connect(w.guardian).tripBreaker(1);
    await w.until(p.entryExpiresAt + 1n);
    await w.cancel(p, await w.nothing(p));
    await w.push(PRICE);
    expect(await reasonsOf()).to.equal(REASON.HALTED);
  });

  describe("by a rule book that refuses everything", () => {
    const hostile = async () => {
      await w.vault.connect(w.depositor).transfer(w.second.address, 40_000n * E6 * E6);
      await replaceBy(w.usd as unknown as { target: string });
    };

    it("stops approvals and closes, but not the end of the fund", async () => {
      await w.validator.schedulePolicy(w.usd.target);
      await w.after(600n);
      await w.validator.applyPolicy();
      await w.vault.connect(w.venue).recordReturn(50_000n * E6);
      await expect(closeWith(w)).to.be.revert(w.ethers);
      await w.until((await w.validator.snapshotAt()) + w.params.vault.silenceSeconds);
      await expect(w.vault.connect(w.stranger).startWindDown())
        .to.emit(w.vault, "BreakerRefused")
        .withArgs(w.usd.target, 4n);
      const all: bigint = await w.vault.balanceOf(w.depositor.address);
      const paid = await gainOf(w, w.depositor, () => w.vault.connect(w.depositor).redeemInWindDown(all));
      expect(paid).to.equal(100_000n * E6);
    });

    it("leaves holders their claims", async () => {
      await w.vault.connect(w.depositor).requestRedeemShares(30_000n * E6 * E6);
      await closeWith(w);
      await hostile();
      expect(await gainOf(w, w.depositor, () => w.vault.connect(w.depositor).claimRedeem())).to.equal(
        30_000n * E6,
      );
    });

    it("control: with a rule book that takes it, the end trips the breaker", async () => {
      await w.vault.startWindDown();
      expect(await w.policy.breakerCause()).to.equal(4n);
    });
  });
});

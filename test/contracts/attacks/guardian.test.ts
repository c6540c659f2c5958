/**
 * A GUARDIAN IN THE WRONG HANDS
 *
 * Who: whoever stole the guardian's key, in league with depositors or with the operator's rivals.
 * Power: everything the guardian may do, all at once: breaker, pause, every limit to its tightest, models and approvals
 *   revoked, transports disabled, attesters removed, scheduled changes cancelled.
 * Wants: money, or a fund that can neither trade nor end.
 * What the contracts do: no guardian function moves money or names anybody. Exits, claims and the wind-down do not ask it.
 *   A pause ends by itself and cannot be chained. The owner replaces the guardian, whose veto does not reach that.
 * Bound: to the thief 0. To the operator the price of silence of the trips open at that moment, Σ (maxLoss + penalty): here
 *   110 dollars; and, if no close comes for `silenceSeconds`, as much of the bond as the venue has not returned by then:
 *   0 if he brings the cash home. To depositors 0.
 * Remains: time. New risk stands still until the owner acts; without a quorum the fund ends after the silence.
 */
import { expect } from "chai";
import { closeWith, gainOf } from "../support/epochs.ts";
import { createWorld, DAY, E6, E8, PRICE, REASON, type World } from "../support/world.ts";

describe("Attack: a guardian in the wrong hands", () => {
  let w: World;
  before(async () => {
    w = await createWorld();
    await w.fund();
    await w.push(PRICE);
    await w.keep();
  });
  afterEach(() => w.back());

  /** Everything at once, while one trip is open. */
  const rampage = async () => {
    const open = await w.approve();
    const as = (contract: World["vault"]) => contract.connect(w.guardian) as World["vault"];
    await as(w.policy).tripBreaker(9);
    await as(w.policy).pauseNewRisk(7n * DAY);
    await as(w.policy).deactivateMandate(w.mandateId);
    await as(w.policy).tightenMaxNotionalUsdE6(w.mandateId, 0n);
    await as(w.registry).revokeModel(open.p.modelId);
    await as(w.validator).revokeApproval(open.id);
    for (const adapter of [w.quorum, w.gelatoAttester]) await as(w.validator).disableAdapter(adapter.target);
    for (const one of w.attesters) await as(w.quorum).removeSigner(one.address);
    return open;
  };

  it("takes nothing: every function that moves money or names somebody refuses it", async () => {
    const { guardian } = w;
    const acts: [World["vault"], string, unknown[]][] = [
      [w.vault, "setVenueDeposit", [guardian.address]],
      [w.vault, "setVenueCapUsdE6", [1n]],
      [w.vault, "setAllocator", [guardian.address]],
      [w.vault, "setPerformanceFeeBps", [5_000n]],
      [w.vault, "startWindDown", []],
      [w.vault, "sendToVenue", [1n]],
      [w.bondVault, "postBond", [1n]],
      [w.bondVault, "requestRelease", [1n]],
      [w.validator, "setExecutor", [guardian.address]],
      [w.validator, "setAdapter", [guardian.address, 3, 0x3f, true]],
      [w.validator, "schedulePolicy", [guardian.address]],
      [w.validator, "scheduleCourt", [guardian.address]],
      [w.quorum, "scheduleSigner", [guardian.address]],
      [w.policy, "resetBreaker", []],
      [w.policy, "scheduleLimit", [w.mandateId, 1, 1n]],
      [w.policy, "setGuardian", [guardian.address]],
    ];
    for (const [contract, name, args] of acts)
      await expect((contract.connect(guardian) as World["vault"])[name](...args), name).to.be.revert(
        w.ethers,
      );
  });

  it("bound: nobody can speak, the fund ends, and depositors and operator have their money", async () => {
    await w.vault.connect(w.second).requestDepositUsdE6(500n * E6);
    await rampage();
    // a depositor who had not got a price yet leaves at once
    expect(await gainOf(w, w.second, () => w.vault.connect(w.second).cancelDepositRequest())).to.equal(
      500n * E6,
    );
    // the operator brings the cash home within the silence
    await w.after(DAY);
    await w.vault.connect(w.venue).recordReturn(50_000n * E6);
    await w.until((await w.validator.snapshotAt()) + w.params.vault.silenceSeconds + 1n);
    await w.vault.connect(w.stranger).startWindDown();
    await w.vault.connect(w.stranger).callBond();
    const shares: bigint = await w.vault.balanceOf(w.depositor.address);
    expect(
      await gainOf(w, w.depositor, () => w.vault.connect(w.depositor).redeemInWindDown(shares)),
    ).to.equal(100_000n * E6);
    const bond = w.bondVault.connect(w.operator);
    await bond.requestRelease(5_000n * E6);
    await w.after(600n);
    expect(await gainOf(w, w.operator, () => bond.releaseBond())).to.equal(5_000n * E6);
  });

  it("bound: an owner who acts goes on with the trips that were open as the only loss", async () => {
    const open = await rampage();
    await w.policy.setGuardian(w.newOwner.address);
    await w.validator.setAdapter(w.quorum.target, 2, 0x3f, true);
    await w.usd.connect(w.second).approve(w.bonds.target, 10n ** 15n);
    for (const one of w.attesters.slice(0, 3)) {
      await w.bonds.connect(w.second).postBond(one.address, 1_000n * E6);
      await w.quorum.scheduleSigner(one.address);
    }
    await w.until(open.p.settleBy + 61n);
    await w.validator.expire(open.id);
    for (const one of w.attesters.slice(0, 3)) await w.quorum.addSigner(one.address);
    // the trip was flat in truth
    const d = (await closeWith(w, [open.id], 110n * E8)).find("Distributed")!.args;
    expect([d.bondPaidE6, d.depositorsE6]).to.deep.equal([110n * E6, 110n * E6]);
  });

  it("cannot pause for ever: a second pause needs the owner", async () => {
    const policy = w.policy.connect(w.guardian);
    await policy.pauseNewRisk(7n * DAY);
    await w.after(7n * DAY);
    await w.push(PRICE);
    expect(await w.policy.halted()).to.equal(false);
    await expect(policy.pauseNewRisk(1n)).to.be.revertedWithCustomError(w.policy, "PolicyPauseSpent");
    await w.approve();
  });

  it("control: the owner may chain pauses, and a paused policy refuses", async () => {
    await w.policy.pauseNewRisk(7n * DAY);
    await w.after(7n * DAY - 10n);
    await w.policy.pauseNewRisk(7n * DAY);
    await w.after(DAY);
    await w.push(PRICE);
    const refused = (await w.attest(await w.predict())).find("PredictionRejected")!.args.reasonBits;
    expect(refused).to.equal(REASON.HALTED);
  });
});

/**
 * THE BOND LEAVES BEFORE THE LOSS
 *
 * Who: the operator, who is also the executor: he trades, he sees the fills first, and the bond is his.
 * Power: asking for the bond back whenever he likes, bringing the venue's cash home, choosing when to call.
 * Wants: to be paid for profits and to let depositors bear the losses. He keeps a release ready from the first day, and
 *   takes the bond when a trip has lost, between its settlement and the epoch's close.
 * What the contracts do: bond on its way out backs no new approval, and it stays until the epoch in which it was asked
 *   for is distributed. So whatever was approved while it counted is paid for first; whatever is approved later rests on
 *   the rest of the bond. Bond at the venue's share (`neededBondUsdE6`) stays in any case.
 * Bound: nothing of a loss that was approved while the bond counted. Here: a loss of 105 of 105 stays his.
 * Remains: losses beyond the bond. Of several mandates each sees the whole bond: the sum of their loss budgets has to be
 *   kept below it by who sets them (see the last test).
 */
import { expect } from "chai";
import { closeWith } from "../support/epochs.ts";
import { createWorld, E6, E8, id, LIMITS, PRICE, REASON, type World } from "../support/world.ts";

describe("Attack: the bond leaves before the loss", () => {
  let w: World;
  before(async () => {
    w = await createWorld();
    await w.fund();
    await w.push(PRICE);
    await w.keep();
  });
  afterEach(() => w.back());

  const bond = () => w.bondVault.connect(w.operator);
  const losing = { exitQuoteE8: 5_900n * E8, feeE8: 5n * E8 };
  const everythingHome = () => w.vault.connect(w.venue).recordReturn(50_000n * E6);

  it("a release that waits since the first day is not paid between a loss and its distribution", async () => {
    await bond().requestRelease(2_500n * E6);
    await w.after(600n);
    await w.push(PRICE);
    const { id: lost, pnlE8 } = await w.trip(losing);
    expect(pnlE8).to.equal(-105n * E8);
    await everythingHome();
    await expect(bond().releaseBond()).to.be.revertedWithCustomError(w.bondVault, "BondEpochOpen");
    const price: bigint = await w.vault.sharePriceE18();
    const d = (await closeWith(w, [lost])).find("Distributed")!.args;
    expect([d.bondPaidE6, d.depositorsE6]).to.deep.equal([105n * E6, 0n]);
    expect(await w.vault.sharePriceE18()).to.equal(price);
    await bond().releaseBond();
    expect(await w.vault.bondUsdE6()).to.equal(2_395n * E6);
  });

  it("nor is one that is asked for when the loss is known", async () => {
    const { id: lost } = await w.trip(losing);
    await everythingHome();
    await bond().requestRelease(5_000n * E6);
    await w.after(600n);
    await expect(bond().releaseBond()).to.be.revertedWithCustomError(w.bondVault, "BondEpochOpen");
    const d = (await closeWith(w, [lost])).find("Distributed")!.args;
    expect([d.bondPaidE6, d.depositorsE6]).to.deep.equal([105n * E6, 0n]);
  });

  it("bond that is asked back carries no new risk, so a ready release is no option on the next loss", async () => {
    await bond().requestRelease(2_501n * E6);
    const refused = await w.attest(await w.predict());
    expect(refused.find("PredictionRejected")!.args.reasonBits).to.equal(REASON.BOND_LOW);
    await bond().requestRelease(0n);
    await w.approve();
  });

  it("control: asked for before the epoch of the loss it is out, and the loss is the depositors'", async () => {
    await bond().requestRelease(2_500n * E6);
    await closeWith(w);
    await w.push(PRICE);
    const { id: lost } = await w.trip(losing);
    await bond().releaseBond();
    expect(await w.vault.bondUsdE6()).to.equal(2_500n * E6);
    const d = (await closeWith(w, [lost], -2_500n * E8)).find("Distributed")!.args;
    expect([d.bondPaidE6, d.depositorsE6]).to.deep.equal([2_500n * E6, -105n * E6]);
  });

  it("remains: two mandates see the same bond, so their budgets together may exceed it", async () => {
    await w.validator.registerMandate(id("another account"), id("another market"), w.operator.address);
    const other = await w.validator.mandateAt(2);
    await w.policy.openMandate(other, { ...LIMITS, feed: w.feed.target, minBondBps: 1, allocationUsdE6: E6 });
    await w.policy.tightenMaxLossUsdE6(w.mandateId, 150n * E6);
    await bond().requestRelease(2_500n * E6);
    await w.approve();
    await w.approve({ mandateId: other });
    const reserved = async (mandateId: string) =>
      (await w.validator.mandate(mandateId)).reservedLossUsdE6 as bigint;
    expect((await reserved(w.mandateId)) + (await reserved(other))).to.equal(200n * E6);
  });
});

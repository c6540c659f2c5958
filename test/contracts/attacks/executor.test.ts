/**
 * AN EXECUTOR WHO EMPTIES THE VENUE
 *
 * Who: the executor, with the trading key and whatever withdraws at the venue.
 * Power: sending the fund's cash to the venue, again and again; whatever he likes there.
 * Wants: all of the fund, through the venue.
 * What the contracts do: cash leaves to one address, under a cap on what is there in all and under a bond of a share of it,
 *   out of what nobody else is owed; behind an allocator also no faster than a bucket and only to targets by signal. What is
 *   missing is borne by the bond first, and without the bond nothing more is sent.
 * Bound: with V ≤ min(cap, B / minBondBps) at the venue and B the bond, depositors lose V - B at once and at most
 *   V · (1 - minBondBps) in portions, each of which is the bond's until the bond no longer carries what is there: here, with a
 *   cap of 80 000 and a bond of 5 000, 75 000 and 76 000 of 200 000 dollars; behind the allocator of this test 35 000 on the
 *   first day.
 * Remains: that bound. It is the measure of the trust in the venue and in who trades there. A tripped breaker stops new trips,
 *   not what the bond still lets him send.
 */
import { expect } from "chai";
import { deployed } from "../stake-world.ts";
import { closeWith } from "../support/epochs.ts";
import { createWorld, E6, E8, id, PRICE, type World } from "../support/world.ts";

describe("Attack: an executor who empties the venue", () => {
  let w: World;
  before(async () => {
    w = await createWorld();
    await w.fund({ deposit: 200_000n, venue: 0n });
    await w.push(PRICE);
    await w.keep();
  });
  afterEach(() => w.back());

  const send = (usd: bigint) => w.vault.connect(w.executor).sendToVenue(usd * E6);
  const refused = (name: string, sent: Promise<unknown>) =>
    expect(sent).to.be.revertedWithCustomError(w.vault, name);

  it("sends no more than the cap, in one piece or in many, and to nobody else", async () => {
    await refused("VaultVenueCap", send(80_001n));
    for (let i = 0; i < 8; i++) await send(10_000n);
    await refused("VaultVenueCap", send(1n));
    await refused(
      "VaultUnauthorised",
      w.vault.connect(w.executor).sendToVenueAddress(w.executor.address, E6),
    );
    expect(await w.usd.balanceOf(w.venue.address)).to.equal(1_080_000n * E6);
  });

  it("makes no room by bringing back what he has not taken: the cap is on what is there", async () => {
    await send(80_000n);
    await w.usd.mint(w.executor.address, 1_000n * E6);
    await w.usd.connect(w.executor).approve(w.vault.target, 1_000n * E6);
    await w.vault.connect(w.executor).recordReturn(1_000n * E6);
    await send(1_000n);
    await refused("VaultVenueCap", send(1n));
  });

  it("bound: takes everything that is there; the bond pays first, and nothing follows", async () => {
    await send(80_000n);
    const d = (await closeWith(w, [], -80_000n * E8)).find("Distributed")!.args;
    expect([d.bondPaidE6, d.depositorsE6]).to.deep.equal([5_000n * E6, -75_000n * E6]);
    await refused("VaultBondTooLow", send(1n));
    expect(await w.policy.halted()).to.equal(true);
  });

  it("bound: in portions it is the bond's money, and depositors lose no more in the end", async () => {
    let lost = 0n;
    for (const portion of [900n, 90n]) {
      await send(80_000n - (await w.vault.receivableAtVenueE8()) / E8);
      const d = (await closeWith(w, [], -portion * E8)).find("Distributed")!.args;
      expect(d.bondPaidE6).to.equal(portion * E6);
      lost -= d.depositorsE6;
    }
    // 4 010 of bond carry 80 000 once more; all of it goes
    await send(90n);
    lost -= (await closeWith(w, [], -80_000n * E8)).find("Distributed")!.args.depositorsE6;
    expect(lost).to.equal(80_000n * E6 - 4_010n * E6);
    expect(lost <= 80_000n * E6 - (80_000n * E6) / 20n).to.equal(true);
    await refused("VaultBondTooLow", send(1n));
  });

  it("takes nothing that leavers wait for", async () => {
    await w.vault.connect(w.depositor).requestRedeemShares(150_000n * E6 * E6);
    await closeWith(w);
    await refused("VaultInsufficientIdle", send(50_001n));
  });

  it("control: the owner may lift the cap; then bond and cash are the limits", async () => {
    await w.vault.setVenueCapUsdE6(10n ** 12n);
    await refused("VaultBondTooLow", send(100_001n));
    await send(100_000n);
  });

  it("behind an allocator nobody sends faster than its bucket refills, nor past the target, nor to a place not announced", async () => {
    const signals = await deployed(w.ethers, "MockSignals");
    const allocator = await deployed(
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
    const mandate = id("mandate");
    await w.vault.setAllocator(allocator.target);
    await signals.set(mandate, 1n);
    await allocator.schedulePlace(mandate, w.venue.address, 60_000n * E6, 10_000n);
    await refused("VaultUnauthorised", send(1n));
    const anyone = allocator.connect(w.executor);
    await expect(anyone.rebalanceMandate(mandate)).to.be.revertedWithCustomError(
      allocator,
      "AllocatorTooEarly",
    );
    await w.after(3_600n);
    await anyone.rebalanceMandate(mandate);
    expect(await w.vault.receivableAtVenueE8()).to.equal(40_000n * E8);
    // two seconds of refill, not a second bucket
    await anyone.rebalanceMandate(mandate);
    expect((await w.vault.receivableAtVenueE8()) < 40_002n * E8).to.equal(true);
    const d = (await closeWith(w, [], -((await w.vault.receivableAtVenueE8()) as bigint))).find(
      "Distributed",
    )!.args;
    expect(-d.depositorsE6 < 35_002n * E6).to.equal(true);
    // what was taken is still counted as there: the target leaves no room for it again, and there is no bond
    await w.after(86_400n);
    await refused("VaultBondTooLow", anyone.rebalanceMandate(mandate));
  });
});

/**
 * A FEE TWICE ON THE SAME GAIN, AND A STALE MARK
 *
 * Who: whoever is paid the performance fee: operator, stakers, treasury; or an owner in league with them.
 * Power: the order of profits and losses, the time of a change of fee, coming and going with own money.
 * Wants: the fee again on a gain that was charged already, or a higher fee on a gain of the past.
 * What the contracts do: the fee is on what exceeds the high-water mark, which is set to the price at every close that
 *   raises it and never falls while anyone holds a share; a new fee counts from the epoch after the one in which requests
 *   are taken; equity that nothing explains bears no fee.
 * Bound: Σ fees ≤ feeBps · (highest price − first price) · shares, each epoch at the fee announced before it began.
 *   Here: 20 % of 1 000 dollars once, however often the gain comes back.
 * Remains: one mark for all: who enters below it is not charged on the way up to it.
 */
import { expect } from "chai";
import { closeWith } from "../support/epochs.ts";
import { createWorld, E6, E8, PRICE, type World } from "../support/world.ts";

describe("Attack: a fee twice on the same gain", () => {
  let w: World;
  before(async () => {
    w = await createWorld({ limits: { minBondBps: 0, maxDrawdownBps: 10_000 } });
    await w.fund({ bond: 0n, venue: 0n });
    await w.bondVault.connect(w.operator).postBond(2_500n * E6);
    await w.vault.connect(w.executor).sendToVenue(50_000n * E6);
    await w.push(PRICE);
    await w.keep();
  });
  afterEach(() => w.back());

  /** An epoch with one trip of this profit; answers what was charged. */
  const epochWith = async (profitUsd: bigint, offE8 = 0n) => {
    const { id } = await w.trip({
      entryQuoteE8: 10_000n * E8,
      exitQuoteE8: (10_000n + profitUsd) * E8,
      feeE8: 0n,
    });
    const d = (await closeWith(w, [id], offE8)).find("Distributed")!.args;
    return (d.feeOperatorE6 + d.feeStakersE6 + d.feeTreasuryE6) / E6;
  };

  it("a gain that is lost and made again is charged once", async () => {
    expect(await epochWith(1_000n)).to.equal(200n);
    // the bond takes 2 500 of it, depositors 800
    expect(await epochWith(-3_300n)).to.equal(0n);
    expect(await epochWith(800n)).to.equal(0n);
    expect(await epochWith(100n)).to.equal(20n);
  });

  it("own money that comes and goes does not lower the mark", async () => {
    expect(await epochWith(1_000n)).to.equal(200n);
    expect(await epochWith(-3_300n)).to.equal(0n);
    const mark: bigint = await w.vault.highWaterMarkE18();
    await w.vault.connect(w.second).requestDepositUsdE6(500_000n * E6);
    await closeWith(w);
    await w.vault.connect(w.second).claimShares();
    await w.vault.connect(w.second).requestRedeemShares(await w.vault.balanceOf(w.second.address));
    await closeWith(w);
    expect(await w.vault.highWaterMarkE18()).to.equal(mark);
    expect(await epochWith(790n)).to.equal(0n);
  });

  it("a surplus that nothing explains bears no fee, and raises the mark so that it never will", async () => {
    expect(await epochWith(0n, 1_000n * E8)).to.equal(0n);
    await w.policy.resetBreaker();
    await w.push(PRICE);
    expect(await epochWith(-1_000n - 2_500n)).to.equal(0n);
    expect(await epochWith(1_000n)).to.equal(0n);
  });

  it("a fee that is raised when the gain is known is charged on the next gain only, however often it is raised", async () => {
    await w.push(PRICE);
    const { id } = await w.trip({ entryQuoteE8: 10_000n * E8, exitQuoteE8: 11_000n * E8, feeE8: 0n });
    for (const bps of [5_000n, 1_000n, 5_000n]) await w.vault.setPerformanceFeeBps(bps);
    const d = (await closeWith(w, [id])).find("Distributed")!.args;
    expect(d.feeOperatorE6 + d.feeStakersE6 + d.feeTreasuryE6).to.equal(200n * E6);
    expect(await epochWith(1_000n)).to.equal(500n);
  });

  it("control: above the mark every gain is charged", async () => {
    expect(await epochWith(1_000n)).to.equal(200n);
    expect(await epochWith(1_000n)).to.equal(200n);
  });
});

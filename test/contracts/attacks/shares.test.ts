/**
 * SHARE INFLATION AND DONATION
 *
 * Who: the first depositor, or anyone with money to give away.
 * Power: depositing one unit, sending the asset to the fund's address, and, as executor, through the door for returns.
 * Wants: a share so dear that the next deposit is rounded down to none, and what is lost in rounding is his.
 * What the contracts do: the fund reads no balance; a unit starts as a million shares and a million virtual shares belong
 *   to nobody; deposits have a minimum; what comes back from the venue beyond what was sent is equity that no result
 *   explains, which is no entry price beyond the tolerance.
 * Bound: a victim loses less than one share. With a donation D through the door and supply T, D / (T + 10⁶). Here, with a
 *   donation of one dollar (the tolerance) and one dollar of shares: one unit, a millionth of a dollar, of 100 dollars.
 * Remains: the fund may be given money. It is then its holders'.
 */
import { expect } from "chai";
import { deployed } from "../stake-world.ts";
import { closeWith, gainOf, leave } from "../support/epochs.ts";
import { createWorld, E6, E8, type World } from "../support/world.ts";

const GIFT = 100_000n * E6;

describe("Attack: share inflation and donation", () => {
  let w: World;
  before(async () => {
    w = await createWorld();
    await w.fund({ deposit: 0n, venue: 0n });
    // the attacker is first, with the least there is; he is also the executor's venue address
    await w.usd.mint(w.stranger.address, 10n * GIFT);
    await w.usd.connect(w.stranger).approve(w.vault.target, 10n ** 15n);
    await w.vault.setVenueDeposit(w.stranger.address);
    await w.vault.connect(w.stranger).seedUsdE6(E6);
    await w.keep();
  });
  afterEach(() => w.back());

  const victimEnters = async () => {
    await w.vault.connect(w.second).requestDepositUsdE6(100n * E6);
    await closeWith(w);
    await w.vault.connect(w.second).claimShares();
  };
  const victimLoss = async () => 100n * E6 - (await gainOf(w, w.second, () => leave(w, w.second)));

  it("money sent to the address moves no price and is nobody's", async () => {
    const price: bigint = await w.vault.sharePriceE18();
    await w.usd.connect(w.stranger).transfer(w.vault.target, GIFT);
    await victimEnters();
    expect(await w.vault.sharePriceE18()).to.equal(price);
    expect(await victimLoss()).to.equal(0n);
    expect(await gainOf(w, w.stranger, () => leave(w, w.stranger))).to.equal(E6);
    expect(await w.usd.balanceOf(w.vault.target)).to.equal(GIFT);
  });

  it("money through the door for returns is equity that nothing explains: no deposit is taken at that price", async () => {
    await w.vault.connect(w.stranger).recordReturn(GIFT);
    await w.vault.connect(w.second).requestDepositUsdE6(100n * E6);
    await w.until((await w.validator.snapshotAt()) + 1n);
    await w.closeEpoch({ equityE8: 0n });
    expect(await w.policy.halted()).to.equal(true);
    expect(await gainOf(w, w.second, () => w.vault.connect(w.second).cancelDepositRequest())).to.equal(
      100n * E6,
    );
  });

  it("bound: within the tolerance a victim loses less than one share", async () => {
    await w.vault.connect(w.stranger).recordReturn(E6);
    await w.until((await w.validator.snapshotAt()) + 1n);
    await w.closeEpoch({ equityE8: 0n });
    expect(await w.policy.halted()).to.equal(false);
    await victimEnters();
    const share = E6 / (E6 * E6 + E6) + 1n;
    expect(await victimLoss()).to.be.at.most(share);
    // of the dollar he gave, a millionth went to the shares of nobody
    expect(await gainOf(w, w.stranger, () => leave(w, w.stranger))).to.be.within(2n * E6 - 3n, 2n * E6);
  });

  it("a fund that a single share is left of gives its next depositor a millionth less at most", async () => {
    const one = 1n;
    const vault = w.vault.connect(w.stranger);
    await vault.requestRedeemShares((await w.vault.balanceOf(w.stranger.address)) - one);
    await closeWith(w);
    await closeWith(w, [], E8);
    await w.usd.connect(w.stranger).approve(w.vault.target, 10n ** 15n);
    expect(await w.vault.totalAssetsE6()).to.be.within(E6, E6 + 1n);
    await victimEnters();
    const lost = await victimLoss();
    expect(lost).to.be.within(0n, 2n);
  });

  it("control: without the guards the same gift takes half of the next deposit", async () => {
    const naive = await deployed(w.ethers, "NaiveVault", w.usd.target);
    const [thief, victim] = [w.stranger, w.second];
    for (const who of [thief, victim]) await w.usd.connect(who).approve(naive.target, 10n ** 15n);
    const gain = await gainOf(w, thief, async () => {
      await naive.connect(thief).deposit(1n);
      await w.usd.connect(thief).transfer(naive.target, 50n * E6);
      await naive.connect(victim).deposit(100n * E6);
      await naive.connect(thief).redeem(1n);
    });
    expect(gain).to.equal(24_999_999n);
    expect(await naive.sharesOf(victim.address)).to.equal(1n);
  });
});

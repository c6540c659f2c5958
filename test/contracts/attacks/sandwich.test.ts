/**
 * AROUND A SETTLEMENT
 *
 * Who: anyone who sees results before they are priced: a trip's fills, a settlement in its window, a statement on its way.
 * Power: money to enter with, shares to leave with, choosing the last second before the snapshot.
 * Wants: a part of a profit he bore no risk for, or to leave a loss to the others.
 * What the contracts do: requests are binding from the snapshot, the price is that of the close, and a close needs every
 *   result of its epoch final. So whoever enters pays for the profit that is known, and whoever leaves bears the loss.
 * Bound: what rounding gives, which is against him: 0. Here around a profit of 10 000 and a loss of 10 000 dollars.
 * Remains: equity that no result explains and that comes after his close, up to the tolerance, for who entered on a guess.
 */
import { expect } from "chai";
import { deployed } from "../stake-world.ts";
import { closeWith, gainOf, leave } from "../support/epochs.ts";
import { createWorld, E6, E8, PRICE, type World } from "../support/world.ts";

const STAKE = 100_000n * E6;

describe("Attack: around a settlement", () => {
  let w: World;
  before(async () => {
    w = await createWorld({ limits: { minBondBps: 0, maxDrawdownBps: 10_000 } });
    await w.fund();
    await w.push(PRICE);
    await w.keep();
  });
  afterEach(() => w.back());

  const profit = () => w.trip({ exitQuoteE8: 16_000n * E8, feeE8: 0n });
  const loss = () => w.trip({ entryQuoteE8: 16_000n * E8, exitQuoteE8: 6_000n * E8, feeE8: 0n });
  const lastMoment = async () => w.until((await w.validator.snapshotAt()) - 3n);

  it("entering on a profit that is already on the chain earns nothing of it", async () => {
    const { id: won, pnlE8 } = await profit();
    expect(pnlE8).to.equal(10_000n * E8);
    await lastMoment();
    await w.vault.connect(w.second).requestDepositUsdE6(STAKE);
    await closeWith(w, [won]);
    await w.vault.connect(w.second).claimShares();
    await w.vault.connect(w.venue).recordReturn(50_000n * E6);
    const back = await gainOf(w, w.second, () => leave(w, w.second));
    expect(STAKE - back).to.be.within(0n, 1n);
    // the holder has all of it but the fee
    expect(await w.vault.totalAssetsE6()).to.be.within(108_000n * E6, 108_000n * E6 + 1n);
  });

  it("leaving before a loss that is already on the chain leaves nothing of it behind", async () => {
    await w.vault.connect(w.depositor).transfer(w.second.address, 50_000n * E6 * E6);
    const { id: lost, pnlE8 } = await loss();
    expect(pnlE8).to.equal(-10_000n * E8);
    await lastMoment();
    await w.vault.connect(w.second).requestRedeemShares(50_000n * E6 * E6);
    await closeWith(w, [lost]);
    // 5 000 of the loss are the bond's, the rest is borne alike
    expect(await gainOf(w, w.second, () => w.vault.connect(w.second).claimRedeem())).to.equal(47_500n * E6);
    expect(await w.vault.totalAssetsE6()).to.equal(47_500n * E6);
  });

  it("a request cannot be taken back once the statement is on its way", async () => {
    await w.vault.connect(w.second).requestDepositUsdE6(STAKE);
    await w.vault.connect(w.depositor).requestRedeemShares(E6);
    await w.until(await w.validator.snapshotAt());
    for (const act of [
      w.vault.connect(w.second).cancelDepositRequest(),
      w.vault.connect(w.depositor).cancelRedeemRequest(),
    ])
      await expect(act).to.be.revertedWithCustomError(w.vault, "VaultCutOffPassed");
  });

  it("nor does a request after the snapshot get the price of its close", async () => {
    const { id: won } = await profit();
    await w.until((await w.validator.snapshotAt()) + 1n);
    await w.vault.connect(w.second).requestDepositUsdE6(STAKE);
    await closeWith(w, [won]);
    await expect(w.vault.connect(w.second).claimShares()).to.be.revertedWithCustomError(
      w.vault,
      "VaultEpochNotClosed",
    );
  });

  it("a bad settlement that is disputed holds the close: whoever is informed leaves at the ruling's price", async () => {
    await w.usd.connect(w.second).approve(w.court.target, 10n ** 15n);
    await w.vault.connect(w.depositor).transfer(w.second.address, 50_000n * E6 * E6);
    const { id: lie } = await profit();
    await w.vault.connect(w.second).requestRedeemShares(50_000n * E6 * E6);
    await w.court.connect(w.second).challenge(lie);
    await w.until((await w.validator.snapshotAt()) + 1n);
    await expect(w.closeEpoch({ equityE8: 60_000n * E8 })).to.be.revertedWithCustomError(
      w.validator,
      "ValidatorEpochOpen",
    );
    await w.after(2_000n);
    await w.court.close(lie);
    await closeWith(w);
    // 110 dollars instead of a profit of 10 000, and they are the bond's
    expect(await gainOf(w, w.second, () => w.vault.connect(w.second).claimRedeem())).to.equal(50_000n * E6);
  });

  it("control: a fund with shares at once pays half of the profit to whoever comes for it", async () => {
    const naive = await deployed(w.ethers, "NaiveVault", w.usd.target);
    const [holder, sandwich] = [w.depositor, w.second];
    for (const who of [holder, sandwich]) await w.usd.connect(who).approve(naive.target, 10n ** 15n);
    await naive.connect(holder).deposit(STAKE);
    const gain = await gainOf(w, sandwich, async () => {
      await naive.connect(sandwich).deposit(STAKE);
      await w.usd.mint(naive.target, 10_000n * E6);
      await naive.connect(sandwich).redeem(STAKE);
    });
    expect(gain).to.equal(5_000n * E6);
  });
});

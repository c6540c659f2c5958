/**
 * DUST IN THE QUEUE, AND JUMPING THE LINE
 *
 * Who: anyone who wants a close to be too dear to be sent; or a holder who wants to be served before the others.
 * Power: any number of accounts and of smallest requests; asking, taking back and asking again; handing shares around.
 * Wants: an epoch that cannot close; or more than his part of what a capped close serves.
 * What the contracts do: a request is added to a sum, no close walks requests; a request is made for oneself or by leave.
 *   Redemptions are places in a line, epoch behind epoch, the requests of one epoch in proportion.
 * Bound: gas of a close is the same for one request as for forty, to a hundredth. What an attacker is served early is 0; a
 *   round trip through the line costs him its rounding.
 * Remains: cash. Where the fund owes more than it holds, claims are paid as they come until cash returns (last test).
 */
import { expect } from "chai";
import { deployed } from "../stake-world.ts";
import { closeWith, gainOf } from "../support/epochs.ts";
import { createWorld, E6, PRICE, type World, wallet } from "../support/world.ts";

const CROWD = 40;

describe("Attack: dust in the queue, and jumping the line", () => {
  let w: World;
  before(async () => {
    w = await createWorld();
    await w.fund();
    await w.push(PRICE);
    await w.keep();
  });
  afterEach(() => w.back());

  /** Accounts with some money for gas. */
  const crowd = async (many: number) => {
    const accounts = Array.from({ length: many }, (_, i) =>
      wallet(`one of a crowd ${i}`).connect(w.ethers.provider),
    );
    for (const one of accounts) await w.stranger.sendTransaction({ to: one.address, value: 10n ** 17n });
    return accounts;
  };
  const gasOfClose = async (requests: number) => {
    const holder = w.vault.connect(w.depositor);
    for (const one of await crowd(requests)) {
      await w.usd.mint(one.address, E6);
      const own = (contract: World["vault"]) => contract.connect(one) as World["vault"];
      await own(w.usd).approve(w.vault.target, E6);
      await own(w.vault).requestDepositUsdE6(E6);
      await holder.transfer(one.address, 1n);
      await own(w.vault).requestRedeemShares(1n);
    }
    return (await closeWith(w)).gas;
  };

  it("forty smallest requests both ways make a close no dearer than one", async () => {
    const one = await gasOfClose(1);
    await w.back();
    const forty = await gasOfClose(CROWD);
    expect(forty).to.be.within(one, (one * 101n) / 100n);
  });

  it("nobody can fill another's place: a request for somebody needs his leave", async () => {
    const vault = w.vault.connect(w.second);
    for (const act of [
      vault.requestDeposit(E6, w.depositor.address, w.second.address),
      vault.requestDeposit(E6, w.second.address, w.depositor.address),
    ])
      await expect(act).to.be.revertedWithCustomError(w.vault, "VaultUnauthorised");
    await w.vault.connect(w.depositor).transfer(w.second.address, E6);
    await expect(
      vault.requestRedeem(E6, w.depositor.address, w.second.address),
    ).to.be.revertedWithCustomError(w.vault, "VaultUnauthorised");
  });

  it("control: a close that walks its queue grows with every request", async () => {
    const naive = await deployed(w.ethers, "NaiveVault", w.usd.target);
    const closeOf = async (many: number) => {
      for (const one of await crowd(many)) await (naive.connect(one) as World["vault"]).request();
      return (await w.outcome(naive.close())).gas;
    };
    const one = await closeOf(1);
    expect(await closeOf(CROWD)).to.be.greaterThan(one * 10n);
  });

  describe("the line", () => {
    const UNIT = 1_000n * E6 * E6;
    beforeEach(async () => {
      await w.vault.setRedeemCapBps(1_000n); // a tenth of the fund in each close
      for (const who of [w.second, w.stranger])
        await w.vault.connect(w.depositor).transfer(who.address, 10n * UNIT);
    });

    it("serves a request in ten pieces no better than in one", async () => {
      const accounts = await crowd(10);
      for (const one of accounts) {
        await w.vault.connect(w.second).transfer(one.address, UNIT);
        await (w.vault.connect(one) as World["vault"]).requestRedeemShares(UNIT);
      }
      await w.vault.connect(w.stranger).requestRedeemShares(10n * UNIT);
      await closeWith(w);
      let pieces = 0n;
      for (const one of accounts) pieces += await w.vault.maxWithdraw(one.address);
      const whole: bigint = await w.vault.maxWithdraw(w.stranger.address);
      expect([pieces, whole]).to.deep.equal([5_000n * E6, 5_000n * E6]);
    });

    it("puts who comes later behind, whatever is asked, taken back and asked again", async () => {
      await w.vault.connect(w.depositor).requestRedeemShares(20n * UNIT);
      await closeWith(w);
      const late = w.vault.connect(w.second);
      await late.requestRedeemShares(10n * UNIT);
      await late.cancelRedeemRequest();
      await late.requestRedeemShares(10n * UNIT);
      await closeWith(w);
      // the first is served to the end before the second begins; the caps are 10 000 and 9 000
      expect(await w.vault.maxWithdraw(w.depositor.address)).to.equal(19_000n * E6);
      expect(await w.vault.maxWithdraw(w.second.address)).to.equal(0n);
      await expect(late.cancelRedeemRequest()).to.be.revertedWithCustomError(w.vault, "VaultCutOffPassed");
      await closeWith(w);
      expect(await w.vault.maxWithdraw(w.depositor.address)).to.equal(20_000n * E6);
      expect(await w.vault.maxWithdraw(w.second.address)).to.equal(7_100n * E6);
    });

    it("remains: what is served is paid as it is claimed, and the last waits for cash, not for its amount", async () => {
      await w.vault.setRedeemCapBps(10_000n);
      await w.vault.connect(w.depositor).requestRedeemShares(50n * UNIT);
      await w.vault.connect(w.second).requestRedeemShares(10n * UNIT);
      await closeWith(w);
      expect(await gainOf(w, w.second, () => w.vault.connect(w.second).claimRedeem())).to.equal(10_000n * E6);
      await expect(w.vault.connect(w.depositor).claimRedeem()).to.be.revertedWithCustomError(
        w.vault,
        "VaultInsufficientIdle",
      );
      await w.vault.connect(w.venue).recordReturn(10_000n * E6);
      const paid = await gainOf(w, w.depositor, () => w.vault.connect(w.depositor).claimRedeem());
      expect(paid).to.equal(50_000n * E6);
    });
  });
});

/**
 * OUTRUNNING A SLASH, AND EARNING WITHOUT BEING THERE
 *
 * Who: a staker who stood behind a mandate and sees a slash or a bad score coming; another who comes for a payment that is
 *   known in advance.
 * Power: unstaking, moving and taking back, in the block before; any amount of SAKSI in the block before.
 * Wants: to leave the slash to the others; to share rewards and fees that were earned before he came.
 * What the contracts do: stake answers for its mandate until it is out or has arrived elsewhere, and both take the
 *   unbonding; a slash takes at most what was there when the violation was recorded, of all alike. A reward is for stake that
 *   was there at the last score; rewards and fees flow over a period.
 * Bound: evaded 0 by whoever asks to leave after the violation. Won by coming for a payment P in a stream of S seconds and
 *   staying t: at most P · t / S; here for an hour of 7 days, 1 / 168 of the fees, and none of the reward's base.
 * Remains: stake that asked to leave a whole unbonding before the violation may still be in the vault, and goes.
 */
import { expect } from "chai";
import { BTC, createStakeWorld, ETH, PERIODS, SAKSI, type StakeWorld } from "../stake-world.ts";
import { DAY, E6 } from "../support/world.ts";

const HELD = 100n * SAKSI;
const HOUR = 3_600n;

describe("Attack: outrunning a slash", () => {
  let w: StakeWorld;
  before(async () => {
    w = await createStakeWorld();
    await w.keep();
  });
  afterEach(() => w.back());

  const as = (who: { address: string }) => w.vault.connect(who) as StakeWorld["vault"];
  /** What is alice's in all, wherever it is. */
  const alices = async () => {
    const staked: bigint = await w.vault.stakedOf(w.alice.address);
    const leaving = [BTC, ETH].map(
      async (m) => (await w.vault.leavingOf(w.alice.address, m)).amountSaksi as bigint,
    );
    return (await Promise.all(leaving)).reduce((sum, amount) => sum + amount, staked);
  };
  const violated = async () => {
    await w.signal(w.alice, BTC, HELD);
    await w.signal(w.bob, BTC, HELD);
    return w.now();
  };

  const escapes: [string, () => Promise<unknown>][] = [
    ["unstaking", () => as(w.alice).requestUnstake(BTC, HELD)],
    ["moving the signal to another mandate", () => as(w.alice).moveSignal(BTC, ETH, HELD)],
    ["moving it to none", () => as(w.alice).moveSignal(BTC, `0x${"00".repeat(32)}`, HELD)],
    [
      "leaving, taking it back and leaving again",
      async () => {
        await as(w.alice).requestUnstake(BTC, HELD);
        await w.after(PERIODS.unbonding - DAY);
        await as(w.alice).cancelUnstake(BTC);
        await as(w.alice).requestUnstake(BTC, HELD);
      },
    ],
    ["delegating it away", () => as(w.alice).delegate(w.carol.address)],
  ];
  for (const [name, getAway] of escapes) {
    it(`by ${name} saves nothing`, async () => {
      const at = await violated();
      await getAway();
      await w.slash(BTC, 20n * SAKSI, at);
      expect(await alices()).to.equal(90n * SAKSI);
      expect(await w.signalOf(w.bob, BTC)).to.equal(90n * SAKSI);
    });
  }

  it("by a bad score neither: it reaches stake on its way, up to 5 %", async () => {
    await violated();
    await as(w.alice).moveSignal(BTC, ETH, HELD);
    await as(w.scorer).applyScore(BTC, 1, -10_000n);
    expect(await alices()).to.equal(95n * SAKSI);
  });

  it("a court cannot take what came after the violation beyond what was there", async () => {
    const at = await violated();
    await w.after(1n);
    await w.signal(w.carol, BTC, 800n * SAKSI);
    await w.slash(BTC, 10_000n * SAKSI, at);
    expect((await w.vault.accounts()).escrowSaksi).to.equal(200n * SAKSI);
    await w.slash(BTC, 10_000n * SAKSI, at);
    expect((await w.vault.accounts()).escrowSaksi).to.equal(200n * SAKSI);
  });

  it("control: whoever asked a whole unbonding before is out in time, and the rest bear no more for it", async () => {
    await violated();
    await as(w.alice).requestUnstake(BTC, HELD);
    await w.after(PERIODS.unbonding);
    const at = await w.now();
    await as(w.alice).withdrawUnstaked(BTC);
    await w.slash(BTC, 10n * SAKSI, at);
    expect(await w.saksi.balanceOf(w.alice.address)).to.equal(1_000_000n * SAKSI);
    expect(await w.signalOf(w.bob, BTC)).to.equal(90n * SAKSI);
  });
});

describe("Attack: earning without being there", () => {
  let w: StakeWorld;
  before(async () => {
    w = await createStakeWorld();
    await w.signal(w.alice, BTC, HELD);
    await w.vault.fundReserve(1_000n * SAKSI);
    await w.keep();
  });
  afterEach(() => w.back());
  const as = (who: { address: string }) => w.vault.connect(who) as StakeWorld["vault"];

  it("of fees: nine tenths of the stake for an hour are nine tenths of an hour's fees", async () => {
    await w.signal(w.bob, BTC, 9n * HELD);
    await as(w.payer).notifyFees(BTC, 1_680n * E6);
    await w.after(HOUR);
    await as(w.bob).requestUnstake(BTC, 9n * HELD);
    await w.after(PERIODS.stream);
    const won: bigint = await w.vault.claimableFeesUsdE6(w.bob.address, BTC);
    expect(won).to.be.within(9n * E6 - 1n, 9n * E6 + 10_000n);
    expect(await w.vault.claimableFeesUsdE6(w.alice.address, BTC)).to.be.within(1_670n * E6, 1_671n * E6);
    // and his stake is in the vault for the unbonding
    await expect(as(w.bob).withdrawUnstaked(BTC)).to.be.revertedWithCustomError(w.vault, "StakeTooEarly");
  });

  it("of a score: stake that comes for it is no base of the reward, and flows in thin", async () => {
    await as(w.scorer).applyScore(BTC, 1, 0n);
    await w.after(PERIODS.scoreInterval);
    await w.signal(w.bob, BTC, 9n * HELD);
    await as(w.scorer).applyScore(BTC, 2, 500n);
    // 5 % of alice's 100, not of 1 000
    expect((await w.vault.accounts()).rewardSaksi).to.equal(5n * SAKSI);
    await w.after(HOUR);
    await as(w.bob).requestUnstake(BTC, await w.signalOf(w.bob, BTC));
    const { amountSaksi } = await w.vault.leavingOf(w.bob.address, BTC);
    expect(amountSaksi - 9n * HELD).to.be.within(0n, (5n * SAKSI) / 168n);
  });

  it("by scoring an epoch twice, or many mandates at once, the reserve is not drained faster", async () => {
    await as(w.scorer).applyScore(BTC, 1, 500n);
    await expect(as(w.scorer).applyScore(BTC, 1, 500n)).to.be.revertedWithCustomError(
      w.vault,
      "StakeEpochScored",
    );
    await expect(as(w.scorer).applyScore(BTC, 2, 500n)).to.be.revertedWithCustomError(
      w.vault,
      "StakeTooEarly",
    );
    await as(w.scorer).applyScore(ETH, 1, 500n);
    expect((await w.vault.accounts()).reserveSaksi).to.equal(1_000n * SAKSI);
  });

  it("control: stake that stays the whole stream has its whole part", async () => {
    await w.signal(w.bob, BTC, 9n * HELD);
    await as(w.payer).notifyFees(BTC, 1_680n * E6);
    await w.after(PERIODS.stream);
    expect(await w.vault.claimableFeesUsdE6(w.bob.address, BTC)).to.be.within(1_512n * E6 - 2n, 1_512n * E6);
  });
});

/**
 * SILENCE AGAINST THE TRUTH, AND FARMING IT
 *
 * Who: the operator with a losing trip, or whoever lives on ending other people's predictions.
 * Power: keeping the read-only key from the witnesses, so that nobody can state the fills; calling `lapse`, `expire`,
 *   `finalize` and `challenge` as often as he likes.
 * Wants: that saying nothing costs less than the loss; or a reward for each call.
 * What the contracts do: `expire` books the declared loss and a penalty, the bond pays it, and what the equity shows beyond
 *   it is borne in addition. Nobody is paid for lapsing, expiring or finalising.
 * Bound: cost of silence = max(maxLoss + penalty, loss) > loss for every loss a trip was allowed; here 110 dollars for any
 *   loss up to 100. Farming: 0 a call, and half a bond lost for disputing with oneself.
 * Remains: a loss beyond the declared one costs the same told or untold, but only the told one is a violation that costs
 *   stake. Untold it trips the breaker, so the mandate rests until the owner has looked.
 */
import { expect } from "chai";
import { deployed } from "../stake-world.ts";
import { closeWith, gainOf } from "../support/epochs.ts";
import { createWorld, E6, E8, PRICE, STATE, STATUS, type World } from "../support/world.ts";

describe("Attack: silence", () => {
  let w: World;
  before(async () => {
    w = await createWorld();
    await w.fund();
    for (const who of [w.second, w.stranger]) {
      await w.usd.mint(who.address, 1_000n * E6);
      await w.usd.connect(who).approve(w.court.target, 10n ** 15n);
    }
    await w.push(PRICE);
    await w.keep();
  });
  afterEach(() => w.back());

  const expired = async (world: World = w) => {
    const { p, id } = await world.approve();
    await world.until(p.settleBy + 61n);
    await world.validator.connect(world.stranger).expire(id);
    return id;
  };
  /** What the operator's bond loses by a trip with this result, told or untold. */
  const costToldE6 = async (pnlE8: bigint) => {
    const { id } = await w.trip({ exitQuoteE8: 6_000n * E8 + pnlE8, feeE8: 0n });
    const { bondPaidE6 } = (await closeWith(w, [id])).find("Distributed")!.args;
    await w.back();
    return bondPaidE6 as bigint;
  };
  const costUntoldE6 = async (pnlE8: bigint, world: World = w) => {
    const id = await expired(world);
    const declared: bigint = (await world.validator.record(id)).pnlE8;
    const closed = await closeWith(world, [id], pnlE8 - declared);
    await world.back();
    return closed.find("Distributed")!.args.bondPaidE6 as bigint;
  };

  for (const lossUsd of [0n, 1n, 50n, 99n, 100n]) {
    it(`about a loss of ${lossUsd} costs 110`, async () => {
      const [told, untold] = [await costToldE6(-lossUsd * E8), await costUntoldE6(-lossUsd * E8)];
      expect([told, untold]).to.deep.equal([lossUsd * E6, 110n * E6]);
    });
  }

  it("about a profit costs the same, and the profit goes to depositors", async () => {
    expect(await costUntoldE6(300n * E8)).to.equal(110n * E6);
    expect(await costToldE6(300n * E8)).to.equal(0n);
  });

  it("about a loss beyond the declared one costs no less than the loss", async () => {
    for (const loss of [110n, 111n, 400n]) {
      expect(await costUntoldE6(-loss * E8)).to.equal(loss * E6);
      expect(await costToldE6(-loss * E8)).to.equal(loss * E6);
    }
  });

  it("control: without a penalty silence about the whole declared loss is as good as the truth", async () => {
    const free = await createWorld({ limits: { expiryPenaltyUsdE6: 0n } });
    await free.fund();
    await free.push(PRICE);
    await free.keep();
    expect(await costUntoldE6(-100n * E8, free)).to.equal(100n * E6);
  });

  it("remains: a told loss beyond the declared one costs stake, an untold one the breaker", async () => {
    const stake = await deployed(w.ethers, "MockStake");
    await stake.setSignal(w.mandateId, 1_000n);
    await w.court.setStake(stake.target, w.treasury.address);
    const silent = await expired();
    const told = await (async () => {
      await w.push(PRICE);
      return (await w.trip({ exitQuoteE8: 5_850n * E8, feeE8: 0n })).id;
    })();
    await closeWith(w, [silent, told], -50n * E8);
    await w.court.punish(told);
    expect(await stake.signalOf(w.mandateId)).to.equal(950n);
    await expect(w.court.punish(silent)).to.be.revertedWithCustomError(w.court, "CourtNoViolation");
    expect(await w.policy.halted()).to.equal(true);
  });

  describe("farmed", () => {
    it("pays nobody for lapsing, expiring or finalising, and does nothing twice", async () => {
      const p = await w.predict();
      await w.until(p.entryExpiresAt + 1n);
      const signature = await w.sign(p);
      const caller = w.validator.connect(w.stranger);
      const gain = await gainOf(w, w.stranger, async () => {
        await caller.lapse(p, signature);
        for (let i = 0; i < 3; i++)
          expect((await w.outcome(caller.lapse(p, signature))).ignored).to.equal(STATUS.ALREADY_KNOWN);
        const { p: q, id } = await w.approve();
        await w.until(q.settleBy + 61n);
        await caller.expire(id);
        await expect(caller.expire(id)).to.be.revertedWithCustomError(w.validator, "ValidatorWrongState");
        await w.after(121n);
        await caller.finalize(id);
        await expect(caller.finalize(id)).to.be.revertedWithCustomError(w.validator, "ValidatorWrongState");
      });
      expect(gain).to.equal(0n);
      expect((await w.validator.mandate(w.mandateId)).pnlE8).to.equal(-110n * E8);
    });

    it("costs whoever disputes with himself half of a bond", async () => {
      const { id } = await w.trip();
      const both = async () =>
        (await w.usd.balanceOf(w.second.address)) + (await w.usd.balanceOf(w.stranger.address));
      const before: bigint = await both();
      await w.court.connect(w.second).challenge(id);
      await w.court.connect(w.stranger).defend(id);
      await w.after(1_801n);
      await w.court.close(id);
      await w.court.payBonds(id);
      expect(before - (await both())).to.equal(50n * E6 + E6 / 2n + 1n);
      expect((await w.validator.record(id)).state).to.equal(STATE.Voided);
    });

    it("control: an honest challenger has his bond back and half of the other's", async () => {
      const { id } = await w.trip();
      const gain = await gainOf(w, w.second, async () => {
        await w.court.connect(w.second).challenge(id);
        await w.court.connect(w.stranger).defend(id);
        await w.after(1_801n);
        await w.court.close(id);
        await w.court.payBonds(id);
      });
      expect(gain).to.equal(50n * E6 + E6 / 2n);
    });
  });
});

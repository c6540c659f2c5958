/**
 * A FALSE CHALLENGE
 *
 * Who: a rival of the operator, or a depositor who would like the bond's money.
 * Power: a bond for each result that is not yet final.
 * Wants: an honest result voided, so that the bond pays the price of silence and the truth comes to depositors as a surplus;
 *   or an epoch that cannot close.
 * What the contracts do: arithmetic first, then the other class, then the owner, then a default, each with a date. Whoever
 *   loses loses the bond: half to the winner, half to nobody. A result can be challenged once.
 * Bound: delay ≤ review + ruling, here 1 800 seconds, for a bond of 101 dollars lost. With neither class nor owner awake, a
 *   trip costs the operator pnl + maxLoss + penalty, here 25 + 110 dollars, and the challenger nothing.
 * Remains: that default. It is the price of disputes that always end; a second class that answers takes it away. And a
 *   deployment has to name a silence longer than window, review and ruling together, or a challenge outlasts it.
 */
import { expect } from "chai";
import { deployed } from "../stake-world.ts";
import { closeWith, gainOf } from "../support/epochs.ts";
import { createWorld, E6, E8, type Live, PRICE, STATE, type World, wallet } from "../support/world.ts";

const BOND = 101n * E6 + 1n;

describe("Attack: a false challenge", () => {
  let w: World;
  let second: Live;
  const class2 = ["r1", "r2", "r3"].map(wallet);
  before(async () => {
    w = await createWorld();
    await w.fund();
    const members = class2.map((one) => one.address).sort((a, b) => (BigInt(a) < BigInt(b) ? -1 : 1));
    const [owner, guardian] = [w.owner.address, w.guardian.address];
    second = await deployed(w.ethers, "QuorumAttester", owner, guardian, w.court.target, members, 2, 300n);
    await w.court.scheduleReviewer(second.target);
    await w.court.applyReviewer();
    for (const who of [w.second, w.operator]) await w.usd.connect(who).approve(w.court.target, 10n ** 15n);
    await w.push(PRICE);
    await w.keep();
  });
  afterEach(() => w.back());

  const challenged = async () => {
    const t = await w.trip();
    await w.court.connect(w.second).challenge(t.id);
    return t;
  };

  it("bound: costs the bond, half of it to the operator, when the other class answers; the result stands", async () => {
    const operator: bigint = await w.usd.balanceOf(w.operator.address);
    const gain = await gainOf(w, w.second, async () => {
      const t = await challenged();
      const payload = w.settlement(t.p, t.f);
      const domain = { ...w.quorumDomain, verifyingContract: second.target };
      const signatures = await w.signaturesOf("SettlementAttestation", payload, class2.slice(0, 2), {
        domain,
        epoch: 1n,
      });
      await second.settle(t.p, t.r, payload, 0, 0, signatures);
      await w.court.payBonds(t.id);
      const record = await w.validator.record(t.id);
      expect([record.state, record.pnlE8]).to.deep.equal([STATE.Final, t.pnlE8]);
    });
    expect(gain).to.equal(-BOND);
    expect((await w.usd.balanceOf(w.operator.address)) - operator).to.equal(BOND / 2n);
  });

  it("delays an epoch by review and ruling at most, and a result is challenged once", async () => {
    const t = await challenged();
    const opened = await w.now();
    await expect(w.court.connect(w.operator).challenge(t.id)).to.be.revertedWithCustomError(
      w.validator,
      "ValidatorWrongState",
    );
    expect((await w.court.dispute(t.id)).ruleBy - opened).to.equal(1_800n);
    await w.until(opened + 1_800n);
    await w.court.connect(w.stranger).close(t.id);
    await closeWith(w, [], 135n * E8);
  });

  it("remains: with nobody awake the honest result is voided, and the bond pays depositors for it", async () => {
    const t = await challenged();
    await w.after(1_801n);
    await w.court.close(t.id);
    expect(await gainOf(w, w.second, () => w.court.payBonds(t.id))).to.equal(BOND);
    // the venue holds the profit of 25 all the same
    const d = (await closeWith(w, [], 135n * E8)).find("Distributed")!.args;
    expect([d.bondPaidE6, d.depositorsE6, d.feeOperatorE6]).to.deep.equal([110n * E6, 135n * E6, 0n]);
  });

  it("remains: with a silence shorter than a dispute, one challenge lets anyone end the fund", async () => {
    const ends = async (silenceSeconds: bigint) => {
      const v = await createWorld({ params: { vault: { ...w.params.vault, silenceSeconds } } });
      await v.fund();
      await v.usd.connect(v.second).approve(v.court.target, BOND);
      await v.until((await v.validator.snapshotAt()) - 1_000n);
      const { id } = await v.trip();
      await v.court.connect(v.second).challenge(id);
      const { ruleBy } = await v.court.dispute(id);
      await v.until(ruleBy - 5n);
      return v.vault.connect(v.stranger).startWindDown();
    };
    await ends(800n);
    await expect(ends(w.params.vault.silenceSeconds)).to.be.revert(w.ethers);
  });

  it("control: unchallenged, the same trip pays fee and depositors, and the bond nothing", async () => {
    const t = await w.trip();
    const d = (await closeWith(w, [t.id])).find("Distributed")!.args;
    expect([d.bondPaidE6, d.depositorsE6, d.feeOperatorE6]).to.deep.equal([0n, 20n * E6, 2_500_000n]);
  });
});

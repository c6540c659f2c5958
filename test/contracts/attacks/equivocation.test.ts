/**
 * AN ATTESTER WHO SAYS BOTH
 *
 * Who: a member of the set who is paid for a yes here and for a no there.
 * Power: signing any number of verdicts on one prediction; taking the bond out; reporting himself.
 * Wants: both payments, and the verdict that suits him on the chain.
 * What the contracts do: the first quorum that arrives counts, the second finds the record. Two different verdicts of one
 *   signer on one prediction cost everything posted and the seat, on anyone's proof. With k of n, two quorums share at least
 *   2k - n members. The bond is liable while it is on its way out, longer than a dispute lasts, and a member keeps his minimum.
 * Bound: the chain hears one verdict. Each liar loses his bond B, or B / 2 if he reports himself first; at least
 *   (2k - n)·B together: here 1 · 1 000 dollars.
 * Remains: members who never posted lose only the seat; statements on settlements and epochs are the court's and the owner's.
 */
import { expect } from "chai";
import { createWorld, E6, PRICE, STATE, STATUS, type World } from "../support/world.ts";

const BOND = 1_000n * E6;

describe("Attack: an attester who says both", () => {
  let w: World;
  before(async () => {
    w = await createWorld();
    await w.fund();
    await w.usd.connect(w.second).approve(w.bonds.target, 10n ** 15n);
    for (const one of w.attesters) {
      await w.bonds.connect(w.second).postBond(one.address, BOND);
      await w.stranger.sendTransaction({ to: one.address, value: 10n ** 18n });
    }
    await w.push(PRICE);
    await w.keep();
  });
  afterEach(() => w.back());

  /** Two quorums about one prediction, with the smallest overlap. */
  const both = async () => {
    const p = await w.predict();
    const [yes, no] = [w.attestation(p), w.attestation(p, { verdict: 2n, reason: 40n })];
    return {
      p,
      yes: { payload: yes, signatures: await w.signaturesOf("Attestation", yes, w.attesters.slice(0, 3)) },
      no: { payload: no, signatures: await w.signaturesOf("Attestation", no, w.attesters.slice(2)) },
    };
  };
  const prove = async (
    by: { address: string },
    liar: World["attesters"][number],
    yes: string,
    no: string,
  ) => {
    const [a, b] = [
      await w.signaturesOf("Attestation", yes, [liar], { epoch: 1n }),
      await w.signaturesOf("Attestation", no, [liar], { epoch: 1n }),
    ];
    return w.outcome(w.bonds.connect(by).proveEquivocation(yes, 1n, a, no, 1n, b));
  };

  it("is heard once: whichever quorum comes first, the other finds the record", async () => {
    const { p, yes, no } = await both();
    await w.attest(p, w.reveal(), no);
    expect((await w.attest(p, w.reveal(), yes)).ignored).to.equal(STATUS.ALREADY_KNOWN);
    expect((await w.validator.record(w.digest(p))).state).to.equal(STATE.Rejected);
    await w.back();
    const again = await both();
    await w.attest(again.p, w.reveal(), again.yes);
    expect((await w.attest(again.p, w.reveal(), again.no)).ignored).to.equal(STATUS.ALREADY_KNOWN);
    expect((await w.validator.record(w.digest(again.p))).state).to.equal(STATE.Approved);
  });

  it("bound: loses the whole bond and the seat to the first who shows it", async () => {
    const { yes, no } = await both();
    const liar = w.attesters[2]!;
    const before: bigint = await w.usd.balanceOf(w.stranger.address);
    await prove(w.stranger, liar, yes.payload, no.payload);
    expect((await w.usd.balanceOf(w.stranger.address)) - before).to.equal(BOND / 2n);
    expect(await w.usd.balanceOf(w.sink.address)).to.equal(BOND / 2n);
    expect(await w.quorum.isSigner(liar.address)).to.equal(false);
    expect(await w.bonds.bondUsdE6(liar.address)).to.equal(0n);
    // no other member is touched
    for (const one of w.attesters.filter((member) => member !== liar))
      expect(await w.bonds.bondUsdE6(one.address)).to.equal(BOND);
  });

  it("saves half by reporting himself, and no more", async () => {
    const { yes, no } = await both();
    const liar = w.attesters[2]!.connect(w.ethers.provider);
    await prove(liar, w.attesters[2]!, yes.payload, no.payload);
    expect(await w.usd.balanceOf(liar.address)).to.equal(BOND / 2n);
    expect(await w.quorum.isSigner(liar.address)).to.equal(false);
  });

  it("cannot take the bond out first: the minimum stays while he sits, and the rest is liable on its way", async () => {
    const liar = w.attesters[2]!.connect(w.ethers.provider);
    const own = w.bonds.connect(liar) as World["bonds"];
    await expect(own.requestRelease(1n)).to.be.revertedWithCustomError(w.bonds, "BondsInsufficient");
    await w.bonds.connect(w.second).postBond(liar.address, 500n * E6);
    await own.requestRelease(500n * E6);
    await w.after(7_190n);
    await w.push(PRICE);
    const { yes, no } = await both();
    await prove(w.stranger, w.attesters[2]!, yes.payload, no.payload);
    await w.after(7_200n);
    await expect(own.release()).to.be.revertedWithCustomError(w.bonds, "BondsZeroAmount");
  });

  it("control: one verdict, signed again and delivered again, costs nothing", async () => {
    const { p, yes } = await both();
    await expect(prove(w.stranger, w.attesters[2]!, yes.payload, yes.payload)).to.be.revertedWithCustomError(
      w.bonds,
      "BondsSameVerdict",
    );
    await w.attest(p, w.reveal(), yes);
    expect(await w.bonds.bondUsdE6(w.attesters[2]!.address)).to.equal(BOND);
  });
});

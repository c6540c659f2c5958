import { expect } from "chai";
import { dataSlice, Wallet } from "ethers";
import { createWorld, E6, id, PRICE, type Prediction, STATE, type World, wallet } from "./support/world.ts";

const MIN = 1_000n * E6;
const UNBONDING = 7_200n;

describe("AttesterBonds", () => {
  let w: World;

  before(async () => {
    w = await createWorld();
    await w.fund();
    await w.usd.connect(w.second).approve(w.bonds.target, 10n ** 15n);
    await w.push(PRICE);
    await w.keep();
  });
  afterEach(() => w.back());

  const post = (who: string, amount: bigint) => w.bonds.connect(w.second).postBond(who, amount);
  const liar = () => w.attesters[0]!;
  const sign = (payload: string, by: Wallet = liar(), epoch = 1n) =>
    w.signaturesOf("Attestation", payload, [by], { epoch });
  const twice = async (p: Prediction) => {
    const yes = w.attestation(p);
    const no = w.attestation(p, { verdict: 2n, reason: 40n });
    return { yes, no, signedYes: await sign(yes), signedNo: await sign(no) };
  };
  const prove = (
    a: string,
    signedA: string,
    b: string,
    signedB: string,
    epochs: [bigint, bigint] = [1n, 1n],
  ) => w.outcome(w.bonds.connect(w.stranger).proveEquivocation(a, epochs[0], signedA, b, epochs[1], signedB));
  const held = () => w.usd.balanceOf(w.bonds.target) as Promise<bigint>;

  describe("a bond", () => {
    it("is posted by anyone for a signer and adds up", async () => {
      await post(liar().address, MIN - 1n);
      expect(await w.bonds.isBonded(liar().address)).to.equal(false);
      await post(liar().address, 1n);
      expect(await w.bonds.isBonded(liar().address)).to.equal(true);
      expect([await w.bonds.bondUsdE6(liar().address), await held()]).to.deep.equal([MIN, MIN]);
      await expect(post(liar().address, 0n)).to.be.revertedWithCustomError(w.bonds, "BondsZeroAmount");
    });

    it("is out only after the unbonding time, which starts again with each request", async () => {
      const own = w.bonds.connect(w.depositor);
      await post(w.depositor.address, MIN);
      await expect(own.requestRelease(0n)).to.be.revertedWithCustomError(w.bonds, "BondsZeroAmount");
      await expect(own.release()).to.be.revertedWithCustomError(w.bonds, "BondsZeroAmount");
      await own.requestRelease(400n);
      await w.after(UNBONDING - 10n);
      await own.requestRelease(600n);
      const releasableAt = (await w.now()) + UNBONDING;
      expect(await w.bonds.releasing(w.depositor.address)).to.deep.equal([1_000n, releasableAt]);
      await w.until(releasableAt - 2n);
      await expect(own.release()).to.be.revertedWithCustomError(w.bonds, "BondsTooEarly");
      await w.until(releasableAt);
      const before = await w.usd.balanceOf(w.depositor.address);
      await own.release();
      expect((await w.usd.balanceOf(w.depositor.address)) - before).to.equal(1_000n);
      expect(await w.bonds.bondUsdE6(w.depositor.address)).to.equal(MIN - 1_000n);
      await expect(own.requestRelease(MIN - 999n)).to.be.revertedWithCustomError(
        w.bonds,
        "BondsInsufficient",
      );
      await own.requestRelease(MIN - 1_000n);
      expect(await w.bonds.isBonded(w.depositor.address)).to.equal(false);
    });

    it("keeps its minimum while its owner sits in the set", async () => {
      const member = w.depositor;
      await w.quorum.connect(w.guardian).removeSigner(w.attesters[4]!.address);
      await w.quorum.scheduleSigner(member.address);
      await w.after(300n);
      await post(member.address, MIN - 1n);
      await expect(w.quorum.addSigner(member.address)).to.be.revertedWithCustomError(
        w.quorum,
        "QuorumNotBonded",
      );
      await post(member.address, 6n);
      await w.quorum.addSigner(member.address);
      const own = w.bonds.connect(w.depositor);
      await expect(own.requestRelease(6n)).to.be.revertedWithCustomError(w.bonds, "BondsInsufficient");
      await own.requestRelease(5n);
      expect(await w.bonds.isBonded(member.address)).to.equal(true);
      await w.quorum.connect(w.guardian).removeSigner(member.address);
      await own.requestRelease(MIN);
    });
  });

  describe("two verdicts on one prediction", () => {
    it("cost the bond and the seat: half to whoever shows them, half to the sink", async () => {
      await post(liar().address, MIN + 1n);
      await post(w.attesters[1]!.address, MIN);
      const p = await w.predict();
      const t = await twice(p);
      const result = await prove(t.yes, t.signedYes, t.no, t.signedNo);
      const event = result.find("EquivocationProved")!.args;
      expect([event.signer, event.predictionId, event.reporter, event.slashedUsdE6]).to.deep.equal([
        liar().address,
        w.digest(p),
        w.stranger.address,
        MIN + 1n,
      ]);
      expect(await w.usd.balanceOf(w.stranger.address)).to.equal(MIN / 2n);
      expect(await w.usd.balanceOf(w.sink.address)).to.equal(MIN / 2n + 1n);
      expect([await w.bonds.bondUsdE6(liar().address), await held()]).to.deep.equal([0n, MIN]);
      expect(await w.quorum.isSigner(liar().address)).to.equal(false);
      expect(await w.quorum.signerSetEpoch()).to.equal(2n);
      await expect(prove(t.yes, t.signedYes, t.no, t.signedNo)).to.be.revertedWithCustomError(
        w.bonds,
        "BondsNothingAtStake",
      );
    });

    it("are found after the verdict was delivered, under another number of the set too", async () => {
      await post(liar().address, MIN);
      const { p, id: predictionId } = await w.approve();
      const yes = w.attestation(p);
      const signedYes = await sign(yes);
      await w.quorum.connect(w.guardian).removeSigner(w.attesters[4]!.address);
      const no = w.attestation(p, { flags: 0x1en });
      await prove(yes, signedYes, no, await sign(no, liar(), 2n), [1n, 2n]);
      expect(await w.bonds.bondUsdE6(liar().address)).to.equal(0n);
      expect((await w.validator.record(predictionId)).state).to.equal(STATE.Approved);
    });

    it("reach a bond on its way out, and its owner without a seat", async () => {
      const old = new Wallet(wallet("retired").privateKey, w.ethers.provider);
      await w.stranger.sendTransaction({ to: old.address, value: 10n ** 18n });
      await post(old.address, MIN);
      await (w.bonds.connect(old) as typeof w.bonds).requestRelease(MIN);
      const p = await w.predict();
      const [a, b] = [w.attestation(p), w.attestation(p, { reason: 1n })];
      await prove(a, await sign(a, old), b, await sign(b, old));
      expect([await w.bonds.bondUsdE6(old.address), await held()]).to.deep.equal([0n, 0n]);
      await w.after(UNBONDING);
      await expect((w.bonds.connect(old) as typeof w.bonds).release()).to.be.revertedWithCustomError(
        w.bonds,
        "BondsZeroAmount",
      );
    });

    it("cost the seat of a member that never posted", async () => {
      const t = await twice(await w.predict());
      await prove(t.yes, t.signedYes, t.no, t.signedNo);
      expect(await w.quorum.isSigner(liar().address)).to.equal(false);
      expect(await w.usd.balanceOf(w.stranger.address)).to.equal(0n);
    });

    it("are two: the same statement signed again is none, under whatever number of the set", async () => {
      await post(liar().address, MIN);
      const yes = w.attestation(await w.predict());
      await expect(
        prove(yes, await sign(yes), yes, await sign(yes, liar(), 2n), [1n, 2n]),
      ).to.be.revertedWithCustomError(w.bonds, "BondsSameVerdict");
    });

    it("are about one prediction, by one signer, in this deployment, in this form", async () => {
      await post(liar().address, MIN);
      const p = await w.predict();
      const q = await w.predict({ confidencePpm: 600_001n });
      const t = await twice(p);
      const refused = async (error: string, a: string, signedA: string, b: string, signedB: string) =>
        expect(prove(a, signedA, b, signedB), error).to.be.revertedWithCustomError(w.bonds, error);
      const other = w.attestation(q);
      await refused("BondsOtherPrediction", t.yes, t.signedYes, other, await sign(other));
      await refused("BondsOtherSigner", t.yes, t.signedYes, t.no, await sign(t.no, w.attesters[1]!));
      const foreign = w.attestation(p, { domain: id("elsewhere") });
      await refused("BondsWrongDomain", t.yes, t.signedYes, foreign, await sign(foreign));
      const long = `${t.no}00`;
      await refused("BondsBadPayload", t.yes, t.signedYes, long, await sign(long));
      await refused("BondsBadSignature", t.yes, t.signedYes, t.no, dataSlice(t.signedNo, 1));
      await refused("BondsBadSignature", t.yes, t.signedYes, t.no, `0x${"00".repeat(65)}`);
      // a statement of another kind is no verdict: its signature opens to somebody else
      const settlement = await w.signaturesOf("SettlementAttestation", t.no, [liar()]);
      await refused("BondsOtherSigner", t.yes, t.signedYes, t.no, settlement);
      // and so is one under another number of the set than it was signed for
      await expect(prove(t.yes, t.signedYes, t.no, t.signedNo, [1n, 2n])).to.be.revertedWithCustomError(
        w.bonds,
        "BondsOtherSigner",
      );
      expect(await w.bonds.bondUsdE6(liar().address)).to.equal(MIN);
    });
  });

  it("answers no shorter than a dispute can last", async () => {
    const make = (unbonding: bigint) =>
      w.ethers.deployContract("AttesterBonds", [
        w.usd.target,
        w.validator.target,
        w.quorum.target,
        w.sink.address,
        MIN,
        unbonding,
        2_160n,
      ]);
    await expect(make(2_159n)).to.be.revertedWithCustomError(w.bonds, "BondsUnbondingTooShort");
    await make(2_160n);
  });

  it("is named once, by the owner of the quorum, and alone may remove a member beside guardian and owner", async () => {
    await expect(w.quorum.setBonds(w.stranger.address)).to.be.revertedWithCustomError(
      w.quorum,
      "QuorumAlreadySet",
    );
    await expect(w.quorum.connect(w.stranger).setBonds(w.stranger.address)).to.be.revertedWithCustomError(
      w.quorum,
      "OwnableUnauthorizedAccount",
    );
    await expect(w.quorum.connect(w.stranger).removeSigner(liar().address)).to.be.revertedWithCustomError(
      w.quorum,
      "GuardedUnauthorised",
    );
  });
});

/**
 * REPLAY, AND A CHAIN THAT CHANGES ITS MIND
 *
 * Who: anyone who has seen signatures: on another chain, on another deployment, or before a reorganisation.
 * Power: sending any of those bytes anywhere, in any order, again and again.
 * Wants: a second approval, settlement or close out of signatures given once.
 * What the contracts do: publisher's and witnesses' signatures and every payload name chain and contract; a prediction is
 *   next in its mandate's sequence and names its predecessor; what is known is answered with a status; the id does not
 *   depend on block or time, so what a reorganisation takes back lands again as the same.
 * Bound: 0 from another chain or deployment; from a reorganisation the same approval once.
 * Remains: a publisher who signs two predictions for one sequence can have the other one land after a reorganisation; an
 *   order sent for the first is then nobody's. That is why the executor waits for confirmations; its loss is a shortfall.
 */
import { expect } from "chai";
import { deploySaksi } from "../../../src/adapters/evm/deploy.ts";
import { closeWith } from "../support/epochs.ts";
import { createWorld, E8, id, type Live, PRICE, STATE, STATUS, type World } from "../support/world.ts";

describe("Attack: replay", () => {
  let w: World;
  before(async () => {
    w = await createWorld();
    await w.fund();
    await w.push(PRICE);
    await w.keep();
  });
  afterEach(() => w.back());

  const bytesOf = async (world: World) => {
    const p = await world.predict();
    const payload = world.attestation(p);
    const [signature, signatures] = [await world.sign(p), await world.signaturesOf("Attestation", payload)];
    return { p, payload, signature, signatures };
  };

  describe("on another chain with the same addresses", () => {
    let other: World;
    before(async () => {
      other = await createWorld({ chainId: 31_338 });
      await other.fund();
      await other.push(PRICE);
    });

    it("finds the same contracts and the same mandate there", () => {
      expect(other.validator.target).to.equal(w.validator.target);
      expect(other.mandateId).to.equal(w.mandateId);
      expect(other.chainId).to.not.equal(w.chainId);
    });

    it("gets neither an approval nor a registration nor a close out of signatures of this one", async () => {
      const { p, payload, signature, signatures } = await bytesOf(w);
      const sent = other.attest(p, other.reveal(), { payload, signature, signatures });
      await expect(sent).to.be.revert(other.ethers);
      const registered = other.validator.registerPrediction(p, signature, other.reveal());
      expect((await other.outcome(registered)).ignored).to.equal(STATUS.BAD_SIGNATURE);
      // even members who sign there what was said here
      const again = await other.signaturesOf("Attestation", payload);
      const repeated = await other.attest(p, other.reveal(), { payload, signature, signatures: again });
      expect(repeated.ignored).to.equal(STATUS.WRONG_DOMAIN);
      const close = await w.statement({ equityE8: 0n });
      const closing = await w.signaturesOf("EpochAttestation", close);
      await expect(other.quorum.closeEpoch(close, closing)).to.be.revert(other.ethers);
      expect((await other.validator.mandate(other.mandateId)).lastSequence).to.equal(0n);
    });

    it("control: on this chain the same bytes are an approval", async () => {
      const { p, payload, signature, signatures } = await bytesOf(w);
      const result = await w.attest(p, w.reveal(), { payload, signature, signatures });
      expect(result.find("PredictionApproved")).to.not.equal(undefined);
    });
  });

  it("on another deployment of the same chain gets nothing either", async () => {
    const artifactsDir = new URL("../../../artifacts", import.meta.url).pathname;
    const params = { ...w.params, mints: [] };
    const sibling = await deploySaksi({ deployer: w.deployer, params, artifactsDir });
    const at = async (name: string, address: string) =>
      (await w.ethers.getContractAt(name, address)) as unknown as Live;
    const validator = await at("PredictionValidator", sibling.addresses.PredictionValidator);
    const quorum = await at("QuorumAttester", sibling.addresses.QuorumAttester);
    const { p, payload, signature, signatures } = await bytesOf(w);
    await expect(quorum.attest(p, signature, w.reveal(), payload, signatures)).to.be.revert(w.ethers);
    await expect(validator.registerPrediction(p, signature, w.reveal()))
      .to.emit(validator, "AttestationIgnored")
      .withArgs(await validator.digestOf(p), w.deployer.address, STATUS.BAD_SIGNATURE);
  });

  it("of an approval, a settlement or a close on this one changes nothing", async () => {
    const bytes = await bytesOf(w);
    await w.attest(bytes.p, w.reveal(), bytes);
    expect((await w.attest(bytes.p, w.reveal(), bytes)).ignored).to.equal(STATUS.ALREADY_KNOWN);
    const f = await w.fillsOf(bytes.p, w.reveal());
    await w.until(f.exitLastAt + 1n);
    await w.settle(bytes.p, w.reveal(), f);
    const head: bigint = await w.validator.head();
    expect((await w.settle(bytes.p, w.reveal(), f)).ignored).to.equal(STATUS.ALREADY_KNOWN);
    expect(await w.validator.head()).to.equal(head);
    await w.after(130n);
    const predictionId = w.digest(bytes.p);
    await closeWith(w, [predictionId]);
    const again = { epoch: 1n, equityE8: 50_000n * E8 };
    await expect(w.closeEpoch(again)).to.be.revertedWithCustomError(w.vault, "VaultBadStatement");
  });

  describe("a reorganisation", () => {
    it("takes an approval back, and the same bytes are the same approval again", async () => {
      const fork = await w.networkHelpers.takeSnapshot();
      const bytes = await bytesOf(w);
      await w.attest(bytes.p, w.reveal(), bytes);
      const f = await w.fillsOf(bytes.p, w.reveal(), {
        entryFirstAt: bytes.p.observedAt + 30n,
        entryLastAt: bytes.p.observedAt + 31n,
      });
      const payload = w.settlement(bytes.p, f);
      const before = await w.validator.record(w.digest(bytes.p));
      await fork.restore();
      const predictionId = w.digest(bytes.p);
      expect((await w.validator.record(predictionId)).state).to.equal(STATE.None);
      await w.after(20n);
      await w.attest(bytes.p, w.reveal(), bytes);
      const after = await w.validator.record(predictionId);
      expect([after.state, after.sequence, after.settleBy, after.epoch]).to.deep.equal([
        STATE.Approved,
        before.sequence,
        before.settleBy,
        before.epoch,
      ]);
      expect(after.approvedAt > before.approvedAt).to.equal(true);
      // what witnesses had signed on the other branch still describes the trip
      await w.until(f.exitLastAt + 1n);
      const settled = await w.settle(bytes.p, w.reveal(), f, { payload });
      expect(settled.find("PredictionSettled")!.args.pnlE8).to.equal(25n * E8);
      expect(settled.find("PredictionSettled")!.args.flags).to.equal(0n);
    });

    it("remains: of two predictions for one sequence the other may land; the first is then unknown and its trade a shortfall", async () => {
      const fork = await w.networkHelpers.takeSnapshot();
      const first = await w.approve();
      await fork.restore();
      const second = await w.approve({ evidenceHash: id("other evidence") });
      expect(second.p.sequence).to.equal(first.p.sequence);
      expect(await w.validator.isExecutable(first.id)).to.equal(false);
      const bytes = { signature: await w.sign(first.p) };
      expect((await w.attest(first.p, first.r, bytes)).ignored).to.equal(STATUS.WRONG_SEQUENCE);
      await w.until(second.p.entryExpiresAt + 1n);
      await w.cancel(second.p, await w.nothing(second.p));
      // the order of the first was filled and lost 40
      const d = (await closeWith(w, [], -40n * E8)).find("Distributed")!.args;
      expect([d.bondPaidE6, d.depositorsE6]).to.deep.equal([40_000_000n, 0n]);
    });
  });
});

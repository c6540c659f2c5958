/**
 * A FORGED REVEAL
 *
 * Who: a relayer, a rival, or the operator when the settlement comes.
 * Power: the reveal is signed by nobody; he may hand in any, at the verdict or at the settlement, before the honest one.
 * Wants: to use up a sequence, to turn a loss into a profit by turning the side, or to make an honest trip a violation.
 * What the contracts do: the seal binds side, prices, size, leverage, sequence, mandate, chain and contract under a salt. A
 *   reveal that does not open it leaves no trace. Only the attesters' own word that nothing opens it is recorded, and then the
 *   worse of both sides is booked.
 * Bound: 0 by any false reveal. By losing the salt: the worse side; here -35 instead of +25 dollars, and a violation.
 * Remains: with the quorum's word on an honest trip: its dispute window, three times as long.
 */
import { expect } from "chai";
import {
  createWorld,
  E8,
  id,
  PRICE,
  PRIVATE_MODEL,
  type Reveal,
  STATE,
  STATUS,
  type World,
} from "../support/world.ts";

const UNOPENED = 1n << 15n;

describe("Attack: a forged reveal", () => {
  let w: World;
  before(async () => {
    w = await createWorld();
    await w.registry.proposeModel(PRIVATE_MODEL, w.publisher.address, true);
    await w.registry.activateModel(PRIVATE_MODEL);
    await w.fund();
    await w.push(PRICE);
    await w.keep();
  });
  afterEach(() => w.back());

  const forgeries = (r: Reveal): Reveal[] => [
    { ...r, side: 2, stopE8: r.targetE8, targetE8: r.stopE8 },
    { ...r, salt: id("another salt") },
    { ...r, qtyE8: r.qtyE8 + 1n },
    { ...r, entryLimitE8: r.entryLimitE8 + 1n },
    { ...r, stopE8: r.stopE8 - 1n },
    { ...r, targetE8: r.targetE8 + 1n },
    { ...r, leverageBps: r.leverageBps + 1n },
  ];
  const sealed = async () => {
    const p = await w.predict({ modelId: PRIVATE_MODEL });
    await w.attestSealed(p);
    const f = await w.fillsOf(p, w.reveal());
    await w.until(f.exitLastAt + 1n);
    return { p, f, id: w.digest(p) };
  };

  it("at the verdict records nothing and uses up no sequence", async () => {
    const p = await w.predict();
    for (const false_ of forgeries(w.reveal()))
      expect((await w.attest(p, false_)).ignored).to.equal(STATUS.BAD_REVEAL);
    expect((await w.validator.mandate(w.mandateId)).lastSequence).to.equal(0n);
    await w.attest(p);
    expect((await w.validator.record(w.digest(p))).state).to.equal(STATE.Approved);
  });

  it("at the settlement books nothing, open or sealed, and the honest one follows", async () => {
    const head: bigint = await w.validator.head();
    const t = await sealed();
    const approved: bigint = await w.validator.head();
    expect(approved).to.not.equal(head);
    for (const false_ of forgeries(w.reveal()))
      expect((await w.settle(t.p, false_, t.f)).ignored).to.equal(STATUS.BAD_REVEAL);
    expect(await w.validator.head()).to.equal(approved);
    await w.settle(t.p, w.reveal(), t.f);
    const record = await w.validator.record(t.id);
    expect([record.state, record.pnlE8, record.settlementFlags]).to.deep.equal([STATE.Settled, 25n * E8, 0n]);
  });

  it("of another sequence's salt opens nothing: the seal names its sequence", async () => {
    const r = w.reveal();
    const [one, two] = [w.sealOf(w.mandateId, 1n, r), w.sealOf(w.mandateId, 2n, r)];
    expect(one).to.not.equal(two);
    const p = await w.predict({ seal: two });
    expect((await w.attest(p, r)).ignored).to.equal(STATUS.BAD_REVEAL);
  });

  it("bound: where the attesters say that nothing opens the seal, the worse side is booked and flagged", async () => {
    const t = await sealed();
    const lost = { ...t.f, flags: UNOPENED };
    const result = (await w.settle(t.p, w.reveal({ salt: id("lost") }), lost)).find(
      "PredictionSettled",
    )!.args;
    expect([result.pnlE8, result.flags & (1n << 14n)]).to.deep.equal([-35n * E8, 1n << 14n]);
    expect(result.finalizableAt).to.equal((await w.now()) + 360n);
  });

  it("control: the true reveal beats their word", async () => {
    const t = await sealed();
    const result = (await w.settle(t.p, w.reveal(), { ...t.f, flags: UNOPENED })).find(
      "PredictionSettled",
    )!.args;
    expect([result.pnlE8, result.flags & (1n << 14n)]).to.deep.equal([25n * E8, 0n]);
  });
});

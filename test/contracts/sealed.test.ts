import { expect } from "chai";
import { directionBroken } from "../../src/domain/direction.ts";
import {
  createWorld,
  E8,
  type Fills,
  id,
  PRICE,
  PRIVATE_MODEL,
  type Prediction,
  REASON,
  type Reveal,
  STATE,
  STATUS,
  type World,
} from "./support/world.ts";

const SEALED = 0x40n;
const FLAG = {
  EXIT_OFF_MARKET: 1n << 4n,
  OVER_LOSS: 1n << 5n,
  OVER_QUANTITY: 1n << 6n,
  RULE_BROKEN: 1n << 13n,
  REVEAL_MISMATCH: 1n << 14n,
  AFTER_EXPIRY: 1n << 11n,
};
/** The attesters' word that nothing opens the seal. */
const UNOPENED = 1n << 15n;
const WINDOW = 120n;

/** A generator with a fixed seed, so that a failure repeats. */
const random = (seed: number) => () => {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
  return BigInt(seed) * 65_537n;
};

describe("Sealed predictions", () => {
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

  const predict = (over: Partial<Prediction> = {}, r: Reveal = w.reveal()) =>
    w.predict({ modelId: PRIVATE_MODEL, ...over }, r);
  const approved = async (r: Reveal = w.reveal(), over: Partial<Prediction> = {}) => {
    const p = await predict(over, r);
    const result = await w.attestSealed(p);
    expect(result.find("PredictionApproved"), `status ${result.ignored}`).to.not.equal(undefined);
    return { p, r, id: w.digest(p), result };
  };
  const reasonsOf = async (result: Awaited<ReturnType<typeof w.attestSealed>>) =>
    result.find("PredictionRejected")!.args.reasonBits as bigint;
  /** An approved sealed trip whose fills lie in the past. */
  const filled = async (r: Reveal = w.reveal(), over: Partial<Fills> = {}) => {
    const t = await approved(r);
    const f = await w.fillsOf(t.p, r, over);
    await w.until(f.exitLastAt + 2n);
    return { ...t, f };
  };

  describe("approval", () => {
    it("shows the worst case and hides the direction: no reveal is in the transaction", async () => {
      const { p, r, id: predictionId, result } = await approved();
      const args = result.find("PredictionApproved")!.args;
      expect(args.flags).to.equal(SEALED | 0x3fn);
      expect(args.maxLossUsdE6).to.equal(p.maxLossUsdE6);
      const record = await w.validator.record(predictionId);
      expect(record.state).to.equal(STATE.Approved);
      expect(record.flags).to.equal(SEALED | 0x3fn);
      expect([record.epoch, record.level, record.revoked]).to.deep.equal([1n, 2n, false]);
      const data = (await w.ethers.provider.getTransaction(result.receipt.hash))!.data;
      expect(data).to.not.include(r.salt.slice(2));
      const mandate = await w.validator.mandate(w.mandateId);
      expect([mandate.openCount, mandate.reservedLossUsdE6]).to.deep.equal([1n, p.maxLossUsdE6]);
    });

    it("is for private models only", async () => {
      const p = await w.predict();
      expect(await reasonsOf(await w.attestSealed(p))).to.equal(REASON.SEALED_PUBLIC_MODEL);
      expect(await w.policy.reasonText(REASON.SEALED_PUBLIC_MODEL)).to.equal(
        "sealed, but the model is public",
      );
    });

    it("asks for the attesters' word on the rules it cannot see, whatever the mandate requires", async () => {
      const p = await predict();
      const result = await w.attestSealed(p, { payload: w.attestation(p, { flags: 0x1fn }) });
      expect(await reasonsOf(result)).to.equal(REASON.FLAGS_MISSING);
    });

    it("does not take that word from a transport that may not claim it", async () => {
      await w.validator.setAdapter(w.quorum.target, 2, 0x1f, true);
      expect(await reasonsOf(await w.attestSealed(await predict()))).to.equal(REASON.FLAGS_MISSING);
    });

    it("judges what is public like an open one", async () => {
      const p = await predict({
        confidencePpm: 1n,
        maxLossUsdE6: 1_000_000n * 10n ** 6n,
        horizonAt: 5n,
        maxLeverageBps: 1_000_000n,
      });
      expect(await reasonsOf(await w.attestSealed(p))).to.equal(
        REASON.CONFIDENCE_LOW! |
          REASON.LOSS_CAP! |
          REASON.TIMES_DISORDERED! |
          REASON.LEVERAGE_CAP! |
          REASON.LOSS_BUDGET! |
          REASON.BOND_LOW!,
      );
    });

    it("records a refusal, and a lapse needs no reveal", async () => {
      const p = await predict();
      const refused = await w.attestSealed(p, {
        payload: w.attestation(p, { verdict: 2n, reason: 52n, flags: 0n }),
      });
      expect((await reasonsOf(refused)) & REASON.ATTESTATION_REFUSED!).to.equal(REASON.ATTESTATION_REFUSED);
      const q = await predict();
      await w.until(q.entryExpiresAt + 1n);
      const lapsed = await w.outcome(w.validator.lapse(q, await w.sign(q)));
      expect(await reasonsOf(lapsed)).to.equal(REASON.UNATTESTED);
    });

    it("is delivered by an adapter only, and once", async () => {
      const p = await predict();
      const payload = w.attestation(p, { flags: 0x3fn });
      await expect(w.validator.submitSealed(p, await w.sign(p), payload)).to.be.revertedWithCustomError(
        w.validator,
        "ValidatorUnauthorised",
      );
      await w.attestSealed(p);
      expect((await w.attestSealed(p)).ignored).to.equal(STATUS.ALREADY_KNOWN);
    });

    it("is previewed with the seal's mark among the flags", async () => {
      const p = await predict();
      expect(await w.validator.previewApproval(p, w.reveal(), 2, 0x7f)).to.deep.equal([true, 0n, "ok"]);
      expect((await w.validator.previewApproval(p, w.reveal(), 2, 0x5f)).reasonBits).to.equal(
        REASON.FLAGS_MISSING,
      );
      expect((await w.validator.previewApproval(await w.predict(), w.reveal(), 2, 0x7f)).reasonBits).to.equal(
        REASON.SEALED_PUBLIC_MODEL,
      );
    });
  });

  describe("registration", () => {
    const register = async (p: Prediction) => w.outcome(w.validator.registerSealed(p, await w.sign(p)));
    const verdict = async (p: Prediction, flags: bigint) => {
      const payload = w.attestation(p, { flags });
      return w.outcome(w.quorum.attestRegistered(payload, await w.signaturesOf("Attestation", payload)));
    };

    it("keeps the seal until a verdict arrives alone", async () => {
      const p = await predict();
      expect((await register(p)).find("AttestationRequested")!.args.digest).to.equal(w.digest(p));
      expect((await verdict(p, 0x3fn)).find("PredictionApproved")!.args.flags).to.equal(SEALED | 0x3fn);
    });

    it("does not forget that the word on the hidden rules is asked for, nor that the model is public", async () => {
      const p = await predict();
      await register(p);
      expect(await reasonsOf(await verdict(p, 0x1fn))).to.equal(REASON.FLAGS_MISSING);
      const q = await w.predict();
      await register(q);
      expect(await reasonsOf(await verdict(q, 0x3fn))).to.equal(REASON.SEALED_PUBLIC_MODEL);
    });
  });

  describe("settlement", () => {
    it("opens the seal, books the trip and reports the reveal", async () => {
      const t = await filled();
      const result = await w.settle(t.p, t.r, t.f);
      const settled = result.find("PredictionSettled")!.args;
      expect([settled.pnlE8, settled.flags]).to.deep.equal([25n * E8, 0n]);
      expect(settled.finalizableAt).to.equal((await w.now()) + WINDOW);
      const opened = result.find("SealOpened")!.args;
      expect([opened.id, opened.brokenReasonBits]).to.deep.equal([t.id, 0n]);
      expect(opened.reveal.stopE8).to.equal(t.r.stopE8);
      expect((await w.validator.record(t.id)).state).to.equal(STATE.Settled);
      expect((await w.validator.mandate(w.mandateId)).openCount).to.equal(0n);
    });

    it("of an open prediction reports no reveal", async () => {
      const t = await w.trip();
      expect(t.result.find("SealOpened")).to.equal(undefined);
    });

    it("records a rule that the seal hid as a violation, never refuses, and leaves more time to dispute", async () => {
      const cases: [Partial<Reveal>, bigint][] = [
        [{ stopE8: PRICE + 600n * E8 }, REASON.STOP_SIDE!],
        [{ side: 2 }, REASON.STOP_SIDE!],
        [{ targetE8: 1n }, REASON.STOP_SIDE!],
        [{ stopE8: PRICE - 1_000n * E8 }, REASON.STOP_DISTANCE!],
        [{ qtyE8: E8 }, REASON.STOP_DISTANCE! | REASON.REVEAL_NOTIONAL!],
        [{ leverageBps: 20_001n }, REASON.LEVERAGE_CAP!],
        [{ entryLimitE8: PRICE + 301n * E8 }, REASON.ENTRY_BAND!],
      ];
      for (const [over, broken] of cases) {
        await w.push(PRICE);
        const t = await filled(w.reveal(over), {
          qtyE8: E8 / 10n,
          entryQuoteE8: 6_000n * E8,
          exitQuoteE8: 6_000n * E8,
        });
        const result = await w.settle(t.p, t.r, t.f);
        expect(
          result.find("SealOpened")!.args.brokenReasonBits,
          JSON.stringify(over, (_, v) => `${v}`),
        ).to.equal(broken);
        const settled = result.find("PredictionSettled")!.args;
        expect(settled.flags & FLAG.RULE_BROKEN).to.equal(FLAG.RULE_BROKEN);
        expect(settled.finalizableAt).to.equal((await w.now()) + 3n * WINDOW);
      }
    });

    it("accepts every rule at its boundary", async () => {
      // 0.1 at 60 060 against a stop at 59 400: 66 dollars and fees of 0.08 % on both prices
      const fees = (60_060n + 59_400n) * 8n * 100n;
      const p: Partial<Prediction> = {
        maxLossUsdE6: 66n * 10n ** 6n + fees / 10n,
        maxNotionalUsdE6: 6_006n * 10n ** 6n,
        maxLeverageBps: 10_000n,
      };
      const t = await approved(w.reveal(), p);
      const f = await w.fillsOf(t.p, t.r);
      await w.until(f.exitLastAt + 2n);
      const result = await w.settle(t.p, t.r, f);
      expect(result.find("SealOpened")!.args.brokenReasonBits).to.equal(0n);
      await w.push(PRICE);
      const tight = await approved(w.reveal(), { ...p, maxLossUsdE6: p.maxLossUsdE6! - 1n });
      const g = await w.fillsOf(tight.p, tight.r);
      await w.until(g.exitLastAt + 2n);
      expect((await w.settle(tight.p, tight.r, g)).find("SealOpened")!.args.brokenReasonBits).to.equal(
        REASON.STOP_DISTANCE,
      );
    });

    it("judges a reveal of no direction by the worse of both", async () => {
      for (const [exitQuoteE8, gain] of [
        [6_030n * E8, -30n * E8],
        [5_990n * E8, -10n * E8],
      ] as const) {
        await w.push(PRICE);
        const t = await filled(w.reveal({ side: 3 }), { exitQuoteE8, feeE8: E8 });
        expect((await w.settle(t.p, t.r, t.f)).find("PredictionSettled")!.args.pnlE8).to.equal(gain - E8);
      }
    });

    it("does not let a relayer with a false reveal make a violation of an honest trip", async () => {
      const t = await filled();
      for (const over of [{ salt: id("other") }, { side: 2 }, { qtyE8: 1n }]) {
        expect((await w.settle(t.p, { ...t.r, ...over }, t.f)).ignored).to.equal(STATUS.BAD_REVEAL);
      }
      expect((await w.validator.record(t.id)).state).to.equal(STATE.Approved);
      expect((await w.settle(t.p, t.r, t.f)).find("PredictionSettled")!.args.flags).to.equal(0n);
    });

    it("where the attesters say that nothing opens the seal, books the worse direction and a violation", async () => {
      const t = await filled(w.reveal(), { flags: UNOPENED });
      const lost = { ...t.r, salt: id("lost") };
      const result = await w.settle(t.p, lost, t.f);
      const settled = result.find("PredictionSettled")!.args;
      expect(settled.pnlE8).to.equal(-30n * E8 - 5n * E8);
      expect(settled.flags).to.equal(FLAG.REVEAL_MISMATCH | (UNOPENED << 16n));
      expect(settled.finalizableAt).to.equal((await w.now()) + 3n * WINDOW);
      expect(result.find("SealOpened")).to.equal(undefined);
    });

    it("believes the reveal when it opens the seal after all", async () => {
      const t = await filled(w.reveal(), { flags: UNOPENED });
      const settled = (await w.settle(t.p, t.r, t.f)).find("PredictionSettled")!.args;
      expect([settled.pnlE8, settled.flags]).to.deep.equal([25n * E8, UNOPENED << 16n]);
    });

    it("of an open prediction is refused without its reveal, whatever the attesters say", async () => {
      const { p, r } = await w.approve();
      const f = await w.fillsOf(p, r, { flags: UNOPENED });
      await w.until(f.exitLastAt + 2n);
      expect((await w.settle(p, { ...r, salt: id("other") }, f)).ignored).to.equal(STATUS.BAD_REVEAL);
    });

    it("compares fills with the sealed size, like an open one", async () => {
      const t = await filled(w.reveal(), {
        qtyE8: E8 / 10n + 1n,
        entryQuoteE8: 6_000n * E8,
        exitQuoteE8: 6_000n * E8,
      });
      expect((await w.settle(t.p, t.r, t.f)).find("PredictionSettled")!.args.flags).to.equal(
        FLAG.OVER_QUANTITY,
      );
    });

    it("comes late with its penalty, and its reveal", async () => {
      const t = await approved();
      await w.until(t.p.settleBy + 61n);
      await w.validator.expire(t.id);
      const f = await w.fillsOf(t.p, t.r);
      const settled = (await w.settle(t.p, t.r, f)).find("PredictionSettled")!.args;
      expect([settled.pnlE8, settled.flags]).to.deep.equal([15n * E8, FLAG.AFTER_EXPIRY]);
    });
  });

  it("attesters and contract judge the hidden rules alike, up to the boundary", async () => {
    const next = random(11);
    const hidden =
      REASON.STOP_SIDE! |
      REASON.STOP_DISTANCE! |
      REASON.REVEAL_NOTIONAL! |
      REASON.LEVERAGE_CAP! |
      REASON.ENTRY_BAND!;
    const seen = new Set<boolean>();
    const near = (at: bigint, spread: bigint) => at + (next() % (2n * spread)) - spread;
    for (let i = 0; i < 150; i++) {
      const long = next() % 2n === 0n;
      const sign = long ? 1n : -1n;
      const r = w.reveal({
        side: long ? 1 : 2,
        entryLimitE8: near(PRICE + sign * 298n * E8, 4n * E8),
        stopE8: near(PRICE - sign * 600n * E8, 40n * E8),
        targetE8: near(PRICE + sign * 320n * E8, 30n * E8),
        qtyE8: near(E8 / 10n, E8 / 500n),
        leverageBps: near(19_999n, 3n),
      });
      const p = await w.predict({ maxNotionalUsdE6: 6_040n * 10n ** 6n }, r);
      const { reasonBits } = await w.validator.previewApproval(p, r, 2, 0x1f);
      const broken = directionBroken(
        p,
        { ...r, side: long ? "LONG" : "SHORT" },
        { feeReservePpm: 800n, entryBandBps: 50n },
      );
      expect(broken !== undefined, `${broken} ${reasonBits}`).to.equal((reasonBits & hidden) !== 0n);
      seen.add(broken !== undefined);
    }
    expect(seen.size).to.equal(2);
  });

  it("a cancelled prediction keeps its secret, and its seal can be checked by whoever is shown the reveal", async () => {
    const { p, r, id: predictionId } = await approved();
    await w.until(p.entryExpiresAt);
    const result = await w.cancel(p, await w.nothing(p));
    expect(result.find("PredictionCancelled")!.args.id).to.equal(predictionId);
    expect(await w.validator.digestOf(p)).to.equal(predictionId);
    expect(await w.validator.sealOf(p.mandateId, p.sequence, r)).to.equal(p.seal);
    expect(await w.validator.sealOf(p.mandateId, p.sequence, { ...r, side: 2 })).to.not.equal(p.seal);
  });

  it("a revocation stops its entry and does not lose the seal's mark", async () => {
    const t = await filled();
    await w.validator.connect(w.guardian).revokeApproval(t.id);
    const record = await w.validator.record(t.id);
    expect([record.revoked, record.flags, record.level, record.epoch]).to.deep.equal([
      true,
      SEALED | 0x3fn,
      2n,
      1n,
    ]);
    expect((await w.settle(t.p, t.r, t.f)).find("SealOpened")).to.not.equal(undefined);
  });

  it("a violation may be found in any flag that the contract raises against the trip", async () => {
    const loss = await filled(w.reveal(), { exitQuoteE8: 5_960n * E8, feeE8: 60n * E8 + 1n });
    const result = (await w.settle(loss.p, loss.r, loss.f)).find("PredictionSettled")!.args;
    expect(result.flags).to.equal(FLAG.OVER_LOSS);
    expect(result.finalizableAt).to.equal((await w.now()) + 3n * WINDOW);
    await expect(w.validator.finalize(loss.id)).to.be.revertedWithCustomError(
      w.validator,
      "ValidatorTooEarly",
    );
    await w.after(3n * WINDOW);
    await w.validator.finalize(loss.id);
  });
});

import { expect } from "chai";
import { AbiCoder, concat, Interface, keccak256, Signature, toBeHex, Wallet, ZeroHash } from "ethers";
import { PredictionValidatorAbi } from "../../src/adapters/evm/abi/PredictionValidator.ts";
import {
  createWorld,
  E6,
  E8,
  FLAGS,
  id,
  MODEL,
  PRICE,
  REASON,
  STATE,
  STATUS,
  type World,
} from "./support/world.ts";

const coder = AbiCoder.defaultAbiCoder();
const SECP256K1_ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

describe("PredictionValidator: approval", () => {
  let w: World;

  before(async () => {
    w = await createWorld();
    await w.fund();
    await w.push(PRICE);
    await w.keep();
  });
  afterEach(() => w.back());

  const rejection = async (p: Parameters<World["attest"]>[0], r = w.reveal(), over = {}) => {
    const result = await w.attest(p, r, over);
    const event = result.find("PredictionRejected");
    expect(event, `not recorded, status ${result.ignored}`).to.not.equal(undefined);
    return event!.args;
  };
  const expectReasons = async (bits: bigint, expected: bigint) => {
    expect(await w.policy.reasonText(bits)).to.equal(await w.policy.reasonText(expected));
    expect(bits).to.equal(expected);
  };

  describe("a sound prediction with a quorum's yes", () => {
    it("is approved, reserved and next in sequence", async () => {
      const { p, id: predictionId, result } = await w.approve();
      const event = result.find("PredictionApproved")!.args;
      expect(event.id).to.equal(predictionId);
      expect(event.adapter).to.equal(w.quorum.target);
      expect(event.level).to.equal(2n);
      expect(event.flags).to.equal(0x1fn);
      expect(event.epoch).to.equal(1n);
      const record = await w.validator.record(predictionId);
      expect(record.state).to.equal(STATE.Approved);
      expect(record.mandateId).to.equal(w.mandateId);
      expect(record.entryExpiresAt).to.equal(p.entryExpiresAt);
      expect(record.settleBy).to.equal(p.settleBy);
      expect(record.approvedAt).to.equal(await w.now());
      expect(record.maxLossUsdE6).to.equal(p.maxLossUsdE6);
      expect(record.maxNotionalUsdE6).to.equal(p.maxNotionalUsdE6);
      expect(await w.validator.isExecutable(predictionId)).to.equal(true);
      const mandate = await w.validator.mandate(w.mandateId);
      expect(mandate.lastSequence).to.equal(1n);
      expect(mandate.lastId).to.equal(predictionId);
      expect(mandate.openCount).to.equal(1n);
      expect(mandate.openNotionalUsdE6).to.equal(p.maxNotionalUsdE6);
      expect(mandate.reservedLossUsdE6).to.equal(p.maxLossUsdE6);
      expect((await w.validator.epochBook(1)).opened).to.equal(1n);
    });

    it("has the EIP-712 digest and the seal that wallets compute", async () => {
      const p = await w.predict();
      expect(await w.validator.digestOf(p)).to.equal(w.digest(p));
      expect(await w.validator.sealOf(p.mandateId, p.sequence, w.reveal())).to.equal(p.seal);
    });

    it("is executable only until its entry expires", async () => {
      const { p, id: predictionId } = await w.approve();
      await w.until(p.entryExpiresAt);
      expect(await w.validator.isExecutable(predictionId)).to.equal(true);
      await w.until(p.entryExpiresAt + 1n);
      expect(await w.validator.isExecutable(predictionId)).to.equal(false);
    });

    it("answers a second delivery with a status and changes nothing", async () => {
      const { p } = await w.approve();
      const head = await w.validator.head();
      expect((await w.attest(p)).ignored).to.equal(STATUS.ALREADY_KNOWN);
      expect(await w.validator.head()).to.equal(head);
    });
  });

  describe("a broken rule is recorded with its reason", () => {
    it("ATTESTATION_REFUSED with the attesters' reason, using up the sequence", async () => {
      const p = await w.predict();
      const args = await rejection(p, w.reveal(), {
        payload: w.attestation(p, { verdict: 2n, reason: 77n }),
      });
      await expectReasons(args.reasonBits, REASON.ATTESTATION_REFUSED!);
      expect(args.attesterReason).to.equal(77n);
      const record = await w.validator.record(w.digest(p));
      expect(record.state).to.equal(STATE.Rejected);
      expect(record.reasonBits).to.equal(REASON.ATTESTATION_REFUSED);
      expect(record.attesterReason).to.equal(77n);
      const mandate = await w.validator.mandate(w.mandateId);
      expect(mandate.lastSequence).to.equal(1n);
      expect(mandate.openCount).to.equal(0n);
      expect(mandate.reservedLossUsdE6).to.equal(0n);
      await w.approve();
    });

    it("holds the revealed size to the declared loss and notional to one unit, both rounded up", async () => {
      const up = (value: bigint, by: bigint) => (value + by - 1n) / by;
      for (const qtyE8 of [E8 / 10n, E8 / 10n + 1n, 9_999_999n, 1_234_567n]) {
        const r = w.reveal({ qtyE8 });
        const fees = up(qtyE8 * (r.entryLimitE8 + r.stopE8) * BigInt(w.params.feeReservePpm), 10n ** 6n);
        const maxLossUsdE6 = up(qtyE8 * (r.entryLimitE8 - r.stopE8) + fees, 10n ** 10n);
        const maxNotionalUsdE6 = up(qtyE8 * r.entryLimitE8, 10n ** 10n);
        const reasons = async (loss: bigint, notional: bigint) => {
          const p = await w.predict({ maxLossUsdE6: loss, maxNotionalUsdE6: notional }, r);
          return (await w.validator.previewApproval(p, r, 2, 0x1f)).reasonBits;
        };
        await expectReasons(await reasons(maxLossUsdE6, maxNotionalUsdE6), 0n);
        await expectReasons(await reasons(maxLossUsdE6 - 1n, maxNotionalUsdE6), REASON.STOP_DISTANCE!);
        await expectReasons(await reasons(maxLossUsdE6, maxNotionalUsdE6 - 1n), REASON.REVEAL_NOTIONAL!);
      }
    });

    type Case = { reason: string; also?: string[]; run: () => Promise<bigint> };
    const cases: Case[] = [
      {
        reason: "STOP_SIDE",
        run: async () => {
          const r = w.reveal({ stopE8: PRICE + 100n * E8 });
          return (await rejection(await w.predict({}, r), r)).reasonBits;
        },
      },
      {
        reason: "STOP_SIDE",
        run: async () => {
          const r = w.reveal({ side: 2 });
          return (await rejection(await w.predict({}, r), r)).reasonBits;
        },
      },
      {
        reason: "STOP_SIDE",
        run: async () => {
          const r = w.reveal({ side: 3 });
          return (await rejection(await w.predict({}, r), r)).reasonBits;
        },
      },
      {
        reason: "STOP_DISTANCE",
        run: async () => {
          const r = w.reveal({ stopE8: PRICE - 1000n * E8 });
          return (await rejection(await w.predict({}, r), r)).reasonBits;
        },
      },
      {
        reason: "REVEAL_NOTIONAL",
        run: async () => {
          const r = w.reveal({ stopE8: PRICE, qtyE8: E8 / 5n });
          return (await rejection(await w.predict({}, r), r)).reasonBits;
        },
      },
      {
        reason: "TIMES_DISORDERED",
        run: async () => {
          const p = await w.predict();
          return (await rejection({ ...p, horizonAt: p.settleBy + 1n })).reasonBits;
        },
      },
      {
        reason: "TIMES_DISORDERED",
        run: async () => {
          const at = (await w.now()) + 20n;
          return (await rejection(await w.predict({ observedAt: at }))).reasonBits;
        },
      },
      {
        reason: "LEVERAGE_CAP",
        run: async () => (await rejection(await w.predict({ maxLeverageBps: 30_001n }))).reasonBits,
      },
      {
        reason: "LEVERAGE_CAP",
        run: async () => {
          const r = w.reveal({ leverageBps: 20_001n });
          return (await rejection(await w.predict({}, r), r)).reasonBits;
        },
      },
      {
        reason: "NOTIONAL_CAP",
        run: async () =>
          (await rejection(await w.predict({ maxNotionalUsdE6: 20_000n * E6 + 1n }))).reasonBits,
      },
      {
        reason: "LOSS_CAP",
        run: async () => (await rejection(await w.predict({ maxLossUsdE6: 200n * E6 + 1n }))).reasonBits,
      },
      {
        reason: "CONFIDENCE_LOW",
        run: async () => (await rejection(await w.predict({ confidencePpm: 519_999n }))).reasonBits,
      },
      {
        reason: "CONFIDENCE_LOW",
        run: async () => (await rejection(await w.predict({ confidencePpm: 1_000_001n }))).reasonBits,
      },
      {
        reason: "ENTRY_BAND",
        run: async () => {
          const r = w.reveal({ entryLimitE8: PRICE + 301n * E8 });
          return (await rejection(await w.predict({}, r), r)).reasonBits;
        },
      },
      {
        reason: "MODEL_INACTIVE",
        run: async () => {
          await w.registry.connect(w.guardian).revokeModel(MODEL);
          return (await rejection(await w.predict())).reasonBits;
        },
      },
      {
        reason: "MANDATE_INACTIVE",
        run: async () => {
          await w.policy.connect(w.guardian).deactivateMandate(w.mandateId);
          return (await rejection(await w.predict())).reasonBits;
        },
      },
      {
        reason: "STALE",
        run: async () => {
          const p = await w.predict({
            observedAt: (await w.now()) - 121n,
            entryExpiresAt: (await w.now()) + 60n,
          });
          return (await rejection(p)).reasonBits;
        },
      },
      {
        reason: "STALE",
        run: async () => {
          const p = await w.predict();
          await w.until(p.entryExpiresAt + 1n);
          return (await rejection(p)).reasonBits;
        },
      },
      {
        reason: "STALE",
        run: async () => {
          const p = await w.predict();
          await w.after(10n);
          return (await rejection(p, w.reveal(), { payload: w.attestation(p, { expiresAt: p.observedAt }) }))
            .reasonBits;
        },
      },
      {
        reason: "LOSS_BUDGET",
        run: async () => {
          await w.policy.tightenLossBudgetUsdE6(w.mandateId, 99n * E6);
          return (await rejection(await w.predict())).reasonBits;
        },
      },
      {
        reason: "OPEN_LIMIT",
        run: async () => {
          await w.approve();
          return (await rejection(await w.predict())).reasonBits;
        },
      },
      {
        reason: "RATE_COUNT",
        run: async () => {
          await w.policy.tightenRatePerDayCount(w.mandateId, 1);
          const { p } = await w.approve();
          await w.until(p.entryExpiresAt);
          await w.cancel(p, await w.nothing(p));
          await w.push(PRICE);
          return (await rejection(await w.predict())).reasonBits;
        },
      },
      {
        reason: "RATE_NOTIONAL",
        run: async () => {
          await w.policy.tightenRatePerDayNotionalUsdE6(w.mandateId, 15_000n * E6);
          const { p } = await w.approve();
          await w.until(p.entryExpiresAt);
          await w.cancel(p, await w.nothing(p));
          await w.push(PRICE);
          return (await rejection(await w.predict())).reasonBits;
        },
      },
      {
        reason: "DRAWDOWN",
        run: async () => {
          await w.policy.tightenMaxDrawdownBps(w.mandateId, 10);
          await w.trip({ exitQuoteE8: 5_900n * E8 });
          await w.push(PRICE);
          return (await rejection(await w.predict())).reasonBits;
        },
      },
      {
        reason: "PRICE_BAND",
        run: async () => {
          await w.after(10n);
          await w.push(PRICE + 700n * E8);
          return (await rejection(await w.predict())).reasonBits;
        },
      },
      {
        reason: "FEED_STALE",
        run: async () => {
          await w.after(301n);
          return (await rejection(await w.predict())).reasonBits;
        },
      },
      {
        reason: "HALTED",
        run: async () => {
          await w.policy.connect(w.guardian).pauseNewRisk(100n);
          return (await rejection(await w.predict())).reasonBits;
        },
      },
      {
        reason: "HALTED",
        run: async () => {
          await w.policy.connect(w.guardian).tripBreaker(1);
          return (await rejection(await w.predict())).reasonBits;
        },
      },
      {
        reason: "FLAGS_MISSING",
        run: async () => {
          const p = await w.predict();
          const flags = BigInt(FLAGS.INPUTS | FLAGS.FEATURES | FLAGS.SIZING | FLAGS.PRICE);
          return (await rejection(p, w.reveal(), { payload: w.attestation(p, { flags }) })).reasonBits;
        },
      },
      {
        reason: "ASSURANCE_LOW",
        run: async () => {
          await w.policy.tightenMinLevel(w.mandateId, 3);
          return (await rejection(await w.predict())).reasonBits;
        },
      },
      {
        reason: "BOND_LOW",
        run: async () => {
          await w.policy.tightenMinBondBps(w.mandateId, 1001);
          return (await rejection(await w.predict())).reasonBits;
        },
      },
      {
        reason: "EPOCH_END",
        run: async () => {
          await w.until((await w.validator.snapshotAt()) - 800n);
          await w.push(PRICE);
          return (await rejection(await w.predict())).reasonBits;
        },
      },
    ];
    for (const [index, { reason, run }] of cases.entries()) {
      it(`${reason} (${index + 1})`, async () => {
        await expectReasons(await run(), REASON[reason]!);
      });
    }

    it("all of them together, and the text says each", async () => {
      const r = w.reveal({ side: 2, qtyE8: 100n * E8 });
      const p = await w.predict(
        { confidencePpm: 1n, maxNotionalUsdE6: 10n ** 20n, maxLossUsdE6: 10n ** 20n },
        r,
      );
      const { reasonBits } = await rejection(p, r);
      const text: string = await w.policy.reasonText(reasonBits);
      for (const name of [
        "STOP_SIDE",
        "NOTIONAL_CAP",
        "LOSS_CAP",
        "CONFIDENCE_LOW",
        "LOSS_BUDGET",
        "RATE_NOTIONAL",
      ]) {
        expect(reasonBits & REASON[name]!, name).to.not.equal(0n);
        expect(text).to.contain(await w.policy.reasonText(REASON[name]!));
      }
      expect(await w.policy.reasonText(0n)).to.equal("ok");
    });
  });

  describe("previewApproval", () => {
    it("agrees with the verdict before publication", async () => {
      const good = await w.predict();
      expect(await w.validator.previewApproval(good, w.reveal(), 2, 0x1f)).to.deep.equal([true, 0n, "ok"]);
      const bad = await w.predict({ confidencePpm: 1n, maxLossUsdE6: 201n * E6 });
      const [ok, bits, text] = await w.validator.previewApproval(bad, w.reveal(), 1, 0);
      expect(ok).to.equal(false);
      const adapterOnly = REASON.ASSURANCE_LOW! | REASON.FLAGS_MISSING!;
      expect(bits).to.equal(REASON.CONFIDENCE_LOW! | REASON.LOSS_CAP! | adapterOnly);
      expect(text).to.contain("confidence below the minimum");
      expect((await rejection(bad)).reasonBits).to.equal(bits & ~adapterOnly);
    });

    it("names a sequence that is not the next", async () => {
      const [, bits] = await w.validator.previewApproval(
        await w.predict({ sequence: 2n }),
        w.reveal(),
        2,
        0x1f,
      );
      expect(bits & REASON.SEQUENCE_UNEXPECTED!).to.not.equal(0n);
    });
  });

  describe("a delivery that is not about the next prediction leaves no trace", () => {
    const ignored = async (status: number, run: () => Promise<{ ignored: number | undefined }>) => {
      const head = await w.validator.head();
      expect((await run()).ignored).to.equal(status);
      expect(await w.validator.head()).to.equal(head);
      expect((await w.validator.mandate(w.mandateId)).lastSequence).to.equal(0n);
    };

    it("a gap, a repeat or a foreign predecessor: WRONG_SEQUENCE", async () => {
      await ignored(STATUS.WRONG_SEQUENCE, async () => w.attest(await w.predict({ sequence: 2n })));
      await ignored(STATUS.WRONG_SEQUENCE, async () => w.attest(await w.predict({ sequence: 0n })));
      await ignored(STATUS.WRONG_SEQUENCE, async () => w.attest(await w.predict({ previousId: id("x") })));
    });

    it("someone else's signature, or an unknown model: BAD_SIGNATURE", async () => {
      const p = await w.predict();
      await ignored(STATUS.BAD_SIGNATURE, async () =>
        w.attest(p, w.reveal(), { signature: await w.sign(p, w.attesters[0]!) }),
      );
      await ignored(STATUS.BAD_SIGNATURE, async () => w.attest(p, w.reveal(), { signature: "0x1234" }));
      await ignored(STATUS.BAD_SIGNATURE, async () =>
        w.attest(await w.predict({ modelId: id("nobody's model") })),
      );
    });

    it("a reveal that is not the sealed one, which nobody signed: BAD_REVEAL", async () => {
      const p = await w.predict();
      await ignored(STATUS.BAD_REVEAL, () => w.attest(p, w.reveal({ salt: id("other") })));
      await ignored(STATUS.BAD_REVEAL, async () =>
        w.outcome(w.validator.registerPrediction(p, await w.sign(p), w.reveal({ salt: id("other") }))),
      );
      const [, bits] = await w.validator.previewApproval(p, w.reveal({ salt: id("other") }), 2, 0x1f);
      expect(bits).to.equal(REASON.REVEAL_MISMATCH);
      expect((await w.validator.record(w.digest(p))).state).to.equal(STATE.None);
    });

    it("a mandate nobody registered: UNKNOWN_MANDATE", async () => {
      await ignored(STATUS.UNKNOWN_MANDATE, async () => w.attest(await w.predict({ mandateId: id("none") })));
    });

    it("a payload that edits the evidence, the price or the time: PAYLOAD_MISMATCH", async () => {
      const p = await w.predict();
      for (const over of [
        { evidenceHash: id("y") },
        { priceE8: PRICE + 1n },
        { observedAt: p.observedAt + 1n },
        { digest: id("z") },
      ]) {
        await ignored(STATUS.PAYLOAD_MISMATCH, () =>
          w.attest(p, w.reveal(), { payload: w.attestation(p, over) }),
        );
      }
    });

    it("dirty bits or no verdict: DIRTY_BITS", async () => {
      const p = await w.predict();
      for (const packed of [
        0x1f000001n | (1n << 32n),
        0x1f000000n,
        0x1f000003n,
        0x1f000001n | (1n << 255n),
      ]) {
        await ignored(STATUS.DIRTY_BITS, () =>
          w.attest(p, w.reveal(), { payload: w.attestation(p, { packed }) }),
        );
      }
    });

    it("another chain's or another deployment's domain: WRONG_DOMAIN", async () => {
      const p = await w.predict();
      for (const [chainId, validator] of [
        [1n, w.validator.target],
        [w.chainId, w.quorum.target],
      ]) {
        const domain = keccak256(
          coder.encode(
            ["bytes32", "uint256", "uint256", "address"],
            [id("SaksiAttestationPayload"), 1n, chainId, validator],
          ),
        );
        await ignored(STATUS.WRONG_DOMAIN, () =>
          w.attest(p, w.reveal(), { payload: w.attestation(p, { domain }) }),
        );
      }
    });

    it("the publisher's own signature in another form: BAD_SIGNATURE", async () => {
      const p = await w.predict();
      const { r, s, v } = Signature.from(await w.sign(p));
      const highS = toBeHex(SECP256K1_ORDER - BigInt(s), 32);
      const forms = [
        concat([r, highS, toBeHex(v === 27 ? 28 : 27, 1)]),
        concat([r, s, toBeHex(v - 27, 1)]),
        concat([r, s]),
        concat([r, s, toBeHex(v, 1), "0x00"]),
      ];
      for (const signature of forms) {
        await ignored(STATUS.BAD_SIGNATURE, () => w.attest(p, w.reveal(), { signature }));
      }
    });

    it("a prediction signed for another chain: BAD_SIGNATURE", async () => {
      const p = await w.predict();
      const other = { ...w.domain, chainId: 1n };
      const { PREDICTION_TYPES } = await import("./support/world.ts");
      const signature = await w.publisher.signTypedData(other, PREDICTION_TYPES, p);
      await ignored(STATUS.BAD_SIGNATURE, () => w.attest(p, w.reveal(), { signature }));
    });
  });

  describe("the only reverts", () => {
    it("meet a caller that is no enabled adapter", async () => {
      const p = await w.predict();
      await expect(w.validator.submit(w.attestation(p))).to.be.revertedWithCustomError(
        w.validator,
        "ValidatorUnauthorised",
      );
      await expect(
        w.validator.submitPrediction(p, await w.sign(p), w.reveal(), w.attestation(p)),
      ).to.be.revertedWithCustomError(w.validator, "ValidatorUnauthorised");
      await w.validator.connect(w.guardian).disableAdapter(w.quorum.target);
      await expect(w.attest(p)).to.be.revertedWithCustomError(w.validator, "ValidatorUnauthorised");
    });

    it("meet a payload of the wrong length", async () => {
      const p = await w.predict();
      await expect(
        w.attest(p, w.reveal(), { payload: `${w.attestation(p)}00` }),
      ).to.be.revertedWithCustomError(w.validator, "ValidatorBadLength");
    });
  });

  describe("lapse", () => {
    it("records what nobody attested in time, by anyone", async () => {
      const p = await w.predict();
      const signature = await w.sign(p);
      expect((await w.outcome(w.validator.connect(w.stranger).lapse(p, signature))).ignored).to.equal(
        STATUS.TOO_EARLY,
      );
      await w.until(p.entryExpiresAt + 1n);
      const result = await w.outcome(w.validator.connect(w.stranger).lapse(p, signature));
      expect(result.find("PredictionRejected")!.args.reasonBits).to.equal(REASON.UNATTESTED);
      expect((await w.validator.mandate(w.mandateId)).lastSequence).to.equal(1n);
      expect((await w.outcome(w.validator.lapse(p, signature))).ignored).to.equal(STATUS.ALREADY_KNOWN);
      expect((await w.attest(p)).ignored).to.equal(STATUS.ALREADY_KNOWN);
    });

    it("needs the publisher's signature and works on a registered prediction too", async () => {
      const p = await w.predict();
      await w.validator.registerPrediction(p, await w.sign(p), w.reveal());
      await w.until(p.entryExpiresAt + 1n);
      expect((await w.outcome(w.validator.lapse(p, await w.sign(p, w.attesters[0]!)))).ignored).to.equal(
        STATUS.BAD_SIGNATURE,
      );
      const result = await w.outcome(w.validator.lapse(p, await w.sign(p)));
      expect(result.find("PredictionRejected")!.args.reasonBits).to.equal(REASON.UNATTESTED);
      expect((await w.validator.record(w.digest(p))).state).to.equal(STATE.Rejected);
    });
  });

  describe("the guardian", () => {
    it("revokes an approval: the entry stops, the record stays open for a fill already made", async () => {
      const { id: predictionId } = await w.approve();
      await w.validator.connect(w.guardian).revokeApproval(predictionId);
      expect(await w.validator.isExecutable(predictionId)).to.equal(false);
      const record = await w.validator.record(predictionId);
      expect(record.revoked).to.equal(true);
      expect(record.state).to.equal(STATE.Approved);
      await expect(
        w.validator.connect(w.guardian).revokeApproval(predictionId),
      ).to.be.revertedWithCustomError(w.validator, "ValidatorWrongState");
      await expect(
        w.validator.connect(w.stranger).revokeApproval(predictionId),
      ).to.be.revertedWithCustomError(w.validator, "GuardedUnauthorised");
    });
  });

  describe("the sequence and the hash chain", () => {
    it("stay gapless over approvals, rejections and lapses, and the head folds again from the events", async () => {
      const kinds: string[] = [];
      for (let i = 0; i < 6; i++) {
        await w.push(PRICE);
        if (i % 3 === 0) {
          const { p } = await w.approve();
          await w.until(p.entryExpiresAt);
          await w.cancel(p, await w.nothing(p));
        } else if (i % 3 === 1) {
          await rejection(await w.predict({ confidencePpm: 1n }));
        } else {
          const p = await w.predict();
          await w.until(p.entryExpiresAt + 1n);
          await w.validator.lapse(p, await w.sign(p));
        }
      }
      const trip = await w.trip();
      await w.after(200n);
      await w.validator.finalize(trip.id);
      await w.push(PRICE);
      const silent = await w.approve();
      await w.validator.connect(w.guardian).revokeApproval(silent.id);
      await w.until(silent.p.settleBy + 61n);
      await w.validator.expire(silent.id);
      expect((await w.validator.mandate(w.mandateId)).lastSequence).to.equal(8n);

      let head: string = await w.validator.attestationDomain();
      const fold = (kind: bigint, predictionId: string, data: string) => {
        head = keccak256(
          coder.encode(["bytes32", "uint256", "bytes32", "bytes32"], [head, kind, predictionId, data]),
        );
      };
      const int = (value: bigint) => coder.encode(["int256"], [value]);
      const contract = new Interface(PredictionValidatorAbi);
      const logs = await w.ethers.provider.getLogs({ address: w.validator.target, fromBlock: 0 });
      const sequences: bigint[] = [];
      for (const log of logs) {
        const event = contract.parseLog(log)!;
        const a = event.args;
        if (event.name === "PredictionApproved") {
          sequences.push(a.sequence);
          fold(
            1n,
            a.id,
            keccak256(
              coder.encode(
                ["bytes32", "uint256", "uint256", "uint256", "uint256", "uint256"],
                [a.mandateId, a.sequence, a.approvedAt, a.epoch, a.level, a.flags],
              ),
            ),
          );
        } else if (event.name === "PredictionRejected") {
          sequences.push(a.sequence);
          fold(
            2n,
            a.id,
            keccak256(
              coder.encode(
                ["bytes32", "uint256", "uint256", "uint256"],
                [a.mandateId, a.sequence, a.reasonBits, a.attesterReason],
              ),
            ),
          );
        } else if (event.name === "ApprovalRevoked") fold(3n, a.id, ZeroHash);
        else if (event.name === "PredictionSettled") {
          fold(
            4n,
            a.id,
            keccak256(coder.encode(["bytes32", "int256", "uint256"], [a.settlementHash, a.pnlE8, a.flags])),
          );
        } else if (event.name === "PredictionCancelled") fold(5n, a.id, a.settlementHash);
        else if (event.name === "PredictionExpired") fold(6n, a.id, int(a.pnlE8));
        else if (event.name === "PredictionFinalized") fold(7n, a.id, int(a.pnlE8));
        else continue;
        kinds.push(event.name);
        expect(a.head, event.name).to.equal(head);
      }
      expect(head).to.equal(await w.validator.head());
      expect(sequences).to.deep.equal([1n, 2n, 3n, 4n, 5n, 6n, 7n, 8n]);
      expect(new Set(kinds).size).to.equal(7);
    });
  });

  describe("the owner", () => {
    it("registers a mandate once under the id everyone computes", async () => {
      await expect(
        w.validator.registerMandate(w.params.venueAccountHash, id("weex:BTCUSDT"), w.params.operator),
      ).to.be.revertedWithCustomError(w.validator, "ValidatorMandateExists");
      expect(await w.validator.mandateAt(1)).to.equal(w.mandateId);
      expect(await w.validator.mandateCount()).to.equal(1n);
    });

    it("replaces the policy only after the delay", async () => {
      await w.validator.schedulePolicy(w.stranger.address);
      await expect(w.validator.applyPolicy()).to.be.revertedWithCustomError(w.validator, "ValidatorTooEarly");
      await w.after(600n);
      await w.validator.connect(w.stranger).applyPolicy();
      expect(await w.validator.policy()).to.equal(w.stranger.address);
    });

    it("alone names adapters, executor and vault", async () => {
      const v = w.validator.connect(w.stranger);
      for (const call of [
        v.setAdapter(w.stranger.address, 3, 0x1f, true),
        v.setExecutor(w.stranger.address),
        v.setVault(w.stranger.address),
        v.registerMandate(id("a"), id("b"), w.stranger.address),
        v.schedulePolicy(w.stranger.address),
        v.scheduleCourt(w.stranger.address),
      ]) {
        await expect(call).to.be.revertedWithCustomError(w.validator, "OwnableUnauthorizedAccount");
      }
      await expect(w.validator.setVault(w.stranger.address)).to.be.revertedWithCustomError(
        w.validator,
        "ValidatorAlreadySet",
      );
      await expect(w.validator.setAdapter(w.stranger.address, 4, 0, false)).to.be.revertedWithCustomError(
        w.validator,
        "ValidatorBadValue",
      );
      await expect(w.validator.setAdapter(w.stranger.address, 3, 0x40, false)).to.be.revertedWithCustomError(
        w.validator,
        "ValidatorBadValue",
      );
    });
  });

  it("deploys to the same addresses from a fresh account each time, and a sibling deployment shares no digest", async () => {
    const again = await createWorld();
    expect(again.deployment.addresses).to.deep.equal(w.deployment.addresses);
    const sibling = await createWorld({ params: { mints: [], asset: Wallet.createRandom().address } });
    expect(sibling.validator.target).to.not.equal(w.validator.target);
    const p = await w.predict();
    expect(await sibling.validator.digestOf(p)).to.not.equal(w.digest(p));
    expect(await sibling.validator.attestationDomain()).to.not.equal(await w.validator.attestationDomain());
  });
});

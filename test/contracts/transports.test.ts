import { expect } from "chai";
import { concat, keccak256, toUtf8Bytes } from "ethers";
import { createWorld, id, PRICE, REASON, STATE, STATUS, type World } from "./support/world.ts";

/** CBOR as a Functions node reads it: text, unsigned 0 and arrays of indefinite length. */
const cbor = (value: string) => {
  const bytes = toUtf8Bytes(value);
  const length = bytes.length;
  if (length < 24) return concat([new Uint8Array([0x60 | length]), bytes]);
  if (length < 256) return concat([new Uint8Array([0x78, length]), bytes]);
  return concat([new Uint8Array([0x79, length >> 8, length & 255]), bytes]);
};
const pair = (key: string, value: string) => concat([cbor(key), value]);

describe("Transports that carry only the verdict", () => {
  let w: World;

  before(async () => {
    w = await createWorld({ limits: { minLevel: 1, requiredFlags: 0x1b, minBondBps: 0 } });
    await w.push(PRICE);
    await w.keep();
  });
  afterEach(() => w.back());

  const register = async (over = {}, r = w.reveal()) => {
    const p = await w.predict(over, r);
    const result = await w.outcome(w.validator.connect(w.stranger).registerPrediction(p, await w.sign(p), r));
    return { p, r, result };
  };
  const request = async (p: Awaited<ReturnType<World["predict"]>>) => {
    const result = await w.outcome(
      w.functions.connect(w.executor).requestAttestation(w.digest(p), "return 1", ["a", "b"]),
    );
    return result.find("RequestSent")!.args.requestId as string;
  };

  describe("registration", () => {
    it("makes the prediction known and asks for a verdict, once", async () => {
      const { p, r, result } = await register();
      const event = result.find("AttestationRequested")!.args;
      expect([event.digest, event.deadline]).to.deep.equal([w.digest(p), p.entryExpiresAt]);
      const record = await w.validator.record(w.digest(p));
      expect([record.state, record.sequence, record.maxLossUsdE6]).to.deep.equal([
        STATE.Registered,
        1n,
        p.maxLossUsdE6,
      ]);
      const again = await w.outcome(w.validator.registerPrediction(p, await w.sign(p), r));
      expect(again.ignored).to.equal(STATUS.ALREADY_KNOWN);
    });

    it("needs the publisher's signature and the next sequence", async () => {
      const p = await w.predict();
      const wrong = await w.outcome(
        w.validator.registerPrediction(p, await w.sign(p, w.attesters[0]!), w.reveal()),
      );
      expect(wrong.ignored).to.equal(STATUS.BAD_SIGNATURE);
      const q = await w.predict({ sequence: 3n });
      expect(
        (await w.outcome(w.validator.registerPrediction(q, await w.sign(q), w.reveal()))).ignored,
      ).to.equal(STATUS.WRONG_SEQUENCE);
    });

    it("of two for one sequence only the first attested counts", async () => {
      const a = await register();
      const b = await register({ confidencePpm: 700_000n });
      await w.gelatoAttester.connect(w.gelato).submit(w.attestation(a.p));
      const late = await w.outcome(w.gelatoAttester.connect(w.gelato).submit(w.attestation(b.p)));
      expect(late.ignored).to.equal(STATUS.WRONG_SEQUENCE);
    });

    it("judges exactly as the one-call way does", async () => {
      const r = w.reveal({ side: 2, salt: id("s") });
      const over = { confidencePpm: 5n, maxLeverageBps: 40_000n, maxLossUsdE6: 300_000_000n };
      const { p } = await register(over, r);
      const direct = (await w.validator.previewApproval(p, r, 1, 0x1b)).reasonBits;
      const result = await w.outcome(w.gelatoAttester.connect(w.gelato).submit(w.attestation(p)));
      expect(result.find("PredictionRejected")!.args.reasonBits).to.equal(direct);
    });

    it("sees a cap that was tightened after it", async () => {
      const { p } = await register();
      await w.policy.connect(w.guardian).tightenMaxLossUsdE6(w.mandateId, p.maxLossUsdE6 - 1n);
      const result = await w.outcome(w.gelatoAttester.connect(w.gelato).submit(w.attestation(p)));
      expect(result.find("PredictionRejected")!.args.reasonBits).to.equal(REASON.LOSS_CAP);
    });

    it("sees a model that was revoked after it", async () => {
      const { p } = await register();
      await w.registry.connect(w.guardian).revokeModel(p.modelId);
      const result = await w.outcome(w.gelatoAttester.connect(w.gelato).submit(w.attestation(p)));
      expect(result.find("PredictionRejected")!.args.reasonBits).to.equal(REASON.MODEL_INACTIVE);
    });
  });

  describe("GelatoAttester", () => {
    it("delivers for its executor, as level 1 and never with INFERENCE", async () => {
      const { p } = await register();
      const payload = w.attestation(p);
      await expect(w.gelatoAttester.connect(w.stranger).submit(payload)).to.be.revertedWithCustomError(
        w.gelatoAttester,
        "GelatoUnauthorised",
      );
      const result = await w.outcome(w.gelatoAttester.connect(w.gelato).submit(payload));
      const event = result.find("PredictionApproved")!.args;
      expect([event.level, event.flags]).to.deep.equal([1n, 0x1bn]);
      const repeat = await w.outcome(w.gelatoAttester.connect(w.gelato).submit(payload));
      expect(repeat.ignored).to.equal(STATUS.ALREADY_KNOWN);
    });

    it("answers about what nobody registered, or edits, with a status", async () => {
      const p = await w.predict();
      const gelato = w.gelatoAttester.connect(w.gelato);
      expect((await w.outcome(gelato.submit(w.attestation(p)))).ignored).to.equal(STATUS.UNKNOWN_DIGEST);
      await w.validator.registerPrediction(p, await w.sign(p), w.reveal());
      expect((await w.outcome(gelato.submit(w.attestation(p, { evidenceHash: id("?") })))).ignored).to.equal(
        STATUS.PAYLOAD_MISMATCH,
      );
      expect((await w.outcome(gelato.submit(w.attestation(p, { domain: id("?") })))).ignored).to.equal(
        STATUS.WRONG_DOMAIN,
      );
      expect((await w.outcome(gelato.submit(w.attestation(p, { packed: 9n })))).ignored).to.equal(
        STATUS.DIRTY_BITS,
      );
      expect((await w.validator.record(w.digest(p))).state).to.equal(STATE.Registered);
    });

    it("moves to another executor by its owner", async () => {
      await expect(
        w.gelatoAttester.connect(w.stranger).setExecutor(w.stranger.address),
      ).to.be.revertedWithCustomError(w.gelatoAttester, "OwnableUnauthorizedAccount");
      await w.gelatoAttester.setExecutor(w.stranger.address);
      expect(await w.gelatoAttester.executor()).to.equal(w.stranger.address);
    });
  });

  describe("FunctionsAttester", () => {
    it("sends the request a node understands, digest first", async () => {
      const { p } = await register();
      const requestId = await request(p);
      const sent = await w.router.request(requestId);
      expect([sent.subscriptionId, sent.dataVersion, sent.callbackGasLimit, sent.donId]).to.deep.equal([
        7n,
        1n,
        300_000n,
        id("don"),
      ]);
      const expected = concat([
        pair("codeLocation", "0x00"),
        pair("language", "0x00"),
        pair("source", cbor("return 1")),
        cbor("args"),
        "0x9f",
        cbor(w.digest(p)),
        cbor("a"),
        cbor("b"),
        "0xff",
      ]);
      expect(sent.data).to.equal(expected);
      for (const length of [23, 24, 255, 256, 3000]) {
        const source = "x".repeat(length);
        const data = await w.functions.encodeRequest(w.digest(p), source, []);
        expect(data).to.contain(cbor(source).slice(2));
      }
    });

    it("delivers the answer once, as level 3 and never with INFERENCE", async () => {
      const { p } = await register();
      const requestId = await request(p);
      const result = await w.outcome(w.router.fulfil(requestId, w.attestation(p), "0x"));
      const event = result.find("PredictionApproved")!.args;
      expect([event.level, event.flags]).to.deep.equal([3n, 0x1bn]);
      expect(result.find("RequestDelivered")!.args.status).to.equal(STATUS.APPROVED);
      const again = await w.outcome(w.router.fulfil(requestId, w.attestation(p), "0x"));
      expect(again.find("RequestIgnored")).to.not.equal(undefined);
    });

    it("keeps the hash of an error, of a foreign answer and of a failing sink, and never reverts", async () => {
      const { p } = await register();
      const digest = w.digest(p);
      const fails = async (response: string, err: string, hash: string) => {
        const result = await w.outcome(w.router.fulfil(await request(p), response, err));
        expect(result.find("RequestFailed")!.args.errorHash).to.equal(hash);
        expect(result.find("Processed")!.args.success).to.equal(true);
        expect(await w.functions.lastErrorHash(digest)).to.equal(hash);
      };
      await fails("0x", "0x1234", keccak256("0x1234"));
      await fails("0x12", "0x", keccak256("0x12"));
      const foreign = w.attestation(p, { digest: id("other") });
      await fails(foreign, "0x", keccak256(foreign));
      await w.validator.disableAdapter(w.functions.target);
      const error = w.validator.interface.encodeErrorResult("ValidatorUnauthorised", [w.functions.target]);
      await fails(w.attestation(p), "0x", keccak256(error));
    });

    it("listens to its router alone and asks for its requester alone, with the fixed source", async () => {
      const { p } = await register();
      const f = w.functions;
      await expect(f.handleOracleFulfillment(id("r"), "0x", "0x")).to.be.revertedWithCustomError(
        f,
        "FunctionsUnauthorised",
      );
      await expect(f.requestAttestation(w.digest(p), "return 1", [])).to.be.revertedWithCustomError(
        f,
        "FunctionsUnauthorised",
      );
      const byRequester = f.connect(w.executor);
      await expect(byRequester.requestAttestation(w.digest(p), "return 2", [])).to.be.revertedWithCustomError(
        f,
        "FunctionsWrongSource",
      );
      await expect(
        byRequester.requestAttestation(w.digest(p), "x".repeat(30_001), []),
      ).to.be.revertedWithCustomError(f, "FunctionsSourceTooLong");
      await f.setSourceHash(id("return 2"));
      await f.setNetwork(8n, id("don 2"), 200_000);
      await byRequester.requestAttestation(w.digest(p), "return 2", []);
      await f.setRequester(w.stranger.address);
      await f.connect(w.stranger).requestAttestation(w.digest(p), "return 2", []);
    });

    it("forgets a request after the timeout", async () => {
      const { p } = await register();
      const requestId = await request(p);
      await expect(w.functions.timeoutRequest(requestId)).to.be.revertedWithCustomError(
        w.functions,
        "FunctionsTooEarly",
      );
      await w.after(300n);
      await w.functions.connect(w.stranger).timeoutRequest(requestId);
      await expect(w.functions.timeoutRequest(requestId)).to.be.revertedWithCustomError(
        w.functions,
        "FunctionsUnknownRequest",
      );
      const late = await w.outcome(w.router.fulfil(requestId, w.attestation(p), "0x"));
      expect(late.find("RequestIgnored")).to.not.equal(undefined);
    });
  });
});

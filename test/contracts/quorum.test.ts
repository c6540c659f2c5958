import { expect } from "chai";
import { concat, dataSlice, getBytes, hexlify, keccak256, toBeHex, type Wallet } from "ethers";
import { createWorld, E6, PRICE, STATUS, type World, wallet } from "./support/world.ts";

const N = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

describe("QuorumAttester", () => {
  let w: World;

  before(async () => {
    w = await createWorld();
    await w.fund();
    await w.push(PRICE);
    await w.keep();
  });
  afterEach(() => w.back());

  const refused = async (error: string, signaturesFor: (payload: string) => Promise<string>) => {
    const p = await w.predict();
    const payload = w.attestation(p);
    await expect(
      w.attest(p, w.reveal(), { payload, signatures: await signaturesFor(payload) }),
    ).to.be.revertedWithCustomError(w.quorum, error);
  };

  it("accepts any three of the five", async () => {
    for (const by of [
      [0, 1, 2],
      [2, 3, 4],
      [4, 0, 3],
    ]) {
      const p = await w.predict({ confidencePpm: 1n });
      const payload = w.attestation(p);
      const signatures = await w.signaturesOf(
        "Attestation",
        payload,
        by.map((i) => w.attesters[i]!),
      );
      expect(
        (await w.attest(p, w.reveal(), { payload, signatures })).find("PredictionRejected"),
      ).to.not.equal(undefined);
    }
  });

  it("refuses fewer or more than k signatures", async () => {
    await refused("QuorumSignatureCount", (m) => w.signaturesOf("Attestation", m, w.attesters.slice(0, 2)));
    await refused("QuorumSignatureCount", (m) => w.signaturesOf("Attestation", m, w.attesters.slice(0, 4)));
    await refused("QuorumSignatureCount", async (m) => dataSlice(await w.signaturesOf("Attestation", m), 1));
  });

  it("refuses a stranger", async () => {
    await refused("QuorumNotSigner", (m) =>
      w.signaturesOf("Attestation", m, [w.attesters[0]!, w.attesters[1]!, wallet("mallory")]),
    );
  });

  it("refuses the same signer twice and an order other than ascending", async () => {
    const [a, b, c] = [...w.attesters].sort((x, y) => (BigInt(x.address) < BigInt(y.address) ? -1 : 1)) as [
      Wallet,
      Wallet,
      Wallet,
    ];
    await refused("QuorumUnsorted", (m) => w.signaturesOf("Attestation", m, [a, a, b], { sorted: false }));
    await refused("QuorumUnsorted", (m) => w.signaturesOf("Attestation", m, [a, c, b], { sorted: false }));
  });

  it("refuses a high s and a v that is neither 27 nor 28", async () => {
    await refused("QuorumBadSignature", async (m) => {
      const all = await w.signaturesOf("Attestation", m);
      const s = N - BigInt(dataSlice(all, 32, 64));
      const v = getBytes(all)[64] === 27 ? 28 : 27;
      return concat([dataSlice(all, 0, 32), toBeHex(s, 32), toBeHex(v, 1), dataSlice(all, 65)]);
    });
    await refused("QuorumBadSignature", async (m) => {
      const bytes = getBytes(await w.signaturesOf("Attestation", m));
      bytes[64] = bytes[64]! - 27;
      return hexlify(bytes);
    });
  });

  it("refuses signatures over another payload, another kind of statement, another set, another chain", async () => {
    // a signature over something else recovers to a stranger or out of order
    const fails = async (make: (payload: string) => Promise<string>) => {
      const p = await w.predict();
      const payload = w.attestation(p);
      const signatures = await make(payload);
      let refusal: string | undefined;
      await w.attest(p, w.reveal(), { payload, signatures }).catch((error: { data: string }) => {
        refusal = w.quorum.interface.parseError(error.data)?.name;
      });
      expect(refusal).to.match(/QuorumNotSigner|QuorumUnsorted/);
    };
    await fails((m) => w.signaturesOf("Attestation", keccak256(m)));
    await fails((m) => w.signaturesOf("SettlementAttestation", m));
    await fails((m) => w.signaturesOf("EpochAttestation", m));
    await fails((m) => w.signaturesOf("Attestation", m, undefined, { epoch: 2n }));
    await fails((m) =>
      w.signaturesOf("Attestation", m, undefined, { domain: { ...w.quorumDomain, chainId: 1n } }),
    );
    await fails((m) =>
      w.signaturesOf("Attestation", m, undefined, {
        domain: { ...w.quorumDomain, verifyingContract: w.vault.target as string },
      }),
    );
  });

  describe("hands a delivery on as it came", () => {
    /** The words of a call of `attest` without its selector, and the two payloads' places in them. */
    const callOf = async () => {
      const p = await w.predict();
      const payload = w.attestation(p);
      const signatures = await w.signaturesOf("Attestation", payload);
      const args = [p, await w.sign(p), w.reveal(), payload, signatures];
      const data: string = w.quorum.interface.encodeFunctionData("attest", args);
      const words = dataSlice(data, 4).slice(2).match(/.{64}/g) as string[];
      const send = (changed: string[]) =>
        w.stranger.sendTransaction({ to: w.quorum.target, data: dataSlice(data, 0, 4) + changed.join("") });
      return { words, send };
    };
    const bytesAt = (words: string[], head: number) => {
      const start = Number.parseInt(words[head]!, 16) / 32;
      return words.slice(start, start + 1 + Math.ceil(Number.parseInt(words[start]!, 16) / 32));
    };
    const HEAD_WORDS = 26;
    const SIGNATURE = 16;
    const PAYLOAD = 24;
    const SIGNATURES = 25;

    it("however the call is laid out, what the quorum signed is what the validator reads", async () => {
      const { words, send } = await callOf();
      const changed = words.slice(0, HEAD_WORDS);
      // other order, a gap of noise between
      for (const at of [SIGNATURES, PAYLOAD, SIGNATURE]) {
        changed.push("ab".repeat(32));
        changed[at] = toBeHex(changed.length * 32, 32).slice(2);
        changed.push(...bytesAt(words, at));
      }
      const result = await w.outcome(send(changed));
      expect(result.find("PredictionApproved")).to.not.equal(undefined);
    });

    it("a value wider than its field is refused without a record", async () => {
      const { words, send } = await callOf();
      const uint64 = [2, 4, 5, 6, 7];
      const uint128 = [8, 9, 11, 19, 20, 21, 22];
      const uint32 = [10, 12, 23];
      const uint8 = [18];
      for (const [bits, fields] of [
        [64n, uint64],
        [128n, uint128],
        [32n, uint32],
        [8n, uint8],
      ] as const) {
        for (const at of fields) {
          const wide = toBeHex(BigInt(`0x${words[at]}`) | (1n << bits), 32).slice(2);
          await expect(send(words.with(at, wide)), `word ${at}`).to.be.revertedWithoutReason(w.ethers);
        }
      }
      expect((await w.validator.mandate(w.mandateId)).lastSequence).to.equal(0n);
    });
  });

  it("delivers a verdict alone about a registered prediction", async () => {
    const p = await w.predict();
    expect(await w.validator.registerPrediction.staticCall(p, await w.sign(p), w.reveal())).to.equal(
      STATUS.REGISTERED,
    );
    await w.validator.registerPrediction(p, await w.sign(p), w.reveal());
    const payload = w.attestation(p);
    const result = await w.outcome(
      w.quorum.attestRegistered(payload, await w.signaturesOf("Attestation", payload)),
    );
    expect(result.find("PredictionApproved")!.args.id).to.equal(w.digest(p));
  });

  describe("the set", () => {
    it("loses a signer at once, with every signature made under the old set", async () => {
      const p = await w.predict();
      const payload = w.attestation(p);
      const signatures = await w.signaturesOf("Attestation", payload);
      await w.quorum.connect(w.guardian).removeSigner(w.attesters[4]!.address);
      expect(await w.quorum.signerSetEpoch()).to.equal(2n);
      let failed = false;
      await w.attest(p, w.reveal(), { payload, signatures }).catch(() => {
        failed = true;
      });
      expect(failed).to.equal(true);
      await w.attest(p, w.reveal(), { payload });
      await refused("QuorumNotSigner", (m) => w.signaturesOf("Attestation", m, w.attesters.slice(2, 5)));
    });

    it("gains a signer only after the delay, and never so many that two quorums could disagree", async () => {
      const six = wallet("a6").address;
      await expect(w.quorum.connect(w.stranger).scheduleSigner(six)).to.be.revertedWithCustomError(
        w.quorum,
        "OwnableUnauthorizedAccount",
      );
      await w.quorum.scheduleSigner(six);
      await expect(w.quorum.addSigner(six)).to.be.revertedWithCustomError(w.quorum, "QuorumTooEarly");
      await w.after(300n);
      await expect(w.quorum.addSigner(six)).to.be.revertedWithCustomError(w.quorum, "QuorumBadThreshold");
      await w.quorum.connect(w.guardian).removeSigner(w.attesters[0]!.address);
      await expect(w.quorum.addSigner(six)).to.be.revertedWithCustomError(w.quorum, "QuorumNotBonded");
      await w.usd.connect(w.second).approve(w.bonds.target, 10n ** 12n);
      await w.bonds.connect(w.second).postBond(six, 1_000n * E6);
      await w.quorum.connect(w.stranger).addSigner(six);
      expect(await w.quorum.isSigner(six)).to.equal(true);
      expect(await w.quorum.signerCount()).to.equal(5n);
      await expect(w.quorum.addSigner(six)).to.be.revertedWithCustomError(w.quorum, "QuorumNothingScheduled");
      await expect(w.quorum.scheduleSigner(six)).to.be.revertedWithCustomError(
        w.quorum,
        "QuorumSignerExists",
      );
    });

    it("forgets a scheduled signer when the guardian says so", async () => {
      const six = wallet("a6").address;
      await w.quorum.scheduleSigner(six);
      await w.quorum.connect(w.guardian).cancelSigner(six);
      await expect(w.quorum.addSigner(six)).to.be.revertedWithCustomError(w.quorum, "QuorumNothingScheduled");
    });

    it("starts sorted, with a threshold above one half", async () => {
      const factory = await w.ethers.getContractFactory("QuorumAttester");
      const [a, b] = [...w.attesters]
        .map((x) => x.address)
        .sort((x, y) => (BigInt(x) < BigInt(y) ? -1 : 1)) as [string, string];
      const deploy = (signers: string[], k: number) =>
        factory.deploy(w.owner.address, w.guardian.address, w.validator.target, signers, k, 0);
      await expect(deploy([b, a], 2)).to.be.revertedWithCustomError(w.quorum, "QuorumUnsorted");
      await expect(deploy([a, a], 2)).to.be.revertedWithCustomError(w.quorum, "QuorumUnsorted");
      await expect(deploy([a, b], 1)).to.be.revertedWithCustomError(w.quorum, "QuorumBadThreshold");
      await expect(deploy([a, b], 3)).to.be.revertedWithCustomError(w.quorum, "QuorumBadThreshold");
    });
  });

  it("counts neither executor, operator nor publisher as a witness of a settlement or an epoch", async () => {
    const keys = ["executor key", "operator key", "publisher", "a4", "a5"];
    const [executor, operator] = [wallet(keys[0]!), wallet(keys[1]!)];
    const v = await createWorld({
      attesters: keys,
      limits: { minBondBps: 0 },
      params: { executor: executor.address, operator: operator.address, threshold: 3 },
    });
    await v.push(PRICE);
    const { p, r } = await v.approve();
    const f = await v.fillsOf(p, r);
    await v.until(f.exitLastAt + 1n);
    for (const i of [0, 1, 2]) {
      const by = [v.attesters[i]!, v.attesters[3]!, v.attesters[4]!];
      await expect(v.settle(p, r, f, { by })).to.be.revertedWithCustomError(
        v.quorum,
        "QuorumConflictOfInterest",
      );
      await expect(v.cancel(p, f, { by })).to.be.revertedWithCustomError(
        v.quorum,
        "QuorumConflictOfInterest",
      );
      if (i < 2)
        await expect(v.closeEpoch({}, by)).to.be.revertedWithCustomError(
          v.quorum,
          "QuorumConflictOfInterest",
        );
    }
  });

  it("names its vault once", async () => {
    await expect(w.quorum.setVault(w.stranger.address)).to.be.revertedWithCustomError(
      w.quorum,
      "QuorumAlreadySet",
    );
  });
});

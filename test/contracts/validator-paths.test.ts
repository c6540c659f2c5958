import { expect } from "chai";
import { dataSlice, toBeHex } from "ethers";
import { BTC, createStakeWorld, deployed, SAKSI } from "./stake-world.ts";
import {
  createWorld,
  DAY,
  id,
  type Live,
  PRICE,
  type Prediction,
  REASON,
  type Reveal,
  STATE,
  STATUS,
  type World,
  wallet,
} from "./support/world.ts";

const MAX_INT64 = (1n << 63n) - 1n;
const MAX_MANDATES = 65_535n;

describe("PredictionValidator at its limits", () => {
  let w: World;
  before(async () => {
    w = await createWorld({ limits: { minBondBps: 0 } });
    await w.fund();
    await w.push(PRICE);
    await w.keep();
  });
  afterEach(() => w.back());

  const refused = (name: string, sent: Promise<unknown>) =>
    expect(sent).to.be.revertedWithCustomError(w.validator, name);
  const reasonsOf = async (over: Partial<Prediction>, r: Reveal = w.reveal()) =>
    (await w.attest(await w.predict(over, r), r)).find("PredictionRejected")?.args.reasonBits ?? 0n;

  it("is not deployed with an epoch of no or endless length, a first snapshot in the past or fees above the whole", async () => {
    const deploy = (over: { firstSnapshotAt?: bigint; epoch?: bigint; fees?: bigint }) =>
      w.ethers.deployContract(
        "PredictionValidator",
        [
          w.owner.address,
          w.guardian.address,
          w.registry.target,
          w.policy.target,
          over.firstSnapshotAt ?? w.params.firstSnapshotAt,
          over.epoch ?? 3_600n,
          600n,
          over.fees ?? 800n,
        ],
        { libraries: { SettlementLib: w.deployment.addresses.SettlementLib! } },
      );
    for (const over of [
      { epoch: 0n },
      { epoch: 366n * DAY + 1n },
      { firstSnapshotAt: 1n },
      { firstSnapshotAt: 1n << 32n },
      { fees: 1_000_001n },
    ])
      await refused("ValidatorBadValue", deploy(over));
    await deploy({ epoch: 366n * DAY, fees: 1_000_000n });
  });

  it("registers 65 535 mandates and no more", async () => {
    const { validator, networkHelpers } = w;
    const register = (name: string) => validator.registerMandate(id(name), id(name), w.operator.address);
    await register("second");
    const words = async () => {
      const read: bigint[] = [];
      for (let slot = 0; slot < 32; slot++)
        read.push(BigInt(await networkHelpers.getStorageAt(validator.target, slot)));
      return read;
    };
    const before = await words();
    await register("third");
    const after = await words();
    // the length of the list is the word that went from two to three
    const slot = after.findIndex((word, i) => word === 3n && before[i] === 2n);
    await networkHelpers.setStorageAt(validator.target, slot, toBeHex(MAX_MANDATES, 32));
    expect(await validator.mandateCount()).to.equal(MAX_MANDATES);
    await refused("ValidatorTooMany", register("one too many"));
  });

  it("applies no policy that nobody announced, and says what an adapter may", async () => {
    await refused("ValidatorTooEarly", w.validator.applyPolicy());
    expect(await w.validator.adapter(w.quorum.target)).to.deep.equal([2n, 0x3fn, true]);
    expect(await w.validator.adapter(w.stranger.address)).to.deep.equal([0n, 0n, false]);
  });

  it("ends a window that time cannot hold at the end of time", async () => {
    const long = await createWorld({
      limits: { disputeWindowSeconds: 2 ** 32 - 1 },
      params: { court: { ...w.params.court!, attesterUnbondingSeconds: 1n << 35n } },
    });
    await long.fund();
    const { id: settled } = await long.trip();
    expect((await long.validator.record(settled)).finalizableAt).to.equal(2n ** 32n - 1n);
  });

  describe("amounts beyond their words", () => {
    it("are broken rules, not overflows: leverage, price, size, a size of nothing", async () => {
      expect((await reasonsOf({ maxLeverageBps: 1n << 24n })) & REASON.LEVERAGE_CAP!).to.not.equal(0n);
      const unpriced = (await reasonsOf({ referencePriceE8: 0n })) as bigint;
      expect(unpriced & REASON.ENTRY_BAND!).to.not.equal(0n);
      for (const huge of [{ qtyE8: 1n << 96n }, { entryLimitE8: 1n << 96n }, { stopE8: 1n << 96n }]) {
        const reasons = (await reasonsOf({}, w.reveal(huge))) as bigint;
        expect(reasons & (REASON.STOP_DISTANCE! | REASON.REVEAL_NOTIONAL!)).to.equal(
          REASON.STOP_DISTANCE! | REASON.REVEAL_NOTIONAL!,
        );
      }
      for (const nothing of [{ qtyE8: 0n }, { stopE8: 0n }, { targetE8: 0n }])
        expect(((await reasonsOf({}, w.reveal(nothing))) as bigint) & REASON.STOP_SIDE!).to.equal(
          REASON.STOP_SIDE,
        );
    });

    it("fill a mandate's books to the brim and do not stop a settlement", async () => {
      const brim = 1n << 77n;
      await w.trip({ exitQuoteE8: brim });
      expect((await w.validator.mandate(w.mandateId)).pnlE8).to.equal(MAX_INT64);
      await w.push(PRICE);
      await w.policy.scheduleLimit(w.mandateId, 9, 10_000n);
      await w.after(120n);
      await w.policy.applyLimit(w.mandateId, 9);
      await w.trip({ entryQuoteE8: brim });
      expect((await w.validator.mandate(w.mandateId)).pnlE8).to.equal(-MAX_INT64 - 1n);
    });
  });

  describe("statements", () => {
    it("that nothing was filled expire like others", async () => {
      const { p, id: open } = await w.approve();
      await w.until(p.entryExpiresAt + 1n);
      const late = await w.nothing(p, { expiresAt: (await w.now()) - 1n });
      expect((await w.cancel(p, late)).ignored).to.equal(STATUS.STATEMENT_EXPIRED);
      expect((await w.validator.record(open)).state).to.equal(STATE.Approved);
    });

    it("about fills before the feed's first round are flagged on both sides", async () => {
      const { p, r } = await w.approve();
      const f = await w.fillsOf(p, r, {
        entryFirstAt: 5n,
        entryLastAt: 10n,
        exitLastAt: 20n,
        observedAt: 30n,
      });
      const both = { ...f, expiresAt: (await w.now()) + 100n };
      const { flags } = (await w.settle(p, r, both, { entryRound: 0n, exitRound: 0n })).find(
        "PredictionSettled",
      )!.args;
      expect(flags).to.equal((1n << 0n) | (1n << 9n) | (1n << 10n));
    });
  });
});

describe("The court and the bonds at their limits", () => {
  let w: World;
  before(async () => {
    w = await createWorld();
    await w.fund();
    await w.usd.connect(w.second).approve(w.court.target, 10n ** 15n);
    await w.push(PRICE);
    await w.keep();
  });
  afterEach(() => w.back());

  it("the other class settles fills and cancels their absence, not the other way round", async () => {
    const members = ["r1", "r2"].map(wallet).sort((a, b) => (BigInt(a.address) < BigInt(b.address) ? -1 : 1));
    const second: Live = await deployed(
      w.ethers,
      "QuorumAttester",
      w.owner.address,
      w.guardian.address,
      w.court.target,
      members.map((one) => one.address),
      2,
      300n,
    );
    await w.court.scheduleReviewer(second.target);
    await w.court.applyReviewer();
    const { p, r, id: open } = await w.trip();
    await w.court.connect(w.second).challenge(open);
    const payload = w.settlement(p, await w.nothing(p));
    const domain = { ...w.quorumDomain, verifyingContract: second.target };
    const signatures = await w.signaturesOf("SettlementAttestation", payload, members, { domain, epoch: 1n });
    await expect(second.settle(p, r, payload, 0, 0, signatures))
      .to.be.revertedWithCustomError(w.court, "CourtBadStatement")
      .withArgs(6);
  });

  it("a signature of another length proves nothing", async () => {
    const p = await w.predict();
    const [yes, no] = [w.attestation(p), w.attestation(p, { verdict: 2n })];
    const sign = (payload: string) => w.signaturesOf("Attestation", payload, [w.attesters[0]!]);
    const prove = w.bonds.proveEquivocation(
      yes,
      1n,
      dataSlice(await sign(yes), 0, 64),
      no,
      1n,
      await sign(no),
    );
    await expect(prove).to.be.revertedWithCustomError(w.bonds, "BondsBadSignature");
  });

  it("a request for a vendor's network encodes text of any length", async () => {
    const source = "x".repeat(70_000);
    const data: string = await w.functions.encodeRequest(id("a digest"), source, ["an argument"]);
    const head = dataSlice(data, 0, 80);
    // text of four bytes of length, as RFC 8949 has it
    expect(head).to.contain(`7a${(70_000).toString(16).padStart(8, "0")}7878`);
    expect((data.length - 2) / 2).to.be.greaterThan(70_000 + 66);
  });
});

describe("StakeVault at its limits", () => {
  it("slashes what rounding left of a pool that everybody has left", async () => {
    const s = await createStakeWorld();
    await s.signal(s.alice, BTC, 3n);
    await s.signal(s.bob, BTC, 3n);
    await s.slash(BTC, 1n);
    for (const who of [s.alice, s.bob]) {
      const own = s.vault.connect(who);
      await own.requestUnstake(BTC, await s.signalOf(who, BTC));
    }
    await s.after(14n * DAY);
    for (const who of [s.alice, s.bob]) await s.vault.connect(who).withdrawUnstaked(BTC);
    const left = await s.vault.mandateStake(BTC);
    expect([left.stakeSaksi, left.signalSaksi]).to.deep.equal([1n, 0n]);
    await s.slash(BTC, 5n);
    expect((await s.vault.mandateStake(BTC)).stakeSaksi).to.equal(0n);
    expect((await s.vault.accounts()).escrowSaksi).to.equal(2n);
    await s.signal(s.carol, BTC, SAKSI);
    expect(await s.signalOf(s.carol, BTC)).to.be.within(SAKSI - 2n, SAKSI);
  });
});

import { expect } from "chai";
import { keccak256 } from "ethers";
import type { TripFill } from "../../src/domain/records.ts";
import { fillRows, fillsRoot, sumTrip } from "../../src/domain/settlement.ts";
import {
  coder,
  createWorld,
  E8,
  type Fills,
  id,
  type Live,
  PRICE,
  PRIVATE_MODEL,
  type Prediction,
  type Reveal,
  STATE,
  STATUS,
  type World,
  wallet,
} from "./support/world.ts";

const RULING = { None: 0n, Upheld: 1n, Corrected: 2n, Voided: 3n };
const BOND = 101_000_001n;
const HALF = BOND / 2n;
const REVIEW = 600n;
const RULE = 1_200n;
/** Declared loss of 100 dollars and a penalty of 10. */
const SILENCE = -110n * E8;
const UNOPENED = 1n << 15n;

describe("DisputeCourt", () => {
  let w: World;
  let second: Live;
  const class2 = ["r1", "r2", "r3"].map(wallet);

  before(async () => {
    w = await createWorld();
    await w.fund();
    second = (await w.ethers.deployContract("QuorumAttester", [
      w.owner.address,
      w.guardian.address,
      w.court.target,
      class2.map((m) => m.address).sort((a, b) => (BigInt(a) < BigInt(b) ? -1 : 1)),
      2,
      300,
    ])) as unknown as Live;
    await w.court.scheduleReviewer(second.target);
    await w.court.connect(w.stranger).applyReviewer();
    for (const who of [w.second, w.depositor]) await w.usd.connect(who).approve(w.court.target, 10n ** 15n);
    await w.push(PRICE);
    await w.keep();
  });
  afterEach(() => w.back());

  const challenge = (predictionId: string) => w.outcome(w.court.connect(w.second).challenge(predictionId));
  const defend = (predictionId: string) => w.outcome(w.court.connect(w.depositor).defend(predictionId));
  const disputed = async (over: Partial<Fills> = {}, r: Reveal = w.reveal()) => {
    const t = await w.trip(over, r);
    await challenge(t.id);
    return t;
  };
  const silent = async () => {
    const { p, r, id: predictionId } = await w.approve();
    await w.until(p.settleBy + 61n);
    await w.validator.expire(predictionId);
    return { p, r, id: predictionId };
  };
  /** The other class's statement, delivered by its own quorum. */
  const review = async (p: Prediction, r: Reveal, f: Fills, payload = w.settlement(p, f)) => {
    const domain = { ...w.quorumDomain, verifyingContract: second.target };
    const signatures = await w.signaturesOf("SettlementAttestation", payload, class2.slice(0, 2), {
      domain,
      epoch: 1n,
    });
    return w.outcome(
      f.entryFills === 0n
        ? second.cancel(p, payload, signatures)
        : second.settle(p, r, payload, 0, 0, signatures),
    );
  };
  const stateOf = async (predictionId: string) => (await w.validator.record(predictionId)).state as bigint;
  const pnlOf = async (predictionId: string) => (await w.validator.record(predictionId)).pnlE8 as bigint;
  const rulingOf = async (predictionId: string) => (await w.court.dispute(predictionId)).ruling as bigint;
  const balances = async () => {
    const of = (a: string) => w.usd.balanceOf(a) as Promise<bigint>;
    return {
      challenger: await of(w.second.address),
      defender: await of(w.depositor.address),
      operator: await of(w.operator.address),
      sink: await of(w.sink.address),
      court: await of(w.court.target),
    };
  };
  const booked = async (pnlE8: bigint) => {
    expect((await w.validator.mandate(w.mandateId)).pnlE8, "mandate").to.equal(pnlE8);
    expect(await w.validator.epochBook(1), "epoch").to.deep.equal([1n, 1n, pnlE8]);
  };

  /** A trip whose fills are known one by one. `over` bends the statement about them. */
  const fillsAt = (approvedAt: bigint, entries: number, exits: number): TripFill[] =>
    Array.from({ length: entries + exits }, (_, i) => {
      const entry = i < entries;
      const qtyE8 = entry ? E8 / 10n / BigInt(entries) : E8 / 10n / BigInt(exits);
      const priceE8 = entry ? PRICE : PRICE + 300n * E8;
      return {
        fillId: String(900 + i),
        orderId: entry ? "71" : "72",
        leg: entry ? "entry" : "exit",
        timeMs: Number(approvedAt + (entry ? 2n : 65n)) * 1000 + i * 7,
        priceE8,
        qtyE8,
        quoteE8: (priceE8 * qtyE8) / E8,
        feeE8: i === 0 ? -3n : 1_000n + BigInt(i),
      };
    });
  const statementOf = async (p: Prediction, r: Reveal, rows: TripFill[], over: Partial<Fills> = {}) => {
    const sums = sumTrip(rows);
    const seconds = (ms: number) => BigInt(Math.floor(ms / 1000));
    return w.fillsOf(p, r, {
      fillsRoot: fillsRoot(rows),
      entryQuoteE8: sums.entryQuoteE8,
      exitQuoteE8: sums.exitQuoteE8,
      qtyE8: sums.entryQtyE8,
      feeE8: sums.feesE8,
      fundingE8: 7n,
      entryFirstAt: seconds(sums.entryFirstAtMs),
      entryLastAt: seconds(sums.entryLastAtMs),
      exitLastAt: seconds(sums.exitLastAtMs),
      entryFills: BigInt(sums.entryFills),
      exitFills: BigInt(sums.exitFills),
      ...over,
    });
  };
  const provable = async (
    bend: Partial<Fills> = {},
    shape: { entries?: number; exits?: number; change?: (rows: TripFill[]) => TripFill[]; r?: Reveal } = {},
  ) => {
    const r = shape.r ?? w.reveal();
    const { p, id: predictionId } = await w.approve({}, r);
    const { approvedAt } = await w.validator.record(predictionId);
    const plain = fillsAt(approvedAt, shape.entries ?? 2, shape.exits ?? 1);
    const rows = shape.change?.(plain) ?? plain;
    const f = await statementOf(p, r, rows, bend);
    await w.until(f.exitLastAt + 2n);
    await w.settle(p, r, f);
    expect(await stateOf(predictionId)).to.equal(STATE.Settled);
    await challenge(predictionId);
    const payload = w.settlement(p, f);
    const prove = (over: { payload?: string; rows?: string; r?: Reveal } = {}) =>
      w.outcome(
        w.court
          .connect(w.stranger)
          .proveFills(p, over.r ?? r, over.payload ?? payload, over.rows ?? fillRows(rows)),
      );
    return { p, r, f, rows, payload, prove, id: predictionId };
  };

  describe("a challenge", () => {
    it("holds a settled result back until the court has ruled", async () => {
      const t = await w.trip();
      const before = await balances();
      const result = await challenge(t.id);
      const openedAt = await w.now();
      expect(result.find("PredictionDisputed")!.args.deadline).to.equal(openedAt + REVIEW + RULE);
      expect(result.find("Challenged")!.args.reviewBy).to.equal(openedAt + REVIEW);
      expect((await balances()).challenger).to.equal(before.challenger - BOND);
      const record = await w.validator.record(t.id);
      expect([record.state, record.pnlE8, record.finalizableAt]).to.deep.equal([
        STATE.Disputed,
        t.pnlE8,
        openedAt + REVIEW + RULE,
      ]);
      expect(record.settlementTag).to.equal(keccak256(w.settlement(t.p, t.f)).slice(0, 30));
      await w.after(REVIEW + RULE + 1n);
      await expect(w.validator.finalize(t.id)).to.be.revertedWithCustomError(
        w.validator,
        "ValidatorWrongState",
      );
      expect((await w.settle(t.p, t.r, t.f)).ignored).to.equal(STATUS.NOT_OPEN);
    });

    it("comes within the window, about a provisional result, and once", async () => {
      const t = await w.trip();
      await challenge(t.id);
      await expect(challenge(t.id)).to.be.revertedWithCustomError(w.validator, "ValidatorWrongState");
      await w.push(PRICE);
      const late = await w.trip();
      await w.until((await w.validator.record(late.id)).finalizableAt);
      await expect(challenge(late.id)).to.be.revertedWithCustomError(w.validator, "ValidatorTooLate");
      await w.validator.finalize(late.id);
      await expect(challenge(late.id)).to.be.revertedWithCustomError(w.validator, "ValidatorWrongState");
      await expect(challenge(id("nothing"))).to.be.revertedWithCustomError(
        w.validator,
        "ValidatorWrongState",
      );
      await w.push(PRICE);
      const open = await w.approve();
      await expect(challenge(open.id)).to.be.revertedWithCustomError(w.validator, "ValidatorWrongState");
    });

    it("costs the bond: without an allowance there is no dispute", async () => {
      const t = await w.trip();
      await expect(w.court.connect(w.stranger).challenge(t.id)).to.be.revertedWithCustomError(
        w.usd,
        "ERC20InsufficientAllowance",
      );
      expect(await stateOf(t.id)).to.equal(STATE.Settled);
    });

    it("does not stop the mandate's next trip, but the epoch waits for the ruling", async () => {
      const t = await disputed();
      await w.push(PRICE);
      const next = await w.approve();
      await w.until(next.p.entryExpiresAt);
      await w.cancel(next.p, await w.nothing(next.p));
      await w.until(await w.validator.snapshotAt());
      await expect(w.closeEpoch({ equityE8: 50_025n * E8 })).to.be.revertedWithCustomError(
        w.validator,
        "ValidatorEpochOpen",
      );
      await w.court.close(t.id);
      await w.closeEpoch({ equityE8: 49_890n * E8 });
      expect(await w.validator.currentEpoch()).to.equal(2n);
    });
  });

  describe("a defence", () => {
    it("costs an equal bond, is one, and comes before the review ends", async () => {
      const t = await disputed();
      const before = await balances();
      await defend(t.id);
      expect((await balances()).defender).to.equal(before.defender - BOND);
      expect((await w.court.dispute(t.id)).defender).to.equal(w.depositor.address);
      await expect(defend(t.id)).to.be.revertedWithCustomError(w.court, "CourtAlreadyDefended");
      await w.push(PRICE);
      const late = await disputed();
      await w.after(REVIEW);
      await expect(defend(late.id)).to.be.revertedWithCustomError(w.court, "CourtTooLate");
      await expect(defend(id("nothing"))).to.be.revertedWithCustomError(w.court, "CourtNoDispute");
    });
  });

  describe("arithmetic", () => {
    it("confirms a statement that says what its fills add up to, and decides nothing", async () => {
      for (const shape of [
        { entries: 1, exits: 1 },
        { entries: 4, exits: 2 },
        { entries: 16, exits: 16 },
      ]) {
        await w.push(PRICE);
        const t = await provable({}, shape);
        const result = await t.prove();
        expect(result.find("FillsConfirmed")!.args.fills).to.equal(BigInt(shape.entries + shape.exits));
        expect(await stateOf(t.id)).to.equal(STATE.Disputed);
      }
    });

    const bends: [string, Partial<Fills>, bigint][] = [
      ["too much paid for the exit", { exitQuoteE8: 6_035n * E8 }, -5n * E8],
      ["too little for the entry", { entryQuoteE8: 5_999n * E8 }, -1n * E8],
      ["fees left out", { feeE8: 0n }, -1_000n - 1_001n - 1_002n + 3n + 1_000n],
      ["another quantity", { qtyE8: E8 / 10n - 1n }, 0n],
      ["another time", { entryFirstAt: 1n }, 0n],
      ["another number of fills", { entryFills: 1n }, 0n],
    ];
    for (const [name, bend, change] of bends) {
      it(`corrects a statement that contradicts its own fills: ${name}`, async () => {
        const t = await provable(bend);
        const posted = await pnlOf(t.id);
        const result = await t.prove();
        const ruled = result.find("Ruled")!.args;
        expect([ruled.ruling, ruled.pnlE8 - posted]).to.deep.equal([RULING.Corrected, change]);
        expect(await stateOf(t.id)).to.equal(STATE.Final);
        await booked(posted + change);
      });
    }

    it("takes the side from the reveal", async () => {
      const r = w.reveal({
        side: 2,
        entryLimitE8: PRICE - 60n * E8,
        stopE8: PRICE + 600n * E8,
        targetE8: PRICE - 1200n * E8,
      });
      const t = await provable({ exitQuoteE8: 6_029n * E8 }, { r });
      const posted = await pnlOf(t.id);
      await expect(t.prove({ r: { ...r, side: 1 } })).to.be.revertedWithCustomError(
        w.court,
        "CourtBadReveal",
      );
      await t.prove();
      await booked(posted - 1n * E8);
    });

    it("voids fills that are no round trip: more out than in, a fill twice, out of order, another leg", async () => {
      const swap = (rows: TripFill[]) =>
        rows.map((row, i) => ({ ...row, fillId: String(i === 1 ? 899 : 900 + i) }));
      const cases: ((rows: TripFill[]) => TripFill[])[] = [
        (rows) => rows.map((row) => (row.leg === "exit" ? { ...row, qtyE8: row.qtyE8 + 1n } : row)),
        (rows) => [rows[0]!, rows[0]!, ...rows.slice(1)],
        // twice, and yet as much in as out
        (rows) => [rows[0]!, rows[0]!, ...rows.slice(2)],
        (rows) => rows.slice(0, 2),
      ];
      for (const change of cases) {
        await w.push(PRICE);
        const t = await provable(
          { exitFills: 1n, exitQuoteE8: 6_030n * E8, exitLastAt: (await w.now()) + 80n },
          { change },
        );
        const posted = await pnlOf(t.id);
        expect((await t.prove()).find("Ruled")!.args.ruling).to.equal(RULING.Voided);
        expect(await stateOf(t.id)).to.equal(STATE.Voided);
        expect(await pnlOf(t.id)).to.equal(posted < SILENCE ? posted : SILENCE);
      }
      // out of order cannot come from fillRows, which sorts: the rows are turned by hand
      await w.push(PRICE);
      const { p, r, id: predictionId } = await w.approve();
      const { approvedAt } = await w.validator.record(predictionId);
      const plain = swap(fillsAt(approvedAt, 2, 1)).map((row) => ({
        ...row,
        timeMs: Number(approvedAt) * 1000 + 3000,
      }));
      const sorted = fillRows(plain).slice(2);
      const turned = `0x${sorted.slice(210, 420)}${sorted.slice(0, 210)}${sorted.slice(420)}`;
      const f = await statementOf(p, r, plain, { fillsRoot: keccak256(turned) });
      await w.until(f.exitLastAt + 2n);
      await w.settle(p, r, f);
      await challenge(predictionId);
      const result = await w.outcome(w.court.proveFills(p, r, w.settlement(p, f), turned));
      expect(result.find("Ruled")!.args.ruling).to.equal(RULING.Voided);
    });

    it("takes only the posted statement, the rows behind its root, and at most 32 of them", async () => {
      const t = await provable();
      const other = w.settlement(t.p, { ...t.f, feeE8: 1n });
      await expect(t.prove({ payload: other })).to.be.revertedWithCustomError(w.court, "CourtWrongStatement");
      await expect(t.prove({ rows: fillRows(t.rows.slice(1)) })).to.be.revertedWithCustomError(
        w.court,
        "CourtWrongRoot",
      );
      await w.push(PRICE);
      const many = await provable({}, { entries: 32, exits: 1 });
      await expect(many.prove()).to.be.revertedWithCustomError(w.court, "CourtBadRows");
      await w.push(PRICE);
      const torn = await provable({ fillsRoot: keccak256("0x1234") });
      await expect(torn.prove({ rows: "0x1234" })).to.be.revertedWithCustomError(w.court, "CourtBadRows");
    });

    it("works until the owner's time is over, and not about an expiry, which has no statement", async () => {
      const t = await provable({ feeE8: 0n });
      await w.after(REVIEW + RULE);
      await expect(t.prove()).to.be.revertedWithCustomError(w.court, "CourtTooLate");
      await w.push(PRICE);
      const s = await silent();
      await challenge(s.id);
      await expect(
        w.court.proveFills(s.p, s.r, w.settlement(s.p, await w.fillsOf(s.p, s.r)), "0x"),
      ).to.be.revertedWithCustomError(w.court, "CourtWrongStatement");
    });
  });

  describe("the other class of attesters", () => {
    it("upholds what it finds equal", async () => {
      const t = await disputed();
      const result = await review(t.p, t.r, {
        ...t.f,
        fillsRoot: id("own look"),
        observedAt: t.f.observedAt + 9n,
      });
      expect(result.find("Ruled")!.args.ruling).to.equal(RULING.Upheld);
      expect(await stateOf(t.id)).to.equal(STATE.Final);
      await booked(t.pnlE8);
    });

    it("corrects mandate and epoch exactly, up or down", async () => {
      for (const exitQuoteE8 of [5_990n * E8, 6_090n * E8 + 3n]) {
        const t = await disputed();
        const before = (await w.validator.mandate(w.mandateId)).pnlE8;
        const epoch = (await w.validator.epochBook(1)).pnlE8;
        const pnlE8 = exitQuoteE8 - 6_000n * E8 - 5n * E8;
        const result = await review(t.p, t.r, { ...t.f, exitQuoteE8 });
        const resolved = result.find("DisputeResolved")!.args;
        expect([resolved.state, resolved.postedPnlE8, resolved.pnlE8]).to.deep.equal([
          STATE.Final,
          t.pnlE8,
          pnlE8,
        ]);
        expect((await w.validator.mandate(w.mandateId)).pnlE8).to.equal(before - t.pnlE8 + pnlE8);
        expect((await w.validator.epochBook(1)).pnlE8).to.equal(epoch + pnlE8);
        expect(await pnlOf(t.id)).to.equal(pnlE8);
        await w.push(PRICE);
      }
    });

    it("finds that nothing was filled, not before the entry had expired", async () => {
      const t = await disputed();
      const early = await w.nothing(t.p, { observedAt: t.p.entryExpiresAt - 1n });
      await expect(review(t.p, t.r, early)).to.be.revertedWithCustomError(w.court, "CourtBadStatement");
      await review(t.p, t.r, await w.nothing(t.p));
      await booked(0n);
    });

    it("proves what an expiry was silent about, which keeps its penalty", async () => {
      const s = await silent();
      await challenge(s.id);
      const f = await w.fillsOf(s.p, s.r);
      await review(s.p, s.r, f);
      expect(await rulingOf(s.id)).to.equal(RULING.Corrected);
      await booked(25n * E8 - 10n * E8);
    });

    it("leaves the penalty of a late proof where it is", async () => {
      const s = await silent();
      const f = await w.fillsOf(s.p, s.r);
      await w.settle(s.p, s.r, f);
      await challenge(s.id);
      await review(s.p, s.r, f);
      expect(await rulingOf(s.id)).to.equal(RULING.Upheld);
      await booked(15n * E8);
    });

    it("speaks through its transport, in time, about this trip", async () => {
      const t = await disputed();
      const payload = w.settlement(t.p, t.f);
      await expect(w.court.settle(t.p, t.r, payload, 0, 0)).to.be.revertedWithCustomError(
        w.court,
        "CourtUnauthorised",
      );
      await expect(w.court.cancel(t.p, payload)).to.be.revertedWithCustomError(w.court, "CourtUnauthorised");
      const wrong: [Partial<Fills>, string?][] = [
        [{ account: id("weex:2") }],
        [{ epoch: 2n }],
        [{ expiresAt: 1n }],
        [{ observedAt: (await w.now()) + 1_000n }],
        [{ exitLastAt: (await w.now()) + 1_000n }],
        [{ qtyE8: 0n }],
      ];
      for (const [over] of wrong) {
        await expect(review(t.p, t.r, { ...t.f, ...over })).to.be.revertedWithCustomError(
          w.court,
          "CourtBadStatement",
        );
      }
      await expect(
        review(t.p, t.r, t.f, w.settlement(t.p, t.f, id("elsewhere"))),
      ).to.be.revertedWithCustomError(w.court, "CourtBadStatement");
      const other = await w.predict();
      await expect(review(t.p, t.r, t.f, w.settlement(other, t.f))).to.be.revertedWithCustomError(
        w.court,
        "CourtBadStatement",
      );
      await expect(review(t.p, t.r, t.f, `${payload}00`)).to.be.revertedWithCustomError(
        w.court,
        "CourtBadStatement",
      );
      await expect(review(t.p, { ...t.r, side: 2 }, t.f)).to.be.revertedWithCustomError(
        w.court,
        "CourtBadReveal",
      );
      await expect(review(other, t.r, t.f)).to.be.revertedWithCustomError(w.court, "CourtNoDispute");
      await w.after(REVIEW);
      await expect(review(t.p, t.r, t.f)).to.be.revertedWithCustomError(w.court, "CourtTooLate");
    });

    it("may not be the executor, the operator or the publisher", async () => {
      const t = await disputed();
      await w.validator.setExecutor(class2[0]!.address);
      await expect(review(t.p, t.r, t.f)).to.be.revertedWithCustomError(second, "QuorumConflictOfInterest");
    });

    it("judges a seal that nothing opens by the worse direction, if it says so", async () => {
      await w.registry.proposeModel(PRIVATE_MODEL, w.publisher.address, true);
      await w.registry.activateModel(PRIVATE_MODEL);
      const r = w.reveal();
      const p = await w.predict({ modelId: PRIVATE_MODEL }, r);
      await w.attestSealed(p);
      const f = await w.fillsOf(p, r, { flags: UNOPENED });
      await w.until(f.exitLastAt + 2n);
      const lost = { ...r, salt: id("lost") };
      await w.settle(p, lost, f);
      await challenge(w.digest(p));
      await expect(review(p, lost, { ...f, flags: 0n })).to.be.revertedWithCustomError(
        w.court,
        "CourtBadReveal",
      );
      await review(p, lost, f);
      expect(await rulingOf(w.digest(p))).to.equal(RULING.Upheld);
      await booked(-35n * E8);
    });

    it("is replaced only after the delay, by the owner", async () => {
      await expect(
        w.court.connect(w.stranger).scheduleReviewer(w.stranger.address),
      ).to.be.revertedWithCustomError(w.court, "OwnableUnauthorizedAccount");
      await expect(w.court.applyReviewer()).to.be.revertedWithCustomError(w.court, "CourtTooEarly");
      await w.court.scheduleReviewer(w.stranger.address);
      await expect(w.court.applyReviewer()).to.be.revertedWithCustomError(w.court, "CourtTooEarly");
      await w.after(900n);
      await w.court.connect(w.stranger).applyReviewer();
      expect(await w.court.reviewer()).to.equal(w.stranger.address);
    });
  });

  describe("the owner", () => {
    it("rules only after the review and before the default", async () => {
      const t = await disputed();
      await expect(w.court.rule(t.id, RULING.Upheld, 0)).to.be.revertedWithCustomError(
        w.court,
        "CourtTooEarly",
      );
      await w.after(REVIEW);
      await expect(w.court.connect(w.stranger).rule(t.id, RULING.Upheld, 0)).to.be.revertedWithCustomError(
        w.court,
        "OwnableUnauthorizedAccount",
      );
      await expect(w.court.rule(t.id, RULING.None, 0))
        .to.be.revertedWithCustomError(w.court, "CourtBadValue")
        .withArgs(RULING.None, RULING.Voided);
      await w.court.rule(t.id, RULING.Upheld, 99);
      await booked(t.pnlE8);
      await expect(w.court.rule(t.id, RULING.Upheld, 0)).to.be.revertedWithCustomError(
        w.court,
        "CourtAlreadyRuled",
      );
      await w.push(PRICE);
      const late = await disputed();
      await w.after(REVIEW + RULE);
      await expect(w.court.rule(late.id, RULING.Upheld, 0)).to.be.revertedWithCustomError(
        w.court,
        "CourtTooLate",
      );
    });

    it("corrects to any real figure", async () => {
      const t = await disputed();
      await w.after(REVIEW);
      await expect(w.court.rule(t.id, RULING.Corrected, (1n << 78n) + 1n)).to.be.revertedWithCustomError(
        w.validator,
        "ValidatorBadValue",
      );
      await expect(w.court.rule(t.id, RULING.Corrected, -(1n << 78n) - 1n)).to.be.revertedWithCustomError(
        w.validator,
        "ValidatorBadValue",
      );
      await w.court.rule(t.id, RULING.Corrected, -7n);
      await booked(-7n);
    });

    it("voids to the price of silence, and never to less than the posted loss", async () => {
      const t = await disputed();
      await w.after(REVIEW);
      await w.court.rule(t.id, RULING.Voided, 0);
      expect(await stateOf(t.id)).to.equal(STATE.Voided);
      await booked(SILENCE);
      await w.push(PRICE);
      const worse = await disputed({ exitQuoteE8: 5_800n * E8 });
      expect(worse.pnlE8 < SILENCE).to.equal(true);
      await w.after(REVIEW);
      await w.court.rule(worse.id, RULING.Voided, 0);
      expect(await pnlOf(worse.id)).to.equal(worse.pnlE8);
    });
  });

  describe("the default", () => {
    it("is against whoever has to prove something: a settlement falls, an expiry stands", async () => {
      const t = await disputed();
      await w.after(REVIEW + RULE - 2n);
      await expect(w.court.close(t.id)).to.be.revertedWithCustomError(w.court, "CourtTooEarly");
      await w.after(2n);
      await w.court.connect(w.stranger).close(t.id);
      expect([await stateOf(t.id), await pnlOf(t.id)]).to.deep.equal([STATE.Voided, SILENCE]);
      await expect(w.court.close(t.id)).to.be.revertedWithCustomError(w.court, "CourtAlreadyRuled");
      await w.push(PRICE);
      const s = await silent();
      await challenge(s.id);
      await w.after(REVIEW + RULE);
      await w.court.close(s.id);
      expect([await stateOf(s.id), await pnlOf(s.id)]).to.deep.equal([STATE.Final, SILENCE]);
    });
  });

  describe("the bonds", () => {
    it("pay what was posted and nothing else: half of the loser's is burnt, the winner has the other half", async () => {
      for (const [wins, defended] of [
        ["challenger", true],
        ["challenger", false],
        ["defender", true],
        ["operator", false],
      ] as const) {
        await w.push(PRICE);
        const t = await w.trip();
        const before = await balances();
        await challenge(t.id);
        if (defended) await defend(t.id);
        await expect(w.court.payBonds(t.id)).to.be.revertedWithCustomError(w.court, "CourtNotRuled");
        await review(t.p, t.r, wins === "challenger" ? { ...t.f, feeE8: 0n } : t.f);
        await w.court.connect(w.stranger).payBonds(t.id);
        const after = await balances();
        const change = Object.fromEntries(
          Object.entries(after).map(([who, now]) => [who, now - before[who as keyof typeof before]]),
        );
        const none = { challenger: 0n, defender: 0n, operator: 0n, sink: 0n, court: 0n };
        const burnt = BOND - HALF;
        expect(change, `${wins} ${defended}`).to.deep.equal(
          wins === "challenger"
            ? defended
              ? { ...none, challenger: HALF, defender: -BOND, sink: burnt }
              : none
            : { ...none, challenger: -BOND, [wins]: HALF, sink: burnt },
        );
        await expect(w.court.payBonds(t.id)).to.be.revertedWithCustomError(w.court, "CourtAlreadyPaid");
      }
    });
  });

  describe("punishment", () => {
    const staked = async () => {
      const stake = (await w.ethers.deployContract("MockStake")) as unknown as Live;
      await stake.setSignal(w.mandateId, 10_000n);
      await w.court.setStake(stake.target, w.treasury.address);
      return stake;
    };

    it("costs the stake behind the mandate its share, once, for a flagged trip that is final", async () => {
      const stake = await staked();
      const t = await w.trip({ exitQuoteE8: 5_800n * E8 });
      expect(t.result.find("PredictionSettled")!.args.flags & 32n).to.equal(32n);
      await expect(w.court.punish(t.id)).to.be.revertedWithCustomError(w.court, "CourtNoViolation");
      await w.after(360n);
      await w.validator.finalize(t.id);
      await expect(w.court.connect(w.stranger).punish(t.id))
        .to.emit(stake, "Slashed")
        .withArgs(w.mandateId, 500n, (await w.validator.record(t.id)).approvedAt, w.treasury.address, t.id);
      await expect(w.court.punish(t.id)).to.be.revertedWithCustomError(w.court, "CourtAlreadyPunished");
    });

    it("reaches back as far as the stake's unbonding, and no farther", async () => {
      const stake = await staked();
      const t = await w.trip({ exitQuoteE8: 5_800n * E8 });
      await w.after(15n * 86_400n);
      await w.validator.finalize(t.id);
      await w.court.punish(t.id);
      const [{ args }] = await stake.queryFilter(stake.filters.Slashed());
      expect(args.capturedAt).to.equal((await w.now()) - 14n * 86_400n);
    });

    it("meets a result that fell, not one that was upheld, and not an expiry that was corrected", async () => {
      const stake = await staked();
      const fell = await disputed();
      await review(fell.p, fell.r, { ...fell.f, feeE8: 0n });
      await w.court.punish(fell.id);
      expect(await stake.signalOf(w.mandateId)).to.equal(9_500n);
      await w.push(PRICE);
      const stood = await disputed();
      await review(stood.p, stood.r, stood.f);
      await expect(w.court.punish(stood.id)).to.be.revertedWithCustomError(w.court, "CourtNoViolation");
      await w.push(PRICE);
      const s = await silent();
      await challenge(s.id);
      await review(s.p, s.r, await w.fillsOf(s.p, s.r));
      await expect(w.court.punish(s.id)).to.be.revertedWithCustomError(w.court, "CourtNoViolation");
    });

    it("names its stake once, by the owner", async () => {
      await expect(
        w.court.connect(w.stranger).setStake(w.usd.target, w.treasury.address),
      ).to.be.revertedWithCustomError(w.court, "OwnableUnauthorizedAccount");
      await staked();
      await expect(w.court.setStake(w.usd.target, w.treasury.address)).to.be.revertedWithCustomError(
        w.court,
        "CourtAlreadySet",
      );
    });
  });

  describe("the validator's door", () => {
    it("is open to the court alone", async () => {
      const t = await w.trip();
      await expect(w.validator.openDispute(t.id, await w.now())).to.be.revertedWithCustomError(
        w.validator,
        "ValidatorUnauthorised",
      );
      await expect(w.validator.closeDispute(t.id, 0, false)).to.be.revertedWithCustomError(
        w.validator,
        "ValidatorUnauthorised",
      );
    });

    it("moves to another court after the delay, and not while a dispute is open", async () => {
      const t = await disputed();
      await expect(w.validator.applyCourt()).to.be.revertedWithCustomError(w.validator, "ValidatorTooEarly");
      await w.validator.scheduleCourt(w.stranger.address);
      await expect(w.validator.applyCourt()).to.be.revertedWithCustomError(w.validator, "ValidatorTooEarly");
      await w.after(600n);
      await expect(w.validator.applyCourt()).to.be.revertedWithCustomError(w.validator, "ValidatorTooMany");
      await w.court.rule(t.id, RULING.Upheld, 0);
      await w.validator.connect(w.stranger).applyCourt();
      expect(await w.validator.court()).to.equal(w.stranger.address);
      await expect(w.validator.applyCourt()).to.be.revertedWithCustomError(w.validator, "ValidatorTooEarly");
      await w.push(PRICE);
      const next = await w.trip();
      await expect(challenge(next.id)).to.be.revertedWithCustomError(w.validator, "ValidatorUnauthorised");
      const v = w.validator.connect(w.stranger);
      await expect(v.openDispute(next.id, (await w.now()) + 70n * 86_400n)).to.be.revertedWithCustomError(
        w.validator,
        "ValidatorBadValue",
      );
      await expect(v.closeDispute(next.id, 0, false)).to.be.revertedWithCustomError(
        w.validator,
        "ValidatorWrongState",
      );
      await v.openDispute(next.id, (await w.now()) + 100n);
      await v.closeDispute(next.id, -1n, true);
      expect([await stateOf(next.id), await pnlOf(next.id)]).to.deep.equal([STATE.Voided, -1n]);
    });

    it("extends the hash chain by kinds 8 and 9", async () => {
      const t = await w.trip();
      let head: string = await w.validator.head();
      const fold = (kind: bigint, data: string) => {
        head = keccak256(
          coder.encode(["bytes32", "uint256", "bytes32", "bytes32"], [head, kind, t.id, data]),
        );
        return head;
      };
      const opened = (await challenge(t.id)).find("PredictionDisputed")!.args;
      expect(opened.head).to.equal(fold(8n, coder.encode(["uint256"], [opened.deadline])));
      const ruled = (await review(t.p, t.r, { ...t.f, feeE8: 0n })).find("DisputeResolved")!.args;
      expect(ruled.head).to.equal(
        fold(9n, keccak256(coder.encode(["uint8", "int256", "int256"], [STATE.Final, t.pnlE8, 30n * E8]))),
      );
      expect(await w.validator.head()).to.equal(head);
    });
  });

  it("refuses constants that make no sense", async () => {
    const make = (over: { review?: bigint; slashBps?: number }) =>
      w.ethers.deployContract("DisputeCourt", [
        w.owner.address,
        w.usd.target,
        w.validator.target,
        w.sink.address,
        BOND,
        over.review ?? REVIEW,
        RULE,
        900n,
        over.slashBps ?? 500,
      ]);
    await expect(make({ review: 60n * 86_400n })).to.be.revertedWithCustomError(w.court, "CourtBadValue");
    await expect(make({ slashBps: 10_001 }))
      .to.be.revertedWithCustomError(w.court, "CourtBadValue")
      .withArgs(10_001n, 10_000n);
    await make({ slashBps: 10_000 });
    expect(await w.court.disputeSeconds()).to.equal(REVIEW + RULE);
  });

  it("after any mix of disputes the books are the sum of the records and the court holds the open bonds", async () => {
    let seed = 5;
    const next = (below: number) => {
      seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
      return (seed >>> 8) % below;
    };
    const ids: string[] = [];
    let openBonds = 0n;
    for (let step = 0; step < 14; step++) {
      await w.push(PRICE);
      const t = await w.trip({ exitQuoteE8: 5_950n * E8 + BigInt(next(100)) * E8 });
      ids.push(t.id);
      if (next(4) === 0) continue;
      await challenge(t.id);
      const defended = next(2) === 0;
      if (defended) await defend(t.id);
      const way = next(4);
      if (way === 0) await review(t.p, t.r, { ...t.f, feeE8: BigInt(next(3)) * 5n * E8 });
      else if (way === 1) {
        await w.after(REVIEW);
        await w.court.rule(t.id, 1 + next(3), -BigInt(next(1_000)));
      } else if (way === 2) {
        await w.after(REVIEW + RULE);
        await w.court.close(t.id);
      }
      if (way === 3 || next(2) === 0) openBonds += defended ? 2n * BOND : BOND;
      else await w.court.payBonds(t.id);
    }
    for (const one of ids) {
      const { state, finalizableAt } = await w.validator.record(one);
      if (state !== STATE.Settled) continue;
      if (finalizableAt > (await w.now())) await w.until(finalizableAt);
      await w.validator.finalize(one);
    }
    const records = await Promise.all(ids.map((one) => w.validator.record(one)));
    const sum = (of: typeof records) => of.reduce((all, one) => all + (one.pnlE8 as bigint), 0n);
    const done = records.filter(({ state }) => state === STATE.Final || state === STATE.Voided);
    expect((await w.validator.mandate(w.mandateId)).pnlE8).to.equal(sum(records));
    expect(await w.validator.epochBook(1)).to.deep.equal([
      BigInt(ids.length),
      BigInt(done.length),
      sum(done),
    ]);
    expect((await balances()).court).to.equal(openBonds);
    expect(new Set(records.map(({ state }) => state))).to.include(STATE.Voided);
    expect(done.length < ids.length, "a dispute is still open").to.equal(true);
  });

  it("keeps the bonds of disputes that are still open apart from those it pays", async () => {
    const first = await disputed();
    await w.push(PRICE);
    const other = await disputed();
    await defend(other.id);
    await review(first.p, first.r, { ...first.f, feeE8: 0n });
    await w.court.payBonds(first.id);
    expect((await balances()).court).to.equal(2n * BOND);
  });
});

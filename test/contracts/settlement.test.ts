import { expect } from "chai";
import { dataSlice, keccak256 } from "ethers";
import { createWorld, E6, E8, type Fills, id, PRICE, STATE, STATUS, type World } from "./support/world.ts";

const FLAG = {
  ENTRY_EARLY: 1n,
  ENTRY_LATE: 2n,
  EXIT_LATE: 4n,
  ENTRY_OFF_MARKET: 8n,
  EXIT_OFF_MARKET: 16n,
  OVER_LOSS: 32n,
  OVER_QUANTITY: 64n,
  OVER_NOTIONAL: 128n,
  WORSE_THAN_LIMIT: 256n,
  ENTRY_ROUND_MISSING: 512n,
  EXIT_ROUND_MISSING: 1024n,
  AFTER_EXPIRY: 2048n,
  AFTER_REVOCATION: 4096n,
};

const VIOLATIONS =
  FLAG.ENTRY_OFF_MARKET | FLAG.EXIT_OFF_MARKET | FLAG.OVER_LOSS | FLAG.OVER_QUANTITY | FLAG.OVER_NOTIONAL;

/** A generator with a fixed seed, so that a failure repeats. */
const random = (seed: number) => () => {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
  return BigInt(seed);
};

describe("PredictionValidator: settlement", () => {
  let w: World;

  before(async () => {
    w = await createWorld();
    await w.fund();
    await w.push(PRICE);
    await w.keep();
  });
  afterEach(() => w.back());

  /** An approval whose fills lie between two feed rounds each, ready to be settled. */
  const ready = async (over: Partial<Fills> = {}, r = w.reveal()) => {
    const { p, id: predictionId } = await w.approve({}, r);
    const f = await w.fillsOf(p, r, over);
    await w.until(f.entryLastAt + 2n);
    await w.push(PRICE + 100n * E8, f.entryLastAt + 1n);
    const exitAt = f.exitLastAt > f.entryLastAt ? f.exitLastAt : f.entryLastAt + 60n;
    await w.until(exitAt + 2n);
    await w.push(PRICE + 100n * E8, exitAt + 1n);
    return { p, r, f, id: predictionId };
  };
  const settled = async (over: Partial<Fills> = {}, r = w.reveal()) => {
    const t = await ready(over, r);
    const result = await w.settle(t.p, r, t.f);
    const event = result.find("PredictionSettled");
    expect(event, `status ${result.ignored}`).to.not.equal(undefined);
    return { ...t, event: event!.args };
  };

  describe("the arithmetic", () => {
    it("books exit minus entry minus fees minus funding for a long, and the mirror image for a short", async () => {
      const t = await settled({ feeE8: 5n * E8, fundingE8: -2n * E8 });
      expect(t.event.pnlE8).to.equal(30n * E8 - 5n * E8 + 2n * E8);
      await w.push(PRICE);
      const r = w.reveal({
        side: 2,
        entryLimitE8: PRICE - 60n * E8,
        stopE8: PRICE + 600n * E8,
        targetE8: PRICE - 1200n * E8,
      });
      const s = await settled({ feeE8: -1n * E8, fundingE8: 3n * E8 }, r);
      expect(s.event.pnlE8).to.equal(-30n * E8 + 1n * E8 - 3n * E8);
    });

    it("agrees with a bigint model over many trips, and so do drawdown and peak", async () => {
      const next = random(42);
      let sum = 0n;
      let peak = 0n;
      for (let i = 0; i < 12; i++) {
        await w.push(PRICE);
        const entryQuoteE8 = 5_900n * E8 + (next() % (120n * E8));
        const exitQuoteE8 = 5_900n * E8 + (next() % (150n * E8));
        const feeE8 = next() % (9n * E8);
        const fundingE8 = (next() % (4n * E8)) - 2n * E8;
        const t = await settled({ entryQuoteE8, exitQuoteE8, feeE8, fundingE8 });
        const expected = exitQuoteE8 - entryQuoteE8 - feeE8 - fundingE8;
        expect(t.event.pnlE8).to.equal(expected);
        sum += expected;
        if (sum > peak) peak = sum;
        const mandate = await w.validator.mandate(w.mandateId);
        expect(mandate.pnlE8).to.equal(sum);
        expect(mandate.peakPnlE8).to.equal(peak);
      }
    });

    it("keeps the record, the tag of the payload and the window, and releases the reservation at once", async () => {
      const t = await settled();
      const record = await w.validator.record(t.id);
      expect(record.state).to.equal(STATE.Settled);
      expect(record.pnlE8).to.equal(t.event.pnlE8);
      expect(record.finalizableAt).to.equal((await w.now()) + 120n);
      const hash = keccak256(w.settlement(t.p, t.f));
      expect(t.event.settlementHash).to.equal(hash);
      expect(record.settlementTag).to.equal(dataSlice(hash, 0, 14));
      expect(t.event.fillsRoot).to.equal(t.f.fillsRoot);
      const mandate = await w.validator.mandate(w.mandateId);
      expect([mandate.openCount, mandate.openNotionalUsdE6, mandate.reservedLossUsdE6]).to.deep.equal([
        0n,
        0n,
        0n,
      ]);
      await w.push(PRICE);
      await w.approve();
    });
  });

  describe("what is out of the ordinary is flagged, never refused", () => {
    const cases: [
      string,
      bigint,
      (w: World, approvedAt: bigint, entryExpiresAt: bigint, settleBy: bigint) => Partial<Fills>,
    ][] = [
      ["nothing", 0n, () => ({})],
      ["an entry fill before the approval", FLAG.ENTRY_EARLY, (_, a) => ({ entryFirstAt: a - 1n })],
      ["an entry fill after the entry expired", FLAG.ENTRY_LATE, (_, __, e) => ({ entryLastAt: e + 1n })],
      ["an exit after settleBy", FLAG.EXIT_LATE, (_, __, ___, s) => ({ exitLastAt: s + 1n })],
      [
        "an entry price far from its round",
        FLAG.ENTRY_OFF_MARKET,
        () => ({ entryQuoteE8: 5_930n * E8, exitQuoteE8: 6_000n * E8 }),
      ],
      ["an exit price far from its round", FLAG.EXIT_OFF_MARKET, () => ({ exitQuoteE8: 6_080n * E8 })],
      [
        "a loss above the declared maximum",
        FLAG.OVER_LOSS,
        () => ({ exitQuoteE8: 5_960n * E8, feeE8: 60n * E8 + 1n }),
      ],
      [
        "more than the sealed quantity",
        FLAG.OVER_QUANTITY,
        () => ({
          qtyE8: E8 / 10n + 1n,
          entryQuoteE8: 6_000n * E8,
          exitQuoteE8: 6_030n * E8,
        }),
      ],
      [
        "an entry worse than the sealed limit",
        FLAG.WORSE_THAN_LIMIT,
        () => ({ entryQuoteE8: 6_006n * E8 + 1n }),
      ],
      ["whatever the attesters report", 5n << 16n, () => ({ flags: 5n })],
    ];
    for (const [name, flags, fills] of cases) {
      it(name, async () => {
        const { p, r, id: predictionId } = await w.approve();
        const { approvedAt } = await w.validator.record(predictionId);
        const f = await w.fillsOf(p, r, fills(w, approvedAt, p.entryExpiresAt, p.settleBy));
        await w.until((f.exitLastAt > f.entryLastAt ? f.exitLastAt : f.entryLastAt) + 1n);
        const result = await w.settle(p, r, f);
        expect(result.ignored).to.equal(undefined);
        expect(result.find("PredictionSettled")!.args.flags).to.equal(flags);
        const record = await w.validator.record(predictionId);
        expect(record.settlementFlags).to.equal(flags);
        // what breaks the declared bounds can be disputed three times as long
        const windows = (flags & VIOLATIONS) === 0n ? 1n : 3n;
        expect(record.finalizableAt).to.equal((await w.now()) + windows * 120n);
      });
    }

    it("an entry quote above the declared notional alone", async () => {
      const { p, r, id: predictionId } = await w.approve({ maxNotionalUsdE6: 6_006n * E6 });
      const f = await w.fillsOf(p, r, { entryQuoteE8: 6_006n * E8 + 1n });
      await w.until(f.exitLastAt + 1n);
      const { flags } = (await w.settle(p, r, f)).find("PredictionSettled")!.args;
      expect(flags).to.equal(FLAG.OVER_NOTIONAL | FLAG.WORSE_THAN_LIMIT);
      const record = await w.validator.record(predictionId);
      expect(record.finalizableAt).to.equal((await w.now()) + 3n * 120n);
    });

    it("an entry quote above the declared notional", async () => {
      const { p, r } = await w.approve({ maxNotionalUsdE6: 6_006n * E6 });
      const f = await w.fillsOf(p, r, {
        qtyE8: E8 / 5n,
        entryQuoteE8: 12_000n * E8,
        exitQuoteE8: 12_000n * E8,
      });
      await w.until(f.exitLastAt + 1n);
      const { flags } = (await w.settle(p, r, f)).find("PredictionSettled")!.args;
      expect(flags).to.equal(FLAG.OVER_NOTIONAL | FLAG.OVER_QUANTITY);
    });

    it("a fill after a revocation still settles", async () => {
      const t = await ready();
      await w.validator.connect(w.guardian).revokeApproval(t.id);
      const { flags } = (await w.settle(t.p, t.r, t.f)).find("PredictionSettled")!.args;
      expect(flags).to.equal(FLAG.AFTER_REVOCATION);
    });
  });

  describe("the feed's history", () => {
    it("must bracket each fill: a hint too early or too late records nothing", async () => {
      const t = await ready();
      const round = await w.feed.roundAt(t.f.entryLastAt);
      for (const hints of [
        { entryRound: round - 1n },
        { entryRound: round + 1n },
        { exitRound: round },
        { exitRound: 99n },
        { entryRound: 0n },
      ]) {
        expect(
          (await w.settle(t.p, t.r, t.f, hints)).ignored,
          JSON.stringify(hints, (_, v) => `${v}`),
        ).to.equal(STATUS.BAD_ROUNDS);
      }
      expect((await w.validator.record(t.id)).state).to.equal(STATE.Approved);
      expect((await w.settle(t.p, t.r, t.f)).ignored).to.equal(undefined);
    });

    it("believes that there was no round only when the first one is later", async () => {
      const t = await ready();
      const f = { ...t.f, entryFirstAt: 5n, entryLastAt: 10n };
      const { flags } = (await w.settle(t.p, t.r, f, { entryRound: 0n })).find("PredictionSettled")!.args;
      expect(flags).to.equal(FLAG.ENTRY_EARLY | FLAG.ENTRY_ROUND_MISSING);
    });

    it("takes the latest round for a fill after it", async () => {
      const { p, r } = await w.approve();
      const f = await w.fillsOf(p, r);
      await w.until(f.exitLastAt + 1n);
      expect((await w.settle(p, r, f)).find("PredictionSettled")!.args.flags).to.equal(0n);
    });
  });

  describe("a statement that does not belong to the approval records nothing", () => {
    const cases: [string, number, (w: World, f: Fills) => Partial<Fills>][] = [
      ["another account", STATUS.PAYLOAD_MISMATCH, () => ({ account: id("weex:2") })],
      ["another epoch", STATUS.PAYLOAD_MISMATCH, () => ({ epoch: 2n })],
      ["an expired statement", STATUS.STATEMENT_EXPIRED, (_, f) => ({ expiresAt: f.exitLastAt })],
      ["dirty flags", STATUS.DIRTY_BITS, () => ({ flags: 1n << 16n })],
      ["no quantity", STATUS.DIRTY_BITS, () => ({ qtyE8: 0n })],
      ["fills out of order", STATUS.DIRTY_BITS, (_, f) => ({ entryFirstAt: f.entryLastAt + 1n })],
      ["a trip that is still open", STATUS.DIRTY_BITS, () => ({ exitFills: 0n, exitQuoteE8: 0n })],
      ["an exit before the entry", STATUS.DIRTY_BITS, (_, f) => ({ exitLastAt: f.entryFirstAt - 1n })],
      ["an impossible fee", STATUS.DIRTY_BITS, () => ({ feeE8: 1n << 100n })],
    ];
    for (const [name, status, over] of cases) {
      it(name, async () => {
        const t = await ready();
        expect((await w.settle(t.p, t.r, { ...t.f, ...over(w, t.f) })).ignored).to.equal(status);
        expect((await w.validator.record(t.id)).state).to.equal(STATE.Approved);
      });
    }

    it("a fill in the future", async () => {
      const { p, r } = await w.approve();
      const f = await w.fillsOf(p, r);
      expect((await w.settle(p, r, f)).ignored).to.equal(STATUS.TOO_EARLY);
    });

    it("another deployment's domain, another prediction, a reveal that is not sealed", async () => {
      const t = await ready();
      expect(
        (await w.settle(t.p, t.r, t.f, { payload: w.settlement(t.p, t.f, id("elsewhere")) })).ignored,
      ).to.equal(STATUS.WRONG_DOMAIN);
      expect((await w.settle({ ...t.p, settleBy: t.p.settleBy + 1n }, t.r, t.f)).ignored).to.equal(
        STATUS.UNKNOWN_DIGEST,
      );
      const other = await w.predict();
      expect((await w.settle(t.p, t.r, t.f, { payload: w.settlement(other, t.f) })).ignored).to.equal(
        STATUS.PAYLOAD_MISMATCH,
      );
      expect((await w.settle(t.p, { ...t.r, side: 2 }, t.f)).ignored).to.equal(STATUS.BAD_REVEAL);
    });

    it("a second settlement, a rejected prediction", async () => {
      const t = await settled();
      expect((await w.settle(t.p, t.r, t.f)).ignored).to.equal(STATUS.ALREADY_KNOWN);
      await w.push(PRICE);
      const p = await w.predict({ confidencePpm: 1n });
      await w.attest(p);
      expect((await w.settle(p, t.r, t.f)).ignored).to.equal(STATUS.NOT_OPEN);
    });
  });

  describe("cancel", () => {
    it("books that nothing was filled, once the entry can no longer fill", async () => {
      const { p, id: predictionId } = await w.approve();
      expect((await w.cancel(p, await w.nothing(p))).ignored).to.equal(STATUS.TOO_EARLY);
      await w.until(p.entryExpiresAt);
      expect((await w.cancel(p, await w.nothing(p, { observedAt: p.entryExpiresAt - 1n }))).ignored).to.equal(
        STATUS.TOO_EARLY,
      );
      expect((await w.cancel(p, await w.fillsOf(p, w.reveal()))).ignored).to.equal(STATUS.DIRTY_BITS);
      expect((await w.cancel(p, await w.nothing(p, { feeE8: 1n }))).ignored).to.equal(STATUS.DIRTY_BITS);
      const result = await w.cancel(p, await w.nothing(p));
      expect(result.find("PredictionCancelled")!.args.id).to.equal(predictionId);
      expect((await w.validator.record(predictionId)).state).to.equal(STATE.Cancelled);
      expect((await w.validator.mandate(w.mandateId)).openCount).to.equal(0n);
      expect(await w.validator.epochBook(1)).to.deep.equal([1n, 1n, 0n]);
      expect((await w.cancel(p, await w.nothing(p))).ignored).to.equal(STATUS.ALREADY_KNOWN);
      await expect(w.validator.expire(predictionId)).to.be.revertedWithCustomError(
        w.validator,
        "ValidatorWrongState",
      );
    });

    it("is not a way to settle: a statement with fills and one without do not mix", async () => {
      const { p, r } = await w.approve();
      await w.until(p.entryExpiresAt);
      expect((await w.settle(p, r, await w.nothing(p), { entryRound: 1n, exitRound: 1n })).ignored).to.equal(
        STATUS.DIRTY_BITS,
      );
    });
  });

  describe("expire", () => {
    const silent = async () => {
      const a = await w.approve();
      await expect(w.validator.expire(a.id)).to.be.revertedWithCustomError(w.validator, "ValidatorTooEarly");
      await w.until(a.p.settleBy + 61n);
      const result = await w.outcome(w.validator.connect(w.stranger).expire(a.id));
      return { ...a, event: result.find("PredictionExpired")!.args };
    };

    it("books the declared loss and the penalty, by anyone, and frees the mandate", async () => {
      const { id: predictionId, event } = await silent();
      expect(event.pnlE8).to.equal(-110n * E8);
      expect((await w.validator.record(predictionId)).state).to.equal(STATE.Expired);
      const mandate = await w.validator.mandate(w.mandateId);
      expect([mandate.openCount, mandate.pnlE8]).to.deep.equal([0n, -110n * E8]);
      await w.after(120n);
      await w.validator.finalize(predictionId);
      expect((await w.validator.record(predictionId)).state).to.equal(STATE.Final);
      expect(await w.validator.epochBook(1)).to.deep.equal([1n, 1n, -110n * E8]);
    });

    it("is corrected by a late proof, which keeps the penalty", async () => {
      const { p, r, id: predictionId } = await silent();
      const f = await w.fillsOf(p, r, { exitQuoteE8: 6_010n * E8, feeE8: 0n });
      const event = (await w.settle(p, r, f)).find("PredictionSettled")!.args;
      expect(event.pnlE8).to.equal(10n * E8 - 10n * E8);
      expect(event.flags & FLAG.AFTER_EXPIRY).to.equal(FLAG.AFTER_EXPIRY);
      expect((await w.validator.mandate(w.mandateId)).pnlE8).to.equal(0n);
      await w.after(120n);
      await w.validator.finalize(predictionId);
      expect((await w.validator.record(predictionId)).state).to.equal(STATE.Final);
    });

    it("is corrected by a late proof of no fill to the penalty alone", async () => {
      const { p } = await silent();
      const result = await w.cancel(p, await w.nothing(p));
      expect(result.find("PredictionSettled")!.args.pnlE8).to.equal(-10n * E8);
    });

    it("is not corrected after its window", async () => {
      const { p, r } = await silent();
      await w.after(121n);
      expect((await w.settle(p, r, await w.fillsOf(p, r))).ignored).to.equal(STATUS.NOT_OPEN);
    });
  });

  describe("finalize", () => {
    it("waits for the dispute window and happens once, alone or in a batch", async () => {
      const first = await settled();
      await w.push(PRICE);
      const second = await settled();
      await expect(w.validator.finalize(second.id)).to.be.revertedWithCustomError(
        w.validator,
        "ValidatorTooEarly",
      );
      await w.after(120n);
      await w.validator.connect(w.stranger).finalizeMany([first.id, second.id]);
      expect((await w.validator.record(first.id)).state).to.equal(STATE.Final);
      expect(await w.validator.epochBook(1)).to.deep.equal([2n, 2n, first.event.pnlE8 + second.event.pnlE8]);
      await expect(w.validator.finalize(first.id)).to.be.revertedWithCustomError(
        w.validator,
        "ValidatorWrongState",
      );
      await expect(w.validator.finalizeMany(Array(65).fill(first.id))).to.be.revertedWithCustomError(
        w.validator,
        "ValidatorTooMany",
      );
    });
  });

  it("only an adapter with the right to settle may deliver", async () => {
    const t = await ready();
    const payload = w.settlement(t.p, t.f);
    await expect(w.validator.settle(t.p, t.r, payload, 1, 1)).to.be.revertedWithCustomError(
      w.validator,
      "ValidatorUnauthorised",
    );
    await expect(w.validator.cancel(t.p, payload)).to.be.revertedWithCustomError(
      w.validator,
      "ValidatorUnauthorised",
    );
    await expect(w.settle(t.p, t.r, t.f, { payload: `${payload}00` })).to.be.revertedWithCustomError(
      w.validator,
      "ValidatorBadLength",
    );
  });

  it("reservations are the sum over open predictions after any mix of outcomes", async () => {
    const many = await createWorld({
      limits: {
        maxOpen: 4,
        ratePerDayCount: 1000,
        lossBudgetUsdE6: 10_000n * E6,
        maxNotionalUsdE6: 100_000n * E6,
        ratePerDayNotionalUsdE6: 10n ** 13n,
      },
    });
    await many.fund();
    const next = random(7);
    const open: {
      p: Awaited<ReturnType<typeof many.approve>>["p"];
      r: ReturnType<typeof many.reveal>;
      id: string;
    }[] = [];
    for (let step = 0; step < 60; step++) {
      await many.push(PRICE);
      const choice = next() % 5n;
      if (choice <= 1n) {
        const p = await many.predict({
          maxLossUsdE6: (80n + (next() % 120n)) * E6,
          maxNotionalUsdE6: (6_100n + (next() % 5_000n)) * E6,
        });
        const result = await many.attest(p);
        if (result.find("PredictionApproved") !== undefined)
          open.push({ p, r: many.reveal(), id: many.digest(p) });
      } else if (open.length > 0) {
        const [trip] = open.splice(Number(next() % BigInt(open.length)), 1);
        const t = trip!;
        if (choice === 2n) {
          const f = await many.fillsOf(t.p, t.r);
          await many.until(f.exitLastAt > (await many.now()) ? f.exitLastAt + 1n : (await many.now()) + 1n);
          expect((await many.settle(t.p, t.r, f)).ignored).to.equal(undefined);
        } else if (choice === 3n) {
          const due = t.p.entryExpiresAt > (await many.now()) ? t.p.entryExpiresAt : (await many.now()) + 1n;
          await many.until(due);
          await many.cancel(t.p, await many.nothing(t.p));
        } else {
          const due = t.p.settleBy + 61n > (await many.now()) ? t.p.settleBy + 61n : (await many.now()) + 1n;
          await many.until(due);
          await many.validator.expire(t.id);
        }
      } else await many.after(1n);
      const m = await many.validator.mandate(many.mandateId);
      expect(m.openCount).to.equal(BigInt(open.length));
      expect(m.openNotionalUsdE6).to.equal(open.reduce((sum, t) => sum + t.p.maxNotionalUsdE6, 0n));
      expect(m.reservedLossUsdE6).to.equal(open.reduce((sum, t) => sum + t.p.maxLossUsdE6, 0n));
    }
  });
});

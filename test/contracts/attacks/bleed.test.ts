/**
 * A STALE PRICE, AND BLEEDING INSIDE THE TOLERANCE
 *
 * Who: publisher and executor together, with an accomplice on the other side of their fills.
 * Power: predictions at any reference price and age; fills at any price the venue lets two friends agree on.
 * Wants: to trade the fund's money away, a little at a time, each trip inside every band.
 * What the contracts do: the observation has an age, the feed a heartbeat, the reference a band around the feed, the fill
 *   a band around the round of its time; every trip declares its worst case, which is reserved; count and notional run out
 *   of buckets; the mandate stops at its drawdown; the bond pays first.
 * Bound: of a reference, priceBandBps of the notional. Of a trip, what two bands allow and at most its declared loss. Of
 *   a day, the bucket's notional: here 200 000 / 10 000 = 20 trips. For depositors max(0, drawdown limit + one trip - bond):
 *   here 5 000 + 200 - 5 000 = 200 dollars of 100 000, whatever the number of days.
 * Remains: the operator bleeding his own bond.
 */
import { expect } from "chai";
import { closeWith } from "../support/epochs.ts";
import {
  createWorld,
  E6,
  E8,
  type Fills,
  PRICE,
  type Prediction,
  REASON,
  type World,
} from "../support/world.ts";

describe("Attack: a stale price", () => {
  let w: World;
  before(async () => {
    w = await createWorld();
    await w.fund();
    await w.push(PRICE);
    await w.keep();
  });
  afterEach(() => w.back());

  const reasonsOf = async (over: Partial<Prediction>) => {
    const p = await w.predict(over);
    return (await w.attest(p)).find("PredictionRejected")?.args.reasonBits ?? 0n;
  };

  it("is refused when the observation is older than its age, the feed than its heartbeat", async () => {
    const observedAt = await w.now();
    await w.after(121n);
    expect(
      await reasonsOf({
        observedAt,
        entryExpiresAt: observedAt + 3_600n,
        horizonAt: observedAt + 3_600n,
        settleBy: observedAt + 3_600n,
      }),
    ).to.equal(REASON.STALE);
    await w.after(180n);
    expect(await reasonsOf({})).to.equal(REASON.FEED_STALE);
  });

  it("bound: a reference is at most one per cent off the feed", async () => {
    expect(await reasonsOf({ referencePriceE8: (PRICE * 10_101n) / 10_000n })).to.equal(
      REASON.PRICE_BAND! | REASON.ENTRY_BAND!,
    );
    const edge = (PRICE * 10_100n) / 10_000n;
    const r = w.reveal({ entryLimitE8: edge, stopE8: edge - 600n * E8, targetE8: edge + 1_200n * E8 });
    await w.approve({ referencePriceE8: edge }, r);
  });

  it("control: with a band of everything and no age the same prediction is approved", async () => {
    const loose = await createWorld({
      limits: {
        priceBandBps: 10_000,
        entryBandBps: 10_000,
        maxAgeSeconds: 10_000,
        feedHeartbeatSeconds: 10_000,
      },
    });
    await loose.fund();
    await loose.push(PRICE);
    const observedAt = await loose.now();
    await loose.after(600n);
    const times = {
      observedAt,
      entryExpiresAt: observedAt + 3_600n,
      horizonAt: observedAt + 3_600n,
      settleBy: observedAt + 3_600n,
    };
    await loose.approve({ ...times, referencePriceE8: (PRICE * 3n) / 2n });
  });
});

describe("Attack: bleeding inside the tolerance", () => {
  const bands: Partial<Fills> = { entryQuoteE8: 6_060n * E8, exitQuoteE8: 5_949n * E8, feeE8: 0n };

  /** Trips as bad as the bands allow, until one is refused; answers how many there were and why it ended. */
  const bleed = async (w: World) => {
    const ids: string[] = [];
    const most = 100;
    while (ids.length < most) {
      await w.push(PRICE);
      const p = await w.predict({ maxLossUsdE6: 200n * E6 });
      const refused = (await w.attest(p)).find("PredictionRejected");
      if (refused !== undefined) return { ids, reasons: refused.args.reasonBits as bigint };
      const f = await w.fillsOf(p, w.reveal(), bands);
      await w.until(f.entryLastAt + 10n);
      await w.push(PRICE, f.entryLastAt + 1n);
      await w.until(f.exitLastAt + 10n);
      const settled = (await w.settle(p, w.reveal(), f)).find("PredictionSettled")!.args;
      expect(settled.flags & 0x60f8n, "a violation").to.equal(0n);
      expect(settled.pnlE8).to.equal(-111n * E8);
      ids.push(w.digest(p));
    }
    throw new Error("nothing stopped it");
  };

  it("stops for the day when the bucket is empty", async () => {
    const w = await createWorld();
    await w.fund();
    const { ids, reasons } = await bleed(w);
    expect([ids.length, reasons]).to.deep.equal([20, REASON.RATE_NOTIONAL]);
  });

  it("bound: stops for good at the drawdown, of which the bond pays its whole", async () => {
    const w = await createWorld({ limits: { ratePerDayNotionalUsdE6: 10n ** 15n } });
    await w.fund();
    const { ids, reasons } = await bleed(w);
    expect([ids.length, reasons]).to.deep.equal([46, REASON.DRAWDOWN]);
    const d = (await closeWith(w, ids)).find("Distributed")!.args;
    expect([d.bondPaidE6, d.depositorsE6]).to.deep.equal([5_000n * E6, -106n * E6]);
    expect(-d.depositorsE6 <= 200n * E6).to.equal(true);
  });

  it("control: without the drawdown limit it goes on to the end of the count", async () => {
    const w = await createWorld({
      limits: { ratePerDayNotionalUsdE6: 10n ** 15n, maxDrawdownBps: 10_000, ratePerDayCount: 60 },
    });
    await w.fund();
    const { ids, reasons } = await bleed(w);
    expect([ids.length >= 60, reasons]).to.deep.equal([true, REASON.RATE_COUNT]);
  });
});

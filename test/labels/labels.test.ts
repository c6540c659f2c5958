import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import {
  averageUniqueness,
  type BarrierEvent,
  type BarrierOptions,
  type Bars,
  barsOf,
  fixedHorizonLabels,
  multiHorizonLabels,
  tripleBarrierLabels,
} from "../../src/labels/index.ts";
import { purgedKFold } from "../../src/validation/index.ts";
import { near } from "../stats/near.ts";

const STEP = 60_000;
type Row = [open: number, high: number, low: number, close: number];

/** @param minutes open times in minutes; one after the other without. */
function bars(rows: readonly Row[], minutes = rows.map((_, i) => i)): Bars {
  const column = (at: number): Float64Array => Float64Array.from(rows, (row) => row[at]!);
  return {
    stepMs: STEP,
    openTimeMs: Float64Array.from(minutes, (minute) => minute * STEP),
    open: column(0),
    high: column(1),
    low: column(2),
    close: column(3),
  };
}
const flat = (close: number): Row => [close, close, close, close];
const options: BarrierOptions = { horizonMs: 3 * STEP, costPerSide: 0, insideBar: "stopFirst" };
const long: BarrierEvent = { index: 0, side: "LONG", targetReturn: 0.02, stopReturn: 0.01 };
const short: BarrierEvent = { ...long, side: "SHORT" };
const labelled = (rows: Row[], event: BarrierEvent, changed: Partial<BarrierOptions> = {}) =>
  tripleBarrierLabels(bars([flat(100), ...rows]), [event], { ...options, ...changed })[0];

describe("labels at a fixed horizon", () => {
  const series = bars([flat(100), flat(101), flat(100), flat(99), flat(99)]);

  it("compare the close at the horizon with the close at the decision, and say when they are known", () => {
    const [first, second] = fixedHorizonLabels(series, [0, 1], { horizonMs: 3 * STEP, neutralReturn: 0 });
    assert.deepEqual(first, { index: 0, start: STEP, end: 4 * STEP, return: 99 / 100 - 1, label: -1 });
    assert.equal(second!.label, -1);
  });

  it("are neutral within the band", () => {
    const [label] = fixedHorizonLabels(series, [0], { horizonMs: STEP, neutralReturn: 0.02 });
    assert.equal(label!.label, 0);
  });

  it("are unknown where the bars end before the horizon", () => {
    const labels = fixedHorizonLabels(series, [3, 4], { horizonMs: STEP, neutralReturn: 0 });
    assert.deepEqual(
      labels.map((label) => label?.end),
      [5 * STEP, undefined],
    );
  });

  it("take the last close where a minute had no trade", () => {
    const gap = bars([flat(100), flat(103), flat(110)], [0, 1, 5]);
    const [label] = fixedHorizonLabels(gap, [0], { horizonMs: 3 * STEP, neutralReturn: 0 });
    near(label!.return, 0.03);
    assert.equal(label!.end, 4 * STEP);
  });

  it("come at several horizons with one span that ends with the longest", () => {
    const horizons = [STEP, 3 * STEP].map((horizonMs) => ({ horizonMs, neutralReturn: 0 }));
    const [first, , last] = multiHorizonLabels(series, [0, 1, 2], horizons);
    assert.deepEqual([first!.start, first!.end], [STEP, 4 * STEP]);
    assert.deepEqual(
      first!.horizons.map(({ label }) => label),
      [1, -1],
    );
    assert.equal(last, undefined);
  });

  it("take candles as they are recorded", () => {
    const candle = (minute: number, close: bigint) => ({
      openTimeMs: minute * STEP,
      openE8: 100_00000000n,
      highE8: 104_00000000n,
      lowE8: 99_00000000n,
      closeE8: close,
      volumeE8: 0n,
    });
    const series = barsOf([candle(0, 100_00000000n), candle(1, 102_50000000n)], STEP);
    const [label] = fixedHorizonLabels(series, [0], { horizonMs: STEP, neutralReturn: 0 });
    near(label!.return, 0.025);
    assert.throws(
      () => barsOf([candle(1, 1n), candle(1, 1n)], STEP),
      /candle 1 does not open a step after candle 0/,
    );
  });

  it("refuse a horizon off the grid and a bar that is not there", () => {
    assert.throws(
      () => fixedHorizonLabels(series, [0], { horizonMs: 90_000, neutralReturn: 0 }),
      /no positive multiple/,
    );
    assert.throws(
      () => fixedHorizonLabels(series, [5], { horizonMs: STEP, neutralReturn: 0 }),
      /there is no bar 5/,
    );
  });
});

describe("triple-barrier labels", () => {
  it("end at the first barrier that is touched, at its price", () => {
    const hit = labelled([flat(100.5), [100.5, 102.5, 100, 101], flat(90)], long)!;
    assert.equal(hit.outcome, "target");
    near(hit.exitPrice, 102);
    near(hit.grossReturn, 0.02);
    assert.deepEqual([hit.start, hit.end], [STEP, 3 * STEP]);
    const lost = labelled([[100, 101, 98.5, 100], flat(110), flat(110)], long)!;
    assert.equal(lost.outcome, "stop");
    near(lost.grossReturn, -0.01);
    assert.equal(lost.label, -1);
  });

  it("end at the vertical barrier at the last close", () => {
    const late = labelled([flat(100.2), flat(100.4), flat(100.6), flat(200)], long)!;
    assert.deepEqual([late.outcome, late.exitPrice, late.end], ["time", 100.6, 4 * STEP]);
  });

  it("look at bars after the decision only", () => {
    const wild: Row = [100, 150, 50, 100];
    const [label] = tripleBarrierLabels(bars([wild, flat(100), flat(100), flat(101)]), [long], options);
    assert.deepEqual([label!.outcome, label!.exitPrice], ["time", 101]);
  });

  it("know no barrier at an infinite distance", () => {
    const free = { targetReturn: Number.POSITIVE_INFINITY, stopReturn: Number.POSITIVE_INFINITY };
    for (const side of ["LONG", "SHORT"] as const)
      assert.equal(labelled([flat(10), flat(900), flat(50)], { ...long, ...free, side })!.exitPrice, 50);
  });

  it("mirror for a short", () => {
    const won = labelled([[100, 100.5, 97.5, 98], flat(98), flat(98)], short)!;
    assert.equal(won.outcome, "target");
    near(won.grossReturn, 0.02);
    near(labelled([[100, 101.5, 100, 101], flat(98), flat(98)], short)!.grossReturn, -0.01);
  });

  it("leave a gap through the stop at the worse open, and one through the target at no better price", () => {
    const gapped = labelled([flat(95), flat(100), flat(100)], long)!;
    assert.deepEqual([gapped.outcome, gapped.exitPrice], ["stop", 95]);
    const lucky = labelled([flat(110), flat(100), flat(100)], long)!;
    assert.equal(lucky.outcome, "target");
    near(lucky.exitPrice, 102);
  });

  it("decide a bar that holds both barriers by the stated convention", () => {
    const rising: Row = [100, 103, 98, 101];
    const falling: Row = [100, 103, 98, 99];
    const rest = [flat(100), flat(100)];
    const outcome = (row: Row, event: BarrierEvent, insideBar: BarrierOptions["insideBar"]): string =>
      labelled([row, ...rest], event, { insideBar })!.outcome;
    for (const row of [rising, falling])
      for (const event of [long, short]) assert.equal(outcome(row, event, "stopFirst"), "stop");
    assert.equal(outcome(rising, long, "openLowHighClose"), "stop");
    assert.equal(outcome(falling, long, "openLowHighClose"), "target");
    assert.equal(outcome(rising, short, "openLowHighClose"), "target");
    assert.equal(outcome(falling, short, "openLowHighClose"), "stop");
  });

  it("take the costs of both ends, which may turn a win into a loss", () => {
    const won = labelled([flat(100.1), flat(100.1), flat(100.1)], long, { costPerSide: 0.0006 })!;
    near(won.grossReturn, 0.001);
    near(won.netReturn, 0.001 - 0.0006 * (1 + 1.001));
    assert.equal(won.label, -1);
  });

  it("are unknown where the bars end first, but known if a barrier was touched before", () => {
    assert.equal(labelled([flat(100), flat(100)], long), undefined);
    assert.equal(labelled([flat(100), flat(98)], long)!.outcome, "stop");
  });

  it("never see past the vertical barrier, and never lose more than the stop without a gap", () => {
    const step = fc.integer({ min: -80, max: 80 });
    fc.assert(
      fc.property(fc.array(step, { minLength: 12, maxLength: 40 }), fc.boolean(), (steps, isLong) => {
        let price = 1_000;
        const rows = steps.map((move): Row => {
          const open = price;
          price = Math.max(500, price + move / 10);
          return [open, Math.max(open, price) + 1, Math.min(open, price) - 1, price];
        });
        const event = {
          index: 2,
          side: isLong ? "LONG" : "SHORT",
          targetReturn: 0.01,
          stopReturn: 0.008,
        } as const;
        const near8 = { ...options, horizonMs: 8 * STEP };
        const [label] = tripleBarrierLabels(bars(rows), [event], near8);
        assert.deepEqual(label, tripleBarrierLabels(bars(rows.slice(0, 11)), [event], near8)[0]);
        assert.ok(label!.end <= label!.start + 8 * STEP);
        assert.ok(label!.grossReturn >= -0.008 - 1e-9 && label!.grossReturn <= 0.01 + 1e-9);
      }),
    );
  });

  it("purge exactly: what trains was known before the test began", () => {
    const rows = Array.from({ length: 60 }, (_, i) => flat(100 + Math.sin(i)));
    const events = Array.from({ length: 50 }, (_, index) => ({ ...long, index }));
    const labels = tripleBarrierLabels(bars(rows), events, options).map((label) => label!);
    for (const { train, test } of purgedKFold(labels, { folds: 5, embargo: 0 }))
      for (const i of train)
        assert.ok(labels[i]!.end < labels[test[0]!]!.start || labels[i]!.start > labels[test.at(-1)!]!.end);
  });

  it("refuse barriers at or behind the entry", () => {
    assert.throws(
      () => labelled([flat(1)], { ...long, stopReturn: 0 }),
      /needs target and stop distances above 0/,
    );
    assert.throws(() => labelled([flat(1)], long, { costPerSide: -1 }), /must not be negative/);
  });
});

describe("average uniqueness", () => {
  it("is 1 alone, one half in pairs, and the time average in between", () => {
    const weights = averageUniqueness([
      { start: 0, end: 2 },
      { start: 1, end: 3 },
      { start: 10, end: 12 },
      { start: 10, end: 12 },
      { start: 20, end: 20 },
    ]);
    assert.deepEqual([...weights], [0.75, 0.75, 0.5, 0.5, 1]);
  });

  it("spends every covered moment exactly once", () => {
    const span = fc.tuple(fc.integer({ min: 0, max: 30 }), fc.integer({ min: 1, max: 9 }));
    fc.assert(
      fc.property(fc.array(span, { minLength: 1, maxLength: 30 }), (pairs) => {
        const spans = pairs.map(([start, length]) => ({ start, end: start + length }));
        const weights = averageUniqueness(spans);
        const spent = spans.reduce((sum, { start, end }, i) => sum + weights[i]! * (end - start), 0);
        const covered = Array.from({ length: 40 }, (_, t) => t).filter((t) =>
          spans.some(({ start, end }) => start <= t && t < end),
        ).length;
        near(spent, covered, 1e-9);
        for (const weight of weights) assert.ok(weight > 0 && weight <= 1 + 1e-12);
      }),
    );
  });
});

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  type Candle,
  candleFault,
  DAY_MS,
  firstGap,
  MINUTE_MS,
  utcMidnight,
} from "../../src/domain/candle.ts";
import { MIDNIGHT, walk } from "../features/market.ts";

const good = walk(1, MIDNIGHT, 1)[0] as Candle;

test("a candle that obeys its own rules has no fault", () => {
  for (const candle of walk(3, MIDNIGHT, 200)) assert.equal(candleFault(candle, MINUTE_MS), undefined);
});

test("each impossible candle is named by what is wrong with it", () => {
  const top = good.openE8 > good.closeE8 ? good.openE8 : good.closeE8;
  const bottom = good.openE8 < good.closeE8 ? good.openE8 : good.closeE8;
  const cases: [Partial<Candle>, string][] = [
    [{ openTimeMs: MIDNIGHT + 1 }, "open time off the grid"],
    [{ openTimeMs: Number.NaN }, "open time off the grid"],
    [{ openTimeMs: 2 ** 60 }, "open time off the grid"],
    [{ lowE8: 0n }, "price not positive"],
    [{ volumeE8: -1n }, "negative volume"],
    [{ highE8: top - 1n }, "high or low inside the body"],
    [{ lowE8: bottom + 1n }, "high or low inside the body"],
  ];
  for (const [change, fault] of cases) assert.equal(candleFault({ ...good, ...change }, MINUTE_MS), fault);
});

test("midnight is at or before a time, less than a day away, and on the grid", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4e12 }), (timeMs) => {
      const midnight = utcMidnight(timeMs);
      assert.ok(midnight <= timeMs && timeMs - midnight < DAY_MS && midnight % DAY_MS === 0);
    }),
  );
});

test("a complete run has no gap, and the first of any removed candles is the one reported", () => {
  const run = walk(5, MIDNIGHT, 40);
  const toMs = MIDNIGHT + 40 * MINUTE_MS;
  assert.equal(firstGap(run, MIDNIGHT, toMs, MINUTE_MS), undefined);
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer({ min: 0, max: 39 }), { minLength: 1 }), (removed) => {
      const left = run.filter((_, at) => !removed.includes(at));
      assert.equal(firstGap(left, MIDNIGHT, toMs, MINUTE_MS), MIDNIGHT + Math.min(...removed) * MINUTE_MS);
    }),
  );
});

test("candles outside the asked span neither fill a gap nor make one", () => {
  const run = walk(5, MIDNIGHT, 40);
  assert.equal(firstGap(run, MIDNIGHT + 10 * MINUTE_MS, MIDNIGHT + 20 * MINUTE_MS, MINUTE_MS), undefined);
  assert.equal(firstGap(run, MIDNIGHT - MINUTE_MS, MIDNIGHT, MINUTE_MS), MIDNIGHT - MINUTE_MS);
  assert.equal(firstGap([], MIDNIGHT, MIDNIGHT, MINUTE_MS), undefined, "an empty span is complete");
});

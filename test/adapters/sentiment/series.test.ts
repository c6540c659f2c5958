import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { FEAR_GREED, HEADLINES, newestAt, type Point } from "../../../src/adapters/sentiment/series.ts";

const DAY_MS = 86_400_000;
const T0 = Date.UTC(2024, 0, 1);
const point = (publishedAtMs: number, valuePpm = 0): Point => ({ publishedAtMs, valuePpm });

test("a value counts from its lag after publication on, not a millisecond before", () => {
  const points = [point(T0, 1), point(T0 + DAY_MS, 2)];
  const knownMs = T0 + DAY_MS + FEAR_GREED.lagMs;
  assert.equal(newestAt(points, FEAR_GREED, knownMs - 1)?.valuePpm, 1);
  assert.equal(newestAt(points, FEAR_GREED, knownMs)?.valuePpm, 2);
  assert.equal(newestAt(points, FEAR_GREED, T0), null);
});

test("a value counts until its greatest age, not a millisecond longer", () => {
  for (const kind of [FEAR_GREED, HEADLINES]) {
    assert.notEqual(newestAt([point(T0)], kind, T0 + kind.maxAgeMs), null);
    assert.equal(newestAt([point(T0)], kind, T0 + kind.maxAgeMs + 1), null);
  }
});

test("whatever the history, no value is served before it was known, too old, or while a newer one was known", () => {
  const history = fc
    .uniqueArray(fc.integer({ min: 0, max: 5_000 }), { maxLength: 60 })
    .map((times) => times.sort((a, b) => a - b).map((time) => point(time)));
  const kind = fc.record({ lagMs: fc.nat(300), maxAgeMs: fc.integer({ min: 300, max: 2_000 }) });
  fc.assert(
    fc.property(history, kind, fc.integer({ min: 0, max: 6_000 }), (points, { lagMs, maxAgeMs }, atMs) => {
      const served = newestAt(points, { lagMs, maxAgeMs }, atMs);
      // The same question answered by looking at everything.
      const newest = points.filter(({ publishedAtMs }) => publishedAtMs + lagMs <= atMs).at(-1);
      const expected = newest && atMs - newest.publishedAtMs <= maxAgeMs ? newest : null;
      assert.equal(served, expected);
    }),
    { numRuns: 2_000 },
  );
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { DAY_MS, MINUTE_MS } from "../../src/domain/candle.ts";
import {
  AnchoredFeatures,
  DEFAULT_FEATURE_SPEC,
  FEATURE_QUANTUM,
  featuresAt,
  featuresOf,
} from "../../src/features/index.ts";
import { Indicators } from "../../src/features/indicators.ts";
import { CANDLE_FEATURES, settleValue } from "../../src/features/registry.ts";
import { bits, bundleAt, MIDNIGHT, walk } from "./market.ts";

const spec = DEFAULT_FEATURE_SPEC;
const W = spec.windowCandles;
const DAY = DAY_MS / MINUTE_MS;
const BEFORE = 1_000;
const FROM = MIDNIGHT - BEFORE * MINUTE_MS;

describe("running and starting cold", () => {
  it("give the same bits at any cut-off, also across midnights", () => {
    const offsets = fc.oneof(
      fc.constantFrom(0, 1, 5, 31, 32, DAY - 1, DAY, DAY + 1, DAY + 3, 2 * DAY),
      fc.integer({ min: 0, max: 2 * DAY }),
    );
    const property = fc.property(
      fc.nat(1e6),
      fc.uniqueArray(offsets, { minLength: 1, maxLength: 4 }),
      (seed, at) => {
        const candles = walk(seed, FROM, BEFORE + 2 * DAY);
        const engine = new AnchoredFeatures(spec);
        for (const candle of candles) {
          engine.push(candle);
          if (!at.includes((engine.cutoffMs - MIDNIGHT) / MINUTE_MS)) continue;
          const bundle = bundleAt(candles, engine.cutoffMs);
          const cold = featuresOf(spec, bundle);
          const warm = featuresOf(spec, bundle, engine);
          assert.equal(bits(warm.sequence), bits(cold.sequence));
          assert.equal(bits(warm.statics), bits(cold.statics));
          assert.equal(warm.sigmaPpm, cold.sigmaPpm);
          assert.equal(warm.hash, cold.hash);
        }
      },
    );
    fc.assert(property, { numRuns: 25 });
  });

  it("does not depend on anything older than the window before midnight", () => {
    const candles = walk(3, FROM, BEFORE + 300);
    const other = walk(4, FROM, BEFORE - W);
    const stitched = [...other, ...candles.slice(BEFORE - W)];
    const vectors = [candles, stitched].map((run) => {
      const engine = new AnchoredFeatures(spec);
      for (const candle of run) engine.push(candle);
      return bits(engine.sequence());
    });
    assert.equal(vectors[0], vectors[1]);
  });

  it("is not ready before a midnight with a full window behind it", () => {
    const engine = new AnchoredFeatures(spec);
    for (const candle of walk(3, MIDNIGHT - (W - 1) * MINUTE_MS, W + 50)) engine.push(candle);
    assert.equal(engine.ready, false);
    assert.throws(() => engine.sequence(), { code: "features.notReady" });
  });

  it("refuses a candle that is not the next one, and goes on with the right one", () => {
    const candles = walk(3, FROM, 3);
    const engine = new AnchoredFeatures(spec);
    engine.push(candles[0]!);
    assert.throws(() => engine.push(candles[2]!), { code: "features.gap" });
    assert.throws(() => engine.push({ ...candles[1]!, highE8: 1n }), { code: "features.badCandle" });
    engine.push(candles[1]!);
    assert.equal(engine.cutoffMs, candles[2]!.openTimeMs);
  });
});

describe("anchoring", () => {
  it("moves no feature by as much as its quantum", () => {
    for (const seed of [1, 2, 3, 4, 5]) {
      const candles = walk(seed, FROM - 10 * DAY_MS, 10 * DAY + BEFORE);
      const long = new Indicators();
      const short = new Indicators();
      candles.forEach((c, i) => {
        const values = [c.openE8, c.highE8, c.lowE8, c.closeE8, c.volumeE8].map((v) => Number(v) / 1e8);
        const feed = (indicators: Indicators): void =>
          indicators.push(c.openTimeMs + MINUTE_MS, ...(values as [number, number, number, number, number]));
        feed(long);
        if (i < candles.length - W) return;
        feed(short);
        if (i < candles.length - spec.sequenceLength) return;
        CANDLE_FEATURES.forEach(({ name }, at) => {
          const moved = Math.abs(long.raw[at]! - short.raw[at]!);
          assert.ok(moved < FEATURE_QUANTUM, `${name} moved by ${moved}`);
        });
        assert.ok(Math.abs(long.deviation - short.deviation) < 1e-9);
      });
    }
  });
});

describe("features", () => {
  it("do not change by more than a quantum when every price is seven times as high", () => {
    fc.assert(
      fc.property(fc.nat(1e6), fc.integer({ min: 0, max: 200 }), (seed, offset) => {
        const cutoffMs = MIDNIGHT + offset * MINUTE_MS;
        const [a, b] = ([1n, 7n] as const).map((scale) => {
          const bundle = bundleAt(walk(seed, FROM, BEFORE + offset, scale), cutoffMs);
          const times = (levels: readonly (readonly [bigint, bigint])[]) =>
            levels.map(([price, quantity]) => [price * scale, quantity * scale] as const);
          const book = { ...bundle.book!, bids: times(bundle.book!.bids), asks: times(bundle.book!.asks) };
          return featuresOf(spec, { ...bundle, book });
        });
        const within = (one: Float32Array, other: Float32Array): boolean =>
          one.every((value, i) => Math.abs(value - other[i]!) <= 1.5 * FEATURE_QUANTUM);
        assert.ok(within(a!.sequence, b!.sequence));
        assert.ok(within(a!.statics, b!.statics));
        assert.ok(Math.abs(a!.sigmaPpm - b!.sigmaPpm) <= 10);
      }),
      { numRuns: 15 },
    );
  });

  it("lie within their bounds on the quantum's grid", () => {
    const vector = featuresOf(spec, bundleAt(walk(9, FROM, BEFORE + 77), MIDNIGHT + 77 * MINUTE_MS));
    vector.sequence.forEach((value, i) => {
      const definition = CANDLE_FEATURES[i % CANDLE_FEATURES.length]!;
      assert.ok(value >= definition.low && value <= definition.high, definition.name);
      assert.equal(value, Math.fround(settleValue(definition, value)));
    });
    assert.ok(vector.sigmaPpm > 0 && vector.sigmaPpm % 10 === 0);
  });

  it("are refused from an engine that runs another spec or stands at another time", () => {
    const candles = walk(9, FROM, BEFORE + 5);
    const bundle = bundleAt(candles, MIDNIGHT + 5 * MINUTE_MS);
    const other = new AnchoredFeatures({ ...spec, sequenceLength: 16 });
    const behind = new AnchoredFeatures(spec);
    for (const candle of candles.slice(0, -1)) behind.push(candle);
    assert.throws(() => featuresOf(spec, bundle, other), { code: "features.badBundle" });
    assert.throws(() => featuresOf(spec, bundle, behind), { code: "features.cutoff" });
  });

  it("have a hash that covers every float", () => {
    const cutoffMs = MIDNIGHT + 5 * MINUTE_MS;
    const candles = walk(9, FROM, BEFORE + 5);
    const bundle = bundleAt(candles, cutoffMs);
    const engine = new AnchoredFeatures(spec);
    for (const candle of candles) engine.push(candle);
    const { hash } = featuresAt(engine, bundle);
    assert.match(hash, /^0x[0-9a-f]{64}$/);
    assert.notEqual(featuresAt(engine, { ...bundle, headlines: null }).hash, hash);
  });
});

describe("memory", () => {
  it("does not grow with the candles that have passed", () => {
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc") as () => void;
    const candles = walk(2, FROM, 30_000);
    const engine = new AnchoredFeatures(spec);
    const heapAfter = (from: number, to: number): number => {
      for (const candle of candles.slice(from, to)) engine.push(candle);
      collect();
      return process.memoryUsage().heapUsed;
    };
    const before = heapAfter(0, 10_000);
    const growth = heapAfter(10_000, 30_000) - before;
    assert.ok(growth < 20_000 * 8, `the heap grew by ${growth} bytes`);
  });
});

describe("time", () => {
  it("per candle stays in the microseconds and a cold start in the milliseconds", () => {
    const cutoffMs = MIDNIGHT + (DAY - 1) * MINUTE_MS;
    const bundle = bundleAt(walk(1, FROM, BEFORE + DAY), cutoffMs);
    featuresOf(spec, bundle);
    const start = performance.now();
    featuresOf(spec, bundle);
    const coldMs = performance.now() - start;
    assert.ok(coldMs < 100, `cold start took ${coldMs} ms`);
    assert.ok((coldMs * 1_000) / bundle.candles.length < 50);
  });
});

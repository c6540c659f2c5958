import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { MINUTE_MS } from "../../src/domain/candle.ts";
import type { EvidenceBundle } from "../../src/domain/evidence.ts";
import {
  DEFAULT_FEATURE_SPEC,
  type FeatureVector,
  featuresOf,
  parseFeatureSpec,
} from "../../src/features/index.ts";
import { bundleAt, MIDNIGHT, walk } from "./market.ts";

const spec = DEFAULT_FEATURE_SPEC;
const CUTOFF = MIDNIGHT + 3 * MINUTE_MS;
const good = bundleAt(walk(5, MIDNIGHT - spec.windowCandles * MINUTE_MS, spec.windowCandles + 3), CUTOFF);
const change = (part: Partial<EvidenceBundle>): FeatureVector => featuresOf(spec, { ...good, ...part });
const read = (vector: FeatureVector, name: string): number => vector.statics[spec.statics.indexOf(name)]!;
const near = (actual: number, expected: number): void =>
  assert.ok(Math.abs(actual - expected) < 2e-6, `${actual} ≠ ${expected}`);

describe("decision-time features", () => {
  const vector = change({});

  it("measure the book's imbalance, spread and microprice", () => {
    for (const depth of [1, 5, 15]) near(read(vector, `imbalance_${depth}`), 0.5);
    near(read(vector, "spread_bps"), (1 / 600_000.5) * 10_000);
    near(read(vector, "micro_bps"), (0.25 / 600_000.5) * 10_000);
  });

  it("measure how depth grows: 1 when even, more when it sits at the touch", () => {
    near(read(vector, "slope_bid"), read(vector, "slope_ask"));
    assert.ok(Math.abs(read(vector, "slope_bid") - 1) < 0.06);
    const bids = good.book!.bids.map(
      ([price, quantity], i) => [price, i === 0 ? quantity * 100n : quantity] as const,
    );
    assert.ok(read(change({ book: { ...good.book!, bids } }), "slope_bid") > 1.2);
  });

  it("measure funding, open interest and sentiment", () => {
    near(read(vector, "funding_last"), 1);
    near(read(vector, "funding_mean_3"), 2);
    near(read(vector, "open_interest_change"), Math.log(1.1));
    near(read(vector, "fear_greed"), -0.5);
    near(read(vector, "headlines"), 0.4);
  });
});

describe("an absent input", () => {
  const groups: [string, Partial<EvidenceBundle>, string[]][] = [
    ["book", { book: null }, ["book_present", "imbalance_1", "spread_bps", "slope_ask"]],
    ["book with an empty side", { book: { ...good.book!, asks: [] } }, ["book_present", "imbalance_1"]],
    ["funding history", { funding: [] }, ["funding_present", "funding_last", "funding_mean_3"]],
    ["short funding history", { funding: good.funding.slice(1) }, ["funding_present", "funding_last"]],
    ["open interest", { openInterest: [] }, ["open_interest_present", "open_interest_change"]],
    ["second open interest sample", { openInterest: good.openInterest.slice(1) }, ["open_interest_present"]],
    ["fear & greed", { fearGreed: null }, ["fear_greed_present", "fear_greed"]],
    ["headline score", { headlines: null }, ["headlines_present", "headlines"]],
    [
      "book older than a minute",
      { book: { ...good.book!, observedAtMs: CUTOFF - 60_001 } },
      ["book_present", "imbalance_15"],
    ],
    [
      "headline score older than six hours",
      { headlines: { ...good.headlines!, publishedAtMs: CUTOFF - 6 * 3_600_000 - 1 } },
      ["headlines_present", "headlines"],
    ],
  ];
  for (const [what, part, names] of groups)
    it(`is marked and never invented: ${what}`, () => {
      const vector = change(part);
      for (const name of names) assert.equal(read(vector, name), 0, name);
      const touched = spec.statics.filter((name) => name.endsWith("_present") && read(vector, name) === 0);
      assert.deepEqual(touched, [names[0]]);
    });
});

describe("a sample later than the cut-off is refused", () => {
  const late = CUTOFF + 1;
  const cases: [string, Partial<EvidenceBundle>][] = [
    ["book", { book: { ...good.book!, observedAtMs: late } }],
    ["funding", { funding: [...good.funding.slice(1), { fundingTimeMs: late, rateE12: 0n }] }],
    ["open interest", { openInterest: [...good.openInterest, { observedAtMs: late, amountE8: 1n }] }],
    ["fear & greed before its publication", { fearGreed: { ...good.fearGreed!, publishedAtMs: late } }],
    ["headlines before their publication", { headlines: { ...good.headlines!, publishedAtMs: late } }],
    ["candle", { candles: walk(5, MIDNIGHT - spec.windowCandles * MINUTE_MS, spec.windowCandles + 4) }],
  ];
  for (const [what, part] of cases)
    it(what, () => assert.throws(() => change(part), { code: "features.lookAhead" }));
});

describe("impossible evidence is refused", () => {
  const book = good.book!;
  const cases: [string, Partial<EvidenceBundle>, string][] = [
    ["missing last candle", { candles: good.candles.slice(0, -1) }, "features.gap"],
    ["missing first candle", { candles: good.candles.slice(1) }, "features.gap"],
    ["missing candle inside", { candles: good.candles.filter((_, i) => i !== 400) }, "features.gap"],
    ["no candle at all", { candles: [] }, "features.gap"],
    ["anchor of another day", { anchorMs: good.anchorMs - 86_400_000 }, "features.badBundle"],
    ["another window", { windowCandles: 719 }, "features.badBundle"],
    ["another step", { stepMs: 300_000 }, "features.badBundle"],
    ["cut-off inside a candle", { cutoffMs: CUTOFF + 1 }, "features.badBundle"],
    ["crossed book", { book: { ...book, bids: book.asks, asks: book.bids } }, "features.badInput"],
    ["level without quantity", { book: { ...book, bids: [[book.bids[0]![0], 0n]] } }, "features.badInput"],
    ["levels out of order", { book: { ...book, asks: [book.asks[0]!, book.asks[0]!] } }, "features.badInput"],
    ["funding out of order", { funding: [...good.funding].reverse() }, "features.badInput"],
    [
      "fear & greed out of range",
      { fearGreed: { ...good.fearGreed!, valuePpm: 1_000_001 } },
      "features.badInput",
    ],
    [
      "sentiment that is no number",
      { headlines: { ...good.headlines!, valuePpm: Number.NaN } },
      "features.badInput",
    ],
  ];
  for (const [what, part, code] of cases) it(what, () => assert.throws(() => change(part), { code }));
});

describe("a feature spec", () => {
  it("refuses unknown keys, unknown and repeated names, and windows too short to settle", () => {
    const refused: Record<string, unknown>[] = [
      { extra: 1 },
      { sequence: ["price"] },
      { statics: ["imbalance_1", "imbalance_1"] },
      { sequence: [] },
      { windowCandles: 500 },
      { horizonMs: 90_000 },
      { version: 2 },
    ];
    for (const part of refused)
      assert.throws(() => parseFeatureSpec({ ...spec, ...part }), { code: "features.badSpec" });
    assert.deepEqual(parseFeatureSpec(JSON.parse(JSON.stringify(spec))), spec);
  });

  it("orders the columns as it names them", () => {
    const small = parseFeatureSpec({
      ...spec,
      sequence: ["rsi_14", "body"],
      statics: ["headlines", "imbalance_1"],
    });
    const vector = featuresOf(small, good);
    const full = change({});
    const row = full.sequence.subarray(-spec.sequence.length);
    assert.deepEqual(
      [...vector.sequence.subarray(-2)],
      ["rsi_14", "body"].map((name) => row[spec.sequence.indexOf(name)]),
    );
    assert.deepEqual([...vector.statics], [read(full, "headlines"), read(full, "imbalance_1")]);
  });
});

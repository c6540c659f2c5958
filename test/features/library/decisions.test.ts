/** The fixed features of decisions are the library's indicators in other units. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Indicators } from "../../../src/features/indicators.ts";
import { CANDLE_INDEX } from "../../../src/features/registry.ts";
import { randomBars } from "./random-bars.ts";
import { valuesOf } from "./reference.ts";

const ROWS = 600;
const bars = randomBars(4, ROWS);
const decision = new Indicators();
const rows = Array.from({ length: ROWS }, (_, i) => {
  decision.push(
    bars.closeTimeMs[i]!,
    bars.open[i]!,
    bars.high[i]!,
    bars.low[i]!,
    bars.close[i]!,
    bars.volume[i]!,
  );
  return Float64Array.from(decision.raw);
});

const of = (name: string): Float64Array => valuesOf(name, bars);
const atr = of("atr_14");
const emaInAtr = (n: number): ((i: number) => number) => {
  const ema = of(`ema_${n}`);
  return (i) => (bars.close[i]! - ema[i]!) / atr[i]!;
};
const as = (name: string, change = (value: number): number => value): ((i: number) => number) => {
  const values = of(name);
  return (i) => change(values[i]!);
};

const PAIRS: readonly (readonly [string, (i: number) => number, number?])[] = [
  ["ret_1", as("ret_1")],
  ["ret_60", as("ret_60")],
  ["ema_12", emaInAtr(12)],
  ["ema_50", emaInAtr(50)],
  ["rsi_14", as("rsi_14", (value) => value / 50 - 1)],
  ["bb_pos", as("bbands_20_2_pctb", (value) => value - 0.5)],
  ["bb_width", as("bbands_20_2_width", (value) => value / 100)],
  ["atr_ratio", as("natr_14", (value) => value / 100)],
  ["vol_30", as("rvol_30")],
  ["volume_z", as("volumez_60")],
  ["body", as("shape_body")],
  ["wick_up", as("shape_up")],
  ["wick_down", as("shape_down")],
  ["donchian_20", as("donchian_20_place", (value) => value - 0.5)],
  ["tod_sin", as("tod_sin")],
  ["tod_cos", as("tod_cos")],
];

describe("a feature of decisions", () => {
  for (const [name, library] of PAIRS)
    it(`${name} is the library's, in its own unit`, () => {
      for (let i = 60; i < ROWS; i++) {
        const [one, other] = [rows[i]![CANDLE_INDEX.get(name)!]!, library(i)];
        assert.ok(Math.abs(one - other) < 1e-9, `row ${i}: ${one} and ${other}`);
      }
    });
});

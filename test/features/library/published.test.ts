/**
 * Our columns beside worked examples that others have printed: rounded, so equal to the last printed digits.
 * Left out where they mean something else: LEAN's CMO (Wilder's averages), PPO and Keltner (simple means); and where a
 * recursion begins otherwise and the example ends before it has forgotten: EMA, DEMA, MACD, RSI, PPO, PVO, TSI of
 * ChartSchool and Tulip, Tulip's ADX, PSAR and mass.
 */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { absent, barsFrom, tableOf, textOf, valuesOf } from "./reference.ts";

type Field = "open" | "high" | "low" | "close" | "volume";

/** Every value that they print, from row `from` on, is ours within `within`. */
function agree(ours: Float64Array, theirs: Float64Array, within: number, from = 0): void {
  let rows = 0;
  theirs.forEach((value, row) => {
    if (row < from || Number.isNaN(value)) return;
    rows += 1;
    assert.ok(Math.abs(ours[row]! - value) <= within, `row ${row}: ${ours[row]}, printed ${value}`);
  });
  assert.ok(rows > 0, "they print nothing there");
}

/** File, their column, ours, tolerance in the printed unit, first row that is compared. */
type Case = readonly [string, string, string, number, number?];

const LEAN: readonly Case[] = [
  ["spy_aroon_oscillator.txt", "Aroon Oscillator 14", "aroon_14_osc", 1e-4],
  ["spy_atr_wilder.txt", "Average True Range 14", "atr_14", 1e-4, 150],
  ["spy_bollinger_bands.txt", "Moving Average 20", "bbands_20_2_middle", 1e-3],
  ["spy_bollinger_bands.txt", "Bollinger Bands® 20 2 Top", "bbands_20_2_upper", 1e-3],
  ["spy_bollinger_bands.txt", "Bollinger Bands® 20 2 Bottom", "bbands_20_2_lower", 1e-3],
  ["spy_bollinger_bands.txt", "BandWidth", "bbands_20_2_width", 1e-3],
  ["spy_bollinger_bands.txt", "%B", "bbands_20_2_pctb", 1e-3],
  ["spy_ema.csv", "EMA14", "ema_14", 1e-9],
  ["spy_heikin_ashi.txt", "HA_Open", "heikinashi_open", 1e-6],
  ["spy_heikin_ashi.txt", "HA_High", "heikinashi_high", 1e-6],
  ["spy_heikin_ashi.txt", "HA_Low", "heikinashi_low", 1e-6],
  ["spy_heikin_ashi.txt", "HA_Close", "heikinashi_close", 1e-6],
  ["spy_hma.txt", "HMA_16", "hma_16", 1e-6],
  ["spy_max.txt", "MAX_5", "max_5", 1e-9],
  ["spy_mfi.txt", "Money Flow Index 20", "mfi_20", 1e-4],
  ["spy_natr.txt", "NATR_5", "natr_5", 1e-9, 150],
  ["spy_tema.txt", "TEMA_5", "tema_5", 1e-9],
  ["spy_tsi.csv", "TSI_25_13", "tsi_25_13_7", 1e-9],
  ["spy_tsi.csv", "Signal_7", "tsi_25_13_7_signal", 1e-9],
  ["spy_var.txt", "Var", "var_10", 1e-9],
  ["spy_with_StochRSI.csv", "k", "stochrsi_14_14_3_3_k", 1e-7],
  ["spy_with_StochRSI.csv", "d", "stochrsi_14_14_3_3_d", 1e-7],
  ["spy_with_adx.txt", "+DI14", "adx_14_plus", 1e-2, 300],
  ["spy_with_adx.txt", "-DI14", "adx_14_minus", 1e-2, 300],
  ["spy_with_adx.txt", "ADX 14", "adx_14", 1e-2, 300],
  ["spy_with_indicators.txt", "SMA14", "sma_14", 1e-2],
  ["spy_with_indicators.txt", "EMA14", "ema_14", 1e-2],
  ["spy_with_indicators.txt", "MACD 12 26", "macd_12_26_9_line", 1e-3, 300],
  ["spy_with_indicators.txt", "RSI 14 Wilder", "rsi_14", 1e-4, 250],
  ["spy_with_macd.txt", "MACD", "macd_12_26_9_line", 1e-4, 250],
  ["spy_with_macd.txt", "Signal", "macd_12_26_9_signal", 1e-4, 260],
  ["spy_with_obv.txt", "OBV", "obv", 1e4],
  ["spy_with_stoch12k3.txt", "Stochastics 12 %K 3", "stoch_12_3_5_k", 1e-3],
  ["spy_with_stoch12k3.txt", "%D 5", "stoch_12_3_5_d", 1e-3],
  ["spy_with_vwma.csv", "VWMA20", "vwma_20", 1e-9],
];

const CHARTSCHOOL: readonly Case[] = [
  ["cs-accum.csv", "ADLine", "ad", 2],
  ["cs-atr.csv", "ATR", "atr_14", 1e-9, 13],
  ["cs-bbands.csv", "MiddleBand", "bbands_20_2_middle", 1e-5],
  ["cs-bbands.csv", "HighBand", "bbands_20_2_upper", 1e-5],
  ["cs-bbands.csv", "LowBand", "bbands_20_2_lower", 1e-5],
  ["cs-bbands.csv", "WidthBand", "bbands_20_2_width", 1e-5],
  ["cs-bbands.csv", "PercentageBand", "bbands_20_2_pctb", 1e-5],
  ["cs-dc.csv", "upper_band", "donchian_20_upper", 1e-9],
  ["cs-dc.csv", "lower_band", "donchian_20_lower", 1e-9],
  ["cs-dc.csv", "middle_band", "donchian_20_middle", 6e-3],
  ["cs-dc.csv", "dc_percentage", "donchian_20_place", 1e-9],
  ["cs-kama.csv", "KAMA", "kama_10_2_30", 1e-5, 10],
  ["cs-obv.csv", "OBV", "obv", 0],
  ["cs-stc.csv", "stc", "stc_23_50_10_3", 1e-2, 115],
  ["cs-ultosc.csv", "Ult_Osc", "ultosc_7_14_28", 1e-2],
  ["cs-vpt.csv", "unsmoothed vpt", "pvt", 1e-6],
  ["cs-wma.csv", "WMA", "wma_9", 1e-3, 8],
];

const FIELDS: readonly Field[] = ["open", "high", "low", "close", "volume"];

for (const [folder, cases] of [
  ["lean", LEAN],
  ["chartschool", CHARTSCHOOL],
] as const)
  describe(`worked examples of ${folder}`, { skip: absent(`reference/${folder}`) }, () => {
    for (const [file, theirs, ours, within, from] of cases)
      it(`${ours} is ${theirs} in ${file}`, () => {
        const table = new Map(
          [...tableOf(`reference/${folder}/${file}`)].map(([name, values]) => [name.toLowerCase(), values]),
        );
        const part = Object.fromEntries(
          FIELDS.filter((field) => table.has(field)).map((field) => [
            field,
            table.get(field)!.map((value) => (Number.isNaN(value) ? 0 : value)),
          ]),
        );
        agree(valuesOf(ours, barsFrom(part)), table.get(theirs.toLowerCase())!, within, from);
      });
  });

/** Tulip's name, its inputs, and our column for each of its outputs, {n} being its options; what is added to ours. */
const TULIP: readonly (readonly [
  string,
  readonly Field[],
  readonly string[],
  ((ours: number, first: number) => number)?,
])[] = [
  ["ad", ["high", "low", "close", "volume"], ["ad"]],
  ["adosc", ["high", "low", "close", "volume"], ["adosc_{n}"]],
  ["aroon", ["high", "low"], ["aroon_{n}_down", "aroon_{n}_up"]],
  ["atr", ["high", "low", "close"], ["atr_{n}"]],
  ["bbands", ["close"], ["bbands_{n}_lower", "bbands_{n}_middle", "bbands_{n}_upper"]],
  ["cci", ["high", "low", "close"], ["cci_{n}"]],
  ["cmo", ["close"], ["cmo_{n}"]],
  ["dpo", ["close"], ["dpo_{n}"]],
  ["medprice", ["high", "low"], ["medprice"]],
  ["mfi", ["high", "low", "close", "volume"], ["mfi_{n}"]],
  ["nvi", ["close", "volume"], ["nvi"]],
  ["obv", ["close", "volume"], ["obv"], (ours, first) => ours - first],
  ["rocr", ["close"], ["roc_{n}"], (ours) => ours / 100 + 1],
  ["rsi", ["close"], ["rsi_{n}"]],
  ["sma", ["close"], ["sma_{n}"]],
  ["stddev", ["close"], ["stddev_{n}"]],
  ["stoch", ["high", "low", "close"], ["stoch_{n}_k", "stoch_{n}_d"]],
  ["tr", ["high", "low", "close"], ["tr"]],
  ["trima", ["close"], ["trima_{n}"]],
  ["typprice", ["high", "low", "close"], ["typprice"]],
  ["ultosc", ["high", "low", "close"], ["ultosc_{n}"]],
  ["wcprice", ["high", "low", "close"], ["wclprice"]],
  ["wilders", ["close"], ["rma_{n}"]],
  ["willr", ["high", "low", "close"], ["willr_{n}"]],
  ["wma", ["close"], ["wma_{n}"]],
];

describe("worked examples of tulip", { skip: absent("reference/tulip/atoz.txt") }, () => {
  if (absent("reference/tulip/atoz.txt")) return;
  const blocks = textOf("reference/tulip/atoz.txt")
    .split(/\r?\n\s*\r?\n/)
    .map((block) => block.split(/\r?\n/).filter((line) => line !== "" && !line.startsWith("#")));
  for (const [name, inputs, outputs, change = (ours: number) => ours] of TULIP)
    it(`${outputs.join(", ")} as ${name}`, () => {
      const block = blocks.find(([head]) => head?.split(" ")[0] === name)!;
      const options = block[0]!.split(" ").slice(1).join("_");
      const rows = block.slice(1).map((line) => line.replace(/[{}]/g, "").split(","));
      const numbers = rows.map((row) => Float64Array.from(row, Number));
      const bars = barsFrom(Object.fromEntries(inputs.map((field, at) => [field, numbers[at]!])));
      outputs.forEach((column, at) => {
        const printed = numbers[inputs.length + at]!;
        const digits = rows[inputs.length + at]!.map((cell) => cell.trim().split(".")[1]?.length ?? 0);
        const ours = valuesOf(column.replace("{n}", options), bars).slice(-printed.length);
        const first = bars.volume[0] ?? 0;
        agree(
          ours.map((value) => change(value, first)),
          printed,
          10 ** -Math.max(...digits),
        );
      });
    });
});

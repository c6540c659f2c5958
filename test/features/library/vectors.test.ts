/**
 * Our columns beside TA-Lib's and Tulip's on recorded minutes. Left out, because Tulip means something else: psar (it
 * does not turn at a price that only touches the stop) and adx (it counts both directions when they are equal).
 */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { columnsOf } from "../../../src/features/library/catalogue.ts";
import { absent, barsFrom, distance, tableOf, valuesOf } from "./reference.ts";

const FILES = ["BTCUSD-2019-talib-tulip.csv.gz", "BTCUSDT-perp-2025-talib-tulip.csv.gz"];

/** Rows after which a recursion has forgotten how it began; Wilder's averages, of weight 1 / n, take 18 spans. */
const settledAfter = (name: string, span: number): number =>
  name.startsWith("adx") ? Math.max(250, 18 * span) : 250;

/** What an error is measured against: the value, or what is small for its unit. */
const scaleOf = (name: string, unit: string, value: number, close: number): number =>
  Math.max(Math.abs(value), unit.startsWith("price") ? 1e-3 * close : name.startsWith("cci") ? 100 : 1);

/** Their column and ours, {n} being the span; and what theirs is to be multiplied with. */
const PAIRS: readonly (readonly [string, string, number?])[] = [
  ["talib_SMA{n}", "sma_{n}"],
  ["talib_EMA{n}", "ema_{n}"],
  ["talib_WMA{n}", "wma_{n}"],
  ["talib_DEMA{n}", "dema_{n}"],
  ["talib_TEMA{n}", "tema_{n}"],
  ["talib_KAMA{n}", "kama_{n}_2_30"],
  ["talib_RSI{n}", "rsi_{n}"],
  ["talib_MACD_MACD", "macd_12_26_9_line"],
  ["talib_MACD_MACDSignal", "macd_12_26_9_signal"],
  ["talib_MACD_MACDHist", "macd_12_26_9_hist"],
  ["talib_BB{n}_UpperBand", "bbands_{n}_2_upper"],
  ["talib_BB{n}_MiddleBand", "bbands_{n}_2_middle"],
  ["talib_BB{n}_LowerBand", "bbands_{n}_2_lower"],
  ["talib_ATR{n}", "atr_{n}"],
  ["talib_NATR{n}", "natr_{n}"],
  ["talib_ADX{n}", "adx_{n}"],
  ["talib_PLUS_DI{n}", "adx_{n}_plus"],
  ["talib_MINUS_DI{n}", "adx_{n}_minus"],
  ["talib_STOCHF{n}_FastK", "stoch_{n}_3_3"],
  ["talib_STOCHF{n}_FastD", "stoch_{n}_3_3_k"],
  ["talib_CCI{n}", "cci_{n}"],
  ["talib_OBV", "obv"],
  ["talib_MFI{n}", "mfi_{n}"],
  ["talib_ROC{n}", "roc_{n}"],
  ["talib_MOM{n}", "mom_{n}"],
  ["talib_WILLR{n}", "willr_{n}"],
  ["talib_SAR", "psar_0.02_0.2"],
  ["talib_TRIX{n}", "trix_{n}"],
  ["talib_AROON{n}_AroonDown", "aroon_{n}_down"],
  ["talib_AROON{n}_AroonUp", "aroon_{n}_up"],
  ["talib_ULTOSC", "ultosc_7_14_28"],
  ["talib_LINREG_SLOPE{n}", "linreg_{n}_slope"],
  ["talib_AD", "ad"],
  ["tulip_sma{n}", "sma_{n}"],
  ["tulip_ema{n}", "ema_{n}"],
  ["tulip_rsi{n}", "rsi_{n}"],
  ["tulip_atr{n}", "atr_{n}"],
  ["tulip_bbands{n}_0", "bbands_{n}_2_lower"],
  ["tulip_bbands{n}_1", "bbands_{n}_2_middle"],
  ["tulip_bbands{n}_2", "bbands_{n}_2_upper"],
  ["tulip_cci{n}", "cci_{n}"],
  ["tulip_hma{n}", "hma_{n}"],
  ["tulip_kama{n}", "kama_{n}_2_30"],
  ["tulip_max{n}", "donchian_{n}_upper"],
  ["tulip_min{n}", "donchian_{n}_lower"],
  ["tulip_mfi{n}", "mfi_{n}"],
  ["tulip_vwma{n}", "vwma_{n}"],
  ["tulip_stochrsi{n}", "stochrsi_{n}_{n}_3_3", 100],
];

/** Their column of that pattern in the table, and our name with the same span. */
function matched(table: ReadonlyMap<string, Float64Array>, theirs: string, ours: string): [string, string] {
  const pattern = new RegExp(`^${theirs.replace("{n}", "(\\d+)")}$`);
  const name = [...table.keys()].find((key) => pattern.test(key));
  if (!name) throw new Error(`there is no column ${theirs}`);
  return [name, ours.replaceAll("{n}", pattern.exec(name)?.[1] ?? "")];
}

for (const file of FILES) {
  const path = `reference/vectors/${file}`;
  describe(`on ${file}`, { skip: absent(path) }, () => {
    if (absent(path)) return;
    const table = tableOf(path);
    const column = (name: string): Float64Array => table.get(name)!;
    const bars = barsFrom({
      open: column("open"),
      high: column("high"),
      low: column("low"),
      close: column("close"),
      volume: column("volume"),
    });
    for (const [pattern, template, factor = 1] of PAIRS) {
      const [theirs, ours] = matched(table, pattern, template);
      it(`${ours} is ${theirs}`, () => {
        const [chosen] = columnsOf(ours);
        const { params, definition } = chosen!.chosen;
        const { recursive, outputs } = definition;
        const unit = Object.values(outputs)[chosen!.output]!;
        const { worst, rows } = distance(
          valuesOf(ours, bars),
          column(theirs).map((value) => value * factor),
          recursive ? settledAfter(ours, params[0] ?? 0) : 0,
          (value, row) => scaleOf(ours, unit, value, bars.close[row]!),
        );
        assert.ok(rows > 2_500, `${rows} rows`);
        assert.ok(worst < (recursive ? 1e-6 : 1e-9), `${worst} off`);
      });
    }

    it("stddev is TA-Lib's as far as a difference of squares of prices reaches", () => {
      const [theirs, ours] = matched(table, "talib_STDDEV{n}", "stddev_{n}");
      const square = (values: Float64Array): Float64Array => values.map((value) => value * value);
      const { worst, rows } = distance(
        square(valuesOf(ours, bars)),
        square(column(theirs)),
        0,
        (_, row) => bars.close[row]! ** 2,
      );
      assert.ok(rows > 2_500 && worst < 20 * Number.EPSILON, `${worst} off`);
    });
  });
}

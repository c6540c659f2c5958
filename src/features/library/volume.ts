/** Prices weighed with what was traded. */
import { Ema } from "../smooth.ts";
import { Previous, Total } from "./candles.ts";
import { ascending, bars, type Definition, type Family } from "./indicator.ts";
import { WindowMoments, WindowSum } from "./windows.ts";

/** Place of the close in its candle, −1 at the low, 1 at the high, 0 when there is no range. */
const placeOf = (high: number, low: number, close: number): number =>
  high > low ? (close - low - (high - close)) / (high - low) : 0;

const obv: Definition = {
  name: "obv",
  meaning:
    "on-balance volume: volume added when the close rises, taken away when it falls; begins with the first volume",
  source: "Granville 1963; TA-Lib OBV",
  params: [],
  outputs: { "": "volume" },
  recursive: true,
  warmUp: () => 1,
  make: () => {
    const before = new Previous();
    const total = new Total();
    return ({ close, volume }, out, from, to) => {
      const obv = out[0]!;
      for (let i = from; i < to; i++) {
        const last = before.push(close[i]!);
        obv[i] = total.add(close[i]! < last ? -volume[i]! : close[i]! === last ? 0 : volume[i]!);
      }
    };
  },
};

const ad: Definition = {
  name: "ad",
  meaning: "accumulation and distribution: running sum of volume · place of the close in its candle",
  source: "Chaikin; TA-Lib AD",
  params: [],
  outputs: { "": "volume" },
  recursive: true,
  warmUp: () => 1,
  make: () => {
    const total = new Total();
    return ({ high, low, close, volume }, out, from, to) => {
      const ad = out[0]!;
      for (let i = from; i < to; i++) ad[i] = total.add(volume[i]! * placeOf(high[i]!, low[i]!, close[i]!));
    };
  },
};

const adosc: Definition = {
  name: "adosc",
  meaning: "Chaikin oscillator: EMA(fast) − EMA(slow) of AD, both begun with its first value",
  source: "Chaikin; TA-Lib ADOSC",
  params: [bars("fast", 3), bars("slow", 10)],
  outputs: { "": "volume" },
  recursive: true,
  warmUp: (_fast, slow) => slow,
  make: (fast, slow) => {
    ascending("adosc", fast, slow);
    const total = new Total();
    // Span 1 with another weight: begun with the first value, not with a mean.
    const quick = new Ema(1, 2 / (fast + 1));
    const calm = new Ema(1, 2 / (slow + 1));
    return ({ high, low, close, volume }, out, from, to) => {
      const adosc = out[0]!;
      for (let i = from; i < to; i++) {
        const value = total.add(volume[i]! * placeOf(high[i]!, low[i]!, close[i]!));
        adosc[i] = quick.push(value) - calm.push(value);
      }
    };
  },
};

const cmf: Definition = {
  name: "cmf",
  meaning: "Chaikin money flow: Σ volume · place of the close in its candle / Σ volume over n",
  source: "Chaikin",
  params: [bars("n", 20)],
  outputs: { "": "share" },
  warmUp: (n) => n,
  make: (n) => {
    const flows = new WindowSum(n);
    const volumes = new WindowSum(n);
    return ({ high, low, close, volume }, out, from, to) => {
      const cmf = out[0]!;
      for (let i = from; i < to; i++) {
        const flow = flows.push(volume[i]! * placeOf(high[i]!, low[i]!, close[i]!));
        const whole = volumes.push(volume[i]!);
        cmf[i] = whole > 0 ? flow / whole : 0;
      }
    };
  },
};

const mfi: Definition = {
  name: "mfi",
  meaning: "money flow index: share of typical price · volume on rising typical prices, over n changes",
  source: "Quong, Soudack 1989; TA-Lib MFI",
  params: [bars("n", 14)],
  outputs: { "": "percent" },
  warmUp: (n) => n + 1,
  make: (n) => {
    const before = new Previous();
    const rising = new WindowSum(n);
    const falling = new WindowSum(n);
    return ({ high, low, close, volume }, out, from, to) => {
      const mfi = out[0]!;
      for (let i = from; i < to; i++) {
        const typical = (high[i]! + low[i]! + close[i]!) / 3;
        const last = before.push(typical);
        const money = typical * volume[i]!;
        const gained = rising.push(money * Number(typical > last));
        const all = gained + falling.push(money * Number(typical < last));
        mfi[i] = all > 0 ? (100 * gained) / all : 50;
      }
    };
  },
};

const pvt: Definition = {
  name: "pvt",
  meaning: "price-volume trend: running sum of volume · change of the close as a share",
  source: "StockCharts PVT",
  params: [],
  outputs: { "": "volume" },
  recursive: true,
  warmUp: () => 2,
  make: () => {
    const before = new Previous();
    const total = new Total();
    return ({ close, volume }, out, from, to) => {
      const pvt = out[0]!;
      for (let i = from; i < to; i++) {
        const change = close[i]! / before.push(close[i]!) - 1;
        pvt[i] = total.add(Number.isNaN(change) ? 0 : volume[i]! * change);
      }
    };
  },
};

const nvi: Definition = {
  name: "nvi",
  meaning: "negative volume index: grows with the close on bars of falling volume; begins at 1000",
  source: "Dysart 1936; Tulip nvi",
  params: [],
  outputs: { "": "ratio" },
  recursive: true,
  warmUp: () => 1,
  make: () => {
    const closes = new Previous();
    const volumes = new Previous();
    const total = new Total();
    total.value = 1000;
    return ({ close, volume }, out, from, to) => {
      const nvi = out[0]!;
      for (let i = from; i < to; i++) {
        const growth = close[i]! / closes.push(close[i]!) - 1;
        nvi[i] = total.add(volume[i]! < volumes.push(volume[i]!) ? total.value * growth : 0);
      }
    };
  },
};

const force: Definition = {
  name: "force",
  meaning: "force index: EMA(n) of volume · change of the close",
  source: "Elder 1993",
  params: [bars("n", 13)],
  outputs: { "": "price × volume" },
  recursive: true,
  warmUp: (n) => n + 1,
  make: (n) => {
    const before = new Previous();
    const average = new Ema(n);
    return ({ close, volume }, out, from, to) => {
      const force = out[0]!;
      for (let i = from; i < to; i++) {
        const change = close[i]! - before.push(close[i]!);
        if (!Number.isNaN(change)) average.push(change * volume[i]!);
        force[i] = average.value;
      }
    };
  },
};

const pvo: Definition = {
  name: "pvo",
  meaning: "EMA(fast) − EMA(slow) of volume in percent of EMA(slow), its EMA(signal), and their difference",
  source: "StockCharts PVO",
  params: [bars("fast", 12), bars("slow", 26), bars("signal", 9)],
  outputs: { line: "percent", signal: "percent", hist: "percent" },
  recursive: true,
  warmUp: (_fast, slow, signal) => [slow, slow + signal - 1, slow + signal - 1],
  make: (fast, slow, signal) => {
    ascending("pvo", fast, slow);
    const quick = new Ema(fast);
    const calm = new Ema(slow);
    const smooth = new Ema(signal);
    return ({ volume }, out, from, to) => {
      const line = out[0]!;
      const signals = out[1]!;
      const hist = out[2]!;
      for (let i = from; i < to; i++) {
        const base = calm.push(volume[i]!);
        const above = quick.push(volume[i]!) - base;
        const value = base > 0 ? (100 * above) / base : 0;
        if (calm.warm) smooth.push(value);
        line[i] = value;
        signals[i] = smooth.value;
        hist[i] = value - smooth.value;
      }
    };
  },
};

const volumez: Definition = {
  name: "volumez",
  meaning: "volume less its mean over n, in population deviations; 0 when it does not vary",
  source: "standard score",
  params: [bars("n", 60, 2)],
  outputs: { "": "standard deviations" },
  warmUp: (n) => n,
  make: (n) => {
    const moments = new WindowMoments(n);
    return ({ volume }, out, from, to) => {
      const volumez = out[0]!;
      for (let i = from; i < to; i++) {
        moments.push(volume[i]!);
        const deviation = Math.sqrt(moments.variance);
        volumez[i] = deviation > 1e-12 * moments.mean ? (volume[i]! - moments.mean) / deviation : 0;
      }
    };
  },
};

export const VOLUME: Family = {
  name: "volume",
  title: "Volume",
  definitions: [obv, ad, adosc, cmf, mfi, pvt, nvi, force, pvo, volumez],
};

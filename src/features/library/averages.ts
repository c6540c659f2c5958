/** Moving averages. */
import { DAY_MS } from "../../domain/candle.ts";
import { Ema, wilder } from "../smooth.ts";
import { Total } from "./candles.ts";
import { bars, type Definition, type Family } from "./indicator.ts";
import { Lag, WindowSum, WindowTrend } from "./windows.ts";

const LEVEL = { "": "price" } as const;

const sma: Definition = {
  name: "sma",
  meaning: "mean of the last n closes",
  source: "TA-Lib SMA",
  params: [bars("n", 20)],
  outputs: LEVEL,
  warmUp: (n) => n,
  make: (n) => {
    const sum = new WindowSum(n);
    return ({ close }, out, from, to) => {
      const sma = out[0]!;
      for (let i = from; i < to; i++) sma[i] = sum.push(close[i]!) / n;
    };
  },
};

const ema: Definition = {
  name: "ema",
  meaning: "exponential average, weight 2 / (n + 1), begun as the plain mean",
  source: "TA-Lib EMA",
  params: [bars("n", 20)],
  outputs: LEVEL,
  recursive: true,
  warmUp: (n) => n,
  make: (n) => {
    const average = new Ema(n);
    return ({ close }, out, from, to) => {
      const ema = out[0]!;
      for (let i = from; i < to; i++) ema[i] = average.push(close[i]!);
    };
  },
};

const rma: Definition = {
  name: "rma",
  meaning: "Wilder's average, weight 1 / n, begun as the plain mean",
  source: "Wilder 1978",
  params: [bars("n", 14)],
  outputs: LEVEL,
  recursive: true,
  warmUp: (n) => n,
  make: (n) => {
    const average = wilder(n);
    return ({ close }, out, from, to) => {
      const rma = out[0]!;
      for (let i = from; i < to; i++) rma[i] = average.push(close[i]!);
    };
  },
};

const wma: Definition = {
  name: "wma",
  meaning: "linearly weighted mean: n for the newest close, 1 for the oldest",
  source: "TA-Lib WMA",
  params: [bars("n", 20)],
  outputs: LEVEL,
  warmUp: (n) => n,
  make: (n) => {
    const trend = new WindowTrend(n);
    return ({ close }, out, from, to) => {
      const wma = out[0]!;
      for (let i = from; i < to; i++) {
        trend.push(close[i]!);
        wma[i] = trend.weightedMean;
      }
    };
  },
};

const hullSpan = (n: number): number => Math.max(1, Math.floor(Math.sqrt(n)));

const hma: Definition = {
  name: "hma",
  meaning: "Hull: WMA(⌊√n⌋) of 2 · WMA(⌊n / 2⌋) − WMA(n)",
  source: "Hull 2005; Tulip hma",
  params: [bars("n", 14, 2)],
  outputs: LEVEL,
  warmUp: (n) => n + hullSpan(n) - 1,
  make: (n) => {
    const half = new WindowTrend(Math.floor(n / 2));
    const whole = new WindowTrend(n);
    const smooth = new WindowTrend(hullSpan(n));
    return ({ close }, out, from, to) => {
      const hma = out[0]!;
      for (let i = from; i < to; i++) {
        half.push(close[i]!);
        whole.push(close[i]!);
        smooth.push(2 * half.weightedMean - whole.weightedMean);
        hma[i] = smooth.weightedMean;
      }
    };
  },
};

const dema: Definition = {
  name: "dema",
  meaning: "double exponential: 2 · EMA(n) − EMA(n) of EMA(n)",
  source: "Mulloy 1994; TA-Lib DEMA",
  params: [bars("n", 20)],
  outputs: LEVEL,
  recursive: true,
  warmUp: (n) => 2 * n - 1,
  make: (n) => {
    const once = new Ema(n);
    const twice = new Ema(n);
    return ({ close }, out, from, to) => {
      const dema = out[0]!;
      for (let i = from; i < to; i++) {
        const first = once.push(close[i]!);
        if (once.warm) twice.push(first);
        dema[i] = 2 * first - twice.value;
      }
    };
  },
};

const tema: Definition = {
  name: "tema",
  meaning: "triple exponential: 3 · EMA − 3 · EMA of EMA + EMA of EMA of EMA",
  source: "Mulloy 1994; TA-Lib TEMA",
  params: [bars("n", 20)],
  outputs: LEVEL,
  recursive: true,
  warmUp: (n) => 3 * n - 2,
  make: (n) => {
    const once = new Ema(n);
    const twice = new Ema(n);
    const thrice = new Ema(n);
    return ({ close }, out, from, to) => {
      const tema = out[0]!;
      for (let i = from; i < to; i++) {
        const first = once.push(close[i]!);
        if (once.warm) twice.push(first);
        if (twice.warm) thrice.push(twice.value);
        tema[i] = 3 * first - 3 * twice.value + thrice.value;
      }
    };
  },
};

const trima: Definition = {
  name: "trima",
  meaning: "triangular: mean over ⌊n / 2⌋ + 1 of the mean over ⌈n / 2⌉ closes",
  source: "Tulip trima",
  params: [bars("n", 20)],
  outputs: LEVEL,
  warmUp: (n) => n,
  make: (n) => {
    const inner = Math.ceil(n / 2);
    const outer = n + 1 - inner;
    const first = new WindowSum(inner);
    const second = new WindowSum(outer);
    return ({ close }, out, from, to) => {
      const trima = out[0]!;
      for (let i = from; i < to; i++) trima[i] = second.push(first.push(close[i]!) / inner) / outer;
    };
  },
};

const kama: Definition = {
  name: "kama",
  meaning:
    "Kaufman's adaptive average: its weight follows |change over n| / Σ |changes|, between spans fast and slow",
  source: "Kaufman 1995; TA-Lib KAMA",
  params: [bars("n", 10), bars("fast", 2), bars("slow", 30)],
  outputs: LEVEL,
  recursive: true,
  warmUp: (n) => n + 1,
  make: (n, fast, slow) => {
    const low = 2 / (slow + 1);
    const spread = 2 / (fast + 1) - low;
    const path = new WindowSum(n);
    const before = new Lag(n);
    // The average, the previous close, closes seen.
    const state = new Float64Array(3);
    return ({ close }, out, from, to) => {
      const kama = out[0]!;
      let value = state[0]!;
      let previous = state[1]!;
      let seen = state[2]!;
      for (let i = from; i < to; i++) {
        const now = close[i]!;
        const way = path.push(seen > 0 ? Math.abs(now - previous) : 0);
        const change = Math.abs(now - before.push(now));
        const efficiency = change < way ? change / way : 1;
        const weight = efficiency * spread + low;
        value = seen < n ? now : value + weight * weight * (now - value);
        previous = now;
        seen += 1;
        kama[i] = value;
      }
      state[0] = value;
      state[1] = previous;
      state[2] = seen;
    };
  },
};

const vwma: Definition = {
  name: "vwma",
  meaning: "mean of the last n closes weighted by volume; the plain mean when nothing was traded",
  source: "Tulip vwma",
  params: [bars("n", 20)],
  outputs: LEVEL,
  warmUp: (n) => n,
  make: (n) => {
    const traded = new WindowSum(n);
    const volumes = new WindowSum(n);
    const plain = new WindowSum(n);
    return ({ close, volume }, out, from, to) => {
      const vwma = out[0]!;
      for (let i = from; i < to; i++) {
        const value = traded.push(close[i]! * volume[i]!);
        const weight = volumes.push(volume[i]!);
        const mean = plain.push(close[i]!) / n;
        vwma[i] = weight > 0 ? value / weight : mean;
      }
    };
  },
};

const vwap: Definition = {
  name: "vwap",
  meaning: "typical price weighted by volume over n bars; the plain mean when nothing was traded",
  source: "Berkowitz, Logue, Noser 1988",
  params: [bars("n", 20)],
  outputs: { "": "price" },
  warmUp: (n) => n,
  make: (n) => {
    const traded = new WindowSum(n);
    const volumes = new WindowSum(n);
    const plain = new WindowSum(n);
    return ({ high, low, close, volume }, out, from, to) => {
      const vwap = out[0]!;
      for (let i = from; i < to; i++) {
        const typical = (high[i]! + low[i]! + close[i]!) / 3;
        const value = traded.push(typical * volume[i]!);
        const weight = volumes.push(volume[i]!);
        const mean = plain.push(typical) / n;
        vwap[i] = weight > 0 ? value / weight : mean;
      }
    };
  },
};

const dayvwap: Definition = {
  name: "dayvwap",
  meaning: "typical price weighted by volume since UTC midnight; the typical price until something is traded",
  source: "session VWAP",
  params: [],
  outputs: { "": "price" },
  warmUp: () => 1,
  make: () => {
    const traded = new Total();
    const volumes = new Total();
    let day = -1;
    return ({ closeTimeMs, high, low, close, volume }, out, from, to) => {
      const dayvwap = out[0]!;
      for (let i = from; i < to; i++) {
        const today = Math.floor((closeTimeMs[i]! - 1) / DAY_MS);
        if (today !== day) {
          day = today;
          traded.value = 0;
          volumes.value = 0;
        }
        const typical = (high[i]! + low[i]! + close[i]!) / 3;
        const value = traded.add(typical * volume[i]!);
        const weight = volumes.add(volume[i]!);
        dayvwap[i] = weight > 0 ? value / weight : typical;
      }
    };
  },
};

export const AVERAGES: Family = {
  name: "averages",
  title: "Moving averages",
  definitions: [sma, ema, rma, wma, hma, dema, tema, trima, kama, vwma, vwap, dayvwap],
};

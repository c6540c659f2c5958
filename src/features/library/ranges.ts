/** How far a candle reaches. */
import { Ema, wilder } from "../smooth.ts";
import { TrueRange } from "./candles.ts";
import { bars, type Definition } from "./indicator.ts";
import { WindowMax, WindowSum } from "./windows.ts";

const tr: Definition = {
  name: "tr",
  meaning: "true range: the candle's range, stretched to the previous close",
  source: "Wilder 1978; Tulip tr",
  params: [],
  outputs: { "": "price move" },
  warmUp: () => 1,
  make: () => {
    const range = new TrueRange();
    return ({ high, low, close }, out, from, to) => {
      const tr = out[0]!;
      for (let i = from; i < to; i++) tr[i] = range.push(high[i]!, low[i]!, close[i]!);
    };
  },
};

const atr: Definition = {
  name: "atr",
  meaning: "Wilder's average of the true range; the first candle counts with its own range",
  source: "Wilder 1978; Tulip atr",
  params: [bars("n", 14)],
  outputs: { "": "price move" },
  recursive: true,
  warmUp: (n) => n,
  make: (n) => {
    const range = new TrueRange();
    const average = wilder(n);
    return ({ high, low, close }, out, from, to) => {
      const atr = out[0]!;
      for (let i = from; i < to; i++) atr[i] = average.push(range.push(high[i]!, low[i]!, close[i]!));
    };
  },
};

const natr: Definition = {
  name: "natr",
  meaning: "ATR(n) in percent of the close",
  source: "TA-Lib NATR",
  params: [bars("n", 14)],
  outputs: { "": "percent" },
  recursive: true,
  warmUp: (n) => n,
  make: (n) => {
    const range = new TrueRange();
    const average = wilder(n);
    return ({ high, low, close }, out, from, to) => {
      const natr = out[0]!;
      for (let i = from; i < to; i++)
        natr[i] = (100 * average.push(range.push(high[i]!, low[i]!, close[i]!))) / close[i]!;
    };
  },
};

const mass: Definition = {
  name: "mass",
  meaning: "mass index: sum over n of EMA(9) of the range over EMA(9) of that EMA",
  source: "Dorsey 1992; Tulip mass",
  params: [bars("n", 25)],
  outputs: { "": "ratio" },
  recursive: true,
  warmUp: (n) => n + 16,
  make: (n) => {
    const once = new Ema(9);
    const twice = new Ema(9);
    const sum = new WindowSum(n);
    return ({ high, low }, out, from, to) => {
      const mass = out[0]!;
      for (let i = from; i < to; i++) {
        const range = once.push(high[i]! - low[i]!);
        if (!once.warm) continue;
        const slow = twice.push(range);
        mass[i] = sum.push(slow > 0 ? range / slow : 1);
      }
    };
  },
};

const chop: Definition = {
  name: "chop",
  meaning:
    "choppiness: 100 · log₁₀(Σ true range over n / (highest high − lowest low)) / log₁₀ n; 100 at rest",
  source: "Dreiss 1993",
  params: [bars("n", 14, 2)],
  outputs: { "": "percent" },
  warmUp: (n) => n + 1,
  make: (n) => {
    const range = new TrueRange();
    const path = new WindowSum(n);
    const highs = new WindowMax(n);
    const lows = new WindowMax(n);
    const scale = 1 / Math.log(n);
    return ({ high, low, close }, out, from, to) => {
      const chop = out[0]!;
      for (let i = from; i < to; i++) {
        const way = path.push(range.push(high[i]!, low[i]!, close[i]!));
        const width = highs.push(high[i]!) + lows.push(-low[i]!);
        chop[i] = width > 0 ? 100 * Math.log(way / width) * scale : 100;
      }
    };
  },
};

export const RANGES: readonly Definition[] = [tr, atr, natr, mass, chop];

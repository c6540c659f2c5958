/** Prices themselves: returns, shapes of candles, where a price stands among the last ones; and the calendar. */
import { DAY_MS } from "../../domain/candle.ts";
import { bars, type Definition, type Family } from "./indicator.ts";
import { Lag, WindowMax, WindowMoments, WindowSum } from "./windows.ts";

const ret: Definition = {
  name: "ret",
  meaning: "ln(close / close n bars ago)",
  source: "log return",
  params: [bars("n", 1)],
  outputs: { "": "log return" },
  warmUp: (n) => n + 1,
  make: (n) => {
    const lag = new Lag(n);
    return ({ close }, out, from, to) => {
      const ret = out[0]!;
      for (let i = from; i < to; i++) ret[i] = Math.log(close[i]! / lag.push(close[i]!));
    };
  },
};

const typprice: Definition = {
  name: "typprice",
  meaning: "(high + low + close) / 3",
  source: "TA-Lib TYPPRICE",
  params: [],
  outputs: { "": "price" },
  warmUp: () => 1,
  make:
    () =>
    ({ high, low, close }, out, from, to) => {
      const typprice = out[0]!;
      for (let i = from; i < to; i++) typprice[i] = (high[i]! + low[i]! + close[i]!) / 3;
    },
};

const medprice: Definition = {
  name: "medprice",
  meaning: "(high + low) / 2",
  source: "TA-Lib MEDPRICE",
  params: [],
  outputs: { "": "price" },
  warmUp: () => 1,
  make:
    () =>
    ({ high, low }, out, from, to) => {
      const medprice = out[0]!;
      for (let i = from; i < to; i++) medprice[i] = (high[i]! + low[i]!) / 2;
    },
};

const wclprice: Definition = {
  name: "wclprice",
  meaning: "(high + low + 2 · close) / 4",
  source: "TA-Lib WCLPRICE",
  params: [],
  outputs: { "": "price" },
  warmUp: () => 1,
  make:
    () =>
    ({ high, low, close }, out, from, to) => {
      const wclprice = out[0]!;
      for (let i = from; i < to; i++) wclprice[i] = (high[i]! + low[i]! + 2 * close[i]!) / 4;
    },
};

const heikinashi: Definition = {
  name: "heikinashi",
  meaning:
    "close: mean of the four prices; open: middle of the last such body, begun as (open + close) / 2; high and low include both",
  source: "Valcu 2004",
  params: [],
  outputs: { open: "price", high: "price", low: "price", close: "price" },
  recursive: true,
  warmUp: () => 1,
  make: () => {
    // Open and close of the last candle.
    const body = new Float64Array(2).fill(Number.NaN);
    return (bars, out, from, to) => {
      const opens = out[0]!;
      const highs = out[1]!;
      const lows = out[2]!;
      const closes = out[3]!;
      for (let i = from; i < to; i++) {
        const open = bars.open[i]!;
        const close = bars.close[i]!;
        const begin = body[0]! > 0 ? (body[0]! + body[1]!) / 2 : (open + close) / 2;
        const end = (open + bars.high[i]! + bars.low[i]! + close) / 4;
        body[0] = begin;
        body[1] = end;
        opens[i] = begin;
        highs[i] = Math.max(bars.high[i]!, begin, end);
        lows[i] = Math.min(bars.low[i]!, begin, end);
        closes[i] = end;
      }
    };
  },
};

const shape: Definition = {
  name: "shape",
  meaning: "body, wick above it and wick below it, in shares of the candle's range; 0 when there is no range",
  source: "candlestick",
  params: [],
  outputs: { body: "share", up: "share", down: "share" },
  warmUp: () => 1,
  make:
    () =>
    ({ open, high, low, close }, out, from, to) => {
      const body = out[0]!;
      const up = out[1]!;
      const down = out[2]!;
      for (let i = from; i < to; i++) {
        const range = high[i]! - low[i]!;
        const top = open[i]! > close[i]! ? open[i]! : close[i]!;
        const bottom = open[i]! > close[i]! ? close[i]! : open[i]!;
        body[i] = range > 0 ? (close[i]! - open[i]!) / range : 0;
        up[i] = range > 0 ? (high[i]! - top) / range : 0;
        down[i] = range > 0 ? (bottom - low[i]!) / range : 0;
      }
    },
};

const bop: Definition = {
  name: "bop",
  meaning: "balance of power: mean over n of (close − open) / (high − low)",
  source: "Livshin 2001; TA-Lib BOP (n = 1)",
  params: [bars("n", 14)],
  outputs: { "": "share" },
  warmUp: (n) => n,
  make: (n) => {
    const sum = new WindowSum(n);
    return ({ open, high, low, close }, out, from, to) => {
      const bop = out[0]!;
      for (let i = from; i < to; i++) {
        const range = high[i]! - low[i]!;
        bop[i] = sum.push(range > 0 ? (close[i]! - open[i]!) / range : 0) / n;
      }
    };
  },
};

const max: Definition = {
  name: "max",
  meaning: "highest of n closes",
  source: "Tulip max",
  params: [bars("n", 20)],
  outputs: { "": "price" },
  warmUp: (n) => n,
  make: (n) => {
    const window = new WindowMax(n);
    return ({ close }, out, from, to) => {
      const max = out[0]!;
      for (let i = from; i < to; i++) max[i] = window.push(close[i]!);
    };
  },
};

const min: Definition = {
  name: "min",
  meaning: "lowest of n closes",
  source: "Tulip min",
  params: [bars("n", 20)],
  outputs: { "": "price" },
  warmUp: (n) => n,
  make: (n) => {
    const window = new WindowMax(n);
    return ({ close }, out, from, to) => {
      const min = out[0]!;
      for (let i = from; i < to; i++) min[i] = -window.push(-close[i]!);
    };
  },
};

const zscore: Definition = {
  name: "zscore",
  meaning: "close less its mean over n, in population deviations; 0 when it does not vary",
  source: "standard score",
  params: [bars("n", 20, 2)],
  outputs: { "": "standard deviations" },
  warmUp: (n) => n,
  make: (n) => {
    const moments = new WindowMoments(n);
    return ({ close }, out, from, to) => {
      const zscore = out[0]!;
      for (let i = from; i < to; i++) {
        moments.push(close[i]!);
        const deviation = Math.sqrt(moments.variance);
        zscore[i] = deviation > 1e-12 * moments.mean ? (close[i]! - moments.mean) / deviation : 0;
      }
    };
  },
};

/** Sine and cosine of the close's place in a cycle that begins `phaseMs` before 1970. */
const cycle = (name: string, meaning: string, lengthMs: number, phaseMs: number): Definition => ({
  name,
  meaning,
  source: "calendar, UTC",
  params: [],
  outputs: { sin: "unit circle", cos: "unit circle" },
  warmUp: () => 1,
  make:
    () =>
    ({ closeTimeMs }, out, from, to) => {
      const sin = out[0]!;
      const cos = out[1]!;
      for (let i = from; i < to; i++) {
        const angle = (2 * Math.PI * ((closeTimeMs[i]! + phaseMs) % lengthMs)) / lengthMs;
        sin[i] = Math.sin(angle);
        cos[i] = Math.cos(angle);
      }
    },
});

/** 1970 began on a Thursday. */
const SINCE_MONDAY_MS = 3 * DAY_MS;

export const PRICES: Family = {
  name: "prices",
  title: "Prices and calendar",
  definitions: [
    ret,
    typprice,
    medprice,
    wclprice,
    heikinashi,
    shape,
    bop,
    max,
    min,
    zscore,
    cycle("tod", "time of day of the close, as an angle", DAY_MS, 0),
    cycle("dow", "time of week of the close from Monday, as an angle", 7 * DAY_MS, SINCE_MONDAY_MS),
  ],
};

/** How fast prices move, on bounded scales where there is one. A market at rest is in the middle of the scale. */
import { Ema, wilder } from "../smooth.ts";
import { Previous, percentOf } from "./candles.ts";
import { ascending, bars, type Definition, type Family } from "./indicator.ts";
import { Lag, WindowMax, WindowSum } from "./windows.ts";

/** Wilder's RSI of one series; 50 when nothing has moved. */
class Rsi {
  private readonly gain: Ema;
  private readonly loss: Ema;
  private previous = Number.NaN;

  constructor(n: number) {
    this.gain = wilder(n);
    this.loss = wilder(n);
  }

  push(value: number): number {
    const change = value - this.previous;
    this.previous = value;
    if (Number.isNaN(change)) return 50;
    // Exactly the change or 0, without a branch that prices make unpredictable.
    const gain = this.gain.push((Math.abs(change) + change) / 2);
    const loss = this.loss.push((Math.abs(change) - change) / 2);
    const all = gain + loss;
    return all > 0 ? (100 * gain) / all : 50;
  }
}

const rsi: Definition = {
  name: "rsi",
  meaning: "share of gains in all changes, both in Wilder's average",
  source: "Wilder 1978; TA-Lib RSI",
  params: [bars("n", 14)],
  outputs: { "": "percent" },
  recursive: true,
  warmUp: (n) => n + 1,
  make: (n) => {
    const index = new Rsi(n);
    return ({ close }, out, from, to) => {
      const rsi = out[0]!;
      for (let i = from; i < to; i++) rsi[i] = index.push(close[i]!);
    };
  },
};

const stochrsi: Definition = {
  name: "stochrsi",
  meaning: "place of RSI(n) in its range of m bars, k its mean over k, d the mean of that over d",
  source: "Chande, Kroll 1994; Tulip stochrsi",
  params: [bars("n", 14), bars("m", 14), bars("k", 3), bars("d", 3)],
  outputs: { "": "percent", k: "percent", d: "percent" },
  recursive: true,
  warmUp: (n, m, k, d) => [n + m, n + m + k - 1, n + m + k + d - 2],
  make: (n, m, k, d) => {
    const index = new Rsi(n);
    const highs = new WindowMax(m);
    const lows = new WindowMax(m);
    const once = new WindowSum(k);
    const twice = new WindowSum(d);
    return ({ close }, out, from, to) => {
      const raw = out[0]!;
      const smooth = out[1]!;
      const slow = out[2]!;
      for (let i = from; i < to; i++) {
        const value = index.push(close[i]!);
        const low = -lows.push(-value);
        const place = percentOf(value - low, highs.push(value) - low, 50);
        const mean = once.push(place) / k;
        raw[i] = place;
        smooth[i] = mean;
        slow[i] = twice.push(mean) / d;
      }
    };
  },
};

const stoch: Definition = {
  name: "stoch",
  meaning:
    "place of the close between lowest low and highest high of n bars, k its mean over k, d the mean of that over d",
  source: "Lane; TA-Lib STOCH, STOCHF",
  params: [bars("n", 14), bars("k", 3), bars("d", 3)],
  outputs: { "": "percent", k: "percent", d: "percent" },
  warmUp: (n, k, d) => [n, n + k - 1, n + k + d - 2],
  make: (n, k, d) => {
    const highs = new WindowMax(n);
    const lows = new WindowMax(n);
    const once = new WindowSum(k);
    const twice = new WindowSum(d);
    return ({ high, low, close }, out, from, to) => {
      const raw = out[0]!;
      const smooth = out[1]!;
      const slow = out[2]!;
      for (let i = from; i < to; i++) {
        const bottom = -lows.push(-low[i]!);
        const place = percentOf(close[i]! - bottom, highs.push(high[i]!) - bottom, 50);
        const mean = once.push(place) / k;
        raw[i] = place;
        smooth[i] = mean;
        slow[i] = twice.push(mean) / d;
      }
    };
  },
};

const willr: Definition = {
  name: "willr",
  meaning: "Williams %R: 0 at the highest high of n bars, −100 at the lowest low",
  source: "Williams 1973; TA-Lib WILLR",
  params: [bars("n", 14)],
  outputs: { "": "percent" },
  warmUp: (n) => n,
  make: (n) => {
    const highs = new WindowMax(n);
    const lows = new WindowMax(n);
    return ({ high, low, close }, out, from, to) => {
      const willr = out[0]!;
      for (let i = from; i < to; i++) {
        const top = highs.push(high[i]!);
        willr[i] = -percentOf(top - close[i]!, top + lows.push(-low[i]!), 50);
      }
    };
  },
};

const cci: Definition = {
  name: "cci",
  meaning: "typical price less its mean over n, in units of 0.015 mean absolute deviations",
  source: "Lambert 1980; TA-Lib CCI",
  params: [bars("n", 20)],
  outputs: { "": "ratio" },
  warmUp: (n) => n,
  make: (n) => {
    const sum = new WindowSum(n);
    const window = new Float64Array(n);
    let next = 0;
    return ({ high, low, close }, out, from, to) => {
      const cci = out[0]!;
      for (let i = from; i < to; i++) {
        const typical = (high[i]! + low[i]! + close[i]!) / 3;
        const mean = sum.push(typical) / n;
        window[next] = typical;
        next = next + 1 === n ? 0 : next + 1;
        let away = 0;
        for (let k = 0; k < n; k++) away += Math.abs(window[k]! - mean);
        cci[i] = away > 1e-12 * n * mean ? ((typical - mean) * n) / (0.015 * away) : 0;
      }
    };
  },
};

const roc: Definition = {
  name: "roc",
  meaning: "change of the close over n bars",
  source: "TA-Lib ROC",
  params: [bars("n", 10)],
  outputs: { "": "percent" },
  warmUp: (n) => n + 1,
  make: (n) => {
    const lag = new Lag(n);
    return ({ close }, out, from, to) => {
      const roc = out[0]!;
      for (let i = from; i < to; i++) roc[i] = 100 * (close[i]! / lag.push(close[i]!) - 1);
    };
  },
};

const mom: Definition = {
  name: "mom",
  meaning: "change of the close over n bars",
  source: "TA-Lib MOM",
  params: [bars("n", 10)],
  outputs: { "": "price move" },
  warmUp: (n) => n + 1,
  make: (n) => {
    const lag = new Lag(n);
    return ({ close }, out, from, to) => {
      const mom = out[0]!;
      for (let i = from; i < to; i++) mom[i] = close[i]! - lag.push(close[i]!);
    };
  },
};

const cmo: Definition = {
  name: "cmo",
  meaning: "gains less losses in percent of all changes, sums over n",
  source: "Chande 1994; Tulip cmo",
  params: [bars("n", 14)],
  outputs: { "": "percent" },
  warmUp: (n) => n + 1,
  make: (n) => {
    const before = new Previous();
    const gains = new WindowSum(n);
    const losses = new WindowSum(n);
    return ({ close }, out, from, to) => {
      const cmo = out[0]!;
      for (let i = from; i < to; i++) {
        const change = close[i]! - before.push(close[i]!);
        const gain = gains.push((Math.abs(change) + change) / 2);
        const loss = losses.push((Math.abs(change) - change) / 2);
        cmo[i] = gain + loss > 0 ? (100 * (gain - loss)) / (gain + loss) : 0;
      }
    };
  },
};

const tsi: Definition = {
  name: "tsi",
  meaning:
    "change of the close, smoothed by EMA(slow) and EMA(fast), in percent of its size smoothed alike; signal is its EMA(signal)",
  source: "Blau 1991; StockCharts",
  params: [bars("slow", 25), bars("fast", 13), bars("signal", 7)],
  outputs: { "": "percent", signal: "percent" },
  recursive: true,
  warmUp: (slow, fast, signal) => [slow + fast, slow + fast + signal - 1],
  make: (slow, fast, signal) => {
    const before = new Previous();
    const change = [new Ema(slow), new Ema(fast)] as const;
    const size = [new Ema(slow), new Ema(fast)] as const;
    const smooth = new Ema(signal);
    return ({ close }, out, from, to) => {
      const tsi = out[0]!;
      const signals = out[1]!;
      for (let i = from; i < to; i++) {
        const moved = close[i]! - before.push(close[i]!);
        if (Number.isNaN(moved)) continue;
        change[0].push(moved);
        size[0].push(Math.abs(moved));
        if (!change[0].warm) continue;
        change[1].push(change[0].value);
        const whole = size[1].push(size[0].value);
        const value = whole > 0 ? (100 * change[1].value) / whole : 0;
        if (change[1].warm) smooth.push(value);
        tsi[i] = value;
        signals[i] = smooth.value;
      }
    };
  },
};

const ultosc: Definition = {
  name: "ultosc",
  meaning: "ultimate oscillator: buying pressure in true range over three spans, weighted 4 : 2 : 1",
  source: "Williams 1976; TA-Lib ULTOSC",
  params: [bars("short", 7), bars("medium", 14), bars("long", 28)],
  outputs: { "": "percent" },
  warmUp: (short, medium, long) => Math.max(short, medium, long) + 1,
  make: (short, medium, long) => {
    const before = new Previous();
    const pressures = [new WindowSum(short), new WindowSum(medium), new WindowSum(long)] as const;
    const ranges = [new WindowSum(short), new WindowSum(medium), new WindowSum(long)] as const;
    return ({ high, low, close }, out, from, to) => {
      const ultosc = out[0]!;
      for (let i = from; i < to; i++) {
        const last = before.push(close[i]!);
        const top = last > high[i]! ? last : high[i]!;
        const bottom = last < low[i]! ? last : low[i]!;
        const pressure = close[i]! - bottom;
        const range = top - bottom;
        const first = percentOf(pressures[0].push(pressure), ranges[0].push(range), 50);
        const second = percentOf(pressures[1].push(pressure), ranges[1].push(range), 50);
        const third = percentOf(pressures[2].push(pressure), ranges[2].push(range), 50);
        ultosc[i] = (4 * first + 2 * second + third) / 7;
      }
    };
  },
};

const ao: Definition = {
  name: "ao",
  meaning: "awesome oscillator: SMA(fast) − SMA(slow) of the candle's middle",
  source: "Williams 1995",
  params: [bars("fast", 5), bars("slow", 34)],
  outputs: { "": "price move" },
  warmUp: (_fast, slow) => slow,
  make: (fast, slow) => {
    ascending("ao", fast, slow);
    const quick = new WindowSum(fast);
    const calm = new WindowSum(slow);
    return ({ high, low }, out, from, to) => {
      const ao = out[0]!;
      for (let i = from; i < to; i++) {
        const middle = (high[i]! + low[i]!) / 2;
        ao[i] = quick.push(middle) / fast - calm.push(middle) / slow;
      }
    };
  },
};

export const MOMENTUM: Family = {
  name: "momentum",
  title: "Momentum",
  definitions: [rsi, stochrsi, stoch, willr, cci, roc, mom, cmo, tsi, ultosc, ao],
};

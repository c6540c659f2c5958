/** How far and in which direction prices have moved. */
import { Ema, wilder } from "../smooth.ts";
import { Previous, percentOf, TrueRange } from "./candles.ts";
import { ascending, bars, type Definition, type Family } from "./indicator.ts";
import { Lag, WindowAge, WindowMax, WindowMoments, WindowSum, WindowTrend } from "./windows.ts";

const MACD_PARAMS = [bars("fast", 12), bars("slow", 26), bars("signal", 9)];

const macd: Definition = {
  name: "macd",
  meaning: "EMA(fast) − EMA(slow), its EMA(signal), and their difference",
  source: "Appel 1979; TA-Lib MACD",
  params: MACD_PARAMS,
  outputs: { line: "price move", signal: "price move", hist: "price move" },
  recursive: true,
  warmUp: (_fast, slow, signal) => [slow, slow + signal - 1, slow + signal - 1],
  make: (fast, slow, signal) => {
    ascending("macd", fast, slow);
    const quick = new Ema(fast);
    const calm = new Ema(slow);
    const smooth = new Ema(signal);
    return ({ close }, out, from, to) => {
      const line = out[0]!;
      const signals = out[1]!;
      const hist = out[2]!;
      for (let i = from; i < to; i++) {
        const value = quick.push(close[i]!) - calm.push(close[i]!);
        if (calm.warm) smooth.push(value);
        line[i] = value;
        signals[i] = smooth.value;
        hist[i] = value - smooth.value;
      }
    };
  },
};

const ppo: Definition = {
  name: "ppo",
  meaning: "MACD in percent of EMA(slow), its EMA(signal), and their difference",
  source: "StockCharts PPO",
  params: MACD_PARAMS,
  outputs: { line: "percent", signal: "percent", hist: "percent" },
  recursive: true,
  warmUp: macd.warmUp,
  make: (fast, slow, signal) => {
    ascending("ppo", fast, slow);
    const quick = new Ema(fast);
    const calm = new Ema(slow);
    const smooth = new Ema(signal);
    return ({ close }, out, from, to) => {
      const line = out[0]!;
      const signals = out[1]!;
      const hist = out[2]!;
      for (let i = from; i < to; i++) {
        const base = calm.push(close[i]!);
        const value = (100 * (quick.push(close[i]!) - base)) / base;
        if (calm.warm) smooth.push(value);
        line[i] = value;
        signals[i] = smooth.value;
        hist[i] = value - smooth.value;
      }
    };
  },
};

const trix: Definition = {
  name: "trix",
  meaning: "change over one bar of the triple EMA, in percent",
  source: "Hutson 1983; TA-Lib TRIX",
  params: [bars("n", 15)],
  outputs: { "": "percent" },
  recursive: true,
  warmUp: (n) => 3 * n - 1,
  make: (n) => {
    const once = new Ema(n);
    const twice = new Ema(n);
    const thrice = new Ema(n);
    return ({ close }, out, from, to) => {
      const trix = out[0]!;
      for (let i = from; i < to; i++) {
        once.push(close[i]!);
        if (once.warm) twice.push(once.value);
        const before = thrice.value;
        if (twice.warm) thrice.push(twice.value);
        trix[i] = 100 * (thrice.value / before - 1);
      }
    };
  },
};

const adx: Definition = {
  name: "adx",
  meaning: "Wilder's directional system: ADX, +DI, −DI, and DX = 100 · |+DI − −DI| / (+DI + −DI)",
  source: "Wilder 1978; TA-Lib ADX, PLUS_DI, MINUS_DI, DX",
  params: [bars("n", 14)],
  outputs: { "": "percent", plus: "percent", minus: "percent", dx: "percent" },
  recursive: true,
  warmUp: (n) => [2 * n, n + 1, n + 1, n + 1],
  make: (n) => {
    const range = wilder(n);
    const up = wilder(n);
    const down = wilder(n);
    const smooth = wilder(n);
    // The previous high, low and close.
    const before = new Float64Array(3).fill(Number.NaN);
    return ({ high, low, close }, out, from, to) => {
      const adx = out[0]!;
      const plus = out[1]!;
      const minus = out[2]!;
      const dx = out[3]!;
      for (let i = from; i < to; i++) {
        const top = high[i]!;
        const bottom = low[i]!;
        const last = before[2]!;
        if (last > 0) {
          const rise = top - before[0]!;
          const fall = before[1]! - bottom;
          range.push((last > top ? last : top) - (last < bottom ? last : bottom));
          // The parts above 0, without a branch; the larger one counts, neither when they are equal.
          const above = (Math.abs(rise) + rise) / 2;
          const below = (Math.abs(fall) + fall) / 2;
          up.push(above > below ? above : 0);
          down.push(below > above ? below : 0);
        }
        before[0] = top;
        before[1] = bottom;
        before[2] = close[i]!;
        const moved = up.value + down.value;
        const apart = moved > 0 ? (100 * Math.abs(up.value - down.value)) / moved : 0;
        if (range.warm) smooth.push(apart);
        adx[i] = smooth.value;
        plus[i] = range.value > 0 ? (100 * up.value) / range.value : 0;
        minus[i] = range.value > 0 ? (100 * down.value) / range.value : 0;
        dx[i] = apart;
      }
    };
  },
};

const aroon: Definition = {
  name: "aroon",
  meaning: "100 · (n − bars since the highest high, the lowest low of n + 1) / n, and up − down",
  source: "Chande 1995; TA-Lib AROON",
  params: [bars("n", 14)],
  outputs: { up: "percent", down: "percent", osc: "percent" },
  warmUp: (n) => n + 1,
  make: (n) => {
    const highs = new WindowAge(n + 1);
    const lows = new WindowAge(n + 1);
    return ({ high, low }, out, from, to) => {
      const up = out[0]!;
      const down = out[1]!;
      const osc = out[2]!;
      for (let i = from; i < to; i++) {
        const rising = (100 * (n - highs.push(high[i]!))) / n;
        const falling = (100 * (n - lows.push(-low[i]!))) / n;
        up[i] = rising;
        down[i] = falling;
        osc[i] = rising - falling;
      }
    };
  },
};

const linreg: Definition = {
  name: "linreg",
  meaning: "least-squares line through n closes: its value at the newest bar, its slope per bar",
  source: "TA-Lib LINEARREG, LINEARREG_SLOPE",
  params: [bars("n", 14, 2)],
  outputs: { end: "price", slope: "price move" },
  warmUp: (n) => n,
  make: (n) => {
    const trend = new WindowTrend(n);
    return ({ close }, out, from, to) => {
      const end = out[0]!;
      const slope = out[1]!;
      for (let i = from; i < to; i++) {
        trend.push(close[i]!);
        slope[i] = trend.slope;
        end[i] = trend.mean + (trend.slope * (n - 1)) / 2;
      }
    };
  },
};

const vortex: Definition = {
  name: "vortex",
  meaning: "Σ |high − previous low| and Σ |low − previous high| over n, in units of Σ true range",
  source: "Botes, Siepman 2010",
  params: [bars("n", 14)],
  outputs: { plus: "ratio", minus: "ratio" },
  warmUp: (n) => n + 1,
  make: (n) => {
    const range = new TrueRange();
    const ranges = new WindowSum(n);
    const up = new WindowSum(n);
    const down = new WindowSum(n);
    const highs = new Previous();
    const lows = new Previous();
    return ({ high, low, close }, out, from, to) => {
      const plus = out[0]!;
      const minus = out[1]!;
      for (let i = from; i < to; i++) {
        const whole = ranges.push(range.push(high[i]!, low[i]!, close[i]!));
        const rise = up.push(Math.abs(high[i]! - lows.push(low[i]!)));
        const fall = down.push(Math.abs(low[i]! - highs.push(high[i]!)));
        plus[i] = whole > 0 ? rise / whole : 1;
        minus[i] = whole > 0 ? fall / whole : 1;
      }
    };
  },
};

const stc: Definition = {
  name: "stc",
  meaning:
    "Schaff trend cycle: the stochastic of the stochastic of MACD(fast, slow) over n, each smoothed by EMA(smooth)",
  source: "Schaff 1999; StockCharts",
  params: [bars("fast", 23), bars("slow", 50), bars("n", 10), bars("smooth", 3)],
  outputs: { "": "percent" },
  recursive: true,
  warmUp: (_fast, slow, n, smooth) => slow + 2 * (n - 1) + 2 * (smooth - 1),
  make: (fast, slow, n, smooth) => {
    ascending("stc", fast, slow);
    const quick = new Ema(fast);
    const calm = new Ema(slow);
    const top = [new WindowMax(n), new WindowMax(n)] as const;
    const bottom = [new WindowMax(n), new WindowMax(n)] as const;
    const once = new Ema(smooth);
    const twice = new Ema(smooth);
    return ({ close }, out, from, to) => {
      const stc = out[0]!;
      for (let i = from; i < to; i++) {
        const value = quick.push(close[i]!) - calm.push(close[i]!);
        if (!calm.warm) continue;
        const low = -bottom[0].push(-value);
        const first = once.push(percentOf(value - low, top[0].push(value) - low, 50));
        const lowest = -bottom[1].push(-first);
        stc[i] = twice.push(percentOf(first - lowest, top[1].push(first) - lowest, 50));
      }
    };
  },
};

const dpo: Definition = {
  name: "dpo",
  meaning: "close ⌊n / 2⌋ + 1 bars ago − SMA(n)",
  source: "Tulip dpo",
  params: [bars("n", 20)],
  outputs: { "": "price move" },
  warmUp: (n) => Math.max(n, Math.floor(n / 2) + 2),
  make: (n) => {
    const ago = new Lag(Math.floor(n / 2) + 1);
    const moments = new WindowMoments(n);
    return ({ close }, out, from, to) => {
      const dpo = out[0]!;
      for (let i = from; i < to; i++) {
        moments.push(close[i]!);
        dpo[i] = ago.push(close[i]!) - moments.mean;
      }
    };
  },
};

export const TREND: Family = {
  name: "trend",
  title: "Trend",
  definitions: [macd, ppo, trix, adx, aroon, linreg, vortex, stc, dpo],
};

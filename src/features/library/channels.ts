/** Bands around the price, and stops that trail it. */
import { Ema, wilder } from "../smooth.ts";
import { TrueRange } from "./candles.ts";
import { bars, type Definition, type Family, factor } from "./indicator.ts";
import { WindowMax, WindowMoments } from "./windows.ts";

const bbands: Definition = {
  name: "bbands",
  meaning:
    "SMA(n) ± k population deviations; width = (upper − lower) / middle in percent; pctb = place of the close, 0 at the lower band, 1 at the upper, 0.5 when they coincide",
  source: "Bollinger 1983; TA-Lib BBANDS",
  params: [bars("n", 20), factor("k", 2)],
  outputs: { upper: "price", middle: "price", lower: "price", width: "percent", pctb: "share" },
  warmUp: (n) => n,
  make: (n, k) => {
    const moments = new WindowMoments(n);
    return ({ close }, out, from, to) => {
      const upper = out[0]!;
      const middle = out[1]!;
      const lower = out[2]!;
      const width = out[3]!;
      const pctb = out[4]!;
      for (let i = from; i < to; i++) {
        moments.push(close[i]!);
        const { mean } = moments;
        const reach = k * Math.sqrt(moments.variance);
        upper[i] = mean + reach;
        middle[i] = mean;
        lower[i] = mean - reach;
        width[i] = (200 * reach) / mean;
        pctb[i] = reach > 0 ? (close[i]! - mean + reach) / (2 * reach) : 0.5;
      }
    };
  },
};

const keltner: Definition = {
  name: "keltner",
  meaning: "EMA(n) of the close ± k · ATR(m)",
  source: "Raschke; StockCharts",
  params: [bars("n", 20), bars("m", 10), factor("k", 2)],
  outputs: { upper: "price", middle: "price", lower: "price" },
  recursive: true,
  warmUp: (n, m) => [Math.max(n, m), n, Math.max(n, m)],
  make: (n, m, k) => {
    const centre = new Ema(n);
    const range = new TrueRange();
    const average = wilder(m);
    return ({ high, low, close }, out, from, to) => {
      const upper = out[0]!;
      const middle = out[1]!;
      const lower = out[2]!;
      for (let i = from; i < to; i++) {
        const value = centre.push(close[i]!);
        const reach = k * average.push(range.push(high[i]!, low[i]!, close[i]!));
        upper[i] = value + reach;
        middle[i] = value;
        lower[i] = value - reach;
      }
    };
  },
};

const donchian: Definition = {
  name: "donchian",
  meaning:
    "highest high and lowest low of n bars, their middle, and the place of the close between them (0.5 when they coincide)",
  source: "Donchian 1960; Tulip max, min",
  params: [bars("n", 20)],
  outputs: { upper: "price", middle: "price", lower: "price", place: "share" },
  warmUp: (n) => n,
  make: (n) => {
    const highs = new WindowMax(n);
    const lows = new WindowMax(n);
    return ({ high, low, close }, out, from, to) => {
      const upper = out[0]!;
      const middle = out[1]!;
      const lower = out[2]!;
      const place = out[3]!;
      for (let i = from; i < to; i++) {
        const top = highs.push(high[i]!);
        const bottom = -lows.push(-low[i]!);
        upper[i] = top;
        middle[i] = (top + bottom) / 2;
        lower[i] = bottom;
        place[i] = top > bottom ? (close[i]! - bottom) / (top - bottom) : 0.5;
      }
    };
  },
};

const ichimoku: Definition = {
  name: "ichimoku",
  meaning:
    "middle of the channel of short, of medium and of long bars; span A is the mean of the first two. Not displaced",
  source: "Hosoda 1968",
  params: [bars("short", 9), bars("medium", 26), bars("long", 52)],
  outputs: { conversion: "price", base: "price", spana: "price", spanb: "price" },
  warmUp: (short, medium, long) => [short, medium, Math.max(short, medium), long],
  make: (short, medium, long) => {
    const highs = [new WindowMax(short), new WindowMax(medium), new WindowMax(long)] as const;
    const lows = [new WindowMax(short), new WindowMax(medium), new WindowMax(long)] as const;
    return ({ high, low }, out, from, to) => {
      const conversion = out[0]!;
      const base = out[1]!;
      const spana = out[2]!;
      const spanb = out[3]!;
      for (let i = from; i < to; i++) {
        const first = (highs[0].push(high[i]!) - lows[0].push(-low[i]!)) / 2;
        const second = (highs[1].push(high[i]!) - lows[1].push(-low[i]!)) / 2;
        conversion[i] = first;
        base[i] = second;
        spana[i] = (first + second) / 2;
        spanb[i] = (highs[2].push(high[i]!) - lows[2].push(-low[i]!)) / 2;
      }
    };
  },
};

const psar: Definition = {
  name: "psar",
  meaning:
    "parabolic stop and reverse: approaches the extreme by a share that grows by step at each new extreme, up to max",
  source: "Wilder 1978; TA-Lib SAR",
  params: [factor("step", 0.02, 1), factor("max", 0.2, 1)],
  outputs: { "": "price", side: "ratio" },
  recursive: true,
  warmUp: () => 2,
  make: (step, max) => {
    // In the direction of the trade: prices count negative while short. Side 0: not begun.
    const state = {
      stop: Number.NaN,
      extreme: Number.NaN,
      share: step,
      side: 0,
      high: Number.NaN,
      low: Number.NaN,
    };
    return ({ high, low }, out, from, to) => {
      const psar = out[0]!;
      const sides = out[1]!;
      for (let i = from; i < to; i++) {
        const top = high[i]!;
        const bottom = low[i]!;
        if (state.side === 0 && state.low > 0) {
          const short = state.low - bottom > 0 && state.low - bottom > top - state.high;
          state.side = short ? -1 : 1;
          state.stop = short ? -state.high : state.low;
          state.extreme = short ? -bottom : top;
          state.share = step;
          state.high = top;
          state.low = bottom;
        }
        if (state.side > 0 ? bottom <= state.stop : -top <= state.stop) {
          state.side = -state.side;
          state.stop = -state.extreme;
          state.extreme = state.side > 0 ? top : -bottom;
          state.share = step;
          state.stop = Math.min(
            state.stop,
            state.side > 0 ? bottom : -top,
            state.side > 0 ? state.low : -state.high,
          );
          psar[i] = state.side * state.stop;
        } else {
          psar[i] = state.side * state.stop;
          const far = state.side > 0 ? top : -bottom;
          if (far > state.extreme) {
            state.extreme = far;
            state.share = Math.min(max, state.share + step);
          }
        }
        const { side, stop } = state;
        sides[i] = side;
        const next = stop + state.share * (state.extreme - stop);
        state.stop = Math.min(next, side > 0 ? bottom : -top, side > 0 ? state.low : -state.high);
        state.high = top;
        state.low = bottom;
      }
    };
  },
};

const supertrend: Definition = {
  name: "supertrend",
  meaning:
    "trailing stop at the middle of the candle ± k · ATR(n) that only tightens, and its side: 1 below the price, −1 above",
  source: "Seban 2009",
  params: [bars("n", 10), factor("k", 3)],
  outputs: { "": "price", side: "ratio" },
  recursive: true,
  warmUp: (n) => n,
  make: (n, k) => {
    const range = new TrueRange();
    const average = wilder(n);
    // Upper stop, lower stop, side, previous close.
    const state = new Float64Array([Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1, Number.NaN]);
    return ({ high, low, close }, out, from, to) => {
      const stop = out[0]!;
      const side = out[1]!;
      for (let i = from; i < to; i++) {
        const reach = k * average.push(range.push(high[i]!, low[i]!, close[i]!));
        if (!average.warm) continue;
        const middle = (high[i]! + low[i]!) / 2;
        const last = state[3]!;
        const upper = middle + reach < state[0]! || last > state[0]! ? middle + reach : state[0]!;
        const lower = middle - reach > state[1]! || last < state[1]! ? middle - reach : state[1]!;
        const turned = state[2]! > 0 ? close[i]! < lower : close[i]! > upper;
        state[0] = upper;
        state[1] = lower;
        if (turned) state[2] = -state[2]!;
        state[3] = close[i]!;
        stop[i] = state[2]! > 0 ? lower : upper;
        side[i] = state[2]!;
      }
    };
  },
};

export const CHANNELS: Family = {
  name: "channels",
  title: "Channels and stops",
  definitions: [bbands, keltner, donchian, ichimoku, psar, supertrend],
};

/** How much prices move. The estimators of volatility are per bar, not annualised. */
import { Ema } from "../smooth.ts";
import { Previous, percentOf } from "./candles.ts";
import { bars, type Definition, type Family } from "./indicator.ts";
import { RANGES } from "./ranges.ts";
import { WindowMax, WindowMoments, WindowSum } from "./windows.ts";

const VOLATILITY = { "": "log return" } as const;

const stddev: Definition = {
  name: "stddev",
  meaning: "population deviation of n closes",
  source: "TA-Lib STDDEV",
  params: [bars("n", 20)],
  outputs: { "": "price move" },
  warmUp: (n) => n,
  make: (n) => {
    const moments = new WindowMoments(n);
    return ({ close }, out, from, to) => {
      const stddev = out[0]!;
      for (let i = from; i < to; i++) {
        moments.push(close[i]!);
        stddev[i] = Math.sqrt(moments.variance);
      }
    };
  },
};

const variance: Definition = {
  name: "var",
  meaning: "population variance of n closes",
  source: "TA-Lib VAR",
  params: [bars("n", 20)],
  outputs: { "": "price²" },
  warmUp: (n) => n,
  make: (n) => {
    const moments = new WindowMoments(n);
    return ({ close }, out, from, to) => {
      const variance = out[0]!;
      for (let i = from; i < to; i++) {
        moments.push(close[i]!);
        variance[i] = moments.variance;
      }
    };
  },
};

const rvol: Definition = {
  name: "rvol",
  meaning: "realised volatility: root mean square of n log returns",
  source: "Andersen, Bollerslev 1998",
  params: [bars("n", 30)],
  outputs: VOLATILITY,
  warmUp: (n) => n + 1,
  make: (n) => {
    const before = new Previous();
    const squares = new WindowSum(n);
    return ({ close }, out, from, to) => {
      const rvol = out[0]!;
      for (let i = from; i < to; i++) {
        const move = Math.log(close[i]! / before.push(close[i]!));
        rvol[i] = Math.sqrt(squares.push(move * move) / n);
      }
    };
  },
};

const ewmavol: Definition = {
  name: "ewmavol",
  meaning: "root of the exponential average, span n, of squared log returns",
  source: "RiskMetrics 1996",
  params: [bars("n", 60)],
  outputs: VOLATILITY,
  recursive: true,
  warmUp: (n) => n + 1,
  make: (n) => {
    const before = new Previous();
    const average = new Ema(n);
    return ({ close }, out, from, to) => {
      const ewmavol = out[0]!;
      for (let i = from; i < to; i++) {
        const move = Math.log(close[i]! / before.push(close[i]!));
        if (!Number.isNaN(move)) average.push(move * move);
        ewmavol[i] = Math.sqrt(average.value);
      }
    };
  },
};

const parkinson: Definition = {
  name: "parkinson",
  meaning: "√(mean over n of ln(high / low)² / (4 ln 2))",
  source: "Parkinson 1980",
  params: [bars("n", 30)],
  outputs: VOLATILITY,
  warmUp: (n) => n,
  make: (n) => {
    const squares = new WindowSum(n);
    const scale = 1 / (4 * Math.LN2 * n);
    return ({ high, low }, out, from, to) => {
      const parkinson = out[0]!;
      for (let i = from; i < to; i++) {
        const range = Math.log(high[i]! / low[i]!);
        parkinson[i] = Math.sqrt(squares.push(range * range) * scale);
      }
    };
  },
};

const garmanklass: Definition = {
  name: "garmanklass",
  meaning: "√(mean over n of ln(high / low)² / 2 − (2 ln 2 − 1) ln(close / open)²)",
  source: "Garman, Klass 1980",
  params: [bars("n", 30)],
  outputs: VOLATILITY,
  warmUp: (n) => n,
  make: (n) => {
    const squares = new WindowSum(n);
    const share = 2 * Math.LN2 - 1;
    return ({ open, high, low, close }, out, from, to) => {
      const garmanklass = out[0]!;
      for (let i = from; i < to; i++) {
        const range = Math.log(high[i]! / low[i]!);
        const body = Math.log(close[i]! / open[i]!);
        garmanklass[i] = Math.sqrt(squares.push(range * range * 0.5 - share * body * body) / n);
      }
    };
  },
};

const rogerssatchell: Definition = {
  name: "rogerssatchell",
  meaning:
    "√(mean over n of ln(high / close) ln(high / open) + ln(low / close) ln(low / open)): no bias by a drift",
  source: "Rogers, Satchell 1991",
  params: [bars("n", 30)],
  outputs: VOLATILITY,
  warmUp: (n) => n,
  make: (n) => {
    const sum = new WindowSum(n);
    return ({ open, high, low, close }, out, from, to) => {
      const rogerssatchell = out[0]!;
      for (let i = from; i < to; i++) {
        const above = Math.log(high[i]! / close[i]!) * Math.log(high[i]! / open[i]!);
        const below = Math.log(low[i]! / close[i]!) * Math.log(low[i]! / open[i]!);
        rogerssatchell[i] = Math.sqrt(sum.push(above + below) / n);
      }
    };
  },
};

const yangzhang: Definition = {
  name: "yangzhang",
  meaning:
    "√(variance of ln(open / previous close) + k · variance of ln(close / open) + (1 − k) · Rogers-Satchell), k = 0.34 / (1.34 + (n + 1) / (n − 1)), sample variances over n",
  source: "Yang, Zhang 2000",
  params: [bars("n", 30, 2)],
  outputs: VOLATILITY,
  warmUp: (n) => n + 1,
  make: (n) => {
    const before = new Previous();
    const jumps = new WindowMoments(n);
    const bodies = new WindowMoments(n);
    const inside = new WindowSum(n);
    const k = 0.34 / (1.34 + (n + 1) / (n - 1));
    const unbiased = n / (n - 1);
    return ({ open, high, low, close }, out, from, to) => {
      const yangzhang = out[0]!;
      for (let i = from; i < to; i++) {
        const jump = Math.log(open[i]! / before.push(close[i]!));
        if (!Number.isNaN(jump)) jumps.push(jump);
        bodies.push(Math.log(close[i]! / open[i]!));
        const above = Math.log(high[i]! / close[i]!) * Math.log(high[i]! / open[i]!);
        const below = Math.log(low[i]! / close[i]!) * Math.log(low[i]! / open[i]!);
        const daily = inside.push(above + below) / n;
        yangzhang[i] = Math.sqrt(
          unbiased * jumps.variance + k * unbiased * bodies.variance + (1 - k) * daily,
        );
      }
    };
  },
};

const ulcer: Definition = {
  name: "ulcer",
  meaning: "root mean square over n of the fall, in percent, below the highest close of n",
  source: "Martin 1987",
  params: [bars("n", 14)],
  outputs: { "": "percent" },
  warmUp: (n) => 2 * n - 1,
  make: (n) => {
    const top = new WindowMax(n);
    const squares = new WindowSum(n);
    return ({ close }, out, from, to) => {
      const ulcer = out[0]!;
      for (let i = from; i < to; i++) {
        const highest = top.push(close[i]!);
        const fall = percentOf(highest - close[i]!, highest, 0);
        ulcer[i] = Math.sqrt(squares.push(fall * fall) / n);
      }
    };
  },
};

export const VOLATILITIES: Family = {
  name: "volatility",
  title: "Volatility",
  definitions: [
    ...RANGES,
    stddev,
    variance,
    rvol,
    ewmavol,
    parkinson,
    garmanklass,
    rogerssatchell,
    yangzhang,
    ulcer,
  ],
};

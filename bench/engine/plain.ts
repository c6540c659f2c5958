/** The 21 indicators as plain loops over typed arrays, as one would write them once, for one place: running sums, direct searches. */
import type { Bars } from "../../src/features/library/indicator.ts";

type Values = Float64Array;
const make = (like: Values): Values => new Float64Array(like.length).fill(Number.NaN);

function sma(x: Values, n: number): Values {
  const out = make(x);
  let sum = 0;
  for (let i = 0; i < x.length; i++) {
    sum += x[i]!;
    if (i >= n) sum -= x[i - n]!;
    if (i >= n - 1) out[i] = sum / n;
  }
  return out;
}

/** Begun as the mean of the first n values from `from` on. */
function smoothed(x: Values, n: number, weight: number, from = 0): Values {
  const out = make(x);
  let value = 0;
  for (let i = from; i < from + n; i++) value += x[i]! / n;
  out[from + n - 1] = value;
  for (let i = from + n; i < x.length; i++) {
    value += (x[i]! - value) * weight;
    out[i] = value;
  }
  return out;
}

const ema = (x: Values, n: number, from = 0): Values => smoothed(x, n, 2 / (n + 1), from);

function wma(x: Values, n: number): Values {
  const out = make(x);
  const weights = (n * (n + 1)) / 2;
  let sum = 0;
  let weighted = 0;
  for (let i = 0; i < x.length; i++) {
    if (i < n) {
      sum += x[i]!;
      weighted += (i + 1) * x[i]!;
    } else {
      weighted += n * x[i]! - sum;
      sum += x[i]! - x[i - n]!;
    }
    if (i >= n - 1) out[i] = weighted / weights;
  }
  return out;
}

function rsi(x: Values, n: number): Values {
  const gains = make(x);
  const losses = make(x);
  for (let i = 1; i < x.length; i++) {
    gains[i] = Math.max(x[i]! - x[i - 1]!, 0);
    losses[i] = Math.max(x[i - 1]! - x[i]!, 0);
  }
  const gain = smoothed(gains, n, 1 / n, 1);
  const loss = smoothed(losses, n, 1 / n, 1);
  return gain.map((value, i) => (100 * value) / (value + loss[i]!));
}

function macd(x: Values, fast: number, slow: number, signal: number): Values[] {
  const quick = ema(x, fast);
  const calm = ema(x, slow);
  const line = make(x);
  for (let i = slow - 1; i < x.length; i++) line[i] = quick[i]! - calm[i]!;
  const smooth = ema(line, signal, slow - 1);
  const hist = make(x);
  for (let i = 0; i < x.length; i++) hist[i] = line[i]! - smooth[i]!;
  return [line, smooth, hist];
}

function ppo(x: Values, fast: number, slow: number): Values {
  const quick = ema(x, fast);
  const calm = ema(x, slow);
  return quick.map((value, i) => (100 * (value - calm[i]!)) / calm[i]!);
}

function trix(x: Values, n: number): Values {
  const thrice = ema(ema(ema(x, n), n, n - 1), n, 2 * n - 2);
  const out = make(x);
  for (let i = 3 * n - 2; i < x.length; i++) out[i] = 100 * (thrice[i]! / thrice[i - 1]! - 1);
  return out;
}

function roc(x: Values, n: number): Values {
  const out = make(x);
  for (let i = n; i < x.length; i++) out[i] = 100 * (x[i]! / x[i - n]! - 1);
  return out;
}

function highest(x: Values, n: number): Values {
  const out = make(x);
  for (let i = n - 1; i < x.length; i++) {
    let best = x[i]!;
    for (let k = i - n + 1; k < i; k++) if (x[k]! > best) best = x[k]!;
    out[i] = best;
  }
  return out;
}

function lowest(x: Values, n: number): Values {
  const out = make(x);
  for (let i = n - 1; i < x.length; i++) {
    let best = x[i]!;
    for (let k = i - n + 1; k < i; k++) if (x[k]! < best) best = x[k]!;
    out[i] = best;
  }
  return out;
}

function willr({ high, low, close }: Bars, n: number): Values {
  const top = highest(high, n);
  const bottom = lowest(low, n);
  return close.map((value, i) => (-100 * (top[i]! - value)) / (top[i]! - bottom[i]!));
}

function stoch({ high, low, close }: Bars, n: number, k: number, d: number): Values[] {
  const top = highest(high, n);
  const bottom = lowest(low, n);
  const raw = close.map((value, i) => (100 * (value - bottom[i]!)) / (top[i]! - bottom[i]!));
  const part = sma(raw.subarray(n - 1), k);
  const smooth = make(close);
  smooth.set(part, n - 1);
  const slow = make(close);
  slow.set(sma(part.subarray(k - 1), d), n + k - 2);
  return [raw, smooth, slow];
}

function cci({ high, low, close }: Bars, n: number): Values {
  const typical = close.map((value, i) => (high[i]! + low[i]! + value) / 3);
  const mean = sma(typical, n);
  const out = make(close);
  for (let i = n - 1; i < close.length; i++) {
    let away = 0;
    for (let k = i - n + 1; k <= i; k++) away += Math.abs(typical[k]! - mean[i]!);
    out[i] = ((typical[i]! - mean[i]!) * n) / (0.015 * away);
  }
  return out;
}

function mfi({ high, low, close, volume }: Bars, n: number): Values {
  const typical = close.map((value, i) => (high[i]! + low[i]! + value) / 3);
  const rising = new Float64Array(close.length);
  const falling = new Float64Array(close.length);
  for (let i = 1; i < close.length; i++) {
    if (typical[i]! > typical[i - 1]!) rising[i] = typical[i]! * volume[i]!;
    else if (typical[i]! < typical[i - 1]!) falling[i] = typical[i]! * volume[i]!;
  }
  const up = sma(rising.subarray(1), n);
  const down = sma(falling.subarray(1), n);
  const out = make(close);
  for (let i = 1; i < close.length; i++) out[i] = (100 * up[i - 1]!) / (up[i - 1]! + down[i - 1]!);
  return out;
}

function aroon({ high, low }: Bars, n: number): Values[] {
  const up = make(high);
  const down = make(high);
  const osc = make(high);
  for (let i = n; i < high.length; i++) {
    let top = i;
    let bottom = i;
    for (let k = i - 1; k >= i - n; k--) {
      if (high[k]! > high[top]!) top = k;
      if (low[k]! < low[bottom]!) bottom = k;
    }
    up[i] = (100 * (n - (i - top))) / n;
    down[i] = (100 * (n - (i - bottom))) / n;
    osc[i] = up[i]! - down[i]!;
  }
  return [up, down, osc];
}

function trueRange({ high, low, close }: Bars): Values {
  const out = make(close);
  out[0] = high[0]! - low[0]!;
  for (let i = 1; i < close.length; i++)
    out[i] = Math.max(high[i]!, close[i - 1]!) - Math.min(low[i]!, close[i - 1]!);
  return out;
}

function adx(bars: Bars, n: number): Values[] {
  const { high, low, close } = bars;
  const rise = make(close);
  const fall = make(close);
  for (let i = 1; i < close.length; i++) {
    const up = high[i]! - high[i - 1]!;
    const down = low[i - 1]! - low[i]!;
    rise[i] = up > down && up > 0 ? up : 0;
    fall[i] = down > up && down > 0 ? down : 0;
  }
  const range = smoothed(trueRange(bars), n, 1 / n, 1);
  const up = smoothed(rise, n, 1 / n, 1);
  const down = smoothed(fall, n, 1 / n, 1);
  const plus = up.map((value, i) => (100 * value) / range[i]!);
  const minus = down.map((value, i) => (100 * value) / range[i]!);
  const dx = plus.map((value, i) => (100 * Math.abs(value - minus[i]!)) / (value + minus[i]!));
  return [smoothed(dx, n, 1 / n, n), plus, minus];
}

function bbands(x: Values, n: number, k: number): Values[] {
  const [upper, middle, lower] = [make(x), make(x), make(x)];
  let sum = 0;
  let squares = 0;
  for (let i = 0; i < x.length; i++) {
    sum += x[i]!;
    squares += x[i]! * x[i]!;
    if (i >= n) {
      sum -= x[i - n]!;
      squares -= x[i - n]! * x[i - n]!;
    }
    if (i < n - 1) continue;
    const mean = sum / n;
    const reach = k * Math.sqrt(Math.max(0, squares / n - mean * mean));
    middle[i] = mean;
    upper[i] = mean + reach;
    lower[i] = mean - reach;
  }
  return [upper, middle, lower];
}

function obv({ close, volume }: Bars): Values {
  const out = make(close);
  let total = volume[0]!;
  out[0] = total;
  for (let i = 1; i < close.length; i++) {
    if (close[i]! > close[i - 1]!) total += volume[i]!;
    else if (close[i]! < close[i - 1]!) total -= volume[i]!;
    out[i] = total;
  }
  return out;
}

function ad({ high, low, close, volume }: Bars): Values {
  const out = make(close);
  let total = 0;
  for (let i = 0; i < close.length; i++) {
    const range = high[i]! - low[i]!;
    if (range > 0) total += (volume[i]! * (close[i]! - low[i]! - (high[i]! - close[i]!))) / range;
    out[i] = total;
  }
  return out;
}

function ao({ high, low }: Bars): Values {
  const middle = high.map((value, i) => (value + low[i]!) / 2);
  const fast = sma(middle, 5);
  const slow = sma(middle, 34);
  return fast.map((value, i) => value - slow[i]!);
}

/** In the order of COLUMNS (indicators.ts). */
export function plain(bars: Bars): Values[] {
  const { close } = bars;
  return [
    sma(close, 20),
    ema(close, 20),
    wma(close, 20),
    smoothed(close, 14, 1 / 14),
    rsi(close, 14),
    ...macd(close, 12, 26, 9),
    ppo(close, 12, 26),
    trix(close, 15),
    roc(close, 10),
    willr(bars, 14),
    ...stoch(bars, 14, 3, 3),
    cci(bars, 20),
    mfi(bars, 14),
    ...aroon(bars, 14),
    ...adx(bars, 14),
    smoothed(trueRange(bars), 14, 1 / 14),
    ...bbands(close, 20, 2),
    obv(bars),
    ad(bars),
    ao(bars),
    trueRange(bars),
  ];
}

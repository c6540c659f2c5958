/** The 21 indicators by other libraries, where these are installed (`npm ci --prefix bench/engine`). */
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import type { Bars } from "../../src/features/library/indicator.ts";

const require = createRequire(import.meta.url);
// Other people's packages without types of ours.
// biome-ignore lint/suspicious/noExplicitAny: untyped packages
type Any = any;

async function load(name: string): Promise<Any | undefined> {
  try {
    return await import(pathToFileURL(require.resolve(name)).href);
  } catch {
    try {
      return require(name);
    } catch {
      return undefined;
    }
  }
}

export const versionOf = (name: string): string => {
  const { dependencies } = require("./package.json") as { dependencies: Record<string, string> };
  return `${name} ${dependencies[name]}`;
};

type Arrays = Record<"high" | "low" | "close" | "volume", number[]>;
const arraysOf = (bars: Bars): Arrays => ({
  high: Array.from(bars.high),
  low: Array.from(bars.low),
  close: Array.from(bars.close),
  volume: Array.from(bars.volume),
});

/** A batch run of @ixjb94/indicators, its synchronous class, on arrays made before. */
export async function ixjb94(bars: Bars): Promise<(() => unknown) | undefined> {
  const library = await load("@ixjb94/indicators");
  if (!library) return undefined;
  const ta = new (library.IndicatorsSync ?? library.default.IndicatorsSync)();
  const { high, low, close, volume } = arraysOf(bars);
  return () => [
    ta.sma(close, 20),
    ta.ema(close, 20),
    ta.wma(close, 20),
    ta.wilders(close, 14),
    ta.rsi(close, 14),
    ta.macd(close, 12, 26, 9),
    ta.ppo(close, 12, 26),
    ta.trix(close, 15),
    ta.roc(close, 10),
    ta.willr(high, low, close, 14),
    ta.stoch(high, low, close, 14, 3, 3),
    ta.cci(high, low, close, 20),
    ta.mfi(high, low, close, volume, 14),
    ta.aroon(high, low, 14),
    ta.adx(high, low, 14),
    ta.atr(high, low, close, 14),
    ta.bbands(close, 20, 2),
    ta.obv(close, volume),
    ta.ad(high, low, close, volume),
    ta.ao(high, low),
    ta.tr(high, low, close),
  ];
}

/** A batch run of fast-technical-indicators, on arrays made before. */
export async function fastTechnical(bars: Bars): Promise<(() => unknown) | undefined> {
  const ta = await load("fast-technical-indicators");
  if (!ta) return undefined;
  const { high, low, close, volume } = arraysOf(bars);
  const of = (values: number[], period: number): object => ({ values, period });
  const candle = (period: number): object => ({ high, low, close, period });
  const macd = {
    values: close,
    fastPeriod: 12,
    slowPeriod: 26,
    signalPeriod: 9,
    SimpleMAOscillator: false,
    SimpleMASignal: false,
  };
  return () => [
    ta.sma(of(close, 20)),
    ta.ema(of(close, 20)),
    ta.wma(of(close, 20)),
    ta.wildersmoothing(of(close, 14)),
    ta.rsi(of(close, 14)),
    ta.macd(macd),
    ta.ppo(macd),
    ta.trix(of(close, 15)),
    ta.roc(of(close, 10)),
    ta.williamsr(candle(14)),
    ta.stochastic({ ...candle(14), signalPeriod: 3 }),
    ta.cci(candle(20)),
    ta.mfi({ ...candle(14), volume }),
    ta.aroon({ high, low, period: 14 }),
    ta.adx(candle(14)),
    ta.atr(candle(14)),
    ta.bollingerbands({ ...of(close, 20), stdDev: 2 }),
    ta.obv({ close, volume }),
    ta.adl({ high, low, close, volume }),
    ta.awesomeoscillator({ high, low, fastPeriod: 5, slowPeriod: 34 }),
    ta.truerange({ high, low, close }),
  ];
}

/** A stream of trading-signals: feeds all bars, one by one, to fresh indicators. */
export async function tradingSignals(bars: Bars): Promise<(() => unknown) | undefined> {
  const ts = await load("trading-signals");
  if (!ts) return undefined;
  const candles = Array.from(bars.close, (close, i) => ({
    open: bars.open[i]!,
    high: bars.high[i]!,
    low: bars.low[i]!,
    close,
    volume: bars.volume[i]!,
  }));
  return () => {
    const ofPrice = [
      new ts.SMA(20),
      new ts.EMA(20),
      new ts.WMA(20),
      new ts.RMA(14),
      new ts.RSI(14),
      new ts.MACD(new ts.EMA(12), new ts.EMA(26), new ts.EMA(9)),
      new ts.PPO({ fastPeriod: 12, slowPeriod: 26 }),
      new ts.TRIX(15),
      new ts.ROC(10),
      new ts.BollingerBands(20, 2),
    ];
    const ofCandle = [
      new ts.WilliamsR(14),
      new ts.StochasticOscillator({ kPeriod: 14, kSlowingPeriod: 3, dPeriod: 3 }),
      new ts.CCI(20),
      new ts.MFI(14),
      new ts.Aroon(14),
      new ts.ADX(14),
      new ts.ATR(14),
      new ts.OBV(2),
      new ts.AD(),
      new ts.AO(5, 34),
      new ts.TR(),
    ];
    for (const candle of candles) {
      for (const one of ofPrice) one.update(candle.close, false);
      for (const one of ofCandle) one.update(candle, false);
    }
    return [ofPrice, ofCandle];
  };
}

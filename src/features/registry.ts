/**
 * Every feature there is: its name, unit, bounds, warm-up and what it is made of. Documents, the specification's
 * validation and the engine all read this table; the position in it is the position in the raw vectors.
 *
 * All features are free of scale: multiplying every price (or every quantity) by a constant changes none of them.
 */

/** The input a feature is made of. All but candles may be absent, and then have a presence flag of 0. */
export type FeatureGroup = "candles" | "book" | "funding" | "openInterest" | "fearGreed" | "headlines";

export type FeatureDefinition = {
  readonly name: string;
  readonly group: FeatureGroup;
  readonly unit: string;
  readonly meaning: string;
  /** Values are clipped to [low, high]. */
  readonly low: number;
  readonly high: number;
  /** Candles before the value is defined. */
  readonly warmUpCandles: number;
  /** Candles after which the state the recursion started from moves the value by less than {@link FEATURE_QUANTUM}. */
  readonly settleCandles: number;
};

/** Every feature is a multiple of this. */
export const FEATURE_QUANTUM = 1e-6;

const candle = (
  name: string,
  unit: string,
  [low, high]: readonly [number, number],
  warmUpCandles: number,
  settleCandles: number,
  meaning: string,
): FeatureDefinition => ({ name, group: "candles", unit, meaning, low, high, warmUpCandles, settleCandles });

/** Exponential averages forget e^-2 every span; 11.5 spans leave less than 1e-6 of a start that was 1e4 off. */
const spans = (span: number): number => Math.ceil(11.5 * span);

/** Computed once per closed candle. */
export const CANDLE_FEATURES: readonly FeatureDefinition[] = [
  candle("ret_1", "log return", [-0.25, 0.25], 2, 2, "ln(close / close 1 candle ago)"),
  candle("ret_5", "log return", [-0.25, 0.25], 6, 6, "ln(close / close 5 candles ago)"),
  candle("ret_15", "log return", [-0.25, 0.25], 16, 16, "ln(close / close 15 candles ago)"),
  candle("ret_60", "log return", [-0.25, 0.25], 61, 61, "ln(close / close 60 candles ago)"),
  candle("move_1", "standard deviations", [-8, 8], 61, 600, "ret_1 / EWMA deviation"),
  candle("move_5", "standard deviations", [-8, 8], 61, 600, "ret_5 / (EWMA deviation × √5)"),
  candle("move_15", "standard deviations", [-8, 8], 61, 600, "ret_15 / (EWMA deviation × √15)"),
  candle("move_60", "standard deviations", [-8, 8], 61, 600, "ret_60 / (EWMA deviation × √60)"),
  candle("ema_12", "ATR", [-15, 15], 14, spans(27), "(close − EMA(12)) / ATR(14)"),
  candle("ema_26", "ATR", [-15, 15], 26, spans(27), "(close − EMA(26)) / ATR(14)"),
  candle("ema_50", "ATR", [-15, 15], 50, spans(50), "(close − EMA(50)) / ATR(14)"),
  candle("rsi_14", "share", [-1, 1], 15, spans(27), "(RSI(14) − 50) / 50, Wilder"),
  candle("macd_hist", "ATR", [-8, 8], 35, spans(35), "(MACD(12, 26) − its EMA(9)) / ATR(14)"),
  candle("bb_pos", "band widths", [-2, 2], 20, 20, "Bollinger %b(20, 2) − 0.5"),
  candle("bb_width", "share of price", [0, 0.5], 20, 20, "(upper band − lower band) / middle band"),
  candle("atr_ratio", "share of price", [0, 0.25], 15, spans(27), "ATR(14) / close, Wilder"),
  candle("vol_30", "log return", [0, 0.25], 31, 31, "root mean square of ret_1 over 30 candles"),
  candle("vol_ratio", "ratio", [0, 8], 61, 61, "root mean square of ret_1 over 10 candles / over 60 candles"),
  candle("volume_z", "standard deviations", [-8, 8], 60, 60, "(volume − mean of 60) / deviation of 60"),
  candle("body", "share of range", [-1, 1], 1, 1, "(close − open) / (high − low)"),
  candle("wick_up", "share of range", [0, 1], 1, 1, "(high − top of the body) / (high − low)"),
  candle("wick_down", "share of range", [0, 1], 1, 1, "(bottom of the body − low) / (high − low)"),
  candle(
    "donchian_20",
    "share of channel",
    [-0.5, 0.5],
    20,
    20,
    "(close − low of 20) / (high of 20 − low of 20) − 0.5",
  ),
  candle("tod_sin", "unit circle", [-1, 1], 1, 1, "sine of the close's time of day, UTC"),
  candle("tod_cos", "unit circle", [-1, 1], 1, 1, "cosine of the close's time of day, UTC"),
];

const still = (
  name: string,
  group: FeatureGroup,
  unit: string,
  [low, high]: readonly [number, number],
  meaning: string,
): FeatureDefinition => ({ name, group, unit, meaning, low, high, warmUpCandles: 0, settleCandles: 0 });

const flag = (name: string, group: FeatureGroup): FeatureDefinition =>
  still(name, group, "flag", [0, 1], `1 when the ${group} inputs are present, else 0 and all of them are 0`);

/** Computed once per decision, from inputs at or before the cut-off. */
export const STATIC_FEATURES: readonly FeatureDefinition[] = [
  flag("book_present", "book"),
  still("imbalance_1", "book", "share", [-1, 1], "(bid − ask quantity) / both, best level"),
  still("imbalance_5", "book", "share", [-1, 1], "(bid − ask quantity) / both, 5 levels"),
  still("imbalance_15", "book", "share", [-1, 1], "(bid − ask quantity) / both, 15 levels"),
  still("spread_bps", "book", "bps", [0, 100], "(best ask − best bid) / mid"),
  still(
    "micro_bps",
    "book",
    "bps",
    [-50, 50],
    "(microprice − mid) / mid, microprice weighted by the opposite quantity",
  ),
  still(
    "slope_bid",
    "book",
    "ratio",
    [0, 4],
    "growth of cumulative bid share over relative distance from mid; 1 = even",
  ),
  still(
    "slope_ask",
    "book",
    "ratio",
    [0, 4],
    "growth of cumulative ask share over relative distance from mid; 1 = even",
  ),
  flag("funding_present", "funding"),
  still("funding_last", "funding", "bps", [-50, 50], "last settled funding rate"),
  still("funding_mean_3", "funding", "bps", [-50, 50], "mean of the last 3 settled funding rates"),
  flag("open_interest_present", "openInterest"),
  still(
    "open_interest_change",
    "openInterest",
    "log ratio",
    [-1, 1],
    "ln(last / first recorded open interest)",
  ),
  flag("fear_greed_present", "fearGreed"),
  still("fear_greed", "fearGreed", "share", [-1, 1], "fear & greed, −1 extreme fear … 1 extreme greed"),
  flag("headlines_present", "headlines"),
  still("headlines", "headlines", "score", [-1, 1], "headline score, −1 … 1"),
];

/** A sample older than this at the cut-off counts as absent. Candles must be exact and have no age. */
export const MAX_AGE_MS: Readonly<Record<Exclude<FeatureGroup, "candles">, number>> = {
  book: 60_000,
  funding: 24 * 3_600_000,
  openInterest: 10 * 60_000,
  fearGreed: 48 * 3_600_000,
  headlines: 6 * 3_600_000,
};

const indexByName = (definitions: readonly FeatureDefinition[]): ReadonlyMap<string, number> =>
  new Map(definitions.map((definition, index) => [definition.name, index]));

/** Position of each per-candle feature in a raw vector. */
export const CANDLE_INDEX = indexByName(CANDLE_FEATURES);
/** Position of each decision-time feature in a raw vector. */
export const STATIC_INDEX = indexByName(STATIC_FEATURES);

/** Clips to the definition's bounds and rounds to {@link FEATURE_QUANTUM}. NaN stays NaN (callers refuse it). */
export function settleValue(definition: FeatureDefinition, value: number): number {
  const clipped = value < definition.low ? definition.low : value > definition.high ? definition.high : value;
  return Math.round(clipped * 1e6) / 1e6;
}

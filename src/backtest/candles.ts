/** Columns of candles, a chunk at a time: rows oldest first, all of one length. */
export type Candles = {
  readonly closeTimeMs: Float64Array;
  readonly open: Float64Array;
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly close: Float64Array;
  /** In the base currency. */
  readonly volume: Float64Array;
};

/** Settled funding, ascending. `rate` is the share of the notional that longs pay. */
export type Funding = { readonly timeMs: Float64Array; readonly rate: Float64Array };
export const NO_FUNDING: Funding = { timeMs: new Float64Array(0), rate: new Float64Array(0) };

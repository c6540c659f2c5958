/** Columns of candles, a chunk at a time: rows oldest first, all of one length. */
import type { Bars } from "../features/library/indicator.ts";

/** Volume is in the base currency. */
export type Candles = Pick<Bars, "closeTimeMs" | "open" | "high" | "low" | "close" | "volume">;

/** Settled funding, ascending. `rate` is the share of the notional that longs pay. */
export type Funding = { readonly timeMs: Float64Array; readonly rate: Float64Array };
export const NO_FUNDING: Funding = { timeMs: new Float64Array(0), rate: new Float64Array(0) };

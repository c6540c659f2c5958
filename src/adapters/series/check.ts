/** What makes a series of candles or of funding believable; the first row that is not ends it. */
import { type CsvFault, type CsvPart, csvError } from "./csv.ts";

export const CANDLE_COLUMNS = ["openTimeMs", "open", "high", "low", "close", "volume"] as const;
export const FUNDING_COLUMNS = ["fundingTimeMs", "rate"] as const;
/** 9999-12-31; later times are microseconds or worse. */
const LAST_MS = 253_402_300_799_999;
/** Of the notional, per interval: beyond it a rate is a percentage or a mistake. */
const MAX_RATE = 0.5;
const MINUTE_MS = 60_000;
/** Steps that a series of candles may have: a minute to a day. */
const STEPS_MS = new Set([1, 3, 5, 10, 15, 30, 60, 120, 240, 360, 480, 720, 1_440].map((n) => n * MINUTE_MS));

/** Open times of the candles on both sides. */
export type Gap = { fromMs: number; toMs: number };
/** Gaps that are kept one by one; the rest is counted. */
const MAX_GAPS = 100_000;

/** Looks at every row of a series in order. */
export class SeriesCheck {
  rows = 0;
  firstMs = Number.NaN;
  lastMs = Number.NaN;
  /** The first ones. */
  readonly gaps: Gap[] = [];
  gapCount = 0;
  readonly #file: string;
  #stepMs: number;

  /** @param stepMs of candles, if it is known; 0: the smallest distance seen. */
  constructor(file: string, stepMs = 0) {
    this.#file = file;
    this.#stepMs = stepMs;
  }

  /** Candles between the first and the last that are not there. */
  get missing(): number {
    return this.#stepMs === 0 ? 0 : (this.lastMs - this.firstMs) / this.#stepMs + 1 - this.rows;
  }

  /** 0 as long as fewer than two candles have been seen. */
  get stepMs(): number {
    return this.#stepMs;
  }

  /** @throws UsageError `data.badFile` */
  candles({ columns, rows, firstLine }: CsvPart): void {
    const [time, open, high, low, close, volume] = columns as [
      Float64Array,
      Float64Array,
      Float64Array,
      Float64Array,
      Float64Array,
      Float64Array,
    ];
    for (let i = 0; i < rows; i++) {
      const [o, h, l, c] = [open[i]!, high[i]!, low[i]!, close[i]!];
      if (
        !(l > 0) ||
        h < o ||
        h < c ||
        l > o ||
        l > c ||
        !(volume[i]! >= 0) ||
        !(h < Number.POSITIVE_INFINITY)
      )
        throw csvError(this.#file, { line: firstLine + i, ...badCandle(o, h, l, c, volume[i]!) });
      this.#time(time[i]!, firstLine + i, CANDLE_COLUMNS[0]);
    }
  }

  /** @throws UsageError `data.badFile` */
  funding({ columns, rows, firstLine }: CsvPart): void {
    const [time, rate] = columns as [Float64Array, Float64Array];
    for (let i = 0; i < rows; i++) {
      if (!(Math.abs(rate[i]!) <= MAX_RATE))
        throw csvError(this.#file, {
          line: firstLine + i,
          field: "rate",
          why: `${rate[i]} is no share of the notional (at most ${MAX_RATE})`,
        });
      this.#order(time[i]!, firstLine + i, FUNDING_COLUMNS[0]);
    }
  }

  #time(ms: number, line: number, field: string): void {
    const before = this.lastMs;
    this.#order(ms, line, field);
    const distance = ms - before;
    if (distance === this.#stepMs || Number.isNaN(before)) return;
    // The first distances may have been gaps.
    const isShorter = this.#stepMs === 0 || (distance < this.#stepMs && this.#stepMs % distance === 0);
    if (isShorter && STEPS_MS.has(distance)) this.#stepMs = distance;
    else if (this.#stepMs === 0 || distance % this.#stepMs !== 0)
      throw csvError(this.#file, {
        line,
        field,
        why: `${ms} is ${distance} ms after the row before, which is no multiple of ${this.#stepMs === 0 ? "a minute" : `the step of ${this.#stepMs} ms`}`,
      });
    else {
      this.gapCount += 1;
      if (this.gaps.length < MAX_GAPS) this.gaps.push({ fromMs: before, toMs: ms });
    }
  }

  #order(ms: number, line: number, field: string): void {
    const fault = (why: string): never => {
      throw csvError(this.#file, { line, field, why } satisfies CsvFault);
    };
    if (!Number.isInteger(ms) || ms < 0 || ms > LAST_MS) fault(`${ms} is no time in UTC milliseconds`);
    if (ms === this.lastMs) fault(`${ms} is there twice`);
    if (ms < this.lastMs) fault(`${ms} comes after ${this.lastMs}; times must ascend`);
    if (this.rows === 0) this.firstMs = ms;
    this.lastMs = ms;
    this.rows += 1;
  }
}

function badCandle(
  open: number,
  high: number,
  low: number,
  close: number,
  volume: number,
): Omit<CsvFault, "line"> {
  const names = { open, high, low, close };
  for (const [field, value] of Object.entries(names))
    if (!(value > 0 && Number.isFinite(value))) return { field, why: `${value} is no price` };
  if (!(volume >= 0 && Number.isFinite(volume))) return { field: "volume", why: `${volume} is no volume` };
  if (high < low) return { field: "high", why: `${high} is below the low, ${low}` };
  if (high < open || high < close)
    return {
      field: "high",
      why: `${high} is below the ${high < open ? "open" : "close"}, ${high < open ? open : close}`,
    };
  return {
    field: "low",
    why: `${low} is above the ${low > open ? "open" : "close"}, ${low > open ? open : close}`,
  };
}

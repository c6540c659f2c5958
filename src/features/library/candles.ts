/** What several indicators ask of a candle and those before it. */

/** True range: the candle's range, stretched to the previous close. The first candle's is its own range. */
export class TrueRange {
  private previous = Number.NaN;

  push(high: number, low: number, close: number): number {
    const { previous } = this;
    this.previous = close;
    return (previous > high ? previous : high) - (previous < low ? previous : low);
  }
}

/** The last value; NaN before the first. */
export class Previous {
  private value = Number.NaN;

  push(value: number): number {
    const before = this.value;
    this.value = value;
    return before;
  }
}

/** A running total, begun at 0. */
export class Total {
  value = 0;
  add(amount: number): number {
    this.value += amount;
    return this.value;
  }
}

export const percentOf = (part: number, whole: number, otherwise: number): number =>
  whole > 0 ? (100 * part) / whole : otherwise;

/**
 * Sliding windows in constant time per value, without allocation and without drift. A window is the tail of one block
 * and the head of the next: sums over tails are taken once per block, backwards; the head's sum grows by addition.
 * Nothing is ever subtracted, so a value that has left the window leaves no rounding behind, nor does a NaN.
 *
 * Until `n` values have been pushed, a window holds what there is. `n | 0` keeps the span a small integer in the
 * processor, whatever array of numbers it came out of.
 */

/** A centre of NaN would outlive its window. */
const centreAt = (value: number): number => (Number.isNaN(value) ? 0 : value);

/** Sum of the last `n` values. */
export class WindowSum {
  private readonly n: number;
  /** Below `at`: values of this block. From `at` on: sums of the last block's values from there to its end. */
  private readonly tails: Float64Array;
  private head = 0;
  private at = 0;

  constructor(n: number) {
    this.n = n | 0;
    this.tails = new Float64Array(n + 1);
  }

  push(value: number): number {
    const { tails, at } = this;
    const head = this.head + value;
    const sum = head + tails[at + 1]!;
    tails[at] = value;
    this.head = head;
    this.at = at + 1;
    if (at + 1 === this.n) this.turn();
    return sum;
  }

  private turn(): void {
    const { tails } = this;
    let sum = 0;
    for (let i = this.n - 1; i >= 0; i--) {
      sum += tails[i]!;
      tails[i] = sum;
    }
    this.head = 0;
    this.at = 0;
  }
}

/** Highest of the last `n` values; the lowest is minus the highest of minus the values. */
export class WindowMax {
  private readonly n: number;
  /** Below `at`: values of this block. From `at` on: the highest of the last block from there to its end. */
  private readonly tails: Float64Array;
  private head = Number.NEGATIVE_INFINITY;
  private at = 0;

  constructor(n: number) {
    this.n = n | 0;
    this.tails = new Float64Array(n + 1).fill(Number.NEGATIVE_INFINITY);
  }

  push(value: number): number {
    const { tails, at } = this;
    const head = value >= this.head ? value : this.head;
    const tail = tails[at + 1]!;
    tails[at] = value;
    this.head = head;
    this.at = at + 1;
    if (at + 1 === this.n) this.turn();
    return head >= tail ? head : tail;
  }

  private turn(): void {
    const { tails } = this;
    let best = Number.NEGATIVE_INFINITY;
    for (let i = this.n - 1; i >= 0; i--) {
      if (tails[i]! > best) best = tails[i]!;
      else tails[i] = best;
    }
    this.head = Number.NEGATIVE_INFINITY;
    this.at = 0;
  }
}

/** How many values ago the highest of the last `n` was pushed, 0 to n − 1: the newest of equals. */
export class WindowAge {
  private readonly n: number;
  private readonly values: Float64Array;
  private best = Number.NEGATIVE_INFINITY;
  private age = 0;
  private at = 0;

  constructor(n: number) {
    this.n = n | 0;
    this.values = new Float64Array(n).fill(Number.NEGATIVE_INFINITY);
  }

  push(value: number): number {
    const { at, n } = this;
    this.values[at] = value;
    this.age += 1;
    if (value >= this.best) {
      this.best = value;
      this.age = 0;
    } else if (this.age === n) this.search();
    this.at = at + 1 === n ? 0 : at + 1;
    return this.age;
  }

  /** The highest has left: looks for the next, from the newest back. */
  private search(): void {
    const { values, at, n } = this;
    let best = Number.NEGATIVE_INFINITY;
    for (let ago = 0; ago < n; ago++) {
      const value = values[at >= ago ? at - ago : at - ago + n]!;
      if (value > best) {
        best = value;
        this.age = ago;
      }
    }
    this.best = best;
  }
}

/** Mean and population variance of the last `n` values, taken around a value of the window, so that a high level costs no digits. */
export class WindowMoments {
  mean = 0;
  variance = 0;
  private readonly n: number;
  private readonly values: Float64Array;
  private readonly tails: Float64Array;
  private readonly tailSquares: Float64Array;
  private centre = 0;
  private head = 0;
  private headSquares = 0;
  private at = 0;
  private count = 0;

  constructor(n: number) {
    this.n = n | 0;
    this.values = new Float64Array(n);
    this.tails = new Float64Array(n + 1);
    this.tailSquares = new Float64Array(n + 1);
  }

  push(value: number): void {
    const { at } = this;
    if (this.count < this.n) this.warm(value);
    const away = value - this.centre;
    const head = this.head + away;
    const headSquares = this.headSquares + away * away;
    const mean = (head + this.tails[at + 1]!) / this.count;
    const variance = (headSquares + this.tailSquares[at + 1]!) / this.count - mean * mean;
    this.values[at] = value;
    this.head = head;
    this.headSquares = headSquares;
    this.mean = this.centre + mean;
    this.variance = variance < 0 ? 0 : variance;
    this.at = at + 1;
    if (at + 1 === this.n) this.turn();
  }

  private warm(value: number): void {
    if (this.count === 0) this.centre = centreAt(value);
    this.count += 1;
  }

  private turn(): void {
    const { n, values, tails, tailSquares } = this;
    const centre = centreAt(values[n - 1]!);
    let sum = 0;
    let squares = 0;
    for (let i = n - 1; i >= 0; i--) {
      const away = values[i]! - centre;
      sum += away;
      squares += away * away;
      tails[i] = sum;
      tailSquares[i] = squares;
    }
    this.centre = centre;
    this.head = 0;
    this.headSquares = 0;
    this.at = 0;
  }
}

/** Plain mean, linearly weighted mean (weight 1 for the oldest, n for the newest) and least-squares slope of the last `n` values. */
export class WindowTrend {
  mean = 0;
  weightedMean = 0;
  /** Per value; 0 for n = 1. */
  slope = 0;
  private readonly n: number;
  private readonly weights: number;
  private readonly perGap: number;
  private readonly values: Float64Array;
  private readonly tails: Float64Array;
  private readonly tailWeighted: Float64Array;
  private centre = 0;
  private head = 0;
  private headWeighted = 0;
  private at = 0;
  private begun = false;

  constructor(n: number) {
    this.n = n | 0;
    this.weights = (n * (n + 1)) / 2;
    this.perGap = n > 1 ? 6 / (n - 1) : 0;
    this.values = new Float64Array(n);
    this.tails = new Float64Array(n + 1);
    this.tailWeighted = new Float64Array(n + 1);
  }

  push(value: number): void {
    if (!this.begun) this.begin(value);
    const { n, at } = this;
    const away = value - this.centre;
    const head = this.head + away;
    const headWeighted = this.headWeighted + (at + 1) * away;
    const mean = (head + this.tails[at + 1]!) / n;
    const weightedMean = (headWeighted + this.tailWeighted[at + 1]! + (n - at - 1) * head) / this.weights;
    this.values[at] = value;
    this.head = head;
    this.headWeighted = headWeighted;
    this.mean = this.centre + mean;
    this.weightedMean = this.centre + weightedMean;
    this.slope = (weightedMean - mean) * this.perGap;
    this.at = at + 1;
    if (at + 1 === n) this.turn();
  }

  private begin(value: number): void {
    this.centre = centreAt(value);
    this.begun = true;
  }

  private turn(): void {
    const { n, values, tails, tailWeighted } = this;
    const centre = centreAt(values[n - 1]!);
    let sum = 0;
    let weighted = 0;
    for (let i = n - 1; i >= 0; i--) {
      sum += values[i]! - centre;
      weighted += sum;
      tails[i] = sum;
      tailWeighted[i] = weighted;
    }
    this.centre = centre;
    this.head = 0;
    this.headWeighted = 0;
    this.at = 0;
  }
}

/** The value `n` pushes ago; NaN until there is one. */
export class Lag {
  private readonly values: Float64Array;
  private at = 0;

  constructor(n: number) {
    this.values = new Float64Array(n).fill(Number.NaN);
  }

  push(value: number): number {
    const { values, at } = this;
    const before = values[at]!;
    values[at] = value;
    this.at = at + 1 === values.length ? 0 : at + 1;
    return before;
  }
}

/** The two recursive averages. Both begin as the plain mean of what they have seen, which is the usual seed. */

/** Exponential average with span `n`: weight 2 / (n + 1) once n values have been seen. */
export class Ema {
  value = 0;
  private count = 0;
  private readonly span: number;
  private readonly weight: number;

  constructor(span: number, weight = 2 / (span + 1)) {
    // A small integer for the engine, whatever array it came out of.
    this.span = span | 0;
    this.weight = weight;
  }

  reset(): void {
    this.value = 0;
    this.count = 0;
  }

  /** Whether `n` values have been seen, so that the plain mean is over. */
  get warm(): boolean {
    return this.count >= this.span;
  }

  push(value: number): number {
    const away = value - this.value;
    if (this.count < this.span) {
      this.count += 1;
      this.value += away * (1 / this.count);
    } else this.value += away * this.weight;
    return this.value;
  }
}

/** Wilder's average over `n`: weight 1 / n. */
export const wilder = (n: number): Ema => new Ema(n, 1 / n);

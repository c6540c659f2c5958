/** The two recursive averages. Both begin as the plain mean of what they have seen, which is the usual seed. */

/** Exponential average with span `n`: weight 2 / (n + 1) once n values have been seen. */
export class Ema {
  value = 0;
  private count = 0;
  private readonly span: number;
  private readonly weight: number;

  constructor(span: number, weight = 2 / (span + 1)) {
    this.span = span;
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
    this.count += 1;
    this.value += (value - this.value) * (this.count <= this.span ? 1 / this.count : this.weight);
    return this.value;
  }
}

/** Wilder's average over `n`: weight 1 / n. */
export const wilder = (n: number): Ema => new Ema(n, 1 / n);

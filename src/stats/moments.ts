/** Mean, deviation, skew and kurtosis in one pass (Welford's update, third and fourth moment by Pébay). */

export type Moments = {
  /** Values that were numbers; NaN is skipped. */
  count: number;
  mean: number;
  /** Sample standard deviation (n − 1). NaN below two values. */
  std: number;
  /** Population skewness, m3 / m2^1.5. 0 when there is no spread. */
  skew: number;
  /** Population kurtosis, m4 / m2²; 3 for a normal distribution, and when there is no spread. */
  kurtosis: number;
};

/** Takes values one by one. */
export class RunningMoments {
  private n = 0;
  private mean = 0;
  private m2 = 0;
  private m3 = 0;
  private m4 = 0;

  add(value: number): void {
    const before = this.n;
    this.n += 1;
    const n = this.n;
    const delta = value - this.mean;
    const step = delta / n;
    const square = step * step;
    const term = delta * step * before;
    this.mean += step;
    this.m4 += term * square * (n * n - 3 * n + 3) + 6 * square * this.m2 - 4 * step * this.m3;
    this.m3 += term * step * (n - 2) - 3 * step * this.m2;
    this.m2 += term;
  }

  result(): Moments {
    const { n, m2, m3, m4 } = this;
    return {
      count: n,
      mean: n > 0 ? this.mean : Number.NaN,
      std: n > 1 ? Math.sqrt(m2 / (n - 1)) : Number.NaN,
      skew: m2 > 0 ? (Math.sqrt(n) * m3) / m2 ** 1.5 : 0,
      kurtosis: m2 > 0 ? (n * m4) / (m2 * m2) : 3,
    };
  }
}

/** Moments of all values that are not NaN. */
export function momentsOf(values: ArrayLike<number>): Moments {
  const running = new RunningMoments();
  for (let i = 0; i < values.length; i++) if (!Number.isNaN(values[i]!)) running.add(values[i]!);
  return running.result();
}

/** Arithmetic mean; NaN of nothing. */
export function meanOf(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum / values.length;
}

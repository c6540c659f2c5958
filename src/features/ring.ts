/** The last `capacity` numbers, without allocation. */
export class Ring {
  /** Values held, at most the capacity. */
  length = 0;
  private readonly values: Float64Array;
  private next = 0;

  constructor(capacity: number) {
    this.values = new Float64Array(capacity);
  }

  reset(): void {
    this.length = 0;
    this.next = 0;
  }

  push(value: number): void {
    this.values[this.next] = value;
    this.next = this.next + 1 === this.values.length ? 0 : this.next + 1;
    if (this.length < this.values.length) this.length += 1;
  }

  /** The value `ago` pushes before the newest (0 = newest). `ago` must be below {@link length}. */
  back(ago: number): number {
    let at = this.next - 1 - ago;
    if (at < 0) at += this.values.length;
    return this.values[at]!;
  }

  /** Mean of the newest min(n, length) values; summed afresh each time, so it never drifts. */
  mean(n: number): number {
    const count = Math.min(n, this.length);
    let sum = 0;
    for (let ago = 0; ago < count; ago++) sum += this.back(ago);
    return sum / count;
  }

  /** Population deviation of the newest min(n, length) values around `mean`. */
  deviation(n: number, mean: number): number {
    const count = Math.min(n, this.length);
    let sum = 0;
    for (let ago = 0; ago < count; ago++) {
      const distance = this.back(ago) - mean;
      sum += distance * distance;
    }
    return Math.sqrt(sum / count);
  }

  max(n: number): number {
    let best = this.back(0);
    for (let ago = 1; ago < Math.min(n, this.length); ago++) best = Math.max(best, this.back(ago));
    return best;
  }

  min(n: number): number {
    let best = this.back(0);
    for (let ago = 1; ago < Math.min(n, this.length); ago++) best = Math.min(best, this.back(ago));
    return best;
  }
}

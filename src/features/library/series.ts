/** Values by the moment they became known, asked in the order of time: what is known at a close, and what is new since the last. */
export class Series {
  private readonly knownAtMs: number[] = [];
  private readonly values: number[] = [];
  private readonly maxAgeMs: number;
  private next = 0;

  constructor(maxAgeMs: number) {
    this.maxAgeMs = maxAgeMs;
  }

  /** @returns false, without adding it, when the value is not later than the last one. */
  add(knownAtMs: number, value: number): boolean {
    const last = this.knownAtMs.at(-1);
    if (last !== undefined && knownAtMs <= last) return false;
    this.knownAtMs.push(knownAtMs);
    this.values.push(value);
    return true;
  }

  /** Passes over everything known at `timeMs`. @returns how many values that were, and their sum. */
  advance(timeMs: number): { count: number; sum: number } {
    const fresh = { count: 0, sum: 0 };
    while (this.next < this.values.length && this.knownAtMs[this.next]! <= timeMs) {
      fresh.count += 1;
      fresh.sum += this.values[this.next]!;
      this.next += 1;
    }
    return fresh;
  }

  /** The newest value passed; NaN when there is none, or when it is too old at `timeMs`. */
  latest(timeMs: number): number {
    const at = this.next - 1;
    return at >= 0 && timeMs - this.knownAtMs[at]! <= this.maxAgeMs ? this.values[at]! : Number.NaN;
  }
}

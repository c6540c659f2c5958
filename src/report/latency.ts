/** Wall-clock measurements of this process, outside the digest. Bounded memory: the newest samples are kept. */
const MAX_SAMPLES = 10_000;

export type Percentiles = { n: number; p50: number; p90: number; p99: number; max: number };

export class Latencies {
  readonly #closeToPublished: number[] = [];
  readonly #approvalToWire: number[] = [];

  closeToPublished(ms: number): void {
    keep(this.#closeToPublished, ms);
  }
  approvalToWire(ms: number): void {
    keep(this.#approvalToWire, ms);
  }

  percentiles(): { closeToPublished: Percentiles; approvalToWire: Percentiles } {
    return {
      closeToPublished: percentilesOf(this.#closeToPublished),
      approvalToWire: percentilesOf(this.#approvalToWire),
    };
  }
}

function keep(samples: number[], value: number): void {
  samples.push(value);
  if (samples.length > MAX_SAMPLES) samples.shift();
}

export function percentilesOf(samples: readonly number[]): Percentiles {
  const sorted = [...samples].sort((a, b) => a - b);
  const at = (fraction: number): number =>
    Math.round((sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * fraction))] ?? 0) * 1000) /
    1000;
  return { n: sorted.length, p50: at(0.5), p90: at(0.9), p99: at(0.99), max: at(1) };
}

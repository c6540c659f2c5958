/** Sample weights by average uniqueness: labels that share their time share their weight (López de Prado, ch. 4). */
import type { LabelSpan } from "../validation/index.ts";

/**
 * @returns for each label the average over its time (start, end] of 1 / (labels alive): 1 when it is alone, ½ when it
 * always has company of one. A label without duration weighs 1. Their sum is the number of labels' worth of
 * independent information.
 */
export function averageUniqueness(spans: readonly LabelSpan[]): Float64Array {
  const times = Float64Array.from(new Set(spans.flatMap(({ start, end }) => [start, end]))).sort();
  const at = new Map(Array.from(times, (time, i) => [time, i] as const));
  const born = new Int32Array(times.length);
  for (const { start, end } of spans) {
    born[at.get(start)!]! += 1;
    born[at.get(end)!]! -= 1;
  }
  // shared[i]: the integral of 1 / (labels alive) up to times[i].
  const shared = new Float64Array(times.length);
  let alive = 0;
  for (let i = 0; i + 1 < times.length; i++) {
    alive += born[i]!;
    shared[i + 1] = shared[i]! + (alive > 0 ? (times[i + 1]! - times[i]!) / alive : 0);
  }
  return Float64Array.from(spans, ({ start, end }) =>
    end > start ? (shared[at.get(end)!]! - shared[at.get(start)!]!) / (end - start) : 1,
  );
}

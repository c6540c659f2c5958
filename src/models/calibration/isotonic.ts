/** Isotonic calibration: the best fit that never falls, by pooling adjacent violators. Any monotone distortion; needs much data. */
import { allFinite, refuse, sameLength } from "../../stats/index.ts";

/** Knots of a line that never falls; constant outside of them. Plain JSON. */
export type IsotonicMap = { scores: number[]; values: number[] };

type Block = { from: number; to: number; weight: number; sum: number };

/**
 * Least squares over all maps that never fall with the score.
 * @param targets what the score should say: labels 0 or 1, or any numbers.
 * @param weights of the samples, above 0; all 1 without.
 */
export function fitIsotonic(
  scores: ArrayLike<number>,
  targets: ArrayLike<number>,
  weights: ArrayLike<number> = new Float64Array(scores.length).fill(1),
): IsotonicMap {
  sameLength("scores and targets", scores, targets, 1);
  sameLength("scores and weights", scores, weights, 1);
  allFinite("scores", scores);
  allFinite("targets", targets);
  const order = Array.from({ length: scores.length }, (_, i) => i).sort((a, b) => scores[a]! - scores[b]!);
  const blocks: Block[] = [];
  for (const i of order) {
    const [score, weight] = [scores[i]!, weights[i]!];
    if (!(weight > 0)) refuse(`weight ${i} is ${weight}; weights must be above 0`);
    const added = { from: score, to: score, weight, sum: weight * targets[i]! };
    // Equal scores are one block from the start: a map has one value for each.
    if (blocks.at(-1)?.to === score) pool(blocks.at(-1)!, added);
    else blocks.push(added);
  }
  const kept: Block[] = [];
  for (const block of blocks) {
    kept.push(block);
    while (kept.length > 1 && level(kept.at(-2)!) >= level(kept.at(-1)!)) {
      const last = kept.pop()!;
      pool(kept.at(-1)!, last);
    }
  }
  const knots = kept.flatMap((block) =>
    (block.from === block.to ? [block.from] : [block.from, block.to]).map(
      (score) => [score, level(block)] as const,
    ),
  );
  return { scores: knots.map(([score]) => score), values: knots.map(([, value]) => value) };
}

const level = ({ sum, weight }: Block): number => sum / weight;

function pool(into: Block, { to, weight, sum }: Block): void {
  into.to = to;
  into.weight += weight;
  into.sum += sum;
}

/** The map's value at a score: on the line between knots, at the nearest knot outside of them. */
export function applyIsotonic({ scores, values }: IsotonicMap, score: number): number {
  if (Number.isNaN(score)) return Number.NaN;
  let [low, high] = [0, scores.length - 1];
  if (score <= scores[low]!) return values[low]!;
  if (score >= scores[high]!) return values[high]!;
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if (scores[middle]! <= score) low = middle;
    else high = middle;
  }
  const share = (score - scores[low]!) / (scores[high]! - scores[low]!);
  return values[low]! + share * (values[high]! - values[low]!);
}

/** Platt calibration: a logistic curve over the score. Two parameters, so little data is enough. */
import { allFinite, binaryLabels, sameLength } from "../../stats/index.ts";

/** p = 1 / (1 + e^−(slope · score + intercept)). Plain JSON. */
export type PlattMap = { slope: number; intercept: number };

const MAX_STEPS = 100;
const MAX_HALVINGS = 40;
const GRADIENT_TOLERANCE = 1e-10;
/** Keeps the Hessian invertible when all scores are equal. */
const RIDGE = 1e-12;

export const applyPlatt = ({ slope, intercept }: PlattMap, score: number): number =>
  1 / (1 + Math.exp(-(slope * score + intercept)));

/** ln(p / (1 − p)), the score to give when the model already answers probabilities; p is kept `edge` away from 0 and 1. */
export function logOdds(probability: number, edge = 1e-7): number {
  const p = Math.min(1 - edge, Math.max(edge, probability));
  return Math.log(p / (1 - p));
}

/**
 * Maximum likelihood by Newton's method (Lin, Lin, Weng 2007), with Platt's softened targets (n₊ + 1)/(n₊ + 2) and
 * 1/(n₋ + 2), which keep separable data finite.
 * @param labels 0 or 1.
 */
export function fitPlatt(scores: ArrayLike<number>, labels: ArrayLike<number>): PlattMap {
  sameLength("scores and labels", scores, labels, 1);
  allFinite("scores", scores);
  binaryLabels(labels);
  const positives = Array.from(labels).filter((label) => label === 1).length;
  const negatives = labels.length - positives;
  const targets = Float64Array.from(labels, (label) =>
    label === 1 ? (positives + 1) / (positives + 2) : 1 / (negatives + 2),
  );
  let map: PlattMap = { slope: 0, intercept: Math.log((positives + 1) / (negatives + 1)) };
  let loss = lossOf(map, scores, targets);
  for (let step = 0; step < MAX_STEPS; step++) {
    const { gradient, direction } = newtonDirection(map, scores, targets);
    if (Math.max(Math.abs(gradient[0]), Math.abs(gradient[1])) < GRADIENT_TOLERANCE * labels.length) break;
    const next = descend(map, direction, loss, (candidate) => lossOf(candidate, scores, targets));
    if (!next) break;
    ({ map, loss } = next);
  }
  return map;
}

/** Halves the step until the loss falls; undefined when it does not, which is the precision's end. */
function descend(
  { slope, intercept }: PlattMap,
  [bySlope, byIntercept]: readonly [number, number],
  loss: number,
  lossAt: (map: PlattMap) => number,
): { map: PlattMap; loss: number } | undefined {
  let length = 1;
  for (let halving = 0; halving < MAX_HALVINGS; halving++, length /= 2) {
    const map = { slope: slope - length * bySlope, intercept: intercept - length * byIntercept };
    const candidate = lossAt(map);
    if (candidate < loss) return { map, loss: candidate };
  }
  return undefined;
}

function newtonDirection(map: PlattMap, scores: ArrayLike<number>, targets: Float64Array) {
  let [g0, g1, h00, h01, h11] = [0, 0, RIDGE, 0, RIDGE];
  for (let i = 0; i < targets.length; i++) {
    const p = applyPlatt(map, scores[i]!);
    const [error, spread] = [p - targets[i]!, p * (1 - p)];
    g0 += error * scores[i]!;
    g1 += error;
    h00 += spread * scores[i]! * scores[i]!;
    h01 += spread * scores[i]!;
    h11 += spread;
  }
  const determinant = h00 * h11 - h01 * h01;
  const gradient = [g0, g1] as const;
  return {
    gradient,
    direction: [(h11 * g0 - h01 * g1) / determinant, (h00 * g1 - h01 * g0) / determinant] as const,
  };
}

/** Cross entropy, written so that neither a large nor a small exponent overflows. */
function lossOf({ slope, intercept }: PlattMap, scores: ArrayLike<number>, targets: Float64Array): number {
  let loss = 0;
  for (let i = 0; i < targets.length; i++) {
    const x = slope * scores[i]! + intercept;
    loss += Math.max(x, 0) - targets[i]! * x + Math.log1p(Math.exp(-Math.abs(x)));
  }
  return loss;
}

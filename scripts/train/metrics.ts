/** How good probabilities are, against always answering the training span's base rate. */
import type { ModelManifest } from "../../src/models/index.ts";
import { brierScore, logLoss } from "../../src/validation/index.ts";

export type Metrics = ModelManifest["metrics"]["train"];

const EDGE = 1e-7;
const NAMED_CONFIDENCE = 0.51;

export const logLossOf = (probabilities: ArrayLike<number>, labels: Float32Array): number =>
  logLoss(probabilities, labels, EDGE);

export function metricsOf(probabilities: Float32Array, labels: Float32Array, baseRate: number): Metrics {
  const short = (value: number): number => Number(value.toFixed(5));
  const base = new Float64Array(labels.length).fill(baseRate);
  const hits = (answers: ArrayLike<number>): number =>
    mean(labels, (y, i) => Number(answers[i]! > 0.5 === (y === 1)));
  return {
    samples: labels.length,
    logLoss: short(logLossOf(probabilities, labels)),
    brier: short(brierScore(probabilities, labels)),
    accuracy: short(hits(probabilities)),
    baselineLogLoss: short(logLossOf(base, labels)),
    baselineAccuracy: short(hits(base)),
    shareAbove51: short(mean(labels, (_, i) => Number(confidence(probabilities[i]!) > NAMED_CONFIDENCE))),
  };
}

export const confidence = (p: number): number => Math.max(p, 1 - p);

/** Quantiles 10, 25, 50, 75, 90 % of |p − 0.5|. */
export function spreadOf(probabilities: Float32Array): string {
  const distances = probabilities.map((p) => Math.abs(p - 0.5)).sort();
  const quantile = (share: number): string =>
    distances[Math.floor(share * (distances.length - 1))]!.toFixed(4);
  return [0.1, 0.25, 0.5, 0.75, 0.9].map(quantile).join(" ");
}

function mean(labels: Float32Array, term: (label: number, index: number) => number): number {
  let sum = 0;
  labels.forEach((label, i) => {
    sum += term(label, i);
  });
  return sum / labels.length;
}

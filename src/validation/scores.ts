/** How good probabilities of an event are. Labels are 1 when it happened, else 0. */
import { binaryLabels, meanOf, refuse, sameLength, wholeNumber } from "../stats/index.ts";

export type ReliabilityBin = {
  /** Probabilities in [from, to); the last bin includes 1. */
  from: number;
  to: number;
  count: number;
  /** NaN in an empty bin, like `eventRate`. */
  meanProbability: number;
  eventRate: number;
};

export type BrierDecomposition = {
  brier: number;
  /** Squared distance of the bins' probabilities from what happened: 0 is best. */
  reliability: number;
  /** Squared distance of the bins' event rates from the base rate: more is better. */
  resolution: number;
  /** Brier score of always answering the base rate. */
  uncertainty: number;
  /**
   * Spread inside the bins, which the other terms do not see:
   * brier = reliability − resolution + uncertainty + withinBins. 0 when a bin's probabilities are all equal.
   */
  withinBins: number;
};

const MAX_BINS = 1_000;

/** Mean squared distance: 0 is perfect, 0.25 is always answering ½. */
export function brierScore(probabilities: ArrayLike<number>, labels: ArrayLike<number>): number {
  checkScored(probabilities, labels);
  return meanTerm(labels, (label, i) => (probabilities[i]! - label) ** 2);
}

/** 1 − Brier / Brier of always answering `baseRate`, which must come from elsewhere than `labels`: 0 is no skill. */
export function brierSkill(
  probabilities: ArrayLike<number>,
  labels: ArrayLike<number>,
  baseRate: number,
): number {
  const reference = brierScore(new Float64Array(labels.length).fill(baseRate), labels);
  return 1 - brierScore(probabilities, labels) / reference;
}

/** Mean −ln of the probability given to what happened; probabilities are kept `edge` away from 0 and 1. */
export function logLoss(probabilities: ArrayLike<number>, labels: ArrayLike<number>, edge = 1e-15): number {
  checkScored(probabilities, labels);
  return meanTerm(labels, (label, i) => {
    const p = Math.min(1 - edge, Math.max(edge, probabilities[i]!));
    return label === 1 ? -Math.log(p) : -Math.log(1 - p);
  });
}

/** Probabilities against event rates in bins of equal width, all bins in order. */
export function reliabilityCurve(
  probabilities: ArrayLike<number>,
  labels: ArrayLike<number>,
  bins: number,
): ReliabilityBin[] {
  checkScored(probabilities, labels);
  wholeNumber("the number of bins", bins, 1, MAX_BINS);
  const sums = Array.from({ length: bins }, () => ({ count: 0, probability: 0, events: 0 }));
  for (let i = 0; i < labels.length; i++) {
    const sum = sums[binOf(probabilities[i]!, bins)]!;
    sum.count += 1;
    sum.probability += probabilities[i]!;
    sum.events += labels[i]!;
  }
  return sums.map(({ count, probability, events }, i) => ({
    from: i / bins,
    to: (i + 1) / bins,
    count,
    meanProbability: probability / count,
    eventRate: events / count,
  }));
}

const binOf = (probability: number, bins: number): number =>
  Math.min(bins - 1, Math.floor(probability * bins));

/** Mean distance between probability and event rate over the bins, weighted by their counts: 0 is calibrated. */
export function expectedCalibrationError(
  probabilities: ArrayLike<number>,
  labels: ArrayLike<number>,
  bins: number,
): number {
  return reliabilityCurve(probabilities, labels, bins)
    .filter(({ count }) => count > 0)
    .reduce(
      (sum, bin) => sum + (bin.count / labels.length) * Math.abs(bin.meanProbability - bin.eventRate),
      0,
    );
}

/** Murphy's decomposition over bins of equal width. */
export function brierDecomposition(
  probabilities: ArrayLike<number>,
  labels: ArrayLike<number>,
  bins: number,
): BrierDecomposition {
  const curve = reliabilityCurve(probabilities, labels, bins);
  const baseRate = meanOf(labels);
  const weighted = (term: (bin: ReliabilityBin) => number): number =>
    curve.reduce((sum, bin) => sum + (bin.count > 0 ? (bin.count / labels.length) * term(bin) : 0), 0);
  const brier = brierScore(probabilities, labels);
  const reliability = weighted((bin) => (bin.meanProbability - bin.eventRate) ** 2);
  const resolution = weighted((bin) => (bin.eventRate - baseRate) ** 2);
  const uncertainty = baseRate * (1 - baseRate);
  const withinBins = meanTerm(labels, (label, i) => {
    const bin = curve[binOf(probabilities[i]!, bins)]!;
    const offset = probabilities[i]! - bin.meanProbability;
    return offset * offset - 2 * offset * (label - bin.eventRate);
  });
  return { brier, reliability, resolution, uncertainty, withinBins };
}

/** @throws DomainError `stats.badInput` for a probability outside [0, 1], a label that is not 0 or 1, or none at all. */
function checkScored(probabilities: ArrayLike<number>, labels: ArrayLike<number>): void {
  sameLength("probabilities and labels", probabilities, labels, 1);
  binaryLabels(labels);
  for (let i = 0; i < labels.length; i++)
    if (!(probabilities[i]! >= 0 && probabilities[i]! <= 1))
      refuse(`probability ${i} is ${probabilities[i]}, outside [0, 1]`);
}

function meanTerm(labels: ArrayLike<number>, term: (label: number, index: number) => number): number {
  let sum = 0;
  for (let i = 0; i < labels.length; i++) sum += term(labels[i]!, i);
  return sum / labels.length;
}

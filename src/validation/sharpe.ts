/**
 * How much a Sharpe ratio proves (Bailey and López de Prado 2012, 2014). All ratios are per period of the track record,
 * never annualised; skew and kurtosis are the population's, kurtosis 3 for a normal distribution.
 */
import { normalCdf, normalQuantile, refuse, strictlyBetween, wholeNumber } from "../stats/index.ts";

export type TrackRecord = {
  sharpe: number;
  /** Length in periods. */
  periods: number;
  skew: number;
  kurtosis: number;
};

const EULER_MASCHERONI = 0.577_215_664_901_532_9;

/** Probability that the true Sharpe ratio is above `target`, given the record: Φ((SR − target) √(T − 1) / σ). */
export function probabilisticSharpe(record: TrackRecord, target: number): number {
  if (!(record.periods >= 2)) refuse(`a track record needs at least 2 periods, got ${record.periods}`);
  return normalCdf(((record.sharpe - target) * Math.sqrt(record.periods - 1)) / estimatorSpread(record));
}

/** √(1 − skew·SR + (kurtosis − 1)/4·SR²): the spread of the estimated ratio, times √(T − 1). */
function estimatorSpread({ sharpe, skew, kurtosis }: TrackRecord): number {
  const variance = 1 - skew * sharpe + ((kurtosis - 1) / 4) * sharpe * sharpe;
  if (!(variance > 0))
    refuse(
      `no distribution has Sharpe ratio ${sharpe} with skew ${skew} and kurtosis ${kurtosis}; check the moments`,
    );
  return Math.sqrt(variance);
}

/** Periods until the record proves a ratio above `target` with `confidence`; Infinity when it never will. */
export function minTrackRecordLength(
  record: Omit<TrackRecord, "periods">,
  target: number,
  confidence: number,
): number {
  strictlyBetween("the confidence", confidence, 0.5, 1);
  if (!(record.sharpe > target)) return Number.POSITIVE_INFINITY;
  const spread = estimatorSpread({ ...record, periods: 0 });
  return 1 + ((spread * normalQuantile(confidence)) / (record.sharpe - target)) ** 2;
}

/** Expected largest of `trials` independent standard normal values; 0 for one. */
export function expectedMaximum(trials: number): number {
  wholeNumber("the number of trials", trials, 1, Number.MAX_SAFE_INTEGER);
  if (trials === 1) return 0;
  // Φ⁻¹(1 − q) = −Φ⁻¹(q), without losing q beside 1.
  return -(
    (1 - EULER_MASCHERONI) * normalQuantile(1 / trials) +
    EULER_MASCHERONI * normalQuantile(1 / (trials * Math.E))
  );
}

export type DeflatedSharpe = {
  /** Probability that the true ratio is above what the best of so many worthless trials would show. */
  probability: number;
  /** That ratio. */
  expectedMaxSharpe: number;
  /** Trials on record. There may have been more, so the probability is an upper bound. */
  trialsAtLeast: number;
};

/**
 * @param trials on record: how many, and the sample deviation of their Sharpe ratios (`trialSharpes` in src/trials).
 */
export function deflatedSharpe(
  record: TrackRecord,
  trials: { count: number; sharpeStd: number },
): DeflatedSharpe {
  if (!(trials.sharpeStd >= 0))
    refuse(`the deviation of Sharpe ratios across trials must not be negative, got ${trials.sharpeStd}`);
  const expectedMaxSharpe = trials.sharpeStd * expectedMaximum(trials.count);
  return {
    probability: probabilisticSharpe(record, expectedMaxSharpe),
    expectedMaxSharpe,
    trialsAtLeast: trials.count,
  };
}

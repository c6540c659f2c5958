/** How long blocks of a stationary bootstrap should be (Politis and White 2004, corrected by Patton, Politis, White 2009). */
import { allFinite, meanOf, refuse } from "../stats/index.ts";

/** Deviations beyond which an autocorrelation counts as one. */
const SIGNIFICANT = 2;
/** max(5, √log₁₀ n) for every n below 10²⁵. */
const QUIET_LAGS = 5;

/**
 * @param series time ascending, without gaps, at least 10 values.
 * @returns the mean block length that minimises the error of the bootstrap's variance, from 1 to min(3√n, n/3).
 */
export function automaticBlockLength(series: ArrayLike<number>): number {
  const n = series.length;
  if (n < 10) refuse(`the automatic block length needs at least 10 values, got ${n}; give the length`);
  allFinite("series", series);
  const maxLag = Math.min(Math.ceil(Math.sqrt(n)) + QUIET_LAGS, n - 1);
  const covariance = autocovariance(series, maxLag);
  if (!(covariance[0]! > 0)) return 1;
  const bandwidth = Math.min(2 * lastSignificantLag(covariance, n), maxLag);
  let [g, spectrumAtZero] = [0, covariance[0]!];
  for (let lag = 1; lag <= bandwidth; lag++) {
    const share = lag / bandwidth;
    // The flat-top window: 1 up to a half, then down to 0.
    const weight = 2 * (share <= 0.5 ? 1 : 2 * (1 - share)) * covariance[lag]!;
    g += weight * lag;
    spectrumAtZero += weight;
  }
  const longest = Math.ceil(Math.min(3 * Math.sqrt(n), n / 3));
  const length = ((g * g) / (spectrumAtZero * spectrumAtZero)) ** (1 / 3) * n ** (1 / 3);
  return Number.isNaN(length) ? 1 : Math.min(Math.max(length, 1), longest);
}

function autocovariance(series: ArrayLike<number>, maxLag: number): Float64Array {
  const mean = meanOf(series);
  const centred = Float64Array.from(series, (value) => value - mean);
  return Float64Array.from({ length: maxLag + 1 }, (_, lag) => {
    let sum = 0;
    for (let i = lag; i < centred.length; i++) sum += centred[i]! * centred[i - lag]!;
    return sum / centred.length;
  });
}

/** The lag that a run of QUIET_LAGS insignificant ones follows; without such a run, the last significant one. At least 1. */
function lastSignificantLag(covariance: Float64Array, n: number): number {
  const limit = SIGNIFICANT * Math.sqrt(Math.log10(n) / n) * covariance[0]!;
  let last = 0;
  for (let lag = 1; lag < covariance.length && lag - last <= QUIET_LAGS; lag++)
    if (Math.abs(covariance[lag]!) > limit) last = lag;
  return Math.max(last, 1);
}

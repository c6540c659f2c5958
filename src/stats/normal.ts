/** The standard normal distribution to double precision. */
import { refuse } from "./refuse.ts";

const SQRT_TAU = Math.sqrt(2 * Math.PI);
/** Below this the power series is short, above it the continued fraction is. */
const SERIES_UP_TO = 3;
const MAX_TERMS = 200;
/** Beyond this, exp(−x²/2) is 0 in double precision. */
const FARTHEST = 39;
const HALLEY_STEPS = 4;

/** φ(x). */
export const normalPdf = (x: number): number => Math.exp(-0.5 * x * x) / SQRT_TAU;

/** Φ(x), absolute error about 1e-16; beyond 3 deviations the relative error of the tail is of that size too. */
export function normalCdf(x: number): number {
  if (Number.isNaN(x)) return Number.NaN;
  const size = Math.abs(x);
  if (size <= SERIES_UP_TO) return 0.5 + Math.sign(x) * massToZero(size);
  const tail = size > FARTHEST ? 0 : upperTail(size);
  return x > 0 ? 1 - tail : tail;
}

/** Φ(x) − ½ for x ≥ 0: φ(x) · Σ x^(2k+1) / (1·3·…·(2k+1)). */
function massToZero(x: number): number {
  let term = x;
  let sum = x;
  for (let k = 1; k < MAX_TERMS && term > sum * 1e-17; k++) {
    term *= (x * x) / (2 * k + 1);
    sum += term;
  }
  return normalPdf(x) * sum;
}

/** 1 − Φ(x) for x > 0: φ(x) / (x + 1/(x + 2/(x + 3/(x + …)))). */
function upperTail(x: number): number {
  let fraction = x;
  for (let k = MAX_TERMS; k >= 1; k--) fraction = x + k / fraction;
  return normalPdf(x) / fraction;
}

/**
 * Φ⁻¹(p) for p in (0, 1): a rational first guess, then Halley steps against Φ.
 * @throws DomainError `stats.badInput` outside of (0, 1).
 */
export function normalQuantile(p: number): number {
  if (!(p > 0 && p < 1)) refuse(`a normal quantile needs a probability inside (0, 1), got ${p}`);
  if (p === 0.5) return 0;
  // The lower half is solved and mirrored: there, differences to small probabilities are exact.
  const low = Math.min(p, 1 - p);
  const t = Math.sqrt(-2 * Math.log(low));
  // Hastings' rational start, good to 4.5e-4.
  let x = -(
    t -
    (2.515517 + 0.802853 * t + 0.010328 * t * t) /
      (1 + 1.432788 * t + 0.189269 * t * t + 0.001308 * t * t * t)
  );
  for (let step = 0; step < HALLEY_STEPS; step++) {
    const density = normalPdf(x);
    if (density === 0) break;
    const newton = (normalCdf(x) - low) / density;
    x -= newton / (1 + (x * newton) / 2);
  }
  return p < 0.5 ? x : -x;
}

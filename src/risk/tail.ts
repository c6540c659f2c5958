/**
 * How bad the bad cases are. Value at risk is the loss exceeded with the tail's probability; expected shortfall (CVaR)
 * the mean loss in that tail. Both are above 0 for a loss, as shares of equity per period.
 */
import {
  allFinite,
  type Moments,
  normalPdf,
  normalQuantile,
  refuse,
  strictlyBetween,
} from "../stats/index.ts";

/** Six in ten million of a normal distribution's mass lie beyond. */
const FARTHEST = 5;

export type TailRisk = { valueAtRisk: number; expectedShortfall: number };

/**
 * From history as it was. The observation at the tail's edge counts for the part that lies inside.
 * @param tail probability: 0.05. At least 1 / tail returns are needed, and then the answer is the worst one alone.
 */
export function historicalTailRisk(returns: ArrayLike<number>, tail: number): TailRisk {
  strictlyBetween("the tail's probability", tail, 0, 1);
  allFinite("returns", returns);
  const inTail = tail * returns.length;
  if (!(inTail >= 1))
    refuse(
      `${returns.length} returns say nothing about a tail of ${tail}; give at least ${Math.ceil(1 / tail)}`,
    );
  const sorted = Float64Array.from(returns).sort();
  const whole = Math.floor(inTail);
  let sum = (inTail - whole) * (sorted[whole] ?? 0);
  for (let i = 0; i < whole; i++) sum += sorted[i]!;
  return { valueAtRisk: -sorted[Math.ceil(inTail) - 1]!, expectedShortfall: -sum / inTail };
}

/**
 * From moments, by the Cornish–Fisher expansion of the quantile to fourth order, integrated over the tail in closed form.
 * @throws DomainError `stats.badInput` where the expansion is no quantile function, because it falls within FARTHEST deviations:
 * skew and kurtosis are too far from the normal's. Use history then.
 */
export function cornishFisherTailRisk(
  { mean, std, skew, kurtosis }: Omit<Moments, "count">,
  tail: number,
): TailRisk {
  strictlyBetween("the tail's probability", tail, 0, 1);
  if (!(Number.isFinite(mean) && std >= 0))
    refuse(`a tail needs a mean and a deviation, got ${mean} and ${std}`);
  const [s, k] = [skew / 6, (kurtosis - 3) / 24];
  const ss = (skew * skew) / 36;
  if (!rises(s, k, ss))
    refuse(
      `skew ${skew} with kurtosis ${kurtosis} is outside of the Cornish–Fisher expansion; use historical figures`,
    );
  const z = normalQuantile(tail);
  const quantile = z + (z * z - 1) * s + (z ** 3 - 3 * z) * k - (2 * z ** 3 - 5 * z) * ss;
  // ∫ Heₙ₊₁(x) φ(x) dx up to z is −Heₙ(z) φ(z), with z = He₁, z² − 1 = He₂, z³ − 3z = He₃ and 2z³ − 5z = 2He₃ + He₁.
  const tailMean = (-normalPdf(z) / tail) * (1 + z * s + (z * z - 1) * k - (2 * z * z - 1) * ss);
  return { valueAtRisk: -(mean + std * quantile), expectedShortfall: -(mean + std * tailMean) };
}

/** The expansion's derivative, a·z² + b·z + c, is above 0 within FARTHEST deviations: at both ends and at its vertex. */
function rises(s: number, k: number, ss: number): boolean {
  const a = 3 * k - 6 * ss;
  const b = 2 * s;
  const c = 1 - 3 * k + 5 * ss;
  const vertex = a === 0 ? 0 : -b / (2 * a);
  return [-FARTHEST, FARTHEST, Math.abs(vertex) < FARTHEST ? vertex : 0].every(
    (z) => (a * z + b) * z + c > 0,
  );
}

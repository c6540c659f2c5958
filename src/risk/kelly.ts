/**
 * Fractional Kelly stakes that know how little is known: the edge is taken at the cautious end of its error, then a
 * fraction of the growth-optimal stake is bet. All stakes are shares of equity.
 */
import { refuse } from "../stats/index.ts";

export type KellyCaution = {
  /** Share of the full Kelly stake: 0.25. */
  fraction: number;
  /** Standard errors by which the edge is reduced, never past none: 1. */
  errors: number;
};

/**
 * A bet that wins `payoff` times the stake or loses the stake.
 * @returns fraction × (p − (1 − p)/payoff) with p reduced by its error; 0 when no edge is left.
 */
export function kellyBet(
  bet: { probability: number; probabilityError: number; payoff: number },
  { fraction, errors }: KellyCaution,
): number {
  const { probability, probabilityError, payoff } = bet;
  checkCaution({ fraction, errors });
  if (!(probability >= 0 && probability <= 1 && probabilityError >= 0 && payoff > 0))
    refuse(
      `a bet needs a probability in [0, 1], an error of at least 0 and a payoff above 0, got ${probability}, ${probabilityError} and ${payoff}`,
    );
  const cautious = Math.max(0, probability - errors * probabilityError);
  return fraction * Math.max(0, cautious - (1 - cautious) / payoff);
}

/**
 * A position with normal-like returns.
 * @param returns mean, variance and the mean's standard error, per period, of holding one unit of equity.
 * @returns signed leverage: fraction × reduced mean / (variance + error²); the error counts as risk, too.
 */
export function kellyLeverage(
  returns: { mean: number; variance: number; meanError: number },
  { fraction, errors }: KellyCaution,
): number {
  const { mean, variance, meanError } = returns;
  checkCaution({ fraction, errors });
  if (!(Number.isFinite(mean) && variance > 0 && meanError >= 0))
    refuse(
      `returns need a mean, a variance above 0 and an error of at least 0, got ${mean}, ${variance} and ${meanError}`,
    );
  const cautious = Math.sign(mean) * Math.max(0, Math.abs(mean) - errors * meanError);
  return (fraction * cautious) / (variance + meanError * meanError);
}

function checkCaution({ fraction, errors }: KellyCaution): void {
  if (!(fraction >= 0 && fraction <= 1 && errors >= 0))
    refuse(`a Kelly fraction lies in [0, 1] and errors are at least 0, got ${fraction} and ${errors}`);
}

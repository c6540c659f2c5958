/** What a record of trials says to the Deflated Sharpe ratio. */
import { momentsOf, refuse } from "../stats/index.ts";
import type { Trial } from "./chain.ts";

export const SHARPE_METRIC = "sharpePerPeriod";

/**
 * How many trials there were, and how much their Sharpe ratios per period differ (sample deviation).
 * Every trial counts, whether it states a ratio or not.
 * @throws DomainError `stats.badInput` when there is none, or several of which fewer than two state a ratio.
 */
export function trialSharpes(trials: readonly Trial[]): { count: number; sharpeStd: number } {
  if (trials.length === 0) refuse("the record holds no trial; record at least the one that is reported");
  if (trials.length === 1) return { count: 1, sharpeStd: 0 };
  const ratios = trials.flatMap(({ metrics }) => metrics[SHARPE_METRIC] ?? []);
  if (ratios.length < 2)
    refuse(`${ratios.length} of ${trials.length} trials state ${SHARPE_METRIC}; at least two must`);
  return { count: trials.length, sharpeStd: momentsOf(ratios).std };
}

/** How a report speaks of the number: there may have been trials that nobody recorded. */
export const atLeast = ({ count }: { count: number }): string =>
  `at least ${count} ${count === 1 ? "trial" : "trials"}`;

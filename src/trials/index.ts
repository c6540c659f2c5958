/** The record of trials: entries, their chain, and what follows from their number. */

export {
  assertContinues,
  type NewTrial,
  NO_TRIALS,
  nextTrial,
  readTrials,
  type Trial,
  type TrialHead,
  type TrialRecord,
} from "./chain.ts";
export { atLeast, SHARPE_METRIC, trialSharpes } from "./deflation.ts";

/** Statistics that tell skill from luck: splits without leakage, corrected ratios, intervals, scores of probabilities. */

export { automaticBlockLength } from "./block-length.ts";
export { type BootstrapOptions, type Interval, stationaryBootstrap } from "./bootstrap.ts";
export { type CombinatorialSplits, combinatorialPurged } from "./combinatorial.ts";
export { type Importance, permutationImportance } from "./importance.ts";
export { purgedKFold } from "./kfold.ts";
export { type Overfitting, overfitting } from "./pbo.ts";
export type { LabelSpan, Split } from "./purge.ts";
export {
  type BrierDecomposition,
  brierDecomposition,
  brierScore,
  brierSkill,
  expectedCalibrationError,
  logLoss,
  type ReliabilityBin,
  reliabilityCurve,
} from "./scores.ts";
export {
  type DeflatedSharpe,
  deflatedSharpe,
  expectedMaximum,
  minTrackRecordLength,
  probabilisticSharpe,
  type TrackRecord,
} from "./sharpe.ts";
export { type WalkForward, walkForward } from "./walk-forward.ts";

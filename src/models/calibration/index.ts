/** From scores to probabilities that mean what they say, and from predictions to intervals that hold. */

export {
  type AdaptiveOptions,
  type AdaptiveState,
  adapt,
  adaptiveQuantile,
  conformalInterval,
  conformalQuantile,
  conformalScore,
  difficultyOf,
  startAdaptive,
} from "./conformal.ts";
export { applyIsotonic, fitIsotonic, type IsotonicMap } from "./isotonic.ts";
export { applyPlatt, fitPlatt, logOdds, type PlattMap } from "./platt.ts";

/** What a model learns to predict, each label with the time at which it is known. */

export { type Bars, barsOf } from "./bars.ts";
export {
  fixedHorizonLabels,
  type HorizonLabel,
  type HorizonOptions,
  type MultiHorizonLabel,
  multiHorizonLabels,
} from "./fixed-horizon.ts";
export {
  type BarrierEvent,
  type BarrierLabel,
  type BarrierOptions,
  tripleBarrierLabels,
} from "./triple-barrier.ts";
export { averageUniqueness } from "./uniqueness.ts";

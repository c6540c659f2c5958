/** Numbers that every statistic is built from. */

export { type Moments, meanOf, momentsOf, RunningMoments } from "./moments.ts";
export { normalCdf, normalPdf, normalQuantile } from "./normal.ts";
export { ascending, quantileOf } from "./quantile.ts";
export { SeededRandom } from "./random.ts";
export { allFinite, binaryLabels, refuse, sameLength, strictlyBetween, wholeNumber } from "./refuse.ts";

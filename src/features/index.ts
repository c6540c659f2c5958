/**
 * The feature engine.
 *
 *     const engine = new AnchoredFeatures(spec);            // live, backtest: push every closed candle once
 *     for (const candle of candles) engine.push(candle);
 *     const vector = featuresAt(engine, inputs);             // inputs: the perishable part of a bundle
 *
 *     const same = featuresOf(spec, bundle);                 // cold, from the evidence alone
 *     const fast = featuresOf(spec, bundle, engine);         // the same bytes, without replaying the candles
 */
export { AnchoredFeatures } from "./anchored.ts";
export { type DecisionInputs, type FeatureVector, featuresAt, featuresOf, vectorHash } from "./assemble.ts";
export {
  CANDLE_FEATURES,
  FEATURE_QUANTUM,
  type FeatureDefinition,
  type FeatureGroup,
  MAX_AGE_MS,
  STATIC_FEATURES,
} from "./registry.ts";
export { DEFAULT_FEATURE_SPEC, type FeatureSpec, featureSpecSchema, parseFeatureSpec } from "./spec.ts";

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type LoadedModel, outOfDistribution, outputOf, standardise } from "../../src/models/index.ts";
import { tinyManifest, typicalVector } from "./artefacts.ts";

const answering = (probability: number): LoadedModel => ({
  modelId: "0x",
  manifest: tinyManifest,
  predict: () => probability,
  dispose: () => undefined,
});
const typical = typicalVector(tinyManifest);
const withSequence = (...values: number[]) => ({ ...typical, sequence: Float32Array.from(values) });
const withStatics = (...values: number[]) => ({ ...typical, statics: Float32Array.from(values) });

describe("a model's output", () => {
  it("is quantised and never certain", () => {
    const probUp = (probability: number): number => {
      const outcome = outputOf(answering(probability), typical);
      assert.equal(outcome.kind, "output");
      return outcome.kind === "output" ? outcome.output.probUpPpm : 0;
    };
    assert.equal(probUp(0.512345), 512_350);
    assert.equal(probUp(0), 50);
    assert.equal(probUp(1), 999_950);
  });

  it("carries the features' volatility", () => {
    const outcome = outputOf(answering(0.5), typical);
    assert.deepEqual(outcome, {
      kind: "output",
      output: { probUpPpm: 500_000, sigmaPpm: 1_500 },
      oodScore: 0,
    });
  });

  it("is refused when it is no probability", () => {
    for (const answer of [Number.NaN, -0.001, 1.001, Number.POSITIVE_INFINITY]) {
      const outcome = outputOf(answering(answer), typical);
      assert.equal(outcome.kind === "refused" && outcome.code, "model.notANumber");
    }
  });
});

describe("inputs unlike those of training", () => {
  it("are refused, and the reason names the feature and its distance", () => {
    const outcome = outputOf(answering(0.5), withStatics(1, 0.45, 0));
    assert.equal(outcome.kind, "refused");
    if (outcome.kind !== "refused") return;
    assert.equal(outcome.code, "model.outOfDistribution");
    assert.match(outcome.reason, /^imbalance_1 is 1\.50 standard deviations outside its training range/);
  });

  it("are allowed within one deviation of the range", () => {
    assert.equal(outputOf(answering(0.5), withStatics(1, 0.39, 0)).kind, "output");
  });

  it("count over the whole window, so one odd candle weighs its share", () => {
    const { score, feature } = outOfDistribution(tinyManifest, withSequence(0, 0, 0.45, 0));
    assert.equal(feature, "rsi_14");
    assert.ok(Math.abs(score - 0.75) < 1e-5);
    assert.equal(outputOf(answering(0.5), withSequence(0.45, 0, 0.45, 0)).kind, "refused");
  });

  it("do not matter in a group that is absent", () => {
    assert.equal(outputOf(answering(0.5), withStatics(0, 5, 0)).kind, "output");
  });

  it("include anything that is not a number", () => {
    for (const odd of [
      withSequence(0, Number.NaN, 0, 0),
      withStatics(1, Number.NaN, 0),
      withStatics(1, 0, Number.NaN),
    ])
      assert.equal(outputOf(answering(0.5), odd).kind, "refused");
  });
});

describe("standardised inputs", () => {
  it("have mean 0 and deviation 1, are clipped, and are 0 where the group is absent", () => {
    const near = (actual: Float32Array, expected: number[]): void =>
      expected.forEach((value, i) => {
        assert.ok(Math.abs(actual[i]! - value) < 1e-5);
      });
    near(standardise(tinyManifest, withSequence(0.1, -0.2, 9, -9)).sequence, [1, -2, 5, -5]);
    near(standardise(tinyManifest, withStatics(1, 0.2, 0.1)).statics, [1, 2, 1]);
    near(standardise(tinyManifest, withStatics(0, 0.2, 0.1)).statics, [0, 0, 1]);
  });
});

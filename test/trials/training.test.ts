import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { metricsOf } from "../../scripts/train/metrics.ts";
import type { Samples } from "../../scripts/train/samples.ts";
import { recordTraining } from "../../scripts/train/trial.ts";

const dir = mkdtempSync(join(tmpdir(), "saksi-training-"));
after(() => rmSync(dir, { recursive: true, force: true }));
const file = join(dir, "trials.jsonl");
const samples: Samples = {
  count: 2,
  cutoffMs: Float64Array.of(1, 2),
  sequence: Float32Array.of(0.5, 0.25),
  statics: new Float32Array(0),
  labels: Float32Array.of(0, 1),
};
const record = (settings: unknown, judgedOn: Samples) =>
  recordTraining(file, {
    name: "logistic",
    spec: { settings },
    judgedOn: [judgedOn],
    metrics: { validation: metricsOf(Float32Array.of(0.25, 0.75), judgedOn.labels, 0.5) },
    recordedAtMs: 5,
  });
const verify = (...options: string[]) =>
  spawnSync(
    process.execPath,
    [fileURLToPath(new URL("../../scripts/trials.ts", import.meta.url)), ...options],
    {
      encoding: "utf8",
    },
  );

describe("a training run on record", () => {
  const first = record({ batch: 1 }, samples);
  const second = record({ batch: 2 }, samples);
  const third = record({ batch: 1 }, { ...samples, labels: Float32Array.of(1, 1) });

  it("names its choices, its data and what came out, span by span", () => {
    assert.equal(first.metrics["validation.brier"], 0.0625);
    assert.notEqual(first.specHash, second.specHash);
    assert.equal(first.dataHash, second.dataHash);
    assert.notEqual(first.dataHash, third.dataHash);
    assert.equal(first.specHash, third.specHash);
  });

  it("counts also when it diverged and some figures are no numbers", () => {
    const { metrics, number } = recordTraining(join(dir, "diverged.jsonl"), {
      name: "logistic",
      spec: {},
      judgedOn: [samples],
      metrics: {
        train: { ...metricsOf(Float32Array.of(0.5, 0.5), samples.labels, 0.5), logLoss: Number.NaN },
      },
      recordedAtMs: 5,
    });
    assert.equal(number, 1);
    assert.equal(metrics["train.brier"], 0.25);
    assert.ok(!("train.logLoss" in metrics));
  });

  it("is verified by the command, which prints the head to publish", () => {
    const { status, stdout } = verify(file);
    assert.equal(status, 0);
    assert.equal(stdout, `at least 3 trials, head ${third.hash}\n`);
    assert.equal(verify(file, "--count", "2", "--head", second.hash).status, 0);
  });

  it("is missed by the command when it was taken out", () => {
    const shorter = join(dir, "shorter.jsonl");
    writeFileSync(shorter, readFileSync(file, "utf8").split("\n").slice(0, 2).join("\n"));
    assert.equal(verify(shorter).stdout, `at least 2 trials, head ${second.hash}\n`);
    const { status, stderr } = verify(shorter, "--count", "3", "--head", third.hash);
    assert.equal(status, 1);
    assert.equal(stderr, "trial 3 of the record is missing: 3 were published\n");
    assert.equal(verify(shorter, "--count", "3").status, 2);
    assert.equal(verify(shorter, "--count", "three", "--head", third.hash).status, 2);
  });
});

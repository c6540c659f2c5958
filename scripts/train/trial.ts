/** Puts a training run on record, whatever came out of it. */
import { createHash } from "node:crypto";
import { trialLog } from "../../src/adapters/local/trial-log.ts";
import { hashText } from "../../src/domain/ids.ts";
import { canonicalJson } from "../../src/models/index.ts";
import type { Trial } from "../../src/trials/index.ts";
import type { Metrics } from "./metrics.ts";
import type { Samples } from "./samples.ts";

/**
 * @param file of the record; created when it does not exist.
 * @param spec everything that was chosen, as JSON.
 * @param judgedOn the samples that the run was trained and compared on.
 * @param metrics by span; recorded as `span.metric`. One that is no number, as after a divergence, is left out.
 */
export function recordTraining(
  file: string,
  run: {
    name: string;
    spec: unknown;
    judgedOn: readonly Samples[];
    metrics: Readonly<Record<string, Metrics>>;
    recordedAtMs: number;
  },
): Trial {
  return trialLog(file).append({
    recordedAtMs: run.recordedAtMs,
    kind: "training",
    name: run.name,
    specHash: hashText(canonicalJson(run.spec)),
    dataHash: dataHashOf(run.judgedOn),
    metrics: Object.fromEntries(
      Object.entries(run.metrics).flatMap(([span, metrics]) =>
        Object.entries(metrics)
          .filter(([, value]) => Number.isFinite(value))
          .map(([metric, value]) => [`${span}.${metric}`, value] as const),
      ),
    ),
  });
}

/** SHA-256 over times, features and labels: hundreds of megabytes, so the platform's own hash. */
function dataHashOf(list: readonly Samples[]): string {
  const hash = createHash("sha256");
  for (const { cutoffMs, sequence, statics, labels } of list)
    for (const { buffer, byteOffset, byteLength } of [cutoffMs, sequence, statics, labels])
      hash.update(`${byteLength}:`).update(new Uint8Array(buffer, byteOffset, byteLength));
  return `0x${hash.digest("hex")}`;
}

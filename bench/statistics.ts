/**
 * `node bench/statistics.ts`: how long the heavy statistics take at the sizes that reports use. Each runs a few times;
 * median and spread in milliseconds.
 */
import { cpus } from "node:os";
import { performanceIntervals } from "../src/metrics/index.ts";
import { meanOf, SeededRandom } from "../src/stats/index.ts";
import { combinatorialPurged, overfitting, stationaryBootstrap } from "../src/validation/index.ts";

const RUNS = 3;
const DAYS = 365;

const random = new SeededRandom(1);
const year = Array.from({ length: DAYS }, () => 0.0005 + 0.02 * random.normal());
const trials = Array.from({ length: 64 * 16 }, () =>
  Float64Array.from({ length: 1_000 }, () => random.normal()),
);
const spans = Array.from({ length: 100_000 }, (_, start) => ({ start, end: start + 15 }));
const bootstrap = { resamples: 10_000, confidence: 0.95, random };

const cases: Record<string, () => unknown> = {
  "CSCV: 16 blocks, 12,870 combinations, 1,000 configurations": () => overfitting(trials, 16),
  "bootstrap: mean of 365 days, 10,000 resamples": () =>
    stationaryBootstrap(year, (sample) => ({ mean: meanOf(sample) }), bootstrap),
  "bootstrap: all intervals of 365 days, 10,000 resamples": () =>
    performanceIntervals(year, { periodsPerYear: DAYS }, bootstrap),
  "combinatorial splits: 100,000 labels, 10 groups, 2 tested": () =>
    combinatorialPurged(spans, { groups: 10, testGroups: 2, embargo: 50 }),
};

console.log(`${cpus()[0]?.model}, ${cpus().length} cores, Node ${process.version}, ${RUNS} runs each`);
for (const [name, work] of Object.entries(cases)) {
  const times = Array.from({ length: RUNS }, () => {
    const startedAt = performance.now();
    work();
    return performance.now() - startedAt;
  }).sort((a, b) => a - b);
  console.log(
    `${name}: ${times[RUNS >> 1]!.toFixed(0)} ms (${times[0]!.toFixed(0)} … ${times.at(-1)!.toFixed(0)})`,
  );
}

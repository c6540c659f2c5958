/** Streams all indicators over many bars and prints how often young memory was collected meanwhile. */
import { PerformanceObserver } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { FAMILIES, select } from "../../../src/features/library/catalogue.ts";
import { FeatureStream } from "../../../src/features/library/run.ts";
import { randomBars } from "./random-bars.ts";

const ROWS = 5_000;
const WARM_BARS = 30_000;
const BARS = 100_000;

const bars = randomBars(1, ROWS);
const names = FAMILIES.flatMap((family) => family.definitions.map(({ name }) => name));
const streams = names.map((name) => new FeatureStream(select([name])));
let collections = 0;
const observer = new PerformanceObserver((list) => {
  collections += list.getEntries().length;
});
observer.observe({ entryTypes: ["gc"] });
for (const stream of streams) for (let i = 0; i < WARM_BARS; i++) stream.push(bars, i % ROWS);
// Compilation in the background is over, and what it left behind is counted.
await sleep(300);
for (const stream of streams) for (let i = 0; i < WARM_BARS; i++) stream.push(bars, i % ROWS);
await sleep(300);
collections = 0;
for (const stream of streams) for (let i = 0; i < BARS; i++) stream.push(bars, i % ROWS);
await sleep(100);
process.stdout.write(JSON.stringify({ bars: BARS, collections }));

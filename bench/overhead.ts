/**
 * `npm run bench [-- --predictions N]`: our own overhead on the two paths that matter, store's fsync included and the waits in the
 * Chain and Venue ports (and in the attesters behind the transport) subtracted. Runs the real world in lockstep.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Runner } from "../src/adapters/local/runner.ts";
import { parseUp } from "../src/cli/options.ts";
import { up } from "../src/cli/up.ts";
import type { Ports } from "../src/ports/ports.ts";
import { percentilesOf } from "../src/report/latency.ts";

const { values } = parseArgs({
  options: { predictions: { type: "string", default: "1000" }, seed: { type: "string", default: "31" } },
});
/** Trips end before the next slot, so that every slot may publish; small, so that no loss limit ends a long run. */
const SHORT_AND_SMALL = { horizonSeconds: 120n, entrySeconds: 60n, riskPerTradeBps: 1n };
const OUTSIDE = ["venue", "chain", "transport"] as const;

let waitedMs = 0;
let depth = 0;

/** Adds up the time spent outside, counting overlapping calls once. */
function timed<T extends object>(port: T): T {
  return new Proxy(port, {
    get(target, key) {
      const value = Reflect.get(target, key, target) as unknown;
      if (typeof value !== "function") return value;
      return (...args: unknown[]) => {
        const result = value.apply(target, args) as unknown;
        if (!(result instanceof Promise)) return result;
        const startedAt = performance.now();
        depth += 1;
        return result.finally(() => {
          depth -= 1;
          if (depth === 0) waitedMs += performance.now() - startedAt;
        });
      };
    },
  });
}

type Mark = { atMs: number; waitedMs: number };
const mark = (): Mark => ({ atMs: performance.now(), waitedMs });
const own = (from: Mark): number => performance.now() - from.atMs - (waitedMs - from.waitedMs);

const decided: number[] = [];
const published: number[] = [];
const wired: number[] = [];
const byStation = new Map<string, number[]>();

function measure(runner: Runner): void {
  const before = runner.onRow;
  const started = new Map<number, Mark>();
  let startedRow = mark();
  const onStart = runner.onStart;
  runner.onStart = (work) => {
    onStart(work);
    startedRow = mark();
    const { cutoffMs } = work.event as { cutoffMs?: number };
    if (work.station === "ingest" && cutoffMs) started.set(cutoffMs, startedRow);
  };
  runner.onRow = (work, outcome) => {
    before(work, outcome);
    const samples = byStation.get(work.station) ?? [];
    byStation.set(work.station, samples);
    samples.push(own(startedRow));
    const { cutoffMs } = work.event as { cutoffMs?: number };
    if (cutoffMs) {
      const from = started.get(cutoffMs);
      if (from && work.station === "publish" && outcome?.status === "done") published.push(own(from));
      if (from && (work.station === "publish" || work.station === "risk")) decided.push(own(from));
    }
    if (work.station === "execute" && work.dedupeId.startsWith("enter:") && outcome?.status === "done")
      wired.push(own(startedRow));
  };
}

const dir = mkdtempSync(join(tmpdir(), "saksi-bench-"));
const options = parseUp([
  "--predictions",
  values.predictions,
  "--seed",
  values.seed,
  "--port",
  "0",
  "--store",
  join(dir, "store"),
  "--quiet",
]);
if (options === "help") throw new Error("no help here");
const code = await up(options, {
  riskSpec: (usual) => ({ ...usual, ...SHORT_AND_SMALL }),
  wrapPorts: (ports: Ports) => {
    const wrapped = { ...ports } as Record<string, unknown>;
    for (const name of OUTSIDE) wrapped[name] = timed(ports[name]);
    return wrapped as Ports;
  },
  onStarted: (engine) => measure(engine.runner),
});
rmSync(dir, { recursive: true, force: true });

const row = (name: string, samples: number[]): string => {
  const { n, p50, p90, p99, max } = percentilesOf(samples);
  return `${name.padEnd(44)} n ${String(n).padStart(5)}   p50 ${p50.toFixed(2)} ms   p90 ${p90.toFixed(2)} ms   p99 ${p99.toFixed(2)} ms   max ${max.toFixed(2)} ms`;
};
process.stdout.write(
  `\n${[
    `own time, waits in ${OUTSIDE.join(", ")} subtracted; Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model}`,
    row("candle close → published", published),
    row("candle close → decided (published or declined)", decided),
    row("approval seen → order accepted on the wire", wired),
    ...[...byStation].map(([station, samples]) => row(`  a row of ${station}`, samples)),
  ].join("\n")}\n`,
);
process.exitCode = code;

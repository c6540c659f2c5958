/** `saksi up`: the whole world in lockstep until enough predictions are terminal, or until told to stop. */
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Rpc } from "../adapters/evm/rpc.ts";
import { apiServer } from "../adapters/http/api.ts";
import { listen } from "../adapters/http/json.ts";
import { bootWorld, ROOT, readSecrets } from "../adapters/local/boot.ts";
import { ensureCompiled } from "../adapters/local/compile.ts";
import { Conductor, type Peer } from "../adapters/local/conductor.ts";
import { type Engine, MODELS_DIR, startEngine } from "../adapters/local/engine.ts";
import { findProcess, stopProcess } from "../adapters/local/process.ts";
import { VenueAdmin } from "../adapters/local/venue-admin.ts";
import { VENDORS, vendorUrl } from "../adapters/oracle/transports.ts";
import { announcePublisher } from "../adapters/oracle/vendor-peer.ts";
import { DirectoryModelStore } from "../adapters/tfjs/index.ts";
import { TIMING } from "../config/scenario.ts";
import { readWorld, type World } from "../config/world.ts";
import { SaksiError, UsageError } from "../errors/errors.ts";
import type { Ports } from "../ports/ports.ts";
import type { Report } from "../report/report.ts";
import type { UpOptions } from "./options.ts";
import { printer, summary } from "./print.ts";
import { Run } from "./run.ts";

/** For fault injection and measurement from outside `src`. */
export type UpHooks = {
  wrapPorts?: (ports: Ports) => Ports;
  forceLease?: boolean;
  onStarted?: (engine: Engine) => void;
  /** Called once the run is over and before its world is ended. */
  onFinished?: (engine: Engine, report: Report) => Promise<void>;
};

/** @returns the exit code. */
export async function up(options: UpOptions, hooks: UpHooks = {}): Promise<number> {
  const dir = options.store ?? defaultStore();
  let nowMs = (): number => 0;
  const notify = printer(() => nowMs(), { quiet: options.quiet, colour: process.stdout.isTTY === true });
  const progress = (text: string): void => void process.stdout.write(`· ${text}\n`);
  const world = await openWorld(dir, options, progress);
  const secrets = readSecrets(dir);
  const admin = new VenueAdmin(world.venue.url, secrets.adminToken);
  const engine = await startEngine({
    dir,
    world,
    credentials: secrets.trade,
    notify,
    nowMs: async () => (await admin.status()).nowMs,
    ...(hooks.wrapPorts ? { wrapPorts: hooks.wrapPorts } : {}),
    forceLease: hooks.forceLease ?? false,
  });
  nowMs = () => engine.clock.nowMs();
  const api = apiServer(engine.deps);
  const port = await listen(api, options.port);
  progress(`API on http://127.0.0.1:${port}  ·  store ${dir}  ·  market ${world.market} (${world.source})`);
  const vendor = VENDORS[world.transport];
  if (vendor) {
    progress(`verdicts come by ${world.transport}, of lower assurance than the quorum: ${vendor.assurance}`);
    await announcePublisher(vendorUrl(dir, world.transport), `http://127.0.0.1:${port}`);
  }
  const rpc = new Rpc(world.chain.url, world.chain.chainId);
  const conductor = new Conductor({
    admin,
    rpc,
    peers: peersOf(dir, world),
    engine,
    blockMs: TIMING.blockMs,
    blockAfterSlot: vendor !== undefined,
  });
  const run = new Run(engine, world, { target: options.predictions, startedAt: performance.now() });
  hooks.onStarted?.(engine);
  const signals = catchSignals(run);
  try {
    await conductor.resume();
    while (!(await run.finished())) await conductor.step();
    const report = await run.report();
    await hooks.onFinished?.(engine, report);
    if (options.report) writeFileSync(options.report, `${JSON.stringify(report, null, 2)}\n`);
    process.stdout.write(`\n${summary(report)}\n`);
    writeFileSync(join(dir, "finished"), `${report.digest}\n`);
    await endWorld(dir);
    return verdict(report, progress);
  } finally {
    signals.release();
    api.closeAllConnections();
    api.close();
    rpc.close();
    await engine.close();
  }
}

function verdict(report: Awaited<ReturnType<Run["report"]>>, progress: (text: string) => void): number {
  const wrong =
    Object.values(report.reconciliation.differences).some((value) => value !== "0") ||
    report.distribution.residualE6 !== "0" ||
    report.venue.positions > 0 ||
    report.venue.algoOrders > 0;
  if (wrong) progress("the books do not close: see the differences above");
  return wrong ? 1 : 0;
}

function defaultStore(): string {
  const root = join(ROOT, ".saksi");
  mkdirSync(root, { recursive: true });
  for (let number = 1; number < 1_000_000; number++) {
    const dir = join(root, `run-${String(number).padStart(4, "0")}`);
    if (!existsSync(dir)) return dir;
    // An unfinished run whose world is still there goes on.
    if (!existsSync(join(dir, "finished")) && findProcess(dir, "chain") && findProcess(dir, "venue"))
      return dir;
  }
  throw new SaksiError("store.full", `${root} is full of runs; remove old ones`);
}

async function openWorld(dir: string, options: UpOptions, progress: (text: string) => void): Promise<World> {
  if (existsSync(join(dir, "finished")))
    throw new UsageError("store.finished", `${dir} holds a finished run; choose another --store`);
  const known = readWorld(dir);
  if (known) {
    if (known.seed !== options.seed || known.transport !== options.oracle || known.market !== options.market)
      throw new UsageError(
        "store.otherOptions",
        `${dir} holds a run with --seed ${known.seed} --oracle ${known.transport} --market ${known.market}; give the same options or another --store`,
      );
    for (const name of ["venue", "chain", "feed", ...known.attesters.map((attester) => attester.name)])
      if (!findProcess(dir, name))
        throw new SaksiError(
          "store.worldGone",
          `the ${name} of this store is no longer running, so the run cannot go on; use another --store`,
        );
    progress(`resuming the run in ${dir}`);
    return known;
  }
  await ensureCompiled(progress);
  const model = (await new DirectoryModelStore(MODELS_DIR).list()).find(({ name }) => name === options.model);
  if (!model) throw new UsageError("option.model", `there is no model "${options.model}" in models/`);
  try {
    return await bootWorld({
      dir,
      seed: options.seed,
      market: options.market,
      modelId: model.modelId,
      transport: options.oracle,
      data: options.data,
      progress,
    });
  } catch (error) {
    await endWorld(dir);
    throw error;
  }
}

function peersOf(dir: string, world: World): Peer[] {
  const feed = findProcess(dir, "feed");
  const actors = findProcess(dir, "actors");
  const vendor = findProcess(dir, VENDORS[world.transport]?.process ?? "");
  return [
    ...world.attesters.map(({ name, url }) => ({ name, url, when: "slot" as const })),
    ...[actors, vendor, feed].flatMap((record) =>
      record ? [{ name: record.name, url: `http://127.0.0.1:${record.port}`, when: "block" as const }] : [],
    ),
  ];
}

export async function endWorld(dir: string): Promise<void> {
  const folder = join(dir, "processes");
  if (!existsSync(folder)) return;
  await Promise.all(readdirSync(folder).map((file) => stopProcess(dir, file.replace(/\.json$/, ""))));
}

/** First Ctrl-C: halt, close what is open, summarise. Second: leave at once; the next start resumes. */
function catchSignals(run: Run): { release(): void } {
  let asked = false;
  const onSignal = (): void => {
    if (asked) {
      process.stdout.write("\nleft at once; the same command resumes this run\n");
      process.exit(130);
    }
    asked = true;
    process.stdout.write("\nhalting: no new risk, closing what is open (Ctrl-C again leaves at once)\n");
    run.stop();
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  return {
    release: () => {
      process.off("SIGINT", onSignal);
      process.off("SIGTERM", onSignal);
    },
  };
}

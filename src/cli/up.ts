/** `saksi up`: the whole world in lockstep until enough predictions are terminal, or until told to stop. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Rpc } from "../adapters/evm/rpc.ts";
import { apiServer } from "../adapters/http/api.ts";
import { listen } from "../adapters/http/json.ts";
import { readSecrets } from "../adapters/local/boot.ts";
import { Conductor } from "../adapters/local/conductor.ts";
import { type Engine, startEngine } from "../adapters/local/engine.ts";
import { PacedTime, systemWall, type VenueTime, type WallClock, WallTime } from "../adapters/local/pace.ts";
import { VenueAdmin } from "../adapters/local/venue-admin.ts";
import { VENDORS, vendorUrl } from "../adapters/oracle/transports.ts";
import { announcePublisher } from "../adapters/oracle/vendor-peer.ts";
import { TIMING } from "../config/scenario.ts";
import { venueUrl, type World } from "../config/world.ts";
import type { RiskSpec } from "../domain/risk-spec.ts";
import { messageOf } from "../errors/errors.ts";
import type { Ports } from "../ports/ports.ts";
import type { Report } from "../report/report.ts";
import { wrongWith } from "../report/verdict.ts";
import { defaultStore, describeSentiment, endWorld, openWorld, peersOf } from "./open-world.ts";
import type { UpOptions } from "./options.ts";
import { printer, summary } from "./print.ts";
import { Run } from "./run.ts";

export { endWorld } from "./open-world.ts";

/** For fault injection and measurement from outside `src`. */
export type UpHooks = {
  wrapPorts?: (ports: Ports) => Ports;
  forceLease?: boolean;
  /** Rules of size of a new world, from the scenario's. */
  riskSpec?: (usual: RiskSpec) => RiskSpec;
  /** Real time of a world on a real market. */
  wall?: WallClock;
  onStarted?: (engine: Engine) => void;
  /** Called once the run is over and before its world is ended. */
  onFinished?: (engine: Engine, report: Report) => Promise<void>;
};

/** @returns the exit code. */
export async function up(options: UpOptions, hooks: UpHooks = {}): Promise<number> {
  const dir = options.store ?? defaultStore(options.mode);
  const wall = hooks.wall ?? systemWall;
  let nowMs = (): number => 0;
  const notify = printer(() => nowMs(), { quiet: options.quiet, colour: process.stdout.isTTY === true });
  const progress = (text: string): void => void process.stdout.write(`· ${text}\n`);
  const world = await openWorld(dir, options, {
    wall,
    progress,
    ...(hooks.riskSpec ? { riskSpec: hooks.riskSpec } : {}),
  });
  const time = timeOf(dir, world, options, wall);
  const engine = await startEngine({
    dir,
    world,
    notify,
    nowMs: time.nowMs,
    ...(world.mode === "simulated" ? {} : { wall }),
    ...(hooks.wrapPorts ? { wrapPorts: hooks.wrapPorts } : {}),
    forceLease: hooks.forceLease ?? false,
  });
  nowMs = () => engine.deps.clock.nowMs();
  const api = apiServer(engine.deps);
  const port = await listen(api, options.port);
  progress(`API on http://127.0.0.1:${port}  ·  store ${dir}  ·  market ${world.market} (${world.source})`);
  progress(describeSentiment(world.sentiment));
  const vendor = VENDORS[world.transport];
  if (vendor) {
    progress(`verdicts come by ${world.transport}, of lower assurance than the quorum: ${vendor.assurance}`);
    await announcePublisher(vendorUrl(dir, world.transport), `http://127.0.0.1:${port}`);
  }
  const rpc = new Rpc(world.chain.url, world.chain.chainId);
  const conductor = new Conductor({
    time: time.conducted,
    rpc,
    peers: peersOf(dir, world),
    engine,
    blockMs: TIMING.blockMs,
    blockAfterSlot: vendor !== undefined,
    ...(world.mode === "simulated" ? {} : { onSilence: warnOfSilence(notify) }),
  });
  const run = new Run(engine, world, { target: options.predictions, startedAt: performance.now() });
  hooks.onStarted?.(engine);
  const signals = catchSignals(() => {
    run.stop();
    time.hurry();
  });
  try {
    await conductor.resume();
    while (!(await run.finished())) await conductor.step();
    const report = await run.report();
    await hooks.onFinished?.(engine, report);
    if (options.report) writeFileSync(options.report, `${JSON.stringify(report, null, 2)}\n`);
    process.stdout.write(`\n${summary(report)}\n`);
    if (world.mode !== "simulated") progress(await openEpoch(engine));
    writeFileSync(join(dir, "finished"), `${report.digest}\n`);
    await endWorld(dir);
    const wrong = wrongWith(report);
    wrong.forEach(progress);
    return wrong.length === 0 ? 0 : 1;
  } finally {
    signals.release();
    api.closeAllConnections();
    api.close();
    rpc.close();
    await engine.close();
  }
}

type Time = { conducted: VenueTime; nowMs: () => Promise<number>; hurry: () => void };

/** The simulated exchange moves time, at full speed or held back; on a real market the wall clock does. */
function timeOf(dir: string, world: World, { speed }: UpOptions, wall: WallClock): Time {
  if (world.mode !== "simulated")
    return {
      conducted: new WallTime(wall, TIMING.blockMs),
      nowMs: async () => wall.nowMs(),
      hurry: () => undefined,
    };
  const admin = new VenueAdmin(venueUrl(world), readSecrets(dir).adminToken);
  const nowMs = async (): Promise<number> => (await admin.status()).nowMs;
  if (speed === undefined) return { conducted: admin, nowMs, hurry: () => undefined };
  const paced = new PacedTime(admin, speed);
  return { conducted: paced, nowMs, hurry: () => paced.hurry() };
}

async function openEpoch(engine: Engine): Promise<string> {
  const { epoch, snapshotAt } = await engine.deps.chain.epoch();
  const end = new Date(Number(snapshotAt) * 1000).toISOString().slice(0, 16).replace("T", " ");
  return `epoch ${epoch} stays open (its end would be ${end} UTC): what it earned is settled and not distributed`;
}

const warnOfSilence =
  (notify: Ports["notify"]) =>
  (peer: string, error: unknown): void =>
    notify.line({ station: "world", subject: peer, text: messageOf(error), level: "warn" });

/** First Ctrl-C: halt, close what is open, summarise. Second: leave at once; the next start resumes. */
function catchSignals(stop: () => void): { release(): void } {
  let asked = false;
  const onSignal = (): void => {
    if (asked) {
      process.stdout.write("\nleft at once; the same command resumes this run\n");
      process.exit(130);
    }
    asked = true;
    process.stdout.write("\nhalting: no new risk, closing what is open (Ctrl-C again leaves at once)\n");
    stop();
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

/** Runs engines as processes: undisturbed, killed and started again, or two at once. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { endWorld } from "../src/cli/up.ts";
import type { Report } from "../src/report/report.ts";
import type { EnginePlan } from "./engine.ts";

const ENGINE = new URL("./engine.ts", import.meta.url).pathname;
const LIFE_TIMEOUT_MS = 300_000;
/** As `saksi` itself keeps compiled code between starts. */
const COMPILE_CACHE = new URL("../node_modules/.cache/saksi-compile", import.meta.url).pathname;

export type Life = { code: number | null; signal: NodeJS.Signals | null; output: string };
export type Running = {
  child: ChildProcess;
  ended: Promise<Life>;
  /** Resolves when the output shows it. @throws when the life ends without. */
  saw(pattern: RegExp): Promise<void>;
};

export class World {
  readonly dir = mkdtempSync(join(tmpdir(), "saksi-sim-"));
  readonly store = join(this.dir, "store");
  readonly #args: string[];
  #lives = 0;

  constructor(args: { seed: number; predictions: number; more?: string[] }) {
    this.#args = [
      "--seed",
      String(args.seed),
      "--predictions",
      String(args.predictions),
      "--port",
      "0",
      "--store",
      this.store,
      "--report",
      join(this.dir, "report.json"),
      ...(args.more ?? []),
    ];
  }

  start(plan: EnginePlan = {}): Running {
    const file = join(this.dir, `plan-${this.#lives++}.json`);
    writeFileSync(file, JSON.stringify(plan));
    const child = spawn(process.execPath, [ENGINE, file, "--", ...this.#args], {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, NODE_COMPILE_CACHE: COMPILE_CACHE },
    });
    let output = "";
    const looks = new Set<() => void>();
    const onData = (chunk: Buffer): void => {
      output += chunk.toString();
      for (const look of looks) look();
    };
    child.stdout.on("data", onData);
    child.stderr.on("data", onData);
    const timer = setTimeout(() => child.kill("SIGKILL"), LIFE_TIMEOUT_MS);
    const ended = new Promise<Life>((resolve) => {
      child.on("close", (code, signal) => {
        clearTimeout(timer);
        resolve({ code, signal, output });
      });
    });
    const saw = (pattern: RegExp): Promise<void> =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (pattern.test(output)) resolve();
        };
        looks.add(look);
        look();
        void ended.then(() => reject(new Error(`it ended without ${pattern}: ${output.slice(-1_000)}`)));
      });
    return { child, ended, saw };
  }

  life(plan: EnginePlan = {}): Promise<Life> {
    return this.start(plan).ended;
  }

  report(): Report | undefined {
    const file = join(this.dir, "report.json");
    return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Report) : undefined;
  }

  /** What the digest is made of, a line each. */
  records(): string[] {
    const file = `${this.store}-records.txt`;
    return existsSync(file) ? readFileSync(file, "utf8").split("\n") : [];
  }

  /** Ends what is left of the world and removes the store. */
  async end(): Promise<void> {
    await endWorld(this.store);
    rmSync(this.dir, { recursive: true, force: true });
  }
}

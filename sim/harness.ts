/** Runs engines as processes: undisturbed, killed and started again, or beside a twin. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { endWorld } from "../src/cli/up.ts";
import type { Report } from "../src/report/report.ts";
import type { EnginePlan } from "./engine.ts";

const ENGINE = new URL("./engine.ts", import.meta.url).pathname;
const LIFE_TIMEOUT_MS = 300_000;

export type Life = { code: number | null; signal: NodeJS.Signals | null; output: string };

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

  start(plan: EnginePlan = {}): { child: ChildProcess; ended: Promise<Life> } {
    const file = join(this.dir, `plan-${this.#lives++}.json`);
    writeFileSync(file, JSON.stringify(plan));
    const child = spawn(process.execPath, [ENGINE, file, "--", ...this.#args], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    child.stdout.on("data", (chunk: Buffer) => {
      output += chunk.toString();
    });
    child.stderr.on("data", (chunk: Buffer) => {
      output += chunk.toString();
    });
    const timer = setTimeout(() => child.kill("SIGKILL"), LIFE_TIMEOUT_MS);
    const ended = new Promise<Life>((resolve) => {
      child.on("close", (code, signal) => {
        clearTimeout(timer);
        resolve({ code, signal, output });
      });
    });
    return { child, ended };
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

/** Starting, finding again and ending the processes of the local world. They outlive the engine. */
import { spawn } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { SaksiError } from "../../errors/errors.ts";
import { processAlive } from "./lease.ts";

export type ProcessRecord = { name: string; pid: number; port: number; startedAt: string };

/** Compiled code is kept between starts, where nobody else can write: five attesters load the same libraries. */
const COMPILE_CACHE = fileURLToPath(new URL("../../../node_modules/.cache/saksi-compile", import.meta.url));
const READY_TIMEOUT_MS = 60_000;
const POLL_MS = 15;
const STOP_TIMEOUT_MS = 5_000;

const KEY_VARIABLES = "WEEX_";

const fileOf = (dir: string, name: string): string => join(dir, "processes", `${name}.json`);

/** The kernel's start time of a process: a reused pid is another process. */
function startTimeOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
  } catch {
    return "";
  }
}

/** @returns the process if it still runs. */
export function findProcess(dir: string, name: string): ProcessRecord | undefined {
  const file = fileOf(dir, name);
  if (!existsSync(file)) return undefined;
  const record = JSON.parse(readFileSync(file, "utf8")) as ProcessRecord;
  return processAlive(record.pid) && startTimeOf(record.pid) === record.startedAt ? record : undefined;
}

/** Keys of a real account are the engine's alone. */
const withoutKeys = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith(KEY_VARIABLES)));

/**
 * Starts a detached process whose log is `dir/logs/name.log` and waits until `ready` finds its port in what it printed.
 * @throws SaksiError `process.failed` with the last line it printed.
 */
export async function startProcess(
  dir: string,
  name: string,
  command: string,
  args: readonly string[],
  ready: (log: string) => number | undefined,
  env: Record<string, string> = {},
): Promise<ProcessRecord> {
  mkdirSync(join(dir, "processes"), { recursive: true });
  mkdirSync(join(dir, "logs"), { recursive: true });
  const logFile = join(dir, "logs", `${name}.log`);
  rmSync(logFile, { force: true });
  const log = openSync(logFile, "a");
  const child = spawn(command, args, {
    detached: true,
    stdio: ["ignore", log, log],
    env: { ...withoutKeys(process.env), NODE_COMPILE_CACHE: COMPILE_CACHE, ...env },
  });
  closeSync(log);
  child.unref();
  let failure: string | undefined;
  child.on("error", (error) => {
    failure = error.message;
  });
  child.on("exit", (code) => {
    failure ??= `it ended with code ${code}`;
  });
  const pid = child.pid;
  for (const until = Date.now() + READY_TIMEOUT_MS; Date.now() < until; ) {
    const text = readFileSync(logFile, "utf8");
    const port = ready(text);
    if (port !== undefined && pid) {
      const record = { name, pid, port, startedAt: startTimeOf(pid) };
      writeFileSync(fileOf(dir, name), JSON.stringify(record));
      return record;
    }
    if (failure)
      throw new SaksiError(
        "process.failed",
        `${name} did not start: ${text.trim().split("\n").at(-1) || failure}`,
      );
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  if (pid) process.kill(pid, "SIGKILL");
  throw new SaksiError(
    "process.slow",
    `${name} was not ready within ${READY_TIMEOUT_MS / 1000} s; see ${logFile}`,
  );
}

/** Ends a process we recorded, gently, then firmly. */
export async function stopProcess(dir: string, name: string): Promise<void> {
  const record = findProcess(dir, name);
  rmSync(fileOf(dir, name), { force: true });
  if (!record) return;
  process.kill(record.pid, "SIGTERM");
  for (const until = Date.now() + STOP_TIMEOUT_MS; Date.now() < until; ) {
    if (!processAlive(record.pid)) return;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  process.kill(record.pid, "SIGKILL");
}

/** A JSON line `{"ready":true,"port":N}`. */
export function readyLine(log: string): number | undefined {
  const line = log.split("\n").find((text) => text.startsWith('{"ready":true'));
  return line ? (JSON.parse(line) as { port: number }).port : undefined;
}

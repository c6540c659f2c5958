/** Starts the simulated exchange as a process of its own and speaks its admin API. Tests import nothing else of it. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { WeexOptions } from "../../../src/adapters/weex/options.ts";

export const TOKEN = "admin-token-of-this-test";
export const TRADER = {
  apiKey: "key-trade-0123456789",
  secret: "secret-trade-0123456789abcdef",
  passphrase: "passphraseTrade1",
};
export const READER = {
  apiKey: "key-read-0123456789",
  secret: "secret-read-0123456789abcdef",
  passphrase: "passphraseRead1",
};
export const UID = "1001";
export const START_MS = 1_767_614_400_000;
const MAIN = fileURLToPath(new URL("../../../venue/main.ts", import.meta.url));
const MINUTE_MS = 60_000;

type Json = Record<string, unknown>;
export type Venue = {
  rest: string;
  ws: string;
  /** Virtual time as of the last clock call. */
  nowMs(): number;
  admin<T = Json>(method: string, path: string, body?: Json): Promise<T>;
  fault(name: string, params?: Json): Promise<void>;
  clearFaults(): Promise<void>;
  /** Moves virtual time on; returns the frame watermarks by connection. */
  advance(ms: number): Promise<Record<string, number>>;
  advanceTo(toMs: number): Promise<Record<string, number>>;
  options(overrides?: Partial<WeexOptions>): WeexOptions;
  stop(): Promise<void>;
};

export async function startVenue(extra: string[] = []): Promise<Venue> {
  const folder = mkdtempSync(join(tmpdir(), "venue-"));
  const accounts = join(folder, "accounts.json");
  writeFileSync(
    accounts,
    JSON.stringify([
      { uid: UID, role: "trade", ...TRADER },
      { uid: UID, role: "read", ...READER },
    ]),
  );
  const args = [
    MAIN,
    "--seed",
    "7",
    "--admin-token",
    TOKEN,
    "--accounts",
    accounts,
    "--start-ms",
    String(START_MS),
    ...extra,
  ];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
  const port = await portOf(child);
  const rest = `http://127.0.0.1:${port}`;
  let nowMs = START_MS;

  async function admin<T = Json>(method: string, path: string, body?: Json): Promise<T> {
    const headers = { "x-admin-token": TOKEN, "content-type": "application/json" };
    const reply = await fetch(`${rest}/admin/${path}`, {
      method,
      headers,
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    const text = await reply.text();
    if (!reply.ok) throw new Error(`admin ${path}: ${reply.status} ${text}`);
    return JSON.parse(text) as T;
  }
  async function advanceTo(toMs: number) {
    const reply = await admin<{ nowMs: number; watermarks: Record<string, number> }>("POST", "clock", {
      toMs,
    });
    nowMs = reply.nowMs;
    return reply.watermarks;
  }
  return {
    rest,
    ws: rest.replace("http", "ws"),
    nowMs: () => nowMs,
    admin,
    fault: async (name, params = {}) => void (await admin("POST", "faults", { name, ...params })),
    clearFaults: async () => void (await admin("DELETE", "faults")),
    advance: (ms) => advanceTo(nowMs + ms),
    advanceTo,
    options: (overrides = {}) => ({
      restBaseUrl: rest,
      wsBaseUrl: rest.replace("http", "ws"),
      credentials: TRADER,
      userAgent: "saksi-test",
      requestTimeoutMs: 3_000,
      rateLimitPauseMs: 20,
      now: () => nowMs,
      ...overrides,
    }),
    async stop() {
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGTERM");
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function portOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    let errors = "";
    child.stderr?.on("data", (chunk) => {
      errors += chunk;
    });
    child.once("exit", (code) => reject(new Error(`the venue ended with ${code}: ${errors}`)));
    child.stdout?.once("data", (chunk) =>
      resolve((JSON.parse(String(chunk).split("\n")[0] ?? "") as { port: number }).port),
    );
  });
}

export const minutes = (count: number): number => count * MINUTE_MS;

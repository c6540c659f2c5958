/** Compiles the contracts when their sources are not the ones compiled last. */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, globSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { SaksiError } from "../../errors/errors.ts";
import { ARTIFACTS, ROOT } from "./boot.ts";
import { alone } from "./lock.ts";

function sourcesHash(): string {
  const hash = createHash("sha256");
  for (const file of ["hardhat.config.ts", ...globSync("contracts/**/*.sol", { cwd: ROOT }).sort()])
    hash.update(file).update(readFileSync(join(ROOT, file)));
  return hash.digest("hex");
}

/** Two starts at once compile once: the second waits, and finds the work done. */
const LOCK = join(ROOT, "cache", "compile.lock");
const WAIT_MS = 300_000;

/** @throws SaksiError with the compiler's last words. */
export async function ensureCompiled(progress: (text: string) => void): Promise<void> {
  const stamp = join(ARTIFACTS, ".sources");
  const wanted = sourcesHash();
  const isDone = (): boolean => existsSync(stamp) && readFileSync(stamp, "utf8") === wanted;
  if (isDone()) return;
  progress("compiling the contracts (about half a minute, once)");
  await alone(LOCK, WAIT_MS, async () => {
    if (isDone()) return;
    await compile();
    writeFileSync(stamp, wanted);
  });
}

async function compile(): Promise<void> {
  const output: string[] = [];
  const code = await new Promise<number | null>((resolve, reject) => {
    const child = spawn(
      process.execPath,
      [join(ROOT, "node_modules/hardhat/dist/src/cli.js"), "build", "--no-tests"],
      { cwd: ROOT, stdio: ["ignore", "pipe", "pipe"] },
    );
    child.stdout.on("data", (chunk: Buffer) => output.push(chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => output.push(chunk.toString()));
    child.on("error", reject);
    child.on("close", resolve);
  });
  if (code !== 0)
    throw new SaksiError(
      "compile.failed",
      `the contracts do not compile: ${output.join("").trim().split("\n").slice(-5).join(" ")}`,
    );
}

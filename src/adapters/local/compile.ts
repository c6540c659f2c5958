/** Compiles the contracts when their sources are not the ones compiled last. */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, globSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { SaksiError } from "../../errors/errors.ts";
import { ARTIFACTS, ROOT } from "./boot.ts";

function sourcesHash(): string {
  const hash = createHash("sha256");
  for (const file of ["hardhat.config.ts", ...globSync("contracts/**/*.sol", { cwd: ROOT }).sort()])
    hash.update(file).update(readFileSync(join(ROOT, file)));
  return hash.digest("hex");
}

/** @throws SaksiError with the compiler's last words. */
export async function ensureCompiled(progress: (text: string) => void): Promise<void> {
  const stamp = join(ARTIFACTS, ".sources");
  const wanted = sourcesHash();
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return;
  progress("compiling the contracts (about half a minute, once)");
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
  writeFileSync(stamp, wanted);
}

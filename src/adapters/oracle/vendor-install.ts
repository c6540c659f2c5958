/** The vendors' toolchains live in folders of their own and are installed by the first run that needs them. */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { SaksiError } from "../../errors/errors.ts";

const ROOT = new URL("../../../", import.meta.url).pathname;
const INSTALL_TIMEOUT_MS = 300_000;
/** npm hands its own settings of the outer command down; the folder has its own. */
const INHERITED = /^npm_(config|package|lifecycle)_/i;

export type VendorFolder = "functions" | "web3-functions";

const lockHash = (folder: VendorFolder): string =>
  createHash("sha256")
    .update(readFileSync(join(ROOT, folder, "package-lock.json")))
    .digest("hex");
const stampOf = (folder: VendorFolder): string => join(ROOT, folder, "node_modules", ".saksi-lock");

export const isInstalled = (folder: VendorFolder): boolean =>
  existsSync(stampOf(folder)) && readFileSync(stampOf(folder), "utf8") === lockHash(folder);

/** @throws SaksiError `vendor.install` with npm's own reason. */
export async function ensureInstalled(folder: VendorFolder, progress: (text: string) => void): Promise<void> {
  if (isInstalled(folder)) return;
  progress(`installing the vendor's packages in ${folder}/ (about half a minute, once)`);
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !INHERITED.test(name)));
  const output: string[] = [];
  const code = await new Promise<number | string | null>((resolve) => {
    const child = spawn("npm", ["ci", "--prefix", folder, "--no-fund", "--no-audit"], {
      cwd: ROOT,
      env,
      stdio: ["ignore", "pipe", "pipe"],
      timeout: INSTALL_TIMEOUT_MS,
    });
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (chunk: Buffer) => output.push(chunk.toString()));
    child.on("error", (error) => resolve(error.message));
    child.on("close", resolve);
  });
  if (code !== 0) {
    const reason = output
      .join("")
      .split("\n")
      .find((line) => /^npm error (?!code|errno|syscall)\S/.test(line))
      ?.slice("npm error ".length);
    throw new SaksiError(
      "vendor.install",
      `npm ci --prefix ${folder} failed (${reason ?? code}); --oracle quorum needs none of it`,
    );
  }
  writeFileSync(stampOf(folder), lockHash(folder));
}

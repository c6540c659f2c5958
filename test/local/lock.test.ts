import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { promisify } from "node:util";

const run = promisify(execFile);
const dir = mkdtempSync(join(tmpdir(), "saksi-lock-"));
after(() => rmSync(dir, { recursive: true, force: true }));
const file = join(dir, "lock");
const LOCK = new URL("../../src/adapters/local/lock.ts", import.meta.url).href;
const script = (body: string): string[] => [
  "--input-type=module",
  "-e",
  `import { readFileSync, writeFileSync } from "node:fs"; import { setTimeout as sleep } from "node:timers/promises";
   const { alone } = await import(${JSON.stringify(LOCK)}); const file = ${JSON.stringify(file)};
   ${body}`,
];

test("of processes that start at once, one works at a time", async () => {
  const counter = join(dir, "counter");
  writeFileSync(counter, "0");
  const increment = script(`await alone(file, 20_000, async () => {
    const before = Number(readFileSync(${JSON.stringify(counter)}, "utf8"));
    await sleep(60);
    writeFileSync(${JSON.stringify(counter)}, String(before + 1));
  });`);
  await Promise.all(Array.from({ length: 4 }, () => run(process.execPath, increment)));
  assert.equal(readFileSync(counter, "utf8"), "4");
});

test("a holder that is killed holds nothing any more", async () => {
  const holder = spawn(
    process.execPath,
    script(`await alone(file, 20_000, async () => { process.stdout.write("held"); await sleep(60_000); });`),
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  await new Promise((resolve) => holder.stdout?.once("data", resolve));
  await assert.rejects(run(process.execPath, script(`await alone(file, 50, async () => {});`)), /locked/);
  holder.kill("SIGKILL");
  await run(process.execPath, script(`await alone(file, 10_000, async () => {});`));
});

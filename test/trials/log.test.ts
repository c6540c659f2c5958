import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { trialLog } from "../../src/adapters/local/trial-log.ts";
import { recordOf, trial } from "./samples.ts";

const WRITER = fileURLToPath(new URL("log-writer.ts", import.meta.url));
const dir = mkdtempSync(join(tmpdir(), "saksi-trials-"));
after(() => rmSync(dir, { recursive: true, force: true }));
let files = 0;
const newFile = (): string => join(dir, `${files++}`, "trials.jsonl");
const numbersOf = (output: string): number[] => output.trim().split("\n").filter(Boolean).map(Number);

describe("the file of trials", () => {
  it("grows by one entry at a time and starts empty", () => {
    const file = newFile();
    const log = trialLog(file);
    assert.equal(log.read().head.count, 0);
    assert.equal(log.append(trial(1)).number, 1);
    const first = readFileSync(file, "utf8");
    assert.equal(trialLog(file).append(trial(2)).number, 2);
    assert.ok(readFileSync(file, "utf8").startsWith(first));
    assert.deepEqual(log.read().head, recordOf(2).head);
  });

  it("cuts off the torn start of an entry, and completes one that lost its line end", () => {
    const file = newFile();
    const log = trialLog(file);
    log.append(trial(1));
    appendFileSync(file, Buffer.concat([Buffer.from('{"dataHash":"0x12'), Buffer.from([0xe2, 0x82])]));
    assert.equal(log.append(trial(2)).number, 2);
    writeFileSync(file, readFileSync(file, "utf8").trimEnd());
    assert.equal(log.append(trial(3)).number, 3);
    assert.equal(readFileSync(file, "utf8"), recordOf(3).lines.join(""));
  });

  it("refuses to add to a record that was altered, and leaves it as it is", () => {
    const file = newFile();
    const log = trialLog(file);
    for (let n = 1; n <= 3; n++) log.append(trial(n));
    const altered = readFileSync(file, "utf8").replace("lstm-2", "lstm-9");
    writeFileSync(file, altered);
    assert.throws(() => log.append(trial(4)), /trial 2 of the record \("lstm-9"\) was altered/);
    assert.equal(readFileSync(file, "utf8"), altered);
  });

  it("is one chain whoever writes: processes at once, and two logs of one process", async () => {
    const file = newFile();
    const each = 8;
    const run = promisify(execFile);
    const outputs = await Promise.all(
      Array.from({ length: 3 }, () => run(process.execPath, [WRITER, file, String(each)])),
    );
    const [a, b] = [trialLog(file), trialLog(file)];
    await Promise.all([a, b, a, b].map(async (log) => log.append(trial(0))));
    const numbers = outputs.flatMap(({ stdout }) => numbersOf(stdout)).sort((x, y) => x - y);
    assert.deepEqual(
      numbers,
      Array.from({ length: 3 * each }, (_, i) => i + 1),
    );
    assert.equal(a.read().head.count, 3 * each + 4);
  });

  it("holds every acknowledged trial of a writer that was killed", async () => {
    const file = newFile();
    let acknowledged = 0;
    for (let life = 0; life < 3; life++) {
      const writer = spawn(process.execPath, [WRITER, file, "100000"], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      await new Promise<void>((resolve) => {
        writer.stdout.on("data", (chunk: Buffer) => {
          const last = numbersOf(chunk.toString()).at(-1)!;
          acknowledged = Math.max(acknowledged, last);
          if (last % 1_000 > 10 + 7 * life) writer.kill("SIGKILL");
        });
        writer.on("close", resolve);
      });
      const { head } = trialLog(file).read();
      assert.ok(head.count >= acknowledged, `${head.count} of ${acknowledged}`);
    }
    assert.ok(acknowledged > 10);
  });
});

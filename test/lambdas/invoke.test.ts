import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { EXAMPLE_SLOTS } from "../../src/adapters/lambda/example.ts";
import { parseInvoke } from "../../src/cli/invoke.ts";
import { readWiring } from "../../src/config/wiring.ts";
import { UsageError } from "../../src/errors/errors.ts";
import { holdBy, pausedRun, slotIn } from "./store.ts";

const ROOT = join(import.meta.dirname, "../..");
const PREDICT = join(ROOT, "events/predict.json");
const temp = mkdtempSync(join(tmpdir(), "saksi-invoke-"));
after(() => rmSync(temp, { recursive: true }));
const { SAKSI_STORE: _, ...env } = process.env;

function saksi(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(ROOT, "src/cli/main.ts"), "invoke", ...args],
    { encoding: "utf8", env },
  );
  return { status, stdout, last: stderr.trim().split("\n").at(-1) ?? "" };
}
function eventFile(text: string): string {
  const file = join(temp, "event.json");
  writeFileSync(file, text);
  return file;
}

describe("saksi invoke without a store", () => {
  it("predicts a made-up slot, the same every time", () => {
    const first = saksi("predict", PREDICT);
    assert.equal(first.status, 0);
    assert.match(
      (JSON.parse(first.stdout) as { text: string }).text,
      /^P\(up\) \d+\.\d\d %, sigma \d+ ppm \(lstm-small\)$/,
    );
    assert.equal(saksi("predict", PREDICT).stdout, first.stdout);
  });

  it("says in one sentence what a station needs that the example has not", () => {
    const { status, last } = saksi("risk", join(ROOT, "events/risk.json"));
    assert.equal(status, 2);
    assert.equal(last, "saksi: the example has no chain (nextSequence); name the --store of a run");
  });
});

describe("saksi invoke on the store of a run that is paused", () => {
  let dir = "";
  before(async () => {
    dir = await pausedRun();
  });
  after(() => rmSync(dir, { recursive: true }));

  it("refuses while an engine lives", () => {
    holdBy(dir, process.pid);
    const { status, last } = saksi("predict", PREDICT, "--store", dir);
    assert.equal(status, 1);
    assert.match(last, /^saksi: another engine \(process \d+\) is running on this store; /);
    holdBy(dir, 2 ** 22 + 1);
  });

  it("names the slot that is not there", () => {
    const { status, last } = saksi("predict", join(ROOT, "events/risk.json"), "--store", dir);
    assert.equal(status, 1);
    assert.match(
      last,
      /^saksi: this store has no decision slot of weex:BTCUSDT with cutoffMs 1767572100000 \(2026-01-05T00:15:00.000Z\); check the value, or name the --store of the run it belongs to$/,
    );
  });

  it("runs the station, keeps its effect, and finds it done the second time", async () => {
    const first = saksi("predict", PREDICT, "--store", dir);
    assert.equal(first.status, 0);
    assert.match(first.stdout, /^\{"status":"done"/);
    assert.equal((await slotIn(dir, EXAMPLE_SLOTS.predict)).phase, "predicted");
    assert.equal(
      saksi("predict", PREDICT, "--store", dir).stdout,
      '{"status":"noop","text":"slot is predicted"}\n',
    );
  });
});

describe("what a person may type after saksi invoke", () => {
  const refuses = (args: string[], why: RegExp): void =>
    assert.throws(
      () => parseInvoke(args),
      (error) => error instanceof UsageError && why.test(error.message),
    );

  it("is a Lambda, a file and a store", () => {
    const store = join(temp, "x");
    assert.deepEqual(parseInvoke(["predict", PREDICT, "--store", store]), {
      station: "predict",
      event: { cutoffMs: EXAMPLE_SLOTS.predict },
      wiring: { store },
    });
  });
  it("is refused in one sentence otherwise", () => {
    refuses([], /takes the name of a Lambda and a file/);
    refuses(["predict"], /takes the name/);
    refuses(["predict", PREDICT, PREDICT], /takes the name/);
    refuses(["oracle", PREDICT], /^there is no Lambda "oracle"; there are ingest, features, /);
    refuses(["predict", join(temp, "none.json")], /^there is no file /);
    refuses(["predict", eventFile("{")], /is not JSON: /);
    refuses(["predict", PREDICT, "--stor", "x"], /^Unknown option '--stor'; /);
  });
  it("ends with code 2 and the field when the event has an unknown key", () => {
    const { status, last, stdout } = saksi("predict", eventFile('{"cutoffMs":1767571800000,"surplus":1}'));
    assert.deepEqual(
      { status, last, stdout },
      { status: 2, last: 'saksi: predict event: Unrecognized key: "surplus"', stdout: "" },
    );
  });
  it("ends with code 2 when the directory holds no run", () => {
    const { status, last } = saksi("predict", PREDICT, "--store", temp);
    assert.equal(status, 2);
    assert.match(last, /holds no run; name the --store of one, or none for the example$/);
  });
});

describe("the environment of a cold start", () => {
  it("names a store or none", () => {
    assert.deepEqual(readWiring({}), { store: undefined });
    assert.deepEqual(readWiring({ SAKSI_WIRING: "embedded", SAKSI_STORE: "/tmp/x" }), { store: "/tmp/x" });
  });
  it("is refused when it asks for another wiring, or for this one in the cloud", () => {
    assert.throws(() => readWiring({ SAKSI_WIRING: "aws" }), /SAKSI_WIRING is embedded, not "aws"/);
    assert.throws(
      () => readWiring({ AWS_EXECUTION_ENV: "AWS_Lambda_nodejs24.x" }),
      /does not run in AWS Lambda/,
    );
  });
});

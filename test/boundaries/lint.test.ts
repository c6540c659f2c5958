import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, describe, it } from "node:test";
import { lintBoundaries } from "../../scripts/lint-boundaries.ts";

const ROOT = join(import.meta.dirname, "../..");
const folders: string[] = [];
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

function planted(files: Record<string, string>): string {
  const root = mkdtempSync(join(tmpdir(), "saksi-lint-"));
  folders.push(root);
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), text);
  }
  return root;
}
const found = (files: Record<string, string>): string[] =>
  lintBoundaries(planted(files)).map(({ file, line, what }) => `${file}:${line} ${what}`);

describe("effects outside the edges", () => {
  const planting: [text: string, what: string][] = [
    ["export const t = Date.now();", "Date.now"],
    ['export const t = Date["now"]();', "Date.now"],
    ["export const t = globalThis.Date.now();", "Date.now"],
    ["const { now } = Date;", "Date.now"],
    ["export const t = new Date();", "new Date() without a time"],
    ["export const t = Date();", "Date()"],
    ["export const r = Math.random();", "Math.random"],
    ["export const t = performance.now();", "performance.now"],
    ["export const r = await fetch(url);", "fetch"],
    ["export const r = globalThis.fetch(url);", "fetch"],
    ["export const f = { fetch };", "fetch"],
    ["export const e = process.env.HOME;", "process.env"],
    ["const { env } = process;", "process.env"],
    ["export const r = crypto.randomBytes(32);", "crypto.randomBytes"],
    ['import { randomBytes as some } from "node:crypto";', "imports randomBytes"],
    ["setTimeout(run, 5);", "setTimeout"],
    ["const later = setInterval;", "setInterval"],
    ['import { createServer } from "node:http";', "imports node:http"],
    ['import { connect } from "net";', "imports net"],
    ['import { readFile } from "node:fs/promises";', "imports node:fs/promises"],
    ['const fs = await import("node:fs");', "imports node:fs"],
    ['const child = require("child_process");', "imports child_process"],
  ];
  for (const [text, what] of planting)
    it(`finds ${text}`, () =>
      assert.deepEqual(found({ "src/stations/x.ts": `\n${text}\n` }), [`src/stations/x.ts:2 ${what}`]));

  it("finds them in lambdas/ and in folders of src/ yet to come", () =>
    assert.equal(found({ "lambdas/x.ts": "Date.now();", "src/backtest/x.ts": "Date.now();" }).length, 2));

  it("leaves alone what has no effect", () => {
    const harmless = [
      "export const text = new Date(0).toISOString();",
      'export const words = "Date.now() and fetch"; // Math.random()',
      "export type Port = { fetch(): void; setTimeout: number };",
      "export const reply = (venue: Port) => venue.fetch();",
      'import type { Server } from "node:http";',
      'import { createHash } from "node:crypto";',
      'import { join } from "node:path";',
    ];
    assert.deepEqual(found({ "src/domain/x.ts": harmless.join("\n") }), []);
  });

  it("lets adapters and configuration do their work, and the exchange and the simulator theirs", () => {
    const text = 'import { readFileSync } from "node:fs";\nDate.now(); Math.random(); fetch(process.env.X);';
    assert.deepEqual(
      found({ "src/adapters/x.ts": text, "src/config/x.ts": text, "venue/x.ts": text, "sim/x.ts": text }),
      [],
    );
  });

  it("lets the command line read files and its environment, but neither fetch nor draw nor wait", () => {
    const text =
      'import { readFileSync } from "node:fs";\nperformance.now(); process.env.X;\nfetch(x);\nMath.random();\nsetTimeout(f);';
    assert.deepEqual(found({ "src/cli/x.ts": text }), [
      "src/cli/x.ts:3 fetch",
      "src/cli/x.ts:4 Math.random",
      "src/cli/x.ts:5 setTimeout",
    ]);
  });
});

describe("imports against the grain", () => {
  for (const layer of ["domain", "stations", "features", "models", "ports", "report"])
    it(`src/${layer} imports no adapter, not even a type`, () =>
      assert.deepEqual(found({ [`src/${layer}/x.ts`]: 'import type { A } from "../adapters/a.ts";' }), [
        `src/${layer}/x.ts:1 imports src/adapters/a.ts`,
      ]));

  const planting: [file: string, text: string, target: string][] = [
    ["src/cli/x.ts", 'import "../../lambdas/predict.ts";', "lambdas/predict.ts"],
    ["venue/x.ts", 'import "../lambdas/predict.ts";', "lambdas/predict.ts"],
    ["src/adapters/x.ts", 'export { a } from "../../venue/main.ts";', "venue/main.ts"],
    ["src/adapters/y.ts", 'const venue = await import("../../venue/main.ts");', "venue/main.ts"],
    ["src/adapters/z.ts", 'type V = import("../../venue/main.ts").V;', "venue/main.ts"],
    ["src/cli/x.ts", 'import { w } from "../../sim/world.ts";', "sim/world.ts"],
    ["venue/engine/x.ts", 'import type { C } from "../../src/domain/candle.ts";', "src/domain/candle.ts"],
  ];
  for (const [file, text, target] of planting)
    it(`finds ${text} in ${file}`, () =>
      assert.deepEqual(found({ [file]: text }), [`${file}:1 imports ${target}`]));

  it("lets a host load a Lambda when it runs", () =>
    assert.deepEqual(
      found({ "src/adapters/x.ts": 'await import("../../lambdas/predict.ts"); await import(name);' }),
      [],
    ));
});

describe("long files", () => {
  const lines = (count: number): string => "// line\n".repeat(count);
  it("finds a file of 301 lines and a contract of 451", () =>
    assert.deepEqual(
      found({
        "src/x.ts": lines(301),
        "venue/x.ts": lines(301),
        "lambdas/x.ts": lines(301),
        "contracts/core/X.sol": lines(451),
        "src/y.ts": lines(300),
        "contracts/core/Y.sol": lines(450),
        "scripts/x.ts": lines(400),
      }),
      [
        "lambdas/x.ts:301 301 lines",
        "src/x.ts:301 301 lines",
        "venue/x.ts:301 301 lines",
        "contracts/core/X.sol:451 451 lines",
      ],
    ));
});

describe("the command", () => {
  const run = (root?: string) =>
    spawnSync(process.execPath, [join(ROOT, "scripts/lint-boundaries.ts"), ...(root ? [root] : [])], {
      encoding: "utf8",
    });

  it("prints file, line, what and what to do, and fails", () => {
    const { status, stderr } = run(planted({ "src/domain/x.ts": "\n\nDate.now();\n" }));
    assert.equal(status, 1);
    assert.equal(stderr.split("\n")[0], "src/domain/x.ts:3: Date.now: ask the Clock port");
  });

  it("finds nothing in this project", () => {
    const { status, stderr } = run();
    assert.equal(stderr, "");
    assert.equal(status, 0);
  });
});

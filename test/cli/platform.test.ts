import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
type Machine = { platform: string; arch: string; libc: string | undefined };
const { unsupported } = (await import(join(ROOT, "scripts/check-platform.mjs"))) as {
  unsupported(machine?: Machine): string | undefined;
};

const dir = mkdtempSync(join(tmpdir(), "saksi-platform-"));
after(() => rmSync(dir, { recursive: true }));
const disguise = join(dir, "disguise.cjs");
writeFileSync(
  disguise,
  `Object.defineProperty(process, "platform", { value: process.env.AS_PLATFORM });
   Object.defineProperty(process, "arch", { value: process.env.AS_ARCH });`,
);

/** Runs a program that takes this machine for another one. */
function disguised(platform: string, arch: string, command: string, args: string[]) {
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd: dir,
    encoding: "utf8",
    timeout: 60_000,
    env: {
      ...process.env,
      NODE_OPTIONS: `--require ${disguise}`,
      AS_PLATFORM: platform,
      AS_ARCH: arch,
      npm_config_cache: join(dir, "cache"),
      // A silent caller must not silence what is looked at here.
      npm_config_loglevel: "error",
    },
  });
  return { status, stdout, stderr };
}

test("this machine is supported, and so is any Linux x64 with glibc", () => {
  assert.equal(unsupported(), undefined);
  assert.equal(unsupported({ platform: "linux", arch: "x64", libc: "glibc" }), undefined);
});

test("another system, processor or C library is named in one sentence with what to do", () => {
  const cases: [Machine, string][] = [
    [{ platform: "darwin", arch: "arm64", libc: undefined }, "macOS arm64"],
    [{ platform: "darwin", arch: "x64", libc: undefined }, "macOS x64"],
    [{ platform: "win32", arch: "x64", libc: undefined }, "Windows x64"],
    [{ platform: "linux", arch: "arm64", libc: "glibc" }, "Linux arm64"],
    [{ platform: "linux", arch: "x64", libc: undefined }, "Linux x64 without glibc"],
    [{ platform: "freebsd", arch: "x64", libc: undefined }, "freebsd x64"],
  ];
  for (const [machine, found] of cases) {
    const sentence = unsupported(machine) ?? "";
    assert.ok(sentence.startsWith(`Saksi runs on Linux x64 with glibc, and this is ${found}; `), sentence);
    assert.match(sentence, /container .*virtual machine or WSL2$/);
    assert.ok(!sentence.includes("\n"));
  }
});

test("the command says it before it loads or starts anything", () => {
  const { status, stdout, stderr } = disguised("darwin", "arm64", process.execPath, [
    join(ROOT, "bin/saksi.mjs"),
    "up",
    "--no-such-option",
  ]);
  assert.equal(stderr, `saksi: ${unsupported({ platform: "darwin", arch: "arm64", libc: undefined })}\n`);
  assert.equal(stdout, "");
  assert.equal(status, 1);
});

test("npm says what is supported and what to do, and installs nothing", () => {
  for (const file of ["package.json", "package-lock.json", ".npmrc"])
    copyFileSync(join(ROOT, file), join(dir, file));
  for (const [platform, arch] of [
    ["darwin", "arm64"],
    ["win32", "x64"],
    ["linux", "arm64"],
  ] as const) {
    const { status, stderr } = disguised(platform, arch, "npm", ["ci", "--offline"]);
    assert.notEqual(status, 0);
    assert.match(
      stderr,
      /Valid os: +linux,or Linux x64 with glibc in a container, a virtual machine or WSL2/,
    );
    assert.match(stderr, new RegExp(`Actual os: +${platform}`));
    assert.match(stderr, new RegExp(`Actual cpu: +${arch}`));
    assert.ok(!existsSync(join(dir, "node_modules")));
  }
});

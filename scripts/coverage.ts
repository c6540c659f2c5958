/**
 * `npm run coverage:contracts`: runs the contract tests with Hardhat's coverage in a copy of the tree, because
 * instrumented code must not stay among the artifacts, and prints lines and branches for each file but the mocks. With
 * `--check` it exits with 1 below the floors. How branches are found is said in coverage-branches.ts.
 */
import { spawnSync } from "node:child_process";
import { cpSync, globSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import { type AstNode, branchesOf } from "./coverage-branches.ts";

const ROOT = join(import.meta.dirname, "..");
const RUN_MS = 1_800_000;
const PARSE_MS = 120_000;
const MIN_LINES_PERCENT = 100;
const MIN_BRANCHES_PERCENT = 98;
/** About code that is not instrumented: gas, sizes and bytes on the chain. */
const NOT_INSTRUMENTED = [
  "gas.test.ts",
  "verification.test.ts",
  "deploy.test.ts",
  "deploy-commands.test.ts",
  "ignition.test.ts",
  "coverage.test.ts",
];
const COPIED = [
  "contracts",
  "functions",
  "ignition",
  "package.json",
  "scripts",
  "src",
  "test",
  "tsconfig.json",
];

type Row = { file: string; lines: [number, number]; branches: [number, number]; open: string[] };

/** Conditional expressions, whose arms nobody counts. */
let hidden = 0;
const { check } = parseArgs({ options: { check: { type: "boolean", default: false } } }).values;
const copy = mkdtempSync(join(tmpdir(), "saksi-coverage-"));
try {
  process.exitCode = coverage();
} finally {
  rmSync(copy, { recursive: true });
}

function coverage(): number {
  for (const name of [...COPIED, "hardhat.config.ts"])
    cpSync(join(ROOT, name), join(copy, name), { recursive: true });
  symlinkSync(join(ROOT, "node_modules"), join(copy, "node_modules"));
  const tests = globSync("test/contracts/**/*.{test.ts,t.sol}", { cwd: copy })
    .filter((file) => !NOT_INSTRUMENTED.includes(basename(file)))
    .sort();
  const { status, stdout, stderr, error } = spawnSync(
    process.execPath,
    [join(ROOT, "node_modules/hardhat/dist/src/cli.js"), "test", "--coverage", ...tests],
    { cwd: copy, encoding: "utf8", timeout: RUN_MS, maxBuffer: 64 * 1024 * 1024 },
  );
  if (status !== 0) {
    const why = error ? `did not end: ${error.message}` : "did not pass";
    console.error(
      `${stdout}${stderr}\ncoverage: the tests ${why}, so nothing was measured; their words are above`,
    );
    return 1;
  }
  const rows = measure();
  print(rows);
  const total = sum(rows);
  const low = percent(total.lines) < MIN_LINES_PERCENT || percent(total.branches) < MIN_BRANCHES_PERCENT;
  if (low)
    console.log(
      `below ${MIN_LINES_PERCENT} % of lines or ${MIN_BRANCHES_PERCENT} % of branches${check ? "" : "; --check fails for it"}`,
    );
  return low && check ? 1 : 0;
}

function measure(): Row[] {
  const calls = new Map<string, number>();
  for (const file of globSync("coverage/data/*/*.json", { cwd: copy })) {
    const counts = JSON.parse(readFileSync(join(copy, file), "utf8")) as Record<string, number>;
    for (const [tag, count] of Object.entries(counts)) calls.set(tag, (calls.get(tag) ?? 0) + count);
  }
  const lines = readLcov();
  const files = [...lines.keys()].filter(
    (file) => file.startsWith("contracts/") && !file.startsWith("contracts/mocks/"),
  );
  const sources = new Map(files.map((file) => [file, readFileSync(join(copy, file), "utf8")]));
  const trees = parseSources(sources);
  return files.sort().map((file) => {
    const { arms, conditionals } = branchesOf(`project/${file}`, sources.get(file)!, trees[file]!.ast, calls);
    hidden += conditionals;
    const counts = lines.get(file)!;
    const unrun = [...counts].filter(([, count]) => count === 0).map(([line]) => String(line));
    const untaken = arms.filter(({ taken }) => !taken).map(({ line, what }) => `${line} ${what}`);
    return {
      file,
      lines: [counts.size - unrun.length, counts.size],
      branches: [arms.length - untaken.length, arms.length],
      open: [...unrun, ...untaken],
    };
  });
}

/** Hardhat's report of lines: file → line → whether it ran. */
function readLcov(): Map<string, Map<number, number>> {
  const files = new Map<string, Map<number, number>>();
  let current = new Map<number, number>();
  for (const line of readFileSync(join(copy, "coverage/lcov.info"), "utf8").split("\n")) {
    if (line.startsWith("SF:")) {
      current = new Map();
      files.set(line.slice(3), current);
    }
    const found = /^DA:(\d+),(\d+)/.exec(line);
    if (found) current.set(Number(found[1]), Number(found[2]));
  }
  return files;
}

function parseSources(sources: Map<string, string>): Record<string, { ast: AstNode }> {
  const input = {
    language: "Solidity",
    sources: Object.fromEntries([...sources].map(([file, content]) => [file, { content }])),
    settings: { stopAfter: "parsing", outputSelection: { "*": { "": ["ast"] } } },
  };
  const { status, stdout } = spawnSync(process.execPath, [join(ROOT, "scripts/deployment/recompile.ts")], {
    input: JSON.stringify(input),
    encoding: "utf8",
    stdio: ["pipe", "pipe", "inherit"],
    timeout: PARSE_MS,
    maxBuffer: 256 * 1024 * 1024,
  });
  if (status !== 0) throw new Error("coverage: the sources could not be parsed");
  return (JSON.parse(stdout) as { output: { sources: Record<string, { ast: AstNode }> } }).output.sources;
}

function sum(rows: Row[]): Row {
  const add = (field: "lines" | "branches"): [number, number] => [
    rows.reduce((all, row) => all + row[field][0], 0),
    rows.reduce((all, row) => all + row[field][1], 0),
  ];
  return { file: "total", lines: add("lines"), branches: add("branches"), open: [] };
}

function percent([taken, all]: [number, number]): number {
  return all === 0 ? 100 : (100 * taken) / all;
}

function print(rows: Row[]): void {
  const cell = (pair: [number, number]): string =>
    `${pair.join("/")} ${percent(pair).toFixed(1)} %`.padStart(17);
  console.log(`${"file".padEnd(46)}${"lines".padStart(17)}${"branches".padStart(17)}  not reached`);
  for (const row of [...rows, sum(rows)])
    console.log(`${row.file.padEnd(46)}${cell(row.lines)}${cell(row.branches)}  ${row.open.join(", ")}`);
  console.log(
    `branches are arms of if and try; the arms of ${hidden} conditional expressions are not measured`,
  );
}

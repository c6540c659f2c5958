/** From the contracts to the results: draws mutants, builds them, lets the tests judge them, keeps what was found. */
import { createHash } from "node:crypto";
import {
  appendFileSync,
  existsSync,
  globSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { Bench, NOT_ASKED } from "./bench.ts";
import { Compiler, type Statement } from "./compiler.ts";
import { Guide } from "./guide.ts";
import { type Mutant, mutantsOf } from "./mutants.ts";
import type { Operator } from "./operators.ts";
import { line, type Result, resultOf, scoreOf, tableOf } from "./report.ts";
import { drawOrder } from "./sample.ts";
import type { Surveyed } from "./tester.ts";

/** Holds code, and is not there for tests alone. */
const JUDGED = /^contracts\/(?!mocks\/|interfaces\/)/;

export type Plan = {
  /** Folder with `contracts/`, `test/contracts/`, `hardhat.config.ts` and `node_modules/`. */
  root: string;
  /** Where results and the survey of the tests are kept. */
  stateDir: string;
  perFile: number;
  max: number;
  seed: string;
  only: string;
  operator: Operator | undefined;
  resume: boolean;
  again: boolean;
  say: (text: string) => void;
};

export async function campaign(plan: Plan): Promise<Result[]> {
  const { root, stateDir, say } = plan;
  mkdirSync(stateDir, { recursive: true });
  const log = join(stateDir, "results.jsonl");
  if (!plan.resume) rmSync(log, { force: true });
  const known = new Map(readLines(log).map((result) => [result.key, result]));
  if (plan.again) for (const [key, { status }] of known) if (status === "survived") known.delete(key);

  const compiler = new Compiler(root);
  const drawn = draw(compiler, plan);
  const open = drawn.filter(({ key }) => !known.has(key));
  say(`${drawn.length} mutants, ${drawn.length - open.length} known from before`);
  const keep = (result: Result): void => {
    known.set(result.key, result);
    appendFileSync(log, `${JSON.stringify(result)}\n`);
    say(`${String([...known.values()].length).padStart(4)} ${line(result)}`);
  };
  if (open.length > 0) {
    const bench = new Bench(root);
    try {
      const guide = await guideFor(plan, compiler, bench);
      for (const { file, by } of known.values()) if (by !== undefined) guide.noticed(file, by);
      await judgeAll(open, compiler, bench, guide, say, keep);
    } finally {
      bench.close();
    }
  }
  const results = drawn.flatMap(({ key }) => known.get(key) ?? []);
  for (const text of tableOf(results)) say(text);
  for (const result of results) if (result.status === "survived") say(line(result));
  writeFileSync(
    join(stateDir, "report.json"),
    `${JSON.stringify({ seed: plan.seed, score: scoreOf(results), results }, null, 1)}\n`,
  );
  return results;
}

function draw(compiler: Compiler, { perFile, max, seed, only, operator }: Plan): Mutant[] {
  const perFileDraws = [...compiler.sources]
    .filter(([file]) => JUDGED.test(file) && file.includes(only))
    .map(([file, source]) => mutantsOf(file, source, compiler.trees.get(file)!))
    .map((all) => all.filter((mutant) => operator === undefined || mutant.operator === operator))
    .filter((all) => all.length > 0)
    .map((all) => drawOrder(all, seed).slice(0, perFile));
  // With fewer allowed than drawn every file gives up its last draws first.
  const turns = perFileDraws.flatMap((all) => all.map((mutant, turn) => ({ mutant, turn })));
  return turns
    .sort((a, b) => a.turn - b.turn)
    .slice(0, max)
    .map(({ mutant }) => mutant);
}

async function judgeAll(
  open: Mutant[],
  compiler: Compiler,
  bench: Bench,
  guide: Guide,
  say: Plan["say"],
  keep: (result: Result) => void,
): Promise<void> {
  const numbered = new Map(open.map((mutant, index) => [index + 1, mutant]));
  const { codes, refused } = compiler.together(numbered);
  say(`${codes.size} contracts built with all mutants in them`);
  bench.write(codes);
  const unchanged = await bench.judge(guide.everything());
  if (unchanged === undefined || unchanged.failed !== undefined)
    throw new Error(`mutation: the tests fail with no mutant on: ${JSON.stringify(unchanged?.failed)}`);
  say(`${unchanged.ran} tests pass with no mutant on`);

  for (const [number, mutant] of numbered) {
    const request = guide.requestFor(mutant);
    const holders = compiler.holding(mutant.file, mutant.edit.start);
    const own = mutant.unit !== undefined && !refused.includes(number) ? undefined : compiler.alone(mutant);
    if ((own === undefined && mutant.unit === undefined) || refused.includes(number)) {
      keep(resultOf(mutant, "refused", 0));
      continue;
    }
    if (own?.size === 0) {
      keep(resultOf(mutant, "same code", 0));
      continue;
    }
    const concerned = new Map(holders.map((name) => [name, codes.get(name)!]));
    if (own === undefined) bench.write(concerned, number);
    else bench.write(own);
    const verdict = await bench.judge(request);
    bench.write(concerned);
    const tests = request.titles.length;
    if (verdict === undefined) keep(resultOf(mutant, "time", tests));
    else if (verdict.failed !== undefined) {
      const { title: by, message: why, timedOut } = verdict.failed;
      guide.noticed(mutant.file, by);
      keep(resultOf(mutant, timedOut ? "time" : "killed", tests, { by, why }));
    } else {
      const same = (own ?? compiler.alone(mutant))?.size === 0;
      keep(resultOf(mutant, same ? "same code" : "survived", tests));
    }
  }
}

type Known = {
  of: string;
  statements: Statement[];
  files: Record<string, { of: string; tests: Surveyed[] }>;
};

/** Which tests run what. Kept; a test file is run again when it changed, all are when contracts or helpers did. */
async function guideFor({ root, stateDir, say }: Plan, compiler: Compiler, bench: Bench): Promise<Guide> {
  const hashOf = (...texts: string[]): string => {
    const hash = createHash("sha256");
    for (const text of texts) hash.update(`${text.length} ${text}`);
    return hash.digest("hex");
  };
  const read = (file: string): string => readFileSync(join(root, file), "utf8");
  const all = globSync("test/contracts/**/*.ts", { cwd: root }).sort();
  const asked = all.filter((file) => file.endsWith(".test.ts") && !NOT_ASKED.includes(basename(file)));
  const helpers = all.filter((file) => !file.endsWith(".test.ts"));
  const of = hashOf(...[...compiler.sources].flat(), ...helpers.map(read));
  const path = join(stateDir, "survey.json");
  const earlier = existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as Known) : undefined;
  const known: Known = earlier?.of === of ? earlier : { of, statements: [], files: {} };
  const hashes = new Map(asked.map((file) => [basename(file), hashOf(read(file))]));
  const changed = [...hashes].filter(([file, hash]) => known.files[file]?.of !== hash).map(([file]) => file);
  if (changed.length > 0) {
    const { codes, statements } = compiler.instrumented();
    bench.write(codes);
    const tests = await bench.survey(changed);
    known.statements = statements;
    for (const file of changed)
      known.files[file] = { of: hashes.get(file)!, tests: tests.filter((test) => test.file === file) };
    writeFileSync(path, JSON.stringify(known));
    say(`${tests.length} tests of ${changed.length} files surveyed`);
  }
  return new Guide(
    compiler,
    [...hashes.keys()].flatMap((file) => known.files[file]!.tests),
    known.statements,
  );
}

const readLines = (path: string): Result[] =>
  existsSync(path)
    ? readFileSync(path, "utf8")
        .split("\n")
        .filter((text) => text !== "")
        .map((text) => JSON.parse(text) as Result)
    : [];

/**
 * A process of its own that keeps the contract tests loaded and runs some of them again and again, each time against
 * the artifacts that lie in its folder then. It is started in a copy of the tree and told over IPC what to run.
 */
import { globSync } from "node:fs";
import { basename, resolve } from "node:path";
import hre from "hardhat";
import Mocha, { type Runnable, type Suite } from "mocha";

/** Full titles of tests to run; suites of the files in this order. */
export type Request = { titles: string[]; files: string[] };
export type Verdict = {
  failed?: { title: string; message: string; timedOut: boolean };
  ran: number;
};
/** Statements that each test ran, by tag. A suite's own set-up counts for each of its tests. */
export type Surveyed = { title: string; file: string; tags: string[] };
export type Survey = { tests: Surveyed[]; failed: string[] };

/** What gas something costs is not asked either: code with many mutants in it costs more. */
const GAS = /\bgas\b/;
const TEST_MS = 60_000;
const NONE = /$^/;
const excluded = process.argv.slice(2);
const files = globSync("test/contracts/*.test.ts")
  .filter((file) => !excluded.includes(basename(file)))
  .sort();
const mocha = new Mocha({ timeout: TEST_MS, reporter: class {} });
mocha.cleanReferencesAfterRun(false);
for (const file of files) mocha.addFile(resolve(file));
await mocha.loadFilesAsync();
/** Chains of a run; without being closed they would hold memory that the collector does not see. */
const chains: { close(): Promise<void> }[] = [];
hre.hooks.registerHandlers("network", {
  newConnection: async (context, next) => {
    const connection = await next(context);
    chains.push(connection);
    return connection;
  },
});
const closeChains = async (): Promise<void> => {
  for (const chain of chains.splice(0)) await chain.close();
  globalThis.gc!();
};
process.on("message", (request: Request | { survey: string[] }) => {
  const answered: Promise<Survey | Verdict> = "survey" in request ? survey(request.survey) : judge(request);
  answered.then(async (answer) => {
    await closeChains();
    process.send!(answer);
  });
});
process.on("disconnect", () => process.exit(0));
process.send!("ready");

function judge({ titles, files: order }: Request): Promise<Verdict> {
  const escaped = titles.map((title) => title.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  mocha.grep(escaped.length === 0 ? NONE : new RegExp(`^(?:${escaped.join("|")})$`));
  const rank = (suite: Suite): number => order.indexOf(basename(suite.file!));
  mocha.suite.suites.sort((a, b) => rank(a) - rank(b));
  const verdict: Verdict = { ran: 0 };
  return new Promise((done) => {
    const runner = mocha.run(() => done(verdict));
    runner.on("test end", () => {
      verdict.ran += 1;
    });
    runner.on("fail", (test: Runnable, error: Error & { code?: string }) => {
      runner.abort();
      verdict.failed ??= {
        title: test.fullTitle(),
        message: String(error.message).split("\n")[0]!.slice(0, 200),
        timedOut: error.code === "ERR_MOCHA_TIMEOUT",
      };
    });
  });
}

/** Runs these test files against instrumented code. */
function survey(asked: string[]): Promise<Survey> {
  mocha.suite.suites = mocha.suite.suites.filter(({ file }) => asked.includes(basename(file!)));
  let seen = new Set<string>();
  hre.hooks.registerHandlers("network", {
    onCoverageData: async (_context, tags) => {
      for (const tag of tags) seen.add(tag);
    },
  });
  const bySuite = new Map<Suite, Set<string>>();
  const byTest = new Map<Runnable, Set<string>>();
  const found: Survey = { tests: [], failed: [] };
  return new Promise((done) => {
    const runner = mocha.run(() => {
      for (const [test, own] of byTest) {
        if (GAS.test(test.fullTitle())) continue;
        const tags = new Set(own);
        for (let suite = test.parent; suite; suite = suite.parent)
          for (const tag of bySuite.get(suite) ?? []) tags.add(tag);
        found.tests.push({ title: test.fullTitle(), file: basename(test.file!), tags: [...tags] });
      }
      done(found);
    });
    runner.on("hook", (hook: Runnable) => {
      if (!hook.title.startsWith('"before all"')) return;
      seen = bySuite.get(hook.parent!) ?? new Set();
      bySuite.set(hook.parent!, seen);
    });
    runner.on("test", (test: Runnable) => {
      seen = new Set();
      byTest.set(test, seen);
    });
    runner.on("fail", (test: Runnable, error: Error) => {
      found.failed.push(`${test.fullTitle()}: ${error.message}`);
    });
  });
}

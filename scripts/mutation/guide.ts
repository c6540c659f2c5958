/** Which tests can notice a mutant, and which to ask first. */
import type { Compiler, Statement } from "./compiler.ts";
import type { Mutant } from "./mutants.ts";
import type { Request, Surveyed } from "./tester.ts";

export class Guide {
  readonly #compiler: Compiler;
  readonly #tests: Surveyed[];
  /** Tests that run a statement, by its tag. */
  readonly #running = new Map<string, Surveyed[]>();
  readonly #statements: Map<string, Statement[]>;
  /** How many mutants of a contract's file each test file noticed so far. */
  readonly #noticed = new Map<string, number>();

  constructor(compiler: Compiler, tests: Surveyed[], statements: Statement[]) {
    this.#compiler = compiler;
    this.#tests = tests;
    for (const test of tests)
      for (const tag of test.tags) this.#running.set(tag, [...(this.#running.get(tag) ?? []), test]);
    this.#statements = Map.groupBy(statements, ({ file }) => file);
  }

  everything(): Request {
    const tests = this.#tests;
    return { titles: tests.map(({ title }) => title), files: [...new Set(tests.map(({ file }) => file))] };
  }

  /** Tests that run the changed statement; for what is in no statement, tests that run its contracts. */
  requestFor(mutant: Mutant): Request {
    const tests = [...new Set(this.#tagsOf(mutant).flatMap((tag) => this.#running.get(tag) ?? []))];
    const inFile = Map.groupBy(tests, ({ file }) => file);
    // Where mutants of this contract were noticed before, then where most tests run it.
    const rank = (file: string): [number, number] => [
      this.#noticed.get(`${mutant.file} ${file}`) ?? 0,
      inFile.get(file)!.length,
    ];
    const files = [...inFile.keys()].sort((a, b) => {
      const [first, second] = [rank(a), rank(b)];
      return second[0] - first[0] || second[1] - first[1] || (a < b ? -1 : 1);
    });
    return { titles: tests.map(({ title }) => title), files };
  }

  /** @param by the full title of the test that failed. */
  noticed(file: string, by: string): void {
    const test = this.#tests.find(({ title }) => title === by);
    if (test === undefined) return;
    const name = `${file} ${test.file}`;
    this.#noticed.set(name, (this.#noticed.get(name) ?? 0) + 1);
  }

  #tagsOf({ file, edit }: Mutant): string[] {
    const at = Buffer.from(this.#compiler.sources.get(file)!).subarray(0, edit.start).toString("utf8").length;
    const around = (this.#statements.get(file) ?? []).filter(({ start, end }) => start <= at && at < end);
    if (around.length > 0) return [around.reduce((a, b) => (b.end - b.start < a.end - a.start ? b : a)).tag];
    const files = new Set(this.#compiler.holding(file, edit.start).map((name) => name.split(":")[0]!));
    return [...files].flatMap((name) => (this.#statements.get(name) ?? []).map(({ tag }) => tag));
  }
}

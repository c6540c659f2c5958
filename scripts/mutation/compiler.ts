/** The contracts of a tree, and the code that the compiler makes of them with one file changed. */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { addStatementCoverageInstrumentation } from "@nomicfoundation/edr";
import { getCoverageLibrary } from "@nomicfoundation/edr/coverage";
import solc from "solc";
import type { AstNode } from "../coverage-branches.ts";
import type { Mutant } from "./mutants.ts";
import { contractsHolding, type Reach, reachOf } from "./reach.ts";
import { mutantAt, SWITCH_FILE, SWITCH_SOURCE, schemaOf } from "./schemata.ts";

type Links = Record<string, Record<string, { start: number; length: number }[]>>;
type Code = { object: string; linkReferences: Links };
export type Built = {
  abi: unknown;
  evm: { bytecode: Code; deployedBytecode: Code & { immutableReferences?: unknown } };
};
type Problem = {
  severity: string;
  formattedMessage: string;
  sourceLocation?: { file: string; start: number };
};
type Output = {
  errors?: Problem[];
  sources?: Record<string, { ast: AstNode }>;
  contracts?: Record<string, Record<string, Built>>;
};
/** In UTF-16 units, by the tag that a run of it is known by. */
export type Statement = { file: string; tag: string; start: number; end: number };
/** By source file and contract. */
export type Codes = Map<string, Built>;

/** As hardhat.config.ts has it, but without the metadata, which changes with every comment. */
const SETTINGS = {
  evmVersion: "cancun",
  optimizer: { enabled: true, runs: 200 },
  metadata: { appendCBOR: false },
};
/** The newest version whose grammar Hardhat's instrumentation knows. */
const GRAMMAR = "0.8.35";
const MAX_PASSES = 8;
const CODE = [
  "abi",
  "evm.bytecode.object",
  "evm.bytecode.linkReferences",
  "evm.deployedBytecode.object",
  "evm.deployedBytecode.linkReferences",
  "evm.deployedBytecode.immutableReferences",
];

export class Compiler {
  readonly sources: ReadonlyMap<string, string>;
  readonly trees: ReadonlyMap<string, AstNode>;
  #original: Codes | undefined;
  readonly #root: string;
  readonly #reach: Reach;

  /** @param root folder with `contracts/` and `node_modules/`. */
  constructor(root: string) {
    this.#root = root;
    this.sources = new Map(
      globSync("contracts/**/*.sol", { cwd: root })
        .sort()
        .map((file) => [file, readFileSync(join(root, file), "utf8")]),
    );
    const files = [...this.sources.keys()];
    const output = this.#compile(this.sources, { "*": { "": ["ast"] } });
    const [wrong] = errorsOf(output);
    if (wrong !== undefined) throw new Error(`mutation: ${wrong.formattedMessage}`);
    this.trees = new Map(files.map((file) => [file, output.sources![file]!.ast]));
    this.#reach = reachOf(new Map(Object.entries(output.sources!).map(([file, { ast }]) => [file, ast])));
  }

  /** Contracts whose code holds the place, as file:name. */
  holding(file: string, offset: number): string[] {
    return contractsHolding(this.#reach, file, offset).filter((name) =>
      this.sources.has(name.split(":")[0]!),
    );
  }

  /** Code of the unchanged contracts. */
  original(): Codes {
    this.#original ??= codesOf(this.#compile(this.sources, { "*": { "*": CODE } }), [...this.sources.keys()]);
    return this.#original;
  }

  /** Code that differs from the original's, or undefined if the changed file does not compile. */
  alone({ file, edit, source }: Mutant): Codes | undefined {
    const files = [...new Set(this.holding(file, edit.start).map((name) => name.split(":")[0]!))];
    const sources = new Map([...files, file].map((name) => [name, this.sources.get(name)!]));
    sources.set(file, source);
    const output = this.#compile(sources, Object.fromEntries(files.map((name) => [name, { "*": CODE }])));
    if (errorsOf(output).length > 0) return undefined;
    const changed = [...codesOf(output, files)].filter(
      ([name, code]) => code.evm.bytecode.object !== this.original().get(name)!.evm.bytecode.object,
    );
    return new Map(changed);
  }

  /**
   * One program with all mutants that have a unit. Those that the compiler refuses are named and left out; with their
   * marks the refusals of one pass are found together.
   *
   * @param mutants by number, from 1.
   */
  together(mutants: ReadonlyMap<number, Mutant>): { codes: Codes; refused: number[] } {
    const open = new Map([...mutants].filter(([, { unit }]) => unit !== undefined));
    const refused: number[] = [];
    for (let pass = 0; pass < MAX_PASSES; pass++) {
      const sources = new Map([...this.sources, [SWITCH_FILE, SWITCH_SOURCE]]);
      for (const file of new Set([...open.values()].map((mutant) => mutant.file)))
        sources.set(
          file,
          schemaOf(this.sources.get(file)!, new Map([...open].filter(([, mutant]) => mutant.file === file))),
        );
      const errors = errorsOf(this.#compile(sources, {}));
      if (errors.length === 0) {
        const output = this.#compile(sources, { "*": { "*": CODE } });
        const failed = errorsOf(output)[0];
        if (failed !== undefined) throw new Error(`mutation: ${failed.formattedMessage}`);
        return { codes: codesOf(output, [...this.sources.keys()]), refused };
      }
      for (const { sourceLocation: at, formattedMessage } of errors) {
        const number = at && mutantAt(sources.get(at.file)!, at.start);
        if (number === undefined) throw new Error(`mutation: ${formattedMessage}`);
        if (open.delete(number)) refused.push(number);
      }
    }
    throw new Error(`mutation: still refused after ${MAX_PASSES} passes`);
  }

  /** Code whose every statement tells that it ran, and where each statement is. */
  instrumented(): { codes: Codes; statements: Statement[] } {
    const library = getCoverageLibrary();
    const sources = new Map([[library.filename, library.content]]);
    const statements: Statement[] = [];
    for (const [file, content] of this.sources) {
      const { source, metadata } = addStatementCoverageInstrumentation(content, file, GRAMMAR);
      sources.set(file, source);
      for (const { tag, startUtf16: start, endUtf16: end } of metadata)
        statements.push({ file, tag: Buffer.from(tag).toString("hex"), start, end });
    }
    const output = this.#compile(sources, { "*": { "*": CODE } });
    const [wrong] = errorsOf(output);
    if (wrong !== undefined) throw new Error(`mutation: ${wrong.formattedMessage}`);
    return { codes: codesOf(output, [...this.sources.keys()]), statements };
  }

  #compile(sources: ReadonlyMap<string, string>, outputSelection: unknown): Output {
    const input = {
      language: "Solidity",
      sources: Object.fromEntries([...sources].map(([file, content]) => [file, { content }])),
      settings: { ...SETTINGS, outputSelection },
    };
    const read = (path: string): { contents: string } => ({
      contents: this.sources?.get(path) ?? readFileSync(join(this.#root, "node_modules", path), "utf8"),
    });
    return JSON.parse(solc.compile(JSON.stringify(input), { import: read })) as Output;
  }
}

const errorsOf = (output: Output): Problem[] =>
  (output.errors ?? []).filter(({ severity }) => severity === "error");

function codesOf(output: Output, files: string[]): Codes {
  const codes: Codes = new Map();
  for (const file of files)
    for (const [name, built] of Object.entries(output.contracts?.[file] ?? {}))
      codes.set(`${file}:${name}`, built);
  return codes;
}

/** A copy of the tree in which chosen code is tested by a process that stays. */
import { type ChildProcess, fork } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { id } from "ethers";
import type { Built, Codes } from "./compiler.ts";
import { SWITCH_FILE } from "./schemata.ts";
import type { Request, Survey, Verdict } from "./tester.ts";

/** About code as it lies on the chain, not about what it does. */
export const NOT_ASKED = [
  "coverage.test.ts",
  "deploy-commands.test.ts",
  "deploy.test.ts",
  "flatness.test.ts",
  "gas.test.ts",
  "ignition.test.ts",
  "verification.test.ts",
];
const COPIED = [
  "functions",
  "hardhat.config.ts",
  "ignition",
  "package.json",
  "scripts",
  "src",
  "test",
  "tsconfig.json",
];
const TESTER = join(import.meta.dirname, "tester.ts");
const START_MS = 300_000;
const SURVEY_MS = 3_600_000;
/** What takes longer hangs. */
const JUDGE_MS = 300_000;
/** Each run leaves some of the memory of its chains behind. */
const RUNS_PER_PROCESS = 30;
/** Histories of the fund's model test in each run. */
const HISTORIES = "4";
const PLACE = `__$${id(`${SWITCH_FILE}:MutationSwitch`).slice(2, 36)}$__`;

export class Bench {
  readonly #folder = mkdtempSync(join(tmpdir(), "saksi-mutation-"));
  #child: ChildProcess | undefined;
  #coverage = false;
  #runs = 0;

  constructor(root: string) {
    for (const name of COPIED)
      if (existsSync(join(root, name)))
        cpSync(join(root, name), join(this.#folder, name), { recursive: true });
    symlinkSync(join(root, "node_modules"), join(this.#folder, "node_modules"));
    const config = join(this.#folder, "hardhat.config.ts");
    const text = readFileSync(config, "utf8");
    const open = text.replace(
      `type: "edr-simulated"`,
      `type: "edr-simulated", allowUnlimitedContractSize: true`,
    );
    if (open === text) throw new Error("mutation: hardhat.config.ts names no edr-simulated network");
    // Many mutants in one contract make it longer than a chain allows.
    writeFileSync(config, open);
  }

  close(): void {
    this.#stop();
    rmSync(this.#folder, { recursive: true });
  }

  /** Puts code where tests find it, with the numbered mutant on; 0 is none. */
  write(codes: Codes, number = 0): void {
    for (const [name, built] of codes) {
      const [file, contract] = name.split(":") as [string, string];
      const path = join(this.#folder, "artifacts", file, `${contract}.json`);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, JSON.stringify(artifact(file, contract, built, number)));
    }
  }

  /** Runs these test files against instrumented code that was written before. */
  async survey(files: string[]): Promise<Survey["tests"]> {
    this.#coverage = true;
    const found = (await this.#ask({ survey: files }, SURVEY_MS)) as Survey | undefined;
    this.#stop();
    this.#coverage = false;
    if (found === undefined) throw new Error(`mutation: the tests took longer than ${SURVEY_MS} ms`);
    if (found.failed.length > 0)
      throw new Error(`mutation: tests fail without a mutant:\n${found.failed.join("\n")}`);
    return found.tests;
  }

  /** Undefined if it took too long. */
  async judge(request: Request): Promise<Verdict | undefined> {
    if (this.#runs >= RUNS_PER_PROCESS) this.#stop();
    this.#runs += 1;
    return (await this.#ask(request, JUDGE_MS)) as Verdict | undefined;
  }

  async #ask(what: Request | { survey: string[] }, limitMs: number): Promise<unknown> {
    this.#child ??= await this.#start();
    this.#child.send(what);
    const answer = await this.#answer(this.#child, limitMs);
    if (answer === undefined) this.#stop();
    return answer;
  }

  async #start(): Promise<ChildProcess> {
    const child = fork(TESTER, NOT_ASKED, {
      cwd: this.#folder,
      env: {
        ...process.env,
        MODEL_HISTORIES: HISTORIES,
        NODE_ENV: "test",
        HARDHAT_COVERAGE: String(this.#coverage),
        NODE_NO_WARNINGS: "1",
      },
      execArgv: ["--expose-gc"],
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    if ((await this.#answer(child, START_MS)) === undefined)
      throw new Error(`mutation: the tests were not loaded within ${START_MS} ms`);
    return child;
  }

  #answer(child: ChildProcess, limitMs: number): Promise<unknown> {
    return new Promise((done, fail) => {
      const timer = setTimeout(() => end(undefined), limitMs);
      const died = (code: number | null): void => fail(new Error(`mutation: the tester ended with ${code}`));
      const end = (answer: unknown): void => {
        clearTimeout(timer);
        child.off("message", end);
        child.off("exit", died);
        done(answer);
      };
      child.on("message", end);
      child.on("exit", died);
    });
  }

  #stop(): void {
    this.#child?.removeAllListeners();
    this.#child?.kill("SIGKILL");
    this.#child = undefined;
    this.#runs = 0;
  }
}

/** In Hardhat's format, with the mutant's number in the place of the switch's address. */
function artifact(file: string, contract: string, { abi, evm }: Built, number: number): unknown {
  const linked = (code: string): string =>
    `0x${code.replaceAll(PLACE, number.toString(16).padStart(40, "0"))}`;
  const others = (links: Built["evm"]["bytecode"]["linkReferences"]): unknown =>
    Object.fromEntries(Object.entries(links).filter(([source]) => source !== SWITCH_FILE));
  return {
    _format: "hh3-artifact-1",
    contractName: contract,
    sourceName: file,
    abi,
    bytecode: linked(evm.bytecode.object),
    deployedBytecode: linked(evm.deployedBytecode.object),
    linkReferences: others(evm.bytecode.linkReferences),
    deployedLinkReferences: others(evm.deployedBytecode.linkReferences),
    immutableReferences: evm.deployedBytecode.immutableReferences ?? {},
    inputSourceName: file,
  };
}

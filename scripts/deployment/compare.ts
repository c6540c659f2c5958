/** Compiles a bundle again with the bare compiler and compares the result with what stands on the chain, byte for byte. */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { SaksiError } from "../../src/errors/errors.ts";
import { type Link, type Links, linkList } from "./artifacts.ts";
import { type Bundle, type BundleEntry, linked, type StandardInput } from "./bundle.ts";
import type { Node } from "./recheck.ts";
import type { DeploymentRecord } from "./record.ts";

const COMPILE_MS = 120_000;
const NO_CODE = "0x";
/** A deployed library begins with a push of its own address, which the compiler leaves zero. */
const LIBRARY_PREFIX = `0x73${"0".repeat(40)}30`;

type Code = { object: string; linkReferences: Links; immutableReferences?: Record<string, Link[]> };
type Compiled = { bytecode: Code; deployedBytecode: Code };
type Answer = {
  version: string;
  output: {
    errors?: { severity: string; formattedMessage: string }[];
    contracts?: Record<string, Record<string, { evm: Compiled }>>;
  };
};

/** Why a contract is not what its bundle says; none for an exact match. */
export type Comparison = { entry: BundleEntry; problems: string[] };

/**
 * @param only names of contracts; all of them when left out.
 * @throws SaksiError when the compiler fails.
 */
export async function compareBundle(
  node: Node,
  record: DeploymentRecord,
  bundle: Bundle,
  only?: string[],
): Promise<Comparison[]> {
  const compiled = new Map<string, { version: string; evm: Compiled }>();
  const comparisons: Comparison[] = [];
  for (const entry of bundle.contracts) {
    if (only !== undefined && !only.includes(entry.contract)) continue;
    const known = compiled.get(entry.input) ?? (await compile(entry, bundle.inputs[entry.input]!));
    compiled.set(entry.input, known);
    const problems = await compareOne(node, record, entry, known.evm);
    const version = entry.compilerVersion;
    if (!known.version.startsWith(version))
      problems.push(`the bundle names compiler ${version} and ${known.version} is installed`);
    comparisons.push({ entry, problems });
  }
  return comparisons;
}

async function compile(
  entry: BundleEntry,
  input: StandardInput,
): Promise<{ version: string; evm: Compiled }> {
  const child = spawn(process.execPath, [join(import.meta.dirname, "recompile.ts")], {
    stdio: ["pipe", "pipe", "inherit"],
    timeout: COMPILE_MS,
  });
  child.stdin.end(JSON.stringify(input));
  const [answer, code] = await Promise.all([
    text(child.stdout),
    new Promise<number | null>((done) => child.on("close", done)),
  ]);
  if (code !== 0)
    throw new SaksiError("compare.compiler", `the compiler of ${entry.contract} ended with ${code}`);
  const { version, output } = JSON.parse(answer) as Answer;
  const failed = output.errors?.find(({ severity }) => severity === "error");
  if (failed !== undefined)
    throw new SaksiError("compare.compile", `${entry.input} does not compile: ${failed.formattedMessage}`);
  const at = entry.identifier.lastIndexOf(":");
  const evm = output.contracts?.[entry.identifier.slice(0, at)]?.[entry.identifier.slice(at + 1)]?.evm;
  if (evm === undefined)
    throw new SaksiError("compare.missing", `${entry.input} holds no contract ${entry.identifier}`);
  return { version, evm };
}

async function compareOne(
  node: Node,
  record: DeploymentRecord,
  entry: BundleEntry,
  { bytecode, deployedBytecode }: Compiled,
): Promise<string[]> {
  const problems: string[] = [];
  const code = String(await node.send("eth_getCode", [entry.address, "latest"])).toLowerCase();
  if (code === NO_CODE) return ["no code at the address"];
  let expected = link(deployedBytecode, entry.libraries);
  if (expected.startsWith(LIBRARY_PREFIX)) expected = linked(expected, 1, entry.address);
  const immutables = Object.values(deployedBytecode.immutableReferences ?? {}).flat();
  const difference = firstDifference(masked(expected, immutables), masked(code, immutables));
  if (difference !== undefined) problems.push(`the code differs ${difference}`);
  const { transaction } = record.contracts.find(({ address }) => address === entry.address)!;
  const creation = (await node.send("eth_getTransactionByHash", [transaction])) as { input: string } | null;
  if (creation === null)
    return [...problems, `the node does not know the creating transaction ${transaction}`];
  const created = link(bytecode, entry.libraries) + entry.constructorArguments.slice(2);
  const changed = firstDifference(created, creation.input.toLowerCase());
  if (changed !== undefined) problems.push(`the creating transaction differs ${changed}`);
  return problems;
}

function link({ object, linkReferences }: Code, libraries: Record<string, string>): string {
  let code = `0x${object}`;
  for (const { library, at } of linkList(linkReferences)) {
    const address = libraries[library];
    if (address === undefined)
      throw new SaksiError("compare.library", `the bundle names no address for ${library}`);
    code = linked(code, at.start, address);
  }
  return code.toLowerCase();
}

/** The code with the values that the constructor wrote into it put to zero. */
function masked(code: string, places: Link[]): string {
  let blank = code;
  for (const { start, length } of places)
    blank = blank.slice(0, 2 + start * 2) + "0".repeat(length * 2) + blank.slice(2 + (start + length) * 2);
  return blank;
}

function firstDifference(expected: string, found: string): string | undefined {
  if (expected === found) return undefined;
  const shorter = Math.min(expected.length, found.length);
  let at = 2;
  while (at < shorter && expected[at] === found[at]) at++;
  const bytes = (code: string): number => code.length / 2 - 1;
  return `from byte ${Math.floor(at / 2) - 1} on: ${bytes(expected)} bytes compiled, ${bytes(found)} on the chain`;
}

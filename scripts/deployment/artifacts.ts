/** Every compiled contract of contracts/, found by what it is called or by the creation code it has. */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Interface, type InterfaceAbi } from "ethers";
import { SaksiError } from "../../src/errors/errors.ts";

export type Link = { start: number; length: number };
export type Links = Record<string, Record<string, Link[]>>;

export type BuiltContract = {
  contractName: string;
  /** Under the project's root: contracts/core/RiskPolicy.sol. */
  sourceName: string;
  /** As the compiler knew it. */
  inputSourceName: string;
  buildInfoId: string;
  abi: InterfaceAbi;
  bytecode: string;
  linkReferences: Links;
};

/** @throws SaksiError when nothing was compiled. */
export function builtContracts(artifactsDir: string): BuiltContract[] {
  const built = globSync("contracts/**/*.json", { cwd: artifactsDir })
    .map((file) => JSON.parse(readFileSync(join(artifactsDir, file), "utf8")) as BuiltContract)
    .filter(({ bytecode }) => bytecode !== undefined && bytecode !== "0x");
  if (built.length === 0)
    throw new SaksiError(
      "artifacts.none",
      `${artifactsDir} has no compiled contract; run npm run build:contracts`,
    );
  return built;
}

export function builtContract(built: BuiltContract[], name: string): BuiltContract {
  const found = built.filter(({ contractName }) => contractName === name);
  if (found.length === 1) return found[0]!;
  throw new SaksiError(
    "artifacts.name",
    found.length === 0
      ? `${name} is not among the compiled contracts; run npm run build:contracts`
      : `${name} was compiled from ${found.map(({ sourceName }) => sourceName).join(" and ")}; one of them must go`,
  );
}

/** The compiled code with every link position put to zero, so that it can be compared whatever was linked. */
export function withoutLinks(code: string, links: Links): string {
  let blank = code;
  for (const { start, length } of linkList(links).map(({ at }) => at))
    blank = blank.slice(0, 2 + start * 2) + "0".repeat(length * 2) + blank.slice(2 + (start + length) * 2);
  return blank.toLowerCase();
}

export function linkList(links: Links): { library: string; at: Link }[] {
  return Object.values(links).flatMap((names) =>
    Object.entries(names).flatMap(([library, places]) => places.map((at) => ({ library, at }))),
  );
}

export type Creation = {
  contract: BuiltContract;
  /** Addresses linked in, by library. */
  libraries: Record<string, string>;
  /** ABI-encoded, 0x. */
  constructorArguments: string;
};

/** @returns what a transaction's data creates, or undefined when no compiled contract begins like it. */
export function creationOf(built: BuiltContract[], data: string): Creation | undefined {
  const input = data.toLowerCase();
  for (const contract of built) {
    const { length } = contract.bytecode;
    const head = withoutLinks(input.slice(0, length), contract.linkReferences);
    if (input.length < length || head !== withoutLinks(contract.bytecode, contract.linkReferences)) continue;
    const libraries: Record<string, string> = {};
    for (const { library, at } of linkList(contract.linkReferences))
      libraries[library] = `0x${input.slice(2 + at.start * 2, 2 + (at.start + at.length) * 2)}`;
    return { contract, libraries, constructorArguments: `0x${input.slice(length)}` };
  }
  return undefined;
}

/** The constructor's arguments in words, by name. */
export function argumentsOf(abi: InterfaceAbi, encoded: string): Record<string, string> {
  const { deploy } = new Interface(abi);
  const values = new Interface(abi).getAbiCoder().decode(deploy.inputs, encoded);
  return Object.fromEntries(
    deploy.inputs.map(({ name }, index) => [name || String(index), inWords(values[index])]),
  );
}

/** One line for any decoded value. */
export function inWords(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(inWords).join(", ")}]`;
  return String(value);
}

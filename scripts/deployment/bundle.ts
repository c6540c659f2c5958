/**
 * What a verifier needs to compile each deployed contract again, byte for byte: the standard-JSON input with the sources
 * it imports and no other, the compiler's version, the constructor's arguments and the libraries' addresses.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { keccak256 } from "ethers";
import { z } from "zod";
import { AddressSchema } from "../../src/domain/schemas.ts";
import { SaksiError, UsageError } from "../../src/errors/errors.ts";
import { type BuiltContract, builtContract, linkList } from "./artifacts.ts";
import { parse } from "./parameters.ts";
import type { DeploymentRecord, RecordedContract } from "./record.ts";

/** What a comparison reads of the compiler's answer; verifiers ask for what they like. */
const OUTPUTS = [
  "evm.bytecode.object",
  "evm.bytecode.linkReferences",
  "evm.deployedBytecode.object",
  "evm.deployedBytecode.linkReferences",
  "evm.deployedBytecode.immutableReferences",
];

export type StandardInput = {
  language: string;
  sources: Record<string, { content: string }>;
  settings: Record<string, unknown>;
};

const EntrySchema = z.strictObject({
  contract: z.string(),
  label: z.string().optional(),
  address: AddressSchema,
  /** Source name and contract, as verifiers ask for it. */
  identifier: z.string(),
  /** With its commit: 0.8.37+commit.f401782d. */
  compilerVersion: z.string(),
  /** The file with the standard-JSON input. */
  input: z.string(),
  constructorArguments: z.string(),
  libraries: z.record(z.string(), AddressSchema),
});
const BundleSchema = z.strictObject({ chainId: z.int(), contracts: z.array(EntrySchema).min(1) });
export type BundleEntry = z.infer<typeof EntrySchema>;
export type Bundle = z.infer<typeof BundleSchema> & { inputs: Record<string, StandardInput> };

const LIST = "contracts.json";

export const bundleFolder = (deploymentsDir: string, network: string): string =>
  join(deploymentsDir, network, "verification");

type BuildInfo = { solcLongVersion: string; input: StandardInput };
type Ast = { nodes: { nodeType: string; absolutePath?: string }[] };
type BuildOutput = { output: { sources: Record<string, { ast: Ast }> } };

/** @throws SaksiError when a contract was deployed from other sources or settings than the compiled ones. */
export function bundleOf(artifactsDir: string, built: BuiltContract[], record: DeploymentRecord): Bundle {
  const builds = new Map<string, { info: BuildInfo; output: BuildOutput }>();
  const inputs: Record<string, StandardInput> = {};
  const contracts = record.contracts.map((one): BundleEntry => {
    const artifact = builtContract(built, one.contract);
    assertSameCode(artifact, one);
    const build = builds.get(artifact.buildInfoId) ?? readBuild(artifactsDir, artifact.buildInfoId);
    builds.set(artifact.buildInfoId, build);
    const input = `${one.contract}.input.json`;
    inputs[input] = minimalInput(artifact, build.info, build.output);
    return {
      contract: one.contract,
      ...(one.label === undefined ? {} : { label: one.label }),
      address: one.address,
      identifier: `${artifact.inputSourceName}:${one.contract}`,
      compilerVersion: build.info.solcLongVersion,
      input,
      constructorArguments: one.constructorArguments,
      libraries: one.libraries,
    };
  });
  return { chainId: record.chainId, contracts, inputs };
}

function readBuild(artifactsDir: string, buildInfoId: string) {
  const read = <T>(suffix: string): T =>
    JSON.parse(readFileSync(join(artifactsDir, "build-info", `${buildInfoId}${suffix}`), "utf8")) as T;
  return { info: read<BuildInfo>(".json"), output: read<BuildOutput>(".output.json") };
}

function assertSameCode(artifact: BuiltContract, one: RecordedContract): void {
  let code = artifact.bytecode;
  for (const { library, at } of linkList(artifact.linkReferences))
    code = linked(code, at.start, one.libraries[library] ?? "0x".padEnd(42, "0"));
  if (keccak256(code) !== one.creationCodeHash)
    throw new SaksiError(
      "bundle.sources",
      `${one.contract} at ${one.address} was deployed from other sources or settings than the compiled ones; check out what it was deployed from and run npm run build:contracts`,
    );
}

/** @param start in bytes from the code's beginning. */
export const linked = (code: string, start: number, address: string): string =>
  code.slice(0, 2 + start * 2) + address.slice(2).toLowerCase() + code.slice(2 + start * 2 + 40);

function minimalInput(artifact: BuiltContract, info: BuildInfo, { output }: BuildOutput): StandardInput {
  const wanted = new Set<string>();
  const queue = [artifact.inputSourceName];
  // Each source is taken once, so there are never more rounds than sources.
  for (let source = queue.pop(); source !== undefined; source = queue.pop()) {
    if (wanted.has(source)) continue;
    wanted.add(source);
    for (const node of output.sources[source]!.ast.nodes)
      if (node.nodeType === "ImportDirective") queue.push(node.absolutePath!);
  }
  return {
    language: info.input.language,
    sources: Object.fromEntries(
      [...wanted].sort().map((source) => [source, { content: info.input.sources[source]!.content }]),
    ),
    settings: {
      ...info.input.settings,
      outputSelection: { [artifact.inputSourceName]: { [artifact.contractName]: OUTPUTS } },
    },
  };
}

export function writeBundle(folder: string, { inputs, ...list }: Bundle): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const write = (file: string, value: unknown): void =>
    writeFileSync(join(folder, file), `${JSON.stringify(value, null, 2)}\n`);
  for (const [file, input] of Object.entries(inputs)) write(file, input);
  write(LIST, list);
}

/** @throws UsageError when there is none. */
export function readBundle(folder: string): Bundle {
  const read = (file: string): unknown => {
    try {
      return JSON.parse(readFileSync(join(folder, file), "utf8"));
    } catch (cause) {
      throw new UsageError(
        "bundle.unreadable",
        `${join(folder, file)} cannot be read; run npm run verify:bundle`,
        { cause },
      );
    }
  };
  const list = parse(BundleSchema, join(folder, LIST), read(LIST));
  const inputs = Object.fromEntries(list.contracts.map(({ input }) => [input, read(input) as StandardInput]));
  return { ...list, inputs };
}

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { getAddress, Interface, type InterfaceAbi } from "ethers";

/** Where each contract's source lies, so that its compiled artifact can be found. */
const SOURCES = {
  SettlementLib: "libraries/SettlementLib.sol",
  MockUsd: "mocks/MockUsd.sol",
  MockFunctionsRouter: "mocks/MockFunctionsRouter.sol",
  VenuePriceFeed: "feed/VenuePriceFeed.sol",
  ModelRegistry: "core/ModelRegistry.sol",
  RiskPolicy: "core/RiskPolicy.sol",
  PredictionValidator: "core/PredictionValidator.sol",
  QuorumAttester: "attest/QuorumAttester.sol",
  FunctionsAttester: "attest/FunctionsAttester.sol",
  GelatoAttester: "attest/GelatoAttester.sol",
  RedeemLib: "libraries/RedeemLib.sol",
  BondVault: "fund/BondVault.sol",
  FundVault: "fund/FundVault.sol",
  Allocator: "fund/Allocator.sol",
  SaksiToken: "stake/SaksiToken.sol",
  StakeVault: "stake/StakeVault.sol",
  FeeForwarder: "stake/FeeForwarder.sol",
  SaksiTimelock: "governance/SaksiTimelock.sol",
  SaksiProposals: "governance/SaksiProposals.sol",
  SaksiGovernor: "governance/SaksiGovernor.sol",
  DisputeCourt: "court/DisputeCourt.sol",
  AttesterBonds: "court/AttesterBonds.sol",
} as const;

export type ContractName = keyof typeof SOURCES;

export const CONTRACT_NAMES = Object.keys(SOURCES) as ContractName[];

interface Link {
  start: number;
  length: number;
}

export interface Artifact {
  contractName: string;
  abi: InterfaceAbi;
  bytecode: string;
  linkReferences: Record<string, Record<string, Link[]>>;
}

/** Reads a compiled contract; `artifactsDir` is Hardhat's output folder. */
export function readArtifact(artifactsDir: string, name: ContractName): Artifact {
  const path = join(artifactsDir, "contracts", SOURCES[name], `${name}.json`);
  return JSON.parse(readFileSync(path, "utf8")) as Artifact;
}

/** Creation code with its libraries filled in and the constructor's arguments appended. */
export function creationCode(
  artifact: Artifact,
  args: unknown[],
  libraries: Record<string, string> = {},
): string {
  let code = artifact.bytecode;
  for (const names of Object.values(artifact.linkReferences)) {
    for (const [library, links] of Object.entries(names)) {
      const address = libraries[library];
      if (address === undefined) throw new Error(`${artifact.contractName} needs the address of ${library}`);
      for (const { start, length } of links) {
        const at = 2 + start * 2;
        code = code.slice(0, at) + getAddress(address).slice(2).toLowerCase() + code.slice(at + length * 2);
      }
    }
  }
  return code + new Interface(artifact.abi).encodeDeploy(args).slice(2);
}

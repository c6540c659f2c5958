/** The networks a deployment may be on, and the nodes and keys that the environment names for them. */

import { readFileSync } from "node:fs";
import { JsonRpcProvider, Network, type Signer, Wallet } from "ethers";
import type { DeploymentParams } from "../../src/adapters/evm/deployment-params.ts";
import { UsageError } from "../../src/errors/errors.ts";

const GWEI = 1_000_000_000n;

export type NetworkConfig = {
  name: string;
  chainId: number;
  /** The variable that names the node's address. */
  rpcVariable: string;
  /** Where no variable is set. */
  rpcUrl?: string;
  /** The priority fee of each transaction. */
  tipWei: bigint;
  /** Whether Etherscan and Sourcify know the chain. */
  isPublic: boolean;
  /** Whether money there is worth something, so that no mock may stand in for it. */
  isReal: boolean;
};

const NETWORKS: NetworkConfig[] = [
  {
    name: "local",
    chainId: 31337,
    rpcVariable: "SAKSI_LOCAL_RPC_URL",
    rpcUrl: "http://127.0.0.1:8545",
    tipWei: 0n,
    isPublic: false,
    isReal: false,
  },
  // Sepolia
  {
    name: "testnet",
    chainId: 11155111,
    rpcVariable: "SAKSI_TESTNET_RPC_URL",
    tipWei: GWEI,
    isPublic: true,
    isReal: false,
  },
  // Ethereum
  {
    name: "mainnet",
    chainId: 1,
    rpcVariable: "SAKSI_MAINNET_RPC_URL",
    tipWei: GWEI,
    isPublic: true,
    isReal: true,
  },
];

/** @throws UsageError for a name that is none of the networks. */
export function networkNamed(name: string | undefined): NetworkConfig {
  const found = NETWORKS.find((network) => network.name === name);
  if (found !== undefined) return found;
  const names = NETWORKS.map((network) => network.name).join(", ");
  throw new UsageError(
    "network.unknown",
    name === undefined
      ? `say which network: --network with one of ${names}`
      : `${name} is not one of the networks ${names}`,
  );
}

/** @throws UsageError for parameters that would put a mock in the place of money. */
export function refuseMocks(network: NetworkConfig, params: DeploymentParams): void {
  const mocks = [
    ...(params.asset === undefined ? ["the asset"] : []),
    ...(params.functions !== undefined && params.functions.router === undefined ? ["the router"] : []),
  ];
  if (network.isReal && mocks.length > 0)
    throw new UsageError(
      "network.mock",
      `${network.name} takes no mock: name the address of ${mocks.join(" and ")} in the parameters`,
    );
}

/** @throws UsageError when neither `--rpc` nor the environment names a node. */
export function nodeOf(network: NetworkConfig, rpc?: string, env = process.env): JsonRpcProvider {
  const url = rpc ?? env[network.rpcVariable] ?? network.rpcUrl;
  if (url === undefined)
    throw new UsageError(
      "network.noNode",
      `no node is named for ${network.name}: set ${network.rpcVariable} or give --rpc with its address`,
    );
  return providerAt(url, network.chainId);
}

export function providerAt(url: string, chainId: number): JsonRpcProvider {
  const known = Network.from(chainId);
  return new JsonRpcProvider(url, known, { staticNetwork: known, batchMaxCount: 1, cacheTimeout: -1 });
}

/**
 * The account that deploys: an encrypted key file and its password, both named by the environment; on a local node
 * without them, the node's own first account.
 */
export async function deployerOf(
  network: NetworkConfig,
  node: JsonRpcProvider,
  env = process.env,
): Promise<Signer> {
  const file = env["SAKSI_DEPLOYER_KEYSTORE"];
  const password = env["SAKSI_DEPLOYER_PASSWORD"];
  if (file === undefined || password === undefined) {
    if (!network.isPublic) return node.getSigner(0);
    throw new UsageError(
      "deployer.none",
      `a deployment on ${network.name} needs SAKSI_DEPLOYER_KEYSTORE, an encrypted key file, and SAKSI_DEPLOYER_PASSWORD in the environment`,
    );
  }
  try {
    return (await Wallet.fromEncryptedJson(readFileSync(file, "utf8"), password)).connect(node);
  } catch {
    throw new UsageError("deployer.key", `${file} is not a key file that SAKSI_DEPLOYER_PASSWORD opens`);
  }
}

/** @throws UsageError when it is not set. */
export function etherscanKey(env = process.env): string {
  const key = env["ETHERSCAN_API_KEY"];
  if (key === undefined || key === "")
    throw new UsageError(
      "etherscan.noKey",
      "submitting to Etherscan needs ETHERSCAN_API_KEY in the environment",
    );
  return key;
}

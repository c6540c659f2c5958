/** The chain of the simulated world: started, given its contracts, and given money. */
import { createRequire } from "node:module";
import { Interface, JsonRpcProvider, Network } from "ethers";
import { localDeployment } from "../../config/deployment.ts";
import {
  ATTESTER_ROLES,
  FUNDS,
  LOCAL_CHAIN_ID,
  type Role,
  roleWallet,
  STAKES,
  TEST_MNEMONIC,
} from "../../config/scenario.ts";
import { SaksiError } from "../../errors/errors.ts";
import { allocatorAbi, bondsAbi, bondVaultAbi, stakeAbi, vaultAbi } from "../evm/abi.ts";
import { type Deployment, deploySaksi } from "../evm/deploy.ts";
import { DirectSender } from "../evm/direct-sender.ts";
import type { Rpc } from "../evm/rpc.ts";
import { ARTIFACTS, type BootOptions } from "./boot.ts";
import type { TradingPlace } from "./boot-venue.ts";
import { type ProcessRecord, startProcess } from "./process.ts";

function anvilBinary(): string {
  try {
    const require = createRequire(import.meta.url);
    return require.resolve("@foundry-rs/anvil-linux-amd64/bin/anvil");
  } catch {
    throw new SaksiError(
      "chain.noAnvil",
      "the local chain (anvil) is not installed; run npm ci on a Linux x64 machine",
    );
  }
}

export function startChain(dir: string, startMs: number): Promise<ProcessRecord> {
  // Genesis lies before the start, so that the deployment's blocks have virtual times of their own.
  const genesisSeconds = Math.floor(startMs / 1000) - 3_600;
  return startProcess(
    dir,
    "chain",
    anvilBinary(),
    [
      "--port",
      "0",
      "--chain-id",
      String(LOCAL_CHAIN_ID),
      "--no-mining",
      "--order",
      "fees",
      "--timestamp",
      String(genesisSeconds),
      "--mnemonic",
      TEST_MNEMONIC,
      "--accounts",
      "20",
      "--hardfork",
      "cancun",
      "--prune-history",
      "64",
      "--gas-limit",
      "30000000",
    ],
    (log) => {
      const match = /Listening on 127\.0\.0\.1:(\d+)/.exec(log);
      return match ? Number(match[1]) : undefined;
    },
  );
}

export async function deploy(
  rpc: Rpc,
  options: BootOptions,
  place: TradingPlace,
  sourceHash: string,
): Promise<Deployment> {
  const network = Network.from(LOCAL_CHAIN_ID);
  const provider = new JsonRpcProvider(rpc.provider._getConnection().url, network, {
    staticNetwork: network,
    batchMaxCount: 1,
    cacheTimeout: -1,
  });
  const params = localDeployment(
    options.market,
    options.modelId,
    BigInt(Math.floor(place.startMs / 1000)),
    options.transport,
    sourceHash,
    { uid: place.venue.uid, allocationUsdE6: place.atVenueUsdE6 },
  );
  const deployment = await deploySaksi({
    deployer: roleWallet("deployer").connect(provider),
    params,
    artifactsDir: ARTIFACTS,
    mine: () => rpc.send("evm_mine", []),
  });
  provider.destroy();
  return deployment;
}

const FUNDING_GAS = 400_000n;
const erc20 = new Interface([
  "function approve(address spender, uint256 amount)",
  "function transfer(address to, uint256 amount)",
]);

/**
 * Depositor, operator and attesters bring money, stakers their stake; what the stakers signal to the mandate is what lets
 * the allocator send cash to its address.
 */
export async function fund(rpc: Rpc, deployment: Deployment): Promise<void> {
  const { addresses, asset, mandates } = deployment;
  const contract = (
    name: "FundVault" | "BondVault" | "AttesterBonds" | "SaksiToken" | "StakeVault" | "Allocator",
  ) => {
    const address = addresses[name];
    if (address === undefined) throw new SaksiError("boot.funding", `the local world has no ${name}`);
    return address;
  };
  const sent: string[] = [];
  const senders = new Map<Role, DirectSender>();
  const as = async (
    role: Role,
    to: string,
    abi: Interface,
    method: string,
    args: unknown[],
  ): Promise<void> => {
    const sender = senders.get(role) ?? new DirectSender(rpc, roleWallet(role), LOCAL_CHAIN_ID, 1n);
    senders.set(role, sender);
    sent.push(await sender.send(to, abi.encodeFunctionData(method, args), FUNDING_GAS));
  };
  const pay = async (
    role: Role,
    token: string,
    to: string,
    abi: Interface,
    method: string,
    args: unknown[],
    amount: bigint,
  ) => {
    await as(role, token, erc20, "approve", [to, amount]);
    await as(role, to, abi, method, args);
  };
  const token = contract("SaksiToken");
  const stake = contract("StakeVault");
  const stakers = Object.entries(STAKES) as [keyof typeof STAKES, bigint][];

  const { depositUsdE6, bondUsdE6, attesterBondUsdE6 } = FUNDS;
  await pay("depositor", asset, contract("FundVault"), vaultAbi, "seedUsdE6", [depositUsdE6], depositUsdE6);
  await pay("operator", asset, contract("BondVault"), bondVaultAbi, "postBond", [bondUsdE6], bondUsdE6);
  for (const role of ATTESTER_ROLES) {
    const args = [roleWallet(role).address, attesterBondUsdE6];
    await pay(role, asset, contract("AttesterBonds"), bondsAbi, "postBond", args, attesterBondUsdE6);
  }
  for (const [role, amount] of stakers)
    await as("treasury", token, erc20, "transfer", [roleWallet(role).address, amount]);
  await rpc.send("evm_mine", []);
  for (const [role, amount] of stakers) {
    await pay(role, token, stake, stakeAbi, "stake", [amount], amount);
    await as(role, stake, stakeAbi, "delegate", [roleWallet(role).address]);
    await as(role, stake, stakeAbi, "signal", [Object.values(mandates)[0], amount]);
  }
  await rpc.send("evm_mine", []);
  // anyone may; the executor has no other way to the fund's cash
  await as("executor", contract("Allocator"), allocatorAbi, "rebalance", []);
  await rpc.send("evm_mine", []);
  for (const hash of sent) {
    const receipt = await rpc.send<{ status: string } | null>("eth_getTransactionReceipt", [hash]);
    if (receipt?.status !== "0x1")
      throw new SaksiError("boot.funding", "a funding transaction of the local world failed");
  }
}

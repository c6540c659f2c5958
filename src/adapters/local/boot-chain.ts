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

type Funded = "FundVault" | "BondVault" | "AttesterBonds" | "SaksiToken" | "StakeVault" | "Allocator";
type Act = {
  role: Role;
  to: string;
  abi: Interface;
  method: string;
  args: unknown[];
  /** What the call takes out of the caller's allowance. */
  pays?: { token: string; amount: bigint };
};

/**
 * Depositor, operator and attesters bring money, stakers their stake; what the stakers signal to the mandate is what lets
 * the allocator send cash to its address.
 */
export async function fund(rpc: Rpc, deployment: Deployment): Promise<void> {
  const { asset, mandates } = deployment;
  const at = (name: Funded): string => {
    const address = deployment.addresses[name];
    if (address === undefined) throw new SaksiError("boot.funding", `the local world has no ${name}`);
    return address;
  };
  const { depositUsdE6, bondUsdE6, attesterBondUsdE6 } = FUNDS;
  const [fundVault, bondVault, bonds] = [at("FundVault"), at("BondVault"), at("AttesterBonds")];
  const [token, stake, allocator] = [at("SaksiToken"), at("StakeVault"), at("Allocator")];
  const stakers = Object.entries(STAKES) as [keyof typeof STAKES, bigint][];
  const usd = (amount: bigint) => ({ token: asset, amount });

  const rounds: Act[][] = [
    [
      {
        role: "depositor",
        to: fundVault,
        abi: vaultAbi,
        method: "seedUsdE6",
        args: [depositUsdE6],
        pays: usd(depositUsdE6),
      },
      {
        role: "operator",
        to: bondVault,
        abi: bondVaultAbi,
        method: "postBond",
        args: [bondUsdE6],
        pays: usd(bondUsdE6),
      },
      ...ATTESTER_ROLES.map((role) => ({
        role,
        to: bonds,
        abi: bondsAbi,
        method: "postBond",
        args: [roleWallet(role).address, attesterBondUsdE6],
        pays: usd(attesterBondUsdE6),
      })),
      ...stakers.map(([role, amount]) => ({
        role: "treasury" as const,
        to: token,
        abi: erc20,
        method: "transfer",
        args: [roleWallet(role).address, amount],
      })),
    ],
    stakers.flatMap(([role, amount]) => {
      const act = { role, to: stake, abi: stakeAbi };
      return [
        { ...act, method: "stake", args: [amount], pays: { token, amount } },
        { ...act, method: "delegate", args: [roleWallet(role).address] },
        { ...act, method: "signal", args: [Object.values(mandates)[0], amount] },
      ];
    }),
    // anyone may; the executor has no other way to the fund's cash
    [{ role: "executor", to: allocator, abi: allocatorAbi, method: "rebalance", args: [] }],
  ];
  for (const acts of rounds) await inOneBlock(rpc, acts);
}

/** @throws SaksiError when one of them failed. */
async function inOneBlock(rpc: Rpc, acts: Act[]): Promise<void> {
  const sent: string[] = [];
  for (const { role, to, abi, method, args, pays } of acts) {
    const sender = new DirectSender(rpc, roleWallet(role), LOCAL_CHAIN_ID, 1n);
    const approve = pays && erc20.encodeFunctionData("approve", [to, pays.amount]);
    if (approve) sent.push(await sender.send(pays.token, approve, FUNDING_GAS));
    sent.push(await sender.send(to, abi.encodeFunctionData(method, args), FUNDING_GAS));
  }
  await rpc.send("evm_mine", []);
  for (const hash of sent) {
    const receipt = await rpc.send<{ status: string } | null>("eth_getTransactionReceipt", [hash]);
    if (receipt?.status !== "0x1")
      throw new SaksiError("boot.funding", "a funding transaction of the local world failed");
  }
}

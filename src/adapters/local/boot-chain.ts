/** The chain of the simulated world: started, given its contracts, and given money. */
import { createRequire } from "node:module";
import { Interface, JsonRpcProvider, Network } from "ethers";
import { localDeployment } from "../../config/deployment.ts";
import { FUNDS, LOCAL_CHAIN_ID, roleWallet, TEST_MNEMONIC } from "../../config/scenario.ts";
import { SaksiError } from "../../errors/errors.ts";
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

/** Depositors and the operator bring money; the executor sends the allocation to the venue. */
export async function fund(rpc: Rpc, deployment: Deployment, atVenueUsdE6: bigint): Promise<void> {
  const erc20 = new Interface(["function approve(address spender, uint256 amount)"]);
  const vault = new Interface([
    "function seedUsdE6(uint256 amountUsdE6)",
    "function postBond(uint256 amountUsdE6)",
    "function sendToVenue(uint256 amountUsdE6)",
  ]);
  const { FundVault: vaultAddress, BondVault: bondAddress } = deployment.addresses;
  const gas = 400_000n;
  const as = (role: Parameters<typeof roleWallet>[0]) =>
    new DirectSender(rpc, roleWallet(role), LOCAL_CHAIN_ID, 1n);
  const sent: string[] = [];
  for (const [role, to, method, amount] of [
    ["depositor", vaultAddress, "seedUsdE6", FUNDS.depositUsdE6],
    ["operator", bondAddress, "postBond", FUNDS.bondUsdE6],
  ] as const) {
    const sender = as(role);
    sent.push(await sender.send(deployment.asset, erc20.encodeFunctionData("approve", [to, amount]), gas));
    sent.push(await sender.send(to, vault.encodeFunctionData(method, [amount]), gas));
  }
  await rpc.send("evm_mine", []);
  sent.push(
    await as("executor").send(vaultAddress, vault.encodeFunctionData("sendToVenue", [atVenueUsdE6]), gas),
  );
  await rpc.send("evm_mine", []);
  for (const hash of sent) {
    const receipt = await rpc.send<{ status: string } | null>("eth_getTransactionReceipt", [hash]);
    if (receipt?.status !== "0x1")
      throw new SaksiError("boot.funding", "a funding transaction of the local world failed");
  }
}

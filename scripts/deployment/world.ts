/** The record of a world that `saksi up` deployed, read back from its chain: its deployer's creations up to its start. */
import { AbiCoder, type JsonRpcProvider, ZeroHash } from "ethers";
import { localDeployment } from "../../src/config/deployment.ts";
import { FUNDS, roleWallet } from "../../src/config/scenario.ts";
import { readWorld, type World } from "../../src/config/world.ts";
import { UsageError } from "../../src/errors/errors.ts";
import { type BuiltContract, creationOf } from "./artifacts.ts";
import { type NetworkConfig, providerAt } from "./networks.ts";
import type { DeploymentRecord } from "./record.ts";
import { creationsIn, recordOf, type Sent } from "./recorder.ts";

const E8_PER_E6 = 100n;

/** @throws UsageError when the store holds no world, or one whose chain is gone. */
export async function recordOfWorld(
  store: string,
  network: NetworkConfig,
  built: BuiltContract[],
): Promise<{ node: JsonRpcProvider; record: DeploymentRecord }> {
  const world = readWorld(store);
  if (world === undefined)
    throw new UsageError("world.none", `${store} holds no world; start one with saksi up --store`);
  const node = providerAt(world.chain.url, Number(world.chain.chainId));
  try {
    const sent = await creationsIn(node, roleWallet("deployer").address, 0, world.chain.startBlock);
    const params = localDeployment(
      world.market,
      world.modelId,
      BigInt(Math.floor(world.startMs / 1000)),
      world.transport,
      sourceHashOf(built, sent),
      { uid: world.venue.uid, allocationUsdE6: allocationOf(world) },
    );
    const { asset, feed } = world.addresses;
    const record = recordOf(network.name, built, sent, params, {
      chainId: world.chain.chainId,
      asset,
      feeds: { [world.market]: feed },
      mandates: { [world.market]: world.mandateId },
    });
    return { node, record };
  } catch (error) {
    node.destroy();
    if (error instanceof Error && "code" in error && error.code === "ECONNREFUSED")
      throw new UsageError(
        "world.stopped",
        `the chain of the world in ${store} does not answer; it must be running`,
      );
    throw error;
  }
}

/** The hash of the Functions source is computed when a world starts, and kept by the contract alone. */
function sourceHashOf(built: BuiltContract[], sent: Sent[]): string {
  for (const { data } of sent) {
    const creation = creationOf(built, data);
    if (creation?.contract.contractName !== "FunctionsAttester") continue;
    const types = [
      "address",
      "address",
      "address",
      "address",
      "uint64",
      "bytes32",
      "uint32",
      "bytes32",
      "uint64",
    ];
    return AbiCoder.defaultAbiCoder().decode(types, creation.constructorArguments)[7] as string;
  }
  return ZeroHash;
}

const allocationOf = ({ venue }: World): bigint =>
  venue.opening === undefined ? FUNDS.atVenueUsdE6 : venue.opening.balanceE8 / E8_PER_E6;

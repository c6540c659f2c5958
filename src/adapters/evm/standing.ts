/** What stands behind a mandate on the chain: stake, bonds, cash at the venue, fees passed on, and the seals that were opened. */
import type { Interface } from "ethers";
import type { World } from "../../config/world.ts";
import { type Reveal, sideOfCode } from "../../domain/prediction.ts";
import { allocatorAbi, bondsAbi, bondVaultAbi, stakeAbi, validatorAbi, vaultAbi } from "./abi.ts";
import type { Rpc } from "./rpc.ts";

/** Amounts E6 in the fund's asset, SAKSI with 18 decimals. */
export type Standing = {
  operatorBondE6: bigint;
  /** In the order of the world's attesters. */
  attesterBondsE6: bigint[];
  stakedSaksi: bigint;
  signalledSaksi: bigint;
  /** Whether the court that judges disputes is the one that may take stake. */
  courtMaySlash: boolean;
  /** What the allocator sent less what came back, and what it aims at. */
  allocatedE6: bigint;
  targetE6: bigint;
  /** The fund's fee for stakers: paid to those who signal, and still in the fund. */
  feesPassedOnE6: bigint;
  feesWaitingE6: bigint;
};

/** The stakers' account among the fund's three for fees. */
export const STAKERS_FEE = 1;

export async function standingOf(rpc: Rpc, world: World): Promise<Standing> {
  const { bond, attesterBonds, stake, allocator, vault, validator } = world.addresses;
  const { mandateId } = world;
  const read = async <T>(to: string, abi: Interface, getter: string, args: unknown[] = []): Promise<T> =>
    (await rpc.call(to, abi, getter, args))[0] as T;
  const passedOn = await eventsOf(rpc, world, stake, stakeAbi, "FeesNotified");
  return {
    operatorBondE6: await read(bond, bondVaultAbi, "bondUsdE6"),
    attesterBondsE6: await Promise.all(
      world.attesters.map(({ signer }) => read<bigint>(attesterBonds, bondsAbi, "bondUsdE6", [signer])),
    ),
    // the first of the vault's accounts is its stake
    stakedSaksi: await read(stake, stakeAbi, "accounts"),
    signalledSaksi: await read(stake, stakeAbi, "signalOf(bytes32)", [mandateId]),
    courtMaySlash: (await read(validator, validatorAbi, "court")) === (await read(stake, stakeAbi, "court")),
    allocatedE6: await read(allocator, allocatorAbi, "allocatedUsdE6", [mandateId]),
    targetE6: await read(allocator, allocatorAbi, "targetUsdE6", [mandateId]),
    feesPassedOnE6: passedOn.reduce((sum, args) => sum + (args["amountUsdE6"] as bigint), 0n),
    feesWaitingE6: await read(vault, vaultAbi, "feesOwedE6", [STAKERS_FEE]),
  };
}

/** What settlements revealed, by prediction id, as the chain's events have it. */
export async function revealsOf(rpc: Rpc, world: World): Promise<Map<string, Reveal>> {
  const opened = await eventsOf(rpc, world, world.addresses.validator, validatorAbi, "SealOpened");
  return new Map(
    opened.map(({ id, reveal: r }) => [
      id as string,
      {
        salt: r.salt,
        side: sideOfCode(Number(r.side)),
        entryLimitE8: r.entryLimitE8,
        stopE8: r.stopE8,
        targetE8: r.targetE8,
        qtyE8: r.qtyE8,
        leverageBps: r.leverageBps,
      },
    ]),
  );
}

async function eventsOf(rpc: Rpc, world: World, address: string, abi: Interface, name: string) {
  const event = abi.getEvent(name)!;
  const logs = await rpc.send<{ topics: string[]; data: string }[]>("eth_getLogs", [
    {
      address,
      topics: [event.topicHash],
      fromBlock: `0x${world.chain.startBlock.toString(16)}`,
      toBlock: "latest",
    },
  ]);
  return logs.map(({ data, topics }) => abi.decodeEventLog(event, data, topics));
}

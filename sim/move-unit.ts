/**
 * One unit moved in each of the three books of a finished run, one after the other: the reconciliation that every epoch
 * runs must name it and open an incident. The ledger and the exchange are put right again; the chain comes last and stays.
 */
import { Interface } from "ethers";
import { allocatorAbi } from "../src/adapters/evm/abi.ts";
import { DirectSender } from "../src/adapters/evm/direct-sender.ts";
import { Rpc } from "../src/adapters/evm/rpc.ts";
import type { Engine } from "../src/adapters/local/engine.ts";
import { roleWallet } from "../src/config/scenario.ts";
import { readWorld } from "../src/config/world.ts";
import { reconcile } from "../src/stations/distribute/reconcile.ts";
import { openIncidents, put } from "../src/stations/station.ts";
import { VenueSwitches } from "./disturb.ts";

const CALL_GAS = 300_000n;

/** @returns a line for each book: its name and what the incident says, or that there was none. */
export async function moveUnits(engine: Engine, dir: string): Promise<string[]> {
  const { store } = engine;
  const switches = new VenueSwitches(dir);
  const lines: string[] = [];
  const look = async (book: string): Promise<void> => {
    await reconcile(engine.deps);
    const incidents = await openIncidents(engine.deps);
    lines.push(
      `${book}: ${incidents.map(({ kind, text }) => `${kind} ${text}`).join("; ") || "no incident"}`,
    );
    await store.transact(
      incidents.map(({ incidentId }) => ({ op: "delete" as const, pk: "incident", sk: incidentId })),
    );
  };
  const [trip] = await store.query<{ pnlE8: bigint }>(`trip#${engine.deps.config.mandateId}`, { limit: 1 });
  if (!trip) throw new Error("the run had no round trip");
  await look("none");
  await store.transact([put(trip.pk, trip.sk, { ...trip.value, pnlE8: trip.value.pnlE8 + 1n })]);
  await look("ledger");
  await store.transact([put(trip.pk, trip.sk, trip.value)]);
  await switches.adjust("1");
  await look("venue");
  await switches.adjust("-1");
  await transferOnChain(dir);
  await look("chain");
  return lines;
}

/** A return is recorded that never left the exchange. */
async function transferOnChain(dir: string): Promise<void> {
  const world = readWorld(dir);
  if (!world) throw new Error(`${dir} holds no world.json`);
  const rpc = new Rpc(world.chain.url, world.chain.chainId);
  const { asset, vault, allocator } = world.addresses;
  const erc20 = new Interface(["function approve(address spender, uint256 amount)"]);
  const approve = erc20.encodeFunctionData("approve", [vault, 1n]);
  const recordReturn = allocatorAbi.encodeFunctionData("recordReturn", [world.mandateId, 1n]);
  const account = new DirectSender(rpc, roleWallet("venueDeposit"), world.chain.chainId, 1n);
  await account.send(asset, approve, CALL_GAS);
  await account.send(allocator, recordReturn, CALL_GAS);
  await rpc.send("evm_mine", []);
  rpc.close();
}

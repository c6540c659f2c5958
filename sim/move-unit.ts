/**
 * One unit moved in each of the three books of a finished run, one after the other: the reconciliation that every epoch
 * runs must name it and open an incident. The ledger and the exchange are put right again; the chain comes last and stays.
 */
import { Interface } from "ethers";
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

/** The executor records a transfer that never reached the exchange. */
async function transferOnChain(dir: string): Promise<void> {
  const world = readWorld(dir);
  if (!world) throw new Error(`${dir} holds no world.json`);
  const rpc = new Rpc(world.chain.url, world.chain.chainId);
  const call = new Interface(["function sendToVenue(uint256 amountUsdE6)"]).encodeFunctionData(
    "sendToVenue",
    [1n],
  );
  const executor = new DirectSender(rpc, roleWallet("executor"), world.chain.chainId, 1n);
  await executor.send(world.addresses.vault, call, CALL_GAS);
  await rpc.send("evm_mine", []);
  rpc.close();
}

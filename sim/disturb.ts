/** Disturbances from outside the engine at exact places of a run: venue faults at an order, one unit moved in one of the three books. */
import { Interface } from "ethers";
import { DirectSender } from "../src/adapters/evm/direct-sender.ts";
import { Rpc } from "../src/adapters/evm/rpc.ts";
import { postJson } from "../src/adapters/http/json.ts";
import { readSecrets } from "../src/adapters/local/secrets.ts";
import { roleWallet } from "../src/config/scenario.ts";
import { readWorld } from "../src/config/world.ts";
import type { Ports } from "../src/ports/ports.ts";
import type { Write } from "../src/ports/store.ts";

/** A fault of the simulated exchange, switched on just before the nth entry or exit order of this process is sent. */
export type FaultAt = { before: "placeEntry" | "placeExit"; nth: number; fault: Record<string, unknown> };
export type Disturbance = {
  acceptDuplicates?: boolean;
  faults?: FaultAt[];
  moveOneUnit?: "ledger" | "venue" | "chain";
};

const CALL_GAS = 300_000n;

export function disturbedPorts(ports: Ports, dir: string, plan: Disturbance): Ports {
  const admin = (path: string, body: unknown): Promise<unknown> => {
    const world = readWorld(dir);
    return postJson(`${world?.venue.url}/admin/${path}`, body, {
      headers: { "x-admin-token": readSecrets(dir).adminToken },
    });
  };
  const settings = plan.acceptDuplicates ? admin("settings", { acceptDuplicates: true }) : Promise.resolve();
  const calls = { placeEntry: 0, placeExit: 0 };
  let moved = false;
  const before = async (name: "placeEntry" | "placeExit"): Promise<void> => {
    await settings;
    calls[name] += 1;
    for (const one of plan.faults ?? [])
      if (one.before === name && one.nth === calls[name])
        await admin("faults", { userAgent: "saksi-engine", ...one.fault });
    if (name === "placeExit" && !moved) {
      moved = true;
      if (plan.moveOneUnit === "venue")
        await admin("adjust", { uid: readWorld(dir)?.venue.uid, asset: "USDT", amountE8: "1" });
      if (plan.moveOneUnit === "chain") await moveOnChain(dir);
    }
  };
  const venue = new Proxy(ports.venue, {
    get(target, key) {
      const value = Reflect.get(target, key, target) as unknown;
      if (key !== "placeEntry" && key !== "placeExit") return value;
      return async (order: never) => {
        await before(key);
        return (value as (order: never) => Promise<unknown>)(order);
      };
    },
  });
  return {
    ...ports,
    venue,
    store: plan.moveOneUnit === "ledger" ? ledgerOffByOne(ports.store) : ports.store,
  };
}

function ledgerOffByOne(store: Ports["store"]): Ports["store"] {
  const change = (write: Write): Write =>
    write.op === "put" && write.pk.startsWith("trip#")
      ? {
          ...write,
          value: {
            ...(write.value as { pnlE8: bigint }),
            pnlE8: (write.value as { pnlE8: bigint }).pnlE8 + 1n,
          },
        }
      : write;
  return new Proxy(store, {
    get(target, key) {
      if (key === "transact") return (writes: readonly Write[]) => target.transact(writes.map(change));
      const value = Reflect.get(target, key, target) as unknown;
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

/** The executor records a transfer that never reached the venue. */
async function moveOnChain(dir: string): Promise<void> {
  const world = readWorld(dir);
  if (!world) throw new Error("no world here");
  const rpc = new Rpc(world.chain.url, world.chain.chainId);
  const send = new Interface(["function sendToVenue(uint256 amountUsdE6)"]).encodeFunctionData(
    "sendToVenue",
    [1n],
  );
  await new DirectSender(rpc, roleWallet("executor"), world.chain.chainId, 1n).send(
    world.addresses.vault,
    send,
    CALL_GAS,
  );
  rpc.close();
}

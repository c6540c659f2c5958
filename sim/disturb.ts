/** Disturbances from outside the engine at exact places of a run: a fault of the exchange at the nth order. */
import { getJson, postJson } from "../src/adapters/http/json.ts";
import { readSecrets } from "../src/adapters/local/secrets.ts";
import { TIMING } from "../src/config/scenario.ts";
import { readWorld, type World } from "../src/config/world.ts";
import { MINUTE_MS } from "../src/domain/candle.ts";
import { symbolOf } from "../src/domain/market.ts";
import type { Side } from "../src/domain/prediction.ts";
import type { Ports } from "../src/ports/ports.ts";
import type { EntryOrder, ExitOrder } from "../src/ports/venue.ts";

/** A fault of the simulated exchange, switched on just before the nth entry or exit order of this process is sent. */
export type FaultAt = {
  before: "placeEntry" | "placeExit";
  nth: number;
  /**
   * As the exchange's fault switch takes it. Filled in: the market; the newest closed minute of the next slot for a
   * candle; account and side of the order that is about to be sent for a foreign one.
   */
  fault: Record<string, unknown> & { name: string };
};
export type Disturbance = {
  acceptDuplicates?: boolean;
  faults?: FaultAt[];
};
/** A fault that is still switched on: `hits` is how often it struck. */
export type ActiveFault = { name: string; hits: number };

/** Of the whole market or acting at once: the others are for the engine's requests alone. */
const FOR_EVERYONE: readonly string[] = ["frozenFeed", "foreignOrder"];

/** The exchange's switches, as its operator works them. */
export class VenueSwitches {
  readonly #dir: string;
  constructor(dir: string) {
    this.#dir = dir;
  }
  get #world(): World {
    const world = readWorld(this.#dir);
    if (!world) throw new Error(`${this.#dir} holds no world.json`);
    return world;
  }
  get #headers(): Record<string, string> {
    return { "x-admin-token": readSecrets(this.#dir).adminToken };
  }
  #post(path: string, body: unknown): Promise<unknown> {
    return postJson(`${this.#world.venue.url}/admin/${path}`, body, { headers: this.#headers });
  }
  acceptDuplicates(): Promise<unknown> {
    return this.#post("settings", { acceptDuplicates: true });
  }
  /** Moves the account's balance without a trace in its records. */
  adjust(amountE8: string): Promise<unknown> {
    return this.#post("adjust", { uid: this.#world.venue.uid, asset: "USDT", amountE8 });
  }
  /** Faults that are still on. */
  async active(): Promise<ActiveFault[]> {
    const url = `${this.#world.venue.url}/admin/faults`;
    return (await getJson<{ faults: ActiveFault[] }>(url, this.#headers)).faults;
  }
  turnOn(fault: FaultAt["fault"], nowMs: number, order: { side: Side }): Promise<unknown> {
    const { venue, market } = this.#world;
    const nextSlotMs = (Math.floor(nowMs / TIMING.slotStepMs) + 1) * TIMING.slotStepMs;
    const own: Record<string, unknown> = FOR_EVERYONE.includes(fault.name)
      ? {}
      : { userAgent: "saksi-engine" };
    if (fault.name === "foreignOrder")
      Object.assign(own, {
        uid: venue.uid,
        symbol: symbolOf(market),
        positionSide: order.side,
        side: order.side === "LONG" ? "BUY" : "SELL",
      });
    if (fault.name === "alteredCandle" || fault.name === "missingCandle")
      Object.assign(own, { symbol: symbolOf(market), openTimeMs: nextSlotMs - MINUTE_MS });
    return this.#post("faults", { ...own, ...fault });
  }
}

/** Says `FAULT <name>` on stdout when it switches one on, so that what follows can be told from what came before. */
export function disturbedPorts(ports: Ports, dir: string, plan: Disturbance): Ports {
  const switches = new VenueSwitches(dir);
  const settings = plan.acceptDuplicates ? switches.acceptDuplicates() : Promise.resolve();
  const calls = { placeEntry: 0, placeExit: 0 };
  const before = async (name: "placeEntry" | "placeExit", order: { side: Side }): Promise<void> => {
    await settings;
    calls[name] += 1;
    for (const { before: call, nth, fault } of plan.faults ?? []) {
      if (call !== name || nth !== calls[name]) continue;
      await switches.turnOn(fault, ports.clock.nowMs(), order);
      process.stdout.write(`FAULT ${fault.name}\n`);
    }
  };
  const venue = new Proxy(ports.venue, {
    get(target, key) {
      if (key !== "placeEntry" && key !== "placeExit") return Reflect.get(target, key, target) as unknown;
      return async (order: EntryOrder & ExitOrder) => {
        await before(key, order);
        return target[key](order);
      };
    },
  });
  return { ...ports, venue };
}

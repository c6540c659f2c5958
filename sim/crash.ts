/**
 * Kills this process at a chosen port call, before or after its effect. Which call is chosen by station, row and call
 * within the row, so that a plan drawn from a seed hits the same places whatever else changes.
 */
import type { Ports } from "../src/ports/ports.ts";
import type { Write } from "../src/ports/store.ts";
import { STATIONS } from "../src/stations/station.ts";

export type KillPoint = {
  /** A station's name, or "*" for any port call at all. */
  station: string;
  /** Rows of the station (or calls, for "*") to let pass in this life. */
  skip: number;
  /** Which port call inside the row; counts on into the next rows if this one makes fewer. */
  call: number;
  when: "before" | "after";
  /** Only this port method counts, e.g. "venue.placeEntry". */
  method?: string;
};

const WRAPPED = ["store", "queue", "signer", "chain", "venue", "transport", "models", "attesters"] as const;

function die(): never {
  process.kill(process.pid, "SIGKILL");
  throw new Error("unreachable");
}

export function crashingPorts(ports: Ports, point: KillPoint | undefined): Ports {
  if (!point) return ports;
  let rows = 0;
  let calls = 0;
  let inStation = point.station === "*";
  const armed = (): boolean => inStation && (point.station === "*" || rows > point.skip);
  const onCall = <T>(name: string, run: () => T): T => {
    const counts = armed() && (!point.method || point.method === name);
    const hit = counts && calls++ === point.call + (point.station === "*" ? point.skip : 0);
    if (hit && point.when === "before") die();
    const result = run();
    if (hit && result instanceof Promise) return result.then(() => die()) as T;
    if (hit) die();
    return result;
  };
  const wrap = <T extends object>(port: T, name: string): T =>
    new Proxy(port, {
      get(target, key) {
        const value = Reflect.get(target, key, target) as unknown;
        if (typeof value !== "function" || typeof key !== "string") return value;
        return (...args: unknown[]) =>
          onCall(`${name}.${key}`, () => {
            const result = value.apply(target, args) as unknown;
            if (name === "queue" && key === "claim" && result instanceof Promise)
              return result.then((work: { station: string } | undefined) => {
                if (point.station !== "*") inStation = work?.station === point.station;
                if (work?.station === point.station) rows += 1;
                return work;
              });
            return result;
          });
      },
    });
  const wrapped = { ...ports } as Record<string, unknown>;
  for (const name of WRAPPED)
    wrapped[name] =
      name === "attesters"
        ? ports.attesters.map((attester) => wrap(attester, "attester"))
        : wrap(ports[name] as object, name);
  return wrapped as Ports;
}

/** A guard removed: the ledger never says that an order is on the wire. The kill test must fail with this. */
export function withoutSendingWrite(ports: Ports): Ports {
  const store = new Proxy(ports.store, {
    get(target, key) {
      const value = Reflect.get(target, key, target) as unknown;
      if (key !== "transact") return typeof value === "function" ? value.bind(target) : value;
      return (writes: readonly Write[]) =>
        target.transact(
          writes.map((write) =>
            write.op === "put" && (write.value as { state?: string } | null)?.state === "SENDING"
              ? { ...write, value: { ...(write.value as object), state: "INTENT" } }
              : write,
          ),
        );
    },
  });
  return { ...ports, store };
}

/** mulberry32: small, seeded, good enough to draw places. */
export function draws(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

/** Stations that run at every slot; the others run once or twice a prediction. */
const BUSY: readonly string[] = ["ingest", "features", "predict", "risk"];

/** Twenty kills: one in each station, one between the acceptance of an order and its reply, the rest anywhere. */
export function killPlan(seed: number, kills = 20): KillPoint[] {
  const draw = draws(seed);
  const when = (): KillPoint["when"] => (draw(2) === 0 ? "before" : "after");
  const inStations: KillPoint[] = STATIONS.map((station) => ({
    station,
    skip: BUSY.includes(station) ? draw(3) : 0,
    call: draw(3),
    when: when(),
  }));
  const orders: KillPoint[] = [
    { station: "execute", skip: 0, call: 0, when: "before", method: "venue.placeEntry" },
    { station: "execute", skip: 0, call: 0, when: "after", method: "venue.placeEntry" },
    { station: "execute", skip: 0, call: 0, when: "after", method: "venue.placeExit" },
  ];
  const anywhere: KillPoint[] = Array.from({ length: kills - inStations.length - orders.length }, () => ({
    station: "*",
    skip: 40 + draw(160),
    call: 0,
    when: when(),
  }));
  const shuffled = (points: KillPoint[]): KillPoint[] =>
    points
      .map((point) => ({ point, at: draw(1_000_000) }))
      .sort((a, b) => a.at - b.at)
      .map(({ point }) => point);
  const isBusy = ({ station }: KillPoint): boolean => BUSY.includes(station);
  const isClosing = ({ station }: KillPoint): boolean => station === "distribute";
  // What needs a trip comes first: stations that run at every slot are still reached when no prediction is left to make.
  return [
    ...orders,
    ...shuffled([...inStations.filter((point) => !isBusy(point) && !isClosing(point)), ...anywhere]),
    ...shuffled(inStations.filter(isBusy)),
    ...inStations.filter(isClosing),
  ];
}

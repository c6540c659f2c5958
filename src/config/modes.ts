/** What differs between a simulated world, paper on a live market, and real orders. One row a kind, nowhere else. */
import type { Tolerances } from "../stations/attest/judge.ts";
import type { EngineConfig } from "../stations/station.ts";

export type Mode = "simulated" | "live" | "trade";

export type ModeSettings = Pick<EngineConfig, "venueRejectsDuplicates"> & {
  /** Price that fires the stop and target attached to an entry. */
  triggerPrice: "LAST" | "MARK";
  /** How far an attester's own samples may lie from the engine's. */
  tolerances: Tolerances;
};

/** In lockstep everyone samples at one instant, so samples are equal. */
const EXACT: Tolerances = {
  equityE8: 0n,
  openInterestBps: 10n,
  bookBps: 0n,
  priceBps: 100n,
  maxAgeSeconds: 120n,
};
/** Samples of a moving market, taken seconds apart. */
const FREE_RUNNING: Tolerances = { ...EXACT, openInterestBps: 50n, bookBps: 20n };

export const MODES: Record<Mode, ModeSettings> = {
  simulated: { venueRejectsDuplicates: true, triggerPrice: "LAST", tolerances: EXACT },
  live: { venueRejectsDuplicates: true, triggerPrice: "LAST", tolerances: FREE_RUNNING },
  // Nothing published says that WEEX refuses a used client order id, so a request is never repeated there.
  trade: { venueRejectsDuplicates: false, triggerPrice: "MARK", tolerances: FREE_RUNNING },
};

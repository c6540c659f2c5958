/** What the paper venue remembers, and how it is kept: one JSON text under one key of an injected store. */
import type { Side } from "../../domain/prediction.ts";
import { DomainError } from "../../errors/errors.ts";
import type { VenueFill, VenueIncome, VenueOrder } from "../../ports/venue.ts";

export type PaperStore = {
  get(key: string): Promise<string | undefined>;
  put(key: string, value: string): Promise<void>;
};

export type PaperPosition = {
  symbol: string;
  side: Side;
  qtyE8: bigint;
  openQuoteE8: bigint;
  stopE8: bigint | null;
  targetE8: bigint | null;
  openedAtMs: number;
  /** Bars opening before this have been looked at. */
  barsToMs: number;
  /** Funding settled at or before this has been booked. */
  fundedToMs: number;
};
export type PaperState = {
  version: 1;
  balanceE8: bigint;
  lastId: number;
  leverage: Record<string, number>;
  positions: PaperPosition[];
  orders: VenueOrder[];
  fills: VenueFill[];
  income: VenueIncome[];
};

/** Rows kept of each list; older ones are forgotten. */
export const MAX_KEPT_ROWS = 20_000;

/** Ids look like the venue's (18 digits) and count up from the same number in every run. */
export function nextId(state: PaperState): string {
  state.lastId++;
  return (900_000_000_000_000_000n + BigInt(state.lastId)).toString();
}

export function keep<Row>(rows: Row[], row: Row): void {
  rows.push(row);
  if (rows.length > MAX_KEPT_ROWS) rows.shift();
}

const pack = (_key: string, value: unknown) =>
  typeof value === "bigint" ? { $int: value.toString() } : value;
const unpack = (_key: string, value: unknown) =>
  typeof value === "object" && value !== null && "$int" in value ? BigInt(String(value.$int)) : value;

export const serialise = (state: PaperState): string => JSON.stringify(state, pack);

/** @throws DomainError for a text that is not a paper account of this version. */
export function deserialise(text: string): PaperState {
  const state = parse(text);
  if (state?.version !== 1 || typeof state.balanceE8 !== "bigint" || !Array.isArray(state.positions))
    throw new DomainError("paper.state", "the stored paper account cannot be read");
  return state;
}

function parse(text: string): PaperState | undefined {
  try {
    return JSON.parse(text, unpack) as PaperState;
  } catch {
    return undefined;
  }
}

/** A new account; its opening balance is a transfer, as a deposit would be. */
export function openAccount(balanceE8: bigint, atMs: number): PaperState {
  const state: PaperState = {
    version: 1,
    balanceE8,
    lastId: 0,
    leverage: {},
    positions: [],
    orders: [],
    fills: [],
    income: [],
  };
  keep(state.income, {
    incomeId: nextId(state),
    kind: "TRANSFER",
    symbol: "",
    amountE8: balanceE8,
    timeMs: atMs,
  });
  return state;
}

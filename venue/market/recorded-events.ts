// Reads a recorded L2 session (JSONL): snapshot, depth diffs, trades and mark prices, in order of venue time.

import { z } from "zod";
import type { ContractSpec } from "../money/contract-spec.ts";
import { DataFileError, MAX_DATA_ROWS } from "./candle-file.ts";

export interface RecordedSnapshot {
  readonly kind: "snapshot";
  readonly atMs: number;
  readonly u: number;
  readonly bids: [number, number][];
  readonly asks: [number, number][];
}
export interface RecordedDiff {
  readonly kind: "diff";
  readonly atMs: number;
  readonly u: number;
  readonly bids: [number, number][];
  readonly asks: [number, number][];
}
export interface RecordedTrade {
  readonly kind: "trade";
  readonly atMs: number;
  readonly ticks: number;
  readonly lots: number;
  readonly buyerIsMaker: boolean;
}
export interface RecordedMark {
  readonly kind: "mark";
  readonly atMs: number;
  readonly mark: number;
  readonly index: number;
}
export type RecordedEvent = RecordedSnapshot | RecordedDiff | RecordedTrade | RecordedMark;

const levels = z.array(z.tuple([z.string(), z.string()]));
const line = z.discriminatedUnion("k", [
  z.object({
    k: z.literal("s"),
    rx: z.number(),
    E: z.number().optional(),
    u: z.number(),
    b: levels,
    a: levels,
  }),
  z.object({ k: z.literal("d"), rx: z.number(), E: z.number(), u: z.number(), b: levels, a: levels }),
  z.object({
    k: z.literal("t"),
    rx: z.number(),
    E: z.number(),
    p: z.string(),
    q: z.string(),
    m: z.boolean(),
  }),
  z.object({ k: z.literal("m"), rx: z.number(), E: z.number(), p: z.string(), i: z.string() }),
  z.object({ k: z.literal("q") }),
]);

export function parseRecordedEvents(text: string, name: string, spec: ContractSpec): RecordedEvent[] {
  const perTick = 10 ** spec.pricePrecision;
  const perLot = 10 ** spec.quantityPrecision;
  const ticks = (price: string) => Math.round(Number(price) * perTick);
  const lots = (size: string) => Math.round(Number(size) * perLot);
  const pairs = (rows: [string, string][]) => rows.map(([p, q]): [number, number] => [ticks(p), lots(q)]);
  const events: RecordedEvent[] = [];
  const rows = text.split("\n");
  if (rows.length > MAX_DATA_ROWS) throw new DataFileError(`${name} has more than ${MAX_DATA_ROWS} rows.`);
  let latest = 0;
  for (let n = 0; n < rows.length; n++) {
    if (rows[n] === "") continue;
    let raw: unknown;
    try {
      raw = JSON.parse(rows[n]!);
    } catch {
      throw new DataFileError(`${name} row ${n + 1} is not JSON.`);
    }
    const parsed = line.safeParse(raw);
    if (!parsed.success) throw new DataFileError(`${name} row ${n + 1} is not a recorded book event.`);
    const row = parsed.data;
    if (row.k === "q") continue;
    // Arrival order is kept; a snapshot takes the time of what arrived before it.
    latest = Math.max(latest, row.E ?? latest);
    const atMs = latest;
    if (row.k === "t") {
      const size = lots(row.q);
      if (size > 0)
        events.push({ kind: "trade", atMs, ticks: ticks(row.p), lots: size, buyerIsMaker: row.m });
    } else if (row.k === "m") events.push({ kind: "mark", atMs, mark: ticks(row.p), index: ticks(row.i) });
    else {
      const kind = row.k === "s" ? "snapshot" : "diff";
      events.push({ kind, atMs, u: row.u, bids: pairs(row.b), asks: pairs(row.a) });
    }
  }
  if (!events.some((event) => event.kind === "snapshot"))
    throw new DataFileError(`${name} has no book snapshot.`);
  return events;
}

// The public depth of a market as snapshots and deltas. Each delta says which update it follows (U is the u of the
// one before), so a receiver can see a gap.

import type { Level } from "../market/market-feed.ts";
import type { ContractSpec } from "../money/contract-spec.ts";
import { formatUnits } from "../money/e8.ts";
import type { VisibleBook } from "./match-book.ts";

export type DepthSize = 15 | 200;
const EMPTY: VisibleBook = { bids: [], asks: [] };

export class DepthChannel {
  readonly size: DepthSize;
  private readonly spec: ContractSpec;
  private shown: VisibleBook = EMPTY;
  private lastU = 0;

  constructor(spec: ContractSpec, size: DepthSize) {
    this.spec = spec;
    this.size = size;
  }

  get updateId(): number {
    return this.lastU;
  }

  snapshotJson(nowMs: number): string {
    const head = `{"e":"depthSnapshot","E":${nowMs},"s":"${this.spec.symbol}","U":${this.lastU},"u":${this.lastU}`;
    return `${head},"l":${this.size},"d":"SNAPSHOT","b":${this.rows(this.shown.bids)},"a":${this.rows(this.shown.asks)}}`;
  }

  /** Takes the book as it is now; the delta to send, or undefined when nothing shown has changed. */
  advance(book: VisibleBook, updateId: number, nowMs: number, encode: boolean): string | undefined {
    const bids = book.bids.length > this.size ? book.bids.slice(0, this.size) : book.bids;
    const asks = book.asks.length > this.size ? book.asks.slice(0, this.size) : book.asks;
    const bidRows = this.changes(this.shown.bids, bids, -1, encode);
    const askRows = this.changes(this.shown.asks, asks, 1, encode);
    if (bidRows === undefined && askRows === undefined) return undefined;
    const U = this.lastU;
    this.lastU = updateId;
    this.shown = { bids, asks };
    if (!encode) return "";
    const head = `{"e":"depth","E":${nowMs},"s":"${this.spec.symbol}","U":${U},"u":${updateId},"l":${this.size}`;
    return `${head},"d":"CHANGED","b":[${bidRows ?? ""}],"a":[${askRows ?? ""}]}`;
  }

  rows(levels: readonly Level[]): string {
    return `[${levels.map((level) => this.row(level.ticks, level.lots)).join(",")}]`;
  }

  private row(ticks: number, lots: number): string {
    const size = lots === 0 ? "0" : formatUnits(lots, this.spec.quantityPrecision);
    return `["${formatUnits(ticks, this.spec.pricePrecision)}","${size}"]`;
  }

  private changes(before: Level[], after: Level[], sign: 1 | -1, encode: boolean): string | undefined {
    const rows: string[] = [];
    let i = 0;
    let j = 0;
    let changed = false;
    while (i < before.length || j < after.length) {
      const old = before[i];
      const now = after[j];
      const order = old === undefined ? 1 : now === undefined ? -1 : sign * (old.ticks - now.ticks);
      if (order <= 0) i++;
      if (order >= 0) j++;
      if (order === 0 && old!.lots === now!.lots) continue;
      changed = true;
      if (!encode) break;
      rows.push(order < 0 ? this.row(old!.ticks, 0) : this.row(now!.ticks, now!.lots));
    }
    return changed ? rows.join(",") : undefined;
  }
}

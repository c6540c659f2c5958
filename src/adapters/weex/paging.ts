/** Reads lists that the venue cuts into pages, without losing or doubling a row. Every loop is bounded. */
import { UnknownOutcome } from "../../errors/errors.ts";

const MAX_PAGES = 100;
const MAX_SPLIT_CALLS = 400;

/**
 * Numbered pages until one is not full. Rows that move to a later page while we read are dropped by their key.
 * @throws UnknownOutcome when there are more pages than we are willing to read: a cut list is no list.
 */
export async function readPages<Row>(
  firstPage: number,
  pageSize: number,
  fetchPage: (page: number) => Promise<Row[]>,
  keyOf: (row: Row) => string,
): Promise<Row[]> {
  const rows = new Map<string, Row>();
  for (let page = firstPage; page < firstPage + MAX_PAGES; page++) {
    const batch = await fetchPage(page);
    for (const row of batch) rows.set(keyOf(row), row);
    if (batch.length < pageSize) return [...rows.values()];
  }
  throw tooMany();
}

export type TimeQuery<Row> = {
  fetchRange: (fromMs: number, toMs: number) => Promise<Row[]>;
  /** Complete rows of one millisecond in which a range call is full. */
  fetchInstant: (timeMs: number) => Promise<Row[]>;
  keyOf: (row: Row) => string;
  limit: number;
};

/**
 * All rows of [fromMs, toMs] from a call that returns at most `limit` and does not say which end it cut: a full
 * reply is read again in two halves, so equal times and either order are safe.
 * @throws UnknownOutcome when the range needs too many calls.
 */
export async function readByTime<Row>(query: TimeQuery<Row>, fromMs: number, toMs: number): Promise<Row[]> {
  const rows = new Map<string, Row>();
  const keepAll = (batch: Row[]) => {
    for (const row of batch) rows.set(query.keyOf(row), row);
  };
  const ranges: [number, number][] = [[fromMs, toMs]];
  for (let calls = 0; ranges.length > 0; calls++) {
    if (calls >= MAX_SPLIT_CALLS) throw tooMany();
    const [start, end] = ranges.pop()!;
    const batch = await query.fetchRange(start, end);
    if (batch.length < query.limit) keepAll(batch);
    else if (start >= end) keepAll(await query.fetchInstant(start));
    else {
      const middle = Math.floor((start + end) / 2);
      ranges.push([middle + 1, end], [start, middle]);
    }
  }
  return [...rows.values()];
}

export const tooMany = (): UnknownOutcome =>
  new UnknownOutcome("weex.tooMany", "WEEX has more rows than can be read in one go");

/** [fromMs, toMs] cut into consecutive ranges of at most `spanMs` (both ends included). */
export function timeWindows(fromMs: number, toMs: number, spanMs: number): [number, number][] {
  const windows: [number, number][] = [];
  for (let start = fromMs; start <= toMs; start += spanMs) {
    windows.push([start, Math.min(start + spanMs - 1, toMs)]);
    if (windows.length > MAX_PAGES)
      throw new UnknownOutcome("weex.tooMany", "the requested time range is too long");
  }
  return windows;
}

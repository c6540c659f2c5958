/**
 * One table, conditional transactions, and an outbox inside the same transaction.
 * Implementable on SQLite and on DynamoDB (≤ 100 writes a transaction).
 */
export type Json = null | boolean | number | string | bigint | Json[] | { [key: string]: Json | undefined };

export type Item<T = unknown> = { pk: string; sk: string; version: number; value: T };

export const MAX_TRANSACTION_WRITES = 100;
export const MAX_QUERY_LIMIT = 10_000;

export type Work = {
  workId: number;
  station: string;
  event: Record<string, unknown>;
  /** First in, first out within a lane; a failing head blocks its lane. */
  lane: string;
  dedupeId: string;
  runAtMs: number;
  attempts: number;
};
export type NewWork = {
  station: string;
  event: Record<string, unknown>;
  lane: string;
  dedupeId: string;
  runAtMs: number;
};

export type Write =
  /** expect: version that must be stored now; 0 = absent; undefined = any. */
  | { op: "put"; pk: string; sk: string; value: unknown; expect?: number }
  | { op: "delete"; pk: string; sk: string; expect?: number }
  | { op: "check"; pk: string; sk: string; expect: number }
  /** Ignored when work with this dedupeId was ever enqueued. */
  | { op: "enqueue"; work: NewWork };

export interface Store {
  get<T = unknown>(pk: string, sk: string): Promise<Item<T> | undefined>;
  /** Ascending by sk, from ≤ sk ≤ to; bounded by limit. */
  query<T = unknown>(
    pk: string,
    range: { from?: string; to?: string; limit: number; descending?: boolean },
  ): Promise<Item<T>[]>;
  /** All or nothing. Throws ConditionFailed when an expectation does not hold, FenceLost when another engine took over. */
  transact(writes: readonly Write[]): Promise<void>;
}

export interface Queue {
  /** The oldest runnable head of a lane that nobody works on, or undefined. */
  claim(nowMs: number): Promise<Work | undefined>;
  done(workId: number): Promise<void>;
  /** Not yet: back to the queue, to run at runAtMs. Waiting is no failure. */
  postpone(workId: number, runAtMs: number): Promise<void>;
  /** Failed: back to the queue, to run at runAtMs, with one more attempt on the count. */
  retry(workId: number, runAtMs: number, error: string): Promise<void>;
  /** Out of the queue for a person to look at; the lane goes on. */
  bury(workId: number, error: string): Promise<void>;
  /** Earliest runAtMs of anything waiting, or undefined. */
  nextRunAtMs(): Promise<number | undefined>;
  counts(): Promise<{ waiting: number; buried: number }>;
}

/**
 * The embedded store: one SQLite file, durable at every commit (WAL, synchronous FULL), so that a kill at any
 * instant loses nothing that was acknowledged. Every write carries the fence of the engine that holds the store.
 */
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { decodeJson, encodeJson } from "../../domain/json.ts";
import { ConditionFailed, FenceLost, SaksiError } from "../../errors/errors.ts";
import {
  type Item,
  MAX_QUERY_LIMIT,
  MAX_TRANSACTION_WRITES,
  type NewWork,
  type Queue,
  type Store,
  type Work,
  type Write,
} from "../../ports/store.ts";

const SCHEMA_VERSION = 1;
const BUSY_TIMEOUT_MS = 5_000;

const SCHEMA = `
CREATE TABLE IF NOT EXISTS item (pk TEXT NOT NULL, sk TEXT NOT NULL, version INTEGER NOT NULL, value TEXT NOT NULL, PRIMARY KEY (pk, sk)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS work (
  workId INTEGER PRIMARY KEY AUTOINCREMENT, dedupeId TEXT NOT NULL UNIQUE, station TEXT NOT NULL, event TEXT NOT NULL, lane TEXT NOT NULL,
  runAtMs INTEGER NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, state TEXT NOT NULL DEFAULT 'waiting', lastError TEXT);
CREATE INDEX IF NOT EXISTS workWaiting ON work (lane, workId) WHERE state = 'waiting';
CREATE TABLE IF NOT EXISTS fence (id INTEGER PRIMARY KEY CHECK (id = 1), fence INTEGER NOT NULL, holder TEXT NOT NULL);
INSERT OR IGNORE INTO fence VALUES (1, 0, '');
`;

type WorkRow = {
  workId: number;
  dedupeId: string;
  station: string;
  event: string;
  lane: string;
  runAtMs: number;
  attempts: number;
};
type ItemRow = { pk: string; sk: string; version: number; value: string };

export class SqliteStore implements Store, Queue {
  readonly #db: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  #fence = 0;

  constructor(path: string) {
    this.#db = new DatabaseSync(path);
    this.#db.exec(
      `PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS};`,
    );
    const { user_version: found } = this.#db.prepare("PRAGMA user_version").get() as { user_version: number };
    if (found !== 0 && found !== SCHEMA_VERSION)
      throw new SaksiError(
        "store.schema",
        `the store was written by another version of saksi (schema ${found}, this one reads ${SCHEMA_VERSION}); use another --store`,
      );
    this.#db.exec(SCHEMA);
    this.#db.exec(`PRAGMA user_version = ${SCHEMA_VERSION}`);
  }

  #sql(text: string): StatementSync {
    let statement = this.#statements.get(text);
    if (!statement) {
      statement = this.#db.prepare(text);
      this.#statements.set(text, statement);
    }
    return statement;
  }

  #transaction<T>(body: () => T): T {
    this.#db.exec("BEGIN IMMEDIATE");
    try {
      this.#mustHoldFence();
      const result = body();
      this.#db.exec("COMMIT");
      return result;
    } catch (error) {
      this.#db.exec("ROLLBACK");
      throw error;
    }
  }

  /**
   * A transaction that a power failure may undo (a kill never does): what it says is found out again by running the
   * row once more. The next durable commit carries it to the disk.
   */
  #lazily(body: () => void): void {
    this.#db.exec("PRAGMA synchronous = NORMAL");
    try {
      this.#transaction(body);
    } finally {
      this.#db.exec("PRAGMA synchronous = FULL");
    }
  }

  #mustHoldFence(): void {
    const { fence } = this.#sql("SELECT fence FROM fence WHERE id = 1").get() as { fence: number };
    if (fence !== this.#fence)
      throw new FenceLost("store.fence", "another engine has taken over this store; this one stops");
  }

  /** Takes the store over from whoever holds it: every later write of a former holder is rejected. */
  takeFence(holder: string): number {
    this.#db.exec("BEGIN IMMEDIATE");
    try {
      this.#sql("UPDATE fence SET fence = fence + 1, holder = ? WHERE id = 1").run(holder);
      const row = this.#sql("SELECT fence FROM fence WHERE id = 1").get() as { fence: number };
      this.#db.exec("COMMIT");
      this.#fence = row.fence;
      return row.fence;
    } catch (error) {
      this.#db.exec("ROLLBACK");
      throw error;
    }
  }

  holder(): string {
    return (this.#sql("SELECT holder FROM fence WHERE id = 1").get() as { holder: string }).holder;
  }

  async get<T>(pk: string, sk: string): Promise<Item<T> | undefined> {
    const row = this.#sql("SELECT version, value FROM item WHERE pk = ? AND sk = ?").get(pk, sk) as
      | ItemRow
      | undefined;
    return row && { pk, sk, version: row.version, value: decodeJson<T>(row.value) };
  }

  async query<T>(
    pk: string,
    range: { from?: string; to?: string; limit: number; descending?: boolean },
  ): Promise<Item<T>[]> {
    const order = range.descending ? "DESC" : "ASC";
    const rows = this.#sql(
      `SELECT sk, version, value FROM item WHERE pk = ? AND sk >= ? AND sk <= ? ORDER BY sk ${order} LIMIT ?`,
    ).all(
      pk,
      range.from ?? "",
      range.to ?? "\u{10FFFF}",
      Math.min(range.limit, MAX_QUERY_LIMIT),
    ) as ItemRow[];
    return rows.map((row) => ({ pk, sk: row.sk, version: row.version, value: decodeJson<T>(row.value) }));
  }

  async transact(writes: readonly Write[]): Promise<void> {
    if (writes.length > MAX_TRANSACTION_WRITES)
      throw new SaksiError(
        "store.tooLarge",
        `a transaction holds at most ${MAX_TRANSACTION_WRITES} writes, not ${writes.length}`,
      );
    this.#transaction(() => {
      for (const write of writes) this.#apply(write);
    });
  }

  #apply(write: Write): void {
    if (write.op === "enqueue") {
      this.#enqueue(write.work);
      return;
    }
    const { expect } = write;
    const row = this.#sql("SELECT version FROM item WHERE pk = ? AND sk = ?").get(write.pk, write.sk) as
      | { version: number }
      | undefined;
    const version = row?.version ?? 0;
    if (expect !== undefined && expect !== version)
      throw new ConditionFailed(
        "store.condition",
        `${write.pk}/${write.sk} is at version ${version}, expected ${expect}`,
      );
    if (write.op === "put")
      this.#sql(
        "INSERT INTO item VALUES (?, ?, ?, ?) ON CONFLICT (pk, sk) DO UPDATE SET version = excluded.version, value = excluded.value",
      ).run(write.pk, write.sk, version + 1, encodeJson(write.value));
    if (write.op === "delete") this.#sql("DELETE FROM item WHERE pk = ? AND sk = ?").run(write.pk, write.sk);
  }

  #enqueue(work: NewWork): void {
    this.#sql(
      "INSERT OR IGNORE INTO work (dedupeId, station, event, lane, runAtMs) VALUES (?, ?, ?, ?, ?)",
    ).run(work.dedupeId, work.station, encodeJson(work.event), work.lane, work.runAtMs);
  }

  /** Asked before every step of time, so that a former holder stops within one, even while it has nothing to write. */
  async claim(nowMs: number): Promise<Work | undefined> {
    this.#mustHoldFence();
    const row = this.#sql(
      `SELECT w.* FROM work w JOIN (SELECT lane, MIN(workId) AS head FROM work WHERE state = 'waiting' GROUP BY lane) h ON w.workId = h.head
       WHERE w.runAtMs <= ? ORDER BY w.runAtMs, w.workId LIMIT 1`,
    ).get(nowMs) as WorkRow | undefined;
    if (!row) return undefined;
    return {
      workId: row.workId,
      station: row.station,
      event: decodeJson(row.event),
      lane: row.lane,
      dedupeId: row.dedupeId,
      runAtMs: row.runAtMs,
      attempts: row.attempts,
    };
  }

  async done(workId: number): Promise<void> {
    this.#lazily(() =>
      this.#sql("UPDATE work SET state = 'done', event = '{}' WHERE workId = ?").run(workId),
    );
  }

  async postpone(workId: number, runAtMs: number): Promise<void> {
    this.#lazily(() => this.#sql("UPDATE work SET runAtMs = ? WHERE workId = ?").run(runAtMs, workId));
  }

  async retry(workId: number, runAtMs: number, error: string): Promise<void> {
    this.#transaction(() =>
      this.#sql("UPDATE work SET runAtMs = ?, attempts = attempts + 1, lastError = ? WHERE workId = ?").run(
        runAtMs,
        error.slice(0, 500),
        workId,
      ),
    );
  }

  async bury(workId: number, error: string): Promise<void> {
    this.#transaction(() =>
      this.#sql("UPDATE work SET state = 'buried', lastError = ? WHERE workId = ?").run(
        error.slice(0, 500),
        workId,
      ),
    );
  }

  async nextRunAtMs(): Promise<number | undefined> {
    const row = this.#sql(
      `SELECT MIN(w.runAtMs) AS next FROM work w JOIN (SELECT MIN(workId) AS head FROM work WHERE state = 'waiting' GROUP BY lane) h ON w.workId = h.head`,
    ).get() as { next: number | null };
    return row.next ?? undefined;
  }

  async counts(): Promise<{ waiting: number; buried: number }> {
    return this.#sql(
      "SELECT COALESCE(SUM(state = 'waiting'), 0) AS waiting, COALESCE(SUM(state = 'buried'), 0) AS buried FROM work",
    ).get() as { waiting: number; buried: number };
  }

  close(): void {
    this.#statements.clear();
    this.#db.close();
  }
}

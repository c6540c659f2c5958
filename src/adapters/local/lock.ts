/** One process at a time. The lock is the operating system's, held through a database file: it ends with its holder. */
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";

/**
 * Runs `work` while nobody else holds `file`. Waiting blocks the process.
 * @throws when the lock is not free within `waitMs`.
 */
export async function alone<T>(file: string, waitMs: number, work: () => Promise<T>): Promise<T> {
  const lock = openLock(file);
  try {
    take(lock, waitMs);
    return await work();
  } finally {
    lock.close();
  }
}

/** The same for work that does not wait, so callers in one process cannot meet each other. */
export function aloneSync<T>(file: string, waitMs: number, work: () => T): T {
  const lock = openLock(file);
  try {
    take(lock, waitMs);
    return work();
  } finally {
    lock.close();
  }
}

function openLock(file: string): DatabaseSync {
  mkdirSync(dirname(file), { recursive: true });
  return new DatabaseSync(file);
}

const take = (lock: DatabaseSync, waitMs: number): void =>
  lock.exec(`PRAGMA busy_timeout = ${waitMs}; BEGIN EXCLUSIVE;`);

/** One process at a time. The lock is the operating system's, held through a database file: it ends with its holder. */
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";

/**
 * Runs `work` while nobody else holds `file`. Waiting blocks the process.
 * @throws when the lock is not free within `waitMs`.
 */
export async function alone<T>(file: string, waitMs: number, work: () => Promise<T>): Promise<T> {
  mkdirSync(dirname(file), { recursive: true });
  const lock = new DatabaseSync(file);
  try {
    lock.exec(`PRAGMA busy_timeout = ${waitMs}; BEGIN EXCLUSIVE;`);
    return await work();
  } finally {
    lock.close();
  }
}

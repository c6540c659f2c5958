/**
 * One engine per store. A living holder is never pushed aside by a plain start; a dead one is followed at once.
 * Whoever takes the fence makes every later write of a former holder fail.
 */
import { SaksiError } from "../../errors/errors.ts";
import type { SqliteStore } from "../sqlite/store.ts";

export function processAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** @throws SaksiError `lease.held` when another living engine holds the store and `force` is not set. */
export function takeLease(store: SqliteStore, options: { force?: boolean } = {}): number {
  const holder = store.holder();
  const pid = Number(/^pid:(\d+)$/.exec(holder)?.[1] ?? 0);
  if (pid && pid !== process.pid && processAlive(pid) && !options.force)
    throw new SaksiError(
      "lease.held",
      `another engine (process ${pid}) is running on this store; stop it first or use another --store`,
    );
  return store.takeFence(`pid:${process.pid}`);
}

/** Puts a file there whole or not at all. */
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { messageOf, SaksiError } from "../../errors/errors.ts";

/** @throws SaksiError `file.notWritten` */
export function writeWhole(path: string, text: string): void {
  const part = `${path}.part-${process.pid}`;
  try {
    const fd = openSync(part, "w", 0o644);
    try {
      writeFileSync(fd, text);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(part, path);
  } catch (error) {
    rmSync(part, { force: true });
    throw new SaksiError("file.notWritten", `${path} cannot be written: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

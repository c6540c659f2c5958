/** The paper account on disk: one file an account, written whole or not at all. */
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import type { PaperStore } from "./paper-state.ts";

const PRIVATE_MODE = 0o600;

/** @param dir is created when it does not exist. Keys are file names. */
export function paperFiles(dir: string): PaperStore {
  mkdirSync(dir, { recursive: true });
  const last = new Map<string, string>();
  const fileOf = (key: string): string => join(dir, `${key}.json`);
  return {
    async get(key) {
      const known = last.get(key);
      if (known !== undefined) return known;
      return existsSync(fileOf(key)) ? readFileSync(fileOf(key), "utf8") : undefined;
    },
    async put(key, value) {
      if (last.get(key) === value) return;
      const file = openSync(`${fileOf(key)}.new`, "w", PRIVATE_MODE);
      try {
        writeSync(file, value);
        fsyncSync(file);
      } finally {
        closeSync(file);
      }
      renameSync(`${fileOf(key)}.new`, fileOf(key));
      last.set(key, value);
    },
  };
}

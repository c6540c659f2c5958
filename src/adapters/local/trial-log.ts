/** The record of trials as a file that only grows. An entry is durable when `append` returns. */
import {
  appendFileSync,
  closeSync,
  existsSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
} from "node:fs";
import { dirname } from "node:path";
import { type NewTrial, nextTrial, readTrials, type Trial, type TrialRecord } from "../../trials/index.ts";
import { aloneSync } from "./lock.ts";

const LOCK_WAIT_MS = 10_000;

export type TrialLog = {
  /** Verifies the whole record, then appends. Writers of all processes take turns, so the chain cannot fork. */
  append(trial: NewTrial): Trial;
  /** The verified record; without a file an empty one. */
  read(): TrialRecord;
};

/** @param file created with the first entry; `<file>.lock` is held while an entry is written. */
export function trialLog(file: string): TrialLog {
  const text = (): string => (existsSync(file) ? readFileSync(file, "utf8") : "");
  return {
    read: () => readTrials(text()),
    append: (trial) =>
      aloneSync(`${file}.lock`, LOCK_WAIT_MS, () => {
        const before = text();
        const { head, wholeLength } = readTrials(before);
        const whole = before.slice(0, wholeLength);
        const next = nextTrial(head, trial);
        // An entry that lost its line end is kept; the start of one that never became whole is cut off.
        const line = whole === "" || whole.endsWith("\n") ? next.line : `\n${next.line}`;
        write(file, Buffer.byteLength(whole), line);
        return next.trial;
      }),
  };
}

function write(file: string, from: number, line: string): void {
  mkdirSync(dirname(file), { recursive: true });
  const isNew = !existsSync(file);
  const handle = openSync(file, "a");
  try {
    ftruncateSync(handle, from);
    appendFileSync(handle, line);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  if (isNew) syncFolder(dirname(file));
}

/** The name of a new file is part of its folder, which has to reach the disk as well. */
function syncFolder(folder: string): void {
  const handle = openSync(folder, "r");
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

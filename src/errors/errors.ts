/** Errors that a person can act on: a stable code, one sentence, and what caused it. */
export class SaksiError extends Error {
  readonly code: string;
  constructor(code: string, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
    this.name = new.target.name;
  }
}

/** Bad values inside the domain (a programming or data error). */
export class DomainError extends SaksiError {}

/** Bad input from a person: command line, file, configuration. Printed as one sentence, exit code 2. */
export class UsageError extends SaksiError {}

/** A conditional write lost against another writer; the caller re-reads and decides again. */
export class ConditionFailed extends SaksiError {}

/** The holder of an older fence tried to write; the process must stop. */
export class FenceLost extends SaksiError {}

/** The outside world did not answer in a way that tells what happened. Never treated as a failure. */
export class UnknownOutcome extends SaksiError {}

/** The outside world refused, and said so. */
export class Refused extends SaksiError {}

/** One line for any thrown value, without stack or secrets. */
export function messageOf(error: unknown): string {
  if (error instanceof SaksiError) return error.message;
  if (error instanceof Error) return error.message.split("\n")[0]?.slice(0, 300) ?? error.name;
  return String(error).slice(0, 300);
}

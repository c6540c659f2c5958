/**
 * What a reply means. A refusal is a reply in which the venue says no in its own words; everything else that is
 * not a readable success tells nothing, and nothing may be assumed from it.
 */
import { Refused, UnknownOutcome } from "../../errors/errors.ts";

/** A reply that is not a success, as it came off the wire. */
export class VenueAnswer extends Error {
  readonly status: number;
  readonly venueCode: string | undefined;
  readonly venueText: string | undefined;
  constructor(status: number, venueCode: string | undefined, venueText: string | undefined) {
    super("venue answer");
    this.status = status;
    this.venueCode = venueCode;
    this.venueText = venueText;
  }
}

export const SUCCESS_CODES: readonly string[] = ["0", "200", "00000"];
const TOO_MANY_REQUESTS = 429;
const REQUEST_TIMEOUT = 408;
/** Signed timestamp outside the venue's window of 30 s: refused before any effect. */
export const STALE_TIMESTAMP = "-1046";
/** "Unknown error" and "system error": the venue itself does not say what happened. */
const UNTOLD_CODES: readonly string[] = ["-1000", "-1054"];
const TOLD_IN_TEXT = /FAILED_PRECONDITION|INVALID_ARGUMENT|amount not enough/i;
const ABSENT_CODES: readonly string[] = ["-3200", "-2200", "FAILED_ORDER_NOT_FOUND"];
const MAX_TEXT = 200;
const SHORTEST_SECRET = 4;

export type Verdict =
  | { kind: "refused"; error: Refused }
  | { kind: "rateLimited" | "staleTimestamp" | "unknown"; error: Refused | UnknownOutcome };

/** Removes every secret from a text that may reach a log. */
export function redactor(secrets: readonly string[]): (text: string) => string {
  const hidden = secrets.filter((secret) => secret.length >= SHORTEST_SECRET);
  return (text) => hidden.reduce((kept, secret) => kept.replaceAll(secret, "***"), text).slice(0, MAX_TEXT);
}

/** @param what the call in words, e.g. "POST order"; @param error whatever the call threw. */
export function judge(what: string, error: unknown, redact: (text: string) => string): Verdict {
  if (!(error instanceof VenueAnswer)) {
    const name = error instanceof Error ? error.constructor.name : "error";
    return {
      kind: "unknown",
      error: new UnknownOutcome("weex.noAnswer", `WEEX gave no answer to ${what} (${name})`),
    };
  }
  const { status, venueCode, venueText } = error;
  if (status === TOO_MANY_REQUESTS)
    return {
      kind: "rateLimited",
      error: new UnknownOutcome("weex.rateLimited", `WEEX limits the rate of ${what}`),
    };
  const told = venueCode !== undefined && venueText !== undefined;
  const untold =
    !told ||
    status >= 500 ||
    status === REQUEST_TIMEOUT ||
    (UNTOLD_CODES.includes(venueCode) && !TOLD_IN_TEXT.test(venueText));
  if (untold)
    return {
      kind: "unknown",
      error: new UnknownOutcome(
        "weex.serverError",
        `WEEX answered ${what} with status ${status} ${redact(venueCode ?? "")}`.trim(),
      ),
    };
  const refused = refusal(what, venueCode, venueText, redact);
  return { kind: venueCode === STALE_TIMESTAMP ? "staleTimestamp" : "refused", error: refused };
}

/** A refusal with the venue's code and text; its `code` is `weex.` and the venue's code. */
export const refusal = (
  what: string,
  venueCode: string,
  venueText: string,
  redact: (text: string) => string,
): Refused =>
  new Refused(
    `weex.${redact(venueCode)}`,
    `WEEX refused ${what}: ${redact(venueCode)} ${redact(venueText)}`.trim(),
  );

/** True when a refusal says that the order does not exist (any more). */
export const isOrderAbsent = (error: unknown): boolean =>
  error instanceof Refused &&
  ABSENT_CODES.some((code) => error.code === `weex.${code}` || error.message.includes(code));

/**
 * The record of trials: every configuration that was ever trained or compared, one line of canonical JSON each, chained
 * by hashes. What is on record cannot be changed or taken out unnoticed; what was never recorded cannot be known, so a
 * report says "at least".
 */
import { z } from "zod";
import { hashText } from "../domain/ids.ts";
import { DomainError } from "../errors/errors.ts";
import { canonicalJson } from "../models/index.ts";

const hash = z.string().regex(/^0x[0-9a-f]{64}$/);

const newTrial = z.strictObject({
  recordedAtMs: z.int().nonnegative(),
  kind: z.enum(["training", "sweep", "backtest"]),
  name: z.string().min(1).max(64),
  /** Of the canonical JSON of everything that was chosen: features, architecture, settings, rules. */
  specHash: hash,
  /** Of the data that the choice was judged on. */
  dataHash: hash,
  /** What came out. `sharpePerPeriod`, where there is one, feeds the Deflated Sharpe ratio. */
  metrics: z.record(z.string().min(1).max(64), z.number()),
});

const trialSchema = newTrial.extend({
  format: z.literal(1),
  /** 1, 2, 3, … */
  number: z.int().positive(),
  /** `hash` of the trial before; NO_TRIALS for the first. */
  previousHash: hash,
  /** keccak256 of the canonical JSON of all other fields. */
  hash,
});

export type NewTrial = z.infer<typeof newTrial>;
export type Trial = z.infer<typeof trialSchema>;

/** All that has to be published, on-chain or elsewhere, to make the record so far irrevocable. */
export type TrialHead = { count: number; headHash: string };

export type TrialRecord = {
  trials: Trial[];
  head: TrialHead;
  /** Length, in characters, of the part that is whole entries. */
  wholeLength: number;
  /** What follows is the beginning of an entry whose writer died; it was never acknowledged. */
  tornLength: number;
};

export const NO_TRIALS = `0x${"0".repeat(64)}`;
const MAX_TRIALS = 1_000_000;
const MAX_LINE = 65_536;

/** @throws DomainError `trials.badEntry` naming the first fault; unknown keys are refused. */
export function nextTrial(head: TrialHead, trial: NewTrial): { trial: Trial; line: string } {
  if (head.count >= MAX_TRIALS)
    throw new DomainError(
      "trials.full",
      `the record holds ${MAX_TRIALS} trials; start another one that names its head`,
    );
  const parsed = newTrial.safeParse(trial);
  if (!parsed.success) throw new DomainError("trials.badEntry", `trial: ${issueOf(parsed.error)}`);
  const body = { ...parsed.data, format: 1 as const, number: head.count + 1, previousHash: head.headHash };
  const entry = { ...body, hash: hashText(canonicalJson(body)) };
  const line = canonicalJson(entry);
  if (line.length > MAX_LINE)
    throw new DomainError(
      "trials.badEntry",
      `trial "${trial.name}" has ${line.length} characters, more than ${MAX_LINE}`,
    );
  return { trial: entry, line: `${line}\n` };
}

/**
 * Reads and verifies a whole record. A last line without its end is an entry if it is a whole one, else torn.
 * @throws DomainError `trials.altered` or `trials.missing`, naming the entry.
 */
export function readTrials(text: string): TrialRecord {
  const trials: Trial[] = [];
  let head: TrialHead = { count: 0, headHash: NO_TRIALS };
  let from = 0;
  while (from < text.length) {
    if (trials.length >= MAX_TRIALS) throw new DomainError("trials.full", `more than ${MAX_TRIALS} trials`);
    const newline = text.indexOf("\n", from);
    const line = text.slice(from, newline < 0 ? undefined : newline);
    if (newline < 0 && !isJson(line)) break;
    const trial = verified(line, trials.at(-1), head);
    trials.push(trial);
    head = { count: trials.length, headHash: trial.hash };
    from = newline < 0 ? text.length : newline + 1;
  }
  return { trials, head, wholeLength: from, tornLength: text.length - from };
}

function verified(line: string, before: Trial | undefined, head: TrialHead): Trial {
  const due = head.count + 1;
  const altered = (what: string): never => {
    throw new DomainError("trials.altered", `trial ${due} of the record ${what}`);
  };
  if (line.length > MAX_LINE || !isJson(line)) return altered("is not a line of JSON; it was altered");
  const parsed = trialSchema.safeParse(JSON.parse(line));
  if (!parsed.success) return altered(`was altered: ${issueOf(parsed.error)}`);
  const { hash: stated, ...body } = parsed.data;
  if (hashText(canonicalJson(body)) !== stated || canonicalJson(parsed.data) !== line)
    return altered(`("${body.name}") was altered: its content does not have its hash`);
  if (body.number > due)
    throw new DomainError(
      "trials.missing",
      `${missing(due, body.number - 1)}: trial ${body.number} ("${body.name}") stands in the place`,
    );
  if (body.number !== due)
    return altered(`says that it is trial ${body.number}; entries were moved or repeated`);
  if (body.previousHash !== head.headHash)
    return altered(
      before
        ? `("${body.name}") does not follow trial ${before.number} ("${before.name}"); one of them was replaced`
        : `("${body.name}") does not start the record; what was before it was taken out`,
    );
  return parsed.data;
}

/**
 * Compares a record with a head that was published earlier.
 * @throws DomainError `trials.missing` when the record is shorter, `trials.altered` when it is another one.
 */
export function assertContinues({ trials }: TrialRecord, published: TrialHead): void {
  if (trials.length < published.count)
    throw new DomainError(
      "trials.missing",
      `${missing(trials.length + 1, published.count)}: ${published.count} were published`,
    );
  const found = published.count === 0 ? NO_TRIALS : trials[published.count - 1]!.hash;
  if (found !== published.headHash)
    throw new DomainError(
      "trials.altered",
      `trial ${published.count} of the record has hash ${found}, published was ${published.headHash}: it or one before it was replaced`,
    );
}

const missing = (first: number, last: number): string =>
  first === last
    ? `trial ${first} of the record is missing`
    : `trials ${first} to ${last} of the record are missing`;

function isJson(line: string): boolean {
  try {
    JSON.parse(line);
    return true;
  } catch {
    return false;
  }
}

function issueOf(error: z.ZodError): string {
  const issue = error.issues[0];
  return `${issue?.path.join(".") || "entry"}: ${issue?.message}`;
}

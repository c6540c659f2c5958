/**
 * Runs queued work through the Lambda handlers, one row at a time and in order, until nothing is runnable.
 * A handler may be killed anywhere: its row is still there and the station's own state says how far it came.
 */
import { FenceLost, messageOf, UnknownOutcome, UsageError } from "../../errors/errors.ts";
import type { Work } from "../../ports/store.ts";
import { type Deps, incident, type Outcome, STATIONS, type StationName } from "../../stations/station.ts";
import type { LambdaHandler } from "../lambda/handle.ts";

export const MAX_ATTEMPTS = 12;
const FIRST_BACKOFF_MS = 1_000;
const MAX_BACKOFF_MS = 60_000;
/** More than any quiescent system ever needs; a station that feeds itself is a bug and must not spin for ever. */
const MAX_ROWS_PER_DRAIN = 10_000;

export type Handlers = Record<StationName, LambdaHandler>;

/** Loads the same file that is deployed as a Lambda. */
export async function loadHandler(station: StationName): Promise<LambdaHandler> {
  const file = new URL(`../../../lambdas/${station}.ts`, import.meta.url);
  return ((await import(file.href)) as { handler: LambdaHandler }).handler;
}

export async function loadHandlers(): Promise<Handlers> {
  const entries = STATIONS.map(async (station) => [station, await loadHandler(station)] as const);
  return Object.fromEntries(await Promise.all(entries)) as Handlers;
}

export type StationStats = Record<
  string,
  { done: number; declined: number; noop: number; again: number; failed: number }
>;

export class Runner {
  readonly #deps: Deps;
  readonly #handlers: Handlers;
  readonly #outlastsSilence: boolean;
  readonly stats: StationStats = {};
  readonly #waiting = new Map<number, string>();
  /** Called before each row, for measurements. */
  onStart: (work: Work) => void = () => undefined;
  /** Called after each row, for measurements. */
  onRow: (work: Work, outcome: Outcome | undefined) => void = () => undefined;

  /** @param options.outlastsSilence an outage of the outside world buries nothing, however long: an exit must still go. */
  constructor(deps: Deps, handlers: Handlers, options: { outlastsSilence?: boolean } = {}) {
    this.#deps = deps;
    this.#handlers = handlers;
    this.#outlastsSilence = options.outlastsSilence ?? false;
  }

  /** @returns how many rows were run. */
  async drain(): Promise<number> {
    const { queue, clock } = this.#deps;
    for (let rows = 0; rows < MAX_ROWS_PER_DRAIN; rows++) {
      const work = await queue.claim(clock.nowMs());
      if (!work) return rows;
      await this.#runOne(work);
    }
    throw new Error(`more than ${MAX_ROWS_PER_DRAIN} rows ran at one instant; some station feeds itself`);
  }

  async #runOne(work: Work): Promise<void> {
    const { queue, clock } = this.#deps;
    const handler = this.#handlers[work.station as StationName];
    if (!handler) return queue.bury(work.workId, `no station is called ${work.station}`);
    this.onStart(work);
    try {
      const outcome = await handler(work.event);
      if (outcome.status === "again")
        await queue.postpone(work.workId, Math.max(outcome.atMs, clock.nowMs() + 1));
      else await queue.done(work.workId);
      this.#say(work, outcome);
    } catch (error) {
      if (error instanceof FenceLost) throw error;
      await this.#failed(work, error);
    }
  }

  async #failed(work: Work, error: unknown): Promise<void> {
    const { queue, clock, notify, store } = this.#deps;
    const text = messageOf(error);
    this.#count(work.station, "failed");
    const outage = this.#outlastsSilence && error instanceof UnknownOutcome;
    const hopeless = error instanceof UsageError || (work.attempts + 1 >= MAX_ATTEMPTS && !outage);
    notify.line({
      station: work.station,
      subject: work.dedupeId,
      text: hopeless ? `gave up: ${text}` : `will retry: ${text}`,
      level: hopeless ? "error" : "warn",
    });
    if (hopeless) {
      await store.transact([incident(clock.nowMs(), "workBuried", work.dedupeId, text)]);
      return queue.bury(work.workId, text);
    }
    const backoffMs = Math.min(FIRST_BACKOFF_MS * 2 ** work.attempts, MAX_BACKOFF_MS);
    await queue.retry(work.workId, clock.nowMs() + backoffMs, text);
    this.onRow(work, undefined);
  }

  #say(work: Work, outcome: Outcome): void {
    this.#count(work.station, outcome.status);
    this.onRow(work, outcome);
    if (outcome.status === "noop" || this.#saidBefore(work, outcome)) return;
    this.#deps.notify.line({
      station: work.station,
      subject: subjectOf(work),
      text: outcome.status === "declined" ? `declined: ${outcome.text}` : outcome.text,
      level: outcome.status === "declined" ? "decline" : "info",
    });
  }

  /** A row that waits says so once, not at every look. */
  #saidBefore(work: Work, outcome: Outcome): boolean {
    const before = this.#waiting.get(work.workId);
    if (outcome.status === "again") this.#waiting.set(work.workId, outcome.text);
    else this.#waiting.delete(work.workId);
    return outcome.status === "again" && before === outcome.text;
  }

  #count(station: string, status: Outcome["status"] | "failed"): void {
    this.stats[station] ??= { done: 0, declined: 0, noop: 0, again: 0, failed: 0 };
    this.stats[station][status] += 1;
  }
}

function subjectOf(work: Work): string {
  const { cutoffMs, id, epoch, closed, args } = work.event as {
    cutoffMs?: number;
    id?: string;
    epoch?: bigint;
    closed?: bigint;
    args?: { epoch?: bigint };
  };
  if (cutoffMs) return new Date(cutoffMs).toISOString().slice(5, 16).replace("T", " ");
  if (id) return id.slice(0, 10);
  return `epoch ${epoch ?? closed ?? args?.epoch ?? "?"}`;
}

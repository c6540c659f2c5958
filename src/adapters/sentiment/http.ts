/**
 * Fear & greed from a web service that answers like alternative.me's: the newest days, each with its own time. It is
 * asked when a newer value is due, never twice within a minute; what fails or does not come is absent, and said once.
 */
import { z } from "zod";
import { messageOf, UnknownOutcome } from "../../errors/errors.ts";
import type { Notify } from "../../ports/ports.ts";
import { readReply } from "../http/json.ts";
import { FEAR_GREED, newestAt, type Point, type SampleAt } from "./series.ts";

const TIMEOUT_MS = 5_000;
/** The whole history since 2018 has about a third of this. */
const MAX_REPLY_BYTES = 1_000_000;
const MAX_DAYS = 10_000;
const MIN_PAUSE_MS = 60_000;
const PERIOD_MS = 24 * 3_600_000;

export type HttpFearGreedOptions = {
  url: string;
  notify: Notify;
  timeoutMs?: number;
  /** Real time: it paces the questions and decides nothing else. */
  wallNowMs?: () => number;
};

/** Fields we do not know are ignored: the service may add some. */
const replySchema = z.object({
  data: z
    .array(
      z.object({
        value: z
          .string()
          .regex(/^\d{1,3}$/)
          .transform(Number)
          .refine((value) => value <= 100),
        timestamp: z
          .string()
          .regex(/^\d{10}$/)
          .transform(Number),
      }),
    )
    .min(1)
    .max(MAX_DAYS),
});

export function httpFearGreed(options: HttpFearGreedOptions): SampleAt {
  const { url, notify, timeoutMs = TIMEOUT_MS, wallNowMs = Date.now } = options;
  const { host } = new URL(url);
  const source = `http:${host}`;
  let points: Point[] = [];
  let failed: string | undefined;
  let askedMs = Number.NEGATIVE_INFINITY;
  let said: string | undefined;

  const say = (why: string | undefined): void => {
    if (why === said) return;
    said = why;
    const text = why === undefined ? "fear & greed is back" : `fear & greed is absent: ${why}`;
    notify.line({ station: "sentiment", subject: host, text, level: why === undefined ? "info" : "warn" });
  };

  return async (atMs) => {
    const newest = points.at(-1);
    const due = !newest || newest.publishedAtMs + PERIOD_MS + FEAR_GREED.lagMs <= atMs;
    if (due && wallNowMs() - askedMs >= MIN_PAUSE_MS) {
      askedMs = wallNowMs();
      try {
        points = await ask(url, timeoutMs);
        failed = undefined;
      } catch (error) {
        failed = messageOf(error);
      }
    }
    const point = newestAt(points, FEAR_GREED, atMs);
    // Without an answer it is not known whether a newer value was published: the last one is not passed off as it.
    const why = due && failed ? failed : point ? undefined : `${host} has none for this time`;
    say(why);
    return why === undefined && point ? { source, ...point } : null;
  };
}

/** @returns the days, ascending. @throws UnknownOutcome for anything but a whole, well-formed answer. */
async function ask(url: string, timeoutMs: number): Promise<Point[]> {
  const { host } = new URL(url);
  let reply: unknown;
  try {
    const response = await fetch(url, {
      redirect: "error",
      headers: { accept: "application/json" },
      signal: AbortSignal.timeout(timeoutMs),
    });
    if (!response.ok) throw new UnknownOutcome("sentiment.status", `${host} answered ${response.status}`);
    reply = JSON.parse(await readReply(response, url, MAX_REPLY_BYTES));
  } catch (error) {
    if (error instanceof UnknownOutcome) throw error;
    const why = error instanceof SyntaxError ? "answered with something that is not JSON" : "did not answer";
    throw new UnknownOutcome("sentiment.noAnswer", `${host} ${why}`, { cause: error });
  }
  const parsed = replySchema.safeParse(reply);
  if (!parsed.success) {
    const field = parsed.error.issues[0]?.path.join(".") || "reply";
    throw new UnknownOutcome("sentiment.unreadable", `${host} answered unreadably (${field})`);
  }
  // The order inside an answer is not relied on.
  const byTime = new Map(parsed.data.data.map((day) => [day.timestamp * 1_000, day.value * 10_000]));
  return [...byTime]
    .map(([publishedAtMs, valuePpm]) => ({ publishedAtMs, valuePpm }))
    .sort((a, b) => a.publishedAtMs - b.publishedAtMs);
}

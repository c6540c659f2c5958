/** One signed or public REST call: limiter, transport, verdict, bounded repetition, validation. */
import { setTimeout as sleep } from "node:timers/promises";
import type { z } from "zod";
import { DomainError, UnknownOutcome } from "../../errors/errors.ts";
import { judge, redactor } from "./answers.ts";
import { ENDPOINTS, type Endpoint } from "./endpoints.ts";
import type { Exchange } from "./exchange.ts";
import type { WeexSettings } from "./options.ts";
import type { RateLimiter } from "./rate-limiter.ts";
import { timeReply } from "./schemas.ts";

/** How often a call that changes nothing is sent before its outcome is reported as unknown. */
export const READ_ATTEMPTS = 3;
const READ_RETRY_PAUSE_MS = 150;
/** An order that waits longer may be placed after the caller's own expiry check. */
const ACT_MAX_WAIT_MS = 1_000;

export type Params = Record<string, string | number | boolean | undefined>;
export type Transport = {
  /** @throws Refused, UnknownOutcome, or DomainError when the call needs credentials that were not given. */
  call<T>(endpoint: Endpoint, schema: z.ZodType<T>, params?: Params): Promise<T>;
  /** Venue time of a signature made now: the caller's clock plus the offset measured after a stale timestamp. */
  venueNow(): number;
  /** Server time minus the caller's time, in ms, corrected by half the round trip; measured, not applied. */
  clockSkewMs(): Promise<number>;
  redact(text: string): string;
};

export function createTransport(
  settings: WeexSettings,
  clock: { offsetMs: number },
  limiter: RateLimiter,
  exchange: () => Promise<Exchange>,
): Transport {
  const redact = redactor(Object.values(settings.credentials ?? {}));
  const venueNow = () => Math.round(settings.now() + clock.offsetMs);

  async function once<T>(endpoint: Endpoint, schema: z.ZodType<T>, params: Params): Promise<T> {
    const pauseMs = settings.rateLimitPauseMs;
    await limiter.beforeCall(
      endpoint.weight,
      endpoint.repeatable ? pauseMs : Math.min(pauseMs, ACT_MAX_WAIT_MS),
    );
    const api = endpoint.signed ? "contractPrivate" : "contract";
    const reply = await (await exchange()).request(endpoint.path, api, endpoint.method, { ...params });
    const parsed = schema.safeParse(reply);
    if (parsed.success) return parsed.data;
    const issue = parsed.error.issues[0];
    const where = issue ? `${issue.path.join(".") || "reply"}: ${issue.code}` : "reply";
    throw new UnknownOutcome(
      "weex.unreadable",
      `WEEX answered ${nameOf(endpoint)} unreadably (${redact(where)})`,
    );
  }

  async function clockSkewMs(): Promise<number> {
    const before = settings.now();
    const serverMs = await call(ENDPOINTS.time, timeReply);
    return Math.round(serverMs - (before + settings.now()) / 2);
  }

  async function call<T>(endpoint: Endpoint, schema: z.ZodType<T>, params: Params = {}): Promise<T> {
    if (endpoint.signed && !settings.credentials)
      throw new DomainError(
        "weex.noCredentials",
        `${nameOf(endpoint)} needs WEEX credentials, and none were given`,
      );
    const sent = Object.fromEntries(
      Object.entries(params).filter(([, value]) => value !== undefined),
    ) as Params;
    let clockCorrected = false;
    for (let attempt = 1; ; attempt++) {
      try {
        return await once(endpoint, schema, sent);
      } catch (thrown) {
        const verdict =
          thrown instanceof UnknownOutcome
            ? { kind: "unknown" as const, error: thrown }
            : judge(nameOf(endpoint), thrown, redact);
        if (verdict.kind === "refused") throw verdict.error;
        if (verdict.kind === "staleTimestamp") {
          // Refused before any effect, so even an order may be sent once more, signed by the measured clock.
          if (clockCorrected) throw verdict.error;
          clockCorrected = true;
          clock.offsetMs = await clockSkewMs();
          continue;
        }
        if (!endpoint.repeatable || attempt >= READ_ATTEMPTS) throw verdict.error;
        await sleep(
          verdict.kind === "rateLimited" ? settings.rateLimitPauseMs : READ_RETRY_PAUSE_MS * attempt,
        );
      }
    }
  }

  return { call, venueNow, clockSkewMs, redact };
}

const nameOf = (endpoint: Endpoint): string => `${endpoint.method} ${endpoint.path}`;

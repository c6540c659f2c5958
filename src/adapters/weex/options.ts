/** What a person may set on the WEEX connector. Unknown keys are refused: a typo must not silently mean a default. */
import { z } from "zod";
import { UsageError } from "../../errors/errors.ts";

const credentialsSchema = z.strictObject({
  apiKey: z.string().min(1),
  secret: z.string().min(1),
  passphrase: z.string().min(1),
});

const optionsSchema = z.strictObject({
  /** Host for all four REST families, e.g. `http://127.0.0.1:8080`; without it the real exchange. */
  restBaseUrl: z.url({ protocol: /^https?$/ }).optional(),
  /** Host of the sockets, e.g. `ws://127.0.0.1:8080`; `/contract/v3/ws` and `/spot/v3/ws` are appended. */
  wsBaseUrl: z.url({ protocol: /^wss?$/ }).optional(),
  credentials: credentialsSchema.optional(),
  userAgent: z.string().regex(/^[\x20-\x7e]{1,200}$/),
  requestTimeoutMs: z.int().min(1).max(120_000),
  /** Milliseconds of venue time as the caller knows it: `Date.now` in real use, virtual time in lockstep. */
  now: z.custom<() => number>((value) => typeof value === "function"),
  /** Price that fires attached stops and targets: the mark (harder to push) or the last trade. */
  triggerPrice: z.enum(["MARK", "LAST"]).default("MARK"),
  /** CROSSED backs the one open position of a mandate with the whole account. */
  marginMode: z.enum(["CROSSED", "ISOLATED"]).default("CROSSED"),
  /** Where {@link VenueData.book} reads: the sequence-checked stream while it is in order, or REST always. */
  bookSource: z.enum(["STREAM", "REST"]).default("STREAM"),
  /**
   * Longest real pause before a call when the venue says that too little weight is left, and pause after HTTP 429
   * on calls that may be repeated (the venue bans for about 10 s). In lockstep 0: waiting does not move its clock.
   */
  rateLimitPauseMs: z.int().min(0).max(60_000).default(10_000),
});

export type WeexOptions = z.input<typeof optionsSchema>;
export type WeexSettings = z.output<typeof optionsSchema>;
export type WeexCredentials = z.output<typeof credentialsSchema>;

/** @throws UsageError naming the bad keys, never their values. */
export function readOptions(options: WeexOptions): WeexSettings {
  const parsed = optionsSchema.safeParse(options);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map((issue) =>
    issue.code === "unrecognized_keys"
      ? `unknown option ${issue.keys.join(", ")}`
      : `option ${issue.path.join(".")} is not valid`,
  );
  throw new UsageError("weex.options", `The WEEX connector cannot start: ${faults.join("; ")}.`);
}

/** Both hosts of a server that speaks WEEX v3 on one address; none: WEEX itself. */
export const weexHosts = (url: string | undefined): Pick<WeexOptions, "restBaseUrl" | "wsBaseUrl"> =>
  url === undefined ? {} : { restBaseUrl: url, wsBaseUrl: url.replace(/^http/, "ws") };

const withoutSlash = (url: string): string => url.replace(/\/+$/, "");

/** The part of the exchange class's `urls` that base URLs replace: all six, or none. */
export function urlOverrides(settings: WeexSettings): Record<string, unknown> {
  const api: Record<string, unknown> = {};
  if (settings.restBaseUrl !== undefined) {
    const base = withoutSlash(settings.restBaseUrl);
    Object.assign(api, { public: base, private: base, contract: base, contractPrivate: base });
  }
  if (settings.wsBaseUrl !== undefined) {
    const base = withoutSlash(settings.wsBaseUrl);
    // The class tells spot from contract by searching the URL for the word, so the path must carry it.
    api.ws = { contract: `${base}/contract/v3/ws`, spot: `${base}/spot/v3/ws` };
  }
  return Object.keys(api).length > 0 ? { urls: { api } } : {};
}

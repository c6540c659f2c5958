/**
 * The exchange class of ccxt.pro, corrected. The only file that knows the class and its loose types; everything
 * else speaks to {@link Exchange}. We take its signing, transport, sockets and heartbeats, and read raw replies:
 * its parsed objects carry floats, multiply base-coin quantities by a contract size and map order states loosely.
 */
import { SUCCESS_CODES, VenueAnswer } from "./answers.ts";
import { loadWeexClass } from "./ccxt-class.ts";
import { urlOverrides, type WeexSettings } from "./options.ts";

export type SocketScope = "public" | "private";
export type Headers = Record<string, string | undefined>;
type Json = Record<string, unknown>;

export interface SocketClient {
  url: string;
  subscriptions: Record<string, { id?: string } | undefined>;
  connection?: { terminate(): void };
  send(message: Json): Promise<unknown>;
}

export interface Exchange {
  clients: Record<string, SocketClient | undefined>;
  urls: { api: { ws: { contract: string } } };
  request(path: string, api: string, method: string, params: Json): Promise<unknown>;
  requestId(): string;
  subscribePublic(hashes: string[], channels: string[], isContract: boolean): Promise<unknown>;
  subscribePrivate(
    hash: string,
    subscribeHash: string,
    channel: string,
    isContract: boolean,
  ): Promise<unknown>;
  loadHttpProxyAgent(): Promise<unknown>;
  close(): Promise<void>;
}

/** Members that the subclass replaces or calls on its parent. */
interface BaseExchange extends Exchange {
  nonce(): number;
  sign(
    path: string,
    api: string,
    method: string,
    params: Json,
    headers?: Json,
    body?: string,
  ): { headers: Json };
  handleErrors(
    status: number,
    reason: string,
    url: string,
    method: string,
    headers: Headers,
    body: string,
    reply: unknown,
  ): unknown;
  parseJson(text: string): unknown;
  handleMessage(client: SocketClient, message: unknown): void;
  onClose(client: SocketClient, event: unknown): void;
  onError(client: SocketClient, error: unknown): void;
  log(...words: unknown[]): void;
}
type ExchangeClass = new (config: Json) => BaseExchange;

export type ExchangeHooks = {
  /** Venue time in ms, used for every signature. */
  venueNow(): number;
  onHeaders(headers: Headers): void;
  /** Every frame of every socket, synchronously, heartbeats included. */
  onFrame(client: SocketClient, frame: unknown): void;
  onDown(client: SocketClient): void;
};

/** "2.0E-4" as "0.00020": a number token in plain digits. */
function plainDigits(token: string): string {
  const match = /^(-?)(\d+)(?:\.(\d+))?[eE]([+-]?\d{1,2})$/.exec(token);
  if (!match) return token;
  const [, sign, whole = "", fraction = "", exponent] = match;
  const point = whole.length + Number(exponent);
  const digits = (whole + fraction)
    .padEnd(point, "0")
    .padStart(whole.length + fraction.length - Math.min(point, 0), "0");
  const left = digits.slice(0, Math.max(point, 0)) || "0";
  const right = digits.slice(Math.max(point, 0));
  return `${sign}${left}${right ? `.${right}` : ""}`;
}

/** Parses JSON keeping every number as its own digits, so that ids beyond 2^53 and decimals stay exact. */
export function parseExact(text: string): unknown {
  type Source = { source: string };
  const keepDigits = (_key: string, value: unknown, context?: Source) =>
    typeof value === "number" ? plainDigits(context?.source ?? String(value)) : value;
  return JSON.parse(text, keepDigits as (key: string, value: unknown) => unknown);
}

const textField = (reply: unknown, field: string): string | undefined => {
  if (typeof reply !== "object" || reply === null || Array.isArray(reply)) return undefined;
  const value = (reply as Json)[field];
  return typeof value === "string" || typeof value === "number" ? String(value) : undefined;
};

function correct(Base: ExchangeClass, settings: WeexSettings, hooks: ExchangeHooks): ExchangeClass {
  return class WeexExchange extends Base {
    override nonce(): number {
      return hooks.venueNow();
    }
    override sign(path: string, api: string, method: string, params: Json, headers?: Json, body?: string) {
      const request = super.sign(path, api, method, params, headers, body);
      request.headers["User-Agent"] = settings.userAgent;
      return request;
    }
    override parseJson(text: string): unknown {
      try {
        return /^\s*[[{]/.test(text) ? parseExact(text) : undefined;
      } catch {
        return undefined;
      }
    }
    /** The parent throws on any reply with a `msg`, success included; here the code and the status decide. */
    override handleErrors(
      status: number,
      _reason: string,
      _url: string,
      _method: string,
      headers: Headers,
      _body: string,
      reply: unknown,
    ) {
      hooks.onHeaders(headers);
      const code = textField(reply, "code");
      const text = textField(reply, "msg");
      if (status >= 400) throw new VenueAnswer(status, code, text);
      if (code !== undefined && !SUCCESS_CODES.includes(code))
        throw new VenueAnswer(status, code, text ?? "");
      return true;
    }
    override handleMessage(client: SocketClient, message: unknown): void {
      const event = textField(message, "event") ?? textField(message, "type");
      if (event === "ping") super.handleMessage(client, message);
      hooks.onFrame(client, message);
    }
    override onClose(client: SocketClient, event: unknown): void {
      super.onClose(client, event);
      hooks.onDown(client);
    }
    override onError(client: SocketClient, error: unknown): void {
      super.onError(client, error);
      hooks.onDown(client);
    }
    override log(): void {}
  };
}

/** Builds the corrected exchange. Its own limiter is off: it prices public calls about five times too high. */
export async function createExchange(settings: WeexSettings, hooks: ExchangeHooks): Promise<Exchange> {
  const Corrected = correct((await loadWeexClass()) as ExchangeClass, settings, hooks);
  const credentials = settings.credentials;
  const exchange = new Corrected({
    ...urlOverrides(settings),
    ...(credentials
      ? { apiKey: credentials.apiKey, secret: credentials.secret, password: credentials.passphrase }
      : {}),
    userAgent: settings.userAgent,
    timeout: settings.requestTimeoutMs,
    enableRateLimit: false,
    options: { defaultType: "swap", ws: { options: { headers: { "User-Agent": settings.userAgent } } } },
  });
  // Plain ws:// is refused until this agent exists, although no proxy is used.
  if (exchange.urls.api.ws.contract.startsWith("ws://")) await exchange.loadHttpProxyAgent();
  return exchange;
}

// Takes one REST request from the wire to its reply: faults, weights, signature, keys, route.

import type { IncomingMessage, ServerResponse } from "node:http";
import type { z } from "zod";
import type { Faults } from "../admin/faults.ts";
import type { Exchange } from "../engine/exchange.ts";
import { Refusal } from "../engine/records.ts";
import { accountRoutes } from "./account-routes.ts";
import { cancelRoutes } from "./cancel-routes.ts";
import { refusalOf } from "./inputs.ts";
import { type Json, toJson } from "./json.ts";
import { marketRoutes } from "./market-routes.ts";
import { orderRoutes } from "./order-routes.ts";
import { queryRoutes } from "./query-routes.ts";
import type { RateLimiter } from "./rate-limiter.ts";
import type { RequestContext, Route, Routes } from "./routes.ts";
import { type ApiKeys, authenticate } from "./signature.ts";
import { spotRoutes } from "./spot-routes.ts";

const ROUTES: Routes = {
  ...marketRoutes,
  ...accountRoutes,
  ...orderRoutes,
  ...cancelRoutes,
  ...queryRoutes,
  ...spotRoutes,
};
const PATHS = new Set(Object.keys(ROUTES).map((key) => key.split(" ")[1]!));
const MAX_QUERY_KEYS = 30;

export interface RestSetup {
  readonly exchange: Exchange;
  readonly faults: Faults;
  readonly keys: ApiKeys;
  readonly limiter: RateLimiter;
}

interface Reply {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly text: string;
}

export async function answerRest(
  setup: RestSetup,
  request: IncomingMessage,
  response: ServerResponse,
  body: string,
): Promise<void> {
  const { faults } = setup;
  const method = request.method ?? "GET";
  const path = (request.url ?? "/").split("?")[0]!;
  const occasion = { method, path, userAgent: request.headers["user-agent"] ?? "" };
  const hang = faults.strike("timeoutBeforeAccept", occasion);
  if (hang !== undefined) return destroyLater(response, hang.realMs ?? 0);
  const refusal = faultReply(faults, occasion);
  const reply = refusal ?? routedReply(setup, request, method, path, body);
  const lost = refusal === undefined ? faults.strike("timeoutAfterAccept", occasion) : undefined;
  if (lost !== undefined) return destroyLater(response, lost.realMs ?? 0);
  const late = faults.strike("latency", occasion);
  if (late !== undefined) await new Promise((resolve) => setTimeout(resolve, late.realMs));
  response.writeHead(reply.status, { ...reply.headers, "content-length": Buffer.byteLength(reply.text) });
  response.end(reply.text);
}

function faultReply(
  faults: Faults,
  occasion: { method: string; path: string; userAgent: string },
): Reply | undefined {
  if (faults.size === 0) return undefined;
  if (faults.strike("maintenance", occasion)) return plain(503, "Service is under maintenance");
  const broken = faults.strike("http5xx", occasion);
  if (broken !== undefined) return plain(broken.status ?? 503, "upstream error");
  if (faults.strike("http429", occasion)) return plain(429, "Too Many Requests");
  return undefined;
}

function routedReply(
  setup: RestSetup,
  request: IncomingMessage,
  method: string,
  path: string,
  body: string,
): Reply {
  const found = ROUTES[`${method} ${path}`];
  if (found === undefined) {
    if (PATHS.has(path))
      return json(405, { code: -1150, msg: "REQUEST_METHOD_NOT_SUPPORTED: Request method not supported" });
    return json(404, {
      timestamp: new Date(setup.exchange.nowMs).toISOString(),
      status: 404,
      error: "Not Found",
      path,
    });
  }
  const address = request.socket.remoteAddress ?? "";
  const usage = setup.limiter.take(`address ${address}`, found.weight, setup.exchange.nowMs);
  const headers: Record<string, string> = {
    "content-type": "application/json",
    "x-used-weight-10s": String(usage.used),
    "x-remaining-weight-10s": String(usage.remaining),
  };
  if (!usage.allowed) return { ...plain(429, "Too Many Requests"), headers };
  try {
    return { status: 200, headers, text: toJson(run(setup, request, found, method, body)) };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    if (error.status === 429) return { ...plain(429, error.message), headers };
    return { status: error.status, headers, text: toJson({ code: error.code, msg: error.message }) };
  }
}

function run(setup: RestSetup, request: IncomingMessage, found: Route, method: string, body: string): Json {
  const { exchange, faults } = setup;
  const userAgent = request.headers["user-agent"] ?? "";
  const url = request.url ?? "/";
  const account =
    found.access === "public" ? undefined : callerOf(setup, request, found, method + url + body);
  const hasBody = method === "POST" || body !== "";
  const given = hasBody ? parseBody(body) : parseQuery(url);
  if (hasBody && url.includes("?")) throw new Refusal(-1142, "PARAM_ERROR: parameters belong in the body");
  const parsed = found.input.safeParse(given);
  if (!parsed.success) throw refusalOf(parsed.error as z.ZodError, given);
  const skew = faults.strike("clockSkew", { userAgent, path: url.split("?")[0]!, method })?.offsetMs ?? 0;
  const context: RequestContext = { exchange, faults, userAgent, account, shownMs: exchange.nowMs + skew };
  return found.handle(context, parsed.data as never);
}

function callerOf(setup: RestSetup, request: IncomingMessage, found: Route, signed: string) {
  const { exchange, keys, limiter } = setup;
  const key = authenticate(keys, request.headers, (timestamp) => timestamp + signed, exchange.nowMs);
  if (found.access === "trade" && key.role !== "trade") {
    throw new Refusal(-1052, "Insufficient permissions for this action", 403);
  }
  if (!limiter.take(`uid ${key.uid}`, found.weight, exchange.nowMs).allowed)
    throw new Refusal(0, "Too Many Requests", 429);
  return exchange.account(key.uid);
}

function parseBody(body: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = body === "" ? {} : JSON.parse(body);
  } catch {
    throw new Refusal(-1135, "INVALID_JSON: Invalid JSON request");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new Refusal(-1135, "INVALID_JSON: the body must be an object");
  }
  return value as Record<string, unknown>;
}

function parseQuery(url: string): Record<string, string> {
  const at = url.indexOf("?");
  if (at < 0) return {};
  const entries = [...new URLSearchParams(url.slice(at + 1))];
  if (entries.length > MAX_QUERY_KEYS) throw new Refusal(-1142, "PARAM_ERROR: too many parameters");
  const given: Record<string, string> = {};
  for (const [key, value] of entries) {
    if (Object.hasOwn(given, key))
      throw new Refusal(-1142, `PARAM_ERROR: ${key.slice(0, 40)} is given twice`);
    given[key] = value;
  }
  return given;
}

function destroyLater(response: ServerResponse, realMs: number): void {
  setTimeout(() => response.destroy(), realMs);
}

function plain(status: number, text: string): Reply {
  return { status, headers: { "content-type": "text/plain" }, text };
}

function json(status: number, value: Json): Reply {
  return { status, headers: { "content-type": "application/json" }, text: toJson(value) };
}

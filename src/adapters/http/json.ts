/** JSON over HTTP between our own processes. Bigints travel as {"$n":"…"}; bodies and replies are bounded. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { decodeJson, encodeJson } from "../../domain/json.ts";
import { messageOf, Refused, SaksiError, UnknownOutcome } from "../../errors/errors.ts";

const MAX_BODY_BYTES = 1_000_000;
/** The longest document between our processes, the evidence of a prediction with two days of candles, is a tenth of it. */
export const MAX_REPLY_BYTES = 8_000_000;
const DEFAULT_TIMEOUT_MS = 30_000;

/** @throws Refused with the peer's own words on 4xx, UnknownOutcome on anything that tells nothing. */
export async function postJson<T>(
  url: string,
  body: unknown,
  options: { timeoutMs?: number; headers?: Record<string, string>; method?: string } = {},
): Promise<T> {
  const method = options.method ?? "POST";
  let response: Response;
  let text: string;
  try {
    response = await fetch(url, {
      method,
      headers: { "content-type": "application/json", ...options.headers },
      ...(method === "GET" ? {} : { body: encodeJson(body) }),
      signal: AbortSignal.timeout(options.timeoutMs ?? DEFAULT_TIMEOUT_MS),
    });
    text = await readReply(response, url);
  } catch (error) {
    if (error instanceof UnknownOutcome) throw error;
    throw new UnknownOutcome("http.noAnswer", `${new URL(url).host} did not answer: ${messageOf(error)}`, {
      cause: error,
    });
  }
  let reply: unknown;
  try {
    reply = decodeJson(text);
  } catch {
    throw new UnknownOutcome(
      "http.unreadable",
      `${new URL(url).host} answered ${response.status} with something that is not JSON`,
    );
  }
  if (response.ok) return reply as T;
  const { error, code } = (reply ?? {}) as { error?: string; code?: string };
  if (response.status < 500) throw new Refused(code ?? "http.refused", error ?? `status ${response.status}`);
  throw new UnknownOutcome("http.server", `${new URL(url).host} answered ${response.status}: ${error ?? ""}`);
}

/**
 * Beyond the bound nothing is read, and nothing is known: the request may have been carried out.
 * @throws UnknownOutcome `http.replyTooLarge`
 */
export async function readReply(
  response: Response,
  url: string,
  maxBytes = MAX_REPLY_BYTES,
): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > maxBytes)
      throw new UnknownOutcome(
        "http.replyTooLarge",
        `${new URL(url).host} answered ${response.status} with more than ${maxBytes} bytes; the rest was not read`,
      );
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

export const getJson = <T>(url: string, headers: Record<string, string> = {}): Promise<T> =>
  postJson<T>(url, undefined, { method: "GET", headers });

export type Routes = Record<
  string,
  (request: {
    params: URLSearchParams;
    body: unknown;
    path: string;
    headers: IncomingMessage["headers"];
  }) => Promise<unknown>
>;

/** Routes are "METHOD /path" or "METHOD /path/" (prefix). Unknown paths are 404. */
export function jsonServer(routes: Routes): Server {
  return createServer((request, response) => {
    void answer(routes, request, response);
  });
}

async function answer(routes: Routes, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const reply = (status: number, body: unknown): void => {
    const text = encodeJson(body ?? null);
    response.writeHead(status, { "content-type": "application/json" });
    response.end(text);
  };
  const target = request.url ?? "/";
  if (!URL.canParse(target, "http://localhost"))
    return reply(404, { code: "http.notFound", error: "the request's path cannot be read" });
  const url = new URL(target, "http://localhost");
  const exact = `${request.method} ${url.pathname}`;
  const prefix = `${request.method} ${url.pathname.slice(0, url.pathname.lastIndexOf("/") + 1)}`;
  const route = routes[exact] ?? routes[prefix];
  try {
    const body = await readBody(request);
    if (!route) return reply(404, { code: "http.notFound", error: `nothing is served at ${exact}` });
    reply(200, await route({ params: url.searchParams, body, path: url.pathname, headers: request.headers }));
  } catch (error) {
    const unknown = !(error instanceof SaksiError) || error instanceof UnknownOutcome;
    reply(unknown ? 500 : 422, {
      code: error instanceof SaksiError ? error.code : "internal",
      error: messageOf(error),
    });
  }
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += (chunk as Buffer).length;
    if (size > MAX_BODY_BYTES)
      throw new SaksiError("http.tooLarge", `a body holds at most ${MAX_BODY_BYTES} bytes`);
    chunks.push(chunk as Buffer);
  }
  if (size === 0) return undefined;
  try {
    return decodeJson(Buffer.concat(chunks).toString("utf8"));
  } catch {
    throw new SaksiError("http.notJson", "the body is not JSON");
  }
}

/** Listens on loopback unless told otherwise. @returns the port in use. */
export function listen(server: Server, port: number, host = "127.0.0.1"): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) =>
      reject(
        error.code === "EADDRINUSE"
          ? new SaksiError("http.portInUse", `port ${port} is in use; choose another one`)
          : error,
      ),
    );
    server.listen(port, host, () => {
      const address = server.address();
      resolve(typeof address === "object" && address ? address.port : port);
    });
  });
}

// The operator's side: time, money from outside, faults and exact figures. Loopback and token only.

import { timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { z } from "zod";
import type { Clock } from "../engine/clock.ts";
import { type Exchange, MAX_EVENTS_PER_CLOCK_CALL } from "../engine/exchange.ts";
import { submitOrder } from "../engine/order-entry.ts";
import { Refusal } from "../engine/records.ts";
import type { Json } from "../http/json.ts";
import { lotsOf, ticksOf } from "../http/routes.ts";
import { formatUnits, parseE8 } from "../money/e8.ts";
import type { SocketHub } from "../ws/socket-hub.ts";
import type { SocketServer } from "../ws/socket-server.ts";
import { type FaultSpec, type Faults, faultInput } from "./faults.ts";
import { adjust, deposit, ledgerOf, withdraw } from "./ledger.ts";

export interface AdminSetup {
  readonly exchange: Exchange;
  readonly clock: Clock;
  readonly hub: SocketHub;
  readonly sockets: SocketServer;
  readonly faults: Faults;
  readonly token: string | undefined;
  readonly mode: "lockstep" | "free";
}

export class AdminError extends Error {
  readonly status: number;
  constructor(message: string, status = 400) {
    super(message);
    this.status = status;
  }
}

const MAX_TIME_MS = 8_640_000_000_000_000;
const clockInput = z.strictObject({ toMs: z.number().int().min(0).max(MAX_TIME_MS) });
const transferInput = z.strictObject({
  uid: z.string().min(1).max(40),
  asset: z.literal("USDT"),
  amount: z.string(),
  ref: z.string().min(1).max(200),
});
const adjustInput = z.strictObject({
  uid: z.string().min(1).max(40),
  asset: z.literal("USDT"),
  amountE8: z.string().regex(/^-?\d{1,30}$/),
});
const settingsInput = z.strictObject({
  acceptDuplicates: z.boolean().optional(),
  refusalInAck: z.boolean().optional(),
});

export function guardAdmin(setup: AdminSetup, request: IncomingMessage): void {
  const address = request.socket.remoteAddress ?? "";
  if (!/^(127\.|::1$|::ffff:127\.)/.test(address))
    throw new AdminError("The admin API answers loopback only.", 403);
  const given = Buffer.from(String(request.headers["x-admin-token"] ?? ""));
  const wanted = Buffer.from(setup.token ?? "");
  if (setup.token === undefined || given.length !== wanted.length || !timingSafeEqual(given, wanted)) {
    throw new AdminError("The header x-admin-token is missing or wrong.", 401);
  }
}

export async function answerAdmin(
  setup: AdminSetup,
  method: string,
  url: string,
  body: string,
): Promise<Json> {
  const [path = "", query = ""] = url.split("?");
  const { faults, exchange } = setup;
  switch (`${method} ${path}`) {
    case "GET /admin/status":
      return status(setup);
    case "POST /admin/clock":
      return advance(setup, parse(clockInput, body).toMs);
    case "POST /admin/deposit":
      return transfer(setup, deposit, parse(transferInput, body));
    case "POST /admin/withdraw":
      return transfer(setup, withdraw, parse(transferInput, body));
    case "POST /admin/adjust": {
      const { uid, amountE8 } = parse(adjustInput, body);
      return adjust(exchange, uid, BigInt(amountE8));
    }
    case "POST /admin/settings":
      return { ...Object.assign(exchange.settings, parse(settingsInput, body)) };
    case "GET /admin/ledger": {
      const uid = new URLSearchParams(query).get("uid");
      if (uid === null) throw new AdminError("The query needs a uid.");
      return ledgerOf(exchange, uid);
    }
    case "GET /admin/faults":
      return { faults: faults.list().map((fault) => ({ ...fault }) as Json) };
    case "POST /admin/faults":
      return addFault(setup, parse(faultInput, body));
    case "DELETE /admin/faults":
      return { removed: faults.remove(undefined) };
  }
  if (method === "DELETE" && path.startsWith("/admin/faults/")) {
    return { removed: faults.remove(path.slice("/admin/faults/".length)) };
  }
  throw new AdminError("There is no such admin call.", 404);
}

function parse<S extends z.ZodType>(schema: S, body: string): z.infer<S> {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    throw new AdminError("The body is not JSON.");
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  throw new AdminError(`The body is not right at "${issue.path.join(".")}": ${issue.message}.`);
}

async function advance(setup: AdminSetup, toMs: number): Promise<Json> {
  const { exchange, hub } = setup;
  if (setup.mode === "free" && toMs > exchange.nowMs)
    throw new AdminError("The clock runs freely; it cannot be set.");
  if (exchange.eventsUntil(toMs) > MAX_EVENTS_PER_CLOCK_CALL) {
    throw new AdminError(`The call spans more than ${MAX_EVENTS_PER_CLOCK_CALL} market events.`);
  }
  await setup.clock.advanceTo(toMs);
  const watermarks: Record<string, number> = {};
  for (const connection of hub.connections) watermarks[connection.cid] = connection.framesSent;
  return { nowMs: exchange.nowMs, nextEventMs: exchange.nextEventMs, watermarks };
}

function status(setup: AdminSetup): Json {
  const { exchange, hub } = setup;
  const markets = [...exchange.markets.values()].map((market) => ({
    symbol: market.spec.symbol,
    bookSource: market.feed.bookSource,
    candleSource: market.feed.candleSource,
    lastPrice: formatUnits(market.last, market.spec.pricePrecision),
    markPrice: formatUnits(market.mark, market.spec.pricePrecision),
    indexPrice: formatUnits(market.index, market.spec.pricePrecision),
    bookUpdateId: market.depth200.updateId,
  }));
  const connections = [...hub.connections].map(({ cid, scope, family, uid, framesSent }) => ({
    cid,
    scope,
    family,
    uid: uid ?? null,
    framesSent,
  }));
  return {
    nowMs: exchange.nowMs,
    nextEventMs: exchange.nextEventMs,
    mode: setup.mode,
    seed: exchange.seed,
    tickMs: exchange.tickMs,
    startMs: exchange.startMs,
    bookSource: markets[0]!.bookSource,
    markets,
    connections,
    faults: setup.faults.size,
    acceptDuplicates: exchange.settings.acceptDuplicates,
    refusalInAck: exchange.settings.refusalInAck,
  };
}

function transfer(setup: AdminSetup, move: typeof deposit, input: z.infer<typeof transferInput>): Json {
  const amountE8 = parseE8(input.amount);
  if (amountE8 === undefined || amountE8 <= 0n) throw new AdminError("The amount is not a positive decimal.");
  const reply = move(setup.exchange, input.uid, amountE8, input.ref);
  if (reply === undefined) throw new AdminError("The available balance is smaller than that.");
  return reply;
}

function addFault(setup: AdminSetup, spec: FaultSpec): Json {
  if (spec.name === "foreignOrder") return { id: foreignOrder(setup, spec) };
  const fault = setup.faults.add(spec);
  if (spec.name === "dropSocket") setup.sockets.dropMatching();
  return { id: fault.id };
}

/** An order the account's owner placed by hand: no fault stays behind. */
function foreignOrder(setup: AdminSetup, spec: Extract<FaultSpec, { name: "foreignOrder" }>): string {
  const { exchange } = setup;
  const market = exchange.markets.get(spec.symbol);
  if (market === undefined) throw new AdminError("There is no such market.");
  try {
    const order = submitOrder(exchange, exchange.account(spec.uid), market, {
      symbol: spec.symbol,
      clientOrderId: `web-${exchange.nextSequence()}`,
      side: spec.side,
      positionSide: spec.positionSide,
      type: spec.price === undefined ? "MARKET" : "LIMIT",
      timeInForce: spec.price === undefined ? "IOC" : "GTC",
      priceTicks: spec.price === undefined ? 0 : ticksOf(market.spec, spec.price, "price"),
      lots: lotsOf(market.spec, spec.quantity, "quantity"),
      source: "WEB",
    });
    return order.id.toString();
  } catch (error) {
    if (error instanceof Refusal) throw new AdminError(error.message);
    throw error;
  }
}

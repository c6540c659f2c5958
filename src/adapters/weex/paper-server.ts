/** Serves a paper account on loopback. Two tokens: one trades, one only reads, like an exchange's keys. */
import { timingSafeEqual } from "node:crypto";
import type { IncomingMessage, Server } from "node:http";
import type { z } from "zod";
import { parseInput } from "../../domain/schemas.ts";
import { Refused } from "../../errors/errors.ts";
import type { VenueTrading } from "../../ports/venue.ts";
import { jsonServer, type Routes } from "../http/json.ts";
import { READ_CALLS, TOKEN_HEADER, TRADE_CALLS } from "./paper-wire.ts";

export type PaperTokens = { tradeToken: string; readToken: string };

/** @param before runs ahead of each call: it reads the market's time. */
export function paperServer(
  account: VenueTrading,
  tokens: PaperTokens,
  before: () => Promise<unknown>,
): Server {
  const routes: Routes = { "GET /health": async () => ({ label: "paper", ok: true }) };
  function serve<T>(
    name: string,
    takes: z.ZodType<T>,
    allowed: readonly string[],
    run: (body: T) => Promise<unknown>,
  ): void {
    routes[`POST /${name}`] = async ({ body, headers }) => {
      checkToken(headers, tokens, allowed);
      const given = parseInput(takes, body, `paper ${name}`);
      await before();
      return (await run(given)) ?? null;
    };
  }
  const readers = [tokens.tradeToken, tokens.readToken];
  const traders = [tokens.tradeToken];
  serve("balance", READ_CALLS.balance.takes, readers, () => account.balance());
  serve("positions", READ_CALLS.positions.takes, readers, ({ symbol }) => account.positions(symbol));
  serve("openOrders", READ_CALLS.openOrders.takes, readers, ({ symbol }) => account.openOrders(symbol));
  serve("orderHistory", READ_CALLS.orderHistory.takes, readers, ({ symbol, fromMs }) =>
    account.orderHistory(symbol, fromMs),
  );
  serve("openAlgoOrders", READ_CALLS.openAlgoOrders.takes, readers, ({ symbol }) =>
    account.openAlgoOrders(symbol),
  );
  serve("fills", READ_CALLS.fills.takes, readers, ({ symbol, fromMs }) => account.fills(symbol, fromMs));
  serve("income", READ_CALLS.income.takes, readers, ({ fromMs }) => account.income(fromMs));
  serve("prepare", TRADE_CALLS.prepare.takes, traders, ({ symbol, leverage }) =>
    account.prepare(symbol, leverage),
  );
  serve("placeEntry", TRADE_CALLS.placeEntry.takes, traders, (order) => account.placeEntry(order));
  serve("placeExit", TRADE_CALLS.placeExit.takes, traders, (order) => account.placeExit(order));
  serve("cancelAlgo", TRADE_CALLS.cancelAlgo.takes, traders, ({ symbol, algoId }) =>
    account.cancelAlgo(symbol, algoId),
  );
  serve("cancelOrder", TRADE_CALLS.cancelOrder.takes, traders, ({ symbol, orderId }) =>
    account.cancelOrder(symbol, orderId),
  );
  return jsonServer(routes);
}

function checkToken(
  headers: IncomingMessage["headers"],
  tokens: PaperTokens,
  allowed: readonly string[],
): void {
  const given = headers[TOKEN_HEADER];
  const is = (token: string): boolean => typeof given === "string" && sameSecret(given, token);
  if (allowed.some(is)) return;
  if (is(tokens.readToken))
    throw new Refused("paper.readOnly", "the paper account's read token may not trade");
  throw new Refused("paper.token", "the paper account knows no such token");
}

/** In a time that tells nothing about the secret. */
function sameSecret(given: string, secret: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(secret)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/** A paper account in another process. What it answers is checked; silence is an unknown outcome, as at an exchange. */
import type { z } from "zod";
import { parseInput } from "../../domain/schemas.ts";
import { messageOf, UnknownOutcome } from "../../errors/errors.ts";
import type { VenueAccount, VenueTrading } from "../../ports/venue.ts";
import { postJson } from "../http/json.ts";
import { READ_CALLS, TOKEN_HEADER, TRADE_CALLS } from "./paper-wire.ts";

export type PaperConnection = { url: string; token: string; timeoutMs: number };

function caller({ url, token, timeoutMs }: PaperConnection) {
  return async <T>(name: string, answers: z.ZodType<T>, body: unknown): Promise<T> => {
    const reply = await postJson<unknown>(`${url}/${name}`, body, {
      headers: { [TOKEN_HEADER]: token },
      timeoutMs,
    });
    try {
      return parseInput(answers, reply, `paper ${name}`);
    } catch (error) {
      throw new UnknownOutcome("paper.unreadable", messageOf(error), { cause: error });
    }
  };
}

/** For the holder of a read token. */
export function paperAccount(connection: PaperConnection): VenueAccount {
  const call = caller(connection);
  return {
    balance: () => call("balance", READ_CALLS.balance.answers, {}),
    positions: (symbol) =>
      call("positions", READ_CALLS.positions.answers, symbol === undefined ? {} : { symbol }),
    openOrders: (symbol) => call("openOrders", READ_CALLS.openOrders.answers, { symbol }),
    orderHistory: (symbol, fromMs) =>
      call("orderHistory", READ_CALLS.orderHistory.answers, { symbol, fromMs: Math.max(0, fromMs) }),
    openAlgoOrders: (symbol) => call("openAlgoOrders", READ_CALLS.openAlgoOrders.answers, { symbol }),
    fills: (symbol, fromMs) =>
      call("fills", READ_CALLS.fills.answers, { symbol, fromMs: Math.max(0, fromMs) }),
    income: (fromMs) => call("income", READ_CALLS.income.answers, { fromMs: Math.max(0, fromMs) }),
  };
}

/** For the holder of the trade token. */
export function paperTrading(connection: PaperConnection): VenueTrading {
  const call = caller(connection);
  return {
    ...paperAccount(connection),
    prepare: async (symbol, leverage) =>
      void (await call("prepare", TRADE_CALLS.prepare.answers, { symbol, leverage })),
    placeEntry: (order) => call("placeEntry", TRADE_CALLS.placeEntry.answers, order),
    placeExit: (order) => call("placeExit", TRADE_CALLS.placeExit.answers, order),
    cancelAlgo: async (symbol, algoId) =>
      void (await call("cancelAlgo", TRADE_CALLS.cancelAlgo.answers, { symbol, algoId })),
    cancelOrder: async (symbol, orderId) =>
      void (await call("cancelOrder", TRADE_CALLS.cancelOrder.answers, { symbol, orderId })),
  };
}

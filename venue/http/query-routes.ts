// Private queries: orders, algo orders, fills.

import { z } from "zod";
import { Refusal } from "../engine/records.ts";
import { DAY_MS } from "../market/market-feed.ts";
import * as inputs from "./inputs.ts";
import type { Json } from "./json.ts";
import { checkRange, limitOf } from "./market-routes.ts";
import { accountOf, marketOf, type RequestContext, type Routes, route } from "./routes.ts";
import { algoHistoryRow, algoRow, fillRow, orderRow } from "./rows.ts";

const range = {
  symbol: inputs.symbol.optional(),
  startTime: inputs.whole.optional(),
  endTime: inputs.whole.optional(),
  limit: inputs.whole.optional(),
};
const paged = z.strictObject({ ...range, orderId: inputs.id.optional(), page: inputs.whole.optional() });
const MAX_HISTORY_SPAN_MS = 90 * DAY_MS;
const MAX_TRADES_SPAN_MS = 7 * DAY_MS;

interface Paged {
  symbol?: string | undefined;
  startTime?: number | undefined;
  endTime?: number | undefined;
  orderId?: bigint | undefined;
}

export const queryRoutes: Routes = {
  "GET /capi/v3/order": route(
    2,
    "read",
    // ccxt sends origClientOrderId although only orderId is looked at: then orderId is missing.
    z.strictObject({ orderId: inputs.id.optional(), origClientOrderId: z.string().optional() }),
    (c, q) => {
      if (q.orderId === undefined) throw new Refusal(-1141, "PARAM_EMPTY: orderId cannot be empty");
      const order = accountOf(c).orders.get(q.orderId);
      if (order === undefined) throw new Refusal(-3200, "Order does not exist");
      return orderRow(marketOf(c, order.symbol), order, c.faults.partialName(c));
    },
  ),
  "GET /capi/v3/openOrders": route(2, "read", paged, (c, q) => {
    check(c, q);
    const rows = [...accountOf(c).openOrders.values()].filter(
      (order) =>
        within(q, order.symbol, order.createdMs) && (q.orderId === undefined || order.id === q.orderId),
    );
    const partial = c.faults.partialName(c);
    const page = pageOf(rows.reverse(), q.page ?? 0, limitOf(q.limit, 100, 100));
    return page.map((order) => orderRow(marketOf(c, order.symbol), order, partial));
  }),
  "GET /capi/v3/openAlgoOrders": route(2, "read", paged, (c, q) => {
    check(c, q);
    const rows = [...accountOf(c).openAlgos.values()].filter(
      (algo) => within(q, algo.symbol, algo.createdMs) && (q.orderId === undefined || algo.id === q.orderId),
    );
    const page = pageOf(rows.reverse(), (q.page ?? 1) - 1, limitOf(q.limit, 100, 100));
    return page.map((algo) => algoRow(marketOf(c, algo.symbol), algo));
  }),
  "GET /capi/v3/allAlgoOrders": route(10, "read", paged, (c, q) => {
    check(c, q);
    const rows = [...accountOf(c).algos.values()].filter(
      (algo) => algo.status !== "UNTRIGGERED" && within(q, algo.symbol, algo.createdMs),
    );
    const limit = limitOf(q.limit, 100, 100);
    const number = (q.page ?? 1) - 1;
    const page = pageOf(rows.reverse(), number, limit);
    return {
      orders: page.map((algo) => algoRow(marketOf(c, algo.symbol), algo)),
      hasMore: rows.length > (number + 1) * limit,
    };
  }),
  "GET /capi/v3/order/history": route(10, "read", paged, (c, q) => {
    check(c, q);
    if (q.startTime !== undefined && (q.endTime ?? c.exchange.nowMs) - q.startTime > MAX_HISTORY_SPAN_MS) {
      throw new Refusal(-1170, "QUERY_TIME_OUT_OF_RANGE: time range cannot exceed 90 days");
    }
    const account = accountOf(c);
    const partial = c.faults.partialName(c);
    const rows: { ms: number; id: bigint; row: () => Json }[] = [];
    for (const order of account.orders.values()) {
      if (account.openOrders.has(order.id) || !within(q, order.symbol, order.createdMs)) continue;
      if (q.orderId !== undefined && order.id !== q.orderId) continue;
      rows.push({
        ms: order.createdMs,
        id: order.id,
        row: () => orderRow(marketOf(c, order.symbol), order, partial),
      });
    }
    for (const algo of account.algos.values()) {
      if (algo.status === "UNTRIGGERED" || !within(q, algo.symbol, algo.createdMs)) continue;
      if (q.orderId !== undefined && algo.id !== q.orderId) continue;
      rows.push({
        ms: algo.createdMs,
        id: algo.id,
        row: () => algoHistoryRow(marketOf(c, algo.symbol), algo),
      });
    }
    rows.sort((x, y) => y.ms - x.ms || (y.id > x.id ? 1 : -1));
    return pageOf(rows, q.page ?? 0, limitOf(q.limit, 500, 1000)).map((entry) => entry.row());
  }),
  "GET /capi/v3/userTrades": route(
    5,
    "read",
    z.strictObject({ ...range, orderId: inputs.id.optional() }),
    (c, q) => {
      check(c, q);
      const endMs = q.endTime ?? c.exchange.nowMs;
      const startMs = q.startTime ?? endMs - MAX_TRADES_SPAN_MS;
      if (q.startTime !== undefined && q.endTime !== undefined && endMs - startMs > MAX_TRADES_SPAN_MS) {
        throw new Refusal(-1170, "QUERY_TIME_OUT_OF_RANGE: time range cannot exceed 7 days");
      }
      const span = { ...q, startTime: startMs, endTime: endMs };
      return accountOf(c)
        .fills.filter(
          (fill) =>
            within(span, fill.symbol, fill.tMs) && (q.orderId === undefined || fill.orderId === q.orderId),
        )
        .slice(-limitOf(q.limit, 100, 100))
        .reverse()
        .map((fill) => fillRow(marketOf(c, fill.symbol), fill));
    },
  ),
};

function check(c: RequestContext, q: Paged): void {
  if (q.symbol !== undefined) marketOf(c, q.symbol);
  checkRange(q.startTime, q.endTime);
}

function within(q: Paged, symbol: string, ms: number): boolean {
  return (
    (q.symbol === undefined || q.symbol === symbol) &&
    (q.startTime === undefined || ms >= q.startTime) &&
    (q.endTime === undefined || ms <= q.endTime)
  );
}

function pageOf<T>(rows: T[], page: number, size: number): T[] {
  return rows.slice(page * size, (page + 1) * size);
}

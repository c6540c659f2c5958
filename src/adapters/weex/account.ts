/** The private account, read only: what reconciliation and witnesses need. */
import type { z } from "zod";
import { UnknownOutcome } from "../../errors/errors.ts";
import type { VenueAccount, VenueFill, VenueIncome, VenueOrder, VenuePosition } from "../../ports/venue.ts";
import { ENDPOINTS } from "./endpoints.ts";
import { isEndedConditional, toAlgoOrder, toOrder } from "./orders.ts";
import { readByTime, readPages, type TimeQuery, timeWindows, tooMany } from "./paging.ts";
import {
  algoOrdersReply,
  balanceReply,
  fillsReply,
  incomeReply,
  ordersReply,
  positionsReply,
} from "./schemas.ts";
import type { Transport } from "./transport.ts";

const MARGIN_ASSET = "USDT";
const DAY_MS = 86_400_000;
const OPEN_ORDERS_LIMIT = 100;
const HISTORY_LIMIT = 1_000;
const HISTORY_SPAN_MS = 90 * DAY_MS;
/** History is filtered by creation at the venue; an order created this much earlier may still change now. */
const ORDER_LIFE_MS = DAY_MS;
const FILLS_LIMIT = 100;
const FILLS_SPAN_MS = 7 * DAY_MS;
const INCOME_LIMIT = 100;
const INCOME_SPAN_MS = 100 * DAY_MS;
const MAX_INCOME_PAGES = 1_000;
/** Ranges end this much after now, so that a slow clock of ours cannot hide the newest rows. */
const CLOCK_MARGIN_MS = 30_000;
/** The venue lists nothing older. */
const MEMORY_MS = 365 * DAY_MS;

const TRANSFERS: readonly string[] = ["deposit", "withdraw", "transfer_in", "transfer_out"];
/** Rows that the fills tell already (profit and fee of each fill), and margin moved inside the account. */
const TOLD_BY_FILLS = /^(position_(open|close)_(long|short)|margin_move_(in|out)|order_fix_margin_amount)$/;

type FillRow = z.output<typeof fillsReply>[number];

const byTimeThenId = (a: { timeMs: number; id: string }, b: { timeMs: number; id: string }): number =>
  a.timeMs - b.timeMs || a.id.length - b.id.length || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);

export type WeexAccount = VenueAccount & {
  /** Scans open orders, then history: contracts cannot be asked by client id. Undefined = in neither list now. */
  findOrder(symbol: string, clientOrderId: string, fromMs: number): Promise<VenueOrder | undefined>;
};

export function createWeexAccount(transport: Transport): WeexAccount {
  const windowsSince = (fromMs: number, spanMs: number) => {
    const end = transport.venueNow() + CLOCK_MARGIN_MS;
    return timeWindows(Math.max(fromMs, end - MEMORY_MS), end, spanMs);
  };

  async function balance() {
    const rows = await transport.call(ENDPOINTS.balance, balanceReply);
    const row = rows.find((candidate) => candidate.asset === MARGIN_ASSET);
    return {
      balanceE8: row?.balance ?? 0n,
      availableE8: row?.availableBalance ?? 0n,
      unrealisedE8: row?.unrealizePnl ?? 0n,
    };
  }

  /** One entry a (symbol, side); the venue may keep one row per opening order. */
  async function positions(symbol?: string): Promise<VenuePosition[]> {
    const sums = new Map<string, VenuePosition>();
    for (const row of await transport.call(ENDPOINTS.positions, positionsReply)) {
      if (row.size === 0n || (symbol !== undefined && row.symbol !== symbol)) continue;
      const key = `${row.symbol} ${row.side}`;
      const qtyE8 = row.size + (sums.get(key)?.qtyE8 ?? 0n);
      sums.set(key, { symbol: row.symbol, side: row.side, qtyE8 });
    }
    return [...sums.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, position]) => position);
  }

  async function openOrders(symbol: string): Promise<VenueOrder[]> {
    const fetchPage = (page: number) =>
      transport.call(ENDPOINTS.openOrders, ordersReply, { symbol, limit: OPEN_ORDERS_LIMIT, page });
    return ascending((await readPages(0, OPEN_ORDERS_LIMIT, fetchPage, (row) => row.orderId)).map(toOrder));
  }

  async function orderHistory(symbol: string, fromMs: number): Promise<VenueOrder[]> {
    const known = new Map<string, VenueOrder>();
    // Live first: an order that ends between the two reads is then in the history.
    for (const order of await openOrders(symbol)) known.set(order.orderId, order);
    for (const [startTime, endTime] of windowsSince(fromMs - ORDER_LIFE_MS, HISTORY_SPAN_MS)) {
      const fetchPage = (page: number) =>
        transport.call(ENDPOINTS.orderHistory, ordersReply, {
          symbol,
          startTime,
          endTime,
          limit: HISTORY_LIMIT,
          page,
        });
      for (const row of await readPages(0, HISTORY_LIMIT, fetchPage, (row) => row.orderId))
        if (!isEndedConditional(row)) known.set(row.orderId, toOrder(row));
    }
    return ascending([...known.values()].filter((order) => order.updatedAtMs >= fromMs));
  }

  async function openAlgoOrders(symbol: string) {
    const fetchPage = (page: number) =>
      transport.call(ENDPOINTS.openAlgoOrders, algoOrdersReply, { symbol, limit: OPEN_ORDERS_LIMIT, page });
    return (await readPages(1, OPEN_ORDERS_LIMIT, fetchPage, (row) => row.algoId)).map(toAlgoOrder);
  }

  /** Fills of one millisecond, order by order, for the case that there are more than one call lists. */
  async function fillsAt(symbol: string, timeMs: number): Promise<FillRow[]> {
    const rows: FillRow[] = [];
    for (const order of await orderHistory(symbol, timeMs)) {
      if (order.createdAtMs > timeMs || order.filledQtyE8 === 0n) continue;
      const query = {
        symbol,
        orderId: order.orderId,
        startTime: timeMs,
        endTime: timeMs,
        limit: FILLS_LIMIT,
      };
      const batch = await transport.call(ENDPOINTS.userTrades, fillsReply, query);
      if (batch.length >= FILLS_LIMIT) throw tooMany();
      rows.push(...batch);
    }
    return rows;
  }

  async function fills(symbol: string, fromMs: number): Promise<VenueFill[]> {
    const found: VenueFill[] = [];
    const query: TimeQuery<FillRow> = {
      fetchRange: (startTime, endTime) =>
        transport.call(ENDPOINTS.userTrades, fillsReply, { symbol, startTime, endTime, limit: FILLS_LIMIT }),
      fetchInstant: (timeMs) => fillsAt(symbol, timeMs),
      keyOf: (row) => row.id,
      limit: FILLS_LIMIT,
    };
    for (const [windowFrom, windowTo] of windowsSince(fromMs, FILLS_SPAN_MS)) {
      for (const row of await readByTime(query, windowFrom, windowTo)) {
        if (row.commissionAsset !== MARGIN_ASSET)
          throw new UnknownOutcome(
            "weex.feeAsset",
            `WEEX charged a fee in ${row.commissionAsset.slice(0, 10)}, not ${MARGIN_ASSET}`,
          );
        found.push({
          fillId: row.id,
          orderId: row.orderId,
          symbol: row.symbol,
          side: row.side,
          positionSide: row.positionSide,
          // Cost over quantity; a reported average may be wrong by the contract size.
          priceE8: row.price || (row.quoteQty * 100_000_000n) / row.qty,
          qtyE8: row.qty,
          quoteE8: row.quoteQty,
          feeE8: row.commission,
          timeMs: row.time,
        });
      }
    }
    return found.sort((a, b) =>
      byTimeThenId({ timeMs: a.timeMs, id: a.fillId }, { timeMs: b.timeMs, id: b.fillId }),
    );
  }

  async function income(fromMs: number): Promise<VenueIncome[]> {
    const found = new Map<string, VenueIncome>();
    for (const [startTime, endTime] of windowsSince(fromMs, INCOME_SPAN_MS)) {
      let key: { nextKeyId: string; nextKeyTime: number } | undefined;
      for (let page = 0; ; page++) {
        if (page >= MAX_INCOME_PAGES) throw tooMany();
        const query = { startTime, endTime, limit: INCOME_LIMIT, ...key };
        const reply = await transport.call(ENDPOINTS.income, incomeReply, query);
        for (const row of reply.items) {
          if (row.asset !== MARGIN_ASSET || row.time < fromMs || TOLD_BY_FILLS.test(row.incomeType)) continue;
          const kind =
            row.incomeType === "position_funding"
              ? "FUNDING"
              : TRANSFERS.includes(row.incomeType)
                ? "TRANSFER"
                : "OTHER";
          found.set(row.billId, {
            incomeId: row.billId,
            kind,
            symbol: row.symbol,
            amountE8: row.income,
            timeMs: row.time,
          });
        }
        if (!reply.hasNextPage) break;
        if (!reply.nextKey)
          throw new UnknownOutcome("weex.unreadable", "WEEX promised more income rows without a key to them");
        key = reply.nextKey;
      }
    }
    return [...found.values()].sort((a, b) =>
      byTimeThenId({ timeMs: a.timeMs, id: a.incomeId }, { timeMs: b.timeMs, id: b.incomeId }),
    );
  }

  async function findOrder(
    symbol: string,
    clientOrderId: string,
    fromMs: number,
  ): Promise<VenueOrder | undefined> {
    return (await orderHistory(symbol, fromMs)).find((order) => order.clientOrderId === clientOrderId);
  }

  return { balance, positions, openOrders, orderHistory, openAlgoOrders, fills, income, findOrder };
}

const ascending = (orders: VenueOrder[]): VenueOrder[] =>
  orders.sort((a, b) =>
    byTimeThenId({ timeMs: a.createdAtMs, id: a.orderId }, { timeMs: b.createdAtMs, id: b.orderId }),
  );

// Private contract endpoints about the account: balance, settings, positions, income.

import { z } from "zod";
import { marginOf } from "../engine/margin.ts";
import { Refusal } from "../engine/records.ts";
import { DAY_MS } from "../market/market-feed.ts";
import { formatE8 } from "../money/e8.ts";
import * as inputs from "./inputs.ts";
import type { Json } from "./json.ts";
import { checkRange, limitOf } from "./market-routes.ts";
import { accountOf, marketOf, marketsOf, type RequestContext, type Routes, route } from "./routes.ts";
import { positionRow } from "./rows.ts";

const A = "/capi/v3/account/";
const MAX_INCOME_SPAN_MS = 100 * DAY_MS;
const done = (c: RequestContext): Json => ({ code: "200", msg: "success", requestTime: c.shownMs });
const leverage = z
  .union([
    z.number(),
    z
      .string()
      .regex(/^\d{1,3}(\.0+)?$/)
      .transform(Number),
  ])
  .optional();

export const accountRoutes: Routes = {
  [`GET ${A}balance`]: route(5, "read", inputs.nothing, (c) => {
    const margin = marginOf(c.exchange, accountOf(c));
    return [
      {
        asset: "USDT",
        balance: formatE8(margin.balanceE8, 8),
        availableBalance: formatE8(margin.availableE8, 8),
        frozen: formatE8(margin.frozenE8, 8),
        unrealizePnl: formatE8(margin.unrealizedE8, 8),
      },
    ];
  }),
  [`GET ${A}accountConfig`]: route(5, "read", inputs.nothing, (c) => ({
    canTrade: true,
    canDeposit: true,
    canWithdraw: true,
    dualSidePosition: true,
    updateTime: c.exchange.startMs,
  })),
  [`GET ${A}symbolConfig`]: route(5, "read", inputs.optionalSymbol, (c, q) =>
    marketsOf(c, q.symbol).map((market) => ({
      symbol: market.spec.symbol,
      marginType: "CROSSED",
      separatedType: "COMBINED",
      ...leverageFields(c, market.spec.symbol),
    })),
  ),
  [`GET ${A}commissionRate`]: route(5, "read", inputs.oneSymbol, (c, q) => {
    const { spec } = marketOf(c, q.symbol);
    return {
      symbol: q.symbol,
      makerCommissionRate: formatE8(spec.makerFeePpm * 100n),
      takerCommissionRate: formatE8(spec.takerFeePpm * 100n),
    };
  }),
  [`POST ${A}leverage`]: route(
    10,
    "trade",
    z.strictObject({
      symbol: inputs.symbol,
      marginType: z.enum(["CROSSED", "ISOLATED"]).optional(),
      crossLeverage: leverage,
      isolatedLongLeverage: leverage,
      isolatedShortLeverage: leverage,
    }),
    (c, q) => {
      const account = accountOf(c);
      const { spec } = marketOf(c, q.symbol);
      const given = [q.crossLeverage, q.isolatedLongLeverage, q.isolatedShortLeverage];
      if (given.every((value) => value === undefined))
        throw new Refusal(-1141, "PARAM_EMPTY: no leverage given");
      for (const value of given) {
        if (value === undefined) continue;
        if (!Number.isInteger(value) || value < 1 || value > spec.maxLeverage) {
          throw new Refusal(-3313, `Leverage must be a whole number from 1 to ${spec.maxLeverage}`);
        }
      }
      for (const order of [...account.openOrders.values(), ...account.openAlgos.values()]) {
        if (order.symbol === q.symbol) {
          throw new Refusal(-1054, "FAILED_PRECONDITION: leverage cannot change while orders are open");
        }
      }
      const kept = account.leverageOf(q.symbol);
      const before = kept.cross;
      kept.cross = q.crossLeverage ?? kept.cross;
      if (kept.cross < before && account.balanceE8 < boundMargin(c)) {
        kept.cross = before;
        throw new Refusal(-1054, "FAILED_PRECONDITION: available amount not enough for the lower leverage");
      }
      kept.isolatedLong = q.isolatedLongLeverage ?? kept.isolatedLong;
      kept.isolatedShort = q.isolatedShortLeverage ?? kept.isolatedShort;
      return { symbol: q.symbol, marginType: q.marginType ?? "CROSSED", ...leverageFields(c, q.symbol) };
    },
  ),
  [`POST ${A}marginType`]: route(
    20,
    "trade",
    z.strictObject({
      symbol: inputs.symbol,
      marginType: z.enum(["CROSSED", "ISOLATED"]),
      separatedType: z.enum(["COMBINED", "SEPARATED"]).optional(),
    }),
    (c, q) => {
      marketOf(c, q.symbol);
      if (q.marginType === "ISOLATED" || q.separatedType === "SEPARATED") {
        throw new Refusal(
          -1054,
          "FAILED_PRECONDITION: only CROSSED margin and COMBINED positions are offered here",
        );
      }
      return done(c);
    },
  ),
  [`POST ${A}positionMargin`]: route(
    5,
    "trade",
    z.strictObject({
      isolatedPositionId: inputs.id,
      amount: inputs.decimal,
      type: z.union([z.literal(1), z.literal(2)]),
    }),
    () => {
      throw new Refusal(-1054, "FAILED_PRECONDITION: there is no isolated position with this id");
    },
  ),
  [`GET ${A}position/allPosition`]: route(10, "read", inputs.nothing, (c) =>
    [...accountOf(c).positions.values()].map((position) => positionRow(c.exchange, accountOf(c), position)),
  ),
  [`GET ${A}position/singlePosition`]: route(2, "read", inputs.oneSymbol, (c, q) => {
    marketOf(c, q.symbol);
    const account = accountOf(c);
    return [...account.positions.values()]
      .filter((position) => position.symbol === q.symbol)
      .map((position) => positionRow(c.exchange, account, position));
  }),
  [`POST ${A}income`]: route(
    5,
    "read",
    z.strictObject({
      asset: z.string().optional(),
      // ccxt sends `currency` where the documents say `asset`; the exchange lets it pass without effect.
      currency: z.string().optional(),
      symbol: inputs.symbol.optional(),
      incomeType: z.string().optional(),
      startTime: inputs.whole.optional(),
      endTime: inputs.whole.optional(),
      limit: inputs.whole.optional(),
      nextKeyId: inputs.id.optional(),
      nextKeyTime: inputs.whole.optional(),
    }),
    (c, q) => {
      checkRange(q.startTime, q.endTime);
      const endMs = q.endTime ?? c.exchange.nowMs;
      const startMs = q.startTime ?? endMs - MAX_INCOME_SPAN_MS;
      if (q.startTime !== undefined && endMs - startMs > MAX_INCOME_SPAN_MS) {
        throw new Refusal(-1170, "QUERY_TIME_OUT_OF_RANGE: time range cannot exceed 100 days");
      }
      const limit = limitOf(q.limit, 20, 100);
      const matching = accountOf(c).income.filter(
        (row) =>
          row.tMs >= startMs &&
          row.tMs <= endMs &&
          (q.asset === undefined || q.asset === "USDT") &&
          (q.symbol === undefined || row.symbol === q.symbol) &&
          (q.incomeType === undefined || row.type === q.incomeType) &&
          (q.nextKeyId === undefined || row.billId < q.nextKeyId),
      );
      const page = matching.slice(-limit).reverse();
      const hasNextPage = matching.length > page.length;
      const last = page.at(-1);
      return {
        hasNextPage,
        nextKey: hasNextPage && last ? { nextKeyId: last.billId, nextKeyTime: last.tMs } : undefined,
        items: page.map((row) => ({
          billId: row.billId,
          asset: "USDT",
          symbol: row.symbol,
          income: formatE8(row.incomeE8),
          incomeType: row.type,
          balance: formatE8(row.balanceE8),
          fillFee: formatE8(row.feeE8),
          time: row.tMs,
          transferReason: row.reason,
        })),
      };
    },
  ),
};

function boundMargin(c: RequestContext): bigint {
  const margin = marginOf(c.exchange, accountOf(c));
  return margin.positionMarginE8 + margin.frozenE8 - margin.unrealizedE8;
}

function leverageFields(c: RequestContext, symbol: string): Record<string, Json> {
  const kept = accountOf(c).leverageOf(symbol);
  return {
    crossLeverage: kept.cross.toFixed(2),
    isolatedLongLeverage: kept.isolatedLong.toFixed(2),
    isolatedShortLeverage: kept.isolatedShort.toFixed(2),
  };
}

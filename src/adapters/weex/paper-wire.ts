/** What the paper account takes and answers over HTTP: one strict schema a call, shared by server and client. */
import { z } from "zod";

/** More rows than the account keeps. */
const MAX_ROWS = 100_000;
const symbol = z.string().regex(/^[A-Z0-9]{1,24}$/, "is not a symbol like BTCUSDT");
const id = z.string().min(1).max(64);
const e8 = z.bigint();
const positive = z.bigint().positive();
const side = z.enum(["LONG", "SHORT"]);
const timeMs = z.int().nonnegative();
const taker = z.enum(["BUY", "SELL"]);

const order = z.strictObject({
  orderId: id,
  clientOrderId: id,
  symbol,
  state: z.enum(["LIVE", "FILLED", "CANCELED", "REFUSED"]),
  side: taker,
  reduceOnly: z.boolean(),
  qtyE8: e8,
  filledQtyE8: e8,
  createdAtMs: timeMs,
  updatedAtMs: timeMs,
});
const algo = z.strictObject({
  algoId: id,
  clientAlgoId: id,
  symbol,
  kind: z.enum(["STOP", "TARGET", "OTHER"]),
  triggerE8: e8,
  qtyE8: e8,
});
const fill = z.strictObject({
  fillId: id,
  orderId: id,
  symbol,
  side: taker,
  positionSide: side,
  priceE8: e8,
  qtyE8: e8,
  quoteE8: e8,
  feeE8: e8,
  timeMs,
});
const income = z.strictObject({
  incomeId: id,
  kind: z.enum(["FUNDING", "TRANSFER", "OTHER"]),
  symbol: z.string().max(24),
  amountE8: e8,
  timeMs,
});
const rows = <T>(row: z.ZodType<T>) => z.array(row).max(MAX_ROWS);
const none = z.strictObject({});
const market = z.strictObject({ symbol });
const since = z.strictObject({ symbol, fromMs: timeMs });
const accepted = z.strictObject({ orderId: id });
const done = z.null();

/** Calls that read: either token may. */
export const READ_CALLS = {
  balance: {
    takes: none,
    answers: z.strictObject({ balanceE8: e8, availableE8: e8, unrealisedE8: e8 }),
  },
  positions: {
    takes: z.strictObject({ symbol: symbol.optional() }),
    answers: rows(z.strictObject({ symbol, side, qtyE8: e8 })),
  },
  openOrders: { takes: market, answers: rows(order) },
  orderHistory: { takes: since, answers: rows(order) },
  openAlgoOrders: { takes: market, answers: rows(algo) },
  fills: { takes: since, answers: rows(fill) },
  income: { takes: z.strictObject({ fromMs: timeMs }), answers: rows(income) },
} as const;

/** Calls that change the account: the trade token alone may. */
export const TRADE_CALLS = {
  prepare: { takes: z.strictObject({ symbol, leverage: z.int().positive() }), answers: done },
  placeEntry: {
    takes: z.strictObject({
      clientOrderId: id,
      symbol,
      side,
      qtyE8: positive,
      limitE8: positive,
      stopE8: positive,
      targetE8: positive,
    }),
    answers: accepted,
  },
  placeExit: {
    takes: z.strictObject({ clientOrderId: id, symbol, side, qtyE8: positive }),
    answers: accepted,
  },
  cancelAlgo: { takes: z.strictObject({ symbol, algoId: id }), answers: done },
  cancelOrder: { takes: z.strictObject({ symbol, orderId: id }), answers: done },
} as const;

export const TOKEN_HEADER = "x-paper-token";

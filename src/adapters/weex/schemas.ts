/**
 * Replies of WEEX REST v3 (contracts), the fields we use. Every JSON number arrives here as its digits
 * (see `parseExact`), so types do not vary with the size of a value. Fields we do not know are ignored:
 * an exchange may add some.
 */
import { z } from "zod";
import { parseDecimal } from "../../domain/money.ts";

const scaled = (decimals: number) =>
  z.string().transform((text, context) => {
    try {
      return parseDecimal(text, decimals);
    } catch {
      context.addIssue({ code: "custom", message: "not an exact decimal" });
      return z.NEVER;
    }
  });
/** Decimal string to E8; excess precision is an error. */
export const e8 = scaled(8);
export const priceE8 = e8.refine((value) => value > 0n);
export const amountE8 = e8.refine((value) => value >= 0n);
const rateE12 = scaled(12);
export const idText = z.string().regex(/^\d{1,24}$/);
const whole = z
  .string()
  .regex(/^-?\d{1,16}$/)
  .transform(Number)
  .refine(Number.isSafeInteger);
export const timeMs = whole.refine((value) => value > 0);
/** Leverages come as "20" or "20.00". */
export const leverageText = z
  .string()
  .regex(/^\d{1,4}(\.0+)?$/)
  .transform(Number);
const symbolText = z.string().regex(/^[A-Z0-9_]{1,40}$/);
const side = z.enum(["BUY", "SELL"]);
export const positionSide = z.enum(["LONG", "SHORT"]);
const list = <T extends z.ZodType>(row: T) => z.array(row);

export const timeReply = z.object({ serverTime: timeMs }).transform((reply) => reply.serverTime);

export const exchangeInfoReply = z
  .object({
    symbols: list(
      z.object({
        symbol: symbolText,
        pricePrecision: whole.refine((value) => value >= 0 && value <= 8),
        quantityPrecision: whole.refine((value) => value >= -8 && value <= 8),
        maxLeverage: leverageText,
        buyLimitPriceRatio: amountE8,
        sellLimitPriceRatio: amountE8,
        makerFeeRate: e8,
        takerFeeRate: e8,
        minOrderSize: priceE8,
        maxOrderSize: priceE8,
      }),
    ),
  })
  .transform((reply) => reply.symbols);
export const symbolsReply = list(symbolText);

const level = z.tuple([priceE8, priceE8]);
export const depthReply = z.object({ bids: list(level), asks: list(level), lastUpdateId: idText });
/** `[openMs, open, high, low, close, volume, closeMs, …]` */
export const klinesReply = list(
  z.tuple([timeMs, priceE8, priceE8, priceE8, priceE8, amountE8], z.unknown()).transform((row) => ({
    openTimeMs: row[0],
    openE8: row[1],
    highE8: row[2],
    lowE8: row[3],
    closeE8: row[4],
    volumeE8: row[5],
  })),
);
export const fundingReply = list(
  z
    .object({ fundingRate: rateE12, fundingTime: timeMs })
    .transform((row) => ({ fundingTimeMs: row.fundingTime, rateE12: row.fundingRate })),
);
export const openInterestReply = z
  .object({ openInterest: amountE8, time: timeMs })
  .transform((reply) => ({ observedAtMs: reply.time, amountE8: reply.openInterest }));
export const symbolPriceReply = z.object({ price: priceE8 }).transform((reply) => reply.price);

export const balanceReply = list(
  z.object({ asset: z.string(), balance: e8, availableBalance: e8, unrealizePnl: e8 }),
);
export const positionsReply = list(z.object({ symbol: symbolText, side: positionSide, size: amountE8 }));
export const symbolConfigReply = list(
  z.object({
    symbol: symbolText,
    marginType: z.enum(["CROSSED", "ISOLATED"]),
    separatedType: z.enum(["COMBINED", "SEPARATED"]),
    crossLeverage: leverageText,
    isolatedLongLeverage: leverageText,
    isolatedShortLeverage: leverageText,
  }),
);
export const doneReply = z.object({});

export const ordersReply = list(
  z.object({
    orderId: idText,
    clientOrderId: z
      .string()
      .nullish()
      .transform((text) => text ?? ""),
    symbol: symbolText,
    status: z.string(),
    type: z.string(),
    side,
    positionSide,
    reduceOnly: z.boolean().nullish(),
    origQty: amountE8,
    executedQty: amountE8,
    time: timeMs,
    updateTime: timeMs,
  }),
);
export const algoOrdersReply = list(
  z.object({
    algoId: idText,
    clientAlgoId: z
      .string()
      .nullish()
      .transform((text) => text ?? ""),
    symbol: symbolText,
    orderType: z.string(),
    triggerPrice: amountE8,
    quantity: amountE8,
  }),
);
export const fillsReply = list(
  z.object({
    id: idText,
    orderId: idText,
    symbol: symbolText,
    side,
    positionSide,
    price: amountE8.nullish(),
    qty: priceE8,
    quoteQty: amountE8,
    commission: e8,
    commissionAsset: z.string(),
    time: timeMs,
  }),
);
export const incomeReply = z.object({
  hasNextPage: z.boolean(),
  nextKey: z.object({ nextKeyId: idText, nextKeyTime: timeMs }).nullish(),
  items: list(
    z.object({
      billId: idText,
      asset: z.string(),
      symbol: z
        .string()
        .nullish()
        .transform((text) => text ?? ""),
      income: e8,
      incomeType: z.string().min(1),
      time: timeMs,
    }),
  ),
});
export const ackReply = z.object({
  orderId: z.string().nullish(),
  success: z.boolean(),
  errorCode: z.string().nullish(),
  errorMessage: z.string().nullish(),
});

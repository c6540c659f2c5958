/** Stream frames of WEEX v3 that give hints. Unknown kinds and fields are ignored. */
import { z } from "zod";
import type { VenueHint } from "../../ports/venue.ts";
import { priceE8 } from "./schemas.ts";

const ms = z.union([
  z.int(),
  z
    .string()
    .regex(/^\d{1,16}$/)
    .transform(Number),
]);
export const klineFrame = z.object({ s: z.string(), d: z.array(z.object({ t: ms, i: z.string() })) });
export const tickerFrame = z.object({
  s: z.string(),
  d: z.array(z.object({ c: priceE8, m: priceE8, i: priceE8 })).min(1),
});
export const accountFrame = z.object({ d: z.array(z.object({ symbol: z.string().optional() })) });

/** Private channels and what they hint at; `account` carries no symbol. */
export const PRIVATE_HINTS: Record<string, VenueHint["kind"]> = {
  orders: "order",
  fill: "fill",
  positions: "position",
  account: "position",
};

export const publicChannels = (symbol: string): string[] => [
  depthChannel(symbol),
  `${symbol}@kline_1m_LAST_PRICE`,
  `${symbol}@trade`,
  `${symbol}@ticker`,
];
export const depthChannel = (symbol: string): string => `${symbol}@depth200`;

import { UsageError } from "../errors/errors.ts";

/** `venue:SYMBOL`, e.g. `weex:BTCUSDT`. */
export function symbolOf(market: string): string {
  const [venue, symbol] = market.split(":");
  if (venue !== "weex" || !symbol || !/^[A-Z0-9]{2,20}$/.test(symbol))
    throw new UsageError("market.unknown", `"${market}" is not a market; write it like weex:BTCUSDT`);
  return symbol;
}

/** Fixed-width decimal so that text order is number order in the store. */
export const sortKey = (value: number | bigint): string => value.toString().padStart(16, "0");

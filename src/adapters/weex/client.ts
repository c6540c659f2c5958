/**
 * The WEEX connector: `createWeexClient` for the engine, `createWeexAccountReader` for witnesses (no way to trade).
 * Nothing is loaded or connected before the first call.
 */
import type { VenueAccount, VenueTrading } from "../../ports/venue.ts";
import { createWeexAccount, type WeexAccount } from "./account.ts";
import { checkedBook, createWeexData, type WeexData } from "./data.ts";
import { createExchange, type Exchange } from "./exchange.ts";
import { readOptions, type WeexOptions } from "./options.ts";
import { createRateLimiter, type RateLimiter } from "./rate-limiter.ts";
import { createWeexStream, type WeexStream } from "./stream.ts";
import { createWeexTrading } from "./trading.ts";
import { createTransport } from "./transport.ts";

export type WeexClient = WeexData &
  VenueTrading &
  WeexAccount &
  WeexStream & { requestWeight: RateLimiter["seen"] };

function assemble(options: WeexOptions) {
  const settings = readOptions(options);
  const clock = { offsetMs: 0 };
  const limiter = createRateLimiter(settings.now);
  let loading: Promise<Exchange> | undefined;
  const exchange = () => {
    loading ??= createExchange(settings, {
      venueNow: transport.venueNow,
      onHeaders: limiter.onHeaders,
      onFrame: parts.onFrame,
      onDown: parts.onDown,
    });
    return loading;
  };
  const transport = createTransport(settings, clock, limiter, exchange);
  const parts = createWeexStream(exchange, {
    venueNow: transport.venueNow,
    isPrivate: settings.credentials !== undefined,
    timeoutMs: settings.requestTimeoutMs,
  });
  const streamed = (symbol: string) => {
    const book = settings.bookSource === "STREAM" ? parts.stream.liveBook(symbol) : undefined;
    return book && checkedBook(book);
  };
  const data = createWeexData(transport, streamed);
  const account = createWeexAccount(transport);
  return { settings, transport, limiter, data, account, stream: parts.stream };
}

/** @throws UsageError for a bad option; nothing is sent yet. */
export function createWeexClient(options: WeexOptions): WeexClient {
  const { settings, transport, limiter, data, account, stream } = assemble(options);
  const trading = createWeexTrading(transport, settings, data, account);
  return { ...data, ...trading, ...stream, requestWeight: limiter.seen };
}

/** The read-only half of the account and public data, for keys without trading rights. */
export function createWeexAccountReader(options: WeexOptions): WeexData & VenueAccount & WeexAccount {
  const { data, account } = assemble(options);
  return { ...data, ...account };
}

/** A loopback server that gives scripted replies, for what the real shape of a reply does to the connector. */
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";

export type Heard = {
  method: string;
  path: string;
  query: string;
  headers: IncomingHttpHeaders;
  body: string;
};
export type Reply = { status?: number; body: string; headers?: Record<string, string> };

export async function startScripted(answer: (heard: Heard) => Reply) {
  const heard: Heard[] = [];
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://localhost");
    const chunks: Buffer[] = [];
    request.on("data", (chunk) => chunks.push(chunk));
    request.on("end", () => {
      const method = request.method ?? "";
      const call = {
        method,
        path: url.pathname,
        query: url.search,
        headers: request.headers,
        body: Buffer.concat(chunks).toString(),
      };
      heard.push(call);
      const reply = answer(call);
      response
        .writeHead(reply.status ?? 200, { "content-type": "application/json", ...reply.headers })
        .end(reply.body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    rest: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    heard,
    stop: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A contract row as the exchange writes it: numbers as numbers, small ones with an exponent. */
export const CATALOGUE = `{"assets":[],"symbols":[{"symbol":"BTCUSDT","baseAsset":"BTC","pricePrecision":1,"quantityPrecision":4,
"contractVal":1.0E-4,"minLeverage":1,"maxLeverage":400,"buyLimitPriceRatio":0.01,"sellLimitPriceRatio":0.02,"makerFeeRate":2.0E-4,
"takerFeeRate":8.0E-4,"minOrderSize":1.0E-4,"maxOrderSize":1200},{"symbol":"DOGEUSDT","baseAsset":"DOGE","pricePrecision":5,
"quantityPrecision":-2,"contractVal":100,"minLeverage":1,"maxLeverage":200,"buyLimitPriceRatio":0.05,"sellLimitPriceRatio":0.05,
"makerFeeRate":2.0E-4,"takerFeeRate":8.0E-4,"minOrderSize":100,"maxOrderSize":200200000}]}`;

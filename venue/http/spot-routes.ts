// The spot endpoints that a client's start-up asks for. There is no spot market here; lists are empty.

import * as inputs from "./inputs.ts";
import { type Routes, route } from "./routes.ts";

export const spotRoutes: Routes = {
  "GET /api/v3/time": route(1, "public", inputs.nothing, (c) => ({ serverTime: c.shownMs })),
  "GET /api/v3/ping": route(1, "public", inputs.nothing, () => ({})),
  "GET /api/v3/coins": route(5, "public", inputs.nothing, () => []),
  "GET /api/v3/exchangeInfo": route(5, "public", inputs.optionalSymbol, (c) => ({
    timezone: "UTC",
    serverTime: c.shownMs,
    symbols: [],
  })),
  "GET /api/v3/account/": route(5, "read", inputs.nothing, (c) => ({
    makerCommission: 10,
    takerCommission: 10,
    commissionRates: { maker: "0.0010", taker: "0.0010" },
    canTrade: false,
    canWithdraw: false,
    canDeposit: false,
    permissions: [],
    balances: [],
    uid: /^\d{1,18}$/.test(c.account?.uid ?? "") ? BigInt(c.account!.uid) : 0,
  })),
};

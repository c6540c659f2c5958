/** The contract endpoints we use (WEEX REST v3), with their request weight per IP. */
export type Endpoint = {
  path: string;
  method: "GET" | "POST" | "DELETE";
  signed: boolean;
  weight: number;
  /** May be sent again after an unknown outcome without changing anything twice. */
  repeatable: boolean;
};

const open = (path: string, weight: number): Endpoint => ({
  path: `capi/v3/market/${path}`,
  method: "GET",
  signed: false,
  weight,
  repeatable: true,
});
const read = (path: string, weight: number, method: "GET" | "POST" = "GET"): Endpoint => ({
  path: `capi/v3/${path}`,
  method,
  signed: true,
  weight,
  repeatable: true,
});
const act = (path: string, weight: number, method: "POST" | "DELETE"): Endpoint => ({
  ...read(path, weight),
  method,
  repeatable: false,
});

export const ENDPOINTS = {
  time: open("time", 1),
  exchangeInfo: open("exchangeInfo", 1),
  apiTradingSymbols: open("apiTradingSymbols", 5),
  depth: open("depth", 1),
  klines: open("klines", 1),
  historyKlines: open("historyKlines", 5),
  fundingRate: open("fundingRate", 5),
  openInterest: open("openInterest", 2),
  symbolPrice: open("symbolPrice", 1),
  balance: read("account/balance", 5),
  symbolConfig: read("account/symbolConfig", 2),
  positions: read("account/position/allPosition", 10),
  income: read("account/income", 5, "POST"),
  setLeverage: read("account/leverage", 10, "POST"),
  setMarginType: read("account/marginType", 20, "POST"),
  openOrders: read("openOrders", 2),
  openAlgoOrders: read("openAlgoOrders", 2),
  orderHistory: read("order/history", 10),
  userTrades: read("userTrades", 5),
  placeOrder: act("order", 2, "POST"),
  cancelOrder: act("order", 1, "DELETE"),
  cancelAlgo: act("algoOrder", 1, "DELETE"),
} as const satisfies Record<string, Endpoint>;

/**
 * PAPER trading: orders are simulated against live public data and no money moves. For forward tests with a real
 * market. Deterministic for the same data and times; every doubt is decided against us.
 */
import { quoteE8, quoteE8Up } from "../../domain/money.ts";
import { Refused } from "../../errors/errors.ts";
import type { EntryOrder, ExitOrder, MarketRules, VenueData, VenueTrading } from "../../ports/venue.ts";
import { bookOrder, bookTrigger, playBars } from "./paper-book.ts";
import { sweep, triggerAtPrice } from "./paper-fills.ts";
import { deserialise, openAccount, type PaperState, type PaperStore, serialise } from "./paper-state.ts";

export type PaperTrading = VenueTrading & {
  readonly label: "paper";
  /** Checks stops, targets and funding against what the market has done since the last call. */
  poll(): Promise<void>;
  /** Checks stop and target of a market against a price seen now. */
  onPrice(symbol: string, priceE8: bigint): Promise<void>;
};
export type PaperOptions = {
  data: VenueData;
  store: PaperStore;
  /** Key of this account in the store. */
  account: string;
  /** Opening balance of a new account, E8. */
  balanceE8: bigint;
  /** Venue time in ms. */
  now: () => number;
};

/** Settled funding points looked at in one poll; a position is polled far more often than that. */
const FUNDING_LOOKBACK = 200;
const DEFAULT_LEVERAGE = 1;
const refuse = (code: string, message: string): Refused =>
  new Refused(`paper.${code}`, `Paper venue refused: ${message}`);

export function createPaperTrading(options: PaperOptions): PaperTrading {
  const { data, store, account, now } = options;
  let queue: Promise<unknown> = Promise.resolve();

  async function load(): Promise<PaperState> {
    const text = await store.get(account);
    return text === undefined ? openAccount(options.balanceE8, now()) : deserialise(text);
  }

  /** One call at a time; what a call changed is stored before its caller hears of it. */
  function exclusively<T>(work: (state: PaperState) => Promise<T>): Promise<T> {
    const run = async () => {
      const state = await load();
      await catchUp(state);
      try {
        return await work(state);
      } finally {
        await store.put(account, serialise(state));
      }
    };
    const result = queue.then(run, run);
    queue = result.catch(() => {});
    return result;
  }

  async function catchUp(state: PaperState): Promise<void> {
    for (const position of [...state.positions]) {
      const bars = await data.candles(position.symbol, position.barsToMs, now());
      if (bars.length === 0) continue;
      const funding = await data.funding(position.symbol, now(), FUNDING_LOOKBACK);
      playBars(state, position, bars, funding, await data.marketRules(position.symbol));
    }
  }

  const leverageOf = (state: PaperState, symbol: string): bigint =>
    BigInt(state.leverage[symbol] ?? DEFAULT_LEVERAGE);
  const marginOf = (state: PaperState): bigint =>
    state.positions.reduce(
      (sum, position) => sum + position.openQuoteE8 / leverageOf(state, position.symbol),
      0n,
    );

  function checkNew(state: PaperState, clientOrderId: string): void {
    if (state.orders.some((order) => order.clientOrderId === clientOrderId))
      throw refuse("duplicate", `the client order id ${clientOrderId} was used before`);
  }

  function checkEntry(state: PaperState, order: EntryOrder, rules: MarketRules): void {
    checkNew(state, order.clientOrderId);
    const offTick = [order.limitE8, order.stopE8, order.targetE8].some(
      (price) => price <= 0n || price % rules.tickE8 !== 0n,
    );
    if (offTick || order.qtyE8 % rules.lotE8 !== 0n)
      throw refuse("step", "a price is off the tick or the quantity off the lot");
    if (order.qtyE8 < rules.minQtyE8 || order.qtyE8 > rules.maxQtyE8)
      throw refuse("size", "the quantity is outside the contract's limits");
    if (state.positions.some((position) => position.symbol === order.symbol))
      throw refuse("position", "the market has an open position");
    const quote = quoteE8Up(order.limitE8, order.qtyE8);
    const needed = quote / leverageOf(state, order.symbol) + quoteE8Up(quote, rules.takerFeeE8);
    if (needed > state.balanceE8 - marginOf(state)) throw refuse("balance", "available amount not enough");
  }

  const placeEntry = (order: EntryOrder) =>
    exclusively(async (state) => {
      const rules = await data.marketRules(order.symbol);
      checkEntry(state, order, rules);
      const taker = order.side === "LONG" ? "BUY" : "SELL";
      const levels = sweep(
        await data.book(order.symbol),
        taker,
        order.qtyE8,
        order.limitE8,
        rules.takerFeeE8,
      );
      const atMs = now();
      const { clientOrderId, symbol, side, qtyE8 } = order;
      const booked = bookOrder(
        state,
        { clientOrderId, symbol, positionSide: side, closes: false, qtyE8, atMs },
        levels,
      );
      if (booked.filledQtyE8 > 0n)
        state.positions.push({
          symbol,
          side,
          qtyE8: booked.filledQtyE8,
          openQuoteE8: levels.reduce((sum, level) => sum + level.quoteE8, 0n),
          stopE8: order.stopE8,
          targetE8: order.targetE8,
          openedAtMs: atMs,
          barsToMs: Math.floor(atMs / 60_000) * 60_000,
          fundedToMs: atMs,
        });
      return { orderId: booked.orderId };
    });

  const placeExit = (order: ExitOrder) =>
    exclusively(async (state) => {
      checkNew(state, order.clientOrderId);
      const { clientOrderId, symbol, side, qtyE8 } = order;
      const position = state.positions.find(
        (candidate) => candidate.symbol === symbol && candidate.side === side,
      );
      if (!position || qtyE8 <= 0n || qtyE8 > position.qtyE8)
        throw refuse("reduceOnly", "position available size not enough to close");
      const rules = await data.marketRules(symbol);
      const levels = sweep(
        await data.book(symbol),
        side === "LONG" ? "SELL" : "BUY",
        qtyE8,
        undefined,
        rules.takerFeeE8,
      );
      const draft = { clientOrderId, symbol, positionSide: side, closes: true, qtyE8, atMs: now() };
      return { orderId: bookOrder(state, draft, levels).orderId };
    });

  async function balance(state: PaperState) {
    let unrealisedE8 = 0n;
    for (const position of state.positions) {
      const worth = quoteE8((await data.prices(position.symbol)).markE8, position.qtyE8);
      unrealisedE8 += position.side === "LONG" ? worth - position.openQuoteE8 : position.openQuoteE8 - worth;
    }
    const free = state.balanceE8 - marginOf(state) + unrealisedE8;
    return { balanceE8: state.balanceE8, availableE8: free > 0n ? free : 0n, unrealisedE8 };
  }

  /** Stop and target of a position are listed as `<symbol>-STOP` and `<symbol>-TARGET`. */
  const algosOf = (state: PaperState, symbol: string) =>
    state.positions
      .filter((position) => position.symbol === symbol)
      .flatMap((position) =>
        (["STOP", "TARGET"] as const).flatMap((kind) => {
          const triggerE8 = kind === "STOP" ? position.stopE8 : position.targetE8;
          const algoId = `${symbol}-${kind}`;
          return triggerE8 === null
            ? []
            : [{ algoId, clientAlgoId: algoId, symbol, kind, triggerE8, qtyE8: position.qtyE8 }];
        }),
      );

  return {
    label: "paper",
    poll: () => exclusively(async () => {}),
    onPrice: (symbol, priceE8) =>
      exclusively(async (state) => {
        const position = state.positions.find((candidate) => candidate.symbol === symbol);
        if (!position) return;
        const rules = await data.marketRules(symbol);
        const trigger = triggerAtPrice(position, priceE8, rules.tickE8);
        if (trigger) bookTrigger(state, position, trigger, rules, now());
      }),
    balance: () => exclusively(balance),
    positions: (symbol) =>
      exclusively(async (state) =>
        state.positions
          .filter((position) => symbol === undefined || position.symbol === symbol)
          .map(({ symbol: market, side, qtyE8 }) => ({ symbol: market, side, qtyE8 })),
      ),
    openOrders: () => exclusively(async () => []),
    orderHistory: (symbol, fromMs) =>
      exclusively(async (state) =>
        state.orders.filter((order) => order.symbol === symbol && order.updatedAtMs >= fromMs),
      ),
    openAlgoOrders: (symbol) => exclusively(async (state) => algosOf(state, symbol)),
    fills: (symbol, fromMs) =>
      exclusively(async (state) =>
        state.fills.filter((fill) => fill.symbol === symbol && fill.timeMs >= fromMs),
      ),
    income: (fromMs) => exclusively(async (state) => state.income.filter((row) => row.timeMs >= fromMs)),
    prepare: (symbol, leverage) =>
      exclusively(async (state) => {
        const rules = await data.marketRules(symbol);
        if (!Number.isInteger(leverage) || leverage < 1 || leverage > rules.maxLeverage)
          throw refuse("leverage", `leverage must be a whole number from 1 to ${rules.maxLeverage}`);
        state.leverage[symbol] = leverage;
      }),
    placeEntry,
    placeExit,
    cancelAlgo: (symbol, algoId) =>
      exclusively(async (state) => {
        const position = state.positions.find((candidate) => candidate.symbol === symbol);
        if (position && position.stopE8 !== null && algoId === `${symbol}-STOP`) position.stopE8 = null;
        else if (position && position.targetE8 !== null && algoId === `${symbol}-TARGET`)
          position.targetE8 = null;
        else throw refuse("absent", "Order does not exist");
      }),
    cancelOrder: async () => {
      throw refuse("absent", "Order does not exist");
    },
  };
}

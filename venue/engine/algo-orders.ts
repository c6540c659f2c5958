// Orders that wait for a price: standalone ones, and the stop and target attached to an entry, which come to life
// with its fills and always match what was filled. They are looked at once a tick, and may outlive their position.

import type { Account } from "./account.ts";
import type { Exchange } from "./exchange.ts";
import type { Market } from "./market.ts";
import { checkOpening, executeOrder } from "./order-entry.ts";
import { cancelOrder, newOrder } from "./order-life.ts";
import { type AlgoOrder, type Order, opensPosition, type Protection, Refusal } from "./records.ts";

export type AlgoDraft = Pick<
  AlgoOrder,
  | "symbol"
  | "type"
  | "side"
  | "positionSide"
  | "timeInForce"
  | "wholePosition"
  | "triggerTicks"
  | "priceTicks"
  | "workingType"
  | "lots"
> & {
  clientAlgoId: string | undefined;
  parentOrderId?: bigint;
  takeProfit?: Protection | undefined;
  stopLoss?: Protection | undefined;
};

export function newAlgo(exchange: Exchange, account: Account, draft: AlgoDraft): AlgoOrder {
  const id = exchange.nextId();
  const algo: AlgoOrder = {
    ...draft,
    id,
    uid: account.uid,
    clientAlgoId: draft.clientAlgoId ?? `tpsl-${id}`,
    closes: !opensPosition(draft.side, draft.positionSide),
    parentOrderId: draft.parentOrderId ?? 0n,
    takeProfit: draft.takeProfit,
    stopLoss: draft.stopLoss,
    createdMs: exchange.nowMs,
    updatedMs: exchange.nowMs,
    triggerMs: 0,
    status: "UNTRIGGERED",
    actualOrderId: undefined,
  };
  account.keepAlgo(algo);
  account.openAlgos.set(id, algo);
  exchange.out?.algoChanged(account, algo);
  return algo;
}

/** Called for every fill: the attached stop and target grow with the entry. */
export function createProtections(exchange: Exchange, market: Market, entry: Order, lots: number): void {
  if (entry.closes) return;
  const account = exchange.account(entry.uid);
  const wanted = [
    ["STOP_MARKET", entry.stopLoss],
    ["TAKE_PROFIT_MARKET", entry.takeProfit],
  ] as const;
  for (const [type, protection] of wanted) {
    if (protection === undefined) continue;
    const live = entry.protections.find((algo) => algo.type === type && algo.status === "UNTRIGGERED");
    if (live !== undefined) {
      live.lots += lots;
      live.updatedMs = exchange.nowMs;
      exchange.out?.algoChanged(account, live);
      continue;
    }
    const algo = newAlgo(exchange, account, {
      symbol: market.spec.symbol,
      clientAlgoId: undefined,
      type,
      side: entry.side === "BUY" ? "SELL" : "BUY",
      positionSide: entry.positionSide,
      timeInForce: "IOC",
      wholePosition: false,
      triggerTicks: protection.triggerTicks,
      priceTicks: 0,
      workingType: protection.workingType,
      lots,
      parentOrderId: entry.id,
    });
    entry.protections.push(algo);
  }
}

export function triggerAlgoOrders(exchange: Exchange, market: Market): void {
  for (const account of exchange.accounts.values()) {
    if (account.openAlgos.size === 0) continue;
    for (const algo of [...account.openAlgos.values()]) {
      if (algo.symbol === market.spec.symbol && algo.status === "UNTRIGGERED" && isDue(algo, market)) {
        trigger(exchange, account, market, algo);
      }
    }
  }
}

function isDue(algo: AlgoOrder, market: Market): boolean {
  const price = algo.workingType === "MARK_PRICE" ? market.mark : market.last;
  const isStop = algo.type === "STOP" || algo.type === "STOP_MARKET";
  const rises = isStop === (algo.side === "BUY");
  return rises ? price >= algo.triggerTicks : price <= algo.triggerTicks;
}

function trigger(exchange: Exchange, account: Account, market: Market, algo: AlgoOrder): void {
  account.openAlgos.delete(algo.id);
  algo.status = "TRIGGERED";
  algo.triggerMs = exchange.nowMs;
  algo.updatedMs = exchange.nowMs;
  const lots = algo.closes ? makeRoomToClose(exchange, account, algo) : algo.lots;
  const order = newOrder(exchange, account, {
    symbol: algo.symbol,
    clientOrderId: algo.clientAlgoId,
    side: algo.side,
    positionSide: algo.positionSide,
    type: algo.priceTicks === 0 ? "MARKET" : "LIMIT",
    timeInForce: algo.priceTicks === 0 ? "IOC" : algo.timeInForce,
    priceTicks: algo.priceTicks,
    lots: lots || algo.lots || market.spec.minLots,
    source: "TPSL",
    takeProfit: algo.takeProfit,
    stopLoss: algo.stopLoss,
    parentOrderId: algo.parentOrderId,
  });
  algo.actualOrderId = order.id;
  exchange.out?.algoChanged(account, algo);
  if (lots === 0) cancelOrder(exchange, order, "REDUCE_ONLY_NO_POSITION");
  else if (!algo.closes && !canOpen(exchange, account, market, order))
    cancelOrder(exchange, order, "NO_MARGIN");
  else executeOrder(exchange, account, market, order);
}

function canOpen(exchange: Exchange, account: Account, market: Market, order: Order): boolean {
  try {
    checkOpening(exchange, account, market, order);
    return true;
  } catch (error) {
    if (error instanceof Refusal) return false;
    throw error;
  }
}

/** A triggered stop goes before resting exits: the newest of those give way until it fits the position. */
function makeRoomToClose(exchange: Exchange, account: Account, algo: AlgoOrder): number {
  const held = account.position(algo.symbol, algo.positionSide)?.lots ?? 0;
  const lots = algo.wholePosition ? held : Math.min(algo.lots, held);
  const resting = [...account.openOrders.values()].reverse();
  for (const order of resting) {
    if (account.closableLots(algo.symbol, algo.positionSide) >= lots) break;
    if (order.closes && order.symbol === algo.symbol && order.positionSide === algo.positionSide) {
      cancelOrder(exchange, order, "TRIGGERED_EXIT_GOES_FIRST");
    }
  }
  return lots;
}

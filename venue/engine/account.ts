// One account (uid): its ledger, positions, orders and history. The identity
// balance = deposits - withdrawals + adjust + realized - fees + funding + insurance holds after every call.

import { ceilDiv } from "../money/e8.ts";
import type { AlgoOrder, Fill, Income, IncomeType, Order, Position, PositionSide } from "./records.ts";

export const MAX_ORDERS_KEPT = 100_000;
export const MAX_FILLS_KEPT = 200_000;
export const MAX_INCOME_KEPT = 100_000;
export const MAX_OPEN_ORDERS = 200;
export const MAX_OPEN_ALGO_ORDERS = 200;
export const DEFAULT_LEVERAGE = 20;

export interface Leverages {
  cross: number;
  isolatedLong: number;
  isolatedShort: number;
}

export class Account {
  readonly uid: string;
  depositsE8 = 0n;
  withdrawalsE8 = 0n;
  adjustE8 = 0n;
  realizedE8 = 0n;
  feesE8 = 0n;
  fundingE8 = 0n;
  insuranceE8 = 0n;
  readonly transferRefs = new Set<string>();
  /** Keyed by symbol and side; a row leaves when it is flat. */
  readonly positions = new Map<string, Position>();
  readonly openOrders = new Map<bigint, Order>();
  readonly openAlgos = new Map<bigint, AlgoOrder>();
  readonly orders = new Map<bigint, Order>();
  readonly algos = new Map<bigint, AlgoOrder>();
  readonly clientIds = new Map<string, bigint>();
  readonly clientAlgoIds = new Map<string, bigint>();
  readonly fills: Fill[] = [];
  readonly income: Income[] = [];
  fillCount = 0;
  frameVersion = 0;
  private readonly leverages = new Map<string, Leverages>();

  constructor(uid: string) {
    this.uid = uid;
  }

  get balanceE8(): bigint {
    return (
      this.depositsE8 -
      this.withdrawalsE8 +
      this.adjustE8 +
      this.realizedE8 -
      this.feesE8 +
      this.fundingE8 +
      this.insuranceE8
    );
  }

  leverageOf(symbol: string): Leverages {
    let found = this.leverages.get(symbol);
    if (found === undefined) {
      found = { cross: DEFAULT_LEVERAGE, isolatedLong: DEFAULT_LEVERAGE, isolatedShort: DEFAULT_LEVERAGE };
      this.leverages.set(symbol, found);
    }
    return found;
  }

  position(symbol: string, side: PositionSide): Position | undefined {
    return this.positions.get(`${symbol}/${side}`);
  }

  /** Cost of the position over the leverage, in the venue's favour. */
  positionMarginE8(position: Position): bigint {
    return ceilDiv(position.openValueE8, BigInt(this.leverageOf(position.symbol).cross));
  }

  /** Lots of a position that no resting order is going to close. */
  closableLots(symbol: string, side: PositionSide): number {
    let lots = this.position(symbol, side)?.lots ?? 0;
    for (const order of this.openOrders.values()) {
      if (order.closes && order.symbol === symbol && order.positionSide === side)
        lots -= order.lots - order.filledLots;
    }
    return lots;
  }

  keepOrder(order: Order): void {
    this.orders.set(order.id, order);
    this.clientIds.set(order.clientOrderId, order.id);
    if (this.orders.size > MAX_ORDERS_KEPT) dropOldest(this.orders, this.openOrders);
  }

  keepAlgo(algo: AlgoOrder): void {
    this.algos.set(algo.id, algo);
    this.clientAlgoIds.set(algo.clientAlgoId, algo.id);
    if (this.algos.size > MAX_ORDERS_KEPT) dropOldest(this.algos, this.openAlgos);
  }

  keepFill(fill: Fill): void {
    this.fillCount += 1;
    this.fills.push(fill);
    if (this.fills.length > MAX_FILLS_KEPT) this.fills.splice(0, MAX_FILLS_KEPT / 10);
  }

  keepIncome(
    billId: bigint,
    type: IncomeType,
    symbol: string,
    incomeE8: bigint,
    feeE8: bigint,
    tMs: number,
  ): void {
    const balanceE8 = this.balanceE8;
    const reason = "UNKNOWN_TRANSFER_REASON";
    this.income.push({ billId, symbol, type, incomeE8, feeE8, balanceE8, tMs, reason });
    if (this.income.length > MAX_INCOME_KEPT) this.income.splice(0, MAX_INCOME_KEPT / 10);
  }
}

function dropOldest<T>(all: Map<bigint, T>, open: Map<bigint, T>): void {
  for (const id of all.keys()) {
    if (open.has(id)) continue;
    all.delete(id);
    return;
  }
}

// Money that enters and leaves from outside, and the exact figures of an account.

import type { Exchange } from "../engine/exchange.ts";
import { marginOf } from "../engine/margin.ts";
import type { Json } from "../http/json.ts";

export const MAX_TRANSFER_REFS = 100_000;

export function deposit(exchange: Exchange, uid: string, amountE8: bigint, ref: string): Json | undefined {
  const account = exchange.account(uid);
  if (!takeRef(account.transferRefs, ref)) return { applied: false, balanceE8: account.balanceE8.toString() };
  account.depositsE8 += amountE8;
  account.keepIncome(exchange.nextId(), "deposit", "", amountE8, 0n, exchange.nowMs);
  exchange.out?.balanceChanged(account, "DepositUpdate");
  exchange.out?.flush();
  return { applied: true, balanceE8: account.balanceE8.toString() };
}

/** Undefined when the account cannot spare it. */
export function withdraw(exchange: Exchange, uid: string, amountE8: bigint, ref: string): Json | undefined {
  const account = exchange.account(uid);
  if (account.transferRefs.has(ref)) return { applied: false, balanceE8: account.balanceE8.toString() };
  const margin = marginOf(exchange, account);
  // Profit that is not realised cannot leave.
  if (amountE8 > margin.availableE8 || amountE8 > margin.balanceE8) return undefined;
  takeRef(account.transferRefs, ref);
  account.withdrawalsE8 += amountE8;
  account.keepIncome(exchange.nextId(), "withdraw", "", -amountE8, 0n, exchange.nowMs);
  exchange.out?.balanceChanged(account, "WithdrawUpdate");
  exchange.out?.flush();
  return { applied: true, balanceE8: account.balanceE8.toString() };
}

/** Moves units that no row explains, for those who must notice. */
export function adjust(exchange: Exchange, uid: string, amountE8: bigint): Json {
  const account = exchange.account(uid);
  account.adjustE8 += amountE8;
  return { balanceE8: account.balanceE8.toString() };
}

export function ledgerOf(exchange: Exchange, uid: string): Json {
  const account = exchange.account(uid);
  const margin = marginOf(exchange, account);
  return {
    uid,
    depositsE8: account.depositsE8.toString(),
    withdrawalsE8: account.withdrawalsE8.toString(),
    adjustE8: account.adjustE8.toString(),
    realizedPnlE8: account.realizedE8.toString(),
    feesE8: account.feesE8.toString(),
    fundingE8: account.fundingE8.toString(),
    insuranceE8: account.insuranceE8.toString(),
    balanceE8: account.balanceE8.toString(),
    availableE8: margin.availableE8.toString(),
    unrealizedPnlE8: margin.unrealizedE8.toString(),
    positions: [...account.positions.values()].map((position) => ({
      symbol: position.symbol,
      side: position.side,
      qtyE8: exchange.markets.get(position.symbol)!.qtyE8(position.lots).toString(),
      openValueE8: position.openValueE8.toString(),
      positionId: position.id.toString(),
    })),
    openOrders: account.openOrders.size,
    algoOrders: account.openAlgos.size,
    fills: account.fillCount,
  };
}

function takeRef(refs: Set<string>, ref: string): boolean {
  if (refs.has(ref)) return false;
  if (refs.size >= MAX_TRANSFER_REFS) throw new Error("too many transfers");
  refs.add(ref);
  return true;
}

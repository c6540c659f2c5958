/**
 * A real account as a fund sees it that took it over at a certain time: what the account held then is the one transfer
 * that opened it, and what happened before is nobody's business. The balance below one E6 is left out of every sum:
 * the fund's asset cannot say it.
 */
import type { VenueAccount } from "../../ports/venue.ts";

/** `balanceE8` is a whole number of E6; `remainderE8` is what the account held beside it. Venue time in ms. */
export type Opening = { atMs: number; balanceE8: bigint; remainderE8: bigint };

const E8_PER_E6 = 100n;

export function openingOf(balanceE8: bigint, atMs: number): Opening {
  const remainderE8 = balanceE8 % E8_PER_E6;
  return { atMs, balanceE8: balanceE8 - remainderE8, remainderE8 };
}

export function sinceOpening<Account extends VenueAccount>(account: Account, opening: Opening): Account {
  const { atMs, balanceE8, remainderE8 } = opening;
  const view: Pick<VenueAccount, "balance" | "fills" | "income"> = {
    async balance() {
      const now = await account.balance();
      return { ...now, balanceE8: now.balanceE8 - remainderE8 };
    },
    fills: (symbol, fromMs) => account.fills(symbol, Math.max(fromMs, atMs + 1)),
    async income(fromMs) {
      const rows = await account.income(Math.max(fromMs, atMs + 1));
      const transfer = {
        incomeId: "opening",
        kind: "TRANSFER" as const,
        symbol: "",
        amountE8: balanceE8,
        timeMs: atMs,
      };
      return fromMs <= atMs ? [transfer, ...rows] : rows;
    },
  };
  return { ...account, ...view };
}

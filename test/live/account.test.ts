/** A real account taken over as it is, and the keys to it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { openingOf, sinceOpening } from "../../src/adapters/weex/since-opening.ts";
import { readWeexKeys } from "../../src/config/weex-keys.ts";
import { UsageError } from "../../src/errors/errors.ts";
import type { VenueAccount } from "../../src/ports/venue.ts";

const OPENED_MS = 1_000_000;

/** An account with a life before: a deposit, a trade, then ours. */
function account(balanceE8: bigint): VenueAccount {
  const rows = [
    { incomeId: "1", kind: "TRANSFER" as const, symbol: "", amountE8: 900n, timeMs: 5 },
    { incomeId: "2", kind: "FUNDING" as const, symbol: "BTCUSDT", amountE8: -7n, timeMs: OPENED_MS },
    { incomeId: "3", kind: "FUNDING" as const, symbol: "BTCUSDT", amountE8: -3n, timeMs: OPENED_MS + 1 },
  ];
  const fill = (timeMs: number) => ({
    fillId: String(timeMs),
    orderId: "1",
    symbol: "BTCUSDT",
    side: "BUY" as const,
    positionSide: "LONG" as const,
    priceE8: 1n,
    qtyE8: 1n,
    quoteE8: 1n,
    feeE8: 0n,
    timeMs,
  });
  return {
    balance: async () => ({ balanceE8, availableE8: balanceE8, unrealisedE8: 0n }),
    positions: async () => [],
    openOrders: async () => [],
    orderHistory: async () => [],
    openAlgoOrders: async () => [],
    fills: async (_symbol, fromMs) => [5, OPENED_MS, OPENED_MS + 9].filter((at) => at >= fromMs).map(fill),
    income: async (fromMs) => rows.filter((row) => row.timeMs >= fromMs),
  };
}

test("what a real account holds at the start is its one opening transfer, in whole E6", async () => {
  const opening = openingOf(123_456_789n, OPENED_MS);
  assert.deepEqual(opening, { atMs: OPENED_MS, balanceE8: 123_456_700n, remainderE8: 89n });
  const view = sinceOpening(account(123_456_789n), opening);
  assert.equal((await view.balance()).balanceE8, 123_456_700n);
  assert.deepEqual(
    (await view.income(0)).map(({ kind, amountE8, timeMs }) => [kind, amountE8, timeMs]),
    [
      ["TRANSFER", 123_456_700n, OPENED_MS],
      ["FUNDING", -3n, OPENED_MS + 1],
    ],
  );
  assert.deepEqual(
    (await view.fills("BTCUSDT", 0)).map((fill) => fill.timeMs),
    [OPENED_MS + 9],
    "earlier fills belong to nobody here",
  );
});

test("a reader that asks from after the opening is not told of it again", async () => {
  const view = sinceOpening(account(1_000n), openingOf(1_000n, OPENED_MS));
  assert.deepEqual(await view.income(OPENED_MS + 2), []);
});

test("profit after the opening is the balance less the opening transfer, to the last unit", async () => {
  const opening = openingOf(123_456_789n, OPENED_MS);
  const later = sinceOpening(account(123_456_789n - 3n), opening);
  const transfers = (await later.income(0)).filter((row) => row.kind === "TRANSFER");
  const sentE8 = transfers.reduce((sum, row) => sum + row.amountE8, 0n);
  assert.equal((await later.balance()).balanceE8 - sentE8, -3n);
});

const KEYS = {
  WEEX_UID: "4711",
  WEEX_API_KEY: "trade-key",
  WEEX_API_SECRET: "trade-secret",
  WEEX_API_PASSPHRASE: "trade-pass",
  WEEX_READ_API_KEY: "read-key",
  WEEX_READ_API_SECRET: "read-secret",
  WEEX_READ_API_PASSPHRASE: "read-pass",
};

test("all keys of a real account come from the environment", () => {
  assert.deepEqual(readWeexKeys(KEYS), {
    uid: "4711",
    trade: { apiKey: "trade-key", secret: "trade-secret", passphrase: "trade-pass" },
    read: { apiKey: "read-key", secret: "read-secret", passphrase: "read-pass" },
  });
});

test("missing keys are named in one sentence that shows no key", () => {
  const cases: [NodeJS.ProcessEnv, RegExp][] = [
    [{ ...KEYS, WEEX_API_SECRET: undefined }, /WEEX_API_SECRET is not set$/],
    [{ ...KEYS, WEEX_UID: "", WEEX_READ_API_KEY: " " }, /WEEX_UID, WEEX_READ_API_KEY are not set$/],
    [{ ...KEYS, WEEX_READ_API_KEY: KEYS.WEEX_API_KEY }, /WEEX_READ_API_KEY must be a key of its own/],
    [{ ...KEYS, WEEX_UID: "47 11" }, /WEEX_UID is the account's number/],
  ];
  for (const [env, expected] of cases)
    assert.throws(
      () => readWeexKeys(env),
      (error: unknown) => {
        assert.ok(error instanceof UsageError);
        assert.match(error.message, expected);
        for (const value of Object.values(KEYS))
          assert.ok(!error.message.includes(value), `${error.message} shows ${value}`);
        return true;
      },
    );
});

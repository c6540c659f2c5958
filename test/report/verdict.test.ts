import assert from "node:assert/strict";
import { test } from "node:test";
import type { Report } from "../../src/report/report.ts";
import { wrongWith } from "../../src/report/verdict.ts";

type Judged = Parameters<typeof wrongWith>[0];
const SOUND: Judged = {
  reconciliation: {
    ledgerPnlE8: "5",
    venuePnlE8: "5",
    chainPnlE8: "5",
    differences: { ledgerVenueE8: "0", ledgerChainE8: "0", transfersE8: "0" },
  },
  distribution: { inE6: "0", outE6: "0", residualE6: "0" },
  venue: { positions: 0, openOrders: 0, algoOrders: 0, balanceE8: "0" },
  health: { invariants: 48, firstBroken: null },
};
const BOOKS = ["the books do not close: see the differences above"];

test("a run whose books close and whose invariants hold ended well", () => {
  assert.deepEqual(wrongWith(SOUND), []);
});

test("one unit of difference, a residual, a position and an order left behind are each wrong", () => {
  const { reconciliation, distribution, venue } = SOUND;
  const wrong: Partial<Report>[] = [
    { reconciliation: { ...reconciliation, differences: { ledgerVenueE8: "-1" } } },
    { distribution: { ...distribution, residualE6: "1" } },
    { venue: { ...venue, positions: 1 } },
    { venue: { ...venue, algoOrders: 1 } },
  ];
  for (const change of wrong) assert.deepEqual(wrongWith({ ...SOUND, ...change }), BOOKS);
});

test("a broken invariant of the contracts is wrong by its name, whatever the books say", () => {
  const health = { invariants: 48, firstBroken: "f2BooksBalance" };
  assert.deepEqual(wrongWith({ ...SOUND, health }), [
    "an invariant of the contracts does not hold: f2BooksBalance",
  ]);
});

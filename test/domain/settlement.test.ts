import assert from "node:assert/strict";
import { test } from "node:test";
import { keccak256 } from "ethers";
import fc from "fast-check";
import { settlementDomain } from "../../src/domain/attestation.ts";
import type { Side } from "../../src/domain/prediction.ts";
import type { TripFill } from "../../src/domain/records.ts";
import { fillsRoot, sumTrip, tripFills, tripPnlE8 } from "../../src/domain/settlement.ts";
import {
  type EpochFacts,
  epochDomain,
  epochPayload,
  type SettlementFacts,
  settlementPayload,
} from "../../src/domain/settlement-payload.ts";
import { deployment, E8, word } from "./samples.ts";

type Fill = Omit<TripFill, "leg"> & { positionSide: Side; side: "BUY" | "SELL" };

const anySide = fc.constantFrom<Side>("LONG", "SHORT");
const opening = (side: Side) => (side === "LONG" ? "BUY" : "SELL");
const closing = (side: Side) => (side === "LONG" ? "SELL" : "BUY");
const amount = fc.bigInt({ min: 1n, max: 10n ** 14n });

/** A round trip of entry fills and the exit fills that close them, cut at other places; ids ascend with time. */
const anyTrip = fc
  .record({
    side: anySide,
    entries: fc.array(amount, { minLength: 1, maxLength: 6 }),
    cuts: fc.array(fc.nat(99), { maxLength: 5 }),
    prices: fc.array(amount, { minLength: 12, maxLength: 12 }),
    stepMs: fc.nat(5_000),
  })
  .map(({ side, entries, cuts, prices, stepMs }) => {
    const total = entries.reduce((sum, qty) => sum + qty, 0n);
    const marks = [...new Set([...cuts.map((cut) => (total * BigInt(cut)) / 100n), 0n, total])].sort(
      (a, b) => (a < b ? -1 : 1),
    );
    const exits = marks.slice(1).map((mark, at) => mark - (marks[at] as bigint));
    const fill = (qtyE8: bigint, at: number, orderId: string, direction: "BUY" | "SELL"): Fill => {
      const priceE8 = prices[at] as bigint;
      return {
        fillId: String(100 + at),
        orderId,
        priceE8,
        qtyE8,
        quoteE8: (priceE8 * qtyE8) / E8,
        feeE8: BigInt(at),
        timeMs: 1_000_000 + at * stepMs,
        positionSide: side,
        side: direction,
      };
    };
    const fills = [
      ...entries.map((qty, at) => fill(qty, at, "7", opening(side))),
      ...exits.map((qty, at) => fill(qty, entries.length + at, "8", closing(side))),
    ];
    return { side, fills, entries: entries.length };
  });

const shuffled = <T>(items: readonly T[], seed: number): T[] =>
  items
    .map((item, at) => ({ item, key: Math.sin(seed + at * 7.13) }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item);

test("a complete trip splits into its entry and its exits, in whatever order the venue lists the fills", () => {
  fc.assert(
    fc.property(anyTrip, fc.nat(), ({ side, fills, entries }, seed) => {
      const { trip, foreign } = tripFills(shuffled(fills, seed), side, new Set(["7"]));
      assert.equal(foreign.length, 0);
      assert.deepEqual(
        trip.map((fill) => fill.fillId),
        fills.map((fill) => fill.fillId),
      );
      assert.deepEqual(
        trip.map((fill) => fill.leg),
        fills.map((_, at) => (at < entries ? "entry" : "exit")),
      );
      const sums = sumTrip(trip);
      assert.equal(sums.entryQtyE8, sums.exitQtyE8);
      assert.equal(sums.entryFills + sums.exitFills, fills.length);
    }),
  );
});

test("what opens, exceeds or belongs to the other side while the trip is open is foreign, never an exit", () => {
  const base = { orderId: "9", priceE8: E8, quoteE8: E8, feeE8: 1n };
  const entry: Fill = {
    ...base,
    fillId: "1",
    orderId: "7",
    qtyE8: 10n,
    timeMs: 1_000,
    positionSide: "LONG",
    side: "BUY",
  };
  const exit: Fill = { ...base, fillId: "9", qtyE8: 10n, timeMs: 9_000, positionSide: "LONG", side: "SELL" };
  const strangers: Fill[] = [
    { ...base, fillId: "2", qtyE8: 1n, timeMs: 2_000, positionSide: "LONG", side: "BUY" },
    { ...base, fillId: "3", qtyE8: 1n, timeMs: 3_000, positionSide: "SHORT", side: "SELL" },
    { ...base, fillId: "4", qtyE8: 1n, timeMs: 4_000, positionSide: "SHORT", side: "BUY" },
    { ...base, fillId: "5", qtyE8: 11n, timeMs: 5_000, positionSide: "LONG", side: "SELL" },
  ];
  const { trip, foreign } = tripFills([entry, ...strangers, exit], "LONG", new Set(["7"]));
  assert.deepEqual(
    trip.map((fill) => fill.fillId),
    ["1", "9"],
  );
  assert.deepEqual(
    foreign.map((fill) => fill.fillId),
    ["2", "3", "4", "5"],
  );
});

test("fills of the trips before and after are neither ours nor foreign", () => {
  const base = { orderId: "5", priceE8: E8, quoteE8: E8, feeE8: 1n, positionSide: "SHORT" as const };
  const fills: Fill[] = [
    { ...base, fillId: "1", qtyE8: 4n, timeMs: 1, side: "BUY" },
    { ...base, fillId: "2", orderId: "7", qtyE8: 4n, timeMs: 2, side: "SELL" },
    { ...base, fillId: "3", qtyE8: 4n, timeMs: 3, side: "BUY" },
    { ...base, fillId: "4", orderId: "6", qtyE8: 4n, timeMs: 4, side: "SELL" },
  ];
  const { trip, foreign } = tripFills(fills, "SHORT", new Set(["7"]));
  assert.deepEqual(
    trip.map((fill) => fill.fillId),
    ["2", "3"],
  );
  assert.deepEqual(foreign, []);
});

test("sums and profit agree with a ledger that books every fill as cash in or out", () => {
  fc.assert(
    fc.property(
      anyTrip,
      fc.bigInt({ min: -(10n ** 12n), max: 10n ** 12n }),
      ({ side, fills }, fundingPaidE8) => {
        const { trip } = tripFills(fills, side, new Set(["7"]));
        let cashE8 = -fundingPaidE8;
        for (const fill of fills)
          cashE8 += (fill.side === "SELL" ? fill.quoteE8 : -fill.quoteE8) - fill.feeE8;
        assert.equal(tripPnlE8(side, sumTrip(trip), fundingPaidE8), cashE8);
      },
    ),
  );
});

test("a trip with the sides swapped earns the opposite before costs", () => {
  fc.assert(
    fc.property(anyTrip, ({ side, fills }) => {
      const sums = sumTrip(tripFills(fills, side, new Set(["7"])).trip);
      assert.equal(tripPnlE8("LONG", sums, 0n) + tripPnlE8("SHORT", sums, 0n), -2n * sums.feesE8);
    }),
  );
});

test("the times of a trip are its first and last entry and its last exit, also when ids and times disagree", () => {
  const fill = (fillId: string, leg: "entry" | "exit", timeMs: number): TripFill => ({
    fillId,
    orderId: "7",
    leg,
    priceE8: 1n,
    qtyE8: 1n,
    quoteE8: 1n,
    feeE8: 0n,
    timeMs,
  });
  const sums = sumTrip([
    fill("3", "entry", 500),
    fill("1", "entry", 900),
    fill("2", "entry", 300),
    fill("5", "exit", 2_000),
    fill("4", "exit", 1_500),
  ]);
  assert.deepEqual([sums.entryFirstAtMs, sums.entryLastAtMs, sums.exitLastAtMs], [300, 900, 2_000]);
  assert.deepEqual(
    Object.values(sumTrip([])).map(String),
    Array(10).fill("0"),
    "nothing filled, nothing summed",
  );
});

test("the root of the fills does not depend on their order and changes with every field of every fill", () => {
  fc.assert(
    fc.property(anyTrip, fc.nat(), ({ side, fills }, seed) => {
      const { trip } = tripFills(fills, side, new Set(["7"]));
      assert.equal(fillsRoot(shuffled(trip, seed)), fillsRoot(trip));
    }),
    { numRuns: 50 },
  );
  const trip: TripFill[] = [1, 2].map((at) => ({
    fillId: String(at),
    orderId: "7",
    leg: "entry",
    priceE8: 5n,
    qtyE8: 6n,
    quoteE8: 7n,
    feeE8: 8n,
    timeMs: at * 10,
  }));
  const roots = [fillsRoot(trip), fillsRoot([]), fillsRoot(trip.slice(1))];
  trip.forEach((fill, at) => {
    const change = (part: Partial<TripFill>) => roots.push(fillsRoot(trip.with(at, { ...fill, ...part })));
    change({ fillId: "90" });
    change({ orderId: "90" });
    change({ leg: "exit" });
    change({ timeMs: fill.timeMs + 1 });
    for (const field of ["priceE8", "qtyE8", "quoteE8", "feeE8"] as const)
      change({ [field]: fill[field] + 1n });
  });
  assert.equal(new Set(roots).size, roots.length);
});

test("a maker's rebate is a negative fee: it adds to the profit, has its own root and is told to the contract as such", () => {
  const fill = (fillId: string, leg: "entry" | "exit", feeE8: bigint): TripFill => ({
    fillId,
    orderId: "7",
    leg,
    priceE8: E8,
    qtyE8: 10n,
    quoteE8: 10n,
    feeE8,
    timeMs: 1_000 * Number(fillId),
  });
  const rebated = [fill("1", "entry", -3n), fill("2", "exit", 1n)];
  const sums = sumTrip(rebated);
  assert.equal(sums.feesE8, -2n);
  assert.equal(tripPnlE8("LONG", sums, 0n), 2n);
  assert.equal(tripPnlE8("SHORT", sums, 0n), 2n);
  const roots = [-3n, 3n, 0n, -4n].map((fee) => fillsRoot([fill("1", "entry", fee), fill("2", "exit", 1n)]));
  assert.equal(new Set(roots).size, 4);
  // Int128 in two's complement at the end of its row, as in the payload.
  const row = `0x${"1".padStart(32, "0")}${"7".padStart(32, "0")}01${(1_000).toString(16).padStart(16, "0")}${E8.toString(16).padStart(32, "0")}${"a".padStart(32, "0")}${"a".padStart(32, "0")}${"f".repeat(31)}d`;
  assert.equal(fillsRoot([fill("1", "entry", -3n)]), keccak256(row));
  for (const tooLarge of [2n ** 127n, -(2n ** 127n) - 1n])
    assert.throws(
      () => fillsRoot([fill("1", "entry", tooLarge)]),
      "a fee that is no int128 never turns into another",
    );
});

/** A decoder that shares nothing with the encoder: hexadecimal digits, counted. */
function decoder(payload: string) {
  let at = 2;
  const hex = (bits: number): string => {
    const from = at;
    at += bits / 4;
    return payload.slice(from, at);
  };
  return {
    bytes32: () => `0x${hex(256)}`,
    hex: (bits: number) => `0x${hex(bits)}`,
    uint: (bits: number) => BigInt(`0x${hex(bits)}`),
    int: (bits: number) => BigInt.asIntN(bits, BigInt(`0x${hex(bits)}`)),
    end: () => assert.equal(at, payload.length, "no byte is left over"),
  };
}

const uint = (bits: bigint) => fc.bigInt({ min: 0n, max: 2n ** bits - 1n });
const int128 = fc.bigInt({ min: -(2n ** 127n), max: 2n ** 127n - 1n });
const time = fc.integer({ min: 0, max: 2 ** 45 });

test("the eight words of a settlement decode to what went in, negative fees and funding included", () => {
  const sums = fc.record({
    entryQtyE8: uint(128n),
    exitQtyE8: uint(128n),
    entryQuoteE8: uint(128n),
    exitQuoteE8: uint(128n),
    feesE8: int128,
    entryFirstAtMs: time,
    entryLastAtMs: time,
    exitLastAtMs: time,
    entryFills: fc.nat(65_535),
    exitFills: fc.nat(65_535),
  });
  const facts = fc.record<SettlementFacts>({
    id: fc.constant(word("12")),
    fillsRoot: fc.constant(word("34")),
    sums,
    fundingPaidE8: int128,
    observedAt: uint(64n),
    expiresAt: uint(64n),
    flags: fc.nat(65_535),
    venueAccountHash: fc.constant(`0x${"ab".repeat(24)}${"cd".repeat(8)}`),
    epoch: uint(64n),
  });
  fc.assert(
    fc.property(facts, (f) => {
      const payload = settlementPayload(deployment, f);
      assert.equal(payload.length, 2 + 8 * 64);
      const read = decoder(payload);
      assert.equal(read.bytes32(), settlementDomain(deployment));
      assert.equal(read.bytes32(), f.id);
      assert.equal(read.bytes32(), f.fillsRoot);
      assert.equal(read.uint(128), f.sums.entryQuoteE8);
      assert.equal(read.uint(128), f.sums.exitQuoteE8);
      assert.equal(read.uint(128), f.sums.entryQtyE8);
      assert.equal(read.int(128), f.sums.feesE8);
      assert.equal(read.int(128), f.fundingPaidE8);
      assert.equal(read.uint(64), BigInt(Math.floor(f.sums.entryLastAtMs / 1000)));
      assert.equal(read.uint(64), BigInt(Math.floor(f.sums.exitLastAtMs / 1000)));
      assert.equal(read.uint(64), BigInt(Math.floor(f.sums.entryFirstAtMs / 1000)));
      assert.equal(read.uint(64), f.observedAt);
      assert.equal(read.uint(64), f.expiresAt);
      assert.equal(read.uint(16), BigInt(f.sums.entryFills));
      assert.equal(read.uint(16), BigInt(f.sums.exitFills));
      assert.equal(read.uint(32), BigInt(f.flags));
      assert.equal(read.hex(192), f.venueAccountHash.slice(0, 50));
      assert.equal(read.uint(64), f.epoch);
      read.end();
    }),
  );
});

test("an amount that does not fit its field is refused instead of spilling into its neighbour", () => {
  const sums = { ...sumTrip([]), entryQuoteE8: 2n ** 128n };
  const facts = {
    id: word("12"),
    fillsRoot: word("34"),
    sums,
    fundingPaidE8: 0n,
    observedAt: 1n,
    expiresAt: 2n,
    flags: 0,
    venueAccountHash: word("ab"),
    epoch: 1n,
  };
  assert.throws(() => settlementPayload(deployment, facts));
  assert.throws(() =>
    settlementPayload(deployment, { ...facts, sums: sumTrip([]), fundingPaidE8: -(2n ** 127n) - 1n }),
  );
  assert.throws(() =>
    settlementPayload(deployment, { ...facts, sums: { ...sumTrip([]), entryFills: 65_536 } }),
  );
  for (const wrong of [{ feesE8: 2n ** 127n }, { feesE8: -(2n ** 127n) - 1n }, { entryQtyE8: -1n }])
    assert.throws(() => settlementPayload(deployment, { ...facts, sums: { ...sumTrip([]), ...wrong } }));
});

test("the seven words of an epoch statement decode to what went in, a negative equity included", () => {
  const facts = fc.record<EpochFacts>({
    epoch: uint(64n),
    venueEquityE8: fc.bigInt({ min: -(2n ** 127n), max: 2n ** 127n }),
    sentUsdE6: uint(128n),
    returnedUsdE6: uint(128n),
    snapshotAt: uint(64n),
    observedAt: uint(64n),
    expiresAt: uint(64n),
    fillCount: uint(64n),
    fillsRoot: fc.constant(word("34")),
    venueAccountHash: fc.constant(word("ab")),
  });
  const vault = `0x${"ee".repeat(20)}`;
  fc.assert(
    fc.property(facts, (f) => {
      const read = decoder(epochPayload(31_337n, vault, f));
      assert.equal(read.bytes32(), epochDomain(31_337n, vault));
      assert.equal(read.uint(256), f.epoch);
      assert.equal(read.int(256), f.venueEquityE8);
      assert.equal(read.uint(128), f.sentUsdE6);
      assert.equal(read.uint(128), f.returnedUsdE6);
      for (const field of ["snapshotAt", "observedAt", "expiresAt", "fillCount"] as const)
        assert.equal(read.uint(64), f[field], field);
      assert.equal(read.bytes32(), f.fillsRoot);
      assert.equal(read.bytes32(), f.venueAccountHash);
      read.end();
    }),
  );
  assert.notEqual(epochDomain(31_337n, vault), epochDomain(1n, vault));
  assert.notEqual(epochDomain(31_337n, vault), settlementDomain({ chainId: 31_337n, validator: vault }));
});

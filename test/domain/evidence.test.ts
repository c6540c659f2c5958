import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Candle } from "../../src/domain/candle.ts";
import {
  bookHash,
  candleChain,
  type EvidenceBundle,
  emptyCandleChain,
  evidenceHash,
  foldCandle,
  fundingHash,
} from "../../src/domain/evidence.ts";
import { bundleAt, MIDNIGHT, walk } from "../features/market.ts";

const full = bundleAt(walk(2, MIDNIGHT, 6), MIDNIGHT + 360_000);
const bundle: EvidenceBundle = { ...full, candles: walk(2, MIDNIGHT, 6) };

type Path = (string | number)[];

function leaves(value: unknown, path: Path = []): Path[] {
  if (value === null || typeof value !== "object") return [path];
  return Object.entries(value).flatMap(([key, inner]) =>
    leaves(inner, [...path, Array.isArray(value) ? Number(key) : key]),
  );
}

function changed(value: unknown, [head, ...rest]: Path): unknown {
  if (head === undefined) {
    if (typeof value === "bigint") return value + 1n;
    if (typeof value === "number") return value + 1;
    return `${value}x`;
  }
  const copy: Record<string | number, unknown> = Array.isArray(value)
    ? ([...value] as never)
    : { ...(value as object) };
  copy[head] = changed(copy[head], rest);
  return copy;
}

test("every single field of the bundle and of every candle is inside the hash", () => {
  const paths = leaves(bundle);
  assert.ok(paths.length > 6 * 6 + 60, "the walk finds the candles, both sides of the book and all scalars");
  const seen = new Map([[evidenceHash(bundle), "unchanged"]]);
  for (const path of paths) {
    const hash = evidenceHash(changed(bundle, path) as EvidenceBundle);
    assert.equal(seen.get(hash), undefined, `${path.join(".")} hashes like ${seen.get(hash)}`);
    seen.set(hash, path.join("."));
  }
});

test("an absent input is not an empty one, and dropping or swapping any element changes the hash", () => {
  const variants: Partial<EvidenceBundle>[] = [
    { book: null },
    { book: { updateId: "7", observedAtMs: 0, bids: [], asks: [] } },
    { fearGreed: null },
    { headlines: null },
    { fearGreed: bundle.headlines, headlines: bundle.fearGreed },
    { funding: [] },
    { funding: bundle.funding.slice(1) },
    { funding: [...bundle.funding].reverse() },
    { openInterest: [] },
    { openInterest: [...bundle.openInterest].reverse() },
    { candles: bundle.candles.slice(1) },
    { candles: bundle.candles.slice(0, -1) },
    { candles: [...bundle.candles].reverse() },
    { book: bundle.book && { ...bundle.book, bids: bundle.book.asks, asks: bundle.book.bids } },
    { book: bundle.book && { ...bundle.book, bids: [...bundle.book.bids, ...bundle.book.asks], asks: [] } },
    { equityE8: -bundle.equityE8 },
  ];
  const hashes = [bundle, ...variants.map((change) => ({ ...bundle, ...change }))].map((one) =>
    evidenceHash(one),
  );
  assert.equal(new Set(hashes).size, hashes.length);
});

test("negative funding, negative equity and a negative headline score can be hashed", () => {
  const negative = {
    ...bundle,
    funding: [{ fundingTimeMs: 1, rateE12: -5n }],
    headlines: { source: "test", publishedAtMs: 1, valuePpm: -400_000 },
    equityE8: -1n,
  };
  assert.match(evidenceHash(negative), /^0x[0-9a-f]{64}$/);
  assert.notEqual(
    fundingHash([{ fundingTimeMs: 1, rateE12: -5n }]),
    fundingHash([{ fundingTimeMs: 1, rateE12: 5n }]),
  );
});

test("folding candle by candle ends at the chain of the whole window", () => {
  const candle = fc.record<Candle>({
    openTimeMs: fc.integer({ min: 0, max: 2 ** 45 }),
    openE8: fc.bigInt({ min: 0n, max: 2n ** 100n }),
    highE8: fc.bigInt({ min: 0n, max: 2n ** 100n }),
    lowE8: fc.bigInt({ min: 0n, max: 2n ** 100n }),
    closeE8: fc.bigInt({ min: 0n, max: 2n ** 100n }),
    volumeE8: fc.bigInt({ min: 0n, max: 2n ** 100n }),
  });
  fc.assert(
    fc.property(fc.array(candle, { maxLength: 8 }), (candles) => {
      let chain = emptyCandleChain;
      for (const one of candles) chain = foldCandle(chain, one);
      assert.equal(chain, candleChain(candles));
      assert.equal(evidenceHash({ ...bundle, candles }, chain), evidenceHash({ ...bundle, candles }));
    }),
    { numRuns: 40 },
  );
});

test("the same book from the stream and by REST hashes alike, whatever objects hold it", () => {
  const book = bundle.book as NonNullable<EvidenceBundle["book"]>;
  const copy = {
    asks: structuredClone(book.asks),
    bids: structuredClone(book.bids),
    observedAtMs: book.observedAtMs,
    updateId: book.updateId,
  };
  assert.equal(bookHash(copy), bookHash(book));
});

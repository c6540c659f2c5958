import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { DAY_MS } from "../../../src/domain/candle.ts";
import { type Column, FAMILIES, select } from "../../../src/features/library/catalogue.ts";
import type { Bars, Unit } from "../../../src/features/library/indicator.ts";
import { AnchoredStream, batch, FeatureStream } from "../../../src/features/library/run.ts";
import { bits } from "../market.ts";
import { randomBars, rowsOf, STEP_MS } from "./random-bars.ts";

const definitions = FAMILIES.flatMap((family) => family.definitions);
const all = select(definitions.map(({ name }) => name));
const fromCandles = select(definitions.filter(({ needs }) => !needs).map(({ name }) => name));
const unitOf = ({ chosen, output }: Column): Unit => Object.values(chosen.definition.outputs)[output]!;

/** Without a headline in the window there is no mean of their scores. */
const mayBeEmpty = ({ chosen: { definition }, output }: Column): boolean =>
  definition.name === "headlines" && output === 0;

/** Every indicator with parameters of its own, small enough for short runs. */
const anyNames = fc
  .tuple(...definitions.map(({ params }) => fc.tuple(...params.map(() => fc.integer({ min: 2, max: 40 })))))
  .map((lists) =>
    definitions.map((definition, at) => {
      const values = lists[at]!.map((value, i) => {
        const { low, high, whole } = definition.params[i]!;
        return whole ? Math.min(high, Math.max(low, value)) : Math.min(high, value / 10);
      });
      // Two spans of one indicator: the first is the faster one.
      if (["macd", "ppo", "pvo", "adosc", "ao", "stc"].includes(definition.name)) values[1]! += values[0]!;
      return [definition.name, ...values].join("_");
    }),
  );

function streamed(columns: readonly Column[], bars: Bars): Float64Array[] {
  const stream = new FeatureStream(columns);
  const out = columns.map(() => new Float64Array(bars.close.length));
  for (let i = 0; i < bars.close.length; i++) {
    stream.push(bars, i);
    out.forEach((values, at) => {
      values[i] = stream.values[at]!;
    });
  }
  return out;
}

const same = (
  one: readonly Float64Array[],
  other: readonly Float64Array[],
  columns: readonly Column[],
): void =>
  one.forEach((values, at) => {
    assert.equal(bits(values), bits(other[at]!), columns[at]!.name);
  });

describe("the catalogue", () => {
  it("has more than sixty indicators, each with a name of its own", () => {
    assert.ok(definitions.length > 60);
    assert.equal(new Set(definitions.map(({ name }) => name)).size, definitions.length);
    for (const { name, outputs } of definitions) {
      assert.match(name, /^[a-z]+$/);
      for (const output of Object.keys(outputs)) assert.match(output, /^[a-z]*$/);
    }
  });
});

describe("a batch", () => {
  it("gives the bits of a stream, for any parameters and over several blocks", () => {
    fc.assert(
      fc.property(fc.nat(1e6), anyNames, fc.integer({ min: 1, max: 300 }), (seed, names, rows) => {
        const columns = select(names);
        const bars = randomBars(seed, rows);
        same(batch(columns, bars), streamed(columns, bars), columns);
      }),
      { numRuns: 15 },
    );
    const bars = randomBars(3, 5_000);
    same(batch(all, bars), streamed(all, bars), all);
  });

  it("does not look ahead: without the future the past is the same, bit for bit", () => {
    fc.assert(
      fc.property(fc.nat(1e6), fc.integer({ min: 1, max: 400 }), (seed, rows) => {
        const bars = randomBars(seed, 400);
        const whole = batch(all, bars).map((values) => values.slice(0, rows));
        same(batch(all, rowsOf(bars, 0, rows)), whole, all);
      }),
      { numRuns: 10 },
    );
  });
});

describe("warm-up", () => {
  it("is as long as stated for any parameters, and every value after it is a number", () => {
    fc.assert(
      fc.property(fc.nat(1e6), anyNames, (seed, names) => {
        const columns = select(names).filter((column) => !mayBeEmpty(column));
        const out = batch(columns, randomBars(seed, 300));
        out.forEach((values, at) => {
          const { name, warmUpBars } = columns[at]!;
          const first = values.findIndex((value) => !Number.isNaN(value));
          assert.equal(first, warmUpBars - 1, name);
          assert.ok(values.subarray(first).every(Number.isFinite), name);
        });
      }),
      { numRuns: 10 },
    );
  });

  it("covers all that a windowed value is made of: beginning later changes nothing after it", () => {
    const bars = randomBars(11, 700);
    const windowed = all.filter(
      ({ chosen: { definition } }) => !definition.recursive && definition.name !== "dayvwap",
    );
    const long = batch(windowed, bars);
    const short = batch(windowed, rowsOf(bars, 173, 700));
    windowed.forEach(({ name, warmUpBars }, at) => {
      for (let i = warmUpBars - 1; i < 527; i++) {
        const [one, other] = [long[at]![i + 173]!, short[at]![i]!];
        const near = 1e-9 * Math.max(1, Math.abs(one));
        assert.ok(Math.abs(one - other) <= near, `${name} at ${i}: ${one} and ${other}`);
      }
    });
  });

  it("ends with numbers also where nothing moves and nothing is traded", () => {
    const bars = randomBars(1, 600);
    for (const name of ["open", "high", "low", "close"] as const) bars[name].fill(0.1);
    bars.volume.fill(0);
    batch(fromCandles, bars).forEach((values, at) => {
      const { name, warmUpBars } = fromCandles[at]!;
      assert.ok(values.subarray(warmUpBars - 1).every(Number.isFinite), name);
    });
  });
});

/** How a value answers when all prices, or all volumes, are multiplied: the power of the factor. */
const POWERS: Partial<Record<Unit, readonly [number, number]>> = {
  price: [1, 0],
  "price move": [1, 0],
  "price²": [2, 0],
  volume: [0, 1],
  "price × volume": [1, 1],
  "price move per volume": [1, -1],
};

function scaled(bars: Bars, price: number, volume: number): Bars {
  const copy = rowsOf(bars, 0, bars.close.length);
  for (const name of ["open", "high", "low", "close", "referencePrice"] as const)
    copy[name].forEach((value, i) => {
      copy[name][i] = value * price;
    });
  for (const name of ["volume", "buyVolume", "sellVolume", "bookFlow"] as const)
    copy[name].forEach((value, i) => {
      copy[name][i] = value * volume;
    });
  bars.book.forEach((value, i) => {
    copy.book[i] = value * (i % 2 === 0 ? price : volume);
  });
  return copy;
}

describe("units", () => {
  it("say how values follow when prices and volumes are counted in others: exactly, by powers of two", () => {
    fc.assert(
      fc.property(
        fc.nat(1e6),
        fc.constantFrom(0.125, 0.5, 2, 1024),
        fc.constantFrom(0.25, 2, 64),
        (seed, price, volume) => {
          const bars = randomBars(seed, 300);
          const plain = batch(all, bars);
          batch(all, scaled(bars, price, volume)).forEach((values, at) => {
            const [p, v] = POWERS[unitOf(all[at]!)] ?? [0, 0];
            const factor = price ** p * volume ** v;
            assert.equal(bits(values), bits(plain[at]!.map((value) => value * factor)), all[at]!.name);
          });
        },
      ),
      { numRuns: 10 },
    );
  });

  it("say what moves with the level of prices: a price by as much, a price move not at all", () => {
    const bars = randomBars(21, 600);
    const higher = rowsOf(bars, 0, 600);
    const SHIFT = 50_000;
    for (const name of ["open", "high", "low", "close"] as const)
      higher[name].forEach((value, i) => {
        higher[name][i] = value + SHIFT;
      });
    const levels = fromCandles.filter((column) => ["price", "price move", "price²"].includes(unitOf(column)));
    const plain = batch(levels, bars);
    batch(levels, higher).forEach((values, at) => {
      const { name, warmUpBars } = levels[at]!;
      const shift = unitOf(levels[at]!) === "price" ? SHIFT : 0;
      for (let i = warmUpBars - 1; i < 600; i++) {
        const away = Math.abs(values[i]! - plain[at]![i]! - shift);
        assert.ok(away < 1e-6, `${name} at ${i} is ${away} off`);
      }
    });
  });
});

describe("an anchored stream", () => {
  const WINDOW = 300;

  it("says from a midnight on what a stream says that began with the window before it", () => {
    const bars = randomBars(5, 3_200);
    const anchored = new AnchoredStream(all, WINDOW);
    let fresh: FeatureStream | undefined;
    for (let i = 0; i < bars.close.length; i++) {
      anchored.push(bars, i);
      if (fresh) fresh.push(bars, i);
      if (bars.closeTimeMs[i]! % DAY_MS === 0) {
        fresh = new FeatureStream(all);
        for (let k = i - WINDOW + 1; k <= i; k++) fresh.push(bars, k);
      }
      if (fresh) assert.equal(bits(anchored.values), bits(fresh.values), `row ${i}`);
      else assert.ok(anchored.values.every(Number.isNaN));
    }
    assert.ok(fresh);
  });

  it("restarts before the first bar after a midnight that no bar closes at", () => {
    const gap = Math.floor(DAY_MS / STEP_MS) - 1;
    const bars = randomBars(6, gap + 200);
    const anchored = new AnchoredStream(all, WINDOW);
    const fresh = new FeatureStream(all);
    for (let i = 0; i < bars.close.length; i++) {
      if (i === gap) continue;
      anchored.push(bars, i);
      if (i >= gap - WINDOW) fresh.push(bars, i);
      if (i > gap) assert.equal(bits(anchored.values), bits(fresh.values), `row ${i}`);
    }
  });
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { select } from "../../../src/features/library/catalogue.ts";
import type { Bars } from "../../../src/features/library/indicator.ts";
import { barsOf, batch, needsOf } from "../../../src/features/library/run.ts";
import { BOOK_ROW, SIDE_ROW } from "../../../src/features/order-book.ts";
import { BarFlow } from "../../../src/features/order-flow.ts";
import { absent, textOf } from "./reference.ts";

const value = (name: string, bars: Bars, row = bars.close.length - 1): number =>
  batch(select([name]), bars)[0]![row]!;

/** One bar for each book; `bids` and `asks` are price, quantity, price, quantity … */
function withBooks(books: readonly { bids: number[]; asks: number[] }[]): Bars {
  const bars = barsOf(books.length, ["book"]);
  bars.book.fill(Number.NaN);
  books.forEach(({ bids, asks }, i) => {
    bars.book.set(bids, i * BOOK_ROW);
    bars.book.set(asks, i * BOOK_ROW + SIDE_ROW);
  });
  return bars;
}

describe("features of a book", () => {
  const bars = withBooks([
    { bids: [], asks: [] },
    { bids: [99, 3, 98, 1], asks: [101, 1, 102, 1] },
  ]);

  it("measure imbalance at a depth, spread, microprice and slope", () => {
    assert.equal(value("imbalance_1", bars), 0.5);
    assert.equal(value("imbalance_2", bars), (4 - 2) / 6);
    assert.equal(value("spread", bars), 200);
    assert.ok(Math.abs(value("micro", bars) - 50) < 1e-9);
    // Shares of quantity 3/4 and 1 at half and at the whole distance.
    assert.ok(Math.abs(value("depthslope_bid", bars) - (0.75 * 0.5 + 1) / 1.25) < 1e-9);
    assert.ok(Math.abs(value("depthslope_ask", bars) - (0.5 * 0.5 + 1) / 1.25) < 1e-9);
  });

  it("are empty without one", () => {
    for (const name of ["imbalance_5", "spread", "micro", "depthslope_bid"])
      assert.ok(Number.isNaN(value(name, bars, 0)), name);
  });
});

describe("features of flow", () => {
  it("count what is added to the bid and taken from the ask", () => {
    const bars = barsOf(2, ["bookFlow", "buyVolume", "sellVolume"]);
    const flow = new BarFlow();
    flow.onTop(99, 5, 101, 5);
    flow.onTop(99, 8, 101, 5);
    flow.onTop(99, 8, 101, 4);
    flow.onTrade(2, false);
    flow.onTrade(0.5, true);
    flow.close(bars, 0);
    // The bid of 8 goes away, a lower one comes; the ask of 4 is followed by a lower one of 7.
    flow.onTop(98, 3, 100, 7);
    flow.close(bars, 1);
    assert.equal(value("ofi_1", bars, 0), 3 + 1);
    assert.equal(value("ofi_1", bars, 1), -8 - 7);
    assert.equal(value("ofi_2", bars), 4 - 15);
    assert.equal(value("tradesign_1", bars, 0), 1.5 / 2.5);
    assert.equal(value("tradesign_1", bars, 1), 0);
  });

  it("find the lambda that prices were made with", () => {
    const rows = 50;
    const bars = barsOf(rows, ["buyVolume", "sellVolume"]);
    let price = 1_000;
    for (let i = 0; i < rows; i++) {
      bars.buyVolume[i] = (i * 7) % 11;
      bars.sellVolume[i] = (i * 5) % 13;
      price += 0.25 * (bars.buyVolume[i]! - bars.sellVolume[i]!);
      bars.close[i] = price;
    }
    assert.ok(Math.abs(value("kyle_30", bars) - 0.25) < 1e-9);
  });

  it("are empty while one of their bars has no input, and whole again after it", () => {
    const rows = 40;
    const columns = select(["funding_5", "oichange_5", "basis_5", "feargreed", "ofi_5", "kyle_5"]);
    const bars = barsOf(rows, needsOf(columns));
    for (const name of needsOf(columns)) bars[name].fill(Number.NaN);
    for (let i = 0; i < rows; i++) {
      bars.close[i] = 100 + (i % 7);
      if (i === 20) continue;
      for (const name of needsOf(columns)) bars[name][i] = 90 + ((i * 3) % 8);
    }
    batch(columns, bars).forEach((values, at) => {
      const { name } = columns[at]!;
      assert.ok(Number.isNaN(values[20]), `${name} without its input`);
      assert.ok(values.subarray(30).every(Number.isFinite), `${name} after it`);
    });
  });
});

const RECORDED = "data/book/BTCUSDT-binance-perp-l2-2024-08-08.jsonl.gz";
describe("a recorded book", { skip: absent(RECORDED) }, () => {
  it("has an order-flow imbalance and takers that move with the price", () => {
    const events = textOf(RECORDED)
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    const STEP_MS = 1_000;
    const quotes = events.filter(({ k }) => k === "q");
    const fromMs = Math.floor(Number(quotes[0]!["E"]) / STEP_MS) * STEP_MS;
    const rows = Math.floor((Number(quotes.at(-1)!["E"]) - fromMs) / STEP_MS);
    const bars = barsOf(rows, ["bookFlow", "buyVolume", "sellVolume"]);
    const flow = new BarFlow();
    let row = 0;
    let mid = Number.NaN;
    for (const event of events) {
      const timeMs = Number(event["E"]);
      for (; row < rows && timeMs >= fromMs + (row + 1) * STEP_MS; row++) {
        bars.close[row] = mid;
        flow.close(bars, row);
      }
      if (event["k"] === "q") {
        const [bid, ask] = [Number(event["b"]), Number(event["a"])];
        flow.onTop(bid, Number(event["B"]), ask, Number(event["A"]));
        mid = (bid + ask) / 2;
      }
      if (event["k"] === "t") flow.onTrade(Number(event["q"]), event["m"] === true);
    }
    const [moves, flows, signs, lambda] = batch(select(["mom_1", "ofi_1", "tradesign_1", "kyle_60"]), bars);
    const together = (other: Float64Array): number => {
      const pairs = Array.from(moves!, (move, i) => [move, other[i]!] as const).filter(
        ([a, b]) => Number.isFinite(a) && Number.isFinite(b),
      );
      const sum = (of: (pair: readonly [number, number]) => number): number =>
        pairs.reduce((all, pair) => all + of(pair), 0);
      const [a, b] = [sum(([x]) => x) / pairs.length, sum(([, y]) => y) / pairs.length];
      return (
        sum(([x, y]) => (x - a) * (y - b)) /
        Math.sqrt(sum(([x]) => (x - a) ** 2) * sum(([, y]) => (y - b) ** 2))
      );
    };
    assert.ok(rows > 250);
    assert.ok(together(flows!) > 0.3, `flow: ${together(flows!)}`);
    assert.ok(together(signs!) > 0.2, `takers: ${together(signs!)}`);
    assert.ok(lambda!.at(-1)! > 0);
  });
});

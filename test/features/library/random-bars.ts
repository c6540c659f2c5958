/** A random walk as columns, with side inputs that obey their own rules. */
import { BOOK_LEVELS } from "../../../src/domain/evidence.ts";
import { type Bars, SIDE_INPUTS } from "../../../src/features/library/indicator.ts";
import { barsOf } from "../../../src/features/library/run.ts";
import { BOOK_ROW, SIDE_ROW } from "../../../src/features/order-book.ts";
import { MIDNIGHT, seededUniform } from "../market.ts";

export const STEP_MS = 60_000;

export function randomBars(seed: number, rows: number): Bars {
  const uniform = seededUniform(seed);
  const bars = barsOf(rows, SIDE_INPUTS);
  let price = 1_000 + 100_000 * uniform();
  for (let i = 0; i < rows; i++) {
    const open = price;
    price *= 1 + (uniform() + uniform() - 1) * 0.002;
    bars.closeTimeMs[i] = MIDNIGHT + (i + 1) * STEP_MS;
    bars.open[i] = open;
    bars.close[i] = price;
    bars.high[i] = Math.max(open, price) * (1 + uniform() * 0.001);
    bars.low[i] = Math.min(open, price) * (1 - uniform() * 0.001);
    bars.buyVolume[i] = uniform() < 0.05 ? 0 : uniform() * 50;
    bars.sellVolume[i] = uniform() < 0.05 ? 0 : uniform() * 50;
    bars.volume[i] = bars.buyVolume[i]! + bars.sellVolume[i]!;
    bars.bookFlow[i] = (uniform() - 0.5) * 20;
    bars.fundingRate[i] = (uniform() - 0.4) * 1e-4;
    bars.openInterest[i] = 1e5 * (1 + uniform());
    bars.referencePrice[i] = price * (1 + (uniform() - 0.5) * 1e-3);
    bars.fearGreed[i] = Math.floor(uniform() * 101);
    bars.headlineCount[i] = Math.floor(uniform() * 3);
    bars.headlineSum[i] = bars.headlineCount[i]! * (uniform() * 2 - 1);
    for (let level = 0; level < BOOK_LEVELS; level++) {
      const away = (level + uniform()) * 1e-5 * price + 1e-6 * price;
      bars.book.set([price - away, 1 + 10 * uniform()], i * BOOK_ROW + 2 * level);
      bars.book.set([price + away, 1 + 10 * uniform()], i * BOOK_ROW + SIDE_ROW + 2 * level);
    }
  }
  return bars;
}

/** Rows [from, to) as columns of their own. */
export function rowsOf(bars: Bars, from: number, to: number): Bars {
  const part = Object.entries(bars).map(([name, values]) => {
    const width = values.length / bars.close.length;
    return [name, values.slice(from * width, to * width)];
  });
  return Object.fromEntries(part) as Bars;
}

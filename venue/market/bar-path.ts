// The documented path inside a recorded bar: open, then low and high (or high and low when it closed below its
// open), then close, straight between those points and at equal distances over the ticks of the bar.

import type { RecordedBar } from "./candle-file.ts";
import type { PricePath } from "./price-path.ts";
import type { SeededRandom } from "./seeded-random.ts";

const BASIS_IN_MARK = 0.4;

export function pathInsideBar(
  bar: RecordedBar,
  ticks: number,
  basis: number,
  random: SeededRandom,
): PricePath {
  const rising = bar.close >= bar.open;
  const corners = [bar.open, rising ? bar.low : bar.high, rising ? bar.high : bar.low, bar.close];
  // Corners fall on whole ticks, so the bar's four prices are all visited.
  const at = [0, Math.round((ticks - 1) / 3), Math.round((2 * (ticks - 1)) / 3), ticks - 1];
  const path: PricePath = {
    last: [],
    mark: [],
    index: [],
    buyLots: [],
    sellLots: [],
    trades: [],
    imbalance: [],
    sigmaTicks: Math.max(1, (bar.high - bar.low) / Math.sqrt(ticks)),
  };
  let given = 0;
  for (let k = 0; k < ticks; k++) {
    let leg = 0;
    while (leg < 2 && k > at[leg + 1]!) leg++;
    const span = at[leg + 1]! - at[leg]!;
    const share = span === 0 ? 1 : (k - at[leg]!) / span;
    const price = Math.round(corners[leg]! + (corners[leg + 1]! - corners[leg]!) * share);
    const upTo = Math.floor((bar.lots * (k + 1)) / ticks);
    const lots = upTo - given;
    given = upTo;
    const move = k === 0 ? 0 : price - path.last[k - 1]!;
    const buy = Math.round(lots * (0.5 + 0.3 * Math.tanh(move / path.sigmaTicks)));
    path.last.push(price);
    path.mark.push(Math.max(1, Math.round(price * (1 - BASIS_IN_MARK * basis))));
    path.index.push(Math.max(1, Math.round(price * (1 - basis))));
    path.buyLots.push(buy);
    path.sellLots.push(lots - buy);
    path.trades.push(Math.min(lots, 3));
    path.imbalance.push(0.3 * Math.tanh(random.normal()));
  }
  return path;
}

export function sliceOfPath(path: PricePath, from: number, count: number): PricePath {
  const cut = (values: number[]) => values.slice(from, from + count);
  return {
    last: cut(path.last),
    mark: cut(path.mark),
    index: cut(path.index),
    buyLots: cut(path.buyLots),
    sellLots: cut(path.sellLots),
    trades: cut(path.trades),
    imbalance: cut(path.imbalance),
    sigmaTicks: path.sigmaTicks,
  };
}

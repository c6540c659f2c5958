/**
 * Many parameter points of one strategy over the same candles, by whole columns. A feature that several points need is
 * computed once; chunks pass through, so memory does not grow with the history.
 */
import { DomainError } from "../errors/errors.ts";
import type { Candles, Funding } from "./candles.ts";
import { ColumnFeed } from "./rule-trader.ts";
import type { Expose, Strategy } from "./strategies.ts";
import type { Terms } from "./terms.ts";
import { beyondVector, leave, live, VectorAccount } from "./vector.ts";

/** Most points in one sweep. */
export const MAX_POINTS = 100_000;

export type PointResult = {
  readonly params: readonly number[];
  readonly netReturn: number;
  /** Mean over deviation of the returns from close to close, not annualised; 0 without any deviation. */
  readonly sharpePerBar: number;
  /** Share of the highest equity so far. */
  readonly maxDrawdown: number;
  readonly feesUsd: number;
  readonly fundingUsd: number;
  readonly fills: number;
};

class Point {
  readonly params: readonly number[];
  readonly expose: Expose;
  readonly values: readonly Float64Array[];
  readonly account: VectorAccount;
  bars = 0;
  sum = 0;
  squares = 0;
  last: number;
  peak: number;
  drawdown = 0;

  constructor(
    params: readonly number[],
    expose: Expose,
    values: readonly Float64Array[],
    capitalUsd: number,
  ) {
    this.params = params;
    this.expose = expose;
    this.values = values;
    this.account = new VectorAccount(capitalUsd);
    this.last = this.peak = capitalUsd;
  }

  mark(equityUsd: Float64Array, count: number): void {
    let { sum, squares, last, peak, drawdown } = this;
    for (let i = 0; i < count; i++) {
      const equity = equityUsd[i]!;
      if (equity === last) continue;
      const r = last > 0 ? equity / last - 1 : 0;
      sum += r;
      squares += r * r;
      last = equity;
      if (equity > peak) peak = equity;
      else if (1 - equity / peak > drawdown) drawdown = 1 - equity / peak;
    }
    this.sum = sum;
    this.squares = squares;
    this.last = last;
    this.peak = peak;
    this.drawdown = drawdown;
    this.bars += count;
  }
}

export class Sweep {
  readonly #points: readonly Point[];
  readonly #feed: ColumnFeed;
  readonly #terms: Terms;
  readonly #funding: Funding;
  readonly #stepMs: number;
  readonly #wanted: Float64Array;
  readonly #equityUsd: Float64Array;
  #lastClose = Number.NaN;

  /**
   * @param rows the most rows of a chunk.
   * @throws DomainError `backtest.sweep` for terms that whole columns leave out, or too many points.
   */
  constructor(
    strategy: Strategy,
    points: readonly (readonly number[])[],
    offExposure: 0 | -1,
    terms: Terms,
    funding: Funding,
    stepMs: number,
    rows: number,
  ) {
    const left = beyondVector(terms);
    if (left !== undefined)
      throw new DomainError(
        "backtest.sweep",
        `a sweep does not know ${left}; leave it out, or test one point alone`,
      );
    if (points.length === 0 || points.length > MAX_POINTS)
      throw new DomainError("backtest.sweep", `${points.length} points; a sweep has 1 to ${MAX_POINTS}`);
    const rules = points.map((params) => strategy.make(params, offExposure));
    const names = [...new Set(rules.flatMap(({ columns }) => columns))];
    this.#feed = new ColumnFeed(names, rows);
    const column = new Map(names.map((name, at) => [name, this.#feed.values[at]!]));
    this.#points = rules.map(
      ({ columns, expose }, at) =>
        new Point(
          points[at]!,
          expose,
          columns.map((name) => column.get(name)!),
          terms.capitalUsd,
        ),
    );
    this.#terms = terms;
    this.#funding = funding;
    this.#stepMs = stepMs;
    this.#wanted = new Float64Array(rows);
    this.#equityUsd = new Float64Array(rows);
  }

  /** Rows [0, count) of the next chunk. */
  pass(candles: Candles, count: number): void {
    if (count === 0) return;
    this.#feed.run(candles, count);
    for (const point of this.#points) {
      point.expose(point.values, this.#wanted, 0, count);
      live(
        point.account,
        candles,
        this.#wanted,
        this.#equityUsd,
        count,
        this.#terms,
        this.#funding,
        this.#stepMs,
      );
      point.mark(this.#equityUsd, count);
    }
    this.#lastClose = candles.close[count - 1]!;
  }

  /** Leaves what is open at the last close. */
  finish(): PointResult[] {
    return this.#points.map((point) => {
      const { account, bars, sum, squares } = point;
      const cash = bars === 0 ? this.#terms.capitalUsd : leave(account, this.#lastClose, this.#terms);
      const mean = sum / bars;
      const variance = squares / bars - mean * mean;
      return {
        params: point.params,
        netReturn: cash / this.#terms.capitalUsd - 1,
        sharpePerBar: variance > 0 ? mean / Math.sqrt(variance) : 0,
        maxDrawdown: point.drawdown,
        feesUsd: account.feesUsd,
        fundingUsd: account.fundingUsd,
        fills: account.fills,
      };
    });
  }
}

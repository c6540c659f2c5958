/** A rule of exposures as a trader: it orders when the wanted exposure changes, sized by the equity of that close. */

import { select } from "../features/library/catalogue.ts";
import { type Bars, SIDE_INPUTS } from "../features/library/indicator.ts";
import { Engine } from "../features/library/run.ts";
import type { Account } from "./account.ts";
import type { Candles } from "./candles.ts";
import type { Rule } from "./strategies.ts";
import type { Instruction, Trader } from "./trader.ts";

const NOTHING = new Float64Array(0);
const NO_SIDE = Object.fromEntries(SIDE_INPUTS.map((input) => [input, NOTHING])) as Omit<Bars, keyof Candles>;

/** Feature columns of one chunk after another, in arrays that are used again. */
export class ColumnFeed {
  readonly values: readonly Float64Array[];
  readonly #engine: Engine;

  /** @param rows the most rows of a chunk. @throws DomainError for a name that is no feature. */
  constructor(names: readonly string[], rows: number) {
    const columns = select(names);
    this.values = columns.map(() => new Float64Array(rows));
    this.#engine = new Engine(columns, this.values, rows);
  }

  run(candles: Candles, count: number): void {
    this.#engine.run({ ...NO_SIDE, ...candles }, 0, count);
  }
}

export class RuleTrader implements Trader {
  readonly name: string;
  readonly #rule: Rule;
  readonly #feed: ColumnFeed;
  /** Exposures of the chunk that was prepared last. */
  readonly wanted: Float64Array;
  #last = 0;

  constructor(name: string, rule: Rule, rows: number) {
    this.name = name;
    this.#rule = rule;
    this.#feed = new ColumnFeed(rule.columns, rows);
    this.wanted = new Float64Array(rows);
  }

  prepare(candles: Candles, from: number, to: number): void {
    this.#feed.run(candles, to);
    this.#rule.expose(this.#feed.values, this.wanted, from, to);
  }

  decide(candles: Candles, row: number, account: Account, instruction: Instruction): void {
    const wanted = this.wanted[row]!;
    if (wanted === this.#last || Number.isNaN(wanted)) return;
    this.#last = wanted;
    const price = candles.close[row]!;
    instruction.want((wanted * account.equityAt(price)) / price);
  }
}

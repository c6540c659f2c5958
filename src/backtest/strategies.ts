/**
 * Plain strategies, for comparison with other programs and as baselines. Each says after every close what exposure it
 * wants, in shares of equity: 1 all of it long, 0 nothing, -1 all of it short. NaN: no opinion yet, nothing is held.
 */
import { DomainError } from "../errors/errors.ts";
import { bars, type Param } from "../features/library/indicator.ts";

/** Writes rows [from, to) of `wanted`. Rows come in order, each once. */
export type Expose = (
  values: readonly Float64Array[],
  wanted: Float64Array,
  from: number,
  to: number,
) => void;
/** Features by their column names, and what is made of them. */
export type Rule = { readonly columns: readonly string[]; readonly expose: Expose };

export type Strategy = {
  readonly name: string;
  readonly meaning: string;
  readonly params: readonly Param[];
  /** @param offExposure what is wanted where the strategy does not want to be long: 0, or -1 to be short. */
  readonly make: (params: readonly number[], offExposure: 0 | -1) => Rule;
};

const share = (name: string, usual: number): Param => ({ name, usual, low: 0, high: 100, whole: false });

const buyAndHold: Strategy = {
  name: "buy-and-hold",
  meaning: "long from the first close to the last",
  params: [],
  make: () => ({ columns: [], expose: (_values, wanted, from, to) => void wanted.fill(1, from, to) }),
};

const smaCross: Strategy = {
  name: "sma-cross",
  meaning: "long while the mean of the last `fast` closes is above that of the last `slow`",
  params: [bars("fast", 50), bars("slow", 200, 2)],
  make: ([fast, slow], off) => {
    if (!(fast! < slow!))
      throw new DomainError("backtest.badParameter", `sma-cross: fast, ${fast}, must be below slow, ${slow}`);
    return {
      columns: [`sma_${fast}`, `sma_${slow}`],
      expose: ([quick, lazy], wanted, from, to) => {
        for (let i = from; i < to; i++) {
          const gap = quick![i]! - lazy![i]!;
          wanted[i] = gap > 0 ? 1 : gap <= 0 ? off : Number.NaN;
        }
      },
    };
  },
};

const rsi: Strategy = {
  name: "rsi",
  meaning: "long from an RSI below `low` until one above `high`",
  params: [bars("n", 14, 2), share("low", 30), share("high", 70)],
  make: ([n, low, high], off) => {
    if (!(low! < high!))
      throw new DomainError("backtest.badParameter", `rsi: low, ${low}, must be below high, ${high}`);
    const held = Float64Array.of(0);
    return {
      columns: [`rsi_${n}`],
      expose: ([strength], wanted, from, to) => {
        for (let i = from; i < to; i++) {
          const now = strength![i]!;
          if (now < low!) held[0] = 1;
          else if (now > high!) held[0] = off;
          wanted[i] = held[0]!;
        }
      },
    };
  },
};

const momentum: Strategy = {
  name: "momentum",
  meaning: "long while the close is above that of `n` candles before",
  params: [bars("n", 60)],
  make: ([n], off) => ({
    columns: [`roc_${n}`],
    expose: ([change], wanted, from, to) => {
      for (let i = from; i < to; i++) {
        const now = change![i]!;
        wanted[i] = now > 0 ? 1 : now <= 0 ? off : Number.NaN;
      }
    },
  }),
};

export const STRATEGIES: ReadonlyMap<string, Strategy> = new Map(
  [buyAndHold, smaCross, rsi, momentum].map((strategy) => [strategy.name, strategy]),
);

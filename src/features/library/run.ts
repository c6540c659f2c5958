/**
 * Running indicators: `batch` over arrays, `FeatureStream` bar by bar, both through the same closures, so their bits
 * are equal. `AnchoredStream` restarts at every UTC midnight from a window, like the features that decisions use.
 */
import { DAY_MS } from "../../domain/candle.ts";
import { BOOK_ROW } from "../order-book.ts";
import type { Column } from "./catalogue.ts";
import { type Bars, CANDLE_INPUTS, type Input, type Run, SIDE_INPUTS, type SideInput } from "./indicator.ts";

/** Rows of a batch that are worked on at once: inputs and outputs then stay in the processor's cache. */
const BLOCK_ROWS = 2_048;

const INPUTS: readonly Input[] = [...CANDLE_INPUTS, ...SIDE_INPUTS];
const widthOf = (input: Input): number => (input === "book" ? BOOK_ROW : 1);

/** Empty columns for `rows` rows of candles and of the side inputs that are named. */
export function barsOf(rows: number, side: readonly SideInput[] = []): Bars {
  const has = (input: Input): boolean =>
    (CANDLE_INPUTS as readonly string[]).includes(input) || (side as readonly string[]).includes(input);
  const entries = INPUTS.map((input) => [input, new Float64Array(has(input) ? rows * widthOf(input) : 0)]);
  return Object.fromEntries(entries) as Bars;
}

/** The side inputs that these columns are made of. */
export const needsOf = (columns: readonly Column[]): SideInput[] =>
  SIDE_INPUTS.filter((input) => columns.some(({ chosen }) => chosen.definition.needs?.includes(input)));

type Part = { run: Run; out: Float64Array[] };
type Warming = { values: Float64Array; bars: number };

/** Fresh state of every indicator that the columns name, each once, writing into `outs` (one for each column). */
export class Engine {
  private readonly parts: Part[];
  private readonly warming: Warming[];
  private readonly longestWarmUp: number;
  private seen = 0;

  constructor(columns: readonly Column[], outs: readonly Float64Array[], rows: number) {
    const parts = new Map<string, Part>();
    columns.forEach(({ chosen: { key, definition, params }, output }, at) => {
      const part = parts.get(key) ?? {
        run: definition.make(...params),
        // Outputs that nobody asked for are written all the same.
        out: Object.keys(definition.outputs).map(() => new Float64Array(0)),
      };
      part.out[output] = outs[at]!;
      parts.set(key, part);
    });
    const unread = new Float64Array(rows);
    for (const { out } of parts.values())
      out.forEach((values, at) => {
        if (values.length === 0) out[at] = unread;
      });
    this.parts = [...parts.values()];
    this.warming = columns.map(({ warmUpBars }, at) => ({ values: outs[at]!, bars: warmUpBars }));
    this.longestWarmUp = Math.max(0, ...columns.map(({ warmUpBars }) => warmUpBars));
  }

  /** Rows [from, to): the next ones. */
  run(bars: Bars, from: number, to: number): void {
    const { parts } = this;
    for (let i = 0; i < parts.length; i++) {
      const part = parts[i]!;
      part.run(bars, part.out, from, to);
    }
    if (this.seen < this.longestWarmUp) this.blank(from, to);
  }

  private blank(from: number, to: number): void {
    for (const { values, bars } of this.warming)
      values.fill(Number.NaN, from, Math.max(from, Math.min(to, from + bars - 1 - this.seen)));
    this.seen += to - from;
  }
}

/**
 * The columns over all rows: one array for each, NaN during warm-up.
 * @param into arrays to write, as long as the bars; fresh ones by default
 */
export function batch(
  columns: readonly Column[],
  bars: Bars,
  into: readonly Float64Array[] = columns.map(() => new Float64Array(bars.close.length)),
): readonly Float64Array[] {
  const rows = bars.close.length;
  const engine = new Engine(columns, into, rows);
  for (let from = 0; from < rows; from += BLOCK_ROWS)
    engine.run(bars, from, Math.min(rows, from + BLOCK_ROWS));
  return into;
}

/** Copies row `from` of `source` to row `to` of `target`: the candle, and the side inputs named. */
function copyRow(source: Bars, from: number, target: Bars, to: number, side: readonly SideInput[]): void {
  target.closeTimeMs[to] = source.closeTimeMs[from]!;
  target.open[to] = source.open[from]!;
  target.high[to] = source.high[from]!;
  target.low[to] = source.low[from]!;
  target.close[to] = source.close[from]!;
  target.volume[to] = source.volume[from]!;
  for (let i = 0; i < side.length; i++) {
    const width = widthOf(side[i]!);
    for (let k = 0; k < width; k++) target[side[i]!][to * width + k] = source[side[i]!][from * width + k]!;
  }
}

export class FeatureStream {
  /** One value for each column after {@link push}: NaN during warm-up. Overwritten by the next push. */
  readonly values: Float64Array;
  /** The row that {@link step} reads: one number in each candle column and in each side input that is needed. */
  readonly row: Bars;
  private readonly columns: readonly Column[];
  private readonly outs: readonly Float64Array[];
  private readonly side: readonly SideInput[];
  private engine: Engine;

  constructor(columns: readonly Column[]) {
    this.columns = columns;
    this.side = needsOf(columns);
    this.row = barsOf(1, this.side);
    this.values = new Float64Array(columns.length);
    this.outs = columns.map((_, at) => this.values.subarray(at, at + 1));
    this.engine = new Engine(columns, this.outs, 1);
  }

  /** One more closed bar, in {@link row}. */
  step(): void {
    this.engine.run(this.row, 0, 1);
  }

  /** One more closed bar: row `at` of `bars`. */
  push(bars: Bars, at: number): void {
    copyRow(bars, at, this.row, 0, this.side);
    this.engine.run(this.row, 0, 1);
  }

  /** Forgets everything: the next bar is the first. */
  reset(): void {
    this.engine = new Engine(this.columns, this.outs, 1);
  }
}

/**
 * A stream whose state restarts at every UTC midnight from exactly the last `windowBars` bars closed by then: a value
 * is a function of at most these and one day. NaN until a midnight with a full window has been passed.
 */
export class AnchoredStream {
  readonly values: Float64Array;
  private readonly stream: FeatureStream;
  private readonly window: Bars;
  private readonly windowBars: number;
  private readonly side: readonly SideInput[];
  private pushed = 0;
  private day = Number.NaN;
  private anchored = false;

  constructor(columns: readonly Column[], windowBars: number) {
    this.stream = new FeatureStream(columns);
    this.values = this.stream.values;
    this.windowBars = windowBars;
    this.side = needsOf(columns);
    this.window = barsOf(windowBars, this.side);
  }

  push(bars: Bars, at: number): void {
    const closeTimeMs = bars.closeTimeMs[at]!;
    const day = Math.floor(closeTimeMs / DAY_MS);
    const atMidnight = closeTimeMs % DAY_MS === 0;
    // A gap over midnight: the restart comes before the first bar after it.
    if (day > this.day && !atMidnight) this.restart();
    this.day = day;
    copyRow(bars, at, this.window, this.pushed % this.windowBars, this.side);
    this.pushed += 1;
    if (atMidnight) this.restart();
    else this.stream.push(bars, at);
    if (!this.anchored) this.values.fill(Number.NaN);
  }

  private restart(): void {
    const { windowBars, window, stream } = this;
    this.anchored = this.pushed >= windowBars;
    if (!this.anchored) return;
    stream.reset();
    for (let i = 0; i < windowBars; i++) stream.push(window, (this.pushed + i) % windowBars);
  }
}

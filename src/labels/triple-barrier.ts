/**
 * Labels by the first of three barriers: a target, a stop, or the end of time (López de Prado, ch. 3).
 *
 * The path inside a bar is not known, so it is a convention. A bar that opens beyond a barrier ends the trade there: at
 * its open when that is the stop, at the target's own price when that is the target, never better. Otherwise a bar that
 * holds one barrier ends at that barrier's price, and one that holds both by `insideBar`:
 * - `stopFirst`: the stop. The cautious choice.
 * - `openLowHighClose`: the venue's own path for recorded bars: the low first when the bar closes at or above its open,
 *   else the high first.
 */
import { refuse } from "../stats/index.ts";
import type { LabelSpan } from "../validation/index.ts";
import { type Bars, checkEvent, closeTimeMs, knownUntil, lastClosedBar } from "./bars.ts";

export type BarrierEvent = {
  /** The bar on whose close the position is opened, at that close. */
  index: number;
  side: "LONG" | "SHORT";
  /** Distances from the entry as shares of it, above 0; Infinity for no barrier. */
  targetReturn: number;
  stopReturn: number;
};

export type BarrierOptions = {
  /** The vertical barrier: after this the position is closed at the last close. */
  horizonMs: number;
  /** Fee and slippage of one fill, as a share of its notional; paid at entry and at exit. */
  costPerSide: number;
  insideBar: "stopFirst" | "openLowHighClose";
};

/**
 * `start` is the decision, `end` when the outcome is known (Unix milliseconds): the close of the bar that touched a
 * barrier, or the vertical one.
 */
export type BarrierLabel = LabelSpan & {
  index: number;
  outcome: "target" | "stop" | "time";
  exitPrice: number;
  /** Of the position, so above 0 for a short when the price fell. */
  grossReturn: number;
  /** After costs at both ends. */
  netReturn: number;
  /** Sign of the net return. */
  label: -1 | 0 | 1;
};

type Exit = Pick<BarrierLabel, "outcome" | "exitPrice" | "end">;

/** @returns one for each event, in order; undefined where the bars end before the outcome is known. */
export function tripleBarrierLabels(
  bars: Bars,
  events: readonly BarrierEvent[],
  options: BarrierOptions,
): (BarrierLabel | undefined)[] {
  if (!(options.costPerSide >= 0))
    refuse(`the cost of a fill must not be negative, got ${options.costPerSide}`);
  return events.map((event) => {
    checkEvent(bars, event.index, options.horizonMs);
    if (!(event.targetReturn > 0 && event.stopReturn > 0))
      refuse(`the event at bar ${event.index} needs target and stop distances above 0`);
    const exit = exitOf(bars, event, options);
    if (!exit) return undefined;
    const ratio = exit.exitPrice / bars.close[event.index]!;
    const grossReturn = event.side === "LONG" ? ratio - 1 : 1 - ratio;
    const netReturn = grossReturn - options.costPerSide * (1 + ratio);
    const label = netReturn > 0 ? 1 : netReturn < 0 ? -1 : 0;
    const start = closeTimeMs(bars, event.index);
    return { index: event.index, start, ...exit, grossReturn, netReturn, label };
  });
}

function exitOf(bars: Bars, event: BarrierEvent, { horizonMs, insideBar }: BarrierOptions): Exit | undefined {
  const entry = bars.close[event.index]!;
  const up = event.side === "LONG" ? 1 : -1;
  const target = entry * (1 + up * event.targetReturn);
  const stop = entry * (1 - up * event.stopReturn);
  const endMs = closeTimeMs(bars, event.index) + horizonMs;
  const last = lastClosedBar(bars, endMs);
  for (let i = event.index + 1; i <= last; i++) {
    const [open, high, low] = [bars.open[i]!, bars.high[i]!, bars.low[i]!];
    const end = closeTimeMs(bars, i);
    if (up * (open - stop) <= 0) return { outcome: "stop", exitPrice: open, end };
    if (up * (open - target) >= 0) return { outcome: "target", exitPrice: target, end };
    const stopped = up === 1 ? low <= stop : high >= stop;
    const reached = up === 1 ? high >= target : low <= target;
    const lowFirst = bars.close[i]! >= open;
    const stopFirst = insideBar === "stopFirst" || lowFirst === (up === 1);
    if (stopped && (stopFirst || !reached)) return { outcome: "stop", exitPrice: stop, end };
    if (reached) return { outcome: "target", exitPrice: target, end };
  }
  return knownUntil(bars, endMs) ? { outcome: "time", exitPrice: bars.close[last]!, end: endMs } : undefined;
}

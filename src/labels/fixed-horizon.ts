/** Labels after a fixed time: where the close at the horizon stands to the close at the decision. */
import type { LabelSpan } from "../validation/index.ts";
import { type Bars, checkEvent, closeTimeMs, knownUntil, lastClosedBar } from "./bars.ts";

/** `start` is the decision and `end` the moment the label is known, both Unix milliseconds: purging takes them as they are. */
export type HorizonLabel = LabelSpan & {
  /** The bar on whose close the decision is taken. */
  index: number;
  /** Close at the horizon / close at the decision − 1. Where a bar is missing, the last close before it. */
  return: number;
  /** 1 above the neutral band, −1 below, else 0. */
  label: -1 | 0 | 1;
};

export type HorizonOptions = {
  horizonMs: number;
  /** Returns within ± this are neutral: 0, or the round trip's cost. */
  neutralReturn: number;
};

/** @returns one for each decision, in order; undefined where the bars end before the horizon. */
export function fixedHorizonLabels(
  bars: Bars,
  decisions: readonly number[],
  { horizonMs, neutralReturn }: HorizonOptions,
): (HorizonLabel | undefined)[] {
  return decisions.map((index) => {
    checkEvent(bars, index, horizonMs);
    const start = closeTimeMs(bars, index);
    const end = start + horizonMs;
    if (!knownUntil(bars, end)) return undefined;
    const change = bars.close[lastClosedBar(bars, end)]! / bars.close[index]! - 1;
    return { index, start, end, return: change, label: signBeyond(change, neutralReturn) };
  });
}

/** Labels at several horizons for a model that answers for all of them. */
export type MultiHorizonLabel = LabelSpan & { index: number; horizons: HorizonLabel[] };

/** @returns one for each decision; undefined unless every horizon is known. The span ends with the longest. */
export function multiHorizonLabels(
  bars: Bars,
  decisions: readonly number[],
  horizons: readonly HorizonOptions[],
): (MultiHorizonLabel | undefined)[] {
  const columns = horizons.map((horizon) => fixedHorizonLabels(bars, decisions, horizon));
  return decisions.map((index, i) => {
    const labels = columns.flatMap((column) => column[i] ?? []);
    if (labels.length < horizons.length || labels.length === 0) return undefined;
    const end = Math.max(...labels.map((label) => label.end));
    return { index, start: labels[0]!.start, end, horizons: labels };
  });
}

const signBeyond = (value: number, band: number): -1 | 0 | 1 => (value > band ? 1 : value < -band ? -1 : 0);

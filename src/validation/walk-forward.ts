/** Walk-forward windows: train on the past, test on what follows, move on. Training labels never reach the test. */
import { refuse, wholeNumber } from "../stats/index.ts";
import { checkSpans, type LabelSpan, purgedSplit, type Split } from "./purge.ts";

export type WalkForward = {
  /** `anchored` keeps all of the past, `rolling` only the last `train` observations before the test. */
  window: "anchored" | "rolling";
  /** Observations before the first test; the length of a rolling window. Purging takes from its end. */
  train: number;
  test: number;
  /** Observations from one test's start to the next one's; `test` for tests side by side. */
  step: number;
};

/**
 * @returns windows in time order; the last one ends at or before the last observation.
 * @throws DomainError `stats.badInput` when not even one window fits, or purging leaves one nothing to learn from.
 */
export function walkForward(spans: readonly LabelSpan[], options: WalkForward): Split[] {
  checkSpans(spans);
  for (const name of ["train", "test", "step"] as const) wholeNumber(name, options[name], 1, spans.length);
  const { window, train, test, step } = options;
  if (train + test > spans.length)
    refuse(`${train} to train on and ${test} to test on do not fit into ${spans.length} observations`);
  const splits: Split[] = [];
  for (let first = train; first + test <= spans.length; first += step) {
    const from = window === "anchored" ? 0 : first - train;
    const known = spans.slice(from, first + test);
    const local = purgedSplit(known, [{ first: first - from, last: first - from + test - 1 }], 0);
    if (local.train.length === 0)
      refuse(`every label before observation ${first} reaches into its test window; train on more`);
    splits.push({ train: local.train.map((i) => i + from), test: local.test.map((i) => i + from) });
  }
  return splits;
}

/**
 * What must leave a training set so that it knows nothing of the test set: labels that overlap it in time (purging)
 * and observations right after it, whose features still remember it (embargo).
 */
import { refuse, wholeNumber } from "../stats/index.ts";

/** From the decision to the moment its label is known, both ends included. Any unit of time, the same for all. */
export type LabelSpan = { start: number; end: number };

/** Observations by index, ascending. */
export type Split = { train: Uint32Array; test: Uint32Array };

/** A run of observations, first and last included. */
export type Block = { first: number; last: number };

const MAX_OBSERVATIONS = 10_000_000;

/** @throws DomainError `stats.badInput` unless spans ascend by start and none ends before it starts. */
export function checkSpans(spans: readonly LabelSpan[]): void {
  if (spans.length > MAX_OBSERVATIONS)
    refuse(`${spans.length} observations are more than ${MAX_OBSERVATIONS}; thin them out`);
  spans.forEach(({ start, end }, i) => {
    if (!(end >= start)) refuse(`label ${i} ends at ${end}, before it starts at ${start}`);
    if (i > 0 && !(start >= spans[i - 1]!.start))
      refuse(`label ${i} starts before label ${i - 1}; sort the labels by their start`);
  });
}

/** Cuts n observations into `count` runs in time order; the first n mod count runs are one longer. */
export function blocksOf(n: number, count: number): Block[] {
  wholeNumber("the number of folds", count, 2, n);
  const size = Math.floor(n / count);
  const longer = n % count;
  let first = 0;
  return Array.from({ length: count }, (_, i) => {
    const block = { first, last: first + size + (i < longer ? 1 : 0) - 1 };
    first = block.last + 1;
    return block;
  });
}

/**
 * The split whose test set is `tests` (ascending, disjoint). A label leaves the training set when its span touches the
 * time from the first start to the last end of a test block, or when it is one of the `embargo` observations after a
 * test block's last one.
 */
export function purgedSplit(spans: readonly LabelSpan[], tests: readonly Block[], embargo: number): Split {
  const state = new Uint8Array(spans.length);
  const [KEPT, TESTED, DROPPED] = [0, 1, 2];
  for (const { first, last } of tests) state.fill(TESTED, first, last + 1);
  for (const { first, last } of tests) {
    const from = spans[first]!.start;
    let to = spans[first]!.end;
    for (let i = first; i <= last; i++) to = Math.max(to, spans[i]!.end);
    for (let i = 0; i < spans.length && spans[i]!.start <= to; i++)
      if (state[i] === KEPT && spans[i]!.end >= from) state[i] = DROPPED;
    for (let i = last + 1; i <= Math.min(last + embargo, spans.length - 1); i++)
      if (state[i] === KEPT) state[i] = DROPPED;
  }
  return { train: indexesOf(state, KEPT), test: indexesOf(state, TESTED) };
}

function indexesOf(state: Uint8Array, wanted: number): Uint32Array {
  const found = new Uint32Array(state.reduce((count, one) => count + Number(one === wanted), 0));
  let at = 0;
  state.forEach((one, i) => {
    if (one === wanted) found[at++] = i;
  });
  return found;
}

/**
 * Combinatorial purged cross-validation (López de Prado, ch. 12): every choice of test groups is one split, and the
 * splits together give many complete out-of-sample paths where k-fold gives one.
 */
import { refuse, wholeNumber } from "../stats/index.ts";
import { blocksOf, checkSpans, type LabelSpan, purgedSplit, type Split } from "./purge.ts";

const MAX_COMBINATIONS = 20_000;

export type CombinatorialSplits = {
  /** Groups of observations in time order. */
  groups: { first: number; last: number }[];
  /** One for each choice of test groups, in lexicographic order. */
  splits: (Split & { testGroups: number[] })[];
  /** Each path names, for every group, the split whose prediction it takes. Each (split, test group) is used once. */
  paths: number[][];
};

/**
 * @param groups N runs of observations in time order.
 * @param testGroups k of them are tested at once: C(N, k) splits, C(N − 1, k − 1) paths.
 * @param embargo see `purgedKFold`.
 */
export function combinatorialPurged(
  spans: readonly LabelSpan[],
  { groups, testGroups, embargo }: { groups: number; testGroups: number; embargo: number },
): CombinatorialSplits {
  checkSpans(spans);
  wholeNumber("the embargo", embargo, 0, spans.length);
  const blocks = blocksOf(spans.length, groups);
  wholeNumber("the number of test groups", testGroups, 1, groups - 1);
  const splits = combinations(groups, testGroups).map((chosen) => ({
    testGroups: chosen,
    ...purgedSplit(
      spans,
      chosen.map((group) => blocks[group]!),
      embargo,
    ),
  }));
  const splitsOfGroup = blocks.map((_, group) =>
    splits.flatMap(({ testGroups: tested }, split) => (tested.includes(group) ? [split] : [])),
  );
  const paths = splitsOfGroup[0]!.map((_, path) => splitsOfGroup.map((list) => list[path]!));
  return { groups: blocks, splits, paths };
}

/**
 * Every choice of k out of 0 … n − 1, in lexicographic order.
 * @throws DomainError `stats.badInput` when there are more than MAX_COMBINATIONS.
 */
export function combinations(n: number, k: number): number[][] {
  let count = 1;
  for (let i = 1; i <= k; i++) count = (count * (n - k + i)) / i;
  if (count > MAX_COMBINATIONS)
    refuse(
      `${k} of ${n} groups can be chosen in ${count} ways, more than ${MAX_COMBINATIONS}; use fewer groups`,
    );
  const all: number[][] = [];
  const chosen = Array.from({ length: k }, (_, i) => i);
  for (;;) {
    all.push([...chosen]);
    let at = k - 1;
    while (at >= 0 && chosen[at] === n - k + at) at -= 1;
    if (at < 0) return all;
    chosen[at]! += 1;
    for (let i = at + 1; i < k; i++) chosen[i] = chosen[i - 1]! + 1;
  }
}

/** Purged k-fold cross-validation with embargo (López de Prado, Advances in Financial Machine Learning, ch. 7). */
import { wholeNumber } from "../stats/index.ts";
import { blocksOf, checkSpans, type LabelSpan, purgedSplit, type Split } from "./purge.ts";

/**
 * @param spans of all observations, ascending by start.
 * @param embargo observations dropped after each test fold, counted from its last one. Where labels are longer than
 * that, purging alone already drops them: give label length plus the memory of the features.
 * @returns k splits; every observation is tested in exactly one.
 */
export function purgedKFold(
  spans: readonly LabelSpan[],
  { folds, embargo }: { folds: number; embargo: number },
): Split[] {
  checkSpans(spans);
  wholeNumber("the embargo", embargo, 0, spans.length);
  return blocksOf(spans.length, folds).map((block) => purgedSplit(spans, [block], embargo));
}

/** Permutation importance: how much worse a model scores when one input is shuffled. Measure it out of sample. */
import { momentsOf, refuse, type SeededRandom, wholeNumber } from "../stats/index.ts";

export type Importance = {
  /** Names of the group's inputs. */
  group: string;
  /** Mean rise of the loss when the group is shuffled: 0 or below means the model does not need it. */
  mean: number;
  /** Deviation over the repeats; NaN for one. */
  std: number;
};

const MAX_REPEATS = 1_000;

/**
 * @param rows [samples × columns], row-major; left as it was.
 * @param groups columns shuffled together: inputs that say the same thing hide each other when shuffled one by one.
 * @param loss of the model on rows like these; lower is better. It must not keep the array.
 * @returns in the order of `groups`.
 */
export function permutationImportance(
  rows: Float32Array,
  columns: number,
  groups: Readonly<Record<string, readonly number[]>>,
  loss: (rows: Float32Array) => number,
  { repeats, random }: { repeats: number; random: SeededRandom },
): Importance[] {
  wholeNumber("the number of repeats", repeats, 1, MAX_REPEATS);
  if (!(columns >= 1) || rows.length % columns !== 0)
    refuse(`${rows.length} values are no whole number of rows of ${columns} columns`);
  const samples = rows.length / columns;
  const baseline = loss(rows.slice());
  const order = Uint32Array.from({ length: samples }, (_, i) => i);
  return Object.entries(groups).map(([group, members]) => {
    for (const column of members) wholeNumber(`a column of group "${group}"`, column, 0, columns - 1);
    const rises = Array.from({ length: repeats }, () => {
      random.shuffle(order);
      const shuffled = rows.slice();
      order.forEach((from, to) => {
        for (const column of members) shuffled[to * columns + column] = rows[from * columns + column]!;
      });
      return loss(shuffled) - baseline;
    });
    const { mean, std } = momentsOf(rises);
    return { group, mean, std };
  });
}

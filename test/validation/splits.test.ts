import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import {
  combinatorialPurged,
  type LabelSpan,
  purgedKFold,
  type Split,
  walkForward,
} from "../../src/validation/index.ts";
import { reference, skip } from "../stats/reference.ts";

/** Decisions one unit apart whose labels last as long as given. */
const lasting = (lengths: readonly number[]): LabelSpan[] =>
  lengths.map((length, start) => ({ start, end: start + length }));
const spansOf = (minLength: number) =>
  fc.array(fc.integer({ min: 0, max: 6 }), { minLength, maxLength: 60 }).map(lasting);
const touching = (a: LabelSpan, b: LabelSpan): boolean => a.start <= b.end && b.start <= a.end;
const list = (indexes: Uint32Array): number[] => [...indexes];

function assertNoLeak(spans: readonly LabelSpan[], { train, test }: Split): void {
  for (const i of train)
    for (const j of test) assert.ok(!touching(spans[i]!, spans[j]!), `label ${i} overlaps tested label ${j}`);
}

describe("purged k-fold", () => {
  for (const name of ["purged-kfold-60", "purged-kfold-90-variable"])
    it(`gives the folds of ${name}`, { skip }, () => {
      const { spans, k, embargoPct, expected } = reference(name);
      const embargo = Math.floor(spans.length * embargoPct);
      const splits = purgedKFold(
        spans.map(([start, end]: number[]) => ({ start, end })),
        { folds: k, embargo },
      );
      assert.equal(splits.length, expected.length);
      splits.forEach(({ train, test }, i) => {
        assert.deepEqual([test[0], test.at(-1)], expected[i].test);
        assert.deepEqual(list(train), expected[i].train);
      });
    });

  it("tests every observation once and never trains on a label that overlaps the test", () => {
    fc.assert(
      fc.property(
        spansOf(4),
        fc.integer({ min: 2, max: 4 }),
        fc.integer({ min: 0, max: 4 }),
        (spans, folds, embargo) => {
          const splits = purgedKFold(spans, { folds, embargo });
          assert.deepEqual(
            splits.flatMap(({ test }) => list(test)),
            spans.map((_, i) => i),
          );
          for (const split of splits) {
            assertNoLeak(spans, split);
            const last = split.test.at(-1)!;
            for (const i of split.train)
              assert.ok(i < last || i > last + embargo, "an embargoed observation is trained on");
          }
        },
      ),
    );
  });

  it("keeps every label that neither overlaps nor follows too soon", () => {
    const splits = purgedKFold(lasting([0, 0, 0, 0, 0, 0]), { folds: 3, embargo: 1 });
    assert.deepEqual(
      splits.map(({ train }) => list(train)),
      [
        [3, 4, 5],
        [0, 1, 5],
        [0, 1, 2, 3],
      ],
    );
  });

  it("refuses labels out of order, with the first one that is", () => {
    const spans = [
      { start: 0, end: 1 },
      { start: 5, end: 6 },
      { start: 4, end: 5 },
    ];
    assert.throws(() => purgedKFold(spans, { folds: 2, embargo: 0 }), /label 2 starts before label 1/);
    assert.throws(
      () => purgedKFold([{ start: 1, end: 0 }], { folds: 2, embargo: 0 }),
      /ends at 0, before it starts/,
    );
    assert.throws(
      () => purgedKFold(lasting([1, 1]), { folds: 3, embargo: 0 }),
      /number of folds .* from 2 to 2, got 3/,
    );
  });
});

describe("combinatorial purged cross-validation", () => {
  it("has C(N, k) splits and C(N − 1, k − 1) paths", () => {
    const { splits, paths } = combinatorialPurged(lasting(Array(12).fill(0)), {
      groups: 6,
      testGroups: 2,
      embargo: 0,
    });
    assert.equal(splits.length, 15);
    assert.equal(paths.length, 5);
    assert.deepEqual(splits[0]!.testGroups, [0, 1]);
    assert.deepEqual(splits.at(-1)!.testGroups, [4, 5]);
  });

  it("covers all of history on every path, with each tested group used once and no leak", () => {
    fc.assert(
      fc.property(
        spansOf(8),
        fc.integer({ min: 3, max: 6 }),
        fc.integer({ min: 1, max: 2 }),
        (spans, groups, testGroups) => {
          const result = combinatorialPurged(spans, { groups, testGroups, embargo: 1 });
          const used = new Set<string>();
          for (const path of result.paths)
            path.forEach((split, group) => {
              assert.ok(result.splits[split]!.testGroups.includes(group));
              used.add(`${split}/${group}`);
            });
          assert.equal(used.size, result.splits.length * testGroups);
          assert.equal(used.size, result.paths.length * groups);
          for (const split of result.splits) assertNoLeak(spans, split);
        },
      ),
      { numRuns: 40 },
    );
  });

  it("trains between two test groups, but on nothing that touches either", () => {
    const { splits } = combinatorialPurged(lasting(Array(10).fill(1)), {
      groups: 5,
      testGroups: 2,
      embargo: 0,
    });
    const firstAndFourth = splits.find(({ testGroups }) => testGroups.join() === "0,3")!;
    assert.deepEqual(list(firstAndFourth.test), [0, 1, 6, 7]);
    assert.deepEqual(list(firstAndFourth.train), [3, 4, 9]);
  });

  it("refuses more combinations than it can hold", () => {
    assert.throws(
      () => combinatorialPurged(lasting(Array(40).fill(0)), { groups: 40, testGroups: 20, embargo: 0 }),
      /more than 20000; use fewer groups/,
    );
  });
});

describe("walk-forward windows", () => {
  const spans = lasting(Array(20).fill(2));

  it("keep all of the past when anchored, and a fixed stretch when rolling", () => {
    const options = { train: 8, test: 4, step: 4 };
    const anchored = walkForward(spans, { window: "anchored", ...options });
    const rolling = walkForward(spans, { window: "rolling", ...options });
    assert.deepEqual(
      anchored.map(({ test }) => [test[0], test.at(-1)]),
      [
        [8, 11],
        [12, 15],
        [16, 19],
      ],
    );
    assert.deepEqual(
      rolling.map(({ test }) => list(test)),
      anchored.map(({ test }) => list(test)),
    );
    assert.deepEqual(
      anchored.map(({ train }) => [train[0], train.at(-1)]),
      [
        [0, 5],
        [0, 9],
        [0, 13],
      ],
    );
    assert.deepEqual(
      rolling.map(({ train }) => [train[0], train.at(-1)]),
      [
        [0, 5],
        [4, 9],
        [8, 13],
      ],
    );
  });

  it("never train on the future or on a label that reaches the test", () => {
    fc.assert(
      fc.property(
        spansOf(30),
        fc.constantFrom("anchored" as const, "rolling" as const),
        fc.integer({ min: 8, max: 15 }),
        fc.integer({ min: 1, max: 8 }),
        (labels, window, train, test) => {
          for (const split of walkForward(labels, { window, train, test, step: test })) {
            assertNoLeak(labels, split);
            assert.ok(split.train.at(-1)! < split.test[0]!);
          }
        },
      ),
    );
  });

  it("are refused when nothing is left to learn from", () => {
    assert.throws(
      () => walkForward(lasting(Array(10).fill(9)), { window: "rolling", train: 4, test: 2, step: 2 }),
      /every label before observation 4 reaches into its test window/,
    );
    assert.throws(
      () => walkForward(spans, { window: "rolling", train: 18, test: 4, step: 1 }),
      /18 to train on and 4 to test on do not fit into 20/,
    );
  });
});

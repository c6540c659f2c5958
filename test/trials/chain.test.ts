import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { hashText } from "../../src/domain/ids.ts";
import { canonicalJson } from "../../src/models/index.ts";
import {
  assertContinues,
  atLeast,
  NO_TRIALS,
  nextTrial,
  readTrials,
  SHARPE_METRIC,
  trialSharpes,
} from "../../src/trials/index.ts";
import { deflatedSharpe } from "../../src/validation/index.ts";
import { near } from "../stats/near.ts";
import { recordOf, trial } from "./samples.ts";

const COUNT = 6;
const { lines, head } = recordOf(COUNT);
const text = lines.join("");
/** The line with one field changed and a hash that fits again. */
function forged(line: string, change: Record<string, unknown>): string {
  const { hash: _, ...body } = { ...JSON.parse(line), ...change };
  return `${canonicalJson({ ...body, hash: hashText(canonicalJson(body)) })}\n`;
}

describe("a record of trials", () => {
  it("reads back what was recorded, with the head to publish", () => {
    const record = readTrials(text);
    assert.deepEqual(
      record.trials.map(({ name }) => name),
      ["lstm-1", "lstm-2", "lstm-3", "lstm-4", "lstm-5", "lstm-6"],
    );
    assert.deepEqual(record.head, head);
    assert.equal(record.tornLength, 0);
    assertContinues(record, head);
    assert.deepEqual(readTrials("").head, { count: 0, headHash: NO_TRIALS });
  });

  it("depends on nothing but the entries", () => {
    const { metrics, ...rest } = trial(1, { b: 2, a: 1 });
    const start = { count: 0, headHash: NO_TRIALS };
    assert.equal(
      nextTrial(start, { metrics: { a: 1, b: 2 }, ...rest }).line,
      nextTrial(start, { ...rest, metrics }).line,
    );
  });

  it("names an entry whose content was altered", () => {
    const altered = text.replace('"logLoss":0.687', '"logLoss":0.587');
    assert.notEqual(altered, text);
    assert.throws(
      () => readTrials(altered),
      /trial 3 of the record \("lstm-3"\) was altered: its content does not have its hash/,
    );
  });

  it("names the entries between which one was forged with a fitting hash", () => {
    const changed = [
      ...lines.slice(0, 2),
      forged(lines[2]!, { metrics: { logLoss: 0.1 } }),
      ...lines.slice(3),
    ];
    assert.throws(
      () => readTrials(changed.join("")),
      /trial 4 of the record \("lstm-4"\) does not follow trial 3 \("lstm-3"\); one of them was replaced/,
    );
  });

  it("names an entry that was taken out, wherever it stood", () => {
    for (let gone = 1; gone < COUNT; gone++) {
      const rest = lines.filter((_, i) => i !== gone - 1).join("");
      assert.throws(
        () => readTrials(rest),
        new RegExp(`trial ${gone} of the record is missing: trial ${gone + 1}`),
      );
    }
  });

  it("knows by a published head that the newest entries were taken out, or all were replaced", () => {
    const shorter = readTrials(lines.slice(0, 4).join(""));
    assert.throws(
      () => assertContinues(shorter, head),
      /trials 5 to 6 of the record are missing: 6 were published/,
    );
    const rewritten = lines.slice(0, 1).map((line) => forged(line, { name: "another" }));
    assert.throws(
      () =>
        assertContinues(readTrials(rewritten.join("")), { count: 1, headHash: JSON.parse(lines[0]!).hash }),
      /trial 1 of the record has hash .*: it or one before it was replaced/,
    );
    assertContinues(readTrials(text), { count: 2, headHash: JSON.parse(lines[1]!).hash });
  });

  it("notices moved and repeated entries", () => {
    const [a, b, c] = lines as [string, string, string];
    assert.throws(() => readTrials(a + a), /trial 2 of the record says that it is trial 1/);
    assert.throws(
      () => readTrials(a + c + b),
      /trial 2 of the record is missing: trial 3 \("lstm-3"\) stands in the place/,
    );
    assert.throws(
      () => readTrials(forged(a, { previousHash: hashText("x") })),
      /what was before it was taken out/,
    );
  });

  it("notices any changed character, given the published head", () => {
    fc.assert(
      fc.property(
        fc.nat({ max: text.length - 1 }),
        fc.constantFrom("0", "x", "}", "\n", " "),
        (at, character) => {
          const changed = text.slice(0, at) + character + text.slice(at + 1);
          if (changed === text) return;
          assert.throws(() => assertContinues(readTrials(changed), head), /of the record/);
        },
      ),
    );
  });

  it("takes an entry in its canonical bytes only", () => {
    assert.throws(() => readTrials(text.replace("{", "{ ")), /trial 1 of the record .* was altered/);
  });

  it("ignores the start of an entry that was never finished, and keeps one that only lost its line end", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: lines[3]!.length - 2 }), (length) => {
        const whole = lines.slice(0, 3).join("");
        const record = readTrials(whole + lines[3]!.slice(0, length));
        assert.deepEqual(
          [record.head.count, record.wholeLength, record.tornLength],
          [3, whole.length, length],
        );
      }),
    );
    const record = readTrials(text.slice(0, -1));
    assert.deepEqual(record.head, head);
    assert.equal(record.tornLength, 0);
  });

  it("takes no unfinished entry in the middle, no unknown key, and no figure that is none", () => {
    assert.throws(
      () => readTrials(`${lines[0]!.slice(0, 50)}\n${lines[1]}`),
      /trial 1 of the record is not a line of JSON/,
    );
    assert.throws(
      () => readTrials(forged(lines[0]!, { comment: "hello" })),
      /trial 1 of the record was altered: .*[Uu]nrecognized key/,
    );
    const start = { count: 0, headHash: NO_TRIALS };
    assert.throws(() => nextTrial(start, trial(1, { sharpe: Number.NaN })), /trial: metrics.sharpe/);
    assert.throws(() => nextTrial(start, { ...trial(1), name: "" }), /trial: name/);
  });
});

describe("what a record says to the Deflated Sharpe ratio", () => {
  const entries = (...ratios: (number | undefined)[]) => {
    let at = { count: 0, headHash: NO_TRIALS };
    return ratios.map((ratio, i) => {
      const next = nextTrial(at, trial(i, ratio === undefined ? {} : { [SHARPE_METRIC]: ratio })).trial;
      at = { count: next.number, headHash: next.hash };
      return next;
    });
  };

  it("is the number of all trials and the spread of the ratios that are stated", () => {
    const { count, sharpeStd } = trialSharpes(entries(0.1, undefined, 0.3));
    assert.equal(count, 3);
    near(sharpeStd, 0.2 / Math.SQRT2, 1e-12);
    assert.deepEqual(trialSharpes(entries(0.1)), { count: 1, sharpeStd: 0 });
  });

  it("is refused where the spread is not known", () => {
    assert.throws(() => trialSharpes([]), /the record holds no trial/);
    assert.throws(
      () => trialSharpes(entries(0.1, undefined)),
      /1 of 2 trials state sharpePerPeriod; at least two must/,
    );
  });

  it("is reported as a lower bound", () => {
    const trials = trialSharpes(entries(0.05, 0.02, 0.1));
    assert.equal(atLeast(trials), "at least 3 trials");
    assert.equal(atLeast({ count: 1 }), "at least 1 trial");
    const { trialsAtLeast } = deflatedSharpe({ sharpe: 0.1, periods: 300, skew: 0, kurtosis: 3 }, trials);
    assert.equal(trialsAtLeast, 3);
  });
});

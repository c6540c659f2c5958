import { hashText } from "../../src/domain/ids.ts";
import { type NewTrial, NO_TRIALS, nextTrial, type TrialHead } from "../../src/trials/index.ts";

export const trial = (
  n: number,
  metrics: Record<string, number> = { logLoss: (690 - n) / 1_000 },
): NewTrial => ({
  recordedAtMs: 1_767_571_800_000 + n,
  kind: "training",
  name: `lstm-${n}`,
  specHash: hashText(`spec ${n}`),
  dataHash: hashText("data"),
  metrics,
});

/** Lines of a record of `count` trials, and its head. */
export function recordOf(count: number): { lines: string[]; head: TrialHead } {
  let head: TrialHead = { count: 0, headHash: NO_TRIALS };
  const lines = Array.from({ length: count }, (_, i) => {
    const { trial: entry, line } = nextTrial(head, trial(i + 1));
    head = { count: entry.number, headHash: entry.hash };
    return line;
  });
  return { lines, head };
}

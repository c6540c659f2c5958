/** What a campaign found, as lines of a table. */
import type { Mutant } from "./mutants.ts";
import type { Operator } from "./operators.ts";

/** `same code`: the compiler makes the same of it, so there is nothing to notice. */
export type Status = "killed" | "time" | "survived" | "same code" | "refused";
export type Result = {
  key: string;
  file: string;
  line: number;
  operator: Operator;
  from: string;
  to: string;
  status: Status;
  /** The test that failed, and its words. */
  by?: string;
  why?: string;
  /** Tests that run the changed place. */
  tests: number;
};

export const resultOf = (
  { key, file, line, operator, from, to }: Mutant,
  status: Status,
  tests: number,
  found: { by?: string; why?: string } = {},
): Result => ({ key, file, line, operator, from, to, status, tests, ...found });

const of = (results: Result[], ...statuses: Status[]): number =>
  results.filter(({ status }) => statuses.includes(status)).length;

/** Noticed ones in percent of those that compile to other code. */
export function scoreOf(results: Result[]): number {
  const counted = of(results, "killed", "time", "survived");
  return counted === 0 ? 100 : (100 * of(results, "killed", "time")) / counted;
}

export function tableOf(results: Result[]): string[] {
  const groups = (by: "file" | "operator"): string[] =>
    [...new Set(results.map((result) => result[by]))].sort();
  const row = (name: string, own: Result[]): string =>
    `| ${name} | ${of(own, "killed", "time", "survived")} | ${of(own, "killed", "time")} | ${of(own, "survived")} | ${of(own, "same code", "refused")} | ${scoreOf(own).toFixed(1)} % |`;
  const head = (name: string): string[] => [
    `| ${name} | mutants | killed | survived | not counted | score |`,
    "|---|---|---|---|---|---|",
  ];
  return [
    ...head("contract"),
    ...groups("file").map((file) =>
      row(
        file.replace(/^contracts\//, ""),
        results.filter((r) => r.file === file),
      ),
    ),
    row("**all**", results),
    "",
    ...head("operator"),
    ...groups("operator").map((name) =>
      row(
        name,
        results.filter((r) => r.operator === name),
      ),
    ),
  ];
}

export const line = ({ file, line: at, operator, from, to, status, by }: Result): string =>
  `${status.padEnd(9)} ${file}:${at} ${operator}: ${short(from)} → ${short(to)}${by === undefined ? "" : `  [${by}]`}`;

const short = (text: string): string => (text.length > 60 ? `${text.slice(0, 57)}…` : text);

/** Which mutants a campaign judges: a fixed draw in which every file and every operator has its share. */
import { createHash } from "node:crypto";
import type { Mutant } from "./mutants.ts";
import type { Operator } from "./operators.ts";

/** Mutants of one file in the order in which they are drawn: one of each operator in turn. */
export function drawOrder(mutants: Mutant[], seed: string): Mutant[] {
  const rank = (name: string): string => createHash("sha256").update(`${seed}\n${name}`).digest("hex");
  const byOperator = new Map<Operator, Mutant[]>();
  for (const mutant of [...mutants].sort((a, b) => (rank(placeOf(a)) < rank(placeOf(b)) ? -1 : 1)))
    byOperator.set(mutant.operator, [...(byOperator.get(mutant.operator) ?? []), mutant]);
  const queues = [...byOperator]
    .sort(([a], [b]) => (rank(`${mutants[0]!.file} ${a}`) < rank(`${mutants[0]!.file} ${b}`) ? -1 : 1))
    .map(([, queue]) => queue);
  const order: Mutant[] = [];
  for (let turn = 0; order.length < mutants.length; turn++)
    for (const queue of queues) if (queue[turn] !== undefined) order.push(queue[turn]!);
  return order;
}

/** Without the rest of the file, so that an edit elsewhere in it moves few draws. */
const placeOf = ({ file, operator, from, to, edit }: Mutant): string =>
  `${file} ${operator} ${edit.start} ${from} ${to}`;

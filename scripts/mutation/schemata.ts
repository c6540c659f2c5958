/**
 * One program that holds many mutants. Each is chosen by a number that stands where a library's address is linked in:
 * the compiler does not know it, so nothing is folded away, and reading it costs no storage and is `pure`.
 */
import type { Mutant, Unit } from "./mutants.ts";

export const SWITCH_FILE = "contracts/MutationSwitch.sol";
export const SWITCH_SOURCE =
  "// SPDX-License-Identifier: MIT\npragma solidity 0.8.37;\n\nlibrary MutationSwitch {}\n";
const IMPORT = `import {MutationSwitch} from "${SWITCH_FILE}";\n`;
const END = "/*m-*/";

/** @param numbers of the mutants, all of this file and each with a unit; 0 stays free for the original. */
export function schemaOf(source: string, mutants: ReadonlyMap<number, Mutant>): string {
  const bytes = Buffer.from(source);
  const units = new Map<string, { unit: Unit; mutants: [number, Mutant][] }>();
  for (const [number, mutant] of mutants) {
    const unit = mutant.unit!;
    const name = `${unit.kind} ${unit.start} ${unit.end}`;
    const entry = units.get(name) ?? { unit, mutants: [] };
    entry.mutants.push([number, mutant]);
    units.set(name, entry);
  }
  // Outer units come before those inside them; of two equal stretches the statement is the outer one.
  const all = [...units.values()].sort(
    (a, b) =>
      a.unit.start - b.unit.start || b.unit.end - a.unit.end || (a.unit.kind === "condition" ? 1 : -1),
  );
  const piece = (start: number, end: number): string => bytes.subarray(start, end).toString("utf8");

  /** The stretch with every unit from the given one on that lies inside it in all its versions. */
  const render = (start: number, end: number, from: number): string => {
    let out = "";
    let at = start;
    for (let index = from; index < all.length; index++) {
      const { unit } = all[index]!;
      if (unit.start < at) continue;
      if (unit.end > end) break;
      out += piece(at, unit.start) + versions(index);
      at = unit.end;
    }
    return out + piece(at, end);
  };
  const versions = (index: number): string => {
    const { unit, mutants: own } = all[index]!;
    const start = unit.kind === "declaration" ? unit.valueAt : unit.start;
    const prefix = unit.kind === "declaration" ? `${unit.left} = ` : "";
    const original = prefix + render(start, unit.end, index + 1);
    const edited = own.map(([number, { edit }]): [number, string] => [
      number,
      prefix + piece(start, edit.start) + edit.text + piece(edit.end, unit.end),
    ]);
    if (unit.kind === "condition")
      return `(${edited.map(([n, text]) => `${isOn(n)} ? ${marked(n, text, "()")} : `).join("")}(${original}))`;
    const chosen = edited.map(([n, text]) => `if (${isOn(n)}) ${marked(n, text, "{}")} else `).join("");
    return unit.kind === "declaration"
      ? `${unit.head} ${chosen}{ ${original} }`
      : `{ ${chosen}{ ${original} } }`;
  };

  const text = render(0, bytes.length, 0);
  const pragmaEnd = text.indexOf("\n", text.indexOf("pragma solidity")) + 1;
  return text.slice(0, pragmaEnd) + IMPORT + text.slice(pragmaEnd);
}

const isOn = (number: number): string => `uint160(address(MutationSwitch)) == ${number}`;
const marked = (number: number, text: string, [open, close]: string): string =>
  `/*m${number}*/${open}${text}${close}${END}`;

/** Which mutant's text holds the place, by the marks around it. */
export function mutantAt(schema: string, byte: number): number | undefined {
  const before = Buffer.from(schema).subarray(0, byte).toString("utf8");
  const last = [...before.matchAll(/\/\*m(\d+|-)\*\//g)].at(-1)?.[1];
  return last === undefined || last === "-" ? undefined : Number(last);
}

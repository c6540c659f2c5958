/** Which source text each contract's code is made of: its bases, and every internal function these lead to. */
import type { AstNode } from "../coverage-branches.ts";

type Range = { file: string; start: number; end: number };
/** By contract, as file:name. */
export type Reach = Map<string, Range[]>;

/** What has a body or value of its own that a reference pulls in. */
const PULLED = ["FunctionDefinition", "ModifierDefinition", "VariableDeclaration", "ContractDefinition"];
const OTHER_CODE = ["external", "public"];

/** @param trees analysed syntax tree of every file, libraries of others among them. */
export function reachOf(trees: ReadonlyMap<string, AstNode>): Reach {
  const declared = new Map<number, { node: AstNode; file: string; library: boolean }>();
  const contracts: { name: string; node: AstNode }[] = [];
  for (const [file, tree] of trees)
    for (const top of tree["nodes"] as AstNode[]) {
      const members = (top["nodes"] as AstNode[] | undefined) ?? [];
      const library = top["contractKind"] === "library";
      for (const node of [top, ...members])
        if (typeof node["id"] === "number") declared.set(node["id"], { node, file, library });
      if (top.nodeType === "ContractDefinition")
        contracts.push({ name: `${file}:${top["name"]}`, node: top });
    }
  const reach: Reach = new Map();
  for (const { name, node } of contracts) {
    const seen = new Set<number>();
    const ranges: Range[] = [];
    const open = [...(node["linearizedBaseContracts"] as number[])];
    for (let id = open.pop(); id !== undefined; id = open.pop()) {
      const found = declared.get(id);
      if (found === undefined || seen.has(id) || !PULLED.includes(found.node.nodeType)) continue;
      seen.add(id);
      // A library's external functions are code at another address.
      if (found.library && OTHER_CODE.includes(found.node["visibility"] as string)) continue;
      const [start, length] = found.node.src.split(":").map(Number);
      ranges.push({ file: found.file, start: start!, end: start! + length! });
      const { used, created } = referencedBy(found.node);
      open.push(...created, ...used.filter((to) => declared.get(to)?.node.nodeType !== "ContractDefinition"));
    }
    reach.set(name, ranges);
  }
  return reach;
}

export function contractsHolding(reach: Reach, file: string, offset: number): string[] {
  return [...reach]
    .filter(([, ranges]) => ranges.some((r) => r.file === file && r.start <= offset && offset < r.end))
    .map(([name]) => name);
}

/** Declarations that the code names, and contracts that it creates. */
function referencedBy(node: AstNode): { used: number[]; created: number[] } {
  const used: number[] = [];
  const created: number[] = [];
  const look = (at: unknown, inNew: boolean): void => {
    if (typeof at !== "object" || at === null) return;
    const { nodeType, referencedDeclaration: id } = at as AstNode;
    if (typeof id === "number") (inNew ? created : used).push(id);
    for (const value of Object.values(at)) look(value, inNew || nodeType === "NewExpression");
  };
  look(node, false);
  return { used, created };
}

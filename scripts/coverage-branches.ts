/**
 * Which arms of `if`/`else` and `try`/`catch` the tests took. Hardhat counts in how many calls each statement ran, not
 * branches; an arm counts as taken only where those counts prove it, so the figure is a lower bound. Arms inside an
 * expression (`?:`, `&&`, `||`) and inside assembly are no statements and are not seen.
 */
import { addStatementCoverageInstrumentation } from "@nomicfoundation/edr";

/** The newest version whose grammar Hardhat's instrumentation knows. */
const GRAMMAR = "0.8.35";

export type AstNode = { nodeType: string; src: string } & Record<string, unknown>;
export type Arm = { line: number; what: string; taken: boolean };
export type Branches = { arms: Arm[]; conditionals: number };

const ENDS = ["Return", "RevertStatement", "Break", "Continue"];

/**
 * @param sourceName as the compiler knew it: project/contracts/….
 * @param calls in how many calls each statement ran, by Hardhat's tag.
 */
export function branchesOf(
  sourceName: string,
  source: string,
  ast: AstNode,
  calls: ReadonlyMap<string, number>,
): Branches {
  const offsets = utf16Offsets(source);
  const startOf = (node: AstNode): number => offsets(Number(node.src.split(":")[0]));
  const ran = statementCalls(sourceName, source, calls);
  const callsOf = (node: AstNode): number => ran.get(startOf(node)) ?? 0;
  const arms: Arm[] = [];
  let conditionals = 0;
  const arm = (node: AstNode, what: string, taken: boolean): void => {
    arms.push({ line: source.slice(0, startOf(node)).split("\n").length, what, taken });
  };

  const look = (node: AstNode, next: AstNode | undefined): void => {
    if (node.nodeType === "Conditional") conditionals++;
    if (node.nodeType === "IfStatement") {
      const then = node["trueBody"] as AstNode;
      const other = node["falseBody"] as AstNode | null | undefined;
      arm(node, "if", callsOf(first(then)) > 0);
      const skipped =
        callsOf(node) > callsOf(first(then)) || (ends(then) && next !== undefined && callsOf(next) > 0);
      arm(node, "else", other ? callsOf(first(other)) > 0 : skipped);
    }
    if (node.nodeType === "TryCatchClause") {
      arm(node, "try or catch", callsOf(first(node["block"] as AstNode)) > 0);
    }
    for (const value of Object.values(node)) {
      const children = Array.isArray(value) ? value : [value];
      for (const [index, child] of children.entries())
        if (isNode(child)) look(child, isNode(children[index + 1]) ? children[index + 1] : undefined);
    }
  };
  look(ast, undefined);
  return { arms, conditionals };
}

const isNode = (value: unknown): value is AstNode =>
  typeof value === "object" && value !== null && "nodeType" in value;

const statementsOf = (node: AstNode): AstNode[] =>
  node.nodeType === "Block" || node.nodeType === "UncheckedBlock"
    ? (node["statements"] as AstNode[])
    : [node];

/** What runs first when an arm is entered. */
function first(node: AstNode): AstNode {
  const [statement] = statementsOf(node);
  return statement === undefined || statement === node ? node : first(statement);
}

/** Whether nothing after it runs once it was entered. */
function ends(node: AstNode): boolean {
  const last = statementsOf(node).at(-1);
  return last !== undefined && ENDS.includes(last.nodeType);
}

/** By where the statement begins, in UTF-16 units. */
function statementCalls(
  sourceName: string,
  source: string,
  calls: ReadonlyMap<string, number>,
): Map<number, number> {
  const { metadata } = addStatementCoverageInstrumentation(source, sourceName, GRAMMAR);
  const ran = new Map<number, number>();
  for (const { tag, startUtf16, endUtf16 } of metadata) {
    // Hardhat's ranges begin with the blanks and comments before the statement.
    const trivia = /^(?:\s|\/\/.*|\/\*[\s\S]*?\*\/)*/.exec(source.slice(startUtf16, endUtf16))![0].length;
    ran.set(startUtf16 + trivia, calls.get(Buffer.from(tag).toString("hex")) ?? 0);
  }
  return ran;
}

/** The compiler counts bytes. */
function utf16Offsets(source: string): (byte: number) => number {
  const bytes = Buffer.from(source);
  if (bytes.length === source.length) return (byte) => byte;
  return (byte) => bytes.subarray(0, byte).toString("utf8").length;
}

/** All mutants of one source file, from the compiler's syntax tree, in the order of the source. */
import { createHash } from "node:crypto";
import type { AstNode } from "../coverage-branches.ts";
import { type Edit, editsOf, type Operator, pastSemicolon, type Text } from "./operators.ts";

/** A stretch of source [start, end) in bytes that holds changes and can be there in several versions. */
export type Unit =
  | { kind: "statement" | "condition"; start: number; end: number }
  /** Declares variables and gives them values: `left` assigns to what `head` declares. */
  | { kind: "declaration"; start: number; end: number; head: string; left: string; valueAt: number };

export type Mutant = {
  file: string;
  line: number;
  operator: Operator;
  /** The changed piece before and after, on one line. */
  from: string;
  to: string;
  edit: Edit;
  /** Where it can be switched on and off at run time; without one it is compiled by itself. */
  unit: Unit | undefined;
  /** The mutated file. */
  source: string;
  /** Names the mutant in results that outlive a run: a hash of the file's path and its mutated text. */
  key: string;
};

/** Not looked into: types, whose literals are lengths, and what holds no code. */
const SKIPPED = [
  "ArrayTypeName",
  "EnumDefinition",
  "EventDefinition",
  "ErrorDefinition",
  "ImportDirective",
  "PragmaDirective",
  "StructuredDocumentation",
  "UserDefinedValueTypeDefinition",
];

/** @param ast of this source alone, analysed, because types decide what is swapped and returned. */
export function mutantsOf(file: string, source: string, ast: AstNode): Mutant[] {
  const bytes = Buffer.from(source);
  const text: Text = {
    bytes,
    span: (node) => {
      const [start, length] = spanOf(node);
      return [start, start + length];
    },
    of: (node) => {
      const [start, length] = spanOf(node);
      return bytes.subarray(start, start + length).toString("utf8");
    },
  };
  const found: { edit: Edit; unit: Unit | undefined }[] = [];
  const look = (node: AstNode, unit: Unit | undefined, place: "open" | "header" | "step"): void => {
    if (SKIPPED.includes(node.nodeType)) return;
    const own = place === "open" ? (unitOf(node, text) ?? unit) : undefined;
    // A loop's step is a statement without a semicolon: only what is inside it is changed.
    if (place !== "step") for (const edit of editsOf(node, text)) found.push({ edit, unit: own });
    for (const [name, value] of Object.entries(node))
      for (const child of Array.isArray(value) ? value : [value]) {
        if (!isNode(child)) continue;
        if (name === "loopExpression") look(child, undefined, "step");
        else if (name === "initializationExpression" || place !== "open") look(child, undefined, "header");
        else if (name === "condition" && CONDITIONAL.includes(node.nodeType))
          look(child, condition(child, text), "open");
        else look(child, node.nodeType === "TryStatement" ? undefined : own, "open");
      }
  };
  look(ast, undefined, "open");
  const seen = new Set<string>();
  return found
    .sort(
      ({ edit: a }, { edit: b }) => a.start - b.start || (a.operator + a.text < b.operator + b.text ? -1 : 1),
    )
    .map(({ edit, unit }) => mutant(file, bytes, edit, unit))
    .filter(({ key }) => !seen.has(key) && seen.add(key));
}

const CONDITIONAL = ["IfStatement", "WhileStatement", "ForStatement"];
const STATEMENTS = ["ExpressionStatement", "EmitStatement", "RevertStatement", "Return", "InlineAssembly"];

function condition(node: AstNode, text: Text): Unit {
  const [start, end] = text.span(node);
  return { kind: "condition", start, end };
}

function unitOf(node: AstNode, text: Text): Unit | undefined {
  const [start, last] = text.span(node);
  const end = pastSemicolon(last, text);
  if (STATEMENTS.includes(node.nodeType) || node.nodeType === "IfStatement")
    return { kind: "statement", start, end };
  const value = node["initialValue"] as AstNode | null | undefined;
  if (node.nodeType !== "VariableDeclarationStatement" || !value) return undefined;
  const declared = node["declarations"] as (AstNode | null)[];
  const names = declared.map((variable) => (variable === null ? "" : (variable["name"] as string)));
  return {
    kind: "declaration",
    start,
    end,
    head: declared.flatMap((variable) => (variable === null ? [] : [`${text.of(variable)};`])).join(" "),
    left: names.length === 1 ? names[0]! : `(${names.join(", ")})`,
    valueAt: text.span(value)[0],
  };
}

const isNode = (value: unknown): value is AstNode =>
  typeof value === "object" && value !== null && "nodeType" in value && "src" in value;

function spanOf(node: AstNode): [number, number] {
  const [start, length] = node.src.split(":").map(Number);
  return [start!, length!];
}

function mutant(file: string, bytes: Buffer, edit: Edit, unit: Unit | undefined): Mutant {
  const { operator, start, end, text } = edit;
  const before = bytes.subarray(0, start).toString("utf8");
  const source = before + text + bytes.subarray(end).toString("utf8");
  const brief = (piece: string): string => piece.replace(/\s+/g, " ").trim();
  return {
    file,
    line: before.split("\n").length,
    operator,
    from: brief(bytes.subarray(start, end).toString("utf8")),
    to: brief(text),
    edit,
    unit,
    source,
    key: createHash("sha256").update(`${file}\n${source}`).digest("hex").slice(0, 16),
  };
}

/** What each mutation operator makes of one node of the compiler's syntax tree. */
import type { AstNode } from "../coverage-branches.ts";

export const OPERATORS = [
  "arithmetic",
  "boundary",
  "relational",
  "logical",
  "bitwise",
  "not",
  "guard",
  "modifier",
  "statement",
  "assignment",
  "constant",
  "boolean",
  "return",
  "ternary",
  "swap",
] as const;
export type Operator = (typeof OPERATORS)[number];

/** Bytes [start, end) of the source replaced by a text. */
export type Edit = { operator: Operator; start: number; end: number; text: string };

/** The tree's source and how to read pieces of it. */
export type Text = { of(node: AstNode): string; span(node: AstNode): [number, number]; bytes: Buffer };

type Swap = { operator: Operator; to: string };

const BINARY: Record<string, Swap[]> = {
  "+": [{ operator: "arithmetic", to: "-" }],
  "-": [{ operator: "arithmetic", to: "+" }],
  "*": [{ operator: "arithmetic", to: "/" }],
  "/": [{ operator: "arithmetic", to: "*" }],
  "%": [{ operator: "arithmetic", to: "*" }],
  "**": [{ operator: "arithmetic", to: "*" }],
  "<": [
    { operator: "boundary", to: "<=" },
    { operator: "relational", to: ">=" },
  ],
  "<=": [
    { operator: "boundary", to: "<" },
    { operator: "relational", to: ">" },
  ],
  ">": [
    { operator: "boundary", to: ">=" },
    { operator: "relational", to: "<=" },
  ],
  ">=": [
    { operator: "boundary", to: ">" },
    { operator: "relational", to: "<" },
  ],
  "==": [{ operator: "relational", to: "!=" }],
  "!=": [{ operator: "relational", to: "==" }],
  "&&": [{ operator: "logical", to: "||" }],
  "||": [{ operator: "logical", to: "&&" }],
  "&": [{ operator: "bitwise", to: "|" }],
  "|": [{ operator: "bitwise", to: "&" }],
  "^": [{ operator: "bitwise", to: "&" }],
  "<<": [{ operator: "bitwise", to: ">>" }],
  ">>": [{ operator: "bitwise", to: "<<" }],
};

const COMPOUND: Record<string, string[]> = {
  "+=": ["-=", "="],
  "-=": ["+=", "="],
  "*=": ["/=", "="],
  "/=": ["*=", "="],
  "|=": ["&=", "="],
  "&=": ["|=", "="],
  "^=": ["&=", "="],
  "<<=": [">>=", "="],
  ">>=": ["<<=", "="],
};

const YUL: Record<string, Swap> = {
  add: { operator: "arithmetic", to: "sub" },
  sub: { operator: "arithmetic", to: "add" },
  mul: { operator: "arithmetic", to: "div" },
  shr: { operator: "bitwise", to: "shl" },
};

/** Every edit of the node itself; its children are looked at by the caller. */
export function editsOf(node: AstNode, text: Text): Edit[] {
  const [start, end] = text.span(node);
  const whole = (operator: Operator, by: string): Edit => ({ operator, start, end, text: by });
  switch (node.nodeType) {
    case "BinaryOperation":
      return (BINARY[node["operator"] as string] ?? []).map(({ operator, to }) =>
        between(operator, child(node, "leftExpression"), child(node, "rightExpression"), node, to, text),
      );
    case "Assignment":
      return (COMPOUND[node["operator"] as string] ?? []).map((to) =>
        between("assignment", child(node, "leftHandSide"), child(node, "rightHandSide"), node, to, text),
      );
    case "UnaryOperation":
      return unary(node, whole, text);
    case "Literal":
      if (node["kind"] === "bool") return [whole("boolean", node["value"] === "true" ? "false" : "true")];
      return node["kind"] === "number" ? constants(text.of(node)).map((by) => whole("constant", by)) : [];
    case "YulLiteral":
      return node["kind"] === "number" ? constants(text.of(node)).map((by) => whole("constant", by)) : [];
    case "YulFunctionCall": {
      const name = child(node, "functionName");
      const swap = YUL[name["name"] as string];
      const [from, to] = text.span(name);
      return swap === undefined ? [] : [{ operator: swap.operator, start: from, end: to, text: swap.to }];
    }
    case "IfStatement":
      return isGuard(node) ? [{ operator: "guard", start, end: pastSemicolon(end, text), text: "{}" }] : [];
    case "ExpressionStatement":
    case "EmitStatement": {
      const required = text.of(node).startsWith("require(");
      return [
        { operator: required ? "guard" : "statement", start, end: pastSemicolon(end, text), text: "{}" },
      ];
    }
    case "ModifierInvocation":
      return node["kind"] === "modifierInvocation" ? [whole("modifier", "")] : [];
    case "Return": {
      const value = node["expression"] as AstNode | null | undefined;
      return value ? returned(value, text) : [];
    }
    case "Conditional":
      return ["trueExpression", "falseExpression"].map((arm) =>
        whole("ternary", `(${text.of(child(node, arm))})`),
      );
    case "FunctionCall":
      return swaps(node, text);
    default:
      return [];
  }
}

const child = (node: AstNode, name: string): AstNode => node[name] as AstNode;
const typeOf = (node: AstNode): string =>
  (node["typeDescriptions"] as { typeString?: string } | undefined)?.typeString ?? "";

/** The operator's sign, which stands between two operands, replaced. */
function between(
  operator: Operator,
  left: AstNode,
  right: AstNode,
  node: AstNode,
  to: string,
  text: Text,
): Edit {
  const from = text.span(left)[1];
  const gap = text.bytes.subarray(from, text.span(right)[0]).toString("utf8");
  const sign = node["operator"] as string;
  const at = from + Buffer.byteLength(gap.slice(0, gap.indexOf(sign)));
  return { operator, start: at, end: at + sign.length, text: to };
}

function unary(node: AstNode, whole: (operator: Operator, by: string) => Edit, text: Text): Edit[] {
  const sign = node["operator"] as string;
  const operand = text.of(child(node, "subExpression"));
  if (sign === "!" || sign === "~") return [whole("not", operand)];
  if (sign === "-") return [whole("arithmetic", operand)];
  if (sign !== "++" && sign !== "--") return [];
  const other = sign === "++" ? "--" : "++";
  return [whole("assignment", node["prefix"] === true ? `${other}${operand}` : `${operand}${other}`)];
}

/** One more, one less and nothing, with the literal's unit kept. */
function constants(literal: string): string[] {
  const found = /^(0x[0-9a-fA-F_]+|[0-9_]+)(e[0-9]+)?(\s+[a-z]+)?$/.exec(literal);
  if (found === null || found[1]!.length >= 42) return [];
  const value = BigInt(found[1]!.replaceAll("_", "")) * 10n ** BigInt(found[2]?.slice(1) ?? 0);
  const values = new Set([value + 1n, value > 0n ? value - 1n : 1n, 0n]);
  return [...values].filter((n) => n !== value).map((n) => `${n}${found[3] ?? ""}`);
}

function isGuard(node: AstNode): boolean {
  if (node["falseBody"]) return false;
  const body = child(node, "trueBody");
  const statements = body.nodeType === "Block" ? (body["statements"] as AstNode[]) : [body];
  return statements.length === 1 && statements[0]!.nodeType === "RevertStatement";
}

/** Where a statement ends, whose place in the tree leaves out its semicolon. */
export function pastSemicolon(end: number, text: Text): number {
  const rest = text.bytes.subarray(end, end + 64).toString("latin1");
  const found = /^\s*;/.exec(rest);
  return end + (found?.[0].length ?? 0);
}

function returned(value: AstNode, text: Text): Edit[] {
  const [start, end] = text.span(value);
  const type = typeOf(value);
  const source = text.of(value);
  const by = (replacement: string): Edit[] =>
    replacement === source ? [] : [{ operator: "return", start, end, text: replacement }];
  if (type === "bool") return by(`!(${source})`);
  if (/^u?int\d*$/.test(type)) return by("0");
  if (type === "address") return by("address(0)");
  return /^bytes\d+$/.test(type) ? by(`${type}(0)`) : [];
}

/** Two neighbouring arguments of one type change places. */
function swaps(node: AstNode, text: Text): Edit[] {
  const args = node["arguments"] as AstNode[];
  if ((node["names"] as string[]).length > 0) return [];
  return args.slice(1).flatMap((right, index) => {
    const left = args[index]!;
    const [first, second] = [text.of(left), text.of(right)];
    if (typeOf(left) !== typeOf(right) || first === second) return [];
    const [start, middle] = text.span(left);
    const [next, end] = text.span(right);
    const gap = text.bytes.subarray(middle, next).toString("utf8");
    return [{ operator: "swap" as const, start, end, text: `${second}${gap}${first}` }];
  });
}

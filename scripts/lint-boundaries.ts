/**
 * The rules that keep the layout honest, checked on the syntax trees of src/, lambdas/ and venue/:
 *   node scripts/lint-boundaries.ts [root]     one line for each violation, exit code 1 if there is any
 */
import { globSync, readFileSync } from "node:fs";
import { dirname, join, posix, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

export type Violation = { file: string; line: number; what: string; remedy: string };

const MAX_LINES = 300;
const MAX_CONTRACT_LINES = 450;

/** What touches the world outside a process. */
type Effect = "clock" | "random" | "network" | "environment" | "timer" | "performance" | "file" | "process";

const REMEDY: Record<Effect, string> = {
  clock: "ask the Clock port",
  random: "ask the Random port",
  network: "put the call into an adapter behind a port",
  environment: "read it in src/config/ and hand the value in",
  timer: "enqueue work for a later time",
  performance: "measure in src/cli/ or an adapter",
  file: "read files in an adapter or src/config/ and hand the content in",
  process: "start processes in an adapter",
};

const MODULE_EFFECTS: Record<string, Effect> = {
  http: "network",
  https: "network",
  http2: "network",
  net: "network",
  tls: "network",
  dgram: "network",
  dns: "network",
  ws: "network",
  fs: "file",
  "fs/promises": "file",
  child_process: "process",
  worker_threads: "process",
  cluster: "process",
  timers: "timer",
  "timers/promises": "timer",
  process: "environment",
  perf_hooks: "performance",
};
const MEMBER_EFFECTS: Record<string, Effect> = {
  "Date.now": "clock",
  "performance.now": "performance",
  "performance.timeOrigin": "performance",
  "Math.random": "random",
  "process.env": "environment",
  "process.hrtime": "performance",
  "crypto.randomBytes": "random",
  "crypto.randomUUID": "random",
  "crypto.getRandomValues": "random",
  "crypto.randomInt": "random",
};
const GLOBAL_EFFECTS: Record<string, Effect> = {
  fetch: "network",
  WebSocket: "network",
  setTimeout: "timer",
  setInterval: "timer",
  setImmediate: "timer",
};
const RANDOM_IMPORTS = ["randomBytes", "randomUUID", "randomInt", "getRandomValues", "webcrypto"];

/** Adapters and configuration are where effects live; the command line is the process's edge. */
function allowed(file: string): readonly Effect[] | "all" {
  if (file.startsWith("src/adapters/") || file.startsWith("src/config/")) return "all";
  return file.startsWith("src/cli/") ? ["file", "environment", "performance"] : [];
}

/** Everything in src/ but its three edges knows the outside world through ports alone. */
const isPure = (file: string): boolean =>
  file.startsWith("src/") &&
  !["src/adapters/", "src/config/", "src/cli/"].some((edge) => file.startsWith(edge));

/** Why `file` may not import `target` (both relative to the root), or undefined. */
function forbiddenImport(file: string, target: string): string | undefined {
  const into = (folder: string): boolean => target === folder || target.startsWith(`${folder}/`);
  if (isPure(file) && into("src/adapters"))
    return "depend on an interface in src/ports/; adapters are handed in";
  if (!file.startsWith("lambdas/") && into("lambdas"))
    return "share code through src/; lambdas/ is the outermost layer";
  if (file.startsWith("src/") && into("venue"))
    return "talk to the exchange over its API; the simulated one is a process of its own";
  if (file.startsWith("src/") && into("sim")) return "turn it round: sim/ imports src/";
  if (file.startsWith("venue/") && into("src"))
    return "the exchange knows nothing of us; keep what it needs in venue/";
  return undefined;
}

export function lintBoundaries(root: string): Violation[] {
  const sources = globSync(["src/**/*.ts", "lambdas/**/*.ts", "venue/**/*.ts"], { cwd: root }).sort();
  const contracts = globSync("contracts/**/*.sol", { cwd: root }).sort();
  return [...sources, ...contracts].flatMap((file) => lintFile(root, file));
}

function lintFile(root: string, file: string): Violation[] {
  const text = readFileSync(join(root, file), "utf8");
  const limit = file.endsWith(".sol") ? MAX_CONTRACT_LINES : MAX_LINES;
  const lines = text.split("\n").length - (text.endsWith("\n") ? 1 : 0);
  const tooLong =
    lines > limit
      ? [{ file, line: limit + 1, what: `${lines} lines`, remedy: `split it; ${limit} is the limit` }]
      : [];
  if (file.endsWith(".sol")) return tooLong;
  const tree = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  return [...tooLong, ...importViolations(tree, file), ...effectViolations(tree, file)];
}

type Found = { node: ts.Node; what: string; remedy: string };

const at = (tree: ts.SourceFile, file: string, { node, what, remedy }: Found): Violation => ({
  file,
  line: tree.getLineAndCharacterOfPosition(node.getStart(tree)).line + 1,
  what,
  remedy,
});

/** Every module named in the file. Types are erased, so they have no effects, but they are dependencies all the same. */
function modulesOf(
  tree: ts.SourceFile,
): { node: ts.Node; name: string; typeOnly: boolean; dynamic: boolean }[] {
  const modules: ReturnType<typeof modulesOf> = [];
  visit(tree, (node) => {
    if (
      (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) &&
      node.moduleSpecifier &&
      ts.isStringLiteral(node.moduleSpecifier)
    ) {
      const typeOnly = ts.isImportDeclaration(node)
        ? node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword
        : node.isTypeOnly;
      modules.push({ node, name: node.moduleSpecifier.text, typeOnly, dynamic: false });
    }
    if (
      ts.isImportTypeNode(node) &&
      ts.isLiteralTypeNode(node.argument) &&
      ts.isStringLiteral(node.argument.literal)
    )
      modules.push({ node, name: node.argument.literal.text, typeOnly: true, dynamic: false });
    const [argument] = ts.isCallExpression(node) ? node.arguments : [];
    if (
      ts.isCallExpression(node) &&
      argument &&
      ts.isStringLiteralLike(argument) &&
      isLoader(node.expression)
    )
      modules.push({ node, name: argument.text, typeOnly: false, dynamic: true });
  });
  return modules;
}

const isLoader = (callee: ts.Expression): boolean =>
  callee.kind === ts.SyntaxKind.ImportKeyword || (ts.isIdentifier(callee) && callee.text === "require");

function importViolations(tree: ts.SourceFile, file: string): Violation[] {
  return modulesOf(tree).flatMap(({ node, name, dynamic }) => {
    if (!name.startsWith(".")) return [];
    const target = posix.join(posix.dirname(file), name);
    // The embedded host loads the deployed files by name, when it starts.
    if (dynamic && target.startsWith("lambdas/")) return [];
    const remedy = forbiddenImport(file, target);
    return remedy ? [at(tree, file, { node, what: `imports ${target}`, remedy })] : [];
  });
}

function effectViolations(tree: ts.SourceFile, file: string): Violation[] {
  if (file.startsWith("venue/")) return [];
  const may = allowed(file);
  if (may === "all") return [];
  const found: (Found & { effect: Effect })[] = [];
  const add = (node: ts.Node, what: string, effect: Effect): void =>
    void found.push({ node, what, effect, remedy: REMEDY[effect] });
  for (const { node, name, typeOnly } of modulesOf(tree)) {
    const effect = MODULE_EFFECTS[name.replace(/^node:/, "")];
    if (effect && !typeOnly) add(node, `imports ${name}`, effect);
  }
  visit(tree, (node) => {
    const member = memberName(node);
    if (member && MEMBER_EFFECTS[member]) add(node, member, MEMBER_EFFECTS[member]);
    if (ts.isImportSpecifier(node) && RANDOM_IMPORTS.includes((node.propertyName ?? node.name).text))
      add(node, `imports ${(node.propertyName ?? node.name).text}`, "random");
    if (ts.isIdentifier(node) && GLOBAL_EFFECTS[node.text] && isValue(node))
      add(node, node.text, GLOBAL_EFFECTS[node.text]!);
    const asksNow =
      (ts.isNewExpression(node) || ts.isCallExpression(node)) &&
      isNamed(node.expression, "Date") &&
      !node.arguments?.length;
    if (asksNow) add(node, ts.isNewExpression(node) ? "new Date() without a time" : "Date()", "clock");
    for (const name of destructured(node)) if (MEMBER_EFFECTS[name]) add(node, name, MEMBER_EFFECTS[name]);
  });
  return found.filter(({ effect }) => !may.includes(effect)).map((one) => at(tree, file, one));
}

const isNamed = (node: ts.Expression, name: string): boolean => nameOf(node) === name;

/** `x`, and `globalThis.x` as `x`. */
function nameOf(node: ts.Expression): string | undefined {
  if (ts.isIdentifier(node)) return node.text;
  if (
    ts.isPropertyAccessExpression(node) &&
    ts.isIdentifier(node.expression) &&
    node.expression.text === "globalThis"
  )
    return node.name.text;
  return undefined;
}

/** `a.b` for `a.b`, `a["b"]` and `globalThis.a.b`. */
function memberName(node: ts.Node): string | undefined {
  if (!ts.isPropertyAccessExpression(node) && !ts.isElementAccessExpression(node)) return undefined;
  const owner = nameOf(node.expression);
  const key = ts.isPropertyAccessExpression(node)
    ? node.name.text
    : ts.isStringLiteralLike(node.argumentExpression)
      ? node.argumentExpression.text
      : undefined;
  return owner && key ? `${owner}.${key}` : undefined;
}

/** `const { now } = Date` names Date.now. */
function destructured(node: ts.Node): string[] {
  if (!ts.isVariableDeclaration(node) || !ts.isObjectBindingPattern(node.name) || !node.initializer)
    return [];
  const owner = nameOf(node.initializer);
  return node.name.elements.map((element) => `${owner}.${(element.propertyName ?? element.name).getText()}`);
}

/** An identifier that is read, not the name of a property, member, label or declared thing; or `globalThis.fetch`. */
function isValue(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent) && parent.name === node)
    return ts.isIdentifier(parent.expression) && parent.expression.text === "globalThis";
  if (
    ts.isPropertyAssignment(parent) ||
    ts.isMethodDeclaration(parent) ||
    ts.isMethodSignature(parent) ||
    ts.isPropertySignature(parent) ||
    ts.isPropertyDeclaration(parent)
  )
    return parent.name !== node;
  if (ts.isBindingElement(parent)) return parent.propertyName !== node;
  return !ts.isTypeNode(parent) && !ts.isQualifiedName(parent) && !ts.isImportSpecifier(parent);
}

function visit(node: ts.Node, look: (node: ts.Node) => void): void {
  look(node);
  ts.forEachChild(node, (child) => visit(child, look));
}

if (import.meta.main) {
  const root = process.argv[2]
    ? resolve(process.argv[2])
    : join(dirname(fileURLToPath(import.meta.url)), "..");
  const violations = lintBoundaries(root);
  for (const { file, line, what, remedy } of violations) console.error(`${file}:${line}: ${what}: ${remedy}`);
  if (violations.length > 0)
    console.error(`${violations.length} boundary violation${violations.length > 1 ? "s" : ""}`);
  process.exitCode = violations.length > 0 ? 1 : 0;
}

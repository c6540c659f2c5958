/** What the deployment commands share: errors as one sentence, findings as one line each, exit codes. */
import { join } from "node:path";
import { messageOf, UsageError } from "../../src/errors/errors.ts";
import type { Recheck } from "./recheck.ts";

export const ROOT = join(import.meta.dirname, "../..");

/** Exit code 2 for what a person got wrong, 1 for what is wrong on the chain. */
export async function main(run: () => Promise<boolean>): Promise<void> {
  try {
    process.exitCode = (await run()) ? 0 : 1;
  } catch (error) {
    const usage =
      error instanceof UsageError ||
      (error instanceof Error && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS"));
    console.error(messageOf(error));
    process.exitCode = usage ? 2 : 1;
  }
}

/** A deployment may end with ownership offered and not yet accepted; a check asks for everything. */
export function report({ block, reads, findings }: Recheck, command: "deploy" | "check"): boolean {
  for (const { kind, sentence } of findings) console.error(`${kind}: ${sentence}`);
  const different = findings.filter(({ kind }) => kind === "difference").length;
  const pending = findings.length - different;
  console.log(`block ${block}: ${reads} values read back, ${different} differ, ${pending} pending`);
  return different === 0 && (command === "deploy" || pending === 0);
}

/**
 * Verifies a record of trials and prints its head, or says what is wrong with it:
 *     node scripts/trials.ts FILE [--count N --head HASH]     compares with a head that was published
 */
import { existsSync } from "node:fs";
import { parseArgs } from "node:util";
import { trialLog } from "../src/adapters/local/trial-log.ts";
import { messageOf, UsageError } from "../src/errors/errors.ts";
import { assertContinues, atLeast } from "../src/trials/index.ts";

const BAD_INPUT = 2;

function main(): void {
  const { values, positionals } = parseArgs({
    options: { count: { type: "string" }, head: { type: "string" } },
    allowPositionals: true,
  });
  const [file] = positionals;
  if (!file || !existsSync(file))
    throw new UsageError("trials.noFile", `there is no record ${file ?? ""}; name a file of trials`);
  if ((values.count === undefined) !== (values.head === undefined))
    throw new UsageError(
      "trials.head",
      "a published head is a count and a hash; give both --count and --head",
    );
  const count = Number(values.count ?? 0);
  if (!Number.isInteger(count) || count < 0)
    throw new UsageError(
      "trials.head",
      `--count ${values.count} is no number of trials; give a whole number`,
    );
  const record = trialLog(file).read();
  if (values.head !== undefined) assertContinues(record, { count, headHash: values.head });
  console.log(`${atLeast(record.head)}, head ${record.head.headHash}`);
  if (record.tornLength > 0)
    console.log(
      `the last entry was never finished (${record.tornLength} characters); the next run cuts it off`,
    );
}

try {
  main();
} catch (error) {
  console.error(messageOf(error));
  process.exitCode = error instanceof UsageError ? BAD_INPUT : 1;
}

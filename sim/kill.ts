/**
 * `node sim/kill.ts [--seed N] [--predictions N] [--kills N]`: kills the engine at seed-drawn port calls of one run and
 * compares what is left with an undisturbed run. Prints each kill; exit 1 when anything differs.
 */
import { parseArgs } from "node:util";
import { killPlan } from "./crash.ts";
import { World } from "./harness.ts";

export type Outcome = { digest: string | undefined; records: string[] };
export type KillResult = {
  digest: string | undefined;
  kills: number;
  reached: number;
  problems: string[];
};
type RunOptions = { seed: number; predictions: number };

/** @throws when the run does not end well. */
export async function undisturbedRun(options: RunOptions): Promise<Outcome> {
  const world = new World(options);
  try {
    const { code, output } = await world.life();
    if (code !== 0 || /^INVARIANT/m.test(output))
      throw new Error(`the undisturbed run ended with ${code}: ${output.slice(-1_000)}`);
    return { digest: world.report()?.digest, records: world.records() };
  } finally {
    await world.end();
  }
}

/**
 * The exchange takes a repeated client id for a new order all along: nothing but the ledger stands between a kill and a
 * second order.
 */
export async function killRun(
  options: RunOptions & { kills: number; say: (text: string) => void },
  undisturbed: Outcome,
): Promise<KillResult> {
  const { say } = options;
  const problems: string[] = [];
  const world = new World(options);
  const plan = killPlan(options.seed, options.kills);
  let reached = 0;
  try {
    for (let at = 0; at <= plan.length; at++) {
      const kill = plan[at];
      const life = await world.life({ disturb: { acceptDuplicates: true }, ...(kill ? { kill } : {}) });
      problems.push(...life.output.split("\n").filter((line) => line.startsWith("INVARIANT")));
      if (life.signal === "SIGKILL" && kill) {
        reached += 1;
        say(
          `kill ${reached}: ${kill.when} ${kill.method ?? `call ${kill.call}`} in ${kill.station} (skip ${kill.skip})`,
        );
        continue;
      }
      if (life.code !== 0)
        problems.push(
          `life ${at + 1} ended with ${life.code ?? life.signal}: ${life.output.trim().split("\n").slice(-4).join(" | ")}`,
        );
      break;
    }
    const digest = world.report()?.digest;
    if (digest === undefined || digest !== undisturbed.digest)
      problems.push(
        `digest ${digest} differs from ${undisturbed.digest}: ${firstDifference(undisturbed.records, world.records())}`,
      );
    return { digest, kills: plan.length, reached, problems };
  } finally {
    await world.end();
  }
}

/** The first field of the first record that differs, for a person to start from. */
function firstDifference(wanted: string[], found: string[]): string {
  const at = wanted.findIndex((line, index) => line !== found[index]);
  if (at < 0) return `${found.length} records instead of ${wanted.length}`;
  const theirs = (found[at] ?? "").split(";");
  const fields = (wanted[at] ?? "").split(";").filter((field, index) => field !== theirs[index]);
  return `record ${at + 1}: ${fields.slice(0, 6).join(", ")} became ${theirs
    .filter((field) => !(wanted[at] ?? "").includes(field))
    .slice(0, 6)
    .join(", ")}`;
}

if (process.argv[1]?.endsWith("kill.ts")) {
  const { values } = parseArgs({
    options: {
      seed: { type: "string", default: "7" },
      predictions: { type: "string", default: "8" },
      kills: { type: "string", default: "20" },
    },
  });
  const run = { seed: Number(values.seed), predictions: Number(values.predictions) };
  const say = (text: string): void => void process.stdout.write(`${text}\n`);
  const undisturbed = await undisturbedRun(run);
  say(`undisturbed: ${undisturbed.digest}`);
  const result = await killRun({ ...run, kills: Number(values.kills), say }, undisturbed);
  say(
    `${result.reached} of ${result.kills} kills reached; digest ${result.digest === undisturbed.digest ? "equal" : "DIFFERENT"}`,
  );
  for (const problem of result.problems) process.stdout.write(`PROBLEM ${problem}\n`);
  process.exitCode = result.problems.length > 0 || result.reached < result.kills ? 1 : 0;
}

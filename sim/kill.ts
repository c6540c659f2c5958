/**
 * `node sim/kill.ts [--seed N] [--predictions N] [--kills N]`: kills the engine at seed-drawn port calls of one run and
 * compares what is left with an undisturbed run. Prints each kill; exit 1 when anything differs.
 */
import { parseArgs } from "node:util";
import { killPlan } from "./crash.ts";
import { World } from "./harness.ts";

export type KillResult = {
  digest: string | undefined;
  undisturbed: string | undefined;
  kills: number;
  reached: number;
  problems: string[];
};

export async function killRun(options: {
  seed: number;
  predictions: number;
  kills: number;
  say: (text: string) => void;
}): Promise<KillResult> {
  const { say } = options;
  const problems: string[] = [];
  const calm = new World(options);
  const calmLife = await calm.life();
  const undisturbed = calm.report()?.digest;
  if (calmLife.code !== 0)
    problems.push(
      `the undisturbed run ended with ${calmLife.code}: ${calmLife.output.split("\n").slice(-5).join(" | ")}`,
    );
  const wanted = calm.records();
  await calm.end();
  say(`undisturbed: ${undisturbed}`);

  const world = new World(options);
  const plan = killPlan(options.seed, options.kills);
  let reached = 0;
  try {
    for (let at = 0; at <= plan.length; at++) {
      const kill = plan[at];
      const life = await world.life(kill ? { kill } : {});
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
    if (digest !== undisturbed)
      problems.push(
        `digest ${digest} differs from ${undisturbed}: ${firstDifference(wanted, world.records())}`,
      );
    return { digest, undisturbed, kills: plan.length, reached, problems };
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
      predictions: { type: "string", default: "6" },
      kills: { type: "string", default: "20" },
    },
  });
  const result = await killRun({
    seed: Number(values.seed),
    predictions: Number(values.predictions),
    kills: Number(values.kills),
    say: (text) => process.stdout.write(`${text}\n`),
  });
  process.stdout.write(
    `${result.reached} of ${result.kills} kills reached; digest ${result.digest === result.undisturbed ? "equal" : "DIFFERENT"}\n`,
  );
  for (const problem of result.problems) process.stdout.write(`PROBLEM ${problem}\n`);
  process.exitCode = result.problems.length > 0 || result.reached < result.kills ? 1 : 0;
}

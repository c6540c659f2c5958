/** `saksi up` with a kill point or a removed guard: `node sim/engine.ts PLAN.json -- <options of saksi up>`. */
import { readFileSync, writeFileSync } from "node:fs";
import { parseUp } from "../src/cli/options.ts";
import { up } from "../src/cli/up.ts";
import { messageOf } from "../src/errors/errors.ts";
import { canonicalRecords } from "../src/report/digest.ts";
import { crashingPorts, type KillPoint, withoutSendingWrite } from "./crash.ts";
import { type Disturbance, disturbedPorts } from "./disturb.ts";
import { checkInvariants } from "./invariants.ts";

export type EnginePlan = {
  kill?: KillPoint;
  removeSendingWrite?: boolean;
  forceLease?: boolean;
  disturb?: Disturbance;
};

const [file = "", , ...args] = process.argv.slice(2);
const plan = JSON.parse(readFileSync(file, "utf8")) as EnginePlan;
const options = parseUp(args);
if (options === "help") throw new Error("no help here");
try {
  process.exitCode = await up(options, {
    wrapPorts: (ports) => {
      const disturbed = plan.disturb ? disturbedPorts(ports, options.store ?? "", plan.disturb) : ports;
      return crashingPorts(plan.removeSendingWrite ? withoutSendingWrite(disturbed) : disturbed, plan.kill);
    },
    forceLease: plan.forceLease ?? false,
    onFinished: async (engine) => {
      const records = await canonicalRecords(engine.store, engine.deps.config.mandateId);
      writeFileSync(`${options.store}-records.txt`, records.join("\n"));
      const broken = await checkInvariants(engine);
      for (const text of broken) process.stdout.write(`INVARIANT ${text}\n`);
      if (broken.length > 0) process.exitCode = 3;
    },
  });
} catch (error) {
  process.stderr.write(`saksi: ${messageOf(error)}\n`);
  process.exitCode = 1;
}

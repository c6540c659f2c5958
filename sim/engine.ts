/** `saksi up` with a kill point or a removed guard: `node sim/engine.ts PLAN.json -- <options of saksi up>`. */
import { readFileSync, writeFileSync } from "node:fs";
import { parseUp } from "../src/cli/options.ts";
import { up } from "../src/cli/up.ts";
import { messageOf } from "../src/errors/errors.ts";
import { canonicalRecords } from "../src/report/digest.ts";
import { crashingPorts, type KillPoint, withoutSendingWrite } from "./crash.ts";
import { type Disturbance, disturbedPorts, VenueSwitches } from "./disturb.ts";
import { checkInvariants } from "./invariants.ts";
import { moveUnits } from "./move-unit.ts";

export type EnginePlan = {
  kill?: KillPoint;
  removeSendingWrite?: boolean;
  forceLease?: boolean;
  disturb?: Disturbance;
  /** Once the run is over and its invariants were looked at. */
  moveUnits?: boolean;
};

const BROKEN_EXIT = 3;

const [file = "", , ...args] = process.argv.slice(2);
const plan = JSON.parse(readFileSync(file, "utf8")) as EnginePlan;
const options = parseUp(args);
if (options === "help") throw new Error("no help here");
let broken: string[] = [];
try {
  const code = await up(options, {
    wrapPorts: (ports) => {
      const disturbed = plan.disturb ? disturbedPorts(ports, options.store ?? "", plan.disturb) : ports;
      return crashingPorts(plan.removeSendingWrite ? withoutSendingWrite(disturbed) : disturbed, plan.kill);
    },
    forceLease: plan.forceLease ?? false,
    onFinished: async (engine) => {
      const records = await canonicalRecords(engine.store, engine.deps.config.mandateId);
      writeFileSync(`${options.store}-records.txt`, records.join("\n"));
      broken = await checkInvariants(engine);
      for (const text of broken) process.stdout.write(`INVARIANT ${text}\n`);
      if (plan.disturb?.faults)
        for (const { name, hits } of await new VenueSwitches(options.store ?? "").active())
          process.stdout.write(`STILL ON ${name} after ${hits} strikes\n`);
      if (plan.moveUnits)
        for (const line of await moveUnits(engine, options.store ?? ""))
          process.stdout.write(`MOVED ${line}\n`);
    },
  });
  process.exitCode = broken.length > 0 ? BROKEN_EXIT : code;
} catch (error) {
  process.stderr.write(`saksi: ${messageOf(error)}\n`);
  process.exitCode = 1;
}

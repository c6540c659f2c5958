/** Run as a process of its own: appends trials to a file and says each number once it is safe. */
import { writeSync } from "node:fs";
import { trialLog } from "../../src/adapters/local/trial-log.ts";
import { trial } from "./samples.ts";

const [file, count] = process.argv.slice(2) as [string, string];
const log = trialLog(file);
for (let n = 1; n <= Number(count); n++) writeSync(1, `${log.append(trial(n)).number}\n`);

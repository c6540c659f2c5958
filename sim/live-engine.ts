/**
 * `saksi up` on a real market whose time runs faster: `node sim/live-engine.ts URL SPEED -- <options of saksi up>`.
 * URL is a simulated exchange that runs freely at SPEED; the engine's wall clock follows it.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { getJson } from "../src/adapters/http/json.ts";
import type { WallClock } from "../src/adapters/local/pace.ts";
import { parseUp } from "../src/cli/options.ts";
import { up } from "../src/cli/up.ts";
import { messageOf } from "../src/errors/errors.ts";
import { checkInvariants } from "./invariants.ts";

/** A wall clock that shows the exchange's time and runs `speed` times as fast as ours. */
async function fastWall(url: string, speed: number): Promise<WallClock> {
  const { serverTime } = await getJson<{ serverTime: number }>(`${url}/capi/v3/market/time`);
  const startedAt = performance.now();
  const nowMs = (): number => Math.floor(Number(serverTime) + (performance.now() - startedAt) * speed);
  return {
    nowMs,
    async sleepUntil(atMs) {
      for (let leftMs = atMs - nowMs(); leftMs > 0; leftMs = atMs - nowMs()) await sleep(leftMs / speed);
    },
  };
}

const [url = "", speed = "1", , ...args] = process.argv.slice(2);
try {
  const options = parseUp([...args, "--weex-url", url]);
  if (options === "help") throw new Error("no help here");
  process.exitCode = await up(options, {
    wall: await fastWall(url, Number(speed)),
    onFinished: async (engine) => {
      for (const text of await checkInvariants(engine)) process.stdout.write(`INVARIANT ${text}\n`);
    },
  });
} catch (error) {
  process.stderr.write(`saksi: ${messageOf(error)}\n`);
  process.exitCode = 1;
}

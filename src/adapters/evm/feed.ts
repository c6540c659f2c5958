/** Finding the feed round that was in force at a time. */

import { isError } from "ethers";
import { feedAbi } from "./abi.ts";
import type { Rpc } from "./rpc.ts";

const MAX_PROBES = 80;

async function updatedAt(rpc: Rpc, feed: string, round: bigint): Promise<bigint> {
  return (await rpc.call(feed, feedAbi, "getRoundData", [round]))[3];
}

/**
 * The round r with updatedAt(r) ≤ time < updatedAt(r + 1); 0 when the feed had no round yet. Rounds of one aggregator
 * phase are consecutive and ascending in time: gallop back from the latest, then bisect.
 */
export async function bracketingRound(rpc: Rpc, feed: string, time: bigint): Promise<bigint> {
  const latest = await rpc.call(feed, feedAbi, "latestRoundData", []).catch((error: unknown) => {
    // Only the feed's own word means that there is no round; a node that is away says nothing.
    if (isError(error, "CALL_EXCEPTION")) return undefined;
    throw error;
  });
  if (!latest) return 0n;
  let high: bigint = latest[0];
  if (latest[3] <= time) return high;
  const first = ((high >> 64n) << 64n) + 1n;
  let low = high;
  let step = 1n;
  for (let probe = 0; probe < MAX_PROBES; probe++) {
    if (low === first && (await updatedAt(rpc, feed, first)) > time) return 0n;
    low = low - step > first ? low - step : first;
    step *= 2n;
    if ((await updatedAt(rpc, feed, low)) <= time) break;
    high = low;
  }
  while (high - low > 1n) {
    const middle = (low + high) / 2n;
    if ((await updatedAt(rpc, feed, middle)) <= time) low = middle;
    else high = middle;
  }
  return low;
}

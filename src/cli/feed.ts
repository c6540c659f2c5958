/** `node src/cli/feed.ts --dir DIR`: pushes the venue's index price into the on-chain feed on deviation or heartbeat. */
import { join } from "node:path";
import { Interface } from "ethers";
import { DirectSender } from "../adapters/evm/direct-sender.ts";
import { Rpc } from "../adapters/evm/rpc.ts";
import { jsonServer } from "../adapters/http/json.ts";
import { VirtualClock } from "../adapters/local/clock.ts";
import { openKey } from "../adapters/local/keystore.ts";
import { weexConnection } from "../adapters/local/venue.ts";
import { createWeexAccountReader } from "../adapters/weex/client.ts";
import { readWorld } from "../config/world.ts";
import { symbolOf } from "../domain/market.ts";
import { absBigint } from "../domain/money.ts";
import { toUnixSeconds } from "../domain/prediction.ts";
import { parseInput, TickSchema } from "../domain/schemas.ts";
import { UsageError } from "../errors/errors.ts";
import { runPeer } from "./peer.ts";

const feedPush = new Interface(["function push(int256 answerE8, uint64 updatedAt) returns (uint80 roundId)"]);
const DEVIATION_BPS = 10n;
const HEARTBEAT_MS = 60_000;
const PUSH_GAS = 150_000n;
/** Above the relayer's tip: in a block the price comes before what is judged by it. */
const TIP_GWEI = 3n;

await runPeer("feed", async (dir) => {
  const world = readWorld(dir);
  if (!world) throw new UsageError("feed.world", `${dir} holds no world.json`);
  const clock = new VirtualClock(world.startMs);
  const rpc = new Rpc(world.chain.url, world.chain.chainId);
  const sender = new DirectSender(
    rpc,
    await openKey(join(dir, "keys"), "feeder"),
    world.chain.chainId,
    TIP_GWEI,
  );
  const venue = createWeexAccountReader(weexConnection(world, "saksi-feed", () => clock.nowMs()));
  let ackedMs = 0;
  let last = { priceE8: 0n, atMs: 0 };
  const tick = async (nowMs: number): Promise<void> => {
    if (nowMs <= ackedMs) return;
    clock.advanceTo(nowMs);
    const { indexE8 } = await venue.prices(symbolOf(world.market));
    const moved =
      last.priceE8 === 0n || absBigint(indexE8 - last.priceE8) * 10_000n >= last.priceE8 * DEVIATION_BPS;
    if (moved || nowMs - last.atMs >= HEARTBEAT_MS) {
      await sender.send(
        world.addresses.feed,
        feedPush.encodeFunctionData("push", [indexE8, toUnixSeconds(nowMs)]),
        PUSH_GAS,
      );
      last = { priceE8: indexE8, atMs: nowMs };
    }
    ackedMs = nowMs;
  };
  const server = jsonServer({
    "POST /tick": async ({ body }) => {
      await tick(parseInput(TickSchema, body, "tick").nowMs);
      return { nextMs: null };
    },
  });
  return { server, close: async () => rpc.close() };
});

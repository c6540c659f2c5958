/**
 * `node web3-functions/network.ts --dir DIR`: what Gelato's network did for an event-triggered Web3 Function, on the
 * local chain: the vendor's own builder and runner execute the function for every AttestationRequested event, and the
 * dedicated sender's key sends the calls it returns.
 */
import { chmodSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { z } from "zod";
import { DirectSender } from "../src/adapters/evm/direct-sender.ts";
import { Rpc } from "../src/adapters/evm/rpc.ts";
import { openKey } from "../src/adapters/local/keystore.ts";
import { MAX_AGE_SECONDS, PRICE_TOLERANCE_BPS } from "../src/adapters/oracle/functions.ts";
import { vendorPeer } from "../src/adapters/oracle/vendor-peer.ts";
import { runPeer } from "../src/cli/peer.ts";
import { readWorld, type World } from "../src/config/world.ts";
import { hashText } from "../src/domain/ids.ts";
import { symbolOf } from "../src/domain/market.ts";
import { SaksiError, UsageError } from "../src/errors/errors.ts";

const HERE = new URL(".", import.meta.url).pathname;
/** The package carries the binary without its executable bit. */
const DENO = join(HERE, "node_modules/deno1/deno");
chmodSync(DENO, 0o755);
process.env["DENO_PATH"] = DENO;

const require = createRequire(import.meta.url);
type Built =
  | { success: true; filePath: string; schema: { memory: number; timeout: number } }
  | { success: false; error: Error };
type Sdk = {
  Web3FunctionBuilder: {
    build(input: string, options: { filePath: string; sourcePath: string }): Promise<Built>;
  };
};
type RuntimeSdk = {
  Web3FunctionRunner: new (debug: boolean) => { run(operation: "onRun", payload: unknown): Promise<unknown> };
};
type Providers = { StaticJsonRpcProvider: new (url: string) => unknown };

/** What the function may answer; anything else is the vendor's failure report. */
const Execution = z.looseObject({
  success: z.boolean(),
  error: z.unknown().optional(),
  result: z
    .union([
      z.object({
        canExec: z.literal(true),
        callData: z.array(z.object({ to: z.string(), data: z.string() })).max(1),
      }),
      z.object({ canExec: z.literal(false), message: z.string() }),
    ])
    .optional(),
});

/** Gelato's standard plan. Sizes in kilobytes. */
const LIMITS = {
  rpcLimit: 10,
  requestLimit: 10,
  downloadLimit: 10_240,
  uploadLimit: 5_120,
  storageLimit: 1_024,
};
const REQUESTED = hashText("AttestationRequested(bytes32,bytes32,uint64)");
const SUBMIT_GAS = 500_000n;
const TIP_GWEI = 1n;
/** A run may take ten seconds; a tick must be answered within thirty. */
const MAX_RUNS_PER_TICK = 2;
const MAX_RUNS_PER_EVENT = 4;

type RunFunction = (log: unknown, publisherUrl: string) => Promise<unknown>;
type EventLog = { topics: string[] };
type Trigger = { log: EventLog; runs: number };

await runPeer("gelato", async (dir) => {
  const world = readWorld(dir);
  if (!world?.addresses.gelato)
    throw new UsageError("gelato.world", `${dir} holds no world.json with a GelatoAttester`);
  const rpc = new Rpc(world.chain.url, world.chain.chainId);
  const sender = new DirectSender(
    rpc,
    await openKey(join(dir, "keys"), "gelato"),
    world.chain.chainId,
    TIP_GWEI,
  );
  const run = await prepareFunction(dir, world, rpc);
  const waiting: Trigger[] = [];
  const execute = async (trigger: Trigger): Promise<void> => {
    trigger.runs += 1;
    const { success, result, error } = Execution.parse(await run(trigger.log, peer.url()));
    if (!success || !result?.canExec) {
      process.stdout.write(
        `run ${trigger.runs} did not execute: ${result && !result.canExec ? result.message : String(error)}\n`,
      );
      if (trigger.runs < MAX_RUNS_PER_EVENT) waiting.push(trigger);
      return;
    }
    for (const { to, data } of result.callData) await sender.send(to, data, SUBMIT_GAS);
    process.stdout.write(`run ${trigger.runs}: ${result.callData.length} call sent\n`);
  };
  const event = { address: world.addresses.validator, topic: REQUESTED };
  const peer = await vendorPeer(rpc, event, async (logs) => {
    waiting.push(...logs.map((log) => ({ log: log as EventLog, runs: 0 })));
    for (const trigger of waiting.slice(0, MAX_RUNS_PER_TICK)) {
      await peer.prefetch(trigger.log.topics[1] ?? "");
      await execute(trigger);
      waiting.shift();
    }
  });
  return { server: peer.server, close: async () => rpc.close() };
});

/** Builds the function once. @returns what runs it on an event. */
async function prepareFunction(dir: string, world: World, rpc: Rpc): Promise<RunFunction> {
  const { Web3FunctionBuilder } = require("@gelatonetwork/web3-functions-sdk/builder") as Sdk;
  const { Web3FunctionRunner } = require("@gelatonetwork/web3-functions-sdk/runtime") as RuntimeSdk;
  const { StaticJsonRpcProvider } = require("@ethersproject/providers") as Providers;
  const built = await Web3FunctionBuilder.build(join(HERE, "source/index.ts"), {
    filePath: join(dir, "web3-function.js"),
    sourcePath: join(dir, "web3-function-source.js"),
  });
  if (!built.success)
    throw new SaksiError("gelato.build", `the Web3 Function does not build: ${built.error.message}`);
  const { memory, timeout } = built.schema;
  const provider = new StaticJsonRpcProvider(world.chain.url);
  return async (log, publisherUrl) =>
    new Web3FunctionRunner(false).run("onRun", {
      script: built.filePath,
      version: "2.0.0",
      options: { runtime: "thread", memory, timeout: timeout * 1_000, showLogs: false, ...LIMITS },
      multiChainProviderConfig: { [Number(world.chain.chainId)]: provider },
      context: {
        gelatoArgs: {
          chainId: Number(world.chain.chainId),
          gasPrice: await rpc.send<string>("eth_gasPrice", []),
          taskId: "saksi",
        },
        secrets: {},
        storage: {},
        log,
        userArgs: {
          publisherUrl,
          venueUrl: world.venue.url,
          symbol: symbolOf(world.market),
          validator: world.addresses.validator,
          attester: world.addresses.gelato ?? "",
          publisher: world.publisher,
          mandateId: world.mandateId,
          maxAgeSeconds: Number(MAX_AGE_SECONDS),
          priceToleranceBps: Number(PRICE_TOLERANCE_BPS),
        },
      },
    });
}

/**
 * `node functions/network.ts --dir DIR`: a Chainlink Functions network of one node on the local chain. The vendor's own
 * LINK token, router and coordinator are deployed from this process's key; every request is run by the vendor's
 * simulator and answered through the coordinator, so that the real router calls the client back.
 * A process of its own because the vendor's toolkit brings an older ethers with it.
 */
import { createRequire } from "node:module";
import { delimiter, join } from "node:path";
import { DirectSender } from "../src/adapters/evm/direct-sender.ts";
import { Rpc } from "../src/adapters/evm/rpc.ts";
import { openKey } from "../src/adapters/local/keystore.ts";
import { vendorPeer } from "../src/adapters/oracle/vendor-peer.ts";
import { runPeer } from "../src/cli/peer.ts";
import { FUNCTIONS_ROUTER, SUBSCRIPTION_ID } from "../src/config/deployment.ts";
import { readWorld } from "../src/config/world.ts";
import { messageOf, UsageError } from "../src/errors/errors.ts";
import { answerOf, encodeReport, type Request, requestOf, subjectOf } from "./request.ts";

const MODULES = new URL("./node_modules", import.meta.url).pathname;
/** The simulator looks for `deno` on the PATH; one crypto library would otherwise look for a native build. */
process.env["PATH"] = [join(MODULES, "@deno/linux-x64-glibc"), process.env["PATH"]].join(delimiter);
process.env["NODE_BACKEND"] = "js";

const require = createRequire(import.meta.url);
/** What is used of the toolkit and of the ethers 5 it stands on. */
type Contract = {
  address: string;
  interface: {
    parseLog(log: unknown): { args: unknown };
    encodeFunctionData(name: string, args: unknown[]): string;
    getEventTopic(name: string): string;
  };
};
type Toolkit = {
  deployFunctionsOracle(signer: unknown): Promise<{
    donId: string;
    linkTokenContract: Contract;
    functionsRouterContract: Contract;
    functionsMockCoordinatorContract: Contract;
  }>;
  SubscriptionManager: new (options: {
    signer: unknown;
    linkTokenAddress: string;
    functionsRouterAddress: string;
  }) => {
    initialize(): Promise<void>;
    createSubscription(): Promise<number>;
    addConsumer(options: { subscriptionId: number; consumerAddress: string }): Promise<unknown>;
    fundSubscription(options: { subscriptionId: number; juelsAmount: string }): Promise<unknown>;
  };
};
type Ethers5 = {
  Wallet: new (key: string, provider: unknown) => unknown;
  providers: { StaticJsonRpcProvider: new (url: string) => { pollingInterval: number } };
};

const POLL_MS = 20;
/** A thousand LINK pays thousands of answers at the local gas price. */
const SUBSCRIPTION_JUELS = `1000${"0".repeat(18)}`;
const FULFIL_GAS = 1_000_000n;
const TIP_GWEI = 1n;
/** An answer may not cost more than was foreseen at the price of the request: this leaves room for a rising base fee. */
const ANSWER_TIP_WEI = 900_000_000n;
/** The script may take ten seconds; a tick must be answered within thirty. */
const MAX_ANSWERS_PER_TICK = 2;

await runPeer("functions", async (dir) => {
  const world = readWorld(dir);
  const attester = world?.addresses.functions;
  if (!world || !attester)
    throw new UsageError("functions.world", `${dir} holds no world.json with a FunctionsAttester`);
  const wallet = await openKey(join(dir, "keys"), "functions");
  const rpc = new Rpc(world.chain.url, world.chain.chainId);
  const sender = new DirectSender(rpc, wallet, world.chain.chainId, TIP_GWEI);
  const coordinator = await deployNetwork(rpc, world.chain.url, wallet.privateKey, attester);
  const waiting: Request[] = [];
  const fulfil = async (request: Request): Promise<void> => {
    const id = await subjectOf(require, request);
    if (id) await peer.prefetch(id);
    const answer = await answerOf(require, request);
    const report = encodeReport(require, request, answer);
    await sender.send(
      coordinator.address,
      coordinator.interface.encodeFunctionData("callReport", [report]),
      FULFIL_GAS,
      ANSWER_TIP_WEI,
    );
    process.stdout.write(
      `${request.requestId} ${answer.error ?? `${(answer.response.length - 2) / 2} bytes`}\n`,
    );
  };
  const event = { address: coordinator.address, topic: coordinator.interface.getEventTopic("OracleRequest") };
  const peer = await vendorPeer(rpc, event, async (logs) => {
    waiting.push(...logs.map((log) => requestOf(coordinator.interface.parseLog(log).args)));
    for (let answers = 0; answers < MAX_ANSWERS_PER_TICK && waiting[0]; answers++) {
      await fulfil(waiting[0]);
      waiting.shift();
    }
  });
  return { server: peer.server, close: async () => rpc.close() };
});

/** The local chain mines only when told; while the vendor's deployer waits for its receipts it mines at once. */
async function deployNetwork(rpc: Rpc, url: string, privateKey: string, attester: string): Promise<Contract> {
  const toolkit = require("@chainlink/functions-toolkit") as Toolkit;
  const { Wallet, providers } = require("ethers") as Ethers5;
  const provider = new providers.StaticJsonRpcProvider(url);
  provider.pollingInterval = POLL_MS;
  const signer = new Wallet(privateKey, provider);
  await rpc.send("evm_setAutomine", [true]);
  try {
    const {
      linkTokenContract: link,
      functionsRouterContract: router,
      functionsMockCoordinatorContract: coordinator,
    } = await toolkit.deployFunctionsOracle(signer);
    if (router.address !== FUNCTIONS_ROUTER)
      throw new UsageError(
        "functions.router",
        `the router is at ${router.address}, the attester expects ${FUNCTIONS_ROUTER}`,
      );
    const manager = new toolkit.SubscriptionManager({
      signer,
      linkTokenAddress: link.address,
      functionsRouterAddress: router.address,
    });
    await manager.initialize();
    const subscriptionId = await manager.createSubscription();
    if (BigInt(subscriptionId) !== SUBSCRIPTION_ID)
      throw new UsageError(
        "functions.subscription",
        `the subscription is ${subscriptionId}, the attester expects ${SUBSCRIPTION_ID}`,
      );
    await manager.fundSubscription({ subscriptionId, juelsAmount: SUBSCRIPTION_JUELS });
    await manager.addConsumer({ subscriptionId, consumerAddress: attester });
    return coordinator;
  } catch (error) {
    throw new UsageError(
      "functions.deploy",
      `the Functions network could not be deployed: ${messageOf(error).slice(0, 300)}`,
    );
  } finally {
    await rpc.send("evm_setAutomine", [false]);
  }
}

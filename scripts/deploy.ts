/**
 * `npm run deploy -- --network X --parameters FILE`: deploys, writes deployments/X.json and reads everything back from the
 * chain. A network that has a record already is read back only. Exit code 1 for any difference.
 *   --world STORE                         records a running world of `saksi up` instead
 *   --adopt FIRST-LAST --deployer ADDRESS  records what the account created in these blocks, with Ignition for instance
 *   --governor-of ADDRESS                  says where the governor will stand if that account deploys with Ignition now
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { getCreateAddress, type Provider } from "ethers";
import { BEFORE_GOVERNOR } from "../ignition/modules/core.ts";
import { deploySaksi } from "../src/adapters/evm/deploy.ts";
import { SaksiError, UsageError } from "../src/errors/errors.ts";
import { builtContracts } from "./deployment/artifacts.ts";
import { main, ROOT, report } from "./deployment/cli.ts";
import { deployerOf, networkNamed, nodeOf, refuseMocks } from "./deployment/networks.ts";
import { readParameters } from "./deployment/parameters.ts";
import { recheck } from "./deployment/recheck.ts";
import { readRecord, recordExists, recordFile, writeRecord } from "./deployment/record.ts";
import { creationsIn, partsOf, RecordingSigner, recordOf } from "./deployment/recorder.ts";
import { recordOfWorld } from "./deployment/world.ts";

const BLOCK_POLL_MS = 1_000;
/** How long a chain may take for its next block. */
const MAX_BLOCK_POLLS = 120;

await main(async () => {
  const { values } = parseArgs({
    options: {
      network: { type: "string" },
      parameters: { type: "string" },
      rpc: { type: "string" },
      world: { type: "string" },
      adopt: { type: "string" },
      deployer: { type: "string" },
      "governor-of": { type: "string" },
      deployments: { type: "string", default: join(ROOT, "deployments") },
      artifacts: { type: "string", default: join(ROOT, "artifacts") },
    },
  });
  const network = networkNamed(values.network);
  const file = recordFile(values.deployments, network.name);
  const built = builtContracts(values.artifacts);
  if (values.world !== undefined) {
    if (network.isPublic)
      throw new UsageError("deploy.world", "--world is a store of saksi up, on --network local");
    const { node, record } = await recordOfWorld(values.world, network, built);
    writeRecord(file, record);
    console.log(`${file} is the record of the world in ${values.world}`);
    return report(await recheck(node, built, record), "deploy");
  }
  const node = nodeOf(network, values.rpc);
  const from = values["governor-of"];
  if (from !== undefined) {
    const mockAsset = network.isPublic ? 0 : 1;
    const nonce = (await node.getTransactionCount(from)) + BEFORE_GOVERNOR + mockAsset;
    console.log(getCreateAddress({ from, nonce }));
    return true;
  }
  if (recordExists(file)) {
    console.log(
      `${file} exists: nothing is deployed, what stands is read back; move the file away to deploy anew`,
    );
    return report(await recheck(node, built, readRecord(file)), "deploy");
  }
  if (values.parameters === undefined)
    throw new UsageError(
      "deploy.parameters",
      `say what to deploy: --parameters ignition/parameters/${network.name}.json`,
    );
  const chainId = Number(await node.send("eth_chainId", []));
  if (chainId !== network.chainId)
    throw new UsageError(
      "deploy.chain",
      `the node is on chain ${chainId} and ${network.name} is chain ${network.chainId}; give the node of that chain`,
    );
  const latest = await node.getBlock("latest");
  const params = readParameters(values.parameters, BigInt(latest!.timestamp));
  refuseMocks(network, params);
  if (values.adopt !== undefined) {
    const blocks = /^(\d{1,12})-(\d{1,12})$/.exec(values.adopt);
    if (blocks === null || values.deployer === undefined)
      throw new UsageError(
        "deploy.adopt",
        "--adopt takes the blocks, FIRST-LAST, and needs --deployer with the account",
      );
    const sent = await creationsIn(node, values.deployer, Number(blocks[1]), Number(blocks[2]));
    const record = recordOf(network.name, built, sent, params, partsOf(BigInt(chainId), built, sent, params));
    writeRecord(file, record);
    console.log(`${file} is the record of what ${values.deployer} created in the blocks ${values.adopt}`);
    return report(await recheck(node, built, record), "deploy");
  }
  const deployer = new RecordingSigner(await deployerOf(network, node), network.tipWei);
  const deployment = await deploySaksi({
    deployer,
    params,
    artifactsDir: values.artifacts,
    // a local node mines at once
    ...(network.isPublic ? { mine: () => nextBlock(node) } : {}),
  });
  const record = recordOf(network.name, built, await deployer.sent(), params, deployment);
  writeRecord(file, record);
  console.log(`${record.contracts.length} contracts deployed by ${record.deployer}; ${file} written`);
  return report(await recheck(node, built, record), "deploy");
});

/** Waits for a block later than the one there was when it was called. */
async function nextBlock(node: Provider): Promise<void> {
  const before = await node.getBlockNumber();
  for (let poll = 0; poll < MAX_BLOCK_POLLS; poll++) {
    await new Promise((next) => setTimeout(next, BLOCK_POLL_MS));
    if ((await node.getBlockNumber()) > before) return;
  }
  throw new SaksiError("deploy.noBlock", `no block came in ${(MAX_BLOCK_POLLS * BLOCK_POLL_MS) / 1000} s`);
}

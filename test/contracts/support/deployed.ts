/** A chain in this process with everything deployed by `deploySaksi`, and the record of it. */
import { network } from "hardhat";
import { builtContracts } from "../../../scripts/deployment/artifacts.ts";
import type { Node } from "../../../scripts/deployment/recheck.ts";
import { RecordingSigner, recordOf } from "../../../scripts/deployment/recorder.ts";
import { deploySaksi } from "../../../src/adapters/evm/deploy.ts";
import type { DeploymentParams } from "../../../src/adapters/evm/deployment-params.ts";
import { localDeployment } from "../../../src/config/deployment.ts";
import { MARKET, MODEL } from "./world.ts";

export const ARTIFACTS = new URL("../../../artifacts", import.meta.url).pathname;

export async function deployRecorded(change: (params: DeploymentParams) => DeploymentParams = (p) => p) {
  const { ethers, networkHelpers } = await network.create();
  const node: Node = ethers.provider;
  const [deployer] = await ethers.getSigners();
  const now = BigInt(await networkHelpers.time.latest());
  const local = localDeployment(MARKET, MODEL, now, "quorum");
  const { router: _vendor, ...functions } = local.functions!;
  const params = change({ ...local, functions });
  const built = builtContracts(ARTIFACTS);
  const signer = new RecordingSigner(deployer!);
  const deployment = await deploySaksi({ deployer: signer, params, artifactsDir: ARTIFACTS });
  const record = recordOf("local", built, await signer.sent(), params, deployment);
  return { ethers, networkHelpers, node, built, deployment, record, deployer: deployer! };
}

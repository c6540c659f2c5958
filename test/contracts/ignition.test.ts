import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { network } from "hardhat";
import { BEFORE_GOVERNOR } from "../../ignition/modules/core.ts";
import Saksi from "../../ignition/modules/Saksi.ts";
import SaksiLocal from "../../ignition/modules/SaksiLocal.ts";
import { builtContracts } from "../../scripts/deployment/artifacts.ts";
import { expectationsOf } from "../../scripts/deployment/expectations.ts";
import { parseParameters } from "../../scripts/deployment/parameters.ts";
import { recheck } from "../../scripts/deployment/recheck.ts";
import { creationsIn, partsOf, RecordingSigner, recordOf } from "../../scripts/deployment/recorder.ts";
import { deploySaksi } from "../../src/adapters/evm/deploy.ts";
import { ARTIFACTS } from "./support/deployed.ts";

const FILE = new URL("../../ignition/parameters/local.json", import.meta.url).pathname;

/** Deploys with the local parameters, on a chain of its own. */
async function deployWithIgnition(module: typeof Saksi, change: Record<string, unknown> = {}) {
  const { ethers, ignition, networkHelpers } = await network.create();
  const built = builtContracts(ARTIFACTS);
  const file = JSON.parse(readFileSync(FILE, "utf8")) as { Saksi: Record<string, unknown> };
  const now = BigInt(await networkHelpers.time.latest());
  const { owner, ...rest } = file.Saksi;
  const values = { ...(module === SaksiLocal ? { owner } : {}), ...rest, ...change };
  const params = parseParameters(FILE, { Saksi: values }, now);
  const [deployer] = await ethers.getSigners();
  const nonce = (await deployer!.getNonce()) + BEFORE_GOVERNOR + (module === SaksiLocal ? 1 : 0);
  const governor = ethers.getCreateAddress({ from: deployer!.address, nonce });
  const parameters = { Saksi: { ...values, firstSnapshotAt: params.firstSnapshotAt, governor } };
  const first = (await ethers.provider.getBlockNumber()) + 1;
  await ignition.deploy(module, { parameters: parameters as never });
  const last = await ethers.provider.getBlockNumber();
  const sent = await creationsIn(ethers.provider, deployer!.address, first, last);
  const record = recordOf("local", built, sent, params, partsOf(31337n, built, sent, params));
  return { ethers, networkHelpers, built, params, record, deployer: deployer! };
}

describe("the Ignition module", () => {
  it("deploys the core in the documented order, configured as the parameters say", async () => {
    const { ethers, built, record } = await deployWithIgnition(SaksiLocal);
    assert.deepEqual(
      record.contracts.map(({ contract }) => contract).filter((name) => name !== "MockUsd"),
      [
        "SettlementLib",
        "VenuePriceFeed",
        "ModelRegistry",
        "RiskPolicy",
        "PredictionValidator",
        "QuorumAttester",
        "SaksiToken",
        "StakeVault",
        "SaksiTimelock",
        "SaksiProposals",
        "SaksiGovernor",
        "FeeForwarder",
        "RedeemLib",
        "BondVault",
        "FundVault",
        "DisputeCourt",
        "AttesterBonds",
        "Allocator",
      ],
    );
    const { findings, reads } = await recheck(ethers.provider, built, record);
    assert.deepEqual(findings, []);
    assert.ok(reads > 130, `${reads} values read`);
  });

  it("gives the same configuration as deploySaksi, value by value", async () => {
    const { ethers: its, built, params, record } = await deployWithIgnition(SaksiLocal);
    assert.deepEqual((await recheck(its.provider, built, record)).findings, []);
    const { ethers } = await network.create();
    const [deployer] = await ethers.getSigners();
    const signer = new RecordingSigner(deployer!);
    const deployment = await deploySaksi({ deployer: signer, params, artifactsDir: ARTIFACTS });
    const other = recordOf("local", built, await signer.sent(), params, deployment);
    assert.deepEqual((await recheck(ethers.provider, built, other)).findings, []);
    // Both chains answer what is expected of them, so it is enough that the same is expected of both. Addresses follow from nonces, which Ignition spends otherwise: each is replaced by the name of what stands there.
    const configuration = (one: typeof record) => {
      const names = new Map(one.contracts.map(({ contract, address }) => [address, contract]));
      return expectationsOf(one)
        .map(({ contract, getter, args, field, expected }) =>
          [contract, getter, ...args, field, expected]
            .map((value) => names.get(String(value)) ?? String(value))
            .join(" "),
        )
        .sort();
    };
    assert.deepEqual(configuration(record), configuration(other));
  });

  it("takes an asset that exists, and offers ownership to the timelock", async () => {
    const asset = "0x5FbDB2315678afecb367f032d93F642f64180aa3";
    const { ethers, built, record } = await deployWithIgnition(Saksi, { asset });
    const { findings } = await recheck(ethers.provider, built, record);
    assert.ok(
      findings.every(({ kind, sentence }) => kind === "pending" && sentence.includes("acceptOwnership")),
    );
    assert.equal(findings.length, 9);
    assert.equal(record.asset, asset);
  });
});

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Interface, id } from "ethers";
import { builtContract } from "../../scripts/deployment/artifacts.ts";
import { expectationsOf } from "../../scripts/deployment/expectations.ts";
import { networkNamed, refuseMocks } from "../../scripts/deployment/networks.ts";
import { parseParameters } from "../../scripts/deployment/parameters.ts";
import { recheck } from "../../scripts/deployment/recheck.ts";
import {
  type DeploymentRecord,
  readRecord,
  recorded,
  recordFile,
  writeRecord,
} from "../../scripts/deployment/record.ts";
import { roleWallet } from "../../src/config/scenario.ts";
import { deployRecorded } from "./support/deployed.ts";
import { MARKET } from "./support/world.ts";

const STRANGER = roleWallet("actor").address;
const FILES = new URL("../../ignition/parameters/", import.meta.url).pathname;
const parametersOf = (name: string) =>
  JSON.parse(readFileSync(join(FILES, `${name}.json`), "utf8")) as Record<
    "Saksi" | "SaksiGovernance",
    Record<string, unknown>
  >;

type Deployed = Awaited<ReturnType<typeof deployRecorded>>;

/** Sends one call to a deployed contract as the deployer, who is the owner. */
async function owner(
  { deployer, record, built }: Deployed,
  contract: string,
  method: string,
  args: unknown[],
) {
  const { abi } = builtContract(built, contract);
  const { address } = recorded(record, contract)!;
  await (
    await deployer.sendTransaction({ to: address, data: new Interface(abi).encodeFunctionData(method, args) })
  ).wait();
}
const sentences = async ({ node, built }: Deployed, record: DeploymentRecord) =>
  (await recheck(node, built, record)).findings.map(({ kind, sentence }) => `${kind}: ${sentence}`);

/** Getters without arguments that tell what has happened, not what was asked for. */
const STATE_GETTERS: Record<string, string[]> = {
  "*": ["pendingOwner", "domainSeparator"],
  RiskPolicy: ["breakerCause", "halted", "pauseSpent", "pausedUntil"],
  PredictionValidator: ["attestationDomain", "settlementDomain", "currentEpoch", "snapshotAt", "head"],
  QuorumAttester: ["signerSetEpoch"],
  FundVault: [
    "allocator",
    "bondUsdE6",
    "carryE8",
    "epochDomain",
    "highWaterMarkE18",
    "idleUsdE6",
    "pendingDepositsE6",
    "receivableAtVenueE8",
    "redemptionsOwedE6",
    "sharePriceE18",
    "neededBondUsdE6",
    "totalAssets",
    "totalAssetsE6",
    "totalSupply",
    "unexplainedUsdE6",
    "decimals",
    "name",
    "share",
    "symbol",
  ],
  BondVault: ["bondReleasingUsdE6", "bondUsdE6", "committedBondUsdE6", "releasableAt"],
  DisputeCourt: ["nextReviewer", "nextReviewerAt", "reviewer", "slashRecipient", "stake"],
  VenuePriceFeed: ["latestRound", "latestRoundData", "version"],
  FunctionsAttester: ["MAX_SOURCE_BYTES"],
};
const WITHOUT_PARAMETERS = ["SettlementLib", "RedeemLib", "MockUsd", "MockFunctionsRouter"];

describe("the record of a deployment", () => {
  let deployed: Deployed;
  before(async () => {
    deployed = await deployRecorded();
  });

  it("names every contract with its arguments, block and libraries, and survives its file", () => {
    const { record } = deployed;
    assert.deepEqual(
      record.contracts.map(({ contract }) => contract),
      [
        "SettlementLib",
        "MockUsd",
        "VenuePriceFeed",
        "ModelRegistry",
        "RiskPolicy",
        "PredictionValidator",
        "QuorumAttester",
        "RedeemLib",
        "BondVault",
        "FundVault",
        "GelatoAttester",
        "MockFunctionsRouter",
        "FunctionsAttester",
        "DisputeCourt",
        "AttesterBonds",
      ],
    );
    assert.equal(recorded(record, "VenuePriceFeed")!.label, MARKET);
    assert.equal(recorded(record, "RiskPolicy")!.arguments["maxPauseSeconds_"], "86400");
    assert.equal(
      recorded(record, "PredictionValidator")!.libraries["SettlementLib"],
      recorded(record, "SettlementLib")!.address,
    );
    const folder = mkdtempSync(join(tmpdir(), "saksi-record-"));
    const file = recordFile(folder, "local");
    writeRecord(file, record);
    assert.deepEqual(readRecord(file), record);
    rmSync(folder, { recursive: true });
  });

  it("covers every getter of every contract that is not state", () => {
    const { record, built } = deployed;
    const read = new Set(expectationsOf(record).map(({ contract, getter }) => `${contract}.${getter}`));
    for (const { contract } of record.contracts) {
      if (WITHOUT_PARAMETERS.includes(contract)) continue;
      const state = [...STATE_GETTERS["*"]!, ...(STATE_GETTERS[contract] ?? [])];
      new Interface(builtContract(built, contract).abi).forEachFunction((getter) => {
        if (!getter.constant || getter.inputs.length > 0 || state.includes(getter.name)) return;
        assert.ok(
          read.has(`${contract}.${getter.name}`),
          `${contract}.${getter.name}() is neither read back after a deployment nor listed as state`,
        );
      });
    }
  });

  it("refuses a key that it does not know, and says where", () => {
    const folder = mkdtempSync(join(tmpdir(), "saksi-record-"));
    const file = recordFile(folder, "local");
    writeRecord(file, { ...deployed.record, owner: STRANGER } as DeploymentRecord);
    assert.throws(() => readRecord(file), /local\.json: the file Unrecognized key: "owner"/);
    assert.throws(
      () => readRecord(join(folder, "mainnet.json")),
      /mainnet\.json does not exist; deploy first/,
    );
    rmSync(folder, { recursive: true });
  });
});

describe("reading a deployment back", () => {
  it("finds no difference right after it", async () => {
    const deployed = await deployRecorded();
    const { reads, findings } = await recheck(deployed.node, deployed.built, deployed.record);
    assert.deepEqual(findings, []);
    assert.ok(reads > 90, `${reads} values read`);
  });

  it("names an executor, a limit, a signer and a transport that were changed afterwards", async () => {
    const deployed = await deployRecorded();
    const { record } = deployed;
    const mandate = record.mandates[MARKET]!;
    const attester = record.parameters.attesters[0]!;
    await owner(deployed, "PredictionValidator", "setExecutor", [STRANGER]);
    await owner(deployed, "RiskPolicy", "tightenMaxLossUsdE6", [mandate, 5n]);
    await owner(deployed, "QuorumAttester", "removeSigner", [attester]);
    await owner(deployed, "PredictionValidator", "setAdapter", [STRANGER, 3, 31, true]);
    const validator = recorded(record, "PredictionValidator")!.address;
    const policy = recorded(record, "RiskPolicy")!.address;
    const quorum = recorded(record, "QuorumAttester")!.address;
    assert.deepEqual(await sentences(deployed, record), [
      `difference: PredictionValidator at ${validator}: executor(): expected ${record.parameters.executor}, found ${STRANGER}`,
      `difference: RiskPolicy at ${policy}: limits(${mandate}).maxLossUsdE6: expected 200000000, found 5`,
      `difference: QuorumAttester at ${quorum}: signerCount(): expected 5, found 4`,
      `difference: QuorumAttester at ${quorum}: isSigner(${attester}): expected true, found false`,
      `difference: PredictionValidator at ${validator}: adapter(${STRANGER}).level: expected 0, found 3`,
    ]);
  });

  it("says that an owner has yet to accept, and is content once it has", async () => {
    const deployed = await deployRecorded((params) => ({ ...params, owner: STRANGER }));
    const { record, ethers } = deployed;
    const waiting = await sentences(deployed, record);
    assert.equal(waiting.length, record.roles.filter(({ role }) => role === "owner").length);
    for (const line of waiting)
      assert.match(
        line,
        new RegExp(`^pending: .*still the deployer .*; ${STRANGER} has to call acceptOwnership$`),
      );
    const account = await ethers.getSigner(STRANGER);
    for (const { address } of record.roles.filter(({ role }) => role === "owner"))
      await (
        await account.sendTransaction({ to: address, data: id("acceptOwnership()").slice(0, 10) })
      ).wait();
    assert.deepEqual(await sentences(deployed, record), []);
  });

  it("names a contract that is not there, and a chain that is another", async () => {
    const deployed = await deployRecorded();
    const { record } = deployed;
    const contracts = record.contracts.map((one) =>
      one.contract === "GelatoAttester" ? { ...one, address: STRANGER } : one,
    );
    const found = await sentences(deployed, { ...record, contracts });
    assert.ok(
      found.includes(`difference: GelatoAttester at ${STRANGER}: expected code, found none`),
      found.join("\n"),
    );
    await assert.rejects(
      recheck(deployed.node, deployed.built, { ...record, chainId: 1 }),
      /the node is on chain 31337 and the record of local on chain 1/,
    );
  });
});

describe("a parameter file", () => {
  it("of the local network is complete, and its epochs begin on the grid after the latest block", () => {
    const params = parseParameters("local.json", parametersOf("local"), 1_700_000_000n);
    assert.equal(params.firstSnapshotAt % params.epochLengthSeconds, 0n);
    assert.ok(params.firstSnapshotAt > 1_700_000_000n);
    assert.equal(params.firstSnapshotAt - params.epochLengthSeconds <= 1_700_000_000n, true);
  });

  it("of a public network has the delays, and is refused until its addresses are written in", () => {
    const HOUR = 3_600;
    const DAY = 24 * HOUR;
    for (const [name, disputeSeconds] of [
      ["testnet", 6 * HOUR],
      ["mainnet", DAY],
    ] as const) {
      const file = parametersOf(name);
      assert.equal(file.Saksi["modelActivationDelaySeconds"], DAY);
      assert.equal(file.Saksi["loosenDelaySeconds"], 2 * DAY);
      assert.equal(file.Saksi["signerDelaySeconds"], 2 * DAY);
      assert.equal(file.Saksi["vaultBondReleaseDelaySeconds"], 14 * DAY);
      assert.equal(file.Saksi["epochLengthSeconds"], 7 * DAY);
      assert.deepEqual(file.SaksiGovernance, {
        venueDelaySeconds: 3 * DAY,
        votingPeriodSeconds: 2 * DAY,
        timelockDelaySeconds: 2 * DAY,
        stakeUnbondingSeconds: 14 * DAY,
      });
      assert.equal(file.Saksi["limitDisputeWindowSeconds"], disputeSeconds);
      assert.throws(
        () => parseParameters(`${name}.json`, file, 0n),
        new RegExp(
          `^UsageError: ${name}\\.json leaves owner, guardian, .*vaultTreasury unset; write them in before deploying$`,
        ),
      );
    }
  });

  it("of the main network may not leave the asset to a mock", () => {
    const { Saksi } = parametersOf("local");
    const params = parseParameters("mainnet.json", { Saksi }, 0n);
    assert.throws(
      () => refuseMocks(networkNamed("mainnet"), params),
      /mainnet takes no mock: name the address of the asset in the parameters/,
    );
    refuseMocks(networkNamed("mainnet"), { ...params, asset: STRANGER });
    refuseMocks(networkNamed("testnet"), params);
  });

  it("is refused for a zero address, an unknown key, another market's hash and unordered attesters", () => {
    const file = parametersOf("local");
    const refused = (change: Record<string, unknown>, sentence: RegExp) =>
      assert.throws(() => parseParameters("x.json", { Saksi: { ...file.Saksi, ...change } }, 0n), sentence);
    refused({ owner: `0x${"0".repeat(40)}` }, /x\.json: owner is the zero address/);
    refused({ vaultFee: 1 }, /x\.json: the file Unrecognized key: "vaultFee"/);
    refused({ market: "weex:ETHUSDT" }, /marketHash is not that of weex:ETHUSDT; write 0x[0-9a-f]{64}/);
    refused(
      { attesters: [...(file.Saksi["attesters"] as string[])].reverse() },
      /attesters must be in ascending order/,
    );
    refused({ limitMaxLossUsdE6: -1 }, /x\.json: limitMaxLossUsdE6/);
  });
});

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Contract, Interface, id } from "ethers";
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
import type { DeploymentParams } from "../../src/adapters/evm/deployment-params.ts";
import { roleWallet, SAKSI } from "../../src/config/scenario.ts";
import { deployRecorded } from "./support/deployed.ts";
import { MARKET } from "./support/world.ts";

const STRANGER = roleWallet("actor").address;
const FILES = new URL("../../ignition/parameters/", import.meta.url).pathname;
const parametersOf = (name: string) =>
  JSON.parse(readFileSync(join(FILES, `${name}.json`), "utf8")) as { Saksi: Record<string, unknown> };

const STAKE = 100_000n * SAKSI;
const withoutOwner = ({ owner: _, ...params }: DeploymentParams): DeploymentParams => params;

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
  DisputeCourt: ["nextReviewer", "nextReviewerAt", "reviewer"],
  StakeVault: [
    "CLOCK_MODE",
    "MAX_MANDATES",
    "MAX_SCORE_BPS",
    "MAX_WAIT_SECONDS",
    "NOTICE_SECONDS",
    "accounts",
    "clock",
    "eip712Domain",
    "pointerDelaySeconds",
    "slashCount",
    "totalSignal",
  ],
  SaksiTimelock: ["CANCELLER_ROLE", "DEFAULT_ADMIN_ROLE", "EXECUTOR_ROLE", "PROPOSER_ROLE"],
  SaksiGovernor: [
    "BALLOT_TYPEHASH",
    "CLOCK_MODE",
    "COUNTING_MODE",
    "EXTENDED_BALLOT_TYPEHASH",
    "LOCK_MARGIN_SECONDS",
    "clock",
    "eip712Domain",
    "longestLifeSeconds",
    "name",
    "proposalCount",
    "quorumDenominator",
    "version",
  ],
  Allocator: ["MAX_MANDATES", "bucketUsdE6"],
  VenuePriceFeed: ["latestRound", "latestRoundData", "version"],
  FunctionsAttester: ["MAX_SOURCE_BYTES"],
};
const WITHOUT_PARAMETERS = ["SettlementLib", "RedeemLib", "SaksiToken", "MockUsd", "MockFunctionsRouter"];

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
        "SaksiToken",
        "StakeVault",
        "SaksiTimelock",
        "SaksiProposals",
        "SaksiGovernor",
        "FeeForwarder",
        "RedeemLib",
        "BondVault",
        "FundVault",
        "GelatoAttester",
        "MockFunctionsRouter",
        "FunctionsAttester",
        "DisputeCourt",
        "AttesterBonds",
        "Allocator",
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
    const read = new Set(
      expectationsOf(record).map(({ contract, getter }) => `${contract}.${getter.replace("()", "")}`),
    );
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
    assert.ok(reads > 150, `${reads} values read`);
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

  it("waits for stakers to make the timelock the owner, by one proposal, and is content once they have", async () => {
    const deployed = await deployRecorded(withoutOwner);
    const { record, ethers, networkHelpers } = deployed;
    const live = async (contract: string, by: string) =>
      new Contract(
        recorded(record, contract)!.address,
        builtContract(deployed.built, contract).abi,
        await ethers.getImpersonatedSigner(by),
      );
    const timelock = recorded(record, "SaksiTimelock")!.address;
    const owned = record.roles.filter(({ role }) => role === "owner");
    assert.deepEqual(
      owned.map(({ contract }) => contract).sort(),
      [
        "Allocator",
        "DisputeCourt",
        "FundVault",
        "FunctionsAttester",
        "GelatoAttester",
        "ModelRegistry",
        "PredictionValidator",
        "QuorumAttester",
        "RiskPolicy",
        "StakeVault",
        "VenuePriceFeed",
      ].sort(),
    );
    const waiting = await sentences(deployed, record);
    assert.equal(waiting.length, owned.length);
    for (const line of waiting)
      assert.match(line, new RegExp(`^pending: .*; ${timelock} has to call acceptOwnership$`));
    const staker = record.parameters.governance!.saksiHolder;
    const [token, stake, governor] = await Promise.all([
      live("SaksiToken", staker),
      live("StakeVault", staker),
      live("SaksiGovernor", staker),
    ]);
    await token["approve"]!(stake.target, STAKE);
    await stake["stake"]!(STAKE);
    await stake["delegate"]!(staker);
    await networkHelpers.mine();
    const accept = id("acceptOwnership()").slice(0, 10);
    const calls = [owned.map(({ address }) => address), owned.map(() => 0n), owned.map(() => accept)];
    const proposalId = await governor["propose"]!.staticCall(...calls, "take over");
    await governor["propose"]!(...calls, "take over");
    const g = record.parameters.governance!;
    await networkHelpers.time.increase(g.votingDelaySeconds + 1n);
    await governor["castVote"]!(proposalId, 1);
    await networkHelpers.time.increase(g.votingPeriodSeconds + 1n);
    await governor["queue(uint256)"]!(proposalId);
    await networkHelpers.time.increase(g.timelockDelaySeconds + 1n);
    await governor["execute(uint256)"]!(proposalId);
    assert.deepEqual(await sentences(deployed, record), []);
  });

  it("leaves the executor no way to the fund's cash but the allocator", async () => {
    const { record, built, ethers } = await deployRecorded();
    const executor = await ethers.getImpersonatedSigner(record.parameters.executor);
    const { abi } = builtContract(built, "FundVault");
    const fund = new Contract(recorded(record, "FundVault")!.address, abi, executor);
    await assert.rejects(fund["sendToVenue"]!.staticCall(1n), /VaultUnauthorised/);
    await assert.rejects(
      fund["sendToVenueAddress"]!.staticCall(record.parameters.executor, 1n),
      /VaultUnauthorised/,
    );
  });

  it("refuses to deploy where a role is left to governance and governance is left out", async () => {
    const alone = ({ governance: _, ...params }: DeploymentParams): DeploymentParams => params;
    await assert.rejects(
      deployRecorded((params) => alone(withoutOwner(params))),
      /deployment: name the owner, or deploy governance/,
    );
    await assert.rejects(deployRecorded(alone), /deployment: name the stakers, or deploy governance/);
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
      assert.equal(file.Saksi["governancePlaceDelaySeconds"], 3 * DAY);
      assert.equal(file.Saksi["governanceVotingPeriodSeconds"], 2 * DAY);
      assert.equal(file.Saksi["governanceTimelockDelaySeconds"], 2 * DAY);
      assert.equal(file.Saksi["governanceUnbondingSeconds"], 14 * DAY);
      assert.equal(file.Saksi["owner"], undefined, "the timelock owns everything");
      assert.equal(file.Saksi["limitDisputeWindowSeconds"], disputeSeconds);
      assert.throws(
        () => parseParameters(`${name}.json`, file, 0n),
        new RegExp(
          `^UsageError: ${name}\\.json leaves guardian, executor, .*governanceSaksiHolder unset; write them in before deploying$`,
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
    refused({ courtDisputeSeconds: 1 }, /courtDisputeSeconds is not what a dispute can take; write 496800/);
    refused({ limitMaxLossUsdE6: -1 }, /x\.json: limitMaxLossUsdE6/);
  });
});

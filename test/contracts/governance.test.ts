import { expect } from "chai";
import { id, toBeHex, ZeroAddress, ZeroHash } from "ethers";
import {
  AGAINST,
  createAllocator,
  createGovernedWorld,
  FOR,
  type GovernedWorld,
  SETTINGS,
  STATE,
  TIMELOCK,
} from "./governance-world.ts";
import { deployed, refusedCreation, SAKSI } from "./stake-world.ts";
import { DAY, E6, type Live } from "./support/world.ts";

const MAX_LOSS = 2; // its place in LimitField
const TEXT = "because";
/** Acts whose first argument is the contract they call. */
const NAMES_ITS_CONTRACT = ["proposeAcceptOwnership", "proposeGuardian"];

describe("Governance", () => {
  let w: GovernedWorld;
  const refused = (action: Promise<unknown>, contract: Live, error: string, ...args: unknown[]) => {
    const assertion = expect(action).to.be.revertedWithCustomError(contract, error);
    return args.length === 0 ? assertion : assertion.withArgs(...args);
  };
  const loosen = (by = w.alice) =>
    w.propose(by, "proposeScheduleLimit", w.mandateId, MAX_LOSS, 300n * E6, TEXT);
  /** What a deployment is refused for. */
  const refusal = (name: string, ...args: unknown[]) =>
    refusedCreation(w.ethers.getContractFactory(name), ...args);

  before(async () => {
    w = await createGovernedWorld();
    await w.keep();
  });
  afterEach(() => w.back());

  describe("the life of a proposal", () => {
    it("loosens a limit of the policy after vote, timelock and the policy's own delay, and not before", async () => {
      const limit = async () => (await w.policy.limits(w.mandateId)).maxLossUsdE6;
      const proposalId = await loosen();
      expect(await w.state(proposalId)).to.equal(STATE.Pending);
      await refused(
        w.governor.connect(w.alice).castVote(proposalId, FOR),
        w.governor,
        "GovernorUnexpectedProposalState",
      );
      await w.open();
      expect(await w.state(proposalId)).to.equal(STATE.Active);
      await w.governor.connect(w.alice).castVote(proposalId, FOR);
      await w.governor.connect(w.bob).castVote(proposalId, AGAINST);
      await refused(w.queue(proposalId), w.governor, "GovernorUnexpectedProposalState");
      await w.close();
      expect(await w.state(proposalId)).to.equal(STATE.Succeeded);
      await w.queue(proposalId);
      expect(await w.state(proposalId)).to.equal(STATE.Queued);
      await refused(w.execute(proposalId), w.timelock, "TimelockUnexpectedOperationState");
      await w.after(TIMELOCK.min);
      await w.execute(proposalId);
      expect(await w.state(proposalId)).to.equal(STATE.Executed);

      expect((await w.policy.scheduled(w.mandateId, MAX_LOSS))[0]).to.equal(300n * E6);
      await refused(w.policy.applyLimit(w.mandateId, MAX_LOSS), w.policy, "PolicyTooEarly");
      expect(await limit()).to.equal(200n * E6);
      await w.after(w.params.loosenDelaySeconds);
      await w.policy.connect(w.stranger).applyLimit(w.mandateId, MAX_LOSS);
      expect(await limit()).to.equal(300n * E6);
    });

    it("is lost without a majority and without a quorum", async () => {
      const [outvoted, ignored] = [await loosen(), await w.propose(w.alice, "proposeResetBreaker", TEXT)];
      await w.open();
      await w.governor.connect(w.alice).castVote(outvoted, AGAINST);
      await w.governor.connect(w.bob).castVote(ignored, FOR);
      await w.close();
      expect(await w.state(outvoted)).to.equal(STATE.Defeated);
      expect(await w.state(ignored)).to.equal(STATE.Defeated);
      const at = await w.governor.proposalSnapshot(ignored);
      // a tenth of what is staked would be 14 000: the floor counts
      expect(await w.governor.quorum(at)).to.equal(50_000n * SAKSI);
    });

    it("needs the stake of the threshold, held since the second before", async () => {
      const act = (by: typeof w.alice) => w.proposals.connect(by).proposeResetBreaker(TEXT);
      await refused(
        act(w.mallory),
        w.governor,
        "GovernorInsufficientProposerVotes",
        w.mallory.address,
        0n,
        1_000n * SAKSI,
      );
      await refused(act(w.guardian), w.governor, "GovernorInsufficientProposerVotes");
      await w.stakeVault.connect(w.mallory).delegate(w.mallory.address);
      await w.stakeVault.connect(w.mallory).stake(1_000n * SAKSI);
      await act(w.mallory);
    });

    it("cannot be begun in another's name", async () => {
      await refused(
        w.governor.connect(w.mallory).proposeFor(w.alice.address, w.usd.target, "0x", TEXT),
        w.governor,
        "GovernorNotProposals",
        w.mallory.address,
      );
    });

    it("cannot be copied by somebody else, nor be begun twice", async () => {
      const proposalId = await loosen();
      const [targets, values, calldatas] = await w.governor.proposalDetails(proposalId);
      const description = `${TEXT}#proposer=${w.alice.address.toLowerCase()}`;
      await refused(
        w.governor.connect(w.bob).propose([...targets], [...values], [...calldatas], description),
        w.governor,
        "GovernorRestrictedProposer",
        w.bob.address,
      );
      await refused(loosen(), w.governor, "GovernorUnexpectedProposalState");
      await w.cancel(w.alice, proposalId);
      expect(await w.state(proposalId)).to.equal(STATE.Canceled);
    });

    it("is extended when the quorum comes late", async () => {
      const proposalId = await loosen();
      await w.open();
      const deadline = (await w.governor.proposalDeadline(proposalId)) as bigint;
      await w.governor.connect(w.bob).castVote(proposalId, AGAINST);
      await w.until(deadline - 10n);
      await w.governor.connect(w.alice).castVote(proposalId, FOR);
      const extended = (await w.governor.proposalDeadline(proposalId)) as bigint;
      expect(extended).to.equal((await w.now()) + SETTINGS.lateQuorumExtensionSeconds);
      await w.until(deadline + 10n);
      expect(await w.state(proposalId)).to.equal(STATE.Active);
    });

    it("ends when nobody queues it in time", async () => {
      const proposalId = await loosen();
      await w.win(proposalId);
      await w.after(SETTINGS.queueWindowSeconds);
      expect(await w.state(proposalId)).to.equal(STATE.Expired);
      await refused(w.queue(proposalId), w.governor, "GovernorUnexpectedProposalState");
    });

    it("ends when nobody executes it in time, also at the timelock itself", async () => {
      const proposalId = await loosen();
      await w.win(proposalId);
      await w.queue(proposalId);
      await w.after(TIMELOCK.min + TIMELOCK.window + 1n);
      expect(await w.state(proposalId)).to.equal(STATE.Canceled);
      await refused(w.execute(proposalId), w.governor, "GovernorUnexpectedProposalState");
      await refused(directly(proposalId), w.timelock, "TimelockUnexpectedOperationState");
    });

    const directly = async (proposalId: bigint) => {
      const [targets, values, calldatas, textHash] = await w.governor.proposalDetails(proposalId);
      const salt = toBeHex((BigInt(w.governor.target) << 96n) ^ BigInt(textHash), 32);
      return w.timelock
        .connect(w.stranger)
        .executeBatch([...targets], [...values], [...calldatas], ZeroHash, salt);
    };

    it("may be carried out at the timelock by anyone", async () => {
      const proposalId = await loosen();
      await w.win(proposalId);
      await w.queue(proposalId);
      await w.after(TIMELOCK.min);
      await directly(proposalId);
      expect(await w.state(proposalId)).to.equal(STATE.Executed);
    });

    it("pays out of the treasury", async () => {
      await w.usd.mint(w.timelock.target, 500n * E6);
      const before = await w.usd.balanceOf(w.bob.address);
      await w.pass(await w.propose(w.alice, "proposeTreasuryPayment", w.bob.address, 200n * E6, TEXT));
      expect((await w.usd.balanceOf(w.bob.address)) - before).to.equal(200n * E6);
      expect(await w.usd.balanceOf(w.timelock.target)).to.equal(300n * E6);
    });
  });

  describe("votes that were not there", () => {
    it("count nothing, however much is staked after the snapshot", async () => {
      const proposalId = await loosen();
      await w.after(SETTINGS.votingDelaySeconds + 1n);
      await w.stakeVault.connect(w.mallory).delegate(w.mallory.address);
      await w.stakeVault.connect(w.mallory).stake(10_000_000n * SAKSI);
      await w.governor.connect(w.mallory).castVote(proposalId, FOR);
      expect((await w.governor.proposalVotes(proposalId)).forVotes).to.equal(0n);
    });

    it("cannot be lent: what voted is in the vault until the last second its proposal can be executed", async () => {
      await w.stakeVault.connect(w.mallory).delegate(w.mallory.address);
      await w.stakeVault.connect(w.mallory).stake(10_000_000n * SAKSI);
      const proposalId = await loosen();
      await w.open();
      await w.stakeVault.connect(w.mallory).requestUnstake(ZeroHash, 10_000_000n * SAKSI);
      // late quorum, late queue, late execution
      await w.until(((await w.governor.proposalDeadline(proposalId)) as bigint) - 1n);
      await w.governor.connect(w.mallory).castVote(proposalId, FOR);
      await w.until(
        ((await w.governor.proposalDeadline(proposalId)) as bigint) + SETTINGS.queueWindowSeconds - 1n,
      );
      await w.queue(proposalId);
      await w.after(TIMELOCK.min + TIMELOCK.window - 1n);
      await w.execute(proposalId);
      await refused(
        w.stakeVault.connect(w.mallory).withdrawUnstaked(ZeroHash),
        w.stakeVault,
        "StakeTooEarly",
      );
      expect(await w.governor.longestLifeSeconds()).to.equal(11n * DAY);
    });
  });

  describe("the guardian", () => {
    it("cancels a proposal in every state up to its execution", async () => {
      const ids: bigint[] = [];
      for (let i = 0; i < 4; i++) ids.push(await w.propose(w.alice, "proposeResetBreaker", `${TEXT} ${i}`));
      const [pending, active, won, queued] = ids as [bigint, bigint, bigint, bigint];
      await w.cancel(w.guardian, pending);
      await w.open();
      await w.cancel(w.guardian, active);
      for (const proposalId of [won, queued]) await w.governor.connect(w.alice).castVote(proposalId, FOR);
      await w.close();
      await w.cancel(w.guardian, won);
      await w.queue(queued);
      await w.after(TIMELOCK.min);
      await w.cancel(w.guardian, queued);
      for (const proposalId of ids) expect(await w.state(proposalId)).to.equal(STATE.Canceled);
      await refused(w.execute(queued), w.governor, "GovernorUnexpectedProposalState");
    });

    it("is not obeyed by anybody's imitation, nor after the execution", async () => {
      const proposalId = await loosen();
      await w.open();
      for (const who of [w.mallory, w.alice]) {
        await refused(w.cancel(who, proposalId), w.governor, "GovernorUnableToCancel");
      }
      await w.governor.connect(w.alice).castVote(proposalId, FOR);
      await w.close();
      await w.queue(proposalId);
      await w.after(TIMELOCK.min);
      await w.execute(proposalId);
      await refused(w.cancel(w.guardian, proposalId), w.governor, "GovernorUnexpectedProposalState");
    });

    it("can neither propose, nor schedule, nor execute early, nor cancel at the timelock", async () => {
      await refused(
        w.governor.connect(w.guardian).propose([w.usd.target], [0n], ["0x"], TEXT),
        w.governor,
        "GovernorInsufficientProposerVotes",
      );
      await refused(
        w.timelock.connect(w.guardian).schedule(w.usd.target, 0n, "0x", ZeroHash, ZeroHash, TIMELOCK.min),
        w.timelock,
        "AccessControlUnauthorizedAccount",
      );
      await refused(
        w.timelock.connect(w.guardian).cancel(ZeroHash),
        w.timelock,
        "AccessControlUnauthorizedAccount",
      );
      await refused(
        w.timelock.connect(w.guardian).execute(w.usd.target, 0n, "0x", ZeroHash, ZeroHash),
        w.timelock,
        "TimelockUnexpectedOperationState",
      );
    });

    it("cannot cancel its own replacement", async () => {
      const proposalId = await w.propose(w.alice, "proposeProposalGuardian", w.bob.address, TEXT);
      await refused(w.cancel(w.guardian, proposalId), w.governor, "GovernorUnableToCancel");
      await w.pass(proposalId);
      expect(await w.governor.proposalGuardian()).to.equal(w.bob.address);
    });

    it("can cancel its replacement when it comes with anything else", async () => {
      const governor = w.governor.connect(w.alice);
      const data = w.governor.interface.encodeFunctionData("setProposalGuardian", [w.bob.address]);
      await governor.propose([w.governor.target, w.governor.target], [0n, 0n], [data, data], TEXT);
      const proposalId = await w.governor.hashProposal(
        [w.governor.target, w.governor.target],
        [0n, 0n],
        [data, data],
        id(TEXT),
      );
      await w.cancel(w.guardian, proposalId);
      expect(await w.state(proposalId)).to.equal(STATE.Canceled);
    });
  });

  describe("settings", () => {
    it("that would let a proposal outlive the stake behind it are refused when they would take effect", async () => {
      const later = await deployed(w.ethers, "SaksiTimelock", DAY, 10n * DAY, DAY, w.governor.target);
      const update = w.governor.interface.encodeFunctionData("updateTimelock", [later.target]);
      await w.governor.connect(w.alice).propose([w.governor.target], [0n], [update], TEXT);
      const ids = [
        await w.propose(w.alice, "proposeVotingPeriod", 4n * DAY, TEXT),
        await w.propose(w.alice, "proposeVotingPeriod", 30n * DAY, TEXT),
        await w.governor.hashProposal([w.governor.target], [0n], [update], id(TEXT)),
      ];
      await w.win(...ids);
      for (const proposalId of ids) await w.queue(proposalId);
      await w.after(TIMELOCK.min);
      for (const proposalId of ids) await refused(w.execute(proposalId), w.governor, "GovernorOutlivesStake");
      expect(await w.governor.votingPeriod()).to.equal(2n * DAY);
    });

    it("are judged together: a longer vote leaves less for its extension", async () => {
      await w.pass(await w.propose(w.alice, "proposeVotingPeriod", 3n * DAY, TEXT));
      const proposalId = await w.propose(w.alice, "proposeLateQuorumExtension", (5n * DAY) / 2n, TEXT);
      await w.open();
      await w.governor.connect(w.alice).castVote(proposalId, FOR);
      await w.after(3n * DAY);
      await w.queue(proposalId);
      await w.after(TIMELOCK.min);
      await refused(w.execute(proposalId), w.governor, "GovernorOutlivesStake", (27n * DAY) / 2n, 13n * DAY);
      expect(await w.governor.lateQuorumVoteExtension()).to.equal(DAY);
    });

    it("within that bound are changed", async () => {
      const nextTimelock = await deployed(w.ethers, "SaksiTimelock", DAY, 2n * DAY, DAY, w.governor.target);
      const update = w.governor.interface.encodeFunctionData("updateTimelock", [nextTimelock.target]);
      await w.pass(
        await w.propose(w.alice, "proposeVotingPeriod", 2n * DAY + 3_600n, TEXT),
        await w.propose(w.alice, "proposeVotingDelay", 5n, TEXT),
        await w.propose(w.alice, "proposeLateQuorumExtension", 7_200n, TEXT),
        await w.propose(w.alice, "proposeProposalThreshold", 5n, TEXT),
        await w.propose(w.alice, "proposeQuorumPercent", 60n, TEXT),
      );
      expect(await w.governor.votingPeriod()).to.equal(2n * DAY + 3_600n);
      expect(await w.governor.votingDelay()).to.equal(5n);
      expect(await w.governor.lateQuorumVoteExtension()).to.equal(7_200n);
      expect(await w.governor.proposalThreshold()).to.equal(5n);
      await w.after(10n);
      expect(await w.governor.quorum((await w.now()) - 1n)).to.equal(84_000n * SAKSI);
      await w.governor.connect(w.alice).propose([w.governor.target], [0n], [update], TEXT);
      await w.pass(await w.governor.hashProposal([w.governor.target], [0n], [update], id(TEXT)));
      expect(await w.governor.timelock()).to.equal(nextTimelock.target);
    });

    it("are held to the bound at deployment", async () => {
      const args = (settings: object) => [
        w.stakeVault.target,
        w.timelock.target,
        w.proposals.target,
        w.guardian.address,
        { ...SETTINGS, ...settings },
      ];
      expect(await refusal("SaksiGovernor", ...args({ queueWindowSeconds: 4n * DAY }))).to.contain(
        "GovernorOutlivesStake",
      );
      expect(await refusal("SaksiTimelock", 4n * DAY, 3n * DAY, DAY, w.governor.target)).to.contain(
        "TimelockDelayTooLong",
      );
      expect(await refusal("SaksiGovernor", ...args({ queueWindowSeconds: 3n * DAY }))).to.equal("");
      const brief = await deployed(
        w.ethers,
        "StakeVault",
        w.owner.address,
        w.guardian.address,
        w.saksi.target,
        w.usd.target,
        3_600n,
        1n,
        1n,
        1n,
      );
      expect(await refusal("SaksiGovernor", brief.target, ...args({}).slice(1))).to.contain(
        "GovernorOutlivesStake",
      );
    });

    it("of the timelock are changed by the timelock alone, up to its longest delay", async () => {
      const propose = async (seconds: bigint) => {
        const data = w.timelock.interface.encodeFunctionData("updateDelay", [seconds]);
        await w.governor.connect(w.alice).propose([w.timelock.target], [0n], [data], TEXT);
        return w.governor.hashProposal([w.timelock.target], [0n], [data], id(TEXT)) as Promise<bigint>;
      };
      await refused(w.timelock.updateDelay(1n), w.timelock, "TimelockUnauthorizedCaller");
      const [long, fine] = [await propose(TIMELOCK.max + 1n), await propose(TIMELOCK.max)];
      await w.win(long, fine);
      for (const proposalId of [long, fine]) await w.queue(proposalId);
      await w.after(TIMELOCK.min);
      await refused(w.execute(long), w.timelock, "TimelockDelayTooLong");
      await w.execute(fine);
      expect(await w.timelock.getMinDelay()).to.equal(TIMELOCK.max);
    });
  });

  describe("the usual acts", () => {
    const someone = "0x0000000000000000000000000000000000001234";
    let allocator: Live;
    const acts: [string, () => Live, string, unknown[]][] = [
      ["proposeScheduleLimit", () => w.policy, "scheduleLimit", [id("m"), 3n, 4n]],
      ["proposeResetBreaker", () => w.policy, "resetBreaker", []],
      ["proposeRearmPause", () => w.policy, "rearmPause", []],
      ["proposePolicy", () => w.validator, "schedulePolicy", [someone]],
      ["proposeMandate", () => w.validator, "registerMandate", [id("account"), id("market"), someone]],
      ["proposeRuling", () => w.court, "rule", [id("p"), 2n, -3n]],
      ["proposeCourt", () => w.validator, "scheduleCourt", [someone]],
      ["proposeReviewer", () => w.court, "scheduleReviewer", [someone]],
      ["proposeGuardian", () => w.policy, "setGuardian", [someone]],
      ["proposeModel", () => w.registry, "proposeModel", [id("model"), someone, true]],
      ["proposeScheduleSigner", () => w.quorum, "scheduleSigner", [someone]],
      ["proposeAdapter", () => w.validator, "setAdapter", [someone, 2n, 31n, true]],
      ["proposeExecutor", () => w.validator, "setExecutor", [someone]],
      ["proposeVenueDeposit", () => w.vault, "setVenueDeposit", [someone]],
      ["proposeVenueCapUsdE6", () => w.vault, "setVenueCapUsdE6", [5n]],
      ["proposeAllocator", () => w.vault, "setAllocator", [someone]],
      ["proposePlace", () => allocator, "schedulePlace", [id("m"), someone, 5n, 6n]],
      ["proposeDepositLimitsUsdE6", () => w.vault, "setDepositLimitsUsdE6", [7n, 8n]],
      ["proposeRedeemCapBps", () => w.vault, "setRedeemCapBps", [2_500n]],
      ["proposePerformanceFeeBps", () => w.vault, "setPerformanceFeeBps", [1_000n]],
      ["proposeWindDown", () => w.vault, "startWindDown", []],
      ["proposeTreasuryPayment", () => w.usd, "transfer", [someone, 6n]],
      ["proposeListMandate", () => w.stakeVault, "listMandate", [id("m")]],
      ["proposeScheduleCourt", () => w.stakeVault, "scheduleCourt", [someone]],
      ["proposeScheduleScorer", () => w.stakeVault, "scheduleScorer", [someone]],
      ["proposeCancelSlash", () => w.stakeVault, "cancelSlash", [7n]],
      ["proposeAcceptOwnership", () => w.policy, "acceptOwnership", []],
      ["proposeProposalGuardian", () => w.governor, "setProposalGuardian", [someone]],
      ["proposeVotingDelay", () => w.governor, "setVotingDelay", [8n]],
      ["proposeVotingPeriod", () => w.governor, "setVotingPeriod", [9n]],
      ["proposeLateQuorumExtension", () => w.governor, "setLateQuorumVoteExtension", [10n]],
      ["proposeProposalThreshold", () => w.governor, "setProposalThreshold", [11n]],
      ["proposeQuorumPercent", () => w.governor, "updateQuorumNumerator", [12n]],
    ];

    it("are one call each, to the contract in force, with what was filled in", async () => {
      allocator = await createAllocator(w);
      const owner = await w.ethers.getImpersonatedSigner(w.timelock.target);
      await w.networkHelpers.setBalance(owner.address, 10n ** 20n);
      await w.vault.connect(owner).setAllocator(allocator.target);
      for (const [act, target, method, args] of acts) {
        const given = NAMES_ITS_CONTRACT.includes(act) ? [w.policy.target, ...args] : args;
        const proposalId = await w.propose(w.alice, act, ...given, TEXT);
        const [targets, values, calldatas] = await w.governor.proposalDetails(proposalId);
        expect([[...targets], [...values]], act).to.deep.equal([[target().target], [0n]]);
        const call = target().interface.parseTransaction({ data: calldatas[0] });
        expect(call?.name, act).to.equal(method);
        expect([...(call?.args ?? [])], act).to.deep.equal(args);
        expect(await w.governor.proposalProposer(proposalId), act).to.equal(w.alice.address);
      }
      expect(await w.governor.proposalCount()).to.equal(BigInt(acts.length + Object.keys(w.owned).length));
    });

    it("are all there is to propose", () => {
      const names: string[] = [];
      w.proposals.interface.forEachFunction(({ name }) => {
        if (name.startsWith("propose")) names.push(name);
      });
      expect(names.sort()).to.deep.equal(acts.map(([act]) => act).sort());
    });

    it("are refused where no contract is: their vote would be about nothing", async () => {
      await refused(
        w.proposals.connect(w.alice).proposePlace(id("m"), someone, 5n, 6n, TEXT),
        w.proposals,
        "ProposalsNoContract",
        ZeroAddress,
      );
    });

    it("of a limit name a field that exists", async () => {
      await expect(w.proposals.connect(w.alice).proposeScheduleLimit(id("m"), 23, 1n, TEXT)).to.be.revert(
        w.ethers,
      );
    });
  });

  describe("power", () => {
    it("to schedule has the governor, to grant roles nobody but the timelock", async () => {
      const admin = await w.timelock.DEFAULT_ADMIN_ROLE();
      for (const account of [w.deployer, w.guardian, w.alice, w.governor]) {
        const address = "target" in account ? account.target : account.address;
        expect(await w.timelock.hasRole(admin, address)).to.equal(false);
      }
      expect(await w.timelock.hasRole(admin, w.timelock.target)).to.equal(true);
      for (const role of ["PROPOSER_ROLE", "CANCELLER_ROLE"]) {
        expect(await w.timelock.hasRole(id(role), w.governor.target)).to.equal(true);
        expect(await w.timelock.hasRole(id(role), w.deployer.address)).to.equal(false);
        await refused(
          w.timelock.connect(w.deployer).grantRole(id(role), w.deployer.address),
          w.timelock,
          "AccessControlUnauthorizedAccount",
        );
      }
      expect(await w.timelock.hasRole(id("EXECUTOR_ROLE"), ZeroAddress)).to.equal(true);
    });

    it("over every contract has the timelock, not the deployer, the guardian or a staker", async () => {
      const someone = w.mallory.address;
      const acts: [Live, string, unknown[]][] = [
        [w.policy, "scheduleLimit", [w.mandateId, MAX_LOSS, 1n]],
        [w.policy, "resetBreaker", []],
        [w.policy, "rearmPause", []],
        [w.policy, "setBondSource", [someone]],
        [w.validator, "schedulePolicy", [someone]],
        [w.validator, "setAdapter", [someone, 3, 31, true]],
        [w.validator, "setExecutor", [someone]],
        [w.validator, "setVault", [someone]],
        [w.validator, "registerMandate", [id("a"), id("b"), someone]],
        [w.registry, "proposeModel", [id("model"), someone, false]],
        [w.quorum, "scheduleSigner", [someone]],
        [w.quorum, "setVault", [someone]],
        [w.vault, "setVenueDeposit", [someone]],
        [w.vault, "setVenueCapUsdE6", [1n]],
        [w.stakeVault, "listMandate", [id("m")]],
        [w.stakeVault, "scheduleCourt", [someone]],
        [w.stakeVault, "scheduleScorer", [someone]],
        [w.stakeVault, "cancelSlash", [1n]],
      ];
      for (const contract of Object.values(w.owned)) {
        expect(await contract.owner()).to.equal(w.timelock.target);
        acts.push([contract, "transferOwnership", [someone]], [contract, "setGuardian", [someone]]);
      }
      for (const [contract, method, args] of acts) {
        for (const who of [w.deployer, w.guardian, w.alice]) {
          await refused(
            contract.connect(who)[method]!(...args),
            contract,
            "OwnableUnauthorizedAccount",
            who.address,
          );
        }
      }
      for (const method of ["setProposalGuardian", "setVotingPeriod", "setVotingDelay", "updateTimelock"]) {
        const argument = /Guardian|Timelock/.test(method) ? w.guardian.address : 1n;
        await refused(
          w.governor.connect(w.guardian)[method]!(argument),
          w.governor,
          "GovernorOnlyExecutor",
          w.guardian.address,
        );
      }
    });

    it("of the guardian is to tighten, and to pause once until governance allows it again", async () => {
      const policy = w.policy.connect(w.guardian);
      await policy.tightenMaxLossUsdE6(w.mandateId, 100n * E6);
      await refused(policy.tightenMaxLossUsdE6(w.mandateId, 150n * E6), w.policy, "PolicyNotTighter");
      await policy.pauseNewRisk(7n * DAY);
      expect(await w.policy.halted()).to.equal(true);
      await w.after(7n * DAY);
      expect(await w.policy.halted()).to.equal(false);
      await refused(policy.pauseNewRisk(60n), w.policy, "PolicyPauseSpent");
      await w.pass(await w.propose(w.alice, "proposeRearmPause", TEXT));
      await policy.pauseNewRisk(60n);
    });

    it("of the timelock over the stake vault lists a mandate and stops a slash", async () => {
      const mandate = id("m");
      await w.pass(
        await w.propose(w.alice, "proposeListMandate", mandate, TEXT),
        await w.propose(w.alice, "proposeScheduleCourt", w.second.address, TEXT),
      );
      await w.stakeVault.connect(w.bob).signal(mandate, 1_000n * SAKSI);
      await w.stakeVault
        .connect(w.second)
        .slash(mandate, 400n * SAKSI, await w.now(), w.depositor.address, id("why"));
      await w.pass(await w.propose(w.alice, "proposeCancelSlash", 1n, TEXT));
      expect((await w.stakeVault.accounts()).reserveSaksi).to.equal(400n * SAKSI);
    });
  });
});

import { expect } from "chai";
import { ZeroAddress } from "ethers";
import { createLensWorld, deployLens, type LensAddresses, type LensWorld } from "./lens-world.ts";
import { deployed, SAKSI } from "./stake-world.ts";
import { poke } from "./support/storage.ts";
import { DAY, E6, E8, id, type Live, PRICE } from "./support/world.ts";

describe("the lens's health", () => {
  let w: LensWorld;

  before(async () => {
    w = await createLensWorld();
  });
  afterEach(() => w.back());

  const silent = async () => {
    const { p, id: predictionId } = await w.approve();
    await w.until(p.settleBy + 61n);
    await w.validator.expire(predictionId);
    await w.push(PRICE);
    return predictionId;
  };
  const finish = async (predictionId: string) => {
    await w.until((await w.validator.record(predictionId)).finalizableAt);
    await w.validator.finalize(predictionId);
  };

  describe("is good", () => {
    const good = async (when: string) => {
      expect(await w.brokenOf(), when).to.deep.equal([]);
      expect((await w.lens.healthy()).toArray(), when).to.deep.equal([true, ""]);
    };

    it("through a whole life: approval, result, dispute, epochs of profit and loss, requests, stake, the end", async () => {
      await good("at birth");
      const { p: first, r, id: firstId } = await w.approve();
      await good("with an approval");
      const f = await w.fillsOf(first, r);
      await w.until(f.entryLastAt + 10n);
      await w.push(PRICE, f.entryLastAt + 1n);
      await w.until(f.exitLastAt + 10n);
      await w.push(PRICE, f.exitLastAt + 1n);
      await w.settle(first, r, f);
      await good("settled");
      await finish(firstId);
      await good("final");
      await w.push(PRICE);
      await w.attest(await w.predict({ maxLossUsdE6: 10_000n * E6 }));
      await good("with a rejection");
      const cancelled = await w.approve();
      await w.until(cancelled.p.entryExpiresAt + 5n);
      await w.cancel(cancelled.p, await w.nothing(cancelled.p));
      await good("cancelled");

      await w.stakeVault.connect(w.second).stake(1_000n * SAKSI);
      await w.stakeVault.connect(w.second).signal(w.mandateId, 600n * SAKSI);
      await w.stakeVault.connect(w.second).delegate(w.second.address);
      await w.stakeVault.connect(w.second).notifyFees(w.mandateId, 500n * E6);
      await good("with stake and fees");

      await w.vault.connect(w.second).requestDepositUsdE6(10_000n * E6);
      await w.vault.connect(w.depositor).requestRedeemShares(5_000n * 10n ** 12n);
      await good("with requests");
      await w.closeWith(3n * E6);
      expect(await w.policy.breakerCause()).to.equal(0n);
      await good("after an epoch of profit");
      await w.vault.connect(w.second).claimShares();
      await w.vault.connect(w.depositor).claimRedeem();
      await good("after claims");

      await w.push(PRICE);
      const fell = await w.trip({ exitQuoteE8: ((PRICE - 3_000n * E8) * (E8 / 10n)) / E8 });
      await w.court.connect(w.second).challenge(fell.id);
      await w.court.connect(w.depositor).defend(fell.id);
      await good("disputed");
      await w.after(1_801n);
      await w.court.close(fell.id);
      await good("ruled");
      await w.court.payBonds(fell.id);
      await w.court.punish(fell.id);
      await good("after payment and punishment");
      await w.push(PRICE);
      await finish(await silent());
      await w.vault.connect(w.depositor).requestRedeemShares(30_000n * 10n ** 12n);
      await w.closeWith();
      await good("after an epoch of loss");
      await w.stakeVault.connect(w.second).requestUnstake(w.mandateId, 100n * SAKSI);
      await w.guardian.sendTransaction({
        to: w.policy.target,
        data: w.policy.interface.encodeFunctionData("pauseNewRisk", [DAY]),
      });
      await good("paused, with stake on its way out");

      await w.vault.connect(w.owner).startWindDown();
      await w.vault.connect(w.depositor).claimRedeem();
      await w.vault.connect(w.depositor).redeemInWindDown(1_000n * 10n ** 12n);
      await good("in a wind-down");
    });

    it("where a deployment has no court, bonds, allocator, stake or governor, and says so", async () => {
      const none = ZeroAddress;
      const small = await deployLens(w.ethers, {
        ...w.addresses,
        stakeVault: none,
        governor: none,
      });
      expect(await w.brokenOf(small)).to.deep.equal([]);
      const ungoverned = await deployLens(w.ethers, { ...w.addresses, governor: none });
      expect(await w.brokenOf(ungoverned)).to.deep.equal([]);
      const told = await deployLens(w.ethers, {
        ...w.addresses,
        court: none,
        attesterBonds: none,
        allocator: none,
      });
      expect(await w.brokenOf(told)).to.deep.equal(["wiredVault", "wiredCourt", "wiredAttesterBonds"]);
    });
  });

  it("says so where the owner is not the governor's timelock, before anything is taken over", async () => {
    const early = await deployLens(w.ethers, { ...w.addresses, owner: w.deployer.address });
    expect(await w.brokenOf(early)).to.deep.equal(["g1OwnerOwnsEverything", "g1OnlyGovernorSchedules"]);
  });

  /** How each value becomes false, and which others do with it. */
  type Case = { why: string; how: () => Promise<unknown>; with?: string[] };
  const book = (field: string, change: (old: bigint) => bigint) =>
    poke(w, w.validator, "PredictionValidator", ["_ledger", "books", w.mandateId, field], change);
  const epoch = (number: bigint, field: string, change: (old: bigint) => bigint) =>
    poke(w, w.validator, "PredictionValidator", ["_ledger", "epochs", number, field], change);
  const line = (number: bigint, field: string, change: (old: bigint) => bigint) =>
    poke(w, w.vault, "FundVault", ["_line", "epochs", number, field], change);
  const fundBook = (field: string, change: (old: bigint) => bigint) =>
    poke(w, w.vault, "FundVault", [field], change);
  const dollarsOf = (contract: Live, change: (old: bigint) => bigint) =>
    poke(w, w.usd, "MockUsd", ["_balances", contract.target], change);
  const told = async (over: Partial<LensAddresses>) => {
    lens = await deployLens(w.ethers, { ...w.addresses, ...over });
  };
  const asOwner = (contract: Live) => contract.connect(w.owner);
  const attester = () => w.attesters[0]!.address;
  let lens: Live;

  const CASES: Record<string, Case> = {
    d2SequenceEndsAtLastRecord: {
      why: "a sequence was used up and has no record",
      how: async () => {
        await w.attest(await w.predict({ maxLossUsdE6: 10_000n * E6 }));
        await book("lastSequence", (old) => old + 1n);
      },
    },
    d2OpenPredictionsAreUnfinished: {
      why: "more are open than were approved",
      how: () => book("openCount", () => 1n),
    },
    d6NothingIsOverdue: {
      why: "nobody has called expire",
      how: async () => {
        const { p } = await w.approve();
        await w.until(p.settleBy + 61n);
      },
    },
    d6ClosedEpochsAreFinal: {
      why: "an approval of a closed epoch has no end",
      how: async () => {
        await w.closeWith();
        await epoch(1n, "opened", (old) => old + 1n);
      },
    },
    d7NothingOpenNothingReserved: {
      why: "a loss is reserved for nothing",
      how: () => book("reservedLossUsdE6", () => 1n),
    },
    d8ApprovedBeforeResult: {
      why: "a result is older than its approval",
      how: async () => {
        const t = await w.trip();
        const b = ["_ledger", "records", t.id, "b"];
        await poke(w, w.validator, "PredictionValidator", b, (old) => old & ~(0xffffffffn << 112n));
      },
    },
    r1OpenNotionalIsReserved: {
      why: "less is reserved than was approved",
      how: async () => {
        await w.approve();
        await book("openNotionalUsdE6", (old) => old - 1n);
      },
    },
    r2MaxLossIsReserved: {
      why: "less loss is reserved than was declared",
      how: async () => {
        await w.approve();
        await book("reservedLossUsdE6", (old) => old - 1n);
      },
    },
    r3BucketsAreOfThePast: {
      why: "a bucket is of tomorrow, and every approval would revert",
      how: async () => book("bucketAt", (old) => old + DAY),
    },
    r4BreakerStopsApprovals: {
      why: "the rule book does not hear its breaker",
      how: async () => {
        const copy = "0x00000000000000000000000000000000000c0de5";
        const setCode = (address: string, code: string) =>
          w.ethers.provider.send("hardhat_setCode", [address, code]);
        await setCode(copy, await w.ethers.provider.getCode(w.policy.target));
        const deaf = await deployed(w.ethers, "MockDeafPolicy", copy);
        await setCode(w.policy.target, await w.ethers.provider.getCode(deaf.target));
        expect(await w.brokenOf()).to.deep.equal([]);
        await w.policy.connect(w.guardian).tripBreaker(9);
      },
    },
    r4WindDownStopsApprovals: {
      why: "the breaker was reset in a wind-down",
      how: async () => {
        await asOwner(w.vault).startWindDown();
        await asOwner(w.policy).resetBreaker();
      },
    },
    r5PeakIsAtLeastProfit: {
      why: "the mark of the drawdown lies below the profit",
      how: async () => {
        await w.trip();
        await book("peakPnlE8", () => 0n);
      },
    },
    a1QuorumIsMajority: {
      why: "half of the set could speak against the other half",
      how: () => poke(w, w.quorum, "QuorumAttester", ["_signerCount"], () => 6n),
    },
    a1QuorumIsComplete: {
      why: "the guardian removed three of five",
      how: async () => {
        for (const one of w.attesters.slice(0, 3))
          await w.quorum.connect(w.guardian).removeSigner(one.address);
      },
    },
    a2ExecutorIsNoWitness: {
      why: "an attester became the executor",
      how: () => asOwner(w.validator).setExecutor(attester()),
      with: ["wiredExecutor"],
    },
    a2OperatorsAreNoWitnesses: {
      why: "a mandate's operator is an attester",
      how: () => asOwner(w.validator).registerMandate(id("account"), id("market"), attester()),
    },
    a2PublishersAreNoWitnesses: {
      why: "an attester publishes a model",
      how: async () => {
        await asOwner(w.registry).proposeModel(id("their model"), attester(), false);
        await w.registry.activateModel(id("their model"));
      },
    },
    a3ActiveModelsWereAnnounced: {
      why: "a model speaks before its time",
      how: async () =>
        poke(
          w,
          w.registry,
          "ModelRegistry",
          ["_models", w.params.models[0]!.modelId, "activatableAt"],
          (old) => old + DAY,
        ),
    },
    a4PeopleAreNoTransports: {
      why: "the executor may bring verdicts",
      how: () => asOwner(w.validator).setAdapter(w.executor.address, 1, 0, false),
    },
    f1CashIsThere: { why: "a unit is missing in the fund", how: () => dollarsOf(w.vault, (old) => old - 1n) },
    f2BooksBalance: { why: "idle cash is booked too low", how: () => fundBook("_idleE6", (old) => old - 1n) },
    f4EntryIsNotBelowExit: {
      why: "who left was paid more for a share than who entered paid",
      how: async () => {
        await w.vault.connect(w.second).requestDepositUsdE6(10_000n * E6);
        await w.vault.connect(w.depositor).requestRedeemShares(5_000n * 10n ** 12n);
        await w.closeWith();
        await line(1n, "paidE6", (old) => old + 1n);
      },
    },
    f5SharesWaitInTheVault: {
      why: "shares that wait for redemption are gone",
      how: async () => {
        await w.vault.connect(w.depositor).requestRedeemShares(5_000n * 10n ** 12n);
        await poke(w, w.vault, "FundVault", ["_balances", w.vault.target], (old) => old - 2n);
      },
    },
    f5ClaimsAreWithinCloses: {
      why: "more is owed than any close served",
      how: () => fundBook("_redemptionsOwedE6", (old) => old + 1n),
      with: ["f2BooksBalance"],
    },
    f7MarkIsNotBelowPrice: {
      why: "the mark fell, and the same gain would pay a fee again",
      how: () => fundBook("_highWaterMarkE18", (old) => old - 1n),
    },
    f8CarryIsBelowOneUnit: {
      why: "a whole unit was left over",
      how: () => fundBook("_carryE8", () => 100n),
      with: ["f2BooksBalance"],
    },
    f9BondIsThere: {
      why: "a unit of the bond is missing",
      how: () => dollarsOf(w.bondVault, (old) => old - 1n),
    },
    f11EpochsCloseInOrder: {
      why: "an epoch was passed over",
      how: async () => {
        await w.closeWith();
        await line(1n, "closed", () => 0n);
      },
    },
    s1StakeIsThere: {
      why: "a grain of stake is missing",
      how: async () => {
        await w.stakeVault.connect(w.second).stake(SAKSI);
        await poke(w, w.saksi, "SaksiToken", ["_balances", w.stakeVault.target], (old) => old - 1n);
      },
    },
    s1FeesAreThere: {
      why: "fees that flow are gone",
      how: async () => {
        await w.stakeVault.connect(w.second).stake(SAKSI);
        await w.stakeVault.connect(w.second).signal(w.mandateId, SAKSI);
        await w.stakeVault.connect(w.second).notifyFees(w.mandateId, E6);
        await dollarsOf(w.stakeVault, (old) => old - 1n);
      },
    },
    s2VotesAreLockedPastEffect: {
      why: "a vote lasts longer than the stake behind it is held",
      how: () => poke(w, w.governor, "SaksiGovernor", ["_votingPeriod"], () => 6n * DAY),
    },
    s3DisputeBondsAreThere: {
      why: "a posted bond is gone",
      how: async () => {
        const t = await w.trip();
        await w.court.connect(w.second).challenge(t.id);
        await w.court.connect(w.depositor).defend(t.id);
        await dollarsOf(w.court, (old) => old - 1n);
      },
    },
    g1OwnerOwnsEverything: {
      why: "somebody else owns the fund",
      how: () => poke(w, w.vault, "FundVault", ["_owner"], () => BigInt(w.stranger.address)),
    },
    g1OnlyGovernorSchedules: {
      why: "the guardian may schedule calls",
      how: async () => asOwner(w.timelock).grantRole(await w.timelock.PROPOSER_ROLE(), w.guardian.address),
    },
    g2GuardianIsTheGuardian: {
      why: "one contract has another guardian",
      how: () => asOwner(w.policy).setGuardian(w.stranger.address),
    },
    g2KeysAreApart: {
      why: "the guardian trades",
      how: () => asOwner(w.validator).setExecutor(w.guardian.address),
      with: ["wiredExecutor"],
    },
    g3PauseEnds: {
      why: "a pause outlasts the longest one",
      how: async () => {
        const until = (await w.now()) + 7n * DAY + 3_600n;
        await poke(w, w.policy, "RiskPolicy", ["pausedUntil"], () => until);
      },
    },
    wiredPolicy: {
      why: "another rule book is in force",
      how: async () => {
        await asOwner(w.validator).schedulePolicy(w.stranger.address);
        await w.after(601n);
        await w.validator.applyPolicy();
      },
    },
    wiredRegistry: {
      why: "the lens was told of another registry",
      how: async () => {
        const other = await deployed(w.ethers, "ModelRegistry", w.owner.address, w.guardian.address, 0);
        await told({ registry: other.target });
      },
    },
    wiredVault: {
      why: "the fund obeys another allocator",
      how: () => fundBook("allocator", () => BigInt(w.stranger.address)),
    },
    wiredBond: {
      why: "the bond answers to another fund",
      how: () => poke(w, w.bondVault, "BondVault", ["vault"], () => BigInt(w.stranger.address)),
    },
    wiredQuorum: {
      why: "the guardian switched the quorum off",
      how: () => w.validator.connect(w.guardian).disableAdapter(w.quorum.target),
    },
    wiredCourt: {
      why: "another court is in office",
      how: () =>
        poke(w, w.validator, "PredictionValidator", ["_ledger", "court"], () => BigInt(w.stranger.address)),
    },
    wiredAttesterBonds: {
      why: "members are bonded elsewhere",
      how: () => poke(w, w.quorum, "QuorumAttester", ["bonds"], () => BigInt(w.stranger.address)),
    },
    wiredExecutor: {
      why: "a stranger trades",
      how: () => asOwner(w.validator).setExecutor(w.stranger.address),
    },
    wiredAllocator: {
      why: "the allocator serves another fund",
      how: async () => {
        const args = [
          w.owner.address,
          w.guardian.address,
          w.usd.target,
          w.validator.target,
          w.signals.target,
          1,
          1,
          1,
        ];
        const other = await deployed(w.ethers, "Allocator", ...args);
        await fundBook("allocator", () => BigInt(other.target));
        await told({ allocator: other.target });
      },
    },
    wiredStake: {
      why: "the court cannot reach the stake",
      how: () => poke(w, w.court, "DisputeCourt", ["stake"], () => BigInt(w.stranger.address)),
    },
    wiredGovernance: {
      why: "proposals are made about another validator",
      how: async () => {
        const { governor, validator, quorum, stakeVault } = w.addresses;
        expect(validator).to.not.equal(w.usd.target);
        const wrong = await deployed(
          w.ethers,
          "SaksiProposals",
          governor,
          w.usd.target,
          quorum,
          stakeVault,
          w.usd.target,
        );
        const code = await w.ethers.provider.getCode(wrong.target);
        await w.ethers.provider.send("hardhat_setCode", [w.proposals.target, code]);
      },
    },
  };

  describe("is bad", () => {
    it("in a way that is shown below for every value", async () => {
      const names = w.lens.interface.getFunction("health")!.outputs.map(({ name }) => name);
      expect(Object.keys(CASES)).to.deep.equal(names);
    });

    for (const [name, { why, how, with: also = [] }] of Object.entries(CASES))
      it(`${name}: ${why}`, async () => {
        lens = w.lens;
        await how();
        const broken = await w.brokenOf(lens);
        expect(broken).to.have.members([name, ...also]);
        expect((await lens.healthy()).toArray()).to.deep.equal([false, broken[0]]);
      });
  });
});

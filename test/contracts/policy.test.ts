import { expect } from "chai";
import { createWorld, E6, id, LIMITS, MODEL, PRICE, type World } from "./support/world.ts";

const FIELDS = [
  "Active",
  "MaxNotionalUsdE6",
  "MaxLossUsdE6",
  "LossBudgetUsdE6",
  "RatePerDayNotionalUsdE6",
  "RatePerDayCount",
  "MaxOpen",
  "MaxLeverageBps",
  "MinConfidencePpm",
  "MaxDrawdownBps",
  "AllocationUsdE6",
  "MinBondBps",
  "RequiredFlags",
  "MinLevel",
  "PriceBandBps",
  "EntryBandBps",
  "FillBandBps",
  "MaxAgeSeconds",
  "Feed",
  "FeedHeartbeatSeconds",
  "SettleGraceSeconds",
  "DisputeWindowSeconds",
  "ExpiryPenaltyUsdE6",
];
const key = (field: string) => `${field[0]!.toLowerCase()}${field.slice(1)}`;
/** A tighter and a looser value for each limit that has a tighten function. */
const TIGHTEN: [string, bigint, bigint][] = [
  ["MaxNotionalUsdE6", 10n, 10n ** 12n],
  ["MaxLossUsdE6", 10n, 10n ** 12n],
  ["LossBudgetUsdE6", 10n, 10n ** 12n],
  ["RatePerDayNotionalUsdE6", 10n, 10n ** 15n],
  ["RatePerDayCount", 3n, 60n],
  ["MaxOpen", 0n, 3n],
  ["MaxLeverageBps", 10_000n, 50_000n],
  ["MinConfidencePpm", 600_000n, 500_000n],
  ["MaxDrawdownBps", 5n, 2000n],
  ["MinBondBps", 600n, 400n],
  ["RequiredFlags", 0x3fn, 0x0fn],
  ["MinLevel", 3n, 1n],
  ["PriceBandBps", 5n, 200n],
  ["EntryBandBps", 5n, 200n],
  ["FillBandBps", 5n, 200n],
  ["MaxAgeSeconds", 5n, 200n],
  ["FeedHeartbeatSeconds", 5n, 1000n],
  ["DisputeWindowSeconds", 1000n, 5n],
];

describe("RiskPolicy", () => {
  let w: World;

  before(async () => {
    w = await createWorld();
    await w.push(PRICE);
    await w.keep();
  });
  afterEach(() => w.back());

  it("opens a mandate once, on a feed with eight decimals", async () => {
    await expect(
      w.policy.openMandate(w.mandateId, { ...LIMITS, feed: w.feed.target }),
    ).to.be.revertedWithCustomError(w.policy, "PolicyMandateExists");
    for (const feed of [w.stranger.address, w.usd.target]) {
      let refused = false;
      await w.policy.openMandate(id("new"), { ...LIMITS, feed }).catch(() => {
        refused = true;
      });
      expect(refused).to.equal(true);
    }
    const limits = await w.policy.limits(w.mandateId);
    for (const [name, value] of Object.entries(LIMITS)) expect(`${limits[name]}`, name).to.equal(`${value}`);
  });

  describe("tightens at once", () => {
    for (const [field, tighter, looser] of TIGHTEN) {
      it(field, async () => {
        const index = FIELDS.indexOf(field);
        const policy = w.policy.connect(w.guardian);
        const method = `tighten${field}`;
        await expect(policy[method]!(w.mandateId, looser)).to.be.revertedWithCustomError(
          w.policy,
          "PolicyNotTighter",
        );
        const current = (await w.policy.limits(w.mandateId))[key(field)];
        await expect(policy[method]!(w.mandateId, current)).to.be.revertedWithCustomError(
          w.policy,
          "PolicyNotTighter",
        );
        await expect(policy[method]!(w.mandateId, tighter))
          .to.emit(w.policy, "LimitChanged")
          .withArgs(w.mandateId, index, current, tighter);
        expect((await w.policy.limits(w.mandateId))[key(field)]).to.equal(tighter);
        await expect(
          w.policy.connect(w.stranger)[method]!(w.mandateId, tighter),
        ).to.be.revertedWithCustomError(w.policy, "GuardedUnauthorised");
        await expect(policy[method]!(id("none"), tighter)).to.be.revertedWithCustomError(
          w.policy,
          "PolicyUnknownMandate",
        );
      });
    }

    it("Active, by switching the mandate off", async () => {
      await w.policy.connect(w.guardian).deactivateMandate(w.mandateId);
      expect((await w.policy.limits(w.mandateId)).active).to.equal(false);
    });
  });

  describe("loosens after the delay", () => {
    const values: Record<string, bigint> = {
      Active: 1n,
      AllocationUsdE6: 5n,
      SettleGraceSeconds: 5n,
      ExpiryPenaltyUsdE6: 5n,
      ...Object.fromEntries(TIGHTEN.map(([field, , looser]) => [field, looser])),
    };
    for (const [index, field] of FIELDS.entries()) {
      it(field, async () => {
        const value = field === "Feed" ? BigInt(w.feed.target as string) : values[field]!;
        await expect(
          w.policy.connect(w.guardian).scheduleLimit(w.mandateId, index, value),
        ).to.be.revertedWithCustomError(w.policy, "OwnableUnauthorizedAccount");
        if (field === "Active") await w.policy.connect(w.guardian).deactivateMandate(w.mandateId);
        const before = BigInt((await w.policy.limits(w.mandateId))[key(field)]);
        const at = (await w.now()) + 10n;
        await w.time.setNextBlockTimestamp(at);
        await expect(w.policy.scheduleLimit(w.mandateId, index, value))
          .to.emit(w.policy, "LoosenScheduled")
          .withArgs(w.mandateId, index, value, at + 120n);
        const policy = w.policy.connect(w.stranger);
        await w.time.setNextBlockTimestamp(at + 119n);
        await expect(policy.applyLimit(w.mandateId, index))
          .to.be.revertedWithCustomError(w.policy, "PolicyTooEarly")
          .withArgs(at + 119n, at + 120n);
        await w.time.setNextBlockTimestamp(at + 120n);
        await expect(policy.applyLimit(w.mandateId, index))
          .to.emit(w.policy, "LimitChanged")
          .withArgs(w.mandateId, index, before, value);
        const after = (await w.policy.limits(w.mandateId))[key(field)];
        expect(typeof after === "boolean" ? (after ? 1n : 0n) : BigInt(after)).to.equal(value);
        await expect(policy.applyLimit(w.mandateId, index)).to.be.revertedWithCustomError(
          w.policy,
          "PolicyNothingScheduled",
        );
      });
    }

    it("but not over a tightening or a veto that came in between", async () => {
      await w.policy.scheduleLimit(w.mandateId, FIELDS.indexOf("MaxOpen"), 9n);
      await w.policy.connect(w.guardian).tightenMaxOpen(w.mandateId, 0);
      await w.policy.scheduleLimit(w.mandateId, FIELDS.indexOf("MaxAgeSeconds"), 900n);
      await expect(w.policy.connect(w.guardian).cancelLimit(w.mandateId, FIELDS.indexOf("MaxAgeSeconds")))
        .to.emit(w.policy, "LoosenCancelled")
        .withArgs(w.mandateId, FIELDS.indexOf("MaxAgeSeconds"), 900n);
      await w.after(500n);
      for (const field of ["MaxOpen", "MaxAgeSeconds"]) {
        await expect(w.policy.applyLimit(w.mandateId, FIELDS.indexOf(field))).to.be.revertedWithCustomError(
          w.policy,
          "PolicyNothingScheduled",
        );
      }
    });

    it("has nothing to cancel where nothing is scheduled", async () => {
      await expect(w.policy.connect(w.guardian).cancelLimit(w.mandateId, FIELDS.indexOf("MaxOpen")))
        .to.be.revertedWithCustomError(w.policy, "PolicyNothingScheduled")
        .withArgs(w.mandateId, FIELDS.indexOf("MaxOpen"));
    });

    it("tightens up to the largest value a limit can hold", async () => {
      const guardian = w.policy.connect(w.guardian);
      await guardian.tightenMinConfidencePpm(w.mandateId, (1n << 24n) - 1n);
      await guardian.tightenDisputeWindowSeconds(w.mandateId, (1n << 32n) - 1n);
      await guardian.tightenRequiredFlags(w.mandateId, 0xff);
      const { minConfidencePpm, disputeWindowSeconds, requiredFlags } = await w.policy.limits(w.mandateId);
      expect([minConfidencePpm, disputeWindowSeconds, requiredFlags]).to.deep.equal([
        (1n << 24n) - 1n,
        (1n << 32n) - 1n,
        255n,
      ]);
      // an argument may be wider than the limit's field, where it would come out as less
      for (const [field, value] of [
        ["MinConfidencePpm", (1n << 24n) + 900_000n],
        ["MaxLeverageBps", (1n << 24n) + 1n],
        ["MaxNotionalUsdE6", 1n << 64n],
      ] as const)
        await expect(guardian[`tighten${field}`]!(w.mandateId, value)).to.be.revertedWithCustomError(
          w.policy,
          "PolicyNotTighter",
        );
    });

    it("and not to a value the limit cannot hold", async () => {
      const bitsOf = (field: string): bigint => {
        if (field === "Active") return 1n;
        if (field === "RequiredFlags" || field === "MinLevel") return 8n;
        if (field === "MaxLeverageBps" || field === "MinConfidencePpm") return 24n;
        if (field === "Feed") return 160n;
        if (field.endsWith("UsdE6")) return 64n;
        return field.endsWith("Seconds") ? 32n : 16n;
      };
      for (const [index, field] of FIELDS.entries()) {
        const largest = (1n << bitsOf(field)) - 1n;
        await expect(w.policy.scheduleLimit(w.mandateId, index, largest + 1n), field)
          .to.be.revertedWithCustomError(w.policy, "PolicyBadValue")
          .withArgs(index, largest + 1n);
        if (field !== "Feed") await w.policy.scheduleLimit(w.mandateId, index, largest);
      }
      await w.after(500n);
      for (const [index, field] of FIELDS.entries()) {
        if (field === "Feed") continue;
        await w.policy.applyLimit(w.mandateId, index);
        const now = (await w.policy.limits(w.mandateId))[key(field)];
        expect(BigInt(now), field).to.equal((1n << bitsOf(field)) - 1n);
      }
    });
  });

  describe("stops new risk", () => {
    it("for a while: the guardian once, then only after the owner rearms", async () => {
      const policy = w.policy.connect(w.guardian);
      await expect(policy.pauseNewRisk(7n * 86_400n + 1n)).to.be.revertedWithCustomError(
        w.policy,
        "PolicyPauseTooLong",
      );
      await policy.pauseNewRisk(100n);
      expect(await w.policy.halted()).to.equal(true);
      await w.after(100n);
      expect(await w.policy.halted()).to.equal(false);
      await expect(policy.pauseNewRisk(100n)).to.be.revertedWithCustomError(w.policy, "PolicyPauseSpent");
      await w.policy.pauseNewRisk(10n);
      await w.policy.rearmPause();
      await policy.pauseNewRisk(100n);
      await expect(w.policy.connect(w.stranger).pauseNewRisk(1n)).to.be.revertedWithCustomError(
        w.policy,
        "GuardedUnauthorised",
      );
    });

    it("by the breaker, which only the owner resets", async () => {
      await expect(w.policy.connect(w.stranger).tripBreaker(1)).to.be.revertedWithCustomError(
        w.policy,
        "PolicyUnauthorised",
      );
      await w.policy.connect(w.guardian).tripBreaker(0);
      expect(await w.policy.breakerCause()).to.equal(1n);
      await expect(w.policy.connect(w.guardian).resetBreaker()).to.be.revertedWithCustomError(
        w.policy,
        "OwnableUnauthorizedAccount",
      );
      await w.policy.resetBreaker();
      expect(await w.policy.halted()).to.equal(false);
      await expect(w.policy.setBondSource(w.stranger.address)).to.be.revertedWithCustomError(
        w.policy,
        "PolicyAlreadySet",
      );
    });
  });

  it("refills the buckets evenly over a day", async () => {
    const input = {
      mandateId: w.mandateId,
      observedAt: await w.now(),
      entryExpiresAt: (await w.now()) + 60n,
      attestationExpiresAt: (await w.now()) + 60n,
      referencePriceE8: PRICE,
      entryDeviationBps: 0n,
      maxNotionalUsdE6: 100n * E6,
      maxLossUsdE6: 1n,
      leverageBps: 1n,
      confidencePpm: 900_000n,
      level: 2n,
      flags: 0x1fn,
      openCount: 0n,
      openNotionalUsdE6: 0n,
      reservedLossUsdE6: 0n,
      pnlE8: 0n,
      peakPnlE8: 0n,
      countUsedScaled: 48n * 86_400n,
      notionalUsedScaled: 0n,
      bucketAt: await w.now(),
    };
    const [full] = await w.policy.evaluate(input);
    expect(full & (1n << 15n)).to.not.equal(0n);
    const [later, used] = await w.policy.evaluate({ ...input, bucketAt: input.bucketAt - 1800n });
    expect(later & (1n << 15n)).to.equal(0n);
    expect(used).to.equal(48n * 86_400n);
  });
});

describe("ModelRegistry", () => {
  let w: World;

  before(async () => {
    w = await createWorld({ params: { modelActivationDelaySeconds: 1000n } });
    await w.keep();
  });
  afterEach(() => w.back());

  it("lets a model speak only after the delay", async () => {
    expect((await w.registry.model(MODEL)).status).to.equal(1n);
    await expect(w.registry.activateModel(MODEL)).to.be.revertedWithCustomError(
      w.registry,
      "RegistryTooEarly",
    );
    await w.after(1000n);
    await w.registry.connect(w.stranger).activateModel(MODEL);
    expect(await w.registry.publisherOf(MODEL)).to.deep.equal([w.publisher.address, true, 0n]);
    expect(await w.registry.isActiveAt(0)).to.equal(true);
    expect(await w.registry.modelAt(0)).to.equal(MODEL);
  });

  it("silences a model for good", async () => {
    await w.registry.connect(w.guardian).revokeModel(MODEL);
    await expect(w.registry.activateModel(MODEL)).to.be.revertedWithCustomError(
      w.registry,
      "RegistryWrongStatus",
    );
    await expect(w.registry.revokeModel(MODEL)).to.be.revertedWithCustomError(
      w.registry,
      "RegistryWrongStatus",
    );
    await expect(w.registry.proposeModel(MODEL, w.stranger.address, false)).to.be.revertedWithCustomError(
      w.registry,
      "RegistryModelExists",
    );
    await expect(w.registry.connect(w.stranger).revokeModel(id("x"))).to.be.revertedWithCustomError(
      w.registry,
      "GuardedUnauthorised",
    );
  });

  it("names one publisher for each", async () => {
    await w.registry.proposeModel(id("two"), w.stranger.address, true);
    expect((await w.registry.model(id("two"))).isPrivate).to.equal(true);
    expect(await w.registry.modelCount()).to.equal(2n);
    await expect(
      w.registry.proposeModel(id("three"), `0x${"0".repeat(40)}`, true),
    ).to.be.revertedWithCustomError(w.registry, "RegistryZeroPublisher");
  });
});

describe("VenuePriceFeed", () => {
  let w: World;

  before(async () => {
    w = await createWorld();
    await w.keep();
  });
  afterEach(() => w.back());

  it("keeps every round and finds the one in force at a time", async () => {
    const start = await w.now();
    for (let i = 1n; i <= 20n; i++) {
      await w.until(start + i * 10n);
      await w.push(PRICE + i, start + i * 10n);
    }
    expect(await w.feed.decimals()).to.equal(8n);
    expect(await w.feed.description()).to.equal("weex:BTCUSDT");
    const latest = await w.feed.latestRoundData();
    expect([latest.id ?? latest[0], latest.answer ?? latest[1]]).to.deep.equal([20n, PRICE + 20n]);
    expect((await w.feed.getRoundData(7))[1]).to.equal(PRICE + 7n);
    expect(await w.feed.roundAt(start + 9n)).to.equal(0n);
    for (let i = 1n; i <= 20n; i++) expect(await w.feed.roundAt(start + i * 10n + 9n)).to.equal(i);
    await expect(w.feed.getRoundData(21)).to.be.revertedWithCustomError(w.feed, "FeedNoRound");
  });

  it("takes prices from the feeder alone, above zero, in order, not from the future", async () => {
    await expect(w.feed.push(1n, 1n)).to.be.revertedWithCustomError(w.feed, "FeedUnauthorised");
    await expect(w.push(0n)).to.be.revertedWithCustomError(w.feed, "FeedBadAnswer");
    await expect(w.push(-1n)).to.be.revertedWithCustomError(w.feed, "FeedBadAnswer");
    await expect(w.push(1n, (await w.now()) + 100n)).to.be.revertedWithCustomError(w.feed, "FeedBadTime");
    const at = await w.now();
    await w.push(PRICE, at);
    await expect(w.push(PRICE, at)).to.be.revertedWithCustomError(w.feed, "FeedBadTime");
    await w.feed.setFeeder(w.stranger.address);
    await expect(w.push(PRICE)).to.be.revertedWithCustomError(w.feed, "FeedUnauthorised");
  });
});

describe("Ownership", () => {
  it("is offered to the owner named in the parameters and taken by its acceptance", async () => {
    const other = (await createWorld()).signers[1]!.address;
    const w = await createWorld({ params: { owner: other } });
    for (const contract of [
      w.policy,
      w.registry,
      w.validator,
      w.quorum,
      w.vault,
      w.feed,
      w.gelatoAttester,
      w.functions,
    ]) {
      expect(await contract.pendingOwner()).to.equal(other);
      await (contract.connect(w.newOwner) as typeof contract).acceptOwnership();
      expect(await contract.owner()).to.equal(other);
    }
  });
});

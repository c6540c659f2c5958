import { expect } from "chai";
import { AbiCoder, id, keccak256, ZeroAddress } from "ethers";
import { network } from "hardhat";
import { refusedCreation } from "./stake-world.ts";
import { createWorld, DAY, E8, EPOCH, type Live, PRICE, REASON, type World } from "./support/world.ts";

/** Another chain that took over the state of the first. */
const FORKED = 4_242;

describe("Core contracts at their edges", () => {
  let w: World;
  before(async () => {
    w = await createWorld();
    await w.keep();
  });
  afterEach(() => w.back());

  it("sign for the chain they are on, also after the chain has split", async () => {
    const forked = await network.create({ network: "default", override: { chainId: FORKED } });
    for (const [name, contract, domainName] of [
      ["PredictionValidator", w.validator, "Saksi"],
      ["QuorumAttester", w.quorum, "SaksiQuorum"],
    ] as const) {
      const separatorOn = (chainId: bigint) =>
        keccak256(
          AbiCoder.defaultAbiCoder().encode(
            ["bytes32", "bytes32", "bytes32", "uint256", "address"],
            [
              id("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
              id(domainName),
              id("1"),
              chainId,
              contract.target,
            ],
          ),
        );
      await forked.networkHelpers.setCode(contract.target, await w.ethers.provider.getCode(contract.target));
      const twin = (await forked.ethers.getContractAt(name, contract.target)) as unknown as Live;
      expect(await contract.domainSeparator()).to.equal(separatorOn(w.chainId));
      expect(await twin.domainSeparator()).to.equal(separatorOn(BigInt(FORKED)));
    }
  });

  it("refuse an epoch, a first snapshot and a fee reserve beyond their bounds, and take the bounds", async () => {
    const now = await w.now();
    const longest = 366n * DAY;
    const refusal = (firstSnapshotAt: bigint, epochLengthSeconds: bigint, feeReservePpm: bigint) =>
      refusedCreation(
        w.ethers.getContractFactory("PredictionValidator", {
          libraries: { SettlementLib: w.deployment.addresses.SettlementLib! },
        }),
        w.owner.address,
        w.guardian.address,
        w.registry.target,
        w.policy.target,
        firstSnapshotAt,
        epochLengthSeconds,
        600n,
        feeReservePpm,
      );
    expect(await refusal(now + 1_000n, 0n, 800n)).to.equal("ValidatorBadValue");
    expect(await refusal(now + 1_000n, longest + 1n, 800n)).to.equal("ValidatorBadValue");
    expect(await refusal(now, EPOCH, 800n)).to.equal("ValidatorBadValue");
    await w.time.setNextBlockTimestamp(now + 10n);
    expect(await refusal(now + 10n, EPOCH, 800n)).to.equal("ValidatorBadValue");
    expect(await refusal(1n << 32n, EPOCH, 800n)).to.equal("ValidatorBadValue");
    expect(await refusal(now + 1_000n, EPOCH, 1_000_001n)).to.equal("ValidatorBadValue");
    expect(await refusal((1n << 32n) - 1n, longest, 1_000_000n)).to.equal("");
  });

  it("tell in events who and what there was before and is now", async () => {
    const { validator, gelatoAttester, feed } = w;
    const next = w.stranger.address;
    const quorum = await validator.adapter(w.gelatoAttester.target);
    await expect(validator.setAdapter(w.gelatoAttester.target, 3, 0x07, true))
      .to.emit(validator, "AdapterChanged")
      .withArgs(w.gelatoAttester.target, quorum.level, 3n, quorum.flagsMask, 7n, quorum.maySettle, true);
    await expect(validator.connect(w.guardian).disableAdapter(w.gelatoAttester.target))
      .to.emit(validator, "AdapterChanged")
      .withArgs(w.gelatoAttester.target, 3n, 0n, 7n, 0n, true, false);
    await expect(validator.setExecutor(next))
      .to.emit(validator, "ExecutorChanged")
      .withArgs(w.executor.address, next);
    await expect(gelatoAttester.setExecutor(next))
      .to.emit(gelatoAttester, "ExecutorChanged")
      .withArgs(w.gelato.address, next);
    const registry = await w.ethers.deployContract("ModelRegistry", [w.owner.address, next, 0n]);
    await expect(registry.deploymentTransaction())
      .to.emit(registry, "GuardianChanged")
      .withArgs(ZeroAddress, next);
    await expect(w.policy.setGuardian(next))
      .to.emit(w.policy, "GuardianChanged")
      .withArgs(w.guardian.address, next);
    expect(await w.policy.guardian()).to.equal(next);
    await expect(feed.setFeeder(next)).to.emit(feed, "FeederChanged").withArgs(w.feeder.address, next);
  });

  it("reject a reveal without a quantity, a stop or a target by the side of its stop", async () => {
    for (const nothing of [{ qtyE8: 0n }, { stopE8: 0n }, { targetE8: 0n }]) {
      await w.push(PRICE);
      const r = w.reveal(nothing);
      const bits = (await w.attest(await w.predict({}, r), r)).find("PredictionRejected")!.args.reasonBits;
      expect(bits & REASON.STOP_SIDE!, JSON.stringify(Object.keys(nothing))).to.equal(REASON.STOP_SIDE);
    }
  });

  it("reject a stop or a target on the wrong side of the entry, long and short, and on it", async () => {
    const [entry, step] = [PRICE, 100n * E8];
    const cases: [number, bigint, bigint, boolean][] = [
      [1, entry - step, entry + step, true],
      [1, entry + step, entry + 2n * step, false],
      [1, entry - 2n * step, entry - step, false],
      [1, entry, entry + step, false],
      [1, entry - step, entry, false],
      [2, entry + step, entry - step, true],
      [2, entry - step, entry - 2n * step, false],
      [2, entry + 2n * step, entry + step, false],
      [2, entry, entry - step, false],
      [2, entry + step, entry, false],
      [3, entry - step, entry + step, false],
      [0, entry - step, entry + step, false],
    ];
    for (const [side, stopE8, targetE8, holds] of cases) {
      await w.back();
      await w.push(PRICE);
      const r = w.reveal({ side, entryLimitE8: entry, stopE8, targetE8 });
      const rejected = (await w.attest(await w.predict({}, r), r)).find("PredictionRejected");
      const named = ((rejected?.args.reasonBits ?? 0n) & REASON.STOP_SIDE!) !== 0n;
      expect(named, `${side} ${stopE8} ${targetE8}`).to.equal(!holds);
    }
  });

  it("name an adapter's level and flags up to the last that exist", async () => {
    await w.validator.setAdapter(w.stranger.address, 3, 0x3f, true);
    for (const [level, flags] of [
      [4, 0x3f],
      [3, 0x40],
    ])
      await expect(
        w.validator.setAdapter(w.stranger.address, level, flags, true),
      ).to.be.revertedWithCustomError(w.validator, "ValidatorBadValue");
  });

  it("move to another policy once its time has come, and not a second earlier", async () => {
    const at = (await w.now()) + 100n;
    await w.time.setNextBlockTimestamp(at);
    await expect(w.validator.schedulePolicy(w.stranger.address))
      .to.emit(w.validator, "PolicyScheduled")
      .withArgs(w.stranger.address, at + 600n);
    await w.time.setNextBlockTimestamp(at + 599n);
    await expect(w.validator.applyPolicy())
      .to.be.revertedWithCustomError(w.validator, "ValidatorTooEarly")
      .withArgs(at + 599n, at + 600n);
    await w.time.setNextBlockTimestamp(at + 600n);
    await expect(w.validator.applyPolicy())
      .to.emit(w.validator, "PolicyChanged")
      .withArgs(w.policy.target, w.stranger.address);
    await expect(w.validator.applyPolicy())
      .to.be.revertedWithCustomError(w.validator, "ValidatorTooEarly")
      .withArgs((value: bigint) => value > at, (1n << 64n) - 1n);
  });

  it("keep a feed's rounds whole: price, both times, number", async () => {
    const largest = (1n << 127n) - 1n;
    const at = (await w.now()) + 50n;
    await w.time.setNextBlockTimestamp(at);
    await expect(w.feed.connect(w.feeder).push(largest, at))
      .to.emit(w.feed, "AnswerUpdated")
      .withArgs(largest, 1n, at);
    await w.time.setNextBlockTimestamp(at + 20n);
    await w.feed.connect(w.feeder).push(1n, at + 1n);
    await expect(w.feed.connect(w.feeder).push(largest + 1n, at + 2n))
      .to.be.revertedWithCustomError(w.feed, "FeedBadAnswer")
      .withArgs(largest + 1n);
    await w.time.setNextBlockTimestamp(at + 30n);
    await expect(w.feed.connect(w.feeder).push(1n, at + 31n))
      .to.be.revertedWithCustomError(w.feed, "FeedBadTime")
      .withArgs(at + 31n, at + 1n, at + 30n);
    expect(await w.feed.getRoundData(1)).to.deep.equal([1n, largest, at, at, 1n]);
    expect(await w.feed.latestRoundData()).to.deep.equal([2n, 1n, at + 20n, at + 1n, 2n]);
    expect([await w.feed.latestRound(), await w.feed.version()]).to.deep.equal([2n, 1n]);
  });
});

import { expect } from "chai";
import { id, ZeroAddress } from "ethers";
import hre from "hardhat";
import {
  BTC,
  createStakeWorld,
  deployed,
  ETH,
  NONE,
  PERIODS,
  RAY,
  refusedCreation,
  SAKSI,
  type StakeWorld,
} from "./stake-world.ts";
import { DAY, E6 } from "./support/world.ts";

const REASON = id("why");

describe("StakeVault", () => {
  let w: StakeWorld;
  const as = (who: { address: string }) => w.vault.connect(who);
  const refused = (action: Promise<unknown>, error: string, ...args: unknown[]) => {
    const assertion = expect(action).to.be.revertedWithCustomError(w.vault, error);
    return args.length === 0 ? assertion : assertion.withArgs(...args);
  };

  before(async () => {
    w = await createStakeWorld();
  });
  afterEach(() => w.back());

  describe("the token", () => {
    it("is made once, for a named holder, and burned by whoever holds it", async () => {
      expect(await w.saksi.totalSupply()).to.equal(100_000_000n * SAKSI);
      expect([await w.saksi.name(), await w.saksi.symbol(), await w.saksi.decimals()]).to.deep.equal([
        "Saksi",
        "SAKSI",
        18n,
      ]);
      await w.saksi.connect(w.alice).burn(SAKSI);
      expect(await w.saksi.totalSupply()).to.equal(99_999_999n * SAKSI);
      expect(await refusedCreation(w.ethers.getContractFactory("SaksiToken"), ZeroAddress)).to.equal(
        "TokenZeroHolder",
      );
    });

    it("is allowed to a spender by signature", async () => {
      const deadline = (await w.now()) + 100n;
      const chainId = (await w.ethers.provider.getNetwork()).chainId;
      const signature = await w.alice.signTypedData(
        { name: "Saksi", version: "1", chainId, verifyingContract: w.saksi.target },
        {
          Permit: [
            "address owner",
            "address spender",
            "uint256 value",
            "uint256 nonce",
            "uint256 deadline",
          ].map((field) => ({ type: field.split(" ")[0]!, name: field.split(" ")[1]! })),
        },
        { owner: w.alice.address, spender: w.bob.address, value: 5n, nonce: 0n, deadline },
      );
      const { v, r, s } = w.ethers.Signature.from(signature);
      await w.saksi.permit(w.alice.address, w.bob.address, 5n, deadline, v, r, s);
      expect(await w.saksi.allowance(w.alice.address, w.bob.address)).to.equal(5n);
    });
  });

  describe("staking", () => {
    it("refuses periods without end, and such in which earnings could outlast the last holder", async () => {
      for (const [unbonding, escrow, stream] of [
        [14n * DAY, 1n, 0n],
        [14n * DAY, 1n, 15n * DAY],
        [91n * DAY, 1n, 1n],
        [14n * DAY, 91n * DAY, 1n],
      ]) {
        const refusal = await refusedCreation(
          w.ethers.getContractFactory("StakeVault"),
          w.owner.address,
          w.guardian.address,
          w.saksi.target,
          w.usd.target,
          unbonding,
          escrow,
          stream,
          1n,
        );
        expect(refusal).to.equal("StakeBadPeriod");
      }
    });

    it("takes the longest periods it allows, and names the first court and the first scorer", async () => {
      const longest = 90n * DAY;
      const vault = await deployed(
        w.ethers,
        "StakeVault",
        w.owner.address,
        w.guardian.address,
        w.saksi.target,
        w.usd.target,
        longest,
        longest,
        longest,
        1n,
      );
      expect([
        await vault.unbondingSeconds(),
        await vault.escrowSeconds(),
        await vault.streamSeconds(),
        await vault.scoreIntervalSeconds(),
      ]).to.deep.equal([longest, longest, longest, 1n]);
      for (const role of ["Court", "Scorer"])
        await expect(vault[`schedule${role}`](w.bob.address))
          .to.emit(vault, `${role}Changed`)
          .withArgs(ZeroAddress, w.bob.address);
    });

    it("brings stake in, signals it, and lets it out after the unbonding", async () => {
      await expect(as(w.alice).stake(100n * SAKSI))
        .to.emit(w.vault, "Staked")
        .withArgs(w.alice.address, 100n * SAKSI);
      await expect(as(w.alice).signal(BTC, 60n * SAKSI))
        .to.emit(w.vault, "SignalMoved")
        .withArgs(w.alice.address, NONE, BTC, 60n * SAKSI);
      expect(await w.signalOf(w.alice, NONE)).to.equal(40n * SAKSI);
      expect(await w.signalOf(w.alice, BTC)).to.equal(60n * SAKSI);
      expect(await w.totalSignalOf(BTC)).to.equal(60n * SAKSI);
      await w.signal(w.bob, ETH, 5n * SAKSI);
      expect(await w.vault.totalSignal()).to.equal(65n * SAKSI);

      await as(w.alice).requestUnstake(NONE, 40n * SAKSI);
      const asked = await as(w.alice).requestUnstake(BTC, 10n * SAKSI);
      const readyAt = BigInt((await asked.getBlock()).timestamp) + PERIODS.unbonding;
      await expect(asked)
        .to.emit(w.vault, "LeavingRequested")
        .withArgs(w.alice.address, BTC, NONE, true, 10n * SAKSI, readyAt);
      expect(await w.vault.leavingOf(w.alice.address, BTC)).to.deep.equal([10n * SAKSI, readyAt, NONE, true]);
      expect(await w.totalSignalOf(BTC)).to.equal(50n * SAKSI);
      await refused(as(w.alice).withdrawUnstaked(BTC), "StakeTooEarly");

      await w.after(PERIODS.unbonding);
      await expect(as(w.alice).withdrawUnstaked(BTC))
        .to.emit(w.vault, "Unstaked")
        .withArgs(w.alice.address, BTC, 10n * SAKSI);
      await as(w.alice).withdrawUnstaked(NONE);
      expect(await w.saksi.balanceOf(w.alice.address)).to.equal(999_950n * SAKSI);
      expect(await w.booked()).to.equal(55n * SAKSI);
      await refused(as(w.alice).withdrawUnstaked(BTC), "StakeNothingLeaving", w.alice.address, BTC);
    });

    it("says what is wrong with an amount or a mandate", async () => {
      await refused(as(w.alice).stake(0n), "StakeZeroAmount");
      await as(w.alice).stake(10n);
      await refused(as(w.alice).signal(BTC, 11n), "StakeInsufficient", 11n, 10n);
      await refused(as(w.alice).signal(BTC, 0n), "StakeZeroAmount");
      await refused(as(w.alice).signal(id("other"), 1n), "StakeUnknownMandate", id("other"));
      await refused(as(w.alice).signal(NONE, 1n), "StakeUnknownMandate", NONE);
      await refused(as(w.alice).moveSignal(NONE, BTC, 1n), "StakeUnknownMandate", NONE);
      await refused(as(w.alice).moveSignal(BTC, BTC, 1n), "StakeSameMandate", BTC);
      await refused(as(w.alice).moveSignal(BTC, ETH, 1n), "StakeInsufficient", 1n, 0n);
      await refused(as(w.alice).requestUnstake(NONE, 11n), "StakeInsufficient", 11n, 10n);
      await refused(as(w.alice).cancelUnstake(NONE), "StakeNothingLeaving", w.alice.address, NONE);
      await refused(as(w.alice).finishMove(BTC), "StakeNothingLeaving", w.alice.address, BTC);
    });

    it("joins a second request to the first, but not to another destination", async () => {
      await w.signal(w.alice, BTC, 100n);
      await as(w.alice).requestUnstake(BTC, 10n);
      await w.after(DAY);
      await as(w.alice).requestUnstake(BTC, 20n);
      const leaving = await w.vault.leavingOf(w.alice.address, BTC);
      expect(leaving.amountSaksi).to.equal(30n);
      expect(leaving.readyAt).to.equal((await w.now()) + PERIODS.unbonding);
      await refused(as(w.alice).moveSignal(BTC, ETH, 1n), "StakeOtherDestination", BTC);
      await w.after(PERIODS.unbonding);
      await refused(as(w.alice).finishMove(BTC), "StakeOtherDestination", BTC);
    });

    it("takes a request back, with signal and votes", async () => {
      await w.signal(w.alice, BTC, 100n);
      await as(w.alice).delegate(w.alice.address);
      await as(w.alice).requestUnstake(BTC, 40n);
      expect(await w.vault.getVotes(w.alice.address)).to.equal(60n);
      await expect(as(w.alice).cancelUnstake(BTC))
        .to.emit(w.vault, "LeavingCancelled")
        .withArgs(w.alice.address, BTC, 40n);
      expect(await w.vault.getVotes(w.alice.address)).to.equal(100n);
      expect(await w.totalSignalOf(BTC)).to.equal(100n);
    });

    it("moves signal after the unbonding, to another mandate or to none", async () => {
      await w.signal(w.alice, BTC, 100n);
      await as(w.alice).moveSignal(BTC, ETH, 30n);
      expect(await w.vault.leavingOf(w.alice.address, BTC)).to.deep.equal([
        30n,
        (await w.now()) + PERIODS.unbonding,
        ETH,
        false,
      ]);
      await refused(as(w.alice).finishMove(BTC), "StakeTooEarly");
      await w.after(PERIODS.unbonding);
      await refused(as(w.alice).withdrawUnstaked(BTC), "StakeOtherDestination", BTC);
      await expect(as(w.alice).finishMove(BTC))
        .to.emit(w.vault, "SignalMoved")
        .withArgs(w.alice.address, BTC, ETH, 30n);
      expect(await w.signalOf(w.alice, ETH)).to.equal(30n);
      await as(w.alice).moveSignal(BTC, NONE, 70n);
      await w.after(PERIODS.unbonding);
      await as(w.alice).finishMove(BTC);
      expect(await w.signalOf(w.alice, NONE)).to.equal(70n);
      expect(await w.vault.stakedOf(w.alice.address)).to.equal(100n);
    });

    it("takes no notice of a donation", async () => {
      await w.signal(w.alice, BTC, 100n);
      await w.saksi.connect(w.bob).transfer(w.vault.target, 1_000n);
      await w.usd.connect(w.payer).transfer(w.vault.target, 1_000n);
      expect(await w.booked()).to.equal(100n);
      expect(await w.signalOf(w.alice, BTC)).to.equal(100n);
      await refused(as(w.alice).claimFees(BTC), "StakeNothingToClaim", w.alice.address, BTC);
    });
  });

  describe("votes", () => {
    it("are the stake of the second asked for, and none in the second it came", async () => {
      await as(w.alice).delegate(w.alice.address);
      await as(w.alice).stake(100n);
      const came = await w.now();
      await refused(w.vault.getPastVotes(w.alice.address, came), "ERC5805FutureLookup");
      await w.after(10n);
      expect(await w.vault.getPastVotes(w.alice.address, came - 1n)).to.equal(0n);
      expect(await w.vault.getPastVotes(w.alice.address, came)).to.equal(100n);
      await as(w.alice).requestUnstake(NONE, 60n);
      const left = await w.now();
      await w.after(10n);
      expect(await w.vault.getPastVotes(w.alice.address, left)).to.equal(40n);
      expect(await w.vault.getPastTotalSupply(left)).to.equal(40n);
      expect(await w.vault.getPastTotalSupply(left - 1n)).to.equal(100n);
      expect(await w.vault.CLOCK_MODE()).to.equal("mode=timestamp");
      expect(await w.vault.clock()).to.equal(await w.now());
    });

    it("go to a delegate from every mandate, follow a new delegation, and need one", async () => {
      await w.signal(w.alice, BTC, 100n);
      await w.signal(w.alice, ETH, 50n);
      await as(w.alice).stake(7n);
      expect(await w.vault.getVotes(w.alice.address)).to.equal(0n);
      await as(w.alice).delegate(w.carol.address);
      await as(w.alice).delegate(w.carol.address);
      expect(await w.vault.getVotes(w.carol.address)).to.equal(157n);
      await as(w.alice).delegate(w.bob.address);
      expect(await w.vault.getVotes(w.carol.address)).to.equal(0n);
      expect(await w.vault.getVotes(w.bob.address)).to.equal(157n);
      await as(w.alice).delegate(ZeroAddress);
      expect(await w.vault.getVotes(w.bob.address)).to.equal(0n);
    });

    it("are delegated by signature", async () => {
      await as(w.alice).stake(100n);
      const chainId = (await w.ethers.provider.getNetwork()).chainId;
      const expiry = (await w.now()) + 100n;
      const signature = await w.alice.signTypedData(
        { name: "SaksiStake", version: "1", chainId, verifyingContract: w.vault.target },
        {
          Delegation: [
            { name: "delegatee", type: "address" },
            { name: "nonce", type: "uint256" },
            { name: "expiry", type: "uint256" },
          ],
        },
        { delegatee: w.bob.address, nonce: 0n, expiry },
      );
      const { v, r, s } = w.ethers.Signature.from(signature);
      await as(w.carol).delegateBySig(w.bob.address, 0n, expiry, v, r, s);
      expect(await w.vault.getVotes(w.bob.address)).to.equal(100n);
    });

    it("shrink with a slash at once, for every delegate, and keep their past", async () => {
      await w.signal(w.alice, BTC, 100n * SAKSI);
      await w.signal(w.bob, BTC, 300n * SAKSI);
      for (const who of [w.alice, w.bob]) await as(who).delegate(who.address);
      const before = await w.now();
      await w.after(10n);
      await w.slash(BTC, 200n * SAKSI);
      expect(await w.vault.getVotes(w.alice.address)).to.equal(50n * SAKSI);
      expect(await w.vault.getVotes(w.bob.address)).to.equal(150n * SAKSI);
      const slashed = await w.now();
      await w.after(1n);
      expect(await w.vault.getPastVotes(w.bob.address, before)).to.equal(300n * SAKSI);
      expect(await w.vault.getPastTotalSupply(before)).to.equal(400n * SAKSI);
      expect(await w.vault.getPastTotalSupply(slashed)).to.equal(200n * SAKSI);
    });
  });

  describe("a slash", () => {
    it("takes from all holders in proportion, also from stake on its way out, and compensates in kind", async () => {
      await w.signal(w.alice, BTC, 100n * SAKSI);
      await w.signal(w.bob, BTC, 100n * SAKSI);
      await w.signal(w.carol, ETH, 100n * SAKSI);
      await as(w.bob).requestUnstake(BTC, 100n * SAKSI);
      await w.after(DAY);
      const at = await w.now();
      const sent = await w.slash(BTC, 50n * SAKSI, at);
      const releasableAt = (await w.now()) + PERIODS.escrow;
      await expect(sent)
        .to.emit(w.vault, "Slashed")
        .withArgs(1n, BTC, w.victim.address, 50n * SAKSI, at, releasableAt, REASON);
      await expect(sent)
        .to.emit(w.vault, "MandateStakeChanged")
        .withArgs(BTC, 200n * SAKSI, 150n * SAKSI, RAY, (RAY * 3n) / 4n);
      expect(await w.signalOf(w.alice, BTC)).to.equal(75n * SAKSI);
      expect((await w.vault.leavingOf(w.bob.address, BTC)).amountSaksi).to.equal(75n * SAKSI);
      expect(await w.signalOf(w.carol, ETH)).to.equal(100n * SAKSI);
      expect(await w.booked()).to.equal(300n * SAKSI);

      await refused(as(w.bob).releaseSlash(1n), "StakeTooEarly");
      await w.after(PERIODS.escrow);
      await expect(as(w.bob).releaseSlash(1n)).to.emit(w.vault, "SlashReleased");
      expect(await w.saksi.balanceOf(w.victim.address)).to.equal(50n * SAKSI);
      expect((await w.vault.accounts()).escrowSaksi).to.equal(0n);
      expect(await w.vault.slashRecord(1n)).to.deep.equal([
        BTC,
        w.victim.address,
        50n * SAKSI,
        releasableAt,
        true,
      ]);
      expect(await w.vault.slashCount()).to.equal(1n);
      await refused(as(w.bob).releaseSlash(1n), "StakeUnknownSlash", 1n);
      await refused(as(w.bob).releaseSlash(0n), "StakeUnknownSlash", 0n);
      await refused(as(w.bob).releaseSlash(2n), "StakeUnknownSlash", 2n);
      await refused(w.vault.slashRecord(0n), "StakeUnknownSlash", 0n);
      await refused(w.vault.slashRecord(2n), "StakeUnknownSlash", 2n);
    });

    it("takes at most what was there when the violation was recorded, however often it is asked", async () => {
      await w.signal(w.alice, BTC, 100n * SAKSI);
      const at = await w.now();
      await w.after(DAY);
      await w.signal(w.bob, BTC, 900n * SAKSI);
      expect(await w.vault.slashable(BTC, at)).to.equal(100n * SAKSI);
      await w.slash(BTC, 60n * SAKSI, at);
      expect(await w.vault.slashable(BTC, at)).to.equal(40n * SAKSI);
      await w.slash(BTC, 1_000n * SAKSI, at);
      expect((await w.vault.slashRecord(2n)).amountSaksi).to.equal(40n * SAKSI);
      await w.slash(BTC, 1_000n * SAKSI, at);
      expect(await w.vault.slashCount()).to.equal(2n);
      expect(await w.totalSignalOf(BTC)).to.equal(900n * SAKSI);
      expect(await w.vault.slashable(BTC, at - 1n)).to.equal(0n);
    });

    it("is refused from anyone but the court, to nobody, for the future and for what is too long ago", async () => {
      await w.signal(w.alice, BTC, 100n);
      const now = await w.now();
      const to = w.victim.address;
      await refused(as(w.owner).slash(BTC, 1n, now, to, REASON), "StakeUnauthorised", w.owner.address);
      await refused(as(w.court).slash(BTC, 1n, now, ZeroAddress, REASON), "StakeZeroAddress");
      await refused(as(w.court).slash(NONE, 1n, now, to, REASON), "StakeUnknownMandate", NONE);
      await refused(as(w.court).slash(BTC, 1n, now + 1_000n, to, REASON), "StakeCaptureOutOfRange");
      await w.after(PERIODS.unbonding);
      await refused(as(w.court).slash(BTC, 1n, now - 10n, to, REASON), "StakeCaptureOutOfRange");
    });

    it("that is cancelled by the owner fills the reserve and acquits nobody", async () => {
      await w.signal(w.alice, BTC, 100n * SAKSI);
      await w.slash(BTC, 40n * SAKSI);
      await refused(as(w.guardian).cancelSlash(1n), "OwnableUnauthorizedAccount", w.guardian.address);
      await expect(w.vault.cancelSlash(1n))
        .to.emit(w.vault, "SlashCancelled")
        .withArgs(1n, 40n * SAKSI);
      const { reserveSaksi, escrowSaksi } = await w.vault.accounts();
      expect([reserveSaksi, escrowSaksi]).to.deep.equal([40n * SAKSI, 0n]);
      expect(await w.signalOf(w.alice, BTC)).to.equal(60n * SAKSI);
      await w.after(PERIODS.escrow);
      await refused(as(w.victim).releaseSlash(1n), "StakeUnknownSlash", 1n);
    });

    it("of everything closes the mandate for good; waits end all the same", async () => {
      await w.signal(w.alice, BTC, 100n * SAKSI);
      await w.signal(w.bob, BTC, 100n * SAKSI);
      await w.signal(w.carol, ETH, 10n * SAKSI);
      await as(w.bob).requestUnstake(BTC, 50n * SAKSI);
      await as(w.carol).moveSignal(ETH, BTC, 10n * SAKSI);
      await w.slash(BTC, 200n * SAKSI);
      const stake = await w.vault.mandateStake(BTC);
      expect([stake.stakeSaksi, stake.rateRay, stake.open]).to.deep.equal([0n, 0n, false]);
      expect(await w.vault.stakedOf(w.alice.address)).to.equal(0n);
      await as(w.alice).stake(5n);
      await refused(as(w.alice).signal(BTC, 5n), "StakeMandateClosed", BTC);
      await w.signal(w.alice, ETH, 5n);
      await refused(as(w.alice).moveSignal(ETH, BTC, 5n), "StakeMandateClosed", BTC);
      await w.after(PERIODS.unbonding);
      await as(w.bob).withdrawUnstaked(BTC);
      await as(w.carol).finishMove(ETH);
      expect(await w.signalOf(w.carol, NONE)).to.equal(10n * SAKSI);
      expect(await w.saksi.balanceOf(w.bob.address)).to.equal(999_900n * SAKSI);
    });

    it("leaves a move of nothing to end with nothing", async () => {
      await w.signal(w.alice, BTC, 100n);
      await as(w.alice).moveSignal(BTC, ETH, 100n);
      await w.slash(BTC, 100n);
      await w.after(PERIODS.unbonding);
      await as(w.alice).finishMove(BTC);
      expect(await w.vault.stakedOf(w.alice.address)).to.equal(0n);
    });
  });

  describe("a score", () => {
    const score = (epoch: number, bps: bigint, mandateId = BTC) =>
      as(w.scorer).applyScore(mandateId, epoch, bps);

    it("burns at most 5 % of a mandate's stake, also of stake that tries to get away", async () => {
      await w.signal(w.alice, BTC, 100n * SAKSI);
      await w.signal(w.bob, BTC, 100n * SAKSI);
      await as(w.bob).requestUnstake(BTC, 100n * SAKSI);
      const supply = await w.saksi.totalSupply();
      await expect(score(1, -9_000n))
        .to.emit(w.vault, "ScoreApplied")
        .withArgs(BTC, 1, -9_000n, -500n, 0n, 10n * SAKSI);
      expect(await w.saksi.totalSupply()).to.equal(supply - 10n * SAKSI);
      expect(await w.signalOf(w.alice, BTC)).to.equal(95n * SAKSI);
      expect((await w.vault.leavingOf(w.bob.address, BTC)).amountSaksi).to.equal(95n * SAKSI);
      expect(await w.saksi.balanceOf(w.vault.target)).to.equal(await w.booked());
    });

    it("rewards from the reserve, over time, only stake that was there at the last score", async () => {
      await w.vault.fundReserve(1_000n * SAKSI);
      await w.signal(w.alice, BTC, 100n * SAKSI);
      await score(1, 500n);
      expect((await w.vault.mandateStake(BTC)).rewardSaksi).to.equal(0n);
      await w.after(PERIODS.scoreInterval);
      await w.signal(w.bob, BTC, 300n * SAKSI);
      await expect(score(2, 10_000n))
        .to.emit(w.vault, "ScoreApplied")
        .withArgs(BTC, 2, 10_000n, 500n, 5n * SAKSI, 0n);
      expect((await w.vault.accounts()).reserveSaksi).to.equal(995n * SAKSI);
      expect(await w.totalSignalOf(BTC)).to.equal(400n * SAKSI);
      await w.after(PERIODS.stream);
      await as(w.carol).compound(BTC);
      expect(await w.totalSignalOf(BTC)).to.equal(405n * SAKSI);
      expect(await w.signalOf(w.alice, BTC)).to.equal((405n * SAKSI) / 4n);
      expect((await w.vault.mandateStake(BTC)).rewardSaksi).to.equal(0n);
    });

    it("is worth nothing to who comes for it and leaves at once", async () => {
      await w.vault.fundReserve(1_000n * SAKSI);
      await w.signal(w.alice, BTC, 100n * SAKSI);
      await score(1, 0n);
      await w.after(PERIODS.scoreInterval);
      await score(2, 500n);
      await w.after(PERIODS.stream / 2n);
      await w.signal(w.bob, BTC, 100_000n * SAKSI);
      const half = (await w.vault.mandateStake(BTC)).rewardSaksi;
      expect(half).to.be.closeTo((5n * SAKSI) / 2n, SAKSI / 10_000n);
      expect(await w.signalOf(w.alice, BTC)).to.be.closeTo((1025n * SAKSI) / 10n, SAKSI / 10_000n);
    });

    it("pays what the reserve has and no more", async () => {
      await refused(w.vault.fundReserve(0n), "StakeZeroAmount");
      await w.vault.fundReserve(SAKSI);
      await w.signal(w.alice, BTC, 100n * SAKSI);
      await score(1, 0n);
      await w.after(PERIODS.scoreInterval);
      await score(2, 500n);
      expect((await w.vault.accounts()).reserveSaksi).to.equal(0n);
      expect((await w.vault.accounts()).rewardSaksi).to.equal(SAKSI);
    });

    it("counts once an epoch, not too often, and from the scorer alone", async () => {
      await w.signal(w.alice, BTC, 100n);
      await score(3, 0n);
      await refused(score(3, 0n), "StakeEpochScored", BTC, 3, 3);
      await refused(score(2, 0n), "StakeEpochScored", BTC, 2, 3);
      await refused(score(4, 0n), "StakeTooEarly");
      await score(1, 0n, ETH);
      await w.after(PERIODS.scoreInterval);
      await score(4, 0n);
      const stake = await w.vault.mandateStake(BTC);
      expect([stake.lastEpoch, stake.lastScoredAt]).to.deep.equal([4n, await w.now()]);
      await refused(as(w.owner).applyScore(BTC, 9, 0n), "StakeUnauthorised", w.owner.address);
      await refused(as(w.scorer).applyScore(NONE, 9, 0n), "StakeUnknownMandate", NONE);
    });

    it("makes shares dearer, so that a grain buys none", async () => {
      await w.vault.fundReserve(SAKSI);
      await w.signal(w.alice, BTC, 100n);
      await score(1, 0n);
      await w.after(PERIODS.scoreInterval);
      await score(2, 500n);
      await w.after(PERIODS.stream);
      await as(w.alice).compound(BTC);
      await as(w.bob).stake(1n);
      await refused(as(w.bob).signal(BTC, 1n), "StakeAmountTooSmall", 1n);
    });

    it("that makes shares dearer leaves no grain behind when everything is asked for", async () => {
      await w.vault.fundReserve(SAKSI);
      await w.signal(w.alice, BTC, 333n);
      await w.signal(w.bob, BTC, 667n);
      await score(1, 0n);
      await w.after(PERIODS.scoreInterval);
      await score(2, 470n);
      await w.after(PERIODS.stream);
      await as(w.alice).compound(BTC);
      expect(await w.signalOf(w.alice, BTC)).to.equal(348n);
      await as(w.alice).requestUnstake(BTC, 348n);
      expect(await w.signalOf(w.alice, BTC)).to.equal(0n);
    });
  });

  describe("fees", () => {
    const pay = (amountUsdE6: bigint) => as(w.payer).notifyFees(BTC, amountUsdE6);

    it("flow to signallers in proportion, while they are signalled", async () => {
      await w.signal(w.alice, BTC, 100n * SAKSI);
      await w.signal(w.bob, BTC, 300n * SAKSI);
      const paid = await pay(700n * E6);
      await expect(paid)
        .to.emit(w.vault, "FeesNotified")
        .withArgs(BTC, w.payer.address, 700n * E6, (await w.now()) + PERIODS.stream);
      await w.after(PERIODS.stream / 2n);
      await as(w.bob).requestUnstake(BTC, 300n * SAKSI);
      const bobs = await w.vault.claimableFeesUsdE6(w.bob.address, BTC);
      expect(bobs).to.be.closeTo((700n * E6 * 3n) / 8n, 2_000n);
      await w.after(PERIODS.stream);
      expect(await w.vault.claimableFeesUsdE6(w.bob.address, BTC)).to.equal(bobs);
      const alices = await w.vault.claimableFeesUsdE6(w.alice.address, BTC);
      expect(700n * E6 - alices - bobs < 3n).to.equal(true);
      await as(w.bob).claimFees(BTC);
      await expect(as(w.alice).claimFees(BTC))
        .to.emit(w.vault, "FeesClaimed")
        .withArgs(w.alice.address, BTC, alices);
      expect(await w.usd.balanceOf(w.alice.address)).to.equal(alices);
      expect(await w.usd.balanceOf(w.bob.address)).to.equal(bobs);
      await refused(as(w.alice).claimFees(BTC), "StakeNothingToClaim", w.alice.address, BTC);
    });

    it("need an amount, a mandate and a signaller", async () => {
      await refused(pay(1n), "StakeNothingSignalled", BTC);
      await w.signal(w.alice, BTC, 1n);
      await refused(pay(0n), "StakeZeroAmount");
      await refused(as(w.payer).notifyFees(NONE, 1n), "StakeUnknownMandate", NONE);
    });

    it("are not held up by grains added again and again", async () => {
      await w.signal(w.alice, BTC, 100n * SAKSI);
      await pay(1_000n * E6);
      for (let i = 0; i < 7; i++) {
        await w.after(DAY);
        await pay(1n);
      }
      await as(w.alice).compound(BTC);
      expect((await w.vault.mandateStake(BTC)).feesUsdE6 < 10n).to.equal(true);
      expect((await w.vault.claimableFeesUsdE6(w.alice.address, BTC)) > 999n * E6).to.equal(true);
    });

    it("that nobody paid are never there, and of what was paid not a unit too much", async () => {
      await w.signal(w.alice, BTC, 1n);
      for (let i = 0; i < 3; i++) {
        await w.after(DAY);
        await as(w.alice).compound(BTC);
      }
      expect(await w.vault.claimableFeesUsdE6(w.alice.address, BTC)).to.equal(0n);
      await pay(1n);
      await w.after(PERIODS.stream);
      await as(w.alice).compound(BTC);
      expect(await w.vault.claimableFeesUsdE6(w.alice.address, BTC)).to.equal(1n);
    });

    it("end together, later than the first alone and earlier than the second", async () => {
      await w.signal(w.alice, BTC, 100n * SAKSI);
      await pay(600n * E6);
      await w.after(PERIODS.stream / 2n);
      await pay(600n * E6);
      // half of the first has flowed; 300 with half a period left and 600 with a whole one end after 5/6 of one
      const due = async (): Promise<bigint> => w.vault.claimableFeesUsdE6(w.alice.address, BTC);
      await w.after((PERIODS.stream * 2n) / 3n);
      expect((await due()) / E6).to.equal(1_020n);
      await w.after(PERIODS.stream / 6n);
      expect((await due()) / E6).to.equal(1_200n);
    });

    it("that nobody was there for go to who signals next", async () => {
      await w.signal(w.alice, BTC, 100n * SAKSI);
      await pay(700n * E6);
      await as(w.alice).requestUnstake(BTC, 100n * SAKSI);
      await w.after(PERIODS.stream);
      expect((await w.vault.claimableFeesUsdE6(w.bob.address, BTC)) as bigint).to.equal(0n);
      await w.signal(w.bob, BTC, 1n * SAKSI);
      await as(w.bob).compound(BTC);
      expect((await w.vault.claimableFeesUsdE6(w.bob.address, BTC)) > 690n * E6).to.equal(true);
    });

    it("reach the signallers of a mandate through the address that a fund pays them to", async () => {
      const forwarder = await deployed(w.ethers, "FeeForwarder", w.vault.target, w.usd.target, BTC);
      await expect(forwarder.forwardFees()).to.be.revertedWithCustomError(
        forwarder,
        "ForwarderNothingToForward",
      );
      await w.usd.connect(w.payer).transfer(forwarder.target, 50n * E6);
      await refused(forwarder.forwardFees(), "StakeNothingSignalled", BTC);
      await w.signal(w.alice, BTC, 100n * SAKSI);
      await forwarder.forwardFees();
      expect((await w.vault.mandateStake(BTC)).feesUsdE6).to.equal(50n * E6);
      expect(await w.usd.balanceOf(w.vault.target)).to.equal(50n * E6);
    });
  });

  describe("who may", () => {
    it("list mandates: the owner, each once, up to the limit", async () => {
      await refused(as(w.alice).listMandate(id("x")), "OwnableUnauthorizedAccount", w.alice.address);
      await refused(w.vault.listMandate(NONE), "StakeUnknownMandate", NONE);
      await refused(w.vault.listMandate(BTC), "StakeMandateListed", BTC);
      for (let i = 2; i < 16; i++) await w.vault.listMandate(id(`m${i}`));
      await refused(w.vault.listMandate(id("m16")), "StakeTooManyMandates", 16n);
      expect(await w.vault.mandateCount()).to.equal(16n);
      expect(await w.vault.mandateAt(1n)).to.equal(ETH);
    });

    for (const role of ["Court", "Scorer"]) {
      it(`change the ${role.toLowerCase()}: the owner, later than stakers can be out; the guardian may cancel`, async () => {
        const current = role === "Court" ? w.court : w.scorer;
        const read = () => w.vault[role.toLowerCase()]();
        expect(await read()).to.equal(current.address);
        await refused(
          as(w.guardian)[`schedule${role}`]!(w.bob.address),
          "OwnableUnauthorizedAccount",
          w.guardian.address,
        );
        await refused(w.vault[`schedule${role}`](ZeroAddress), "StakeZeroAddress");
        await refused(w.vault[`apply${role}`](), "StakeNothingScheduled");
        await expect(w.vault[`schedule${role}`](w.bob.address)).to.emit(w.vault, `${role}Scheduled`);
        expect(await w.vault.pointerDelaySeconds()).to.equal(PERIODS.unbonding + 3n * DAY);
        await w.after(PERIODS.unbonding + DAY);
        await refused(w.vault[`apply${role}`](), "StakeTooEarly");
        await refused(as(w.alice)[`cancel${role}`]!(), "GuardedUnauthorised", w.alice.address);
        await expect(as(w.guardian)[`cancel${role}`]!())
          .to.emit(w.vault, `${role}Cancelled`)
          .withArgs(w.bob.address);
        await refused(as(w.guardian)[`cancel${role}`]!(), "StakeNothingScheduled");
        await w.after(10n * DAY);
        await refused(w.vault[`apply${role}`](), "StakeNothingScheduled");
        await w.vault[`schedule${role}`](w.bob.address);
        await w.after(PERIODS.unbonding + 3n * DAY);
        await expect(as(w.alice)[`apply${role}`]!())
          .to.emit(w.vault, `${role}Changed`)
          .withArgs(current.address, w.bob.address);
        expect(await read()).to.equal(w.bob.address);
      });
    }
  });

  it("costs a staker at most 120 000 gas to come and to go", async () => {
    const gas = async (sent: Promise<{ wait(): Promise<unknown> }>) =>
      ((await (await sent).wait()) as { gasUsed: bigint }).gasUsed;
    const stake = async (who: typeof w.alice) => {
      await w.saksi.connect(who).approve(w.vault.target, 10n * SAKSI);
      return gas(as(who).stake(10n * SAKSI));
    };
    const measured: Record<string, bigint> = {};
    await as(w.bob).stake(10n * SAKSI);
    measured["stake, first"] = await stake(w.alice);
    measured["delegate"] = await gas(as(w.alice).delegate(w.alice.address));
    measured["stake"] = await stake(w.alice);
    measured["signal, first of the mandate"] = await gas(as(w.alice).signal(BTC, 4n * SAKSI));
    measured["signal"] = await gas(as(w.alice).signal(BTC, 4n * SAKSI));
    measured["request from a mandate"] = await gas(as(w.alice).requestUnstake(BTC, SAKSI));
    measured["request"] = await gas(as(w.alice).requestUnstake(NONE, SAKSI));
    await w.after(PERIODS.unbonding);
    measured["withdraw from a mandate"] = await gas(as(w.alice).withdrawUnstaked(BTC));
    measured["withdraw"] = await gas(as(w.alice).withdrawUnstaked(NONE));
    measured["slash"] = await gas(w.slash(BTC, SAKSI));
    console.log(
      `\n      ${Object.entries(measured)
        .map(([name, value]) => `${name.padEnd(34)}${String(value).padStart(9)}`)
        .join("\n      ")}\n`,
    );
    // instrumented code costs more
    if (hre.globalOptions.coverage) return;
    for (const name of Object.keys(measured).filter((key) => /^(stake|request|withdraw)/.test(key))) {
      expect(measured[name]! <= 120_000n, `${name}: ${measured[name]}`).to.equal(true);
    }
    for (const [name, value] of Object.entries(measured)) {
      expect(value < 300_000n, `${name}: ${value}`).to.equal(true);
    }
  });
});

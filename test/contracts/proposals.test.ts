import { expect } from "chai";
import { id, toBeHex } from "ethers";
import { createAllocator, createGovernedWorld, type GovernedWorld } from "./governance-world.ts";
import { deployed } from "./stake-world.ts";
import { ACCOUNT, DAY, E6, MARKET, STATE } from "./support/world.ts";

const TEXT = "because";
/** Longer than the votes of a test. */
const EPOCH = 90n * DAY;
/** Review and ruling outlast a vote of five days that begins with the challenge. */
const COURT = { reviewSeconds: 2n * DAY, rulingSeconds: 5n * DAY, attesterUnbondingSeconds: 14n * DAY };

describe("A vote that is won", () => {
  let w: GovernedWorld;
  const propose = (act: string, ...args: unknown[]) => w.propose(w.alice, act, ...args, TEXT);

  before(async () => {
    const court = { bondUsdE6: 100n * E6, reviewerDelaySeconds: 900n, slashBps: 500, ...COURT };
    w = await createGovernedWorld({
      params: {
        firstSnapshotAt: BigInt(Math.floor(Date.now() / 1000)) + EPOCH,
        epochLengthSeconds: EPOCH,
        court: { ...court, sink: toBeHex(1, 20), attesterMinBondUsdE6: 1_000n * E6 },
      },
    });
    await w.court.transferOwnership(w.timelock.target);
    await w.pass(await propose("proposeAcceptOwnership", w.court.target));
    await w.keep();
  });
  afterEach(() => w.back());

  it("changes limits of deposits, the cap of redemptions and, from the next epoch, the fee", async () => {
    await w.pass(
      await propose("proposePerformanceFeeBps", 1_500n),
      await propose("proposeDepositLimitsUsdE6", 5n * E6, 7_000n * E6),
      await propose("proposeRedeemCapBps", 2_500n),
    );
    const { minDepositUsdE6, maxDepositUsdE6, redeemCapBps } = await w.vault.depositTerms();
    expect([minDepositUsdE6, maxDepositUsdE6, redeemCapBps]).to.deep.equal([5n * E6, 7_000n * E6, 2_500n]);

    expect(await w.vault.performanceFeeBps()).to.equal(2_000n);
    await w.until((await w.validator.snapshotAt()) + 1n);
    await w.closeEpoch({ equityE8: 0n });
    expect(await w.vault.performanceFeeBps()).to.equal(1_500n);
  });

  it("ends the fund", async () => {
    await w.pass(await propose("proposeWindDown"));
    expect((await w.vault.depositTerms()).windingDown).to.equal(true);
    expect(await w.policy.halted()).to.equal(true);
  });

  it("names the allocator, and then its addresses and caps", async () => {
    const allocator = await createAllocator(w);
    await w.pass(await propose("proposeAllocator", allocator.target));
    expect(await w.vault.allocator()).to.equal(allocator.target);
    const venue = toBeHex(7, 20);
    await w.pass(await propose("proposePlace", w.mandateId, venue, 500n * E6, 4_000));
    const place = await allocator.place(w.mandateId);
    expect([BigInt(place.venueDeposit), place.capUsdE6, place.capBps]).to.deep.equal([7n, 500n * E6, 4_000n]);
  });

  it("opens a mandate and names another guardian of a contract", async () => {
    const before = await w.validator.mandateCount();
    await w.pass(
      await propose("proposeMandate", ACCOUNT, id("weex:ETHUSDT"), w.operator.address),
      await propose("proposeGuardian", w.policy.target, w.second.address),
    );
    expect(await w.validator.mandateCount()).to.equal(before + 1n);
    expect(await w.policy.guardian()).to.equal(w.second.address);
    await w.policy.connect(w.second).pauseNewRisk(60n);
  });

  it("puts another court into office after the validator's delay", async () => {
    const args = [
      w.timelock.target,
      w.usd.target,
      w.validator.target,
      w.timelock.target,
      1n,
      60n,
      60n,
      60n,
      1,
    ];
    const other = await deployed(w.ethers, "DisputeCourt", ...args);
    await w.pass(await propose("proposeCourt", other.target));
    await expect(w.validator.applyCourt()).to.be.revertedWithCustomError(w.validator, "ValidatorTooEarly");
    await w.after(w.params.policyDelaySeconds);
    await w.validator.connect(w.stranger).applyCourt();
    expect(await w.validator.court()).to.equal(other.target);
  });

  it("puts a second class of attesters before the court", async () => {
    const { timelock, guardian, court, attesters } = w;
    const members = attesters.map(({ address }) => address).sort((a, b) => (BigInt(a) < BigInt(b) ? -1 : 1));
    const args = [timelock.target, guardian.address, court.target, members, 3, 60n];
    const reviewer = await deployed(w.ethers, "QuorumAttester", ...args);
    await w.pass(await propose("proposeReviewer", reviewer.target));
    await court.connect(w.stranger).applyReviewer();
    expect(await court.reviewer()).to.equal(reviewer.target);
  });

  it("decides a dispute, when it is proposed with the challenge", async () => {
    await w.fund({ deposit: 100_000n, bond: 10_000n, venue: 50_000n });
    await w.push(60_000n * 10n ** 8n);
    const trip = await w.trip();
    await w.usd.connect(w.second).approve(w.court.target, 100n * E6);
    await w.court.connect(w.second).challenge(trip.id);
    const ruling = await propose("proposeRuling", trip.id, 2, -1_250_000_000n);
    await w.pass(ruling);
    const record = await w.validator.record(trip.id);
    expect([record.state, record.pnlE8]).to.deep.equal([STATE.Final, -1_250_000_000n]);
  });

  it("of a ruling names one that there is", async () => {
    await expect(w.proposals.connect(w.alice).proposeRuling(id(MARKET), 4, 0n, TEXT)).to.be.revert(w.ethers);
  });
});

/**
 * BOUGHT VOTES
 *
 * Who: a lender's customer, or whoever buys stake for an afternoon.
 * Power: any amount of SAKSI for one transaction, or for some days; timing to the second.
 * Wants: a proposal in his favour carried by stake that is gone when it takes effect.
 * What the contracts do: tokens do not vote, stake does, as of a second that had passed when the vote began; stake leaves
 *   after the unbonding, which is longer than the longest life of a proposal; a quorum reached late gives time to answer;
 *   however little is staked, a floor must vote.
 * Bound: votes of a flash loan 0. Of bought stake: it is locked for 14 days, 3 days longer than anything it decides can
 *   wait, and loses what the decision costs the token. A late swing gives the others a day.
 * Remains: a majority that means to stay.
 */
import { expect } from "chai";
import { ZeroHash } from "ethers";
import { createGovernedWorld, FOR, type GovernedWorld, SETTINGS, STATE } from "../governance-world.ts";
import { deployed, SAKSI } from "../stake-world.ts";
import type { Live } from "../support/world.ts";

const LOAN = 10_000_000n * SAKSI;

describe("Attack: bought votes", () => {
  let w: GovernedWorld;
  let borrower: Live;
  before(async () => {
    w = await createGovernedWorld();
    borrower = await deployed(w.ethers, "FlashBorrower");
    // the lender lets the borrower have all of it
    await w.saksi.connect(w.mallory).approve(borrower.target, LOAN);
    await w.keep();
  });
  afterEach(() => w.back());

  const act = (contract: Live, name: string, args: unknown[]) => ({
    target: contract.target,
    data: contract.interface.encodeFunctionData(name, args),
  });
  const borrow = (...acts: { target: string; data: string }[]) =>
    borrower.run(w.saksi.target, w.mallory.address, LOAN, acts);
  const proposal = () => w.propose(w.alice, "proposeResetBreaker", "in his favour");
  const staking = () => [
    act(w.saksi, "approve", [w.stakeVault.target, LOAN]),
    act(w.stakeVault, "delegate", [borrower.target]),
    act(w.stakeVault, "stake", [LOAN]),
  ];

  it("by a flash loan cannot be had: what is staked cannot be given back in the same transaction", async () => {
    const proposalId = await proposal();
    await w.open();
    await expect(borrow(...staking(), act(w.governor, "castVote", [proposalId, FOR]))).to.be.revert(w.ethers);
    const unstake = act(w.stakeVault, "requestUnstake", [ZeroHash, LOAN]);
    const withdraw = act(w.stakeVault, "withdrawUnstaked", [ZeroHash]);
    await expect(
      borrow(...staking(), act(w.governor, "castVote", [proposalId, FOR]), unstake, withdraw),
    ).to.be.revertedWithCustomError(w.stakeVault, "StakeTooEarly");
  });

  it("by tokens in a wallet count nothing, and by stake of this second neither", async () => {
    const proposalId = await proposal();
    await w.open();
    await borrow(act(w.governor, "castVote", [proposalId, FOR]));
    expect((await w.governor.proposalVotes(proposalId)).forVotes).to.equal(0n);
    await w.stakeVault.connect(w.mallory).delegate(w.mallory.address);
    await w.stakeVault.connect(w.mallory).stake(LOAN);
    await w.governor.connect(w.mallory).castVote(proposalId, FOR);
    expect((await w.governor.proposalVotes(proposalId)).forVotes).to.equal(0n);
    await expect(borrow(act(w.governor, "propose", [[w.usd.target], [0n], ["0x"], "a loan's"]))).to.be.revert(
      w.ethers,
    );
  });

  it("control: a ballot that counts what a voter holds is won by the loan", async () => {
    const naive = await deployed(w.ethers, "NaiveBallot", w.saksi.target);
    await borrow(act(naive, "vote", []));
    expect(await naive.votes()).to.equal(LOAN);
    expect(await w.saksi.balanceOf(w.mallory.address)).to.equal(LOAN);
  });

  it("bound: stake that was bought for a vote is in the vault until three days after its last effect", async () => {
    await w.stakeVault.connect(w.mallory).delegate(w.mallory.address);
    await w.stakeVault.connect(w.mallory).stake(LOAN);
    const proposalId = await proposal();
    await w.open();
    await w.stakeVault.connect(w.mallory).requestUnstake(ZeroHash, LOAN);
    await w.governor.connect(w.mallory).castVote(proposalId, FOR);
    expect((await w.governor.proposalVotes(proposalId)).forVotes).to.equal(LOAN);
    const life: bigint = await w.governor.longestLifeSeconds();
    expect(((await w.stakeVault.unbondingSeconds()) as bigint) - life).to.equal(3n * 86_400n);
    await w.after(life);
    expect(await w.state(proposalId)).to.equal(STATE.Expired);
    await expect(w.stakeVault.connect(w.mallory).withdrawUnstaked(ZeroHash)).to.be.revertedWithCustomError(
      w.stakeVault,
      "StakeTooEarly",
    );
    await w.after(3n * 86_400n);
    await w.stakeVault.connect(w.mallory).withdrawUnstaked(ZeroHash);
  });

  it("in the last second give the others a day to answer, and they do", async () => {
    await w.stakeVault.connect(w.mallory).delegate(w.mallory.address);
    await w.saksi.connect(w.mallory).transfer(w.bob.address, 200_000n * SAKSI);
    await w.stakeVault.connect(w.mallory).stake(90_000n * SAKSI);
    const proposalId = await proposal();
    await w.open();
    const deadline: bigint = await w.governor.proposalDeadline(proposalId);
    await w.until(deadline - 1n);
    await w.governor.connect(w.mallory).castVote(proposalId, FOR);
    const extended: bigint = await w.governor.proposalDeadline(proposalId);
    expect(extended).to.equal(deadline + SETTINGS.lateQuorumExtensionSeconds);
    await w.after(3_600n);
    await w.governor.connect(w.alice).castVote(proposalId, 0);
    await w.until(extended + 1n);
    expect(await w.state(proposalId)).to.equal(STATE.Defeated);
  });

  it("control: nobody answers, and they win", async () => {
    await w.stakeVault.connect(w.mallory).delegate(w.mallory.address);
    await w.stakeVault.connect(w.mallory).stake(90_000n * SAKSI);
    const proposalId = await proposal();
    await w.open();
    await w.governor.connect(w.mallory).castVote(proposalId, FOR);
    await w.close();
    expect(await w.state(proposalId)).to.equal(STATE.Succeeded);
  });
});

import { expect } from "chai";
import { Interface } from "ethers";
import { createWorld, E6, E8, PRICE, type World } from "./support/world.ts";

/** The exclusive or of the selectors of functions: their interface's id. */
const interfaceId = (functions: string[]) => {
  const selectors = new Interface(functions.map((f) => `function ${f}`));
  let id = 0n;
  selectors.forEachFunction(({ selector }) => {
    id ^= BigInt(selector);
  });
  return `0x${id.toString(16).padStart(8, "0")}`;
};

describe("FundVault as an ERC-7540 vault", () => {
  let w: World;
  let me: string;
  let other: string;
  before(async () => {
    w = await createWorld();
    await w.fund();
    await w.push(PRICE);
    me = w.second.address;
    other = w.stranger.address;
    await w.keep();
  });
  afterEach(() => w.back());

  const close = async (equityE8 = 50_000n * E8) => {
    await w.until((await w.validator.snapshotAt()) + 1n);
    return w.closeEpoch({ equityE8 });
  };
  const refusedBy = (name: string, sent: Promise<unknown>) =>
    expect(sent).to.be.revertedWithCustomError(w.vault, name);

  it("is its own share, with twelve decimals, and says which interfaces it has", async () => {
    const { vault } = w;
    expect([await vault.share(), await vault.asset(), await vault.decimals()]).to.deep.equal([
      vault.target,
      w.usd.target,
      12n,
    ]);
    const operators = interfaceId(["setOperator(address,bool)", "isOperator(address,address)"]);
    const deposits = interfaceId([
      "requestDeposit(uint256,address,address)",
      "pendingDepositRequest(uint256,address)",
      "claimableDepositRequest(uint256,address)",
      "deposit(uint256,address,address)",
      "mint(uint256,address,address)",
    ]);
    const redeems = interfaceId([
      "requestRedeem(uint256,address,address)",
      "pendingRedeemRequest(uint256,address)",
      "claimableRedeemRequest(uint256,address)",
    ]);
    expect([operators, deposits, redeems]).to.deep.equal(["0xe3bc4e65", "0xce3bbe50", "0x620ee8e4"]);
    for (const id of ["0x01ffc9a7", "0x2f0a18c5", operators, deposits, redeems])
      expect(await vault.supportsInterface(id), id).to.equal(true);
    expect(await vault.supportsInterface("0xffffffff")).to.equal(false);
  });

  it("previews nothing", async () => {
    for (const name of ["previewDeposit", "previewMint", "previewRedeem", "previewWithdraw"])
      await refusedBy("VaultPreviewUnsupported", w.vault[name](1n));
  });

  it("takes a request from pending to claimable to claimed, under the epoch as its id", async () => {
    const vault = w.vault.connect(w.second);
    await expect(vault.requestDeposit(1_000n * E6, me, me))
      .to.emit(w.vault, "DepositRequest")
      .withArgs(me, me, 1n, me, 1_000n * E6);
    expect([
      await vault.pendingDepositRequest(1n, me),
      await vault.claimableDepositRequest(1n, me),
      await vault.maxDeposit(me),
    ]).to.deep.equal([1_000n * E6, 0n, 0n]);
    await close();
    expect([
      await vault.pendingDepositRequest(1n, me),
      await vault.claimableDepositRequest(1n, me),
      await vault.claimableDepositRequest(2n, me),
      await vault.maxMint(me),
    ]).to.deep.equal([0n, 1_000n * E6, 0n, 1_000n * E6 * E6]);
    await expect(vault["deposit(uint256,address)"](400n * E6, other))
      .to.emit(w.vault, "Deposit")
      .withArgs(me, other, 400n * E6, 400n * E6 * E6);
    await vault["mint(uint256,address,address)"](100n * E6 * E6, me, me);
    expect(await vault.claimableDepositRequest(1n, me)).to.equal(500n * E6);
    await refusedBy("VaultExceedsClaimable", vault["deposit(uint256,address)"](501n * E6, me));
    await vault.claimShares();
    expect([await vault.balanceOf(me), await vault.balanceOf(other)]).to.deep.equal([
      600n * E6 * E6,
      400n * E6 * E6,
    ]);
  });

  it("moves shares like any ERC-20, and redeems on the allowance of their owner", async () => {
    const holder = w.vault.connect(w.depositor);
    await holder.transfer(me, 10n * E6 * E6);
    const spender = w.vault.connect(w.stranger);
    await refusedBy("ERC20InsufficientAllowance", spender.requestRedeem(1n, other, me));
    await w.vault.connect(w.second).approve(other, 4n * E6 * E6);
    // who asks for himself with the shares of another controls the request
    await spender.requestRedeem(3n * E6 * E6, other, me);
    expect(await w.vault.allowance(me, other)).to.equal(1n * E6 * E6);
    expect(await w.vault.pendingRedeemRequest(1n, other)).to.equal(3n * E6 * E6);
    await close();
    await spender.redeem(3n * E6 * E6, other, other);
    expect(await w.usd.balanceOf(other)).to.equal(3n * E6);
  });

  it("lets an operator act for a controller, and nobody else", async () => {
    const helper = w.vault.connect(w.stranger);
    await refusedBy("VaultUnauthorised", helper.requestDeposit(E6, me, me));
    await refusedBy(
      "VaultUnauthorised",
      w.vault.connect(w.depositor).requestDeposit(E6, me, w.depositor.address),
    );
    await expect(w.vault.connect(w.second).setOperator(other, true))
      .to.emit(w.vault, "OperatorSet")
      .withArgs(me, other, true);
    await helper.requestDeposit(5n * E6, me, me);
    await close();
    await refusedBy(
      "VaultUnauthorised",
      w.vault.connect(w.depositor)["deposit(uint256,address,address)"](E6, other, me),
    );
    await helper["deposit(uint256,address,address)"](5n * E6, me, me);
    await w.vault.connect(w.second).setOperator(other, false);
    await refusedBy("VaultUnauthorised", helper.redeem(1n, other, me));
  });

  it("keeps deposits between the limits of the owner, who cannot close the way out", async () => {
    const vault = w.vault.connect(w.second);
    await w.vault.setDepositLimitsUsdE6(10n * E6, 20n * E6);
    await refusedBy("VaultDepositLimit", vault.requestDepositUsdE6(9n * E6));
    await vault.requestDepositUsdE6(15n * E6);
    await refusedBy("VaultDepositLimit", vault.requestDepositUsdE6(10n * E6));
    await refusedBy("VaultDepositLimit", w.vault.setDepositLimitsUsdE6(2n, 1n));
    await refusedBy("VaultBadBps", w.vault.setRedeemCapBps(99n));
    await refusedBy("OwnableUnauthorizedAccount", vault.setRedeemCapBps(5_000n));
  });

  it("serves the line up to the cap, all of an epoch alike, and the rest before later requests", async () => {
    const [holder, second] = [w.vault.connect(w.depositor), w.vault.connect(w.second)];
    const all: bigint = await w.vault.balanceOf(w.depositor.address);
    await holder.transfer(me, all / 4n);
    await w.vault.setRedeemCapBps(2_500n);
    await holder.requestRedeemShares(all / 2n);
    await second.requestRedeemShares(all / 4n);
    await close();
    // a quarter of the supply for three quarters in the line: a third of each request
    expect(await w.vault.claimableRedeemRequest(1n, me)).to.equal(all / 12n);
    expect(await w.vault.pendingRedeemRequest(1n, me)).to.equal(all / 4n - all / 12n);
    expect(await w.vault.claimableRedeemRequest(1n, w.depositor.address)).to.equal(all / 6n);
    await second.claimRedeem();
    await refusedBy("VaultNothingToClaim", second.claimRedeem());
    await refusedBy("VaultRequestPending", holder.requestRedeemShares(1n));
    await refusedBy("VaultCutOffPassed", second.cancelRedeemRequest());
    await w.vault.setRedeemCapBps(10_000n);
    await close();
    expect(await w.vault.claimableRedeemRequest(1n, me)).to.equal(all / 4n - all / 12n);
    await second.claimRedeem();
    expect(await w.usd.balanceOf(me)).to.equal(1_000_000n * E6 + 25_000n * E6);
    await w.vault.connect(w.venue).recordReturn(30_000n * E6);
    await holder.claimRedeem();
    expect(await w.vault.redemptionsOwedE6()).to.equal(0n);
  });

  it("keeps the cash of those who left from the venue and from fees", async () => {
    await w.vault.connect(w.depositor).requestRedeemShares(40_000n * E6 * E6);
    await close();
    await refusedBy("VaultInsufficientIdle", w.vault.connect(w.executor).sendToVenue(10_001n * E6));
    await w.vault.connect(w.executor).sendToVenue(10_000n * E6);
    await w.vault.connect(w.depositor).claimRedeem();
  });

  it("prices what no result explains in for who enters and out for who leaves", async () => {
    const half = (await w.vault.balanceOf(w.depositor.address)) / 2n;
    await w.vault.connect(w.depositor).requestRedeemShares(half);
    await w.vault.connect(w.second).requestDepositUsdE6(1_000n * E6);
    await close(50_001n * E8);
    // the exit is worth 1, the entry 1.00001, and what the leaver left is with those who stay
    expect(await w.vault.maxWithdraw(w.depositor.address)).to.equal(50_000n * E6);
    expect((await w.vault.maxMint(me)) / E6).to.equal(999_990_000n);
    expect(await w.vault.totalAssetsE6()).to.equal(51_001n * E6);
    expect(await w.vault.highWaterMarkE18()).to.equal(await w.vault.sharePriceE18());
  });

  it("changes the fee from the next epoch, under the cap, for the owner alone", async () => {
    await refusedBy("VaultBadBps", w.vault.setPerformanceFeeBps(5_001n));
    await refusedBy("OwnableUnauthorizedAccount", w.vault.connect(w.second).setPerformanceFeeBps(1n));
    await expect(w.vault.setPerformanceFeeBps(1_000n))
      .to.emit(w.vault, "PerformanceFeeChanged")
      .withArgs(2_000n, 1_000n, 2n);
    const profit = async (equityE8: bigint) => {
      const trip = await w.trip({ exitQuoteE8: 6_105n * E8, feeE8: 5n * E8 });
      await w.until((await w.validator.snapshotAt()) + 130n);
      await w.validator.finalize(trip.id);
      const d = (await w.closeEpoch({ equityE8 })).find("Distributed")!.args;
      return d.feeOperatorE6 + d.feeStakersE6 + d.feeTreasuryE6;
    };
    expect(await profit(50_100n * E8)).to.equal(20n * E6);
    expect(await w.vault.performanceFeeBps()).to.equal(1_000n);
    expect(await profit(50_200n * E8)).to.equal(10n * E6);
  });

  it("gives a deposit back that a fallen fund did not price", async () => {
    await w.vault.connect(w.second).requestDepositUsdE6(100n * E6);
    await close(-60_000n * E8);
    expect(await w.vault.totalAssetsE6()).to.equal(0n);
    await refusedBy("VaultEpochNotClosed", w.vault.connect(w.second).claimShares());
    expect(await w.vault.pendingDepositsE6()).to.equal(100n * E6);
    await w.vault.connect(w.second).cancelDepositRequest();
    expect(await w.usd.balanceOf(me)).to.equal(1_000_000n * E6);
  });

  describe("a wind-down", () => {
    it("is the owner's to start, or anyone's after the silence, once", async () => {
      const stranger = w.vault.connect(w.stranger);
      await refusedBy("VaultTooEarly", stranger.startWindDown());
      await refusedBy("VaultNotWindingDown", stranger.redeemInWindDown(1n));
      await w.until((await w.validator.snapshotAt()) + w.params.vault.silenceSeconds + 1n);
      await expect(stranger.startWindDown()).to.emit(w.vault, "WindDownStarted").withArgs(other, true);
      expect(await w.policy.halted()).to.equal(true);
      await refusedBy("VaultWindingDown", w.vault.startWindDown());
    });

    it("takes no deposit, sends nothing, and shares the cash that is there in proportion", async () => {
      const holder = w.vault.connect(w.depositor);
      const all: bigint = await w.vault.balanceOf(w.depositor.address);
      await holder.transfer(me, all / 4n);
      await w.vault.connect(w.second).requestRedeemShares(all / 4n);
      await w.vault.connect(w.second).requestDepositUsdE6(7n * E6);
      await w.vault.startWindDown();
      await refusedBy("VaultWindingDown", w.vault.connect(w.second).requestDepositUsdE6(E6));
      await refusedBy("VaultWindingDown", holder.requestRedeemShares(1n));
      await refusedBy("VaultWindingDown", w.vault.connect(w.executor).sendToVenue(1n));
      await close();
      // neither request was served: both are taken back, whenever
      await w.vault.connect(w.second).cancelDepositRequest();
      await w.vault.connect(w.second).cancelRedeemRequest();
      await w.vault.connect(w.second).redeemInWindDown(all / 4n);
      expect(await w.usd.balanceOf(me)).to.equal(1_000_000n * E6 + 12_500n * E6);
      await w.vault.connect(w.venue).recordReturn(50_000n * E6);
      await holder.redeemInWindDown((all / 4n) * 3n);
      expect(await w.usd.balanceOf(w.depositor.address)).to.equal(900_000n * E6 + 87_500n * E6);
      expect([await w.vault.idleUsdE6(), await w.vault.totalAssetsE6()]).to.deep.equal([0n, 0n]);
    });

    it("keeps the bond until the venue has paid, and calls it after the silence", async () => {
      await w.bondVault.connect(w.operator).requestRelease(1n);
      await w.vault.startWindDown();
      await w.after(700n);
      await expect(w.bondVault.connect(w.operator).releaseBond()).to.be.revertedWithCustomError(
        w.bondVault,
        "BondTooLow",
      );
      await refusedBy("VaultTooEarly", w.vault.callBond());
      await w.until((await w.validator.snapshotAt()) + w.params.vault.silenceSeconds + 1n);
      await w.vault.connect(w.stranger).callBond();
      expect([
        await w.vault.bondUsdE6(),
        await w.vault.idleUsdE6(),
        await w.vault.receivableAtVenueE8(),
      ]).to.deep.equal([0n, 55_000n * E6, 45_000n * E8]);
      await expect(w.bondVault.absorbLoss(1n)).to.be.revertedWithCustomError(w.bondVault, "BondUnauthorised");
    });
  });
});

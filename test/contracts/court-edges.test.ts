import { expect } from "chai";
import { createWorld, DAY, E6, type Live, PRICE, type World } from "./support/world.ts";

const RULING = { None: 0n, Upheld: 1n, Corrected: 2n, Voided: 3n };

describe("DisputeCourt at its edges", () => {
  let w: World;
  let id: string;
  let reviewBy: bigint;
  let ruleBy: bigint;
  before(async () => {
    w = await createWorld();
    await w.fund();
    for (const who of [w.second, w.depositor]) await w.usd.connect(who).approve(w.court.target, 10n ** 15n);
    await w.push(PRICE);
    ({ id } = await w.trip());
    const at = (await w.now()) + 5n;
    [reviewBy, ruleBy] = [at + w.params.court!.reviewSeconds, 0n];
    ruleBy = reviewBy + w.params.court!.rulingSeconds;
    await w.time.setNextBlockTimestamp(at);
    await expect(w.court.connect(w.second).challenge(id))
      .to.emit(w.court, "Challenged")
      .withArgs(id, w.second.address, w.params.court!.bondUsdE6, reviewBy, ruleBy);
    await w.keep();
  });
  afterEach(() => w.back());

  const inSecond = (time: bigint) => w.time.setNextBlockTimestamp(time);
  const refusedWith = (sent: Promise<unknown>, name: string, ...args: bigint[]) =>
    expect(sent)
      .to.be.revertedWithCustomError(w.court, name)
      .withArgs(...args);

  it("takes a defence until the second before the review is over", async () => {
    await inSecond(reviewBy - 1n);
    await expect(w.court.connect(w.depositor).defend(id))
      .to.emit(w.court, "Defended")
      .withArgs(id, w.depositor.address, w.params.court!.bondUsdE6);
    await w.back();
    await inSecond(reviewBy);
    await refusedWith(w.court.connect(w.depositor).defend(id), "CourtTooLate", reviewBy, reviewBy);
  });

  it("lets the owner rule from the second in which the review is over to the last before the end", async () => {
    await inSecond(reviewBy - 1n);
    await refusedWith(w.court.rule(id, RULING.Upheld, 0n), "CourtTooEarly", reviewBy - 1n, reviewBy);
    await inSecond(reviewBy);
    await w.court.rule(id, RULING.Upheld, 0n);
    await w.back();
    await inSecond(ruleBy - 1n);
    const { pnlE8 } = await w.validator.record(id);
    await expect(w.court.rule(id, RULING.Corrected, -5n))
      .to.emit(w.court, "Ruled")
      .withArgs(id, w.owner.address, RULING.Corrected, pnlE8, -5n);
    await w.back();
    await inSecond(ruleBy);
    await refusedWith(w.court.rule(id, RULING.Upheld, 0n), "CourtTooLate", ruleBy, ruleBy);
  });

  it("lets anyone end it in the second in which the owner's time is over", async () => {
    const anyone = w.court.connect(w.stranger);
    await inSecond(ruleBy - 1n);
    await refusedWith(anyone.close(id), "CourtTooEarly", ruleBy - 1n, ruleBy);
    await inSecond(ruleBy);
    await anyone.close(id);
    expect((await w.court.dispute(id)).ruling).to.equal(RULING.Voided);
  });

  it("changes its reviewer in the second in which the delay is over", async () => {
    const at = (await w.now()) + 5n;
    await inSecond(at);
    await expect(w.court.scheduleReviewer(w.stranger.address))
      .to.emit(w.court, "ReviewerScheduled")
      .withArgs(w.stranger.address, at);
    await expect(w.court.applyReviewer())
      .to.emit(w.court, "ReviewerChanged")
      .withArgs("0x0000000000000000000000000000000000000000", w.stranger.address);
    const later = at + 100n;
    await inSecond(later);
    await w.court.scheduleReviewer(w.executor.address);
    await inSecond(later + 899n);
    await refusedWith(w.court.applyReviewer(), "CourtTooEarly", later + 899n, later + 900n);
    await inSecond(later + 900n);
    await expect(w.court.applyReviewer())
      .to.emit(w.court, "ReviewerChanged")
      .withArgs(w.stranger.address, w.executor.address);
    expect([await w.court.reviewer(), await w.court.nextReviewer()]).to.deep.equal([
      w.executor.address,
      "0x0000000000000000000000000000000000000000",
    ]);
  });

  it("can last so long and no longer", async () => {
    const longest = 60n * DAY;
    const make = (review: bigint) =>
      w.ethers.deployContract("DisputeCourt", [
        w.owner.address,
        w.usd.target,
        w.validator.target,
        w.sink.address,
        E6,
        review,
        100n,
        900n,
        500,
      ]);
    const court = (await make(longest - 100n)) as unknown as Live;
    expect(await court.disputeSeconds()).to.equal(longest);
    await expect(make(longest - 99n))
      .to.be.revertedWithCustomError(w.court, "CourtBadValue")
      .withArgs(longest + 1n, longest);
  });
});

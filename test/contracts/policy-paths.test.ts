import { expect } from "chai";
import { deployed } from "./stake-world.ts";
import { createWorld, E8, id, LIMITS, type Live, PRICE, REASON, type World } from "./support/world.ts";

const FLAG = { ENTRY_OFF_MARKET: 1n << 3n, EXIT_OFF_MARKET: 1n << 4n };
const FIELD = { MaxNotionalUsdE6: 1, MinConfidencePpm: 8 };

describe("RiskPolicy at its limits", () => {
  let w: World;
  before(async () => {
    w = await createWorld();
    await w.fund();
    await w.keep();
  });
  afterEach(() => w.back());

  const reasonsOf = async (over = {}) =>
    (await w.attest(await w.predict(over))).find("PredictionRejected")?.args.reasonBits ?? 0n;
  /** A second mandate, priced by a feed that says what it is told. */
  const told = async () => {
    const feed = await deployed(w.ethers, "MockFeed");
    await w.validator.registerMandate(id("an account"), id("a market"), w.operator.address);
    const mandateId = await w.validator.mandateAt(2);
    await w.policy.openMandate(mandateId, { ...LIMITS, feed: feed.target });
    return { feed, mandateId: mandateId as string };
  };

  it("finds no price where the feed has no round, and none where the mandate was never opened", async () => {
    expect(await reasonsOf()).to.equal(REASON.FEED_STALE! | REASON.PRICE_BAND!);
    await w.push(PRICE);
    await w.validator.registerMandate(id("an account"), id("a market"), w.operator.address);
    const unopened = await w.validator.mandateAt(2);
    const reasons = await reasonsOf({ mandateId: unopened });
    for (const name of ["FEED_STALE", "PRICE_BAND", "MANDATE_INACTIVE"])
      expect(reasons & REASON[name]!, name).to.equal(REASON[name]);
  });

  it("finds no price in an answer of nothing, below nothing or beyond any price", async () => {
    const { feed, mandateId } = await told();
    for (const answer of [0n, -1n, 1n << 127n]) {
      await feed.set(answer, await w.now(), false);
      expect(await reasonsOf({ mandateId })).to.equal(REASON.FEED_STALE! | REASON.PRICE_BAND!);
    }
    await feed.set(PRICE, await w.now(), true);
    expect(await reasonsOf({ mandateId })).to.equal(REASON.FEED_STALE! | REASON.PRICE_BAND!);
    await feed.set(PRICE, await w.now(), false);
    expect(await reasonsOf({ mandateId })).to.equal(0n);
  });

  it("at a settlement, flags fills beside such an answer, and believes no hint that nobody confirms", async () => {
    const { feed, mandateId } = await told();
    await feed.set(PRICE, (await w.now()) - 10n, false);
    const { p, r } = await w.approve({ mandateId });
    const account = id("an account");
    const f = await w.fillsOf(p, r, { account });
    await w.until(f.exitLastAt + 1n);
    await feed.set(PRICE, 1n, true);
    expect((await w.settle(p, r, f, { entryRound: 1n, exitRound: 1n })).ignored).to.equal(19);
    await feed.set(-1n, 1n, false);
    const { flags } = (await w.settle(p, r, f, { entryRound: 1n, exitRound: 1n })).find(
      "PredictionSettled",
    )!.args;
    expect(flags).to.equal(FLAG.ENTRY_OFF_MARKET | FLAG.EXIT_OFF_MARKET);
  });

  it("schedules and cancels limits of mandates it knows, and tightens to what fits a field", async () => {
    const unknown = id("unknown");
    const refused = (name: string, sent: Promise<unknown>) =>
      expect(sent).to.be.revertedWithCustomError(w.policy, name);
    await refused("PolicyUnknownMandate", w.policy.scheduleLimit(unknown, FIELD.MaxNotionalUsdE6, 1n));
    await refused("PolicyNothingScheduled", w.policy.cancelLimit(w.mandateId, FIELD.MaxNotionalUsdE6));
    await refused("PolicyNotTighter", w.policy.tightenMinConfidencePpm(w.mandateId, 1n << 24n));
  });

  it("has a word for every reason, and one for those it does not know", async () => {
    for (const [name, bit] of Object.entries(REASON)) {
      const text: string = await w.policy.reasonText(bit);
      expect(text.length, name).to.be.greaterThan(0);
      expect(text, name).to.not.equal("unknown reason");
    }
    expect(await w.policy.reasonText(1n << 28n)).to.equal("unknown reason");
    expect(await w.policy.reasonText(REASON.UNATTESTED! | REASON.SEQUENCE_UNEXPECTED!)).to.equal(
      "nobody attested in time; not the next sequence of the mandate",
    );
  });
});

describe("VenuePriceFeed", () => {
  it("says its latest round and its version", async () => {
    const w = await createWorld();
    const feed: Live = w.feed;
    expect([await feed.latestRound(), await feed.version()]).to.deep.equal([0n, 1n]);
    await w.push(PRICE);
    await w.after(1n);
    await w.push(PRICE + E8);
    expect(await feed.latestRound()).to.equal(2n);
  });
});

describe("QuorumAttester's set", () => {
  it("has nobody to cancel or to remove who is not there", async () => {
    const w = await createWorld();
    await expect(w.quorum.cancelSigner(w.stranger.address)).to.be.revertedWithCustomError(
      w.quorum,
      "QuorumNothingScheduled",
    );
    await expect(w.quorum.removeSigner(w.stranger.address)).to.be.revertedWithCustomError(
      w.quorum,
      "QuorumNotSigner",
    );
  });
});

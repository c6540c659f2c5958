import { expect } from "chai";
import { concat, toBeHex, toUtf8Bytes, ZeroAddress, ZeroHash } from "ethers";
import { createWorld, id, type World } from "./support/world.ts";

describe("Attesters at their edges", () => {
  let w: World;
  before(async () => {
    w = await createWorld({ limits: { minLevel: 1, requiredFlags: 0x1b, minBondBps: 0 } });
    await w.keep();
  });
  afterEach(() => w.back());

  describe("FunctionsAttester", () => {
    it("writes the length of a text in two bytes and in four", async () => {
      for (const [length, head] of [
        [65_535, "0x79ffff"],
        [65_536, "0x7a00010000"],
      ] as const) {
        const source = "x".repeat(length);
        const data = await w.functions.encodeRequest(id("digest"), source, []);
        expect(data).to.contain(concat([toUtf8Bytes("source"), head, toUtf8Bytes(source)]).slice(2));
      }
    });

    it("names a digest as the node reads it, every digit", async () => {
      const digest = toBeHex(0x0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdefn, 32);
      const data = await w.functions.encodeRequest(digest, "return 1", ["7"]);
      expect(data).to.contain(concat(["0x9f7842", toUtf8Bytes(digest), "0x6137ff"]).slice(2));
    });

    it("takes a source of the greatest length", async () => {
      const source = "x".repeat(30_000);
      await w.functions.setSourceHash(id(source));
      await w.functions.connect(w.executor).requestAttestation(id("digest"), source, []);
      await expect(w.functions.connect(w.executor).requestAttestation(id("digest"), `${source}x`, []))
        .to.be.revertedWithCustomError(w.functions, "FunctionsSourceTooLong")
        .withArgs(30_001n, 30_000n);
    });

    it("says what it asked, what it forgot and when it may", async () => {
      const f = w.functions;
      const at = (await w.now()) + 100n;
      await w.time.setNextBlockTimestamp(at);
      const sent = await w.outcome(f.connect(w.executor).requestAttestation(id("d"), "return 1", []));
      const { requestId, digest, timeoutAt } = sent.find("RequestSent")!.args;
      expect([digest, timeoutAt]).to.deep.equal([id("d"), at + 300n]);
      await w.time.setNextBlockTimestamp(at + 299n);
      await expect(f.timeoutRequest(requestId))
        .to.be.revertedWithCustomError(f, "FunctionsTooEarly")
        .withArgs(at + 299n, at + 300n);
      await w.time.setNextBlockTimestamp(at + 300n);
      await expect(f.timeoutRequest(requestId)).to.emit(f, "RequestTimedOut").withArgs(requestId, id("d"));
    });

    it("tells in events who and what there was before and is now", async () => {
      const f = w.functions;
      await expect(f.setRequester(w.stranger.address))
        .to.emit(f, "RequesterChanged")
        .withArgs(w.executor.address, w.stranger.address);
      await expect(f.setSourceHash(id("return 2")))
        .to.emit(f, "SourceChanged")
        .withArgs(id("return 1"), id("return 2"));
      await expect(f.setNetwork(8n, id("don 2"), 200_000))
        .to.emit(f, "NetworkChanged")
        .withArgs(8n, id("don 2"), 200_000n);
      const again = await w.ethers.deployContract("FunctionsAttester", [
        w.owner.address,
        w.executor.address,
        w.validator.target,
        w.router.target,
        7n,
        id("don"),
        300_000,
        id("return 1"),
        300n,
      ]);
      const made = again.deploymentTransaction();
      await expect(made).to.emit(again, "RequesterChanged").withArgs(ZeroAddress, w.executor.address);
      await expect(made).to.emit(again, "SourceChanged").withArgs(ZeroHash, id("return 1"));
      await expect(made).to.emit(again, "NetworkChanged").withArgs(7n, id("don"), 300_000n);
    });
  });

  it("of Gelato and the feed name their first sender", async () => {
    const gelato = await w.ethers.deployContract("GelatoAttester", [
      w.owner.address,
      w.validator.target,
      w.gelato.address,
    ]);
    await expect(gelato.deploymentTransaction())
      .to.emit(gelato, "ExecutorChanged")
      .withArgs(ZeroAddress, w.gelato.address);
    const feed = await w.ethers.deployContract("VenuePriceFeed", [w.owner.address, w.feeder.address, "x"]);
    await expect(feed.deploymentTransaction())
      .to.emit(feed, "FeederChanged")
      .withArgs(ZeroAddress, w.feeder.address);
  });
});

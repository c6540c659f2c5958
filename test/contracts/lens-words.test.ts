import { expect } from "chai";
import { ZeroAddress } from "ethers";
import { REASON as ATTESTER_REASON } from "../../src/domain/attestation.ts";
import { createLensWorld, deployLens, type LensWorld } from "./lens-world.ts";
import { SAKSI } from "./stake-world.ts";
import { poke } from "./support/storage.ts";
import { E6, E8, id, PRIVATE_MODEL, ZeroHash } from "./support/world.ts";

const SHARES = 10n ** 12n;
/** "2026-11-22 23:46:45 UTC" */
const utc = (seconds: bigint) =>
  `${new Date(Number(seconds) * 1000).toISOString().slice(0, 19).replace("T", " ")} UTC`;

describe("the lens's words", () => {
  let w: LensWorld;

  before(async () => {
    w = await createLensWorld();
  });
  afterEach(() => w.back());

  describe("about a prediction", () => {
    const explain = (predictionId: string): Promise<string> => w.lens.explain(predictionId);
    const says = async (predictionId: string, ...parts: string[]) => {
      const words = await explain(predictionId);
      for (const part of parts) expect(words).to.include(part);
      expect(words).to.not.match(/undefined|\(\)|, \)|\s{2}|\.\./);
    };

    it("nobody has brought: it says so", () => says(id("nobody's"), "no record of this id"));

    it("that is registered: it says until when a verdict may come, and who may end it after", async () => {
      const p = await w.predict();
      await w.validator.registerPrediction(p, await w.sign(p), w.reveal());
      const asks =
        "REGISTERED: it waits for the attesters' verdict and asks for at most 10000 USD of notional and a loss of 100 USD";
      await says(
        w.digest(p),
        `Prediction 1 of mandate ${w.mandateId} (operator ${w.operator.address})`,
        asks,
      );
      await says(
        w.digest(p),
        `until ${utc(p.entryExpiresAt)}; after that whoever holds the signed prediction may call lapse`,
      );
      await w.until(p.entryExpiresAt + 1n);
      await says(w.digest(p), `Its entry expired at ${utc(p.entryExpiresAt)}: whoever holds`);
      await w.validator.lapse(p, await w.sign(p));
      await says(w.digest(p), "REJECTED: nobody attested in time. Nothing was reserved");
    });

    it("that is registered, when another took its place: it says that no verdict counts", async () => {
      const p = await w.predict();
      await w.validator.registerPrediction(p, await w.sign(p), w.reveal());
      await w.approve({ confidencePpm: 600_001n });
      await says(w.digest(p), "Another prediction has used its sequence");
    });

    it("that is rejected: it says all reasons, and the attesters' own in words", async () => {
      const p = await w.predict({ maxLossUsdE6: 10_000n * E6, confidencePpm: 1n });
      await w.attest(p);
      await says(
        w.digest(p),
        "REJECTED: maximum loss above the cap per trade; confidence below the minimum; reserved losses exceed the loss budget",
        "This is for good.",
      );
      const refused = await w.predict();
      await w.attest(refused, w.reveal(), { payload: w.attestation(refused, { verdict: 2n, reason: 20n }) });
      await says(
        w.digest(refused),
        "REJECTED: attesters refused (the attesters: candles differ, reason 20).",
      );
    });

    it("every reason of attesters has its words", async () => {
      for (const [name, code] of Object.entries(ATTESTER_REASON)) {
        if (code === 0) continue;
        const p = await w.predict();
        await w.attest(p, w.reveal(), { payload: w.attestation(p, { verdict: 2n, reason: BigInt(code) }) });
        const words = name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
        await says(w.digest(p), `(the attesters: ${words}, reason ${code})`);
      }
      const p = await w.predict();
      await w.attest(p, w.reveal(), { payload: w.attestation(p, { verdict: 2n, reason: 999n }) });
      await says(w.digest(p), "no words for it, reason 999");
    });

    it("that is approved: it says who checked what, what it may cost, and who may do what until when", async () => {
      const { p, id: open } = await w.approve();
      const { approvedAt, settleBy } = await w.validator.record(open);
      const word =
        "on the word of a quorum of attesters (checked: inputs, features, inference, sizing, price), open, in epoch 1";
      await says(
        open,
        `Approved at ${utc(approvedAt)} ${word}, for at most 10000 USD of notional and a loss of 100 USD.`,
      );
      await says(
        open,
        `OPEN: the executor may enter until ${utc(p.entryExpiresAt)}. The exit is due by ${utc(settleBy)}`,
      );
      await says(open, `From ${utc(settleBy + 61n)} anyone may call expire, which books a loss of 110 USD`);
      await w.until(p.entryExpiresAt + 1n);
      await says(open, `OPEN: the time to enter ended at ${utc(p.entryExpiresAt)}.`);
      await w.until(settleBy + 61n);
      await says(open, `It is OVERDUE since ${utc(settleBy + 61n)}: anyone may call expire`);
    });

    it("that was revoked: it says that no entry may be sent and a fill still settles", async () => {
      const { id: open } = await w.approve();
      await w.validator.connect(w.guardian).revokeApproval(open);
      await says(
        open,
        "REVOKED by guardian or owner: no entry may be sent; a fill already made still settles.",
      );
    });

    it("that is sealed: it says so", async () => {
      await w.registry.connect(w.owner).proposeModel(PRIVATE_MODEL, w.publisher.address, true);
      await w.registry.activateModel(PRIVATE_MODEL);
      const p = await w.predict({ modelId: PRIVATE_MODEL });
      await w.attestSealed(p);
      await says(w.digest(p), "price, direction), under seal, in epoch 1");
    });

    it("that was cancelled: it says that nothing was filled", async () => {
      const { p, id: open } = await w.approve();
      await w.until(p.entryExpiresAt + 5n);
      await w.cancel(p, await w.nothing(p));
      await says(open, "CANCELLED: the witnesses saw that nothing was filled.");
    });

    it("that is settled and then final: it says profit, window and bond", async () => {
      const t = await w.trip();
      const { finalizableAt } = await w.validator.record(t.id);
      await says(
        t.id,
        "SETTLED with a profit of 25 USD. ",
        `Until ${utc(finalizableAt)} anyone may challenge it with a bond of 101.000001 USD; then anyone may call finalize.`,
      );
      await w.until(finalizableAt);
      await says(t.id, "Its window is over: anyone may call finalize.");
      await w.validator.finalize(t.id);
      await says(t.id, "FINAL with a profit of 25 USD. It counts in epoch 1. This is for good.");
    });

    it("that broke a bound: it names the violation", async () => {
      const t = await w.trip({ exitQuoteE8: 5_800n * E8 });
      await says(
        t.id,
        "a loss of 205 USD (a VIOLATION: exit price off the market, loss above the declared maximum).",
      );
    });

    it("that expired: it says what silence cost and how it may still be undone", async () => {
      const { p, id: open } = await w.approve();
      await w.until(p.settleBy + 61n);
      await w.validator.expire(open);
      await says(
        open,
        "EXPIRED without a witnessed result: a loss of 110 USD is booked",
        "may still bring the true result",
      );
      await w.until((await w.validator.record(open)).finalizableAt);
      expect(await explain(open)).to.not.include("true result");
      await says(open, "anyone may call finalize");
    });

    it("that was proved after it had expired: it notes what is no violation", async () => {
      const { p, r, id: open } = await w.approve();
      await w.until(p.settleBy + 61n);
      await w.validator.expire(open);
      await w.settle(p, r, await w.fillsOf(p, r));
      await says(open, "SETTLED with a profit of 15 USD (noted: ", "proved after it had expired). Until");
    });

    it("where no court is named: it offers no challenge", async () => {
      const lens = await deployLens(w.ethers, { ...w.addresses, court: ZeroAddress });
      const t = await w.trip();
      const { finalizableAt } = await w.validator.record(t.id);
      const words = `From ${utc(finalizableAt)} anyone may call finalize. No court is named.`;
      expect(await lens.explain(t.id)).to.include(words);
    });

    it("that is disputed and then voided: it says who stands against whom, the ladder, and the end", async () => {
      const t = await w.trip();
      await w.court.connect(w.second).challenge(t.id);
      const { reviewBy, ruleBy } = await w.court.dispute(t.id);
      await says(
        t.id,
        `DISPUTED: posted with a profit of 25 USD, challenged by ${w.second.address}, defended by nobody.`,
        `Until ${utc(reviewBy)} the other class of attesters may answer and anyone may defend; then until ${utc(ruleBy)}`,
        "the settlement is voided",
      );
      await w.court.connect(w.depositor).defend(t.id);
      await says(t.id, `defended by ${w.depositor.address}`);
      await w.until(ruleBy);
      await w.court.close(t.id);
      await says(
        t.id,
        "VOIDED by the court: no result stands, and the price of silence is booked, a loss of 110 USD",
        "and the posted result fell; anyone may call payBonds. It counts in epoch 1.",
      );
      await w.court.payBonds(t.id);
      await says(t.id, "; the bonds are paid");
    });

    it("that expired and was challenged in vain: it says that the expiry stood", async () => {
      const { p, id: open } = await w.approve();
      await w.until(p.settleBy + 61n);
      await w.validator.expire(open);
      await w.court.connect(w.second).challenge(open);
      await says(open, "DISPUTED: an expiry with a loss of 110 USD", "the expiry stands.");
      await w.after(1_801n);
      await w.court.close(open);
      await says(open, "FINAL with a loss of 110 USD, challenged by", "and upheld; anyone may call payBonds");
    });
  });

  describe("about an epoch", () => {
    it("say where it stands, what it brought, and at which price who entered and left", async () => {
      const say = (number: bigint): Promise<string> => w.lens.explainEpoch(number);
      const end = utc(w.params.firstSnapshotAt);
      expect(await say(0n)).to.equal("Epochs begin with 1.");
      expect(await say(9n)).to.equal("Epoch 9 has not begun.");
      await w.vault.connect(w.second).requestDepositUsdE6(7_000n * E6);
      await w.vault.connect(w.depositor).requestRedeemShares(5_000n * SHARES);
      expect(await say(1n)).to.equal(
        `Epoch 1 is RUNNING until ${end}. 0 approvals, 0 of them final or cancelled, with a profit of 0 USD. Sent to the venue 50000 USD, returned 0 USD. Deposits asked for: 7000 USD. Redemptions asked for: 5000 shares.`,
      );
      expect(await say(2n)).to.match(new RegExp(`^Epoch 2 begins at ${end}\\.`));
      await w.until(w.params.firstSnapshotAt + 1n);
      expect(await say(1n)).to.include(`Epoch 1 ended at ${end} and WAITS FOR ITS CLOSE`);
      expect(await say(2n)).to.include(`Epoch 2 is RUNNING already, since ${end}`);
      await w.closeWith();
      expect(await say(1n)).to.include(
        "Epoch 1 is CLOSED. 0 approvals, 0 of them final or cancelled, with a profit of 0 USD. Sent to the venue 50000 USD, returned 0 USD. Deposits asked for: 7000 USD, at 1 USD a share. Redemptions served: 5000 shares for 5000 USD; waiting after the close: 0 shares.",
      );
    });
  });

  it("about an epoch that priced no deposit: they say that the money may be taken back", async () => {
    await w.vault.connect(w.second).requestDepositUsdE6(7_000n * E6);
    await w.vault.connect(w.owner).startWindDown();
    await w.closeWith();
    expect(await w.lens.explainEpoch(1)).to.include(
      "Deposits asked for: 7000 USD, without a price: they may be taken back.",
    );
    const waits =
      "A deposit of 7000 USD waits since epoch 1: it may be taken back now (cancelDepositRequest). ";
    expect(await w.lens.explainAccount(w.second.address)).to.equal(waits);
  });

  describe("about an account", () => {
    const about = (account: { address: string }): Promise<string> => w.lens.explainAccount(account.address);

    it("say that a stranger has nothing here", async () => {
      expect(await about(w.stranger)).to.equal("This account has no role here and holds nothing here.");
    });

    it("say who is owner, guardian, executor, operator and attester, and what bonds they have", async () => {
      expect(await about(w.owner)).to.include("OWNER of the contracts.");
      expect(await about(w.guardian)).to.include("GUARDIAN: may pause");
      expect(await about(w.executor)).to.include("EXECUTOR: trades");
      const bond = "OPERATOR: has a bond of 10000 USD, of which 2500 USD must stay; fees owed 0 USD.";
      expect(await about(w.operator)).to.include(bond);
      await w.bondVault.connect(w.operator).requestRelease(1_000n * E6);
      const at = (await w.now()) + 600n;
      expect(await about(w.operator)).to.include(`1000 USD of the bond may be released from ${utc(at)}.`);
      const attester = w.attesters[0]!;
      await w.bonds.connect(w.operator).postBond(attester.address, 1_500_000_000n);
      expect(await about(attester)).to.equal(
        "ATTESTER: a member of the quorum. Has an attester's bond of 1500 USD. ",
      );
      await w.bonds.connect(w.operator).postBond(w.operator.address, E6);
      await w.bonds.connect(w.operator).requestRelease(E6);
      const out = (await w.now()) + 7_200n;
      expect(await about(w.operator)).to.include(`1 USD of it may be released from ${utc(out)}.`);
    });

    it("say what a depositor may take back, waits for, and may claim", async () => {
      await w.vault.connect(w.second).requestDepositUsdE6(7_000n * E6);
      const cut = utc(w.params.firstSnapshotAt);
      expect(await about(w.second)).to.equal(
        `A deposit of 7000 USD waits since epoch 1: it may be taken back until ${cut} (cancelDepositRequest). `,
      );
      await w.vault.connect(w.owner).setRedeemCapBps(100);
      await w.vault.connect(w.depositor).requestRedeemShares(5_000n * SHARES);
      await w.until(w.params.firstSnapshotAt + 1n);
      expect(await about(w.second)).to.include("it gets its price at the close.");
      await w.closeWith();
      expect(await about(w.second)).to.equal("May claim 7000 shares now (claimShares). ");
      expect(await about(w.depositor)).to.equal(
        "Holds 95000 shares of the fund, worth 95000 USD at the last close. May claim 1000 USD now (claimRedeem). A redemption of 4000 shares waits since epoch 1: it is served at a close, in the order of the line. ",
      );
      await w.vault.connect(w.owner).startWindDown();
      expect(await about(w.depositor)).to.include("it may be taken back now (cancelRedeemRequest).");
    });

    it("say what a staker signals, votes with, earns and waits for", async () => {
      const staker = w.stakeVault.connect(w.second);
      await staker.stake(1_000n * SAKSI);
      expect(await about(w.second)).to.include(
        "Has staked 1000 SAKSI, of which 1000 SAKSI unsignalled; nobody votes with it yet (delegate).",
      );
      await staker.delegate(w.second.address);
      await staker.signal(w.mandateId, 600n * SAKSI);
      await staker.notifyFees(w.mandateId, 7n * E6);
      await w.after(7n * 86_400n);
      await staker.requestUnstake(w.mandateId, 100n * SAKSI);
      const ready = (await w.now()) + 14n * 86_400n;
      const words = await about(w.second);
      expect(words).to.include(
        `of which 400 SAKSI unsignalled; ${w.second.address} votes with it. Votes with 900 SAKSI.`,
      );
      expect(words).to.include(`Signals 500 SAKSI to mandate ${w.mandateId}.`);
      expect(words).to.match(/May claim (7|6\.99999\d) USD of fees of mandate .* \(claimFees\)\./);
      expect(words).to.include(
        `100 SAKSI of mandate ${w.mandateId} is leaving the vault, ready at ${utc(ready)} (withdrawUnstaked).`,
      );
      await staker.requestUnstake(ZeroHash, 400n * SAKSI);
      await staker.cancelUnstake(w.mandateId);
      await staker.moveSignal(w.mandateId, ZeroHash, 100n * SAKSI);
      await w.after(14n * 86_400n);
      expect(await about(w.second)).to.include(
        "400 SAKSI of the unsignalled stake is leaving the vault, ready since",
      );
    });
  });

  it("tell any date right, leap days included", async () => {
    for (const day of [
      "2028-02-29T12:00:00Z",
      "2099-12-31T23:59:59Z",
      "2100-02-28T23:59:59Z",
      "2100-03-01T00:00:00Z",
    ]) {
      const end = BigInt(Date.parse(day) / 1000);
      await poke(w, w.validator, "PredictionValidator", ["_snapshotAt"], () => end);
      expect(await w.lens.explainEpoch(1)).to.include(`Epoch 1 is RUNNING until ${utc(end)}.`);
    }
  });
});

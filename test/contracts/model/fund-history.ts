/** One history: the same steps for the contracts and for the model, every figure of both compared after each. */
import { expect } from "chai";
import { E6, E8 } from "../support/world.ts";
import { type FundChain, type Provisional, RULING, SILENCE_E8 } from "./fund-chain.ts";
import { FundModel, Refused } from "./fund-model.ts";
import { type Kind, prelude, type Step, type Tally } from "./fund-steps.ts";

const MILLION = 1_000_000n;
/** A prediction must settle within its epoch. */
const TRIP_SECONDS = 1_200n;
const LATE_SECONDS = 3_000n;
const ENTRY_QUOTE_E8 = 6_000n * E8;
/** Shares given to nobody, that is to the fund itself. */
const NOBODY = "nobody";
type Act = Parameters<FundChain["send"]>;

export class FundHistory {
  readonly #chain: FundChain;
  /** Nothing may move profit, nor anything from one person to another. */
  readonly #flat: boolean;
  readonly #model: FundModel;
  readonly #people: string[];
  /** What each person has in dollars. */
  readonly #cash = new Map<string, bigint>();
  #donated = 0n;
  #donatedToBond = 0n;
  #allocated = false;
  /** Results that wait for their window. */
  #open: Provisional[] = [];
  #refusals = 0;

  private constructor(chain: FundChain, flat: boolean) {
    [this.#chain, this.#flat] = [chain, flat];
    this.#people = chain.people.map((p) => p.address);
    const { vault: rules, epochLengthSeconds, firstSnapshotAt } = chain.w.params;
    this.#model = new FundModel(
      {
        operatorShareBps: BigInt(rules.operatorShareBps),
        stakersShareBps: BigInt(rules.stakersShareBps),
        minBondBps: BigInt(rules.minBondBps),
        venueCap: rules.venueCapUsdE6,
        minDeposit: rules.minDepositUsdE6,
        maxDeposit: rules.maxDepositUsdE6,
        releaseDelay: rules.bondReleaseDelaySeconds,
        silence: rules.silenceSeconds,
        toleranceE8: rules.residualToleranceE8,
        epochLength: epochLengthSeconds,
      },
      firstSnapshotAt,
      BigInt(rules.performanceFeeBps),
      BigInt(rules.redeemCapBps),
    );
  }

  /** @param flat the steps are flat ones: then nobody may have gained in the end. */
  static async live(chain: FundChain, steps: readonly Step[], tally: Tally, flat: boolean): Promise<void> {
    await chain.back();
    const history = new FundHistory(chain, flat);
    history.#begin();
    await history.#compare();
    const began = history.#people.map((who) => history.#cash.get(who)!);
    const seeded = history.#people.map((who) => history.#worth(history.#model.sharesOf(who)));
    for (const [at, step] of steps.entries()) {
      const refused = history.#refusals;
      try {
        await history.#take(step);
        await history.#compare();
        if (history.#refusals === refused) tally[step.kind] = (tally[step.kind] ?? 0) + 1;
      } catch (error) {
        throw new Error(`step ${at} (${step.kind}): ${(error as Error).message}`, { cause: error });
      }
    }
    if (flat)
      for (const [at, who] of history.#people.entries()) history.#hasNotGained(who, began[at]! + seeded[at]!);
  }

  /** What `FundChain.open` did. */
  #begin(): void {
    const [first, second] = this.#people as [string, string, string];
    for (const who of this.#people) this.#cash.set(who, 1_000_000n * E6);
    this.#pay(first, -100_000n * E6);
    this.#pay(second, -30_000n * E6);
    this.#model.postBond(5_000n * E6);
    this.#model.seed(first, 100_000n * E6);
    this.#model.seed(second, 30_000n * E6);
    this.#model.send(50_000n * E6, this.#chain.now);
  }
  #pay(who: string, amount: bigint): void {
    this.#cash.set(who, this.#cash.get(who)! + amount);
  }

  /** Sends, then asks the model at the time of the block; both do it, or both refuse. */
  async #both(act: Act, ask: (now: bigint) => void): Promise<void> {
    const refused = await this.#chain.tries(...act);
    try {
      ask(this.#chain.now);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      if (refused === undefined) throw new Error(`only the model refused: ${error.message}`);
      this.#refusals += 1;
      return;
    }
    if (refused !== undefined) throw new Error(`only the contract refused: ${refused}`);
  }

  async #take(step: Step): Promise<void> {
    const { deposits } = this.#model;
    const first = prelude(step, {
      someoneDeposited: this.#people.some((who) => deposits.has(who)),
      someoneCanClaimCash: this.#people.some((who) => this.#model.claimable(who).shares > 0n),
      someoneCanBeDisputed: this.#open.length > 0,
    });
    for (const earlier of first) await this.#take({ ...step, odd: 2, ...earlier });
    if (step.kind === "close" || step.kind === "unequalTransfers") return this.#close(step);
    if (step.kind === "trip" || step.kind === "expire" || step.kind === "nothingFilled")
      return this.#trade(step);
    return this.#act(step);
  }

  /** Half of the claims and cancellations are of someone who has something to claim or to cancel. */
  #whose(step: Step): number {
    const { deposits, redemptions } = this.#model;
    const claims = (who: string) => this.#model.claimable(who).shares > 0n;
    const asked = (who: string) => deposits.has(who);
    const has: Partial<Record<Kind, (who: string) => boolean>> = {
      claimRedeem: claims,
      claimRedeemPart: claims,
      withdrawPart: claims,
      claimShares: asked,
      claimSharesPart: asked,
      mintPart: asked,
      cancelDeposit: asked,
      cancelRedeem: (who) => redemptions.has(who),
    };
    const one = this.#people.findIndex((who) => has[step.kind]?.(who));
    return step.odd % 4 < 2 && one >= 0 ? one : step.who;
  }

  #act(step: Step): Promise<void> | undefined {
    const { w } = this.#chain;
    const { vault, bondVault, usd } = w;
    const model = this.#model;
    const at = this.#whose(step);
    const person = this.#chain.people[at]!;
    const me = person.address;
    // the next person is everyone's operator and may spend everyone's shares
    const helper = this.#chain.people[(at + 1) % this.#people.length]!;
    const to = this.#flat ? me : helper.address;
    const odd = BigInt(step.odd);
    const share = (of: bigint) => (of * BigInt(step.part)) / MILLION;
    const both = (ask: (now: bigint) => void, ...act: Act) => this.#both(act, ask);
    switch (step.kind) {
      case "requestDeposit": {
        const amount = share(50_000n * E6) + odd;
        const ask = (now: bigint) => {
          model.requestDeposit(me, amount, now);
          this.#pay(me, -amount);
        };
        return both(ask, person, vault, "requestDepositUsdE6", amount);
      }
      case "requestDepositFor": {
        const amount = share(50_000n * E6) + odd;
        const ask = (now: bigint) => {
          model.requestDeposit(me, amount, now);
          this.#pay(helper.address, -amount);
        };
        return both(ask, helper, vault, "requestDeposit", amount, me, helper.address);
      }
      case "cancelDeposit":
        return both(
          (now) => this.#pay(me, model.cancelDeposit(me, now)),
          person,
          vault,
          "cancelDepositRequest",
        );
      case "claimShares":
        return both(() => model.claimShares(me, me), person, vault, "claimShares");
      case "claimSharesPart": {
        const assets = share(model.deposits.get(me)?.assets ?? 1n);
        const ask = () => model.claimShares(me, to, { assets });
        return both(ask, helper, vault, "deposit(uint256,address,address)", assets, to, me);
      }
      case "mintPart": {
        const shares = share(model.claimableDeposit(me).shares);
        const ask = () => model.claimShares(me, me, { shares });
        return both(ask, person, vault, "mint(uint256,address)", shares, me);
      }
      case "requestRedeem": {
        const shares = step.odd % 4 === 0 ? model.sharesOf(me) : share(model.sharesOf(me));
        const ask = (now: bigint) => model.requestRedeem(me, me, shares, now);
        return both(ask, person, vault, "requestRedeemShares", shares);
      }
      case "requestRedeemFrom": {
        const shares = share(model.sharesOf(me));
        const ask = (now: bigint) => model.requestRedeem(helper.address, me, shares, now);
        return both(ask, helper, vault, "requestRedeem", shares, helper.address, me);
      }
      case "cancelRedeem":
        return both((now) => model.cancelRedeem(me, now), person, vault, "cancelRedeemRequest");
      case "claimRedeem":
        return both(() => this.#pay(me, model.claimRedeem(me)), person, vault, "claimRedeem");
      case "claimRedeemPart": {
        const shares = share(model.claimable(me).shares);
        const ask = () => this.#pay(to, model.claimRedeem(me, { shares }));
        return both(ask, helper, vault, "redeem", shares, to, me);
      }
      case "withdrawPart": {
        const assets = share(model.claimable(me).assets);
        const ask = () => this.#pay(me, model.claimRedeem(me, { assets }));
        return both(ask, person, vault, "withdraw", assets, me, me);
      }
      case "transferShares": {
        const shares = share(model.sharesOf(me));
        const ask = () => model.transfer(me, helper.address, shares);
        return both(ask, person, vault, "transfer", helper.address, shares);
      }
      case "donateShares": {
        const shares = share(model.sharesOf(me)) / 10n;
        return both(
          () => model.transfer(me, NOBODY, shares),
          person,
          vault,
          "transfer",
          vault.target,
          shares,
        );
      }
      case "donate": {
        const toBond = step.odd % 3 === 0;
        const ask = () => {
          if (toBond) this.#donatedToBond += odd;
          else this.#donated += odd;
        };
        return both(ask, person, usd, "mint", toBond ? bondVault.target : vault.target, odd);
      }
      case "postBond": {
        const amount = share(2_000n * E6);
        return both(() => model.postBond(amount), w.operator, bondVault, "postBond", amount);
      }
      case "requestRelease": {
        const amount = share(6_000n * E6);
        const ask = (now: bigint) => model.requestRelease(amount, now);
        return both(ask, w.operator, bondVault, "requestRelease", amount);
      }
      case "releaseBond":
        this.#chain.after(step.odd % 2 === 0 ? 700n : 1n);
        return both((now) => model.releaseBond(now), w.operator, bondVault, "releaseBond");
      case "send": {
        const amount = share(30_000n * E6);
        const ask = (now: bigint) => model.send(amount, now);
        if (this.#allocated)
          return both(ask, w.sink, vault, "sendToVenueAddress", w.treasury.address, amount);
        return both(ask, w.executor, vault, "sendToVenue", amount);
      }
      case "giveBack": {
        const amount = share(60_000n * E6);
        const ask = (now: bigint) => model.giveBack(amount, now);
        if (this.#allocated) return both(ask, w.sink, vault, "recordReturnFrom", w.venue.address, amount);
        return both(ask, w.venue, vault, "recordReturn", amount);
      }
      case "claimFees": {
        const account = step.odd % 3;
        const amount = share(model.fees[account]!) + BigInt(step.odd % 2);
        return both(() => model.claimFees(account, amount), person, vault, "claimFees", account, amount);
      }
      case "setFee": {
        const bps = BigInt(step.odd % 5_200);
        return both((now) => model.setFee(bps, now), w.owner, vault, "setPerformanceFeeBps", bps);
      }
      case "setRedeemCap": {
        const bps = BigInt(100 + (step.odd % 9_901));
        const ask = () => {
          model.redeemCapBps = bps;
        };
        return both(ask, w.owner, vault, "setRedeemCapBps", bps);
      }
      case "setVenueCap": {
        const cap = 40_000n * E6 + share(100_000n * E6);
        const ask = () => {
          model.rules.venueCap = cap;
        };
        return both(ask, w.owner, vault, "setVenueCapUsdE6", cap);
      }
      case "setDepositLimits": {
        const [least, most] = [1n + odd, 1n + odd + share(200_000n * E6)];
        const ask = () => {
          [model.rules.minDeposit, model.rules.maxDeposit] = [least, most];
        };
        return both(ask, w.owner, vault, "setDepositLimitsUsdE6", least, most);
      }
      case "setAllocator": {
        const ask = () => {
          if (this.#allocated) throw new Refused("set already");
          this.#allocated = true;
        };
        return both(ask, w.owner, vault, "setAllocator", w.sink.address);
      }
      case "late":
        // into the time after a snapshot in which an epoch waits for its close
        this.#chain.until(model.snapshotAt + BigInt(step.odd % 600));
        return;
      case "dispute":
        return this.#dispute(step);
      case "windDown": {
        const byOwner = step.odd % 5 === 0;
        const ask = (now: bigint) => model.startWindDown(byOwner, now);
        return both(ask, byOwner ? w.owner : w.stranger, vault, "startWindDown");
      }
      case "callBond":
        return both((now) => model.callBond(now), w.stranger, vault, "callBond");
      case "redeemInWindDown": {
        const shares = step.odd % 3 === 0 ? model.sharesOf(me) : share(model.sharesOf(me));
        const ask = () => this.#pay(me, model.redeemInWindDown(me, shares));
        return both(ask, person, vault, "redeemInWindDown", shares);
      }
      case "silence":
        // long enough in one step of ten
        if (step.odd % 10 === 0 && this.#open.length === 0)
          this.#chain.after(model.rules.silence + model.rules.epochLength + 100n);
        return;
      default:
        throw new Error(`no such step: ${step.kind}`);
    }
  }

  /* RESULTS */

  async #trade(step: Step): Promise<void> {
    const { snapshotAt, windingDown, tripped } = this.#model;
    const { now } = this.#chain;
    const settledBefore = now < snapshotAt ? snapshotAt : snapshotAt + LATE_SECONDS;
    if (windingDown || tripped || now + TRIP_SECONDS > settledBefore) {
      this.#refusals += 1;
      return;
    }
    if (step.kind === "nothingFilled") return this.#chain.nothingFilled();
    let expected = SILENCE_E8;
    let result: Provisional;
    if (step.kind === "expire") result = await this.#chain.expire();
    else {
      const exitQuoteE8 = 5_900n * E8 + (BigInt(step.part) * 200n * E8) / MILLION + BigInt(step.odd);
      const feeE8 = BigInt(step.odd);
      result = await this.#chain.trip({ exitQuoteE8, feeE8 });
      expected = exitQuoteE8 - ENTRY_QUOTE_E8 - feeE8;
    }
    expect(result.pnlE8, "profit").to.equal(expected);
    this.#model.epoch(result.epoch).pnlE8 += expected;
    this.#open.push(result);
  }

  async #dispute(step: Step): Promise<void> {
    const result = this.#open.at(-1);
    if (result === undefined || this.#chain.now + 1n >= result.finalizableAt) {
      this.#refusals += 1;
      return;
    }
    this.#open.pop();
    const rulings = [...(Object.keys(RULING) as (keyof typeof RULING)[]), "default" as const];
    const ruling = rulings[Math.floor(step.odd / 8) % rulings.length]!;
    const found = -200n * E8 + (BigInt(step.part) * 400n * E8) / MILLION;
    const voided = result.pnlE8 < SILENCE_E8 ? result.pnlE8 : SILENCE_E8;
    const expected = {
      Upheld: result.pnlE8,
      Corrected: found,
      Voided: voided,
      // the default is against whoever has to prove something
      default: result.expired ? result.pnlE8 : voided,
    }[ruling];
    expect(await this.#chain.dispute(result.id, ruling, found), ruling).to.equal(expected);
    this.#model.epoch(result.epoch).pnlE8 += expected - result.pnlE8;
  }

  async #close(step: Step): Promise<void> {
    const model = this.#model;
    const { w } = this.#chain;
    this.#chain.until(model.snapshotAt + 1n + BigInt(step.part % 500));
    await this.#chain.finalize(this.#open);
    this.#open = [];
    const number = model.current;
    const book = model.epoch(number);
    const off = this.#flat ? 0n : BigInt(step.off) * (step.off > 99 || step.off < -99 ? E8 : 1n);
    const expected = model.equityE8 + (book.sent - book.returned) * 100n + book.pnlE8;
    const equityE8 = expected + off;
    const held = model.supply;
    const mark = model.markE18;
    const witnessed = { sent: book.sent, returned: book.returned };
    if (step.kind === "unequalTransfers") witnessed.sent += 1n;
    const args = await this.#chain.close(equityE8, { sentE6: witnessed.sent });
    const said = model.close(equityE8, this.#chain.now, witnessed);
    expect([args.epoch, args.residualE8, args.breakerTripped, args.expectedEquityE8]).to.deep.equal([
      BigInt(number),
      said.residualE8,
      said.cause !== 0,
      expected,
    ]);
    const stored = await w.vault.epochOf(number);
    const line = model.epoch(number).closed!;
    expect([stored.requestedShares, stored.servedShares, stored.shares]).to.deep.equal([
      line.end,
      line.servedTo,
      line.shares,
    ]);
    expect(said.entry.assets >= said.exitAssets, "who enters pays no less than who leaves gets").to.equal(
      true,
    );
    if (model.unexplained === 0n) expect(said.entry.assets, "one price").to.equal(said.exitAssets);
    if (held > 0n) expect(model.markE18 >= mark, "the mark fell").to.equal(true);
    expect(await w.policy.halted(), "the breaker").to.equal(model.tripped);
    // the owner looks into some breaches at once and into others after the next close
    if (model.tripped && step.odd % 2 === 0) {
      await this.#chain.send(w.owner, w.policy, "resetBreaker");
      model.resetBreaker();
    }
  }

  /* JUDGING */

  async #compare(): Promise<void> {
    const model = this.#model;
    const { idle, owed, carryE8, fees, bond } = model;
    const figures = await this.#chain.figures(
      this.#people.map((who) => model.redemptions.get(who)?.epoch ?? 0),
    );
    const persons = this.#people.flatMap((who) => {
      const deposit = model.claimableDeposit(who);
      const { shares, assets, pending } = model.claimable(who);
      return [
        model.sharesOf(who),
        this.#cash.get(who)!,
        deposit.assets,
        deposit.shares,
        shares,
        pending,
        assets < idle ? assets : idle,
        assets <= idle ? shares : (shares * idle) / assets,
        this.#worth(model.sharesOf(who)),
      ];
    });
    expect(figures).to.deep.equal([
      idle,
      owed,
      carryE8,
      model.totalAssets,
      model.atVenueE8,
      model.markE18,
      ...fees,
      bond,
      model.supply + 1n,
      model.pendingDeposits,
      model.feeBps,
      model.priceE18,
      model.needed(model.atVenueE8),
      idle + model.pendingDeposits + this.#donated,
      bond + this.#donatedToBond,
      model.unexplained,
      ...persons,
    ]);
    const feesOwed = fees.reduce((sum, fee) => sum + fee, 0n);
    expect(idle * 100n + model.atVenueE8, "identity").to.equal(
      (model.assets + owed + feesOwed) * 100n + carryE8,
    );
  }
  #worth(shares: bigint): bigint {
    return (shares * (this.#model.totalAssets + 1n)) / (this.#model.supply + MILLION);
  }
  /** What one has, could claim and could sell is no more than what one came with. */
  #hasNotGained(who: string, began: bigint): void {
    const model = this.#model;
    const waiting = model.redemptions.get(who);
    const served = model.claimable(who);
    const entering = model.claimableDeposit(who);
    const inLine = waiting ? waiting.shares - waiting.claimedShares - served.shares : 0n;
    const inCash = entering.shares === 0n ? (model.deposits.get(who)?.assets ?? 0n) : 0n;
    const sold = this.#worth(model.sharesOf(who) + inLine + entering.shares);
    const gained = this.#cash.get(who)! + inCash + served.assets + sold - began;
    expect(gained <= 0n, `${who} gained ${gained}`).to.equal(true);
  }
}

/** One history: the same steps for the contracts and for the model, the figures of both compared after each. */
import { expect } from "chai";
import fc from "fast-check";
import { E6, E8, type World } from "../support/world.ts";
import { FundModel, Refused } from "./fund-model.ts";

export const KINDS = [
  "requestDeposit",
  "requestDeposit",
  "cancelDeposit",
  "claimShares",
  "claimSharesPart",
  "requestRedeem",
  "requestRedeem",
  "requestRedeem",
  "cancelRedeem",
  "claimRedeem",
  "claimRedeemPart",
  "withdrawPart",
  "postBond",
  "requestRelease",
  "releaseBond",
  "send",
  "giveBack",
  "trip",
  "trip",
  "expire",
  "nothingFilled",
  "claimFees",
  "setFee",
  "setRedeemCap",
  "donate",
  "late",
  "close",
  "close",
  "close",
  "windDown",
  "callBond",
  "redeemInWindDown",
  "silence",
] as const;
type Kind = (typeof KINDS)[number];
export interface Step {
  kind: Kind;
  /** Whose step, of three depositors. */
  who: number;
  /** A part of what there is, in millionths, and units beside it that make amounts odd. */
  part: number;
  odd: number;
  /** Of a close: whether the venue's equity is what the results explain. */
  off: number;
}
/** Steps that move no profit: whoever comes and goes may not gain. */
export const FLOW_KINDS: readonly Kind[] = KINDS.filter(
  (kind) =>
    ![
      "trip",
      "expire",
      "nothingFilled",
      "windDown",
      "callBond",
      "redeemInWindDown",
      "silence",
      "donate",
    ].includes(kind),
);
export const stepOf = (kinds: readonly Kind[] = KINDS) =>
  fc.record({
    kind: fc.constantFrom(...kinds),
    who: fc.integer({ min: 0, max: 2 }),
    part: fc.integer({ min: 1, max: 1_000_000 }),
    odd: fc.integer({ min: 0, max: 999_999 }),
    off: fc.oneof(
      { weight: 5, arbitrary: fc.constant(0) },
      { weight: 2, arbitrary: fc.integer({ min: -99, max: 99 }) },
      { weight: 2, arbitrary: fc.integer({ min: -3_000, max: 20_000 }) },
      { weight: 1, arbitrary: fc.integer({ min: -60_000, max: 0 }) },
    ),
  });

const MILLION = 1_000_000n;
/** A result with a violation stays open for three windows. */
const FLAGGED_WINDOW = 400n;

/** How often each kind of step was taken by both; a kind that never is would prove nothing. */
export type Tally = Partial<Record<Kind, number>>;

export async function liveThrough(
  w: World,
  steps: readonly Step[],
  tally: Tally = {},
  flat = false,
): Promise<void> {
  const people = [w.depositor, w.second, w.stranger];
  const rules = w.params.vault;
  const model = new FundModel(
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
      epochLength: w.params.epochLengthSeconds,
    },
    w.params.firstSnapshotAt,
    BigInt(rules.performanceFeeBps),
    BigInt(rules.redeemCapBps),
  );
  const before = await Promise.all(people.map((p) => w.usd.balanceOf(p.address) as Promise<bigint>));
  let donated = 0n;
  /** Ids that wait for their window, by epoch. */
  const open: { id: string; epoch: number }[] = [];

  let refusals = 0;
  /** Sends, then asks the model at the time of the block; both do it, or both refuse. */
  const both = async (send: () => Promise<{ wait(): Promise<unknown> }>, ask: (now: bigint) => unknown) => {
    let refused: string | undefined;
    try {
      await (await send()).wait();
    } catch (error) {
      const text = String(error);
      if (!/reverted/.test(text)) throw error;
      refused = text;
    }
    const now = (await w.now()) + (refused === undefined ? 0n : 1n);
    try {
      ask(now);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      if (refused === undefined) throw new Error(`only the model refused: ${error.message}`);
      refusals += 1;
      return;
    }
    if (refused !== undefined) throw new Error(`only the contract refused: ${refused}`);
  };

  await w.usd.mint(w.stranger.address, 1_000_000n * E6);
  before[2] = await w.usd.balanceOf(w.stranger.address);
  await w.usd.connect(w.stranger).approve(w.vault.target, 10n ** 15n);
  await w.fund({ bond: 5_000n, deposit: 100_000n, venue: 0n });
  await w.vault.connect(w.second).seedUsdE6(30_000n * E6);
  await w.vault.connect(w.executor).sendToVenue(50_000n * E6);
  model.postBond(5_000n * E6);
  model.seed(w.depositor.address, 100_000n * E6);
  model.seed(w.second.address, 30_000n * E6);
  model.send(50_000n * E6, await w.now());

  const trade = async (step: Step) => {
    const snapshotAt: bigint = await w.validator.snapshotAt();
    const now = await w.now();
    // a prediction must settle within its epoch
    if (
      model.tripped ||
      model.windingDown ||
      now + 1_200n > (now < snapshotAt ? snapshotAt : snapshotAt + 3_000n)
    )
      return;
    await w.push(60_000n * E8);
    if (step.kind === "trip") {
      const exitQuoteE8 = 5_900n * E8 + (BigInt(step.part) * 200n * E8) / MILLION + BigInt(step.odd);
      const { id, pnlE8 } = await w.trip({ exitQuoteE8, feeE8: BigInt(step.odd) });
      const { epoch } = await w.validator.record(id);
      model.epoch(Number(epoch)).pnlE8 += pnlE8;
      open.push({ id, epoch: Number(epoch) });
      return;
    }
    const { id, p } = await w.approve();
    const { epoch } = await w.validator.record(id);
    if (step.kind === "nothingFilled") {
      await w.until(p.entryExpiresAt + 1n);
      await w.cancel(p, await w.nothing(p));
      return;
    }
    await w.until(p.settleBy + 61n);
    await w.validator.expire(id);
    model.epoch(Number(epoch)).pnlE8 -= 110n * E8;
    open.push({ id, epoch: Number(epoch) });
  };

  const close = async (step: Step) => {
    const snapshotAt: bigint = await w.validator.snapshotAt();
    if ((await w.now()) <= snapshotAt) await w.until(snapshotAt + 1n + BigInt(step.part % 500));
    if (open.length > 0) await w.after(FLAGGED_WINDOW);
    while (open.length > 0) await w.validator.finalize(open.pop()!.id);
    const number = model.current;
    const book = model.epoch(number);
    const off = flat ? 0n : BigInt(step.off) * (step.off > 99 || step.off < -99 ? E8 : 1n);
    const expected = model.equityE8 + (book.sent - book.returned) * 100n + book.pnlE8;
    const equityE8 = expected + off;
    const held = model.supply;
    const mark = model.markE18;
    const outcome = await w.closeEpoch({ equityE8 });
    const said = model.close(equityE8, await w.now());
    const args = outcome.find("EpochClosed")!.args;
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
    // the owner looks into some breaches at once and into others after the next close
    if (model.tripped && step.odd % 2 === 0) {
      await w.policy.resetBreaker();
      model.resetBreaker();
    }
  };

  /** What a step needs before it can be taken; only some ask for it, so that refusals are lived through as well. */
  const prelude = (step: Step): Partial<Step>[] => {
    if (step.odd % 4 !== 1) return [];
    const nobody = (has: (who: string) => boolean) => !people.some((p) => has(p.address));
    switch (step.kind) {
      case "cancelDeposit":
        return [{ kind: "requestDeposit" }];
      case "cancelRedeem":
        return [{ kind: "requestRedeem" }];
      case "claimShares":
      case "claimSharesPart":
        return nobody((who) => model.deposits.has(who))
          ? [{ kind: "requestDeposit" }, { kind: "close" }]
          : [];
      case "claimRedeem":
      case "claimRedeemPart":
      case "withdrawPart":
        return nobody((who) => model.claimable(who).shares > 0n)
          ? [{ kind: "requestRedeem" }, { kind: "close" }]
          : [];
      case "releaseBond":
        return [{ kind: "requestRelease" }, { kind: "close" }];
      case "callBond":
        return step.odd % 8 === 1
          ? [{ kind: "windDown", odd: 0 }, { kind: "close" }, { kind: "silence", odd: 0 }]
          : [];
      case "redeemInWindDown":
        return step.odd % 8 === 1 ? [{ kind: "windDown", odd: 0 }] : [];
      default:
        return [];
    }
  };

  const act = async (step: Step): Promise<void> => {
    for (const first of prelude(step)) await act({ ...step, odd: 2, ...first });
    // half of the claims and cancellations are of someone who has something to claim or to cancel
    const has: Partial<Record<Kind, (who: string) => boolean>> = {
      claimRedeem: (who) => model.claimable(who).shares > 0n,
      claimRedeemPart: (who) => model.claimable(who).shares > 0n,
      withdrawPart: (who) => model.claimable(who).assets > 0n,
      claimShares: (who) => model.deposits.has(who),
      claimSharesPart: (who) => model.deposits.has(who),
      cancelDeposit: (who) => model.deposits.has(who),
      cancelRedeem: (who) => model.redemptions.has(who),
    };
    const one = step.odd % 4 < 2 && people.find((p) => has[step.kind]?.(p.address));
    const person = one || people[step.who]!;
    const me = person.address;
    const vault = w.vault.connect(person);
    const share = (of: bigint) => (of * BigInt(step.part)) / MILLION;
    const odd = BigInt(step.odd);
    switch (step.kind) {
      case "requestDeposit": {
        const amount = share(50_000n * E6) + odd;
        return both(
          () => vault.requestDepositUsdE6(amount),
          (now) => model.requestDeposit(me, amount, now),
        );
      }
      case "cancelDeposit":
        return both(
          () => vault.cancelDepositRequest(),
          (now) => model.cancelDeposit(me, now),
        );
      case "claimShares":
        return both(
          () => vault.claimShares(),
          () => model.claimShares(me),
        );
      case "claimSharesPart": {
        const amount = share(model.deposits.get(me)?.assets ?? 1n);
        return both(
          () => vault["deposit(uint256,address)"](amount, me),
          () => model.claimShares(me, amount),
        );
      }
      case "requestRedeem": {
        const amount = step.odd % 4 === 0 ? model.sharesOf(me) : share(model.sharesOf(me));
        return both(
          () => vault.requestRedeemShares(amount),
          (now) => model.requestRedeem(me, amount, now),
        );
      }
      case "cancelRedeem":
        return both(
          () => vault.cancelRedeemRequest(),
          (now) => model.cancelRedeem(me, now),
        );
      case "claimRedeem":
        return both(
          () => vault.claimRedeem(),
          () => model.claimRedeem(me),
        );
      case "claimRedeemPart": {
        const shares = share(model.claimable(me).shares);
        return both(
          () => vault.redeem(shares, me, me),
          () => model.claimRedeem(me, { shares }),
        );
      }
      case "withdrawPart": {
        const assets = share(model.claimable(me).assets);
        return both(
          () => vault.withdraw(assets, me, me),
          () => model.claimRedeem(me, { assets }),
        );
      }
      case "postBond": {
        const amount = share(2_000n * E6);
        return both(
          () => w.bondVault.connect(w.operator).postBond(amount),
          () => model.postBond(amount),
        );
      }
      case "requestRelease": {
        const amount = share(6_000n * E6);
        return both(
          () => w.bondVault.connect(w.operator).requestRelease(amount),
          (now) => model.requestRelease(amount, now),
        );
      }
      case "releaseBond":
        await w.after(step.odd % 2 === 0 ? 700n : 1n);
        return both(
          () => w.bondVault.connect(w.operator).releaseBond(),
          (now) => model.releaseBond(now),
        );
      case "send": {
        const amount = share(30_000n * E6);
        return both(
          () => w.vault.connect(w.executor).sendToVenue(amount),
          (now) => model.send(amount, now),
        );
      }
      case "giveBack": {
        const amount = share(60_000n * E6);
        return both(
          () => w.vault.connect(w.venue).recordReturn(amount),
          (now) => model.giveBack(amount, now),
        );
      }
      case "claimFees": {
        const account = step.odd % 3;
        const amount = share(model.fees[account]!) + BigInt(step.odd % 2);
        return both(
          () => w.vault.claimFees(account, amount),
          () => model.claimFees(account, amount),
        );
      }
      case "setFee": {
        const bps = BigInt(step.odd % 5_200);
        return both(
          () => w.vault.setPerformanceFeeBps(bps),
          (now) => model.setFee(bps, now),
        );
      }
      case "setRedeemCap":
        model.redeemCapBps = BigInt(100 + (step.odd % 9_901));
        await w.vault.setRedeemCapBps(model.redeemCapBps);
        return;
      case "donate":
        await w.usd.mint(w.vault.target, odd);
        donated += odd;
        return;
      case "late":
        // into the time after a snapshot in which an epoch waits for its close
        return w.until((await w.validator.snapshotAt()) + BigInt(step.odd % 600)).catch(() => {});
      case "close":
        return close(step);
      case "windDown":
        return both(
          () => w.vault.connect(step.odd % 5 === 0 ? w.owner : w.stranger).startWindDown(),
          (now) => model.startWindDown(step.odd % 5 === 0, now),
        );
      case "callBond":
        return both(
          () => w.vault.connect(w.stranger).callBond(),
          (now) => model.callBond(now),
        );
      case "redeemInWindDown": {
        const shares = step.odd % 3 === 0 ? model.sharesOf(me) : share(model.sharesOf(me));
        return both(
          () => vault.redeemInWindDown(shares),
          () => model.redeemInWindDown(me, shares),
        );
      }
      case "silence":
        // long enough in one step of ten
        if (step.odd % 10 === 0 && open.length === 0) await w.after(rules.silenceSeconds + 14_500n);
        return;
      default:
        return trade(step);
    }
  };

  const compare = async () => {
    const { vault } = w;
    const figures = await Promise.all([
      vault.idleUsdE6(),
      vault.redemptionsOwedE6(),
      vault.carryE8(),
      vault.unexplainedUsdE6(),
      vault.totalAssetsE6(),
      vault.receivableAtVenueE8(),
      vault.highWaterMarkE18(),
      vault.feesOwedE6(0),
      vault.feesOwedE6(1),
      vault.feesOwedE6(2),
      vault.bondUsdE6(),
      vault.totalSupply(),
      vault.pendingDepositsE6(),
      vault.performanceFeeBps(),
      vault.sharePriceE18(),
      w.usd.balanceOf(vault.target),
      w.usd.balanceOf(w.bondVault.target),
      ...people.map((p) => vault.balanceOf(p.address)),
      ...people.map((p) => vault.maxDeposit(p.address)),
    ]);
    const { idle, owed, carryE8, fees, bond } = model;
    const claimable = (who: string) => {
      const request = model.deposits.get(who);
      return request && model.epoch(request.epoch).closed?.shares ? request.assets : 0n;
    };
    expect(figures).to.deep.equal([
      idle,
      owed,
      carryE8,
      model.unexplained,
      model.totalAssets,
      model.atVenueE8,
      model.markE18,
      ...fees,
      bond,
      model.supply + 1n,
      model.pendingDeposits,
      model.feeBps,
      model.priceE18,
      idle + model.pendingDeposits + donated,
      bond,
      ...people.map((p) => model.sharesOf(p.address)),
      ...people.map((p) => claimable(p.address)),
    ]);
    const feesOwed = fees.reduce((sum, fee) => sum + fee, 0n);
    expect(idle * 100n + model.atVenueE8, "identity").to.equal(
      (model.assets + owed + feesOwed) * 100n + carryE8,
    );
  };

  await compare();
  for (const [at, step] of steps.entries()) {
    const refusedBefore = refusals;
    try {
      await act(step);
      await compare();
      if (refusals === refusedBefore) tally[step.kind] = (tally[step.kind] ?? 0) + 1;
    } catch (error) {
      throw new Error(`step ${at} (${step.kind}): ${(error as Error).message}`, { cause: error });
    }
  }
  if (!flat) return;
  // nobody gained: what each has, could claim and could sell is no more than what each came with
  for (const [at, person] of people.entries()) {
    const me = person.address;
    const request = model.deposits.get(me);
    const waiting = model.redemptions.get(me);
    const shares = model.sharesOf(me) + (waiting ? waiting.shares - waiting.claimedShares : 0n);
    const price = request && model.epoch(request.epoch).closed;
    const claimShares = price?.shares ? (request!.assets * price.shares) / price.assets : 0n;
    const inCash = request && !price?.shares ? request.assets : 0n;
    const served = model.claimable(me);
    const worth =
      ((shares - served.shares + claimShares) * (model.totalAssets + 1n)) / (model.supply + 1_000_000n);
    const has: bigint = (await w.usd.balanceOf(me)) + inCash + served.assets + worth;
    expect(has <= before[at]!, `person ${at} gained ${has - before[at]!}`).to.equal(true);
  }
}

/**
 * The fund in plain bigints, written from docs/contracts.md and without a line of the contracts: it keeps whole lists
 * where they keep sums, and walks where they search. A history that both live through must end in the same figures.
 * Amounts are E6 unless the name says otherwise; times are unix seconds.
 */
export class Refused extends Error {}

const BPS = 10_000n;
const FIRST_SHARES = 1_000_000n;
const COLLAPSED = 10_000n * FIRST_SHARES;

export interface Rules {
  operatorShareBps: bigint;
  stakersShareBps: bigint;
  minBondBps: bigint;
  venueCap: bigint;
  minDeposit: bigint;
  maxDeposit: bigint;
  releaseDelay: bigint;
  silence: bigint;
  toleranceE8: bigint;
  epochLength: bigint;
}

interface Closed {
  /** Entry price: assets for shares; no shares, no price. */
  assets: bigint;
  shares: bigint;
  /** The stretch of the line that this epoch's requests are. */
  start: bigint;
  end: bigint;
  /** The stretch of the line this close served, and for how much. */
  servedFrom: bigint;
  servedTo: bigint;
  paid: bigint;
}

interface Epoch {
  deposits: bigint;
  redeem: bigint;
  sent: bigint;
  returned: bigint;
  pnlE8: bigint;
  closed?: Closed;
}

interface RedeemRequest {
  epoch: number;
  shares: bigint;
  claimedShares: bigint;
  claimed: bigint;
  takenBack: boolean;
}

const min = (a: bigint, b: bigint) => (a < b ? a : b);
const max = (a: bigint, b: bigint) => (a > b ? a : b);
const ceil = (a: bigint, b: bigint) => (a + b - 1n) / b;
/** Rounded towards minus infinity. */
const floor = (a: bigint, b: bigint) => a / b - (a % b < 0n ? 1n : 0n);
const refuse = (unless: boolean, why: string) => {
  if (!unless) throw new Refused(why);
};

export class FundModel {
  idle = 0n;
  owed = 0n;
  carryE8 = 0n;
  assets = 0n;
  markE18 = 0n;
  atVenueE8 = 0n;
  equityE8 = 0n;
  fees = [0n, 0n, 0n];
  bond = 0n;
  releasing = 0n;
  releasableAt = 0n;
  releasingFrom = 0;
  /** The breaker, and of the assets what no result explains while it is tripped. */
  tripped = false;
  unexplained = 0n;
  windingDown = false;
  everSent = false;
  current = 1;
  redeemCapBps: bigint;
  readonly epochs = new Map<number, Epoch>();
  readonly shares = new Map<string, bigint>();
  readonly deposits = new Map<string, { epoch: number; assets: bigint }>();
  readonly redemptions = new Map<string, RedeemRequest>();
  readonly rules: Rules;
  snapshotAt: bigint;
  #feeChanges: { from: number; bps: bigint }[];
  /** Unpriced deposits of closed epochs. */
  #refunds = 0n;

  constructor(rules: Rules, snapshotAt: bigint, feeBps: bigint, redeemCapBps: bigint) {
    this.rules = rules;
    this.snapshotAt = snapshotAt;
    this.#feeChanges = [{ from: 1, bps: feeBps }];
    this.redeemCapBps = redeemCapBps;
  }

  /* READING */

  epoch(number: number): Epoch {
    const known = this.epochs.get(number) ?? { deposits: 0n, redeem: 0n, sent: 0n, returned: 0n, pnlE8: 0n };
    this.epochs.set(number, known);
    return known;
  }
  booking(now: bigint): number {
    return now < this.snapshotAt ? this.current : this.current + 1;
  }
  sharesOf(who: string): bigint {
    return this.shares.get(who) ?? 0n;
  }
  get supply(): bigint {
    // held, unclaimed and waiting shares are all still shares
    let sum = this.#unclaimed;
    for (const held of this.shares.values()) sum += held;
    return sum;
  }
  /** Shares minted for priced deposits less those claimed, and shares that wait in the line. */
  #unclaimed = 0n;
  get totalAssets(): bigint {
    return max(this.assets, 0n);
  }
  get priceE18(): bigint {
    return ((this.totalAssets + 1n) * 10n ** 18n) / (this.supply + FIRST_SHARES);
  }
  get pendingDeposits(): bigint {
    return this.epoch(this.current).deposits + this.epoch(this.current + 1).deposits + this.#refunds;
  }
  get feeBps(): bigint {
    return this.#feeOf(this.current);
  }
  #feeOf(epoch: number): bigint {
    return this.#feeChanges.filter(({ from }) => from <= epoch).at(-1)!.bps;
  }
  needed(atVenueE8: bigint): bigint {
    if (atVenueE8 <= 0n) return 0n;
    return ceil(atVenueE8 * (this.windingDown ? BPS : this.rules.minBondBps), 1_000_000n);
  }
  get free(): bigint {
    return max(this.idle - this.owed, 0n);
  }

  /* IN */

  seed(who: string, amount: bigint) {
    refuse(!this.windingDown && !this.everSent && this.current === 1, "trading");
    refuse(amount >= this.rules.minDeposit && amount <= this.rules.maxDeposit, "limits");
    this.shares.set(who, this.sharesOf(who) + amount * FIRST_SHARES);
    this.assets += amount;
    this.idle += amount;
    if (this.markE18 === 0n) this.markE18 = this.priceE18;
  }
  requestDeposit(who: string, amount: bigint, now: bigint) {
    refuse(!this.windingDown, "ending");
    const epoch = this.booking(now);
    const open = this.deposits.get(who) ?? { epoch, assets: 0n };
    refuse(open.epoch === epoch, "an older request is open");
    refuse(amount >= this.rules.minDeposit && open.assets + amount <= this.rules.maxDeposit, "limits");
    this.deposits.set(who, { epoch, assets: open.assets + amount });
    this.epoch(epoch).deposits += amount;
  }
  cancelDeposit(who: string, now: bigint): bigint {
    const open = this.deposits.get(who);
    if (open === undefined) throw new Refused("nothing");
    const { closed } = this.epoch(open.epoch);
    if (closed === undefined) {
      refuse(this.windingDown || open.epoch === this.booking(now), "cut-off");
      this.epoch(open.epoch).deposits -= open.assets;
    } else {
      refuse(closed.shares === 0n, "priced");
      this.#refunds -= open.assets;
    }
    this.deposits.delete(who);
    return open.assets;
  }
  /** The entry price of somebody's request. */
  #priced(who: string) {
    const open = this.deposits.get(who);
    if (open === undefined) throw new Refused("nothing");
    const { closed } = this.epoch(open.epoch);
    if (closed === undefined || closed.shares === 0n) throw new Refused("no price");
    return { open, closed };
  }
  claimableDeposit(who: string): { assets: bigint; shares: bigint } {
    const open = this.deposits.get(who);
    const closed = open && this.epoch(open.epoch).closed;
    if (!closed?.shares) return { assets: 0n, shares: 0n };
    return { assets: open!.assets, shares: (open!.assets * closed.shares) / closed.assets };
  }
  /** All of a priced deposit, a part of it by assets, or one by shares; rounded against who claims. */
  claimShares(who: string, receiver: string, part?: { assets: bigint } | { shares: bigint }): void {
    const { open, closed } = this.#priced(who);
    let assets = open.assets;
    if (part !== undefined)
      assets = "assets" in part ? part.assets : ceil(part.shares * closed.assets, closed.shares);
    refuse(assets > 0n && assets <= open.assets, "more than there is");
    const shares =
      part !== undefined && "shares" in part ? part.shares : (assets * closed.shares) / closed.assets;
    if (assets === open.assets) this.deposits.delete(who);
    else open.assets -= assets;
    this.#unclaimed -= shares;
    this.shares.set(receiver, this.sharesOf(receiver) + shares);
  }
  transfer(from: string, to: string, shares: bigint): void {
    refuse(shares <= this.sharesOf(from), "shares");
    this.shares.set(from, this.sharesOf(from) - shares);
    this.shares.set(to, this.sharesOf(to) + shares);
  }

  /* OUT */

  /** Who asks controls the request; the shares may be somebody else's. */
  requestRedeem(who: string, owner: string, shares: bigint, now: bigint) {
    refuse(!this.windingDown, "ending");
    refuse(shares > 0n && shares <= this.sharesOf(owner), "shares");
    const epoch = this.booking(now);
    const open = this.redemptions.get(who) ?? {
      epoch,
      shares: 0n,
      claimedShares: 0n,
      claimed: 0n,
      takenBack: false,
    };
    refuse(open.epoch === epoch, "an older request is open");
    open.shares += shares;
    this.redemptions.set(who, open);
    this.shares.set(owner, this.sharesOf(owner) - shares);
    this.#unclaimed += shares;
    this.epoch(epoch).redeem += shares;
  }
  cancelRedeem(who: string, now: bigint): bigint {
    const open = this.redemptions.get(who);
    if (open === undefined || open.takenBack) throw new Refused("nothing");
    let back = open.shares;
    if (this.epoch(open.epoch).closed === undefined) {
      refuse(this.windingDown || open.epoch === this.booking(now), "cut-off");
      this.epoch(open.epoch).redeem -= back;
      this.redemptions.delete(who);
    } else {
      refuse(this.windingDown, "cut-off");
      const { served, waits } = this.#served(open);
      back = waits;
      refuse(back > 0n, "nothing waits");
      if (open.claimedShares === served) this.redemptions.delete(who);
      else open.takenBack = true;
    }
    this.#unclaimed -= back;
    this.shares.set(who, this.sharesOf(who) + back);
    return back;
  }
  /** What the shares of the line up to a place were worth: walked from the first close on. */
  #worth(place: bigint): bigint {
    let sum = 0n;
    for (let number = 1; number < this.current; number++) {
      const { servedFrom, servedTo, paid } = this.epoch(number).closed!;
      if (place >= servedTo) sum += paid;
      else if (place > servedFrom) sum += ((place - servedFrom) * paid) / (servedTo - servedFrom);
    }
    return sum;
  }
  #served(open: RedeemRequest): { served: bigint; paid: bigint; waits: bigint } {
    const { closed } = this.epoch(open.epoch);
    if (closed === undefined) return { served: 0n, paid: 0n, waits: open.shares };
    const stretch = closed.end - closed.start;
    const reached = min(max(this.epoch(this.current - 1).closed!.servedTo, closed.start), closed.end);
    return {
      served: (open.shares * (reached - closed.start)) / stretch,
      paid: (open.shares * (this.#worth(reached) - this.#worth(closed.start))) / stretch,
      waits: (open.shares * (closed.end - reached)) / stretch,
    };
  }
  claimable(who: string): { shares: bigint; assets: bigint; pending: bigint } {
    const open = this.redemptions.get(who);
    if (open === undefined) return { shares: 0n, assets: 0n, pending: 0n };
    const { served, paid } = this.#served(open);
    const pending = open.takenBack ? 0n : open.shares - served;
    return { shares: served - open.claimedShares, assets: paid - open.claimed, pending };
  }
  claimRedeem(who: string, part?: { shares: bigint } | { assets: bigint }): bigint {
    const open = this.redemptions.get(who);
    if (open === undefined) throw new Refused("nothing");
    const all = this.claimable(who);
    let { shares, assets } = all;
    if (part !== undefined && "shares" in part) {
      refuse(part.shares <= all.shares, "more than there is");
      shares = part.shares;
      assets = all.shares === 0n ? 0n : (all.assets * shares) / all.shares;
    } else if (part !== undefined) {
      refuse(part.assets <= all.assets, "more than there is");
      assets = part.assets;
      shares = all.assets === 0n ? 0n : ceil(all.shares * assets, all.assets);
    }
    refuse(shares > 0n, "nothing");
    refuse(assets <= this.idle, "cash");
    const { served, waits } = this.#served(open);
    open.claimedShares += shares;
    open.claimed += assets;
    if (open.claimedShares === served && (waits === 0n || open.takenBack)) this.redemptions.delete(who);
    this.idle -= assets;
    this.owed -= assets;
    return assets;
  }

  /* BOND, VENUE, FEES */

  postBond(amount: bigint) {
    refuse(amount > 0n, "zero");
    this.bond += amount;
  }
  requestRelease(amount: bigint, now: bigint) {
    refuse(amount <= this.bond, "bond");
    this.releasing = amount;
    this.releasableAt = now + this.rules.releaseDelay;
    this.releasingFrom = this.booking(now);
  }
  releaseBond(now: bigint): bigint {
    refuse(this.releasing > 0n && now >= this.releasableAt, "release");
    refuse(this.windingDown || this.current > this.releasingFrom, "not distributed");
    const out = min(this.releasing, this.bond);
    refuse(this.bond - out >= this.needed(this.atVenueE8), "needed");
    this.bond -= out;
    this.releasing = 0n;
    return out;
  }
  send(amount: bigint, now: bigint) {
    const next = this.atVenueE8 + amount * 100n;
    refuse(!this.windingDown && amount > 0n && next <= this.rules.venueCap * 100n, "cap");
    refuse(this.bond >= this.needed(next) && amount <= this.free, "bond or cash");
    this.atVenueE8 = next;
    this.idle -= amount;
    this.everSent = true;
    this.epoch(this.booking(now)).sent += amount;
  }
  giveBack(amount: bigint, now: bigint) {
    refuse(amount > 0n, "zero");
    this.atVenueE8 -= amount * 100n;
    this.idle += amount;
    this.epoch(this.booking(now)).returned += amount;
  }
  claimFees(account: number, amount: bigint) {
    refuse(amount > 0n && amount <= this.fees[account]! && amount <= this.free, "fees");
    this.fees[account] = this.fees[account]! - amount;
    this.idle -= amount;
  }
  setFee(bps: bigint, now: bigint) {
    refuse(bps <= 5_000n, "fee");
    const from = this.booking(now) + 1;
    // what was announced and has not begun is replaced
    this.#feeChanges = this.#feeChanges.filter((change) => change.from <= this.current);
    this.#feeChanges.push({ from, bps });
  }

  /* CLOSE AND END */

  close(equityE8: bigint, now: bigint, witnessed?: { sent: bigint; returned: bigint }) {
    const book = this.epoch(this.current);
    const expectedE8 = this.equityE8 + (book.sent - book.returned) * 100n + book.pnlE8;
    const residualE8 = equityE8 - expectedE8;
    const cause =
      residualE8 > this.rules.toleranceE8 || -residualE8 > this.rules.toleranceE8
        ? 2
        : witnessed && (witnessed.sent !== book.sent || witnessed.returned !== book.returned)
          ? 3
          : 0;
    const surplus = this.#waterfall(book.pnlE8, residualE8);
    this.equityE8 = equityE8;
    this.atVenueE8 += book.pnlE8 + residualE8;
    const kept = this.tripped ? this.unexplained : 0n;
    const missing = residualE8 < 0n ? -residualE8 / 100n : 0n;
    this.unexplained = max(kept - missing, 0n) + surplus;
    const prices = this.#price(book, !this.tripped && cause !== 2);
    this.tripped ||= cause !== 0;
    this.current += 1;
    const grid = this.rules.epochLength;
    this.snapshotAt += ((now - this.snapshotAt) / grid + 1n) * grid;
    return { residualE8, cause, ...prices };
  }
  #waterfall(pnlE8: bigint, residualE8: bigint): bigint {
    const explained = pnlE8 + min(residualE8, 0n) + this.carryE8;
    const pnl = floor(explained, 100n);
    this.carryE8 = explained - pnl * 100n;
    if (pnl <= 0n) {
      const fromBond = min(-pnl, this.bond);
      this.bond -= fromBond;
      this.idle += fromBond;
      this.assets += pnl + fromBond;
    } else {
      const all = this.supply;
      const atMark = ceil(this.markE18 * (all + FIRST_SHARES), 10n ** 18n);
      const above = all === 0n ? 0n : max(this.totalAssets + pnl + 1n - atMark, 0n);
      const fee = (min(pnl, above) * this.#feeOf(this.current)) / BPS;
      const operator = (fee * this.rules.operatorShareBps) / BPS;
      const stakers = (fee * this.rules.stakersShareBps) / BPS;
      const parts = [operator, stakers, fee - operator - stakers];
      this.fees = this.fees.map((owed, account) => owed + parts[account]!);
      this.assets += pnl - fee;
    }
    if (residualE8 <= 0n) return 0n;
    const rest = residualE8 + this.carryE8;
    this.carryE8 = rest % 100n;
    this.assets += rest / 100n;
    return rest / 100n;
  }
  #price(book: Epoch, takesDeposits: boolean) {
    const supply = this.supply;
    const entry = { assets: this.totalAssets + 1n, shares: supply + FIRST_SHARES };
    const exitAssets = max(entry.assets - this.unexplained, 0n);
    const before = this.epochs.get(this.current - 1)?.closed;
    const start = before?.end ?? 0n;
    const servedFrom = before?.servedTo ?? 0n;
    const end = start + book.redeem;
    const serves = this.windingDown ? 0n : min(end - servedFrom, (supply * this.redeemCapBps) / BPS);
    const paid = (serves * exitAssets) / entry.shares;
    const priced = takesDeposits && !this.windingDown && entry.shares <= entry.assets * COLLAPSED;
    const minted = priced ? (book.deposits * entry.shares) / entry.assets : 0n;
    const shares = priced && book.deposits > 0n ? entry.shares : 0n;
    book.closed = {
      assets: entry.assets,
      shares,
      start,
      end,
      servedFrom,
      servedTo: servedFrom + serves,
      paid,
    };
    if (priced) {
      this.idle += book.deposits;
      this.assets += book.deposits;
    } else this.#refunds += book.deposits;
    this.assets -= paid;
    this.owed += paid;
    this.#unclaimed += minted - serves;
    if (this.supply > 0n && (supply === 0n || this.priceE18 > this.markE18)) this.markE18 = this.priceE18;
    return { entry, exitAssets, serves, paid };
  }
  startWindDown(byOwner: boolean, now: bigint) {
    refuse(!this.windingDown && (byOwner || now >= this.snapshotAt + this.rules.silence), "too early");
    this.windingDown = true;
    this.tripped = true;
  }
  resetBreaker() {
    this.tripped = false;
  }
  callBond(now: bigint) {
    refuse(this.windingDown && now >= this.snapshotAt + this.rules.silence, "too early");
    const paid = min(this.bond, max(this.atVenueE8, 0n) / 100n);
    this.bond -= paid;
    this.idle += paid;
    this.atVenueE8 -= paid * 100n;
  }
  redeemInWindDown(who: string, shares: bigint): bigint {
    refuse(this.windingDown && shares > 0n && shares <= this.sharesOf(who), "not yet, or not yours");
    const cash = max(this.free - this.fees[0]! - this.fees[1]! - this.fees[2]!, 0n);
    const amount = (cash * shares) / this.supply;
    this.shares.set(who, this.sharesOf(who) - shares);
    this.assets -= amount;
    this.idle -= amount;
    return amount;
  }
}

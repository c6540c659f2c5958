/** A fast hand on the contracts of the fund: plain requests, a clock of its own, every figure in one answer. */
import { expect } from "chai";
import { toQuantity } from "ethers";
import { E6, E8, type Fills, type Live, STATE, type World } from "../support/world.ts";

const GAS = toQuantity(3_000_000);
/** Long enough for a result to be final, or for an entry to be a fill. */
const AFTER_A_FILL = 10n;

export const RULING = { Upheld: 1, Corrected: 2, Voided: 3 } as const;
/** What silence costs: the declared loss and the penalty. */
export const SILENCE_E8 = -110n * E8;

/** A result that is not final yet. */
export interface Provisional {
  id: string;
  epoch: number;
  pnlE8: bigint;
  expired: boolean;
  finalizableAt: bigint;
}
type Sender = { address: string };

export class FundChain {
  readonly w: World;
  readonly people: readonly Sender[];
  now = 0n;
  readonly #figures: Live;
  readonly #start: bigint;

  private constructor(w: World, people: readonly Sender[], figures: Live, start: bigint) {
    [this.w, this.people, this.#figures, this.#start] = [w, people, figures, start];
  }

  /** Funds the three people, and keeps what is there for every history to begin with. */
  static async open(w: World): Promise<FundChain> {
    const people = [w.depositor, w.second, w.stranger];
    const figures = (await w.ethers.deployContract("FundFigures", [
      w.vault.target,
      w.usd.target,
      people.map((p) => p.address),
    ])) as unknown as Live;
    await w.usd.mint(w.stranger.address, 1_000_000n * E6);
    await w.usd.connect(w.stranger).approve(w.vault.target, 10n ** 15n);
    await w.usd.connect(w.venue).approve(w.court.target, 10n ** 15n);
    await w.fund({ bond: 5_000n, deposit: 100_000n, venue: 0n });
    await w.vault.connect(w.second).seedUsdE6(30_000n * E6);
    await w.vault.connect(w.executor).sendToVenue(50_000n * E6);
    for (const [at, person] of people.entries()) {
      const next = people[(at + 1) % people.length]!;
      await w.vault.connect(person).setOperator(next.address, true);
      await w.vault.connect(person).approve(next.address, 10n ** 30n);
    }
    await w.keep();
    // the same second for every run, however long the deployment took
    return new FundChain(w, people, figures, w.params.firstSnapshotAt - w.params.epochLengthSeconds + 600n);
  }

  /** Back to the beginning. */
  async back(): Promise<void> {
    await this.w.back();
    this.now = this.#start;
  }
  after(seconds: bigint): void {
    this.now += seconds;
  }
  /** Time does not go back. */
  until(time: bigint): void {
    if (time > this.now) this.now = time;
  }

  #request(method: string, ...params: unknown[]): Promise<unknown> {
    return this.w.connection.provider.request({ method, params });
  }
  /** Sends in a block of its own, one second after the last; a refusal is an error that says "reverted". */
  async send(from: Sender, to: Live, method: string, ...args: unknown[]): Promise<string> {
    this.now += 1n;
    await this.#request("evm_setNextBlockTimestamp", Number(this.now));
    const data = to.interface.encodeFunctionData(method, args);
    const transaction = { from: from.address, to: to.target, data, gas: GAS };
    return (await this.#request("eth_sendTransaction", transaction)) as string;
  }
  /** Sends, and says why if it was refused. */
  async tries(...act: Parameters<FundChain["send"]>): Promise<string | undefined> {
    try {
      await this.send(...act);
      return undefined;
    } catch (error) {
      if (/reverted/.test(String(error))) return String(error);
      throw error;
    }
  }
  /** The figures of `FundFigures.read`. */
  async figures(epochs: readonly number[]): Promise<bigint[]> {
    const data = this.#figures.interface.encodeFunctionData("read", [epochs]);
    const answer = (await this.#request("eth_call", { to: this.#figures.target, data }, "latest")) as string;
    const words = answer.slice(2).match(/.{64}/g)!.slice(2);
    return words.map((word) => BigInt.asIntN(256, BigInt(`0x${word}`)));
  }

  /* PREDICTIONS */

  async #push(priceE8: bigint, at = this.now): Promise<void> {
    await this.send(this.w.feeder, this.w.feed, "push", priceE8, at);
  }
  async #approve() {
    const { w } = this;
    await this.#push(60_000n * E8);
    const r = w.reveal();
    const p = await w.predict({ observedAt: this.now }, r);
    const payload = w.attestation(p);
    const signatures = await w.signaturesOf("Attestation", payload);
    await this.send(w.stranger, w.quorum, "attest", p, await w.sign(p), r, payload, signatures);
    const id = w.digest(p);
    const record = await w.validator.record(id);
    expect(record.state, "approved").to.equal(STATE.Approved);
    return { p, r, id, epoch: Number(record.epoch) };
  }
  async #provisional(id: string): Promise<Provisional> {
    const { epoch, pnlE8, finalizableAt, state } = await this.w.validator.record(id);
    return { id, epoch: Number(epoch), pnlE8, finalizableAt, expired: state === STATE.Expired };
  }
  /** A round trip from approval to a witnessed result. */
  async trip(over: Partial<Fills>): Promise<Provisional> {
    const { w } = this;
    const { p, r, id } = await this.#approve();
    const f = await w.fillsOf(p, r, over);
    for (const filledAt of [f.entryLastAt, f.exitLastAt]) {
      this.until(filledAt + AFTER_A_FILL);
      await this.#push(60_100n * E8, filledAt + 1n);
    }
    const payload = w.settlement(p, f);
    const rounds = [await w.feed.roundAt(f.entryLastAt), await w.feed.roundAt(f.exitLastAt)];
    const signatures = await w.signaturesOf("SettlementAttestation", payload);
    await this.send(w.stranger, w.quorum, "settle", p, r, payload, ...rounds, signatures);
    return this.#provisional(id);
  }
  async expire(): Promise<Provisional> {
    const { p, id } = await this.#approve();
    this.until(p.settleBy + 61n);
    await this.send(this.w.stranger, this.w.validator, "expire", id);
    return this.#provisional(id);
  }
  async nothingFilled(): Promise<void> {
    const { w } = this;
    const { p } = await this.#approve();
    this.until(p.entryExpiresAt + 1n);
    const payload = w.settlement(p, await w.nothing(p));
    const signatures = await w.signaturesOf("SettlementAttestation", payload);
    await this.send(w.stranger, w.quorum, "cancel", p, payload, signatures);
  }
  /** Challenges, and lets the owner rule, or nobody. */
  async dispute(id: string, ruling: keyof typeof RULING | "default", pnlE8: bigint): Promise<bigint> {
    const { court, venue, owner, stranger, validator } = this.w;
    await this.send(venue, court, "challenge", id);
    const { reviewBy, ruleBy } = await court.dispute(id);
    this.until(ruling === "default" ? ruleBy : reviewBy);
    if (ruling === "default") await this.send(stranger, court, "close", id);
    else await this.send(owner, court, "rule", id, RULING[ruling], pnlE8);
    return (await validator.record(id)).pnlE8;
  }
  async finalize(results: readonly Provisional[]): Promise<void> {
    for (const { finalizableAt } of results) this.until(finalizableAt);
    const ids = results.map(({ id }) => id);
    if (ids.length > 0) await this.send(this.w.stranger, this.w.validator, "finalizeMany", ids);
  }
  /** Closes by a statement of the quorum, and answers what the contract said of it. */
  async close(equityE8: bigint, transfers: { sentE6?: bigint }) {
    const { w } = this;
    const payload = await w.statement({ equityE8, observedAt: this.now, ...transfers });
    const signatures = await w.signaturesOf("EpochAttestation", payload);
    const hash = await this.send(w.stranger, w.quorum, "closeEpoch", payload, signatures);
    const receipt = (await this.#request("eth_getTransactionReceipt", hash)) as {
      logs: { address: string; topics: string[]; data: string }[];
    };
    const said = receipt.logs
      .map((log) => w.vault.interface.parseLog(log))
      .find((event) => event?.name === "EpochClosed");
    return said!.args;
  }
}

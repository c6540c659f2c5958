/**
 * An exchange account in memory for tests of the order machinery: orders, fills, a position and protective orders, with
 * switches for what a network may do to a request. Time is the test's: a request is accepted, and becomes visible, when
 * its time has come.
 */
import type { Side } from "../../src/domain/prediction.ts";
import { Refused, UnknownOutcome } from "../../src/errors/errors.ts";
import type {
  EntryOrder,
  ExitOrder,
  VenueAlgoOrder,
  VenueFill,
  VenueIncome,
  VenueOrder,
  VenueOrderState,
  VenuePosition,
  VenueTrading,
} from "../../src/ports/venue.ts";

/** What happens to the next request for an order. */
export type SendFault =
  | { kind: "none" }
  /** The venue says no. */
  | { kind: "refuse" }
  /** Lost on the way there: nobody answers, nothing exists. */
  | { kind: "lost" }
  /** Lost on the way back, accepted after a delay that the request's validity allows. */
  | { kind: "silent"; acceptAfterMs: number; visibleAfterMs: number }
  /** The engine dies in the call, before or after the request has left. */
  | { kind: "kill"; sent: boolean };

/** Not an error of the domain: the process is gone. */
export class Killed extends Error {}

type Request = {
  clientOrderId: string;
  symbol: string;
  side: Side;
  qtyE8: bigint;
  opens: boolean;
  stopE8?: bigint;
};
type Pending = Request & { acceptAtMs: number; visibleAfterMs: number };
type Held = VenueOrder & { visibleAtMs: number };

const PRICE_E8 = 60_000n * 100_000_000n;

export class FakeVenue implements VenueTrading {
  nowMs: number;
  /** A repeated client order id is refused, as on WEEX; otherwise it makes a second order. */
  rejectsDuplicates = true;
  /** What becomes of an accepted order at once: IOC orders fill or are cancelled, resting ones stay LIVE. */
  fate: { state: Exclude<VenueOrderState, "REFUSED">; filledE8?: bigint } = { state: "FILLED" };
  nextSend: SendFault = { kind: "none" };
  /** How many of the next reads fail without an answer. */
  failingReads = 0;
  /** Accepted entries come with their stop. */
  attachesStops = true;
  readonly orders: Held[] = [];
  readonly allFills: VenueFill[] = [];
  readonly algos: VenueAlgoOrder[] = [];
  readonly cashRows: VenueIncome[] = [];
  balanceE8 = 0n;
  /** Every request that left the engine. */
  readonly requests: string[] = [];
  reads = 0;
  #pending: Pending[] = [];

  constructor(nowMs: number) {
    this.nowMs = nowMs;
  }

  advance(ms: number): void {
    this.nowMs += ms;
    const due = this.#pending.filter((request) => request.acceptAtMs <= this.nowMs);
    this.#pending = this.#pending.filter((request) => request.acceptAtMs > this.nowMs);
    for (const request of due.sort((a, b) => a.acceptAtMs - b.acceptAtMs))
      if (!this.#isDuplicate(request)) this.#accept(request, request.acceptAtMs + request.visibleAfterMs);
  }

  /** Orders that exist or have traded under these client ids. */
  accepted(clientOrderIds: readonly string[]): VenueOrder[] {
    return this.orders.filter((order) => clientOrderIds.includes(order.clientOrderId));
  }

  placeEntry(order: EntryOrder): Promise<{ orderId: string }> {
    return this.#send({ ...order, opens: true });
  }

  placeExit(order: ExitOrder): Promise<{ orderId: string }> {
    return this.#send({ ...order, opens: false });
  }

  async #send(request: Request): Promise<{ orderId: string }> {
    const fault = this.nextSend;
    this.nextSend = { kind: "none" };
    if (fault.kind === "kill" && !fault.sent) throw new Killed("before the request left");
    this.requests.push(request.clientOrderId);
    if (fault.kind === "lost") throw new UnknownOutcome("test.timeout", "no answer");
    if (fault.kind === "refuse") throw new Refused("test.refused", "insufficient margin");
    if (fault.kind === "silent") {
      this.#pending.push({
        ...request,
        acceptAtMs: this.nowMs + fault.acceptAfterMs,
        visibleAfterMs: fault.visibleAfterMs,
      });
      this.advance(0);
      throw new UnknownOutcome("test.timeout", "no answer");
    }
    if (this.#isDuplicate(request)) throw new Refused("test.duplicate", "client order id was used before");
    const orderId = this.#accept(request, this.nowMs);
    if (fault.kind === "kill") throw new Killed("after the request was accepted");
    return { orderId };
  }

  #isDuplicate(request: Request): boolean {
    return (
      this.rejectsDuplicates && this.orders.some((order) => order.clientOrderId === request.clientOrderId)
    );
  }

  #accept(request: Request, visibleAtMs: number): string {
    const orderId = String(1_000 + this.orders.length);
    const { state } = this.fate;
    const order: Held = {
      orderId,
      clientOrderId: request.clientOrderId,
      symbol: request.symbol,
      state,
      reduceOnly: !request.opens,
      side: (request.side === "LONG") === request.opens ? "BUY" : "SELL",
      qtyE8: request.qtyE8,
      filledQtyE8: 0n,
      createdAtMs: this.nowMs,
      updatedAtMs: this.nowMs,
      visibleAtMs,
    };
    this.orders.push(order);
    const filledE8 = this.fate.filledE8 ?? (state === "FILLED" ? request.qtyE8 : 0n);
    if (filledE8 > 0n) this.fill(order, request.side, filledE8);
    if (request.opens && this.attachesStops && filledE8 > 0n)
      this.algos.push({
        algoId: `a${orderId}`,
        clientAlgoId: "",
        symbol: request.symbol,
        kind: "STOP",
        triggerE8: request.stopE8 ?? 0n,
        qtyE8: filledE8,
      });
    return orderId;
  }

  fill(order: VenueOrder, positionSide: Side, qtyE8: bigint): void {
    order.filledQtyE8 += qtyE8;
    this.allFills.push({
      fillId: String(1 + this.allFills.length),
      orderId: order.orderId,
      symbol: order.symbol,
      side: order.side,
      positionSide,
      priceE8: PRICE_E8,
      qtyE8,
      quoteE8: (PRICE_E8 * qtyE8) / 100_000_000n,
      feeE8: 1n,
      timeMs: this.nowMs,
    });
  }

  #read<T>(answer: () => T): Promise<T> {
    this.reads += 1;
    if (this.failingReads === 0) return Promise.resolve(answer());
    this.failingReads -= 1;
    return Promise.reject(new UnknownOutcome("test.query", "the query had no answer"));
  }

  #visible(): Held[] {
    return this.orders.filter((order) => order.visibleAtMs <= this.nowMs);
  }

  openOrders(symbol: string): Promise<VenueOrder[]> {
    return this.#read(() =>
      this.#visible().filter((order) => order.symbol === symbol && order.state === "LIVE"),
    );
  }

  orderHistory(symbol: string, fromMs: number): Promise<VenueOrder[]> {
    return this.#read(() =>
      this.#visible().filter((order) => order.symbol === symbol && order.updatedAtMs >= fromMs),
    );
  }

  fills(symbol: string, fromMs: number): Promise<VenueFill[]> {
    return this.#read(() => this.allFills.filter((fill) => fill.symbol === symbol && fill.timeMs >= fromMs));
  }

  positions(symbol?: string): Promise<VenuePosition[]> {
    return this.#read(() => {
      const held = new Map<string, VenuePosition>();
      for (const fill of this.allFills) {
        const key = `${fill.symbol}${fill.positionSide}`;
        const opens = (fill.positionSide === "LONG") === (fill.side === "BUY");
        const before = held.get(key)?.qtyE8 ?? 0n;
        held.set(key, {
          symbol: fill.symbol,
          side: fill.positionSide,
          qtyE8: before + (opens ? fill.qtyE8 : -fill.qtyE8),
        });
      }
      return [...held.values()].filter(
        (position) => position.qtyE8 > 0n && (!symbol || position.symbol === symbol),
      );
    });
  }

  openAlgoOrders(symbol: string): Promise<VenueAlgoOrder[]> {
    return this.#read(() => this.algos.filter((algo) => algo.symbol === symbol));
  }

  income(fromMs: number): Promise<VenueIncome[]> {
    return this.#read(() => this.cashRows.filter((row) => row.timeMs >= fromMs));
  }

  balance(): Promise<{ balanceE8: bigint; availableE8: bigint; unrealisedE8: bigint }> {
    return this.#read(() => ({ balanceE8: this.balanceE8, availableE8: this.balanceE8, unrealisedE8: 0n }));
  }

  async prepare(): Promise<void> {}

  async cancelAlgo(_symbol: string, algoId: string): Promise<void> {
    this.algos.splice(
      this.algos.findIndex((algo) => algo.algoId === algoId),
      1,
    );
  }

  async cancelOrder(_symbol: string, orderId: string): Promise<void> {
    const order = this.orders.find((one) => one.orderId === orderId);
    if (order?.state === "LIVE") order.state = "CANCELED";
  }
}

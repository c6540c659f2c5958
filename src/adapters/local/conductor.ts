/**
 * Lockstep: virtual time advances to the earliest of next market event, timer or block, and only when nothing is left
 * to do now. Every step may be repeated after a kill: the venue's clock, the chain's head and the peers remember how
 * far this instant came, and nobody moves on without us.
 */
import type { Rpc } from "../evm/rpc.ts";
import { postJson } from "../http/json.ts";
import type { VirtualClock } from "./clock.ts";
import type { VenueTime } from "./pace.ts";
import type { ClockReply } from "./venue-admin.ts";

/** A process that acts at virtual times: attesters record slots, the feed and the scenario's actors act before a block. */
export type Peer = { name: string; url: string; when: "slot" | "block" };

export type LockstepEngine = {
  clock: VirtualClock;
  /** Runs what is runnable now; nothing is runnable afterwards. */
  drain(): Promise<void>;
  /** Reads the chain and the receipts. */
  poll(): Promise<void>;
  nextTimerMs(): Promise<number | undefined>;
  /** Resolves when all frames up to the watermark were consumed. */
  awaitFrames(watermarks: Record<string, number>): Promise<void>;
};

/** Real time. */
const TICK_TIMEOUT_MS = 30_000;
/** Where time does not wait, nobody is waited for longer than this; and asked again after that much time. */
const SILENCE_AFTER_MS = 8_000;
const ASK_AGAIN_MS = 5_000;

export class Conductor {
  readonly #time: VenueTime;
  readonly #rpc: Rpc;
  readonly #peers: readonly Peer[];
  readonly #engine: LockstepEngine;
  readonly #blockMs: number;
  readonly #blockAfterSlot: boolean;
  readonly #onSilence: ((peer: string, error: unknown) => void) | undefined;
  readonly #peerNextMs = new Map<string, number>();
  #venueNextMs = 0;
  #minedAtSeconds: number | undefined;

  constructor(parts: {
    time: VenueTime;
    rpc: Rpc;
    peers: readonly Peer[];
    engine: LockstepEngine;
    blockMs: number;
    /**
     * Mines a block as soon as a slot was decided. A vendor's network answers what it finds registered in a block;
     * with this its answer lands in the very block in which a quorum's signatures would.
     */
    blockAfterSlot: boolean;
    /** Told of a peer that does not answer; without it the run stops there, because lockstep waits for everyone. */
    onSilence?: (peer: string, error: unknown) => void;
  }) {
    this.#time = parts.time;
    this.#rpc = parts.rpc;
    this.#peers = parts.peers;
    this.#engine = parts.engine;
    this.#blockMs = parts.blockMs;
    this.#blockAfterSlot = parts.blockAfterSlot;
    this.#onSilence = parts.onSilence;
  }

  /** Finishes the instant at which the world stands, as after a restart. */
  async resume(): Promise<void> {
    await this.#instant(this.#engine.clock.nowMs());
  }

  /** One step of virtual time. @returns the new time. */
  async step(): Promise<number> {
    const nowMs = this.#engine.clock.nowMs();
    const blockMs = (Math.floor(nowMs / this.#blockMs) + 1) * this.#blockMs;
    const timerMs = (await this.#engine.nextTimerMs()) ?? Number.POSITIVE_INFINITY;
    const nextMs = Math.min(
      this.#venueNextMs || blockMs,
      blockMs,
      Math.max(timerMs, nowMs),
      ...this.#peerNextMs.values(),
    );
    await this.#instant(Math.max(nextMs, nowMs));
    return this.#engine.clock.nowMs();
  }

  async #instant(atMs: number): Promise<void> {
    const reply: ClockReply = await this.#time.clock(atMs);
    this.#venueNextMs = reply.nextEventMs;
    this.#engine.clock.advanceTo(reply.nowMs);
    await this.#engine.awaitFrames(reply.watermarks);
    const slot = await this.#wakeForSlot(reply.nowMs);
    await this.#engine.drain();
    if (reply.nowMs % this.#blockMs !== 0) {
      if (slot && this.#blockAfterSlot) await this.#mine(reply.nowMs, []);
    } else {
      await this.#mine(
        reply.nowMs,
        this.#peers.filter((peer) => peer.when === "block"),
      );
      await this.#engine.poll();
      await this.#engine.drain();
    }
  }

  async #mine(nowMs: number, before: readonly Peer[]): Promise<void> {
    const seconds = Math.floor(nowMs / 1000);
    // Only a resumed instant may have its block already; nobody else mines.
    this.#minedAtSeconds ??= Number(
      (await this.#rpc.send<{ timestamp: string }>("eth_getBlockByNumber", ["latest", false])).timestamp,
    );
    if (this.#minedAtSeconds >= seconds) return;
    // Side by side: a block orders transactions by what they pay, not by when they came.
    await Promise.all(before.map((peer) => this.#tick(peer, nowMs)));
    await this.#rpc.send("evm_mine", [seconds]);
    this.#minedAtSeconds = seconds;
  }

  /** @returns whether any peer had a slot to record. */
  async #wakeForSlot(nowMs: number): Promise<boolean> {
    const due = this.#peers.filter(
      (peer) => peer.when === "slot" && (this.#peerNextMs.get(peer.name) ?? 0) <= nowMs,
    );
    await Promise.all(due.map((peer) => this.#tick(peer, nowMs)));
    return due.length > 0;
  }

  async #tick(peer: Peer, nowMs: number): Promise<void> {
    try {
      const timeoutMs = this.#onSilence ? SILENCE_AFTER_MS : TICK_TIMEOUT_MS;
      const { nextMs } = await postJson<{ nextMs: number | null }>(
        `${peer.url}/tick`,
        { nowMs },
        { timeoutMs },
      );
      if (peer.when === "slot" && nextMs !== null) this.#peerNextMs.set(peer.name, nextMs);
    } catch (error) {
      if (!this.#onSilence) throw error;
      this.#onSilence(peer.name, error);
      if (peer.when === "slot") this.#peerNextMs.set(peer.name, nowMs + ASK_AGAIN_MS);
    }
  }
}

/**
 * Lockstep: virtual time advances to the earliest of next market event, timer or block, and only when nothing is left
 * to do now. Every step may be repeated after a kill: the venue's clock, the chain's head and the peers remember how
 * far this instant came, and nobody moves on without us.
 */
import type { Rpc } from "../evm/rpc.ts";
import { postJson } from "../http/json.ts";
import type { VirtualClock } from "./clock.ts";
import type { ClockReply, VenueAdmin } from "./venue-admin.ts";

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

export class Conductor {
  readonly #admin: VenueAdmin;
  readonly #rpc: Rpc;
  readonly #peers: readonly Peer[];
  readonly #engine: LockstepEngine;
  readonly #blockMs: number;
  readonly #peerNextMs = new Map<string, number>();
  #venueNextMs = 0;

  constructor(parts: {
    admin: VenueAdmin;
    rpc: Rpc;
    peers: readonly Peer[];
    engine: LockstepEngine;
    blockMs: number;
  }) {
    this.#admin = parts.admin;
    this.#rpc = parts.rpc;
    this.#peers = parts.peers;
    this.#engine = parts.engine;
    this.#blockMs = parts.blockMs;
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
    const reply: ClockReply = await this.#admin.clock(atMs);
    this.#venueNextMs = reply.nextEventMs;
    this.#engine.clock.advanceTo(reply.nowMs);
    await this.#engine.awaitFrames(reply.watermarks);
    await this.#wake("slot", reply.nowMs);
    await this.#engine.drain();
    if (reply.nowMs % this.#blockMs === 0) {
      await this.#mine(reply.nowMs);
      await this.#engine.poll();
      await this.#engine.drain();
    }
  }

  async #mine(nowMs: number): Promise<void> {
    const seconds = Math.floor(nowMs / 1000);
    const head = await this.#rpc.send<{ timestamp: string }>("eth_getBlockByNumber", ["latest", false]);
    if (Number(head.timestamp) >= seconds) return;
    for (const peer of this.#peers)
      if (peer.when === "block") await this.#tick(peer, nowMs);
    await this.#rpc.send("evm_mine", [seconds]);
  }

  async #wake(when: Peer["when"], nowMs: number): Promise<void> {
    const due = this.#peers.filter(
      (peer) => peer.when === when && (this.#peerNextMs.get(peer.name) ?? 0) <= nowMs,
    );
    await Promise.all(due.map((peer) => this.#tick(peer, nowMs)));
  }

  async #tick(peer: Peer, nowMs: number): Promise<void> {
    const { nextMs } = await postJson<{ nextMs: number | null }>(`${peer.url}/tick`, { nowMs });
    if (peer.when === "slot" && nextMs !== null) this.#peerNextMs.set(peer.name, nextMs);
  }
}

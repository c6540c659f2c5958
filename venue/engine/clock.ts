// Moves the exchange through time in pieces, so that sockets can drain while a long stretch is played.

import type { Exchange } from "./exchange.ts";

const EVENTS_PER_PIECE = 50;

export class Clock {
  private readonly exchange: Exchange;
  private readonly mustWait: () => boolean;
  private running: Promise<void> = Promise.resolve();
  private busy = false;

  constructor(exchange: Exchange, mustWait: () => boolean) {
    this.exchange = exchange;
    this.mustWait = mustWait;
  }

  /** Resolves when no advance is under way; undefined when that is now. */
  idle(): Promise<void> | undefined {
    return this.busy ? this.running : undefined;
  }

  async advanceTo(toMs: number): Promise<void> {
    while (this.busy) await this.running;
    this.busy = true;
    this.running = this.play(toMs).finally(() => {
      this.busy = false;
    });
    await this.running;
  }

  private async play(toMs: number): Promise<void> {
    const piece = EVENTS_PER_PIECE * this.exchange.tickMs;
    while (this.exchange.nowMs + piece < toMs) {
      this.exchange.advanceTo(this.exchange.nowMs + piece);
      do await new Promise((resolve) => setImmediate(resolve));
      while (this.mustWait());
    }
    this.exchange.advanceTo(toMs);
  }
}

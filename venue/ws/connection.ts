// One socket: what it subscribes to and how many frames it has been sent.

import type { WebSocket } from "ws";

export const MAX_STREAMS_PER_CONNECTION = 100;
export const MAX_BUFFERED_BYTES = 64 * 1024 * 1024;
export const MAX_REJECTED_FRAMES = 6;

export class Connection {
  readonly cid: string;
  readonly scope: "public" | "private";
  readonly family: "contract" | "spot";
  readonly uid: string | undefined;
  readonly userAgent: string;
  readonly streams = new Set<string>();
  framesSent = 0;
  rejected = 0;
  private readonly socket: WebSocket;

  constructor(
    socket: WebSocket,
    about: {
      cid: string;
      scope: "public" | "private";
      family: "contract" | "spot";
      uid: string | undefined;
      userAgent: string;
    },
  ) {
    this.socket = socket;
    this.cid = about.cid;
    this.scope = about.scope;
    this.family = about.family;
    this.uid = about.uid;
    this.userAgent = about.userAgent;
  }

  send(text: string): void {
    if (this.socket.readyState !== this.socket.OPEN) return;
    this.framesSent += 1;
    this.socket.send(text);
    // A reader that never reads would hold all memory; it is cut off instead.
    if (this.socket.bufferedAmount > MAX_BUFFERED_BYTES) this.socket.terminate();
  }

  get buffered(): number {
    return this.socket.bufferedAmount;
  }

  close(code: number): void {
    this.socket.close(code);
  }

  destroy(): void {
    this.socket.terminate();
  }
}

// A bare socket for tests: collects frames and waits for some.

import WebSocket from "ws";
import type { Loose } from "./harness.ts";

export class TestSocket {
  readonly frames: Loose[] = [];
  readonly texts: string[] = [];
  closed: number | undefined;
  private readonly socket: WebSocket;

  constructor(url: string, headers: Record<string, string> = {}) {
    this.socket = new WebSocket(url, { headers });
    this.socket.on("message", (data) => {
      this.texts.push(String(data));
      this.frames.push(JSON.parse(String(data)));
    });
    this.socket.on("close", (code) => {
      this.closed = code;
    });
    this.socket.on("error", () => {});
  }

  async opened(): Promise<this> {
    await this.until(() => this.frames.length > 0);
    return this;
  }

  get cid(): string {
    return this.frames[0].cid;
  }

  send(frame: unknown): void {
    this.socket.send(JSON.stringify(frame));
  }

  async subscribe(...streams: string[]): Promise<void> {
    const before = this.frames.length;
    this.send({ id: "5", method: "SUBSCRIBE", params: streams });
    await this.until(() => this.frames.slice(before).some((frame) => "result" in frame));
  }

  of(event: string): Loose[] {
    return this.frames.filter((frame) => frame.e === event);
  }

  async until(met: () => boolean): Promise<void> {
    for (let i = 0; i < 400; i++) {
      if (met()) return;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    throw new Error(`waited in vain; last frame ${this.texts.at(-1)?.slice(0, 200)}`);
  }

  close(): void {
    this.socket.terminate();
  }
}

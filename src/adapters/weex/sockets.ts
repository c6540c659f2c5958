/**
 * The two sockets of an account's stream: connecting, subscribing, counting frames, and coming back after a drop
 * with a bounded back-off. What frames mean is decided elsewhere.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { Refused, UnknownOutcome } from "../../errors/errors.ts";
import type { Exchange, SocketClient, SocketScope } from "./exchange.ts";

const FIRST_BACKOFF_MS = 100;
const MAX_BACKOFF_MS = 10_000;

type Frame = Record<string, unknown>;
export type Socket = {
  scope: SocketScope;
  state: "closed" | "opening" | "up";
  client: SocketClient | undefined;
  /** The venue's name of this connection, from its first frame. */
  cid: string | undefined;
  frames: number;
};
type Waiter = { client: SocketClient; settle(error?: Error): void };

export type SocketEvents = {
  channels(scope: SocketScope): string[];
  /** A market or account frame (acks and heartbeats are handled here), before it is counted. */
  onData(frame: Frame, scope: SocketScope): void;
  onDropped(scope: SocketScope): void;
  onRestored(scope: SocketScope): void;
  /** After every frame and every change of a socket's state. */
  onProgress(): void;
};

export type Sockets = {
  all(): readonly Socket[];
  open(scope: SocketScope): Promise<void>;
  /** @throws Refused when the venue rejects a channel, UnknownOutcome when nothing is acknowledged in time. */
  subscribe(scope: SocketScope, channels: string[]): Promise<void>;
  unsubscribe(scope: SocketScope, channels: string[]): Promise<void>;
  /** A round trip on the socket: when it resolves, every frame sent before has been seen. */
  roundTrip(scope: SocketScope): Promise<void>;
  /** Cuts a socket whose content cannot be trusted; it comes back by itself. */
  cut(scope: SocketScope): void;
  handleFrame(client: SocketClient, frame: unknown): void;
  handleDown(client: SocketClient): void;
  /** Ends the sockets of a start that failed, so that the next start begins afresh. */
  abandon(): void;
  /** For good. */
  close(): Promise<void>;
};

export function createSockets(
  exchange: () => Promise<Exchange>,
  timeoutMs: number,
  events: SocketEvents,
): Sockets {
  const sockets = new Map<SocketScope, Socket>();
  const waiters = new Map<string, Waiter>();
  const stopper = new AbortController();
  let subscriptions = 0;

  const socketOf = (client: SocketClient): Socket | undefined =>
    [...sockets.values()].find((socket) => socket.client === client);

  function acknowledged(client: SocketClient, id: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const late = () =>
        settle(new UnknownOutcome("weex.socket", "WEEX did not acknowledge a stream request in time"));
      const timer = setTimeout(late, timeoutMs);
      const settle = (error?: Error) => {
        clearTimeout(timer);
        waiters.delete(id);
        if (error) reject(error);
        else resolve();
      };
      waiters.set(id, { client, settle });
    });
  }

  async function subscribe(scope: SocketScope, channels: string[]): Promise<void> {
    const connector = await exchange();
    const socket = sockets.get(scope) ?? {
      scope,
      state: "closed",
      client: undefined,
      cid: undefined,
      frames: 0,
    };
    sockets.set(scope, socket);
    const url = `${connector.urls.api.ws.contract}/${scope}`;
    // The private socket takes one channel a request.
    const requests = scope === "public" ? [channels] : channels.map((channel) => [channel]);
    const acks = requests.map((request) => {
      const hash = `saksi::${scope}::${++subscriptions}`;
      const lifetime =
        scope === "public"
          ? connector.subscribePublic([hash], request, true)
          : connector.subscribePrivate(hash, hash, request[0] as string, true);
      // It settles when the socket ends; the end itself reaches us through handleDown.
      lifetime.catch(() => {});
      const client = connector.clients[url];
      const id = client?.subscriptions[hash]?.id;
      if (!client || id === undefined)
        throw new UnknownOutcome("weex.socket", "the WEEX socket could not be opened");
      if (socket.client !== client) Object.assign(socket, { client, cid: undefined, frames: 0 });
      return acknowledged(client, id);
    });
    const results = await Promise.allSettled(acks);
    const failed = results.find((result) => result.status === "rejected");
    if (failed) throw failed.reason;
  }

  async function request(scope: SocketScope, message: Frame): Promise<void> {
    const client = sockets.get(scope)?.client;
    if (!client) throw new UnknownOutcome("weex.socket", "the WEEX socket is not open");
    const id = (await exchange()).requestId();
    const answer = acknowledged(client, id);
    client.send({ id, ...message }).catch(() => client.connection?.terminate());
    await answer;
  }

  async function open(scope: SocketScope): Promise<void> {
    await subscribe(scope, events.channels(scope));
    const socket = sockets.get(scope);
    if (socket) socket.state = "up";
    events.onProgress();
  }

  async function reopen(socket: Socket): Promise<void> {
    socket.state = "opening";
    for (
      let backoffMs = FIRST_BACKOFF_MS;
      !stopper.signal.aborted;
      backoffMs = Math.min(backoffMs * 2, MAX_BACKOFF_MS)
    ) {
      await sleep(backoffMs, undefined, { signal: stopper.signal }).catch(() => {});
      if (stopper.signal.aborted || sockets.get(socket.scope) !== socket) return;
      try {
        await open(socket.scope);
        events.onRestored(socket.scope);
        return;
      } catch {
        // Half-open: end it, so that the next attempt starts on a fresh connection.
        const stale = socket.client;
        socket.client = undefined;
        stale?.connection?.terminate();
        if (stale) await forget(stale);
      }
    }
  }

  async function forget(client: SocketClient): Promise<void> {
    const clients = (await exchange()).clients;
    if (clients[client.url] === client) delete clients[client.url];
  }

  function handleDown(client: SocketClient): void {
    for (const waiter of [...waiters.values()])
      if (waiter.client === client)
        waiter.settle(new UnknownOutcome("weex.socket", "the WEEX socket was closed"));
    const socket = socketOf(client);
    if (socket?.state !== "up" || stopper.signal.aborted) return;
    socket.client = undefined;
    events.onDropped(socket.scope);
    void reopen(socket);
    events.onProgress();
  }

  function handleFrame(client: SocketClient, frame: unknown): void {
    const socket = socketOf(client);
    if (!socket) return;
    if (typeof frame !== "object" || frame === null) client.connection?.terminate();
    else dispatch(socket, frame as Frame);
    socket.frames++;
    events.onProgress();
  }

  function dispatch(socket: Socket, frame: Frame): void {
    if (frame.event === "connected") {
      socket.cid = typeof frame.cid === "string" ? frame.cid : undefined;
    } else if (frame.id !== undefined) {
      const text = typeof frame.msg === "string" ? frame.msg.slice(0, 200) : "";
      const refused =
        frame.result === false ? new Refused("weex.stream", `WEEX refused a stream: ${text}`) : undefined;
      waiters.get(String(frame.id))?.settle(refused);
    } else if (typeof frame.e === "string") {
      events.onData(frame, socket.scope);
    }
  }

  return {
    all: () => [...sockets.values()],
    open,
    subscribe,
    unsubscribe: (scope, channels) => request(scope, { method: "UNSUBSCRIBE", params: channels }),
    roundTrip: (scope) => request(scope, { method: "PING" }),
    cut: (scope) => sockets.get(scope)?.client?.connection?.terminate(),
    handleFrame,
    handleDown,
    abandon() {
      const clients = [...sockets.values()].map((socket) => socket.client);
      sockets.clear();
      for (const client of clients) client?.connection?.terminate();
    },
    async close() {
      stopper.abort();
      const closed = (async () => (await exchange()).close())().catch(() => {});
      await Promise.race([closed, sleep(timeoutMs, undefined, { ref: false })]);
      for (const socket of sockets.values()) socket.client?.connection?.terminate();
      for (const waiter of [...waiters.values()])
        waiter.settle(new UnknownOutcome("weex.socket", "the WEEX stream was stopped"));
      sockets.clear();
    },
  };
}

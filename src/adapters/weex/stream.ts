/**
 * The live stream: hints and alarms, a sequence-checked book, and frame accounting for lockstep runs. Frames say
 * that something changed; REST says what. Hints are delivered synchronously, while the frame is being read.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { BookSample } from "../../domain/evidence.ts";
import { UnknownOutcome } from "../../errors/errors.ts";
import type { VenueHint, VenueStream } from "../../ports/venue.ts";
import { bookFault, createSequencedBook, depthFrame, type SequencedBook } from "./book.ts";
import type { Exchange, SocketClient, SocketScope } from "./exchange.ts";
import {
  accountFrame,
  depthChannel,
  klineFrame,
  PRIVATE_HINTS,
  publicChannels,
  tickerFrame,
} from "./frames.ts";
import { createSockets, type Socket } from "./sockets.ts";

/** A book without a depth frame for longer than this (venue time) is not served. */
const BOOK_MAX_AGE_MS = 60_000;
/** The venue allows 240 stream requests an hour and connection; more gaps than this cut the socket instead. */
const MAX_RESYNCS_PER_SOCKET = 20;
/** A socket may be cut while it opens; after this many attempts the start has failed. */
const START_ATTEMPTS = 5;
const START_PAUSE_MS = 200;

type Listener = (hint: VenueHint) => void;
type Market = {
  listeners: Set<Listener>;
  book: SequencedBook;
  depthAtMs: number;
  lastBarMs: number | undefined;
  prices: LivePrices | undefined;
  resyncs: number;
};
export type LivePrices = { lastE8: bigint; markE8: bigint; indexE8: bigint };

export type WeexStream = VenueStream & {
  /** Connection ids of our open sockets, as the venue named them. */
  cids(): string[];
  /**
   * Resolves when every socket of ours has read as many frames as the watermark of its cid says. Foreign cids are
   * ignored; a socket that is coming back is waited for. @throws UnknownOutcome after timeoutMs.
   */
  awaitFrames(watermarks: Record<string, number>, timeoutMs: number): Promise<void>;
  /** Last, mark and index price of the newest ticker frame: for alarms and displays, not for evidence. */
  livePrices(symbol: string): LivePrices | undefined;
  /** Best levels while the book is in order and fresh, else undefined. */
  liveBook(symbol: string): BookSample | undefined;
};

export type StreamParts = {
  stream: WeexStream;
  onFrame(client: SocketClient, frame: unknown): void;
  onDown(client: SocketClient): void;
};

export function createWeexStream(
  exchange: () => Promise<Exchange>,
  setup: { venueNow: () => number; isPrivate: boolean; timeoutMs: number },
): StreamParts {
  const markets = new Map<string, Market>();
  const waiting = new Set<() => void>();
  let lastFrameAtMs = 0;

  const sockets = createSockets(exchange, setup.timeoutMs, {
    channels: (scope) =>
      scope === "private" ? Object.keys(PRIVATE_HINTS) : [...markets.keys()].flatMap(publicChannels),
    onData,
    onDropped(scope) {
      if (scope === "public") for (const market of markets.values()) market.book.invalidate();
      tellAll({ kind: "socket", detail: `${scope} dropped` });
    },
    onRestored: (scope) => tellAll({ kind: "socket", detail: `${scope} restored` }),
    onProgress() {
      for (const check of [...waiting]) check();
    },
  });

  function tell(symbol: string, hint: Omit<VenueHint, "symbol">): void {
    for (const listener of markets.get(symbol)?.listeners ?? []) deliver(listener, { ...hint, symbol });
  }
  function tellAll(hint: Omit<VenueHint, "symbol">): void {
    for (const symbol of markets.keys()) tell(symbol, hint);
  }
  /** A throwing listener is a bug of the process, not of the socket. */
  function deliver(listener: Listener, hint: VenueHint): void {
    try {
      listener(hint);
    } catch (error) {
      queueMicrotask(() => {
        throw error;
      });
    }
  }

  function onData(frame: Record<string, unknown>, scope: SocketScope): void {
    const kind = frame.e as string;
    if (scope === "private") {
      onAccountFrame(kind, frame);
      return;
    }
    const market = markets.get(String(frame.s));
    if (!market) return;
    lastFrameAtMs = setup.venueNow();
    if (kind === "depthSnapshot" || kind === "depth") onDepth(market, frame);
    else if (kind === "kline" || kind === "klineSnapshot") onKline(market, frame);
    else if (kind === "ticker") {
      const row = tickerFrame.safeParse(frame).data?.d[0];
      if (row) market.prices = { lastE8: row.c, markE8: row.m, indexE8: row.i };
    }
  }

  function onAccountFrame(kind: string, frame: unknown): void {
    const hint = Object.hasOwn(PRIVATE_HINTS, kind) ? PRIVATE_HINTS[kind] : undefined;
    if (!hint) return;
    const rows = accountFrame.safeParse(frame).data?.d ?? [];
    const symbols = new Set(rows.map((row) => row.symbol));
    const known = [...symbols].filter((symbol) => symbol !== undefined && markets.has(symbol));
    for (const symbol of known) tell(symbol as string, { kind: hint, detail: kind });
    // What concerns no market of ours, or all of them, is everyone's: foreign orders, transfers, unreadable rows.
    if (known.length < symbols.size || symbols.size === 0) tellAll({ kind: hint, detail: kind });
  }

  function onDepth(market: Market, frame: unknown): void {
    const parsed = depthFrame.safeParse(frame);
    market.depthAtMs = setup.venueNow();
    if (!parsed.success) {
      market.book.invalidate();
      resync(String((frame as { s: unknown }).s), market, "unreadable");
      return;
    }
    const effect = market.book.apply(parsed.data);
    if (effect === "gap") resync(parsed.data.s, market, "sequence");
    else if (effect === "empty") tell(parsed.data.s, { kind: "book-gap", detail: "empty" });
  }

  /** Subscribes anew, which brings a fresh snapshot; when that fails or happens too often the socket is cut. */
  function resync(symbol: string, market: Market, why: string): void {
    tell(symbol, { kind: "book-gap", detail: why });
    market.resyncs++;
    if (market.resyncs > MAX_RESYNCS_PER_SOCKET) {
      market.resyncs = 0;
      sockets.cut("public");
      return;
    }
    const channels = [depthChannel(symbol)];
    const again = async () => {
      await sockets.unsubscribe("public", channels);
      await sockets.subscribe("public", channels);
    };
    again().catch(() => sockets.cut("public"));
  }

  function onKline(market: Market, frame: unknown): void {
    const parsed = klineFrame.safeParse(frame);
    if (!parsed.success) return;
    const opens = parsed.data.d.filter((row) => row.i === "1m").map((row) => row.t);
    const newest = Math.max(market.lastBarMs ?? 0, ...opens);
    const before = market.lastBarMs;
    market.lastBarMs = newest;
    // A newer bar means that the ones before it are closed.
    if (before !== undefined && newest > before)
      tell(parsed.data.s, { kind: "candle", detail: String(newest) });
  }

  async function start(symbol: string, onHint: Listener): Promise<void> {
    const known = markets.get(symbol);
    if (known) {
      known.listeners.add(onHint);
      return;
    }
    const book = createSequencedBook();
    const market: Market = {
      listeners: new Set([onHint]),
      book,
      depthAtMs: 0,
      lastBarMs: undefined,
      prices: undefined,
      resyncs: 0,
    };
    const first = markets.size === 0;
    markets.set(symbol, market);
    for (let attempt = 1; ; attempt++) {
      try {
        if (first)
          await Promise.all([sockets.open("public"), setup.isPrivate ? sockets.open("private") : undefined]);
        else await sockets.subscribe("public", publicChannels(symbol));
        await until(() => book.synced(), setup.timeoutMs, `WEEX sent no book of ${symbol}`);
        return;
      } catch (error) {
        if (first) sockets.abandon();
        if (!(error instanceof UnknownOutcome) || attempt >= START_ATTEMPTS) {
          markets.delete(symbol);
          throw error;
        }
        await sleep(START_PAUSE_MS * attempt);
      }
    }
  }

  function until(done: () => boolean, timeoutMs: number, complaint: string): Promise<void> {
    if (done()) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const check = () => {
        if (done()) finish();
      };
      const finish = (error?: Error) => {
        clearTimeout(timer);
        waiting.delete(check);
        if (error) reject(error);
        else resolve();
      };
      const timer = setTimeout(() => finish(new UnknownOutcome("weex.stream", complaint)), timeoutMs);
      waiting.add(check);
    });
  }

  function awaitFrames(watermarks: Record<string, number>, timeoutMs: number): Promise<void> {
    // A socket the venue did not list has just opened or is already dead: a round trip tells which.
    const probes = new Map<string, "running" | "passed">();
    const caughtUp = (socket: Socket): boolean => {
      if (socket.state !== "up" || socket.cid === undefined) return false;
      const mark = watermarks[socket.cid];
      if (mark !== undefined) return socket.frames >= mark;
      const { cid, scope } = socket;
      if (!probes.has(cid)) {
        probes.set(cid, "running");
        const passed = () => {
          probes.set(cid, "passed");
          for (const check of [...waiting]) check();
        };
        sockets.roundTrip(scope).then(passed, () => sockets.cut(scope));
      }
      return probes.get(cid) === "passed";
    };
    // Every socket is looked at each time, so that two probes run side by side.
    const done = () => sockets.all().map(caughtUp).every(Boolean);
    return until(done, timeoutMs, "WEEX stream frames did not arrive in time");
  }

  function liveBook(symbol: string): BookSample | undefined {
    const market = markets.get(symbol);
    const nowMs = setup.venueNow();
    if (!market || nowMs - market.depthAtMs > BOOK_MAX_AGE_MS) return undefined;
    const book = market.book.sample(nowMs);
    const fault = book && bookFault(book);
    if (!fault) return book;
    // A false level stays until something removes it: start over, and let REST answer meanwhile.
    market.book.invalidate();
    resync(symbol, market, fault);
    return undefined;
  }

  const stream: WeexStream = {
    start,
    lastFrameAtMs: () => lastFrameAtMs,
    cids: () => sockets.all().flatMap((socket) => (socket.cid === undefined ? [] : [socket.cid])),
    awaitFrames,
    livePrices: (symbol) => markets.get(symbol)?.prices,
    liveBook,
    stop: () => sockets.close(),
  };
  return { stream, onFrame: sockets.handleFrame, onDown: sockets.handleDown };
}

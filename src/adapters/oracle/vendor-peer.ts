/**
 * What the local networks of the vendors have in common: they watch one event, act before each block is mined, and are
 * where a request finds the publisher. The engine may come back on another port after a restart, so a request names the
 * peer, which stays, and the engine tells the peer where it is.
 * An engine killed in the middle of a tick takes its publisher with it; so documents are fetched before a script runs,
 * and a publisher that is away fails the tick, which the next engine repeats at the same instant.
 */
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { z } from "zod";
import { parseInput, TickSchema } from "../../domain/schemas.ts";
import { Refused, UnknownOutcome } from "../../errors/errors.ts";
import type { Rpc } from "../evm/rpc.ts";
import { jsonServer, postJson } from "../http/json.ts";

const Announcement = z.strictObject({ url: z.url() });
/** Documents kept for scripts that will ask for them. */
const MAX_DOCUMENTS = 64;
const FETCH_TIMEOUT_MS = 3_000;

export type VendorPeer = {
  server: Server;
  /** Keeps the published document of a prediction at hand. @throws UnknownOutcome when the publisher is away. */
  prefetch(id: string): Promise<void>;
  /** Where scripts find the publisher, once the server listens. */
  url(): string;
};

/**
 * @param event where the event is emitted and its first topic.
 * @param act gets the logs that are new since the last tick; a tick that was answered is not repeated.
 */
export async function vendorPeer(
  rpc: Rpc,
  event: { address: string; topic: string },
  act: (logs: unknown[]) => Promise<void>,
): Promise<VendorPeer> {
  const headNumber = async (): Promise<number> => Number(await rpc.send<string>("eth_blockNumber", []));
  const hex = (number: number): string => `0x${number.toString(16)}`;
  let seenBlock = await headNumber();
  let ackedMs = 0;
  let publisher: string | undefined;

  const newLogs = async (): Promise<unknown[]> => {
    const head = await headNumber();
    if (head <= seenBlock) return [];
    const { address, topic } = event;
    const filter = { fromBlock: hex(seenBlock + 1), toBlock: hex(head), address, topics: [topic] };
    const logs = await rpc.send<unknown[]>("eth_getLogs", [filter]);
    seenBlock = head;
    return logs;
  };
  const documents = new Map<string, unknown>();
  const document = async (path: string): Promise<unknown> => {
    if (!publisher)
      throw new UnknownOutcome("peer.noPublisher", "the publisher has not announced itself yet");
    const found =
      documents.get(path) ??
      (await postJson(`${publisher}${path}`, undefined, { method: "GET", timeoutMs: FETCH_TIMEOUT_MS }));
    if (documents.size >= MAX_DOCUMENTS) documents.clear();
    documents.set(path, found);
    return found;
  };
  const prefetch = async (id: string): Promise<void> => {
    await document(`/predictions/${id}`).catch((error: unknown) => {
      // A refusal is an answer, and the script's to judge.
      if (!(error instanceof Refused)) throw error;
    });
  };
  const tick = async (nowMs: number): Promise<void> => {
    if (nowMs <= ackedMs) return;
    await act(await newLogs());
    ackedMs = nowMs;
  };
  let last: Promise<unknown> = Promise.resolve();
  const server = jsonServer({
    "POST /publisher": async ({ body }) => {
      publisher = parseInput(Announcement, body, "publisher").url;
      return { ok: true };
    },
    "GET /predictions/": ({ path }) => document(path),
    "POST /tick": async ({ body }) => {
      const { nowMs } = parseInput(TickSchema, body, "tick");
      const turn = last.then(() => tick(nowMs));
      last = turn.catch(() => undefined);
      await turn;
      return { nextMs: null };
    },
  });
  const url = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { server, prefetch, url };
}

export const announcePublisher = (peerUrl: string, url: string): Promise<unknown> =>
  postJson(`${peerUrl}/publisher`, { url });

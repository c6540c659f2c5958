/**
 * Reads the chain block by block behind a cursor of (number, hash). A block whose parent is not the one we know
 * sends the cursor back; nothing is acted upon before it has enough confirmations.
 */
import type { BlockRef, ChainEvent } from "../../ports/chain.ts";
import { SaksiError } from "../../errors/errors.ts";
import type { Write } from "../../ports/store.ts";
import { type Deps, put, work } from "../station.ts";

export const RECENT_BLOCKS = 64;
const MAX_BLOCKS_PER_POLL = 500;

export type Cursor = { recent: { number: number; hash: string }[] };

/** @returns how many blocks were consumed. Each block is one transaction: cursor and work together. */
export async function watchChain(deps: Deps, confirmations: number): Promise<number> {
  const head = await deps.chain.head();
  let consumed = 0;
  for (; consumed < MAX_BLOCKS_PER_POLL; consumed++) {
    const item = await deps.store.get<Cursor>("cursor", "chain");
    if (!item) throw new SaksiError("watch.noCursor", "the chain cursor is missing; was this store initialised?");
    const last = item.value.recent.at(-1);
    if (!last) throw new SaksiError("watch.deepReorg", `the chain was reorganised deeper than ${RECENT_BLOCKS} blocks; stop and look`);
    if (last.number + 1 > head.number - confirmations) return consumed;
    const block = last.number + 1 === head.number ? head : await deps.chain.block(last.number + 1);
    if (!block) return consumed;
    if (block.parentHash !== last.hash) {
      await deps.store.transact([put("cursor", "chain", { recent: item.value.recent.slice(0, -1) }, item.version)]);
      continue;
    }
    const events = await deps.chain.eventsOf(block);
    const recent = [...item.value.recent, { number: block.number, hash: block.hash }].slice(-RECENT_BLOCKS);
    await deps.store.transact([put("cursor", "chain", { recent }, item.version), ...events.flatMap((event) => workFor(deps, event, block))]);
  }
  return consumed;
}

/** Work ids name the fact, not the transaction: a fact that lands again after a reorganisation is the same fact. */
function workFor(deps: Deps, event: ChainEvent, block: BlockRef): Write[] {
  const { blockHash: _hash, ...rest } = event;
  return [work("validate", { ...rest, timestamp: block.timestamp }, `validate:${event.name}:${event.id || event.args["epoch"]}`, deps.clock.nowMs(), "validate")];
}

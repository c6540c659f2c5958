/**
 * Reads the chain block by block behind a cursor of (number, hash). A block whose parent is not the one we know
 * sends the cursor back; nothing is acted upon before it has enough confirmations.
 */
import { SaksiError } from "../../errors/errors.ts";
import type { BlockRef, ChainEvent } from "../../ports/chain.ts";
import type { Item, Write } from "../../ports/store.ts";
import { type Deps, put, work } from "../station.ts";

export const RECENT_BLOCKS = 64;
const MAX_BLOCKS_PER_POLL = 500;
/** Empty blocks are not worth a disk write each: after a kill this many are read again, to the same effect. */
const WRITE_CURSOR_EVERY = 20;

export type Cursor = { recent: { number: number; hash: string }[] };

export class ChainWatcher {
  readonly #deps: Deps;
  readonly #confirmations: number;
  #cursor: Item<Cursor> | undefined;
  #unwritten = 0;
  #lastHead: BlockRef | undefined;

  constructor(deps: Deps, confirmations: number) {
    this.#deps = deps;
    this.#confirmations = confirmations;
  }

  /**
   * Events and the cursor behind them are one transaction.
   * @param known the head, if it has just been read. @returns how many blocks were consumed.
   */
  async poll(known?: BlockRef): Promise<number> {
    const head = known ?? (await this.#deps.chain.head());
    const before = this.#lastHead;
    this.#lastHead = head;
    for (let consumed = 0; consumed < MAX_BLOCKS_PER_POLL; consumed++) {
      const { recent } = (await this.#read()).value;
      const last = recent.at(-1);
      if (!last)
        throw new SaksiError(
          "watch.deepReorg",
          `the chain was reorganised deeper than ${RECENT_BLOCKS} blocks; stop and look`,
        );
      if (last.number + 1 > head.number - this.#confirmations) return consumed;
      // The head of the last poll, if the new head stands on it, need not be asked for again.
      const same = before?.number === last.number + 1 && before.hash === head.parentHash ? before : undefined;
      const block = same ?? (await this.#deps.chain.block(last.number + 1));
      if (!block) return consumed;
      if (block.parentHash !== last.hash) {
        await this.#advance(recent.slice(0, -1), [], true);
        continue;
      }
      const events = await this.#deps.chain.eventsOf(block);
      const next = [...recent, { number: block.number, hash: block.hash }].slice(-RECENT_BLOCKS);
      await this.#advance(
        next,
        events.map((event) => workFor(this.#deps, event)),
        events.length > 0,
      );
    }
    return MAX_BLOCKS_PER_POLL;
  }

  async #read(): Promise<Item<Cursor>> {
    this.#cursor ??= await this.#deps.store.get<Cursor>("cursor", "chain");
    if (!this.#cursor)
      throw new SaksiError("watch.noCursor", "the chain cursor is missing; was this store initialised?");
    return this.#cursor;
  }

  async #advance(recent: Cursor["recent"], writes: Write[], mustWrite: boolean): Promise<void> {
    const cursor = await this.#read();
    this.#unwritten += 1;
    if (!mustWrite && this.#unwritten < WRITE_CURSOR_EVERY) {
      this.#cursor = { ...cursor, value: { recent } };
      return;
    }
    this.#cursor = undefined;
    this.#unwritten = 0;
    await this.#deps.store.transact([put("cursor", "chain", { recent }, cursor.version), ...writes]);
  }
}

/** Work ids name the fact, not where it was found: a fact that lands again after a reorganisation is the same fact. */
function workFor(deps: Deps, event: ChainEvent): Write {
  const { blockHash: _hash, ...rest } = event;
  const fact = `${event.name}:${event.id || event.args["epoch"]}${event.name === "Ignored" ? `:${event.txHash}` : ""}`;
  return work("validate", rest, `validate:${fact}`, deps.clock.nowMs(), "validate");
}

/**
 * One lane per (chain, sender): every transaction is an intent with a key and a nonce of its own, and its raw signed
 * bytes are in the store before they are on the wire. After any crash the same bytes are sent again: one nonce, one intent.
 * A receipt may be taken back by a reorganisation, so a transaction is watched until enough blocks stand on it.
 */
import { type HDNodeWallet, keccak256, type Wallet } from "ethers";
import { sortKey } from "../../domain/market.ts";
import { messageOf } from "../../errors/errors.ts";
import type { BlockRef, TxStatus } from "../../ports/chain.ts";
import type { Item, Store } from "../../ports/store.ts";
import type { Rpc } from "./rpc.ts";

type Lane = { nextNonce: number };
type TxRow = TxStatus & { raw: string; sentAtBlock: number };
/** A transaction that may still need its bytes sent again; `minedAtBlock` is absent until it has a receipt. */
type Pending = { nonce: number; minedAtBlock?: number };
type Receipt = { status: string; gasUsed: string; blockNumber: string };

const TIP_WEI = 1_000_000_000n;
/** Room for the base fee to rise while a transaction waits. */
const FEE_HEADROOM = 20n;
/** Blocks a transaction may be unknown to the node before its bytes are sent again. */
const REBROADCAST_AFTER_BLOCKS = 12;
/** Blocks on a receipt's block after which it is final: as deep as the chain's watcher follows a reorganisation. */
export const FINAL_AFTER_BLOCKS = 64;
/** Transactions that one refresh looks at, oldest nonce first. */
const MAX_PENDING = 1_000;
const HARMLESS = /already known|already imported|nonce too low|replacement transaction underpriced/i;

export class TxLane {
  readonly #store: Store;
  readonly #rpc: Rpc;
  readonly #wallet: Wallet | HDNodeWallet;
  readonly #chainId: bigint;
  #serial: Promise<unknown> = Promise.resolve();
  /** The head of the last complete look. While blocks are only added to it, no receipt can have gone. */
  #lastHead: BlockRef | undefined;

  constructor(store: Store, rpc: Rpc, wallet: Wallet | HDNodeWallet, chainId: bigint) {
    this.#store = store;
    this.#rpc = rpc;
    this.#wallet = wallet;
    this.#chainId = chainId;
  }

  get sender(): string {
    return this.#wallet.address;
  }
  get #lanePk(): string {
    return `tx#${this.#chainId}#${this.#wallet.address}`;
  }
  get #pendingPk(): string {
    return `txPending#${this.#chainId}#${this.#wallet.address}`;
  }

  /** Sends once per key; asked again, re-broadcasts the stored bytes and answers what is known. */
  async send(key: string, step: string, to: string, data: string, gasLimit: bigint): Promise<TxStatus> {
    const sent = this.#serial.then(() => this.#send(key, step, to, data, gasLimit));
    this.#serial = sent.catch(() => undefined);
    return sent;
  }

  async #send(key: string, step: string, to: string, data: string, gasLimit: bigint): Promise<TxStatus> {
    const known = await this.#byKey(key);
    if (known) {
      if (known.value.state === "pending") await this.#broadcast(known.value.raw);
      return statusOf(known.value);
    }
    const lane = await this.#lane();
    const head = await this.#rpc.send<{ number: string; baseFeePerGas?: string }>("eth_getBlockByNumber", [
      "latest",
      false,
    ]);
    const baseFee = BigInt(head.baseFeePerGas ?? "0x0");
    const nonce = lane.value.nextNonce;
    const raw = await this.#wallet.signTransaction({
      type: 2,
      chainId: this.#chainId,
      nonce,
      to,
      data,
      gasLimit,
      value: 0n,
      maxPriorityFeePerGas: TIP_WEI,
      maxFeePerGas: baseFee * FEE_HEADROOM + TIP_WEI,
    });
    const row: TxRow = {
      key,
      step,
      state: "pending",
      txHash: keccak256(raw),
      nonce,
      raw,
      sentAtBlock: Number(head.number),
    };
    await this.#store.transact([
      { op: "put", pk: "txKey", sk: key, value: { sender: this.sender, nonce }, expect: 0 },
      { op: "put", pk: this.#lanePk, sk: sortKey(nonce), value: row, expect: 0 },
      { op: "put", pk: this.#pendingPk, sk: sortKey(nonce), value: pendingOf(row) },
      { op: "put", pk: "txLane", sk: this.#lanePk, value: { nextNonce: nonce + 1 }, expect: lane.version },
    ]);
    await this.#broadcast(raw);
    return statusOf(row);
  }

  /**
   * What changed since the last look: mined, reverted, or pending again because a reorganisation took the receipt back.
   * Nonces of this sender are consecutive, so bytes that are missing at the node are sent again: the later wait for them.
   * @param known the head, if it has just been read.
   */
  async refresh(known?: BlockRef): Promise<TxStatus[]> {
    const watched = await this.#store.query<Pending>(this.#pendingPk, { limit: MAX_PENDING });
    if (watched.length === 0) return [];
    const head = known ?? ((await this.#rpc.block("latest")) as BlockRef);
    const grown = [head.hash, head.parentHash].includes(this.#lastHead?.hash ?? "");
    const changed: TxStatus[] = [];
    for (const { value } of watched) {
      const isFinal =
        value.minedAtBlock !== undefined && head.number - value.minedAtBlock >= FINAL_AFTER_BLOCKS;
      if (value.minedAtBlock !== undefined && grown && !isFinal) continue;
      const status = await this.#look(value.nonce, head, isFinal);
      if (status) changed.push(status);
    }
    this.#lastHead = head;
    return changed;
  }

  /** @param release the receipt, if it is still in its block, was deep enough already. */
  async #look(nonce: number, head: BlockRef, release: boolean): Promise<TxStatus | undefined> {
    const item = await this.#store.get<TxRow>(this.#lanePk, sortKey(nonce));
    if (!item) return undefined;
    const before = item.value;
    const receipt = await this.#rpc.send<Receipt | null>("eth_getTransactionReceipt", [before.txHash]);
    if (!receipt && before.state === "pending") {
      await this.#rebroadcastIfLost(before, head);
      return undefined;
    }
    const row = receipt ? withReceipt(before, receipt) : withoutReceipt(before, head);
    if (row.state === before.state && row.blockNumber === before.blockNumber) {
      if (release) await this.#store.transact([{ op: "delete", pk: this.#pendingPk, sk: item.sk }]);
      return undefined;
    }
    if (!receipt) await this.#broadcast(row.raw);
    await this.#store.transact([
      { op: "put", pk: item.pk, sk: item.sk, value: row, expect: item.version },
      { op: "put", pk: this.#pendingPk, sk: item.sk, value: pendingOf(row) },
    ]);
    return statusOf(row);
  }

  async #rebroadcastIfLost(row: TxRow, head: BlockRef): Promise<void> {
    if (head.number - row.sentAtBlock < REBROADCAST_AFTER_BLOCKS) return;
    const known = await this.#rpc.send<unknown>("eth_getTransactionByHash", [row.txHash]);
    if (!known) await this.#broadcast(row.raw);
  }

  async #byKey(key: string): Promise<Item<TxRow> | undefined> {
    const pointer = await this.#store.get<{ sender: string; nonce: number }>("txKey", key);
    return pointer && this.#store.get<TxRow>(this.#lanePk, sortKey(pointer.value.nonce));
  }

  async #lane(): Promise<Item<Lane>> {
    const lane = await this.#store.get<Lane>("txLane", this.#lanePk);
    if (lane) return lane;
    const nextNonce = Number(
      await this.#rpc.send<string>("eth_getTransactionCount", [this.sender, "latest"]),
    );
    return { pk: "txLane", sk: this.#lanePk, version: 0, value: { nextNonce } };
  }

  /** The bytes are safe in the store; a node that is away gets them at the next refresh or retry. */
  async #broadcast(raw: string): Promise<void> {
    try {
      await this.#rpc.send("eth_sendRawTransaction", [raw]);
    } catch (error) {
      if (!HARMLESS.test(messageOf(error))) throw error;
    }
  }
}

function withReceipt(row: TxRow, receipt: Receipt): TxRow {
  return {
    ...row,
    state: receipt.status === "0x1" ? "mined" : "reverted",
    gasUsed: BigInt(receipt.gasUsed),
    blockNumber: Number(receipt.blockNumber),
  };
}

function withoutReceipt({ gasUsed: _gas, blockNumber: _block, ...row }: TxRow, head: BlockRef): TxRow {
  return { ...row, state: "pending", sentAtBlock: head.number };
}

function pendingOf({ nonce, blockNumber }: TxRow): Pending {
  return blockNumber === undefined ? { nonce } : { nonce, minedAtBlock: blockNumber };
}

function statusOf({ raw: _raw, sentAtBlock: _block, ...status }: TxRow): TxStatus {
  return status;
}

/**
 * One lane per (chain, sender): every transaction is an intent with a key and a nonce of its own, and its raw signed
 * bytes are in the store before they are on the wire. After any crash the same bytes are sent again: one nonce, one intent.
 */
import { type HDNodeWallet, keccak256, type Wallet } from "ethers";
import { sortKey } from "../../domain/market.ts";
import { messageOf } from "../../errors/errors.ts";
import type { TxStatus } from "../../ports/chain.ts";
import type { Item, Store } from "../../ports/store.ts";
import type { Rpc } from "./rpc.ts";

type Lane = { nextNonce: number };
type TxRow = TxStatus & { raw: string; sentAtBlock: number };

const TIP_WEI = 1_000_000_000n;
/** Room for the base fee to rise while a transaction waits. */
const FEE_HEADROOM = 20n;
/** Blocks a transaction may be unknown to the node before its bytes are sent again. */
const REBROADCAST_AFTER_BLOCKS = 12;
const MAX_PENDING = 1_000;
const HARMLESS = /already known|already imported|nonce too low|replacement transaction underpriced/i;

export class TxLane {
  readonly #store: Store;
  readonly #rpc: Rpc;
  readonly #wallet: Wallet | HDNodeWallet;
  readonly #chainId: bigint;
  #serial: Promise<unknown> = Promise.resolve();

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
      { op: "put", pk: this.#pendingPk, sk: sortKey(nonce), value: { nonce } },
      { op: "put", pk: "txLane", sk: this.#lanePk, value: { nextNonce: nonce + 1 }, expect: lane.version },
    ]);
    await this.#broadcast(raw);
    return statusOf(row);
  }

  /** What changed since the last look. */
  async refresh(): Promise<TxStatus[]> {
    const pending = await this.#store.query<{ nonce: number }>(this.#pendingPk, { limit: MAX_PENDING });
    const changed: TxStatus[] = [];
    for (const { value, sk } of pending) {
      const item = await this.#store.get<TxRow>(this.#lanePk, sortKey(value.nonce));
      if (!item) continue;
      const receipt = await this.#rpc.send<{ status: string; gasUsed: string; blockNumber: string } | null>(
        "eth_getTransactionReceipt",
        [item.value.txHash],
      );
      if (!receipt) {
        await this.#rebroadcastIfLost(item.value);
        continue;
      }
      const row: TxRow = {
        ...item.value,
        state: receipt.status === "0x1" ? "mined" : "reverted",
        gasUsed: BigInt(receipt.gasUsed),
        blockNumber: Number(receipt.blockNumber),
      };
      await this.#store.transact([
        { op: "put", pk: item.pk, sk: item.sk, value: row, expect: item.version },
        { op: "delete", pk: this.#pendingPk, sk },
      ]);
      changed.push(statusOf(row));
    }
    return changed;
  }

  async #rebroadcastIfLost(row: TxRow): Promise<void> {
    const head = Number(await this.#rpc.send<string>("eth_blockNumber", []));
    if (head - row.sentAtBlock < REBROADCAST_AFTER_BLOCKS) return;
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

function statusOf({ raw: _raw, sentAtBlock: _block, ...status }: TxRow): TxStatus {
  return status;
}

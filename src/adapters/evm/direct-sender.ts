/** Sends a transaction now, nonce from the node's pending count: for processes whose transactions may be lost without harm. */
import type { HDNodeWallet, Wallet } from "ethers";
import type { Rpc } from "./rpc.ts";

const GWEI = 1_000_000_000n;
/** A ceiling; what is paid is the block's base fee and the tip. */
const MAX_FEE_WEI = 100n * GWEI;

export class DirectSender {
  readonly #rpc: Rpc;
  readonly #wallet: Wallet | HDNodeWallet;
  readonly #chainId: bigint;
  readonly #tipWei: bigint;
  #nextNonce: number | undefined;
  constructor(rpc: Rpc, wallet: Wallet | HDNodeWallet, chainId: bigint, tipGwei: bigint) {
    this.#rpc = rpc;
    this.#wallet = wallet;
    this.#chainId = chainId;
    this.#tipWei = tipGwei * GWEI;
  }

  get address(): string {
    return this.#wallet.address;
  }

  /** @returns the transaction hash. */
  async send(
    to: string | null,
    data: string,
    gasLimit: bigint,
    tipWei: bigint = this.#tipWei,
  ): Promise<string> {
    try {
      return await this.#sendOnce(to, data, gasLimit, tipWei);
    } catch {
      // The key may be in use elsewhere: the remembered nonce was stale. Once more with the node's.
      return this.#sendOnce(to, data, gasLimit, tipWei);
    }
  }

  async #sendOnce(to: string | null, data: string, gasLimit: bigint, tipWei: bigint): Promise<string> {
    const nonce =
      this.#nextNonce ??
      (await this.#rpc.send<string>("eth_getTransactionCount", [this.#wallet.address, "pending"]));
    this.#nextNonce = undefined;
    const raw = await this.#wallet.signTransaction({
      type: 2,
      chainId: this.#chainId,
      nonce: Number(nonce),
      to,
      data,
      gasLimit,
      value: 0n,
      maxPriorityFeePerGas: tipWei,
      maxFeePerGas: MAX_FEE_WEI + tipWei,
    });
    const hash = await this.#rpc.send<string>("eth_sendRawTransaction", [raw]);
    this.#nextNonce = Number(nonce) + 1;
    return hash;
  }
}

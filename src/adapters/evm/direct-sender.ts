/** Sends a transaction now, nonce from the node's pending count: for processes whose transactions may be lost without harm. */
import type { HDNodeWallet, Wallet } from "ethers";
import type { Rpc } from "./rpc.ts";

const GWEI = 1_000_000_000n;
const FEE_HEADROOM = 50n;

export class DirectSender {
  readonly #rpc: Rpc;
  readonly #wallet: Wallet | HDNodeWallet;
  readonly #chainId: bigint;
  readonly #tipWei: bigint;
  constructor(rpc: Rpc, wallet: Wallet | HDNodeWallet, chainId: bigint, tipGwei: bigint) {
    this.#rpc = rpc;
    this.#wallet = wallet;
    this.#chainId = chainId;
    this.#tipWei = tipGwei * GWEI;
  }

  get address(): string { return this.#wallet.address; }

  /** @returns the transaction hash. */
  async send(to: string, data: string, gasLimit: bigint, tipWei: bigint = this.#tipWei): Promise<string> {
    const [nonce, head] = await Promise.all([
      this.#rpc.send<string>("eth_getTransactionCount", [this.#wallet.address, "pending"]),
      this.#rpc.send<{ baseFeePerGas?: string }>("eth_getBlockByNumber", ["latest", false]),
    ]);
    const raw = await this.#wallet.signTransaction({
      type: 2, chainId: this.#chainId, nonce: Number(nonce), to, data, gasLimit, value: 0n,
      maxPriorityFeePerGas: tipWei, maxFeePerGas: BigInt(head.baseFeePerGas ?? "0x0") * FEE_HEADROOM + tipWei,
    });
    return this.#rpc.send<string>("eth_sendRawTransaction", [raw]);
  }
}

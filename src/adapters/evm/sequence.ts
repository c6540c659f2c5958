/** Transactions of one account, one after another, as a deployment sends them. */
import { getCreateAddress, Interface, type Signer } from "ethers";
import { type Artifact, type ContractName, creationCode, readArtifact } from "./artifacts.ts";

export interface SequenceOptions {
  deployer: Signer;
  artifactsDir: string;
  /** Mines a block; leave out on a chain that mines by itself. */
  mine?: () => Promise<unknown>;
}

const GAS_BASE = 600_000n;
const GAS_PER_BYTE = 320n;
const CALL_GAS = 1_000_000n;
const MAX_BLOCKS = 32;
/** Below the limit of a block on every network that is deployed to. */
const BLOCK_GAS = 29_000_000n;
/** Plenty for a local chain; the fee actually paid is the block's base fee. */
const MAX_FEE = 100_000_000_000n;

/** Sends transactions with consecutive nonces and knows each created address before it is mined. */
export class Sequence {
  readonly hashes: string[] = [];
  readonly #artifacts = new Map<ContractName, Artifact>();
  readonly #options: SequenceOptions;
  readonly #from: string;
  readonly #chainId: bigint;
  #nonce: number;
  /** The limits of what was sent since the last wait. */
  #gasInFlight = 0n;
  #settled = 0;

  constructor(options: SequenceOptions, from: string, chainId: bigint, nonce: number) {
    this.#options = options;
    this.#from = from;
    this.#chainId = chainId;
    this.#nonce = nonce;
  }

  artifact(name: ContractName): Artifact {
    const known = this.#artifacts.get(name) ?? readArtifact(this.#options.artifactsDir, name);
    this.#artifacts.set(name, known);
    return known;
  }

  async create(name: ContractName, args: unknown[], libraries: Record<string, string> = {}): Promise<string> {
    const data = creationCode(this.artifact(name), args, libraries);
    const address = getCreateAddress({ from: this.#from, nonce: this.#nonce });
    await this.#send(null, data, GAS_BASE + (BigInt(data.length) / 2n) * GAS_PER_BYTE);
    return address;
  }

  /** The address of the creation that comes after `between` other transactions. */
  addressAfter(between: number): string {
    return getCreateAddress({ from: this.#from, nonce: this.#nonce + between });
  }

  async call(name: ContractName, to: string, method: string, args: unknown[]): Promise<void> {
    await this.#send(to, new Interface(this.artifact(name).abi).encodeFunctionData(method, args), CALL_GAS);
  }

  async #send(to: string | null, data: string, gasLimit: bigint): Promise<void> {
    // A node may drop what follows on a transaction that no longer fits into the block.
    if (this.#gasInFlight + gasLimit > BLOCK_GAS) await this.settle();
    this.#gasInFlight += gasLimit;
    const response = await this.#options.deployer.sendTransaction({
      to,
      data,
      gasLimit,
      nonce: this.#nonce,
      chainId: this.#chainId,
      type: 2,
      maxFeePerGas: MAX_FEE,
      maxPriorityFeePerGas: 0n,
    });
    this.#nonce += 1;
    this.hashes.push(response.hash);
  }

  /** Waits until every transaction is in a block, mining if asked to; throws at the first that failed. */
  async settle(): Promise<void> {
    const provider = this.#options.deployer.provider!;
    const open = this.hashes.slice(this.#settled);
    this.#gasInFlight = 0n;
    for (let block = 0; open.length > 0; block++) {
      if (block === MAX_BLOCKS) throw new Error(`deployment: ${open.length} transactions not mined`);
      await this.#options.mine?.();
      const receipts = await Promise.all(open.map((hash) => provider.getTransactionReceipt(hash)));
      for (const receipt of receipts) {
        if (receipt === null) continue;
        if (receipt.status !== 1) {
          const at = this.hashes.indexOf(receipt.hash);
          throw new Error(
            `deployment: transaction ${at} of ${this.hashes.length} reverted (${receipt.hash})`,
          );
        }
        open.splice(open.indexOf(receipt.hash), 1);
      }
      if (open.length > 0 && this.#options.mine === undefined)
        await new Promise((next) => setTimeout(next, 50));
    }
    this.#settled = this.hashes.length;
  }
}

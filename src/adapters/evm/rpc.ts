/** A JSON-RPC connection tuned for a local or paid node: no batching delay, no polling, a fixed network. */
import { type Interface, JsonRpcProvider, Network } from "ethers";
import { UnknownOutcome } from "../../errors/errors.ts";
import type { BlockRef } from "../../ports/chain.ts";

const REQUEST_TIMEOUT_MS = 20_000;

export class Rpc {
  readonly provider: JsonRpcProvider;

  constructor(url: string, chainId: bigint) {
    const network = Network.from(chainId);
    this.provider = new JsonRpcProvider(url, network, {
      staticNetwork: network,
      batchMaxCount: 1,
      cacheTimeout: -1,
    });
  }

  /** @throws UnknownOutcome when the node does not answer; the node's own error otherwise. */
  async send<T>(method: string, params: unknown[]): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(
        () =>
          reject(
            new UnknownOutcome("rpc.timeout", `${method} had no answer within ${REQUEST_TIMEOUT_MS} ms`),
          ),
        REQUEST_TIMEOUT_MS,
      );
    });
    try {
      return (await Promise.race([this.provider.send(method, params), timeout])) as T;
    } finally {
      clearTimeout(timer);
    }
  }

  async call(to: string, abi: Interface, method: string, args: readonly unknown[]) {
    const data = await this.send<string>("eth_call", [
      { to, data: abi.encodeFunctionData(method, args) },
      "latest",
    ]);
    return abi.decodeFunctionResult(method, data);
  }

  async block(number: number | "latest"): Promise<BlockRef | undefined> {
    const tag = number === "latest" ? number : `0x${number.toString(16)}`;
    const block = await this.send<{
      number: string;
      hash: string;
      parentHash: string;
      timestamp: string;
      logsBloom: string;
    } | null>("eth_getBlockByNumber", [tag, false]);
    if (!block) return undefined;
    return {
      number: Number(block.number),
      hash: block.hash,
      parentHash: block.parentHash,
      timestamp: Number(block.timestamp),
      logsBloom: block.logsBloom,
    };
  }

  close(): void {
    this.provider.destroy();
  }
}

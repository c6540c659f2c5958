/** Sends a deployment's transactions and keeps what each one created, so that the record says what was sent. */
import {
  AbstractSigner,
  getAddress,
  getCreateAddress,
  keccak256,
  type Provider,
  type Signer,
  type TransactionRequest,
  type TransactionResponse,
  type TypedDataDomain,
  type TypedDataField,
} from "ethers";
import { type Deployment, mandateIdOf } from "../../src/adapters/evm/deploy.ts";
import type { DeploymentParams } from "../../src/adapters/evm/deployment-params.ts";
import { SaksiError, UsageError } from "../../src/errors/errors.ts";
import { argumentsOf, type BuiltContract, creationOf } from "./artifacts.ts";
import { rolesOf } from "./expectations.ts";
import type { Node } from "./recheck.ts";
import type { DeploymentRecord, RecordedContract } from "./record.ts";

export type Sent = {
  hash: string;
  from: string;
  nonce: number;
  to: string | null;
  data: string;
  block: number;
};

/** A signer that remembers what it sent. */
export class RecordingSigner extends AbstractSigner {
  readonly #inner: Signer;
  readonly #tipWei: bigint | undefined;
  readonly #sent: { hash: string; nonce: number; to: string | null; data: string }[] = [];

  /** @param tipWei replaces the priority fee of every transaction; public networks include none without one. */
  constructor(inner: Signer, tipWei?: bigint) {
    super(inner.provider);
    this.#inner = inner;
    this.#tipWei = tipWei;
  }

  override connect(provider: Provider | null): Signer {
    return new RecordingSigner(this.#inner.connect(provider), this.#tipWei);
  }
  override getAddress(): Promise<string> {
    return this.#inner.getAddress();
  }
  override signTransaction(tx: TransactionRequest): Promise<string> {
    return this.#inner.signTransaction(tx);
  }
  override signMessage(message: string | Uint8Array): Promise<string> {
    return this.#inner.signMessage(message);
  }
  override signTypedData(
    domain: TypedDataDomain,
    types: Record<string, TypedDataField[]>,
    value: Record<string, unknown>,
  ): Promise<string> {
    return this.#inner.signTypedData(domain, types, value);
  }

  override async sendTransaction(tx: TransactionRequest): Promise<TransactionResponse> {
    const tip = this.#tipWei === undefined ? {} : { maxPriorityFeePerGas: this.#tipWei };
    const response = await this.#inner.sendTransaction({ ...tx, ...tip });
    this.#sent.push({
      hash: response.hash,
      nonce: Number(tx.nonce),
      to: (tx.to as string | null) ?? null,
      data: String(tx.data),
    });
    return response;
  }

  /** @throws SaksiError when a transaction is in no block. */
  async sent(): Promise<Sent[]> {
    const from = await this.getAddress();
    const all: Sent[] = [];
    for (const one of this.#sent) {
      const receipt = await this.provider!.getTransactionReceipt(one.hash);
      if (receipt === null) throw new SaksiError("deploy.notMined", `transaction ${one.hash} is in no block`);
      all.push({ ...one, from, block: receipt.blockNumber });
    }
    return all;
  }
}

/** @throws SaksiError for a created contract that is none of the compiled ones. */
export function recordOf(
  network: string,
  built: BuiltContract[],
  sent: Sent[],
  params: DeploymentParams,
  deployment: Pick<Deployment, "chainId" | "asset" | "feeds" | "mandates">,
): DeploymentRecord {
  const markets = new Map(Object.entries(deployment.feeds).map(([market, at]) => [at.toLowerCase(), market]));
  const contracts = sent
    .filter(({ to }) => to === null)
    .map((creation): RecordedContract => {
      const address = getCreateAddress(creation);
      const found = creationOf(built, creation.data);
      if (found === undefined)
        throw new SaksiError(
          "deploy.unknown",
          `transaction ${creation.hash} created ${address} from code that none of the compiled contracts has; run npm run build:contracts and use the sources it was deployed from`,
        );
      const { contract, constructorArguments, libraries } = found;
      const label = markets.get(address.toLowerCase());
      return {
        contract: contract.contractName,
        ...(label === undefined ? {} : { label }),
        source: contract.sourceName,
        address,
        constructorArguments,
        arguments: argumentsOf(contract.abi, constructorArguments),
        libraries: Object.fromEntries(Object.entries(libraries).map(([name, at]) => [name, getAddress(at)])),
        creationCodeHash: keccak256(creation.data.slice(0, contract.bytecode.length)),
        transaction: creation.hash,
        block: creation.block,
      };
    });
  const blocks = sent.map(({ block }) => block);
  const record: DeploymentRecord = {
    format: 1,
    network,
    chainId: Number(deployment.chainId),
    deployer: sent[0]!.from,
    firstBlock: Math.min(...blocks),
    block: Math.max(...blocks),
    contracts,
    asset: getAddress(deployment.asset),
    feeds: deployment.feeds,
    mandates: deployment.mandates,
    parameters: params,
    roles: [],
  };
  return { ...record, roles: rolesOf(record) };
}

/** A deployment takes a few dozen blocks. */
const MAX_BLOCKS = 1_000;
type Block = {
  transactions: { hash: string; from: string; nonce: string; to: string | null; input: string }[];
};

/**
 * What an account created in these blocks, read from the chain.
 * @throws UsageError for more blocks than a deployment takes.
 */
export async function creationsIn(
  node: Node,
  deployer: string,
  firstBlock: number,
  lastBlock: number,
): Promise<Sent[]> {
  if (lastBlock - firstBlock >= MAX_BLOCKS)
    throw new UsageError(
      "deploy.blocks",
      `a deployment lies within ${MAX_BLOCKS} blocks, not ${firstBlock} to ${lastBlock}`,
    );
  const sent: Sent[] = [];
  for (let number = firstBlock; number <= lastBlock; number++) {
    const block = (await node.send("eth_getBlockByNumber", [
      `0x${number.toString(16)}`,
      true,
    ])) as Block | null;
    for (const { hash, from, nonce, to, input } of block?.transactions ?? [])
      if (to === null && from.toLowerCase() === deployer.toLowerCase())
        sent.push({ hash, from: getAddress(from), nonce: Number(nonce), to, data: input, block: number });
  }
  if (sent.length === 0)
    throw new UsageError(
      "deploy.none",
      `${deployer} created nothing in the blocks ${firstBlock} to ${lastBlock}`,
    );
  return sent.sort((a, b) => a.nonce - b.nonce);
}

/** Where the parts of a deployment stand that was sent by something else, such as Ignition. */
export function partsOf(
  chainId: bigint,
  built: BuiltContract[],
  sent: Sent[],
  params: DeploymentParams,
): Pick<Deployment, "chainId" | "asset" | "feeds" | "mandates"> {
  const feeds: Record<string, string> = {};
  let asset = params.asset;
  for (const creation of sent) {
    const found = creationOf(built, creation.data);
    const address = getCreateAddress(creation);
    if (found?.contract.contractName === "MockUsd") asset ??= address;
    if (found?.contract.contractName === "VenuePriceFeed")
      feeds[argumentsOf(found.contract.abi, found.constructorArguments)["description_"]!] = address;
  }
  if (asset === undefined)
    throw new UsageError("deploy.asset", "the parameters name no asset and the account created none");
  const mandates = Object.fromEntries(
    params.markets.map(({ market }) => [
      market,
      mandateIdOf(params.venueAccountHash, market, params.operator),
    ]),
  );
  return { chainId, asset, feeds, mandates };
}

/** Reads back from the chain what a deployment record says, and names every difference in one sentence. */
import { getAddress, Interface, isAddress } from "ethers";
import { SaksiError } from "../../src/errors/errors.ts";
import { type BuiltContract, builtContract, inWords } from "./artifacts.ts";
import { type Expectation, expectationsOf, READ_CONTRACTS, type Value } from "./expectations.ts";
import { type DeploymentRecord, recorded } from "./record.ts";

/** An Ethereum node; ethers' and Hardhat's providers have this method. */
export type Node = { send(method: string, params: unknown[]): Promise<unknown> };

/** A pending finding needs an act of somebody else, such as a new owner who has yet to accept. */
export type Finding = { kind: "difference" | "pending"; sentence: string };
export type Recheck = { block: number; reads: number; findings: Finding[] };

const LOG_BLOCKS = 5_000;
/** A year of blocks at twelve seconds. */
const MAX_LOG_BLOCKS = 2_700_000;

/** @throws SaksiError when the node is on another chain. */
export async function recheck(
  node: Node,
  built: BuiltContract[],
  record: DeploymentRecord,
): Promise<Recheck> {
  const chainId = Number(await node.send("eth_chainId", []));
  if (chainId !== record.chainId)
    throw new SaksiError(
      "recheck.chain",
      `the node is on chain ${chainId} and the record of ${record.network} on chain ${record.chainId}; give the node of that chain`,
    );
  // Every read is of one block, so that the picture is of one moment.
  const block = String(await node.send("eth_blockNumber", []));
  const findings: Finding[] = [];
  const without = await codeless(node, record, block);
  for (const { contract, address } of record.contracts) {
    if (without.has(address))
      findings.push(difference(`${contract} at ${address}: expected code, found none`));
    else if (!READ_CONTRACTS.has(contract))
      findings.push(
        difference(`${contract} at ${address}: nothing is known of its parameters, so none was read`),
      );
  }
  const expectations = expectationsOf(record).filter(({ address }) => !without.has(address));
  const read = reader(node, built, block);
  for (const expectation of expectations) {
    const finding = await compare(read, record, expectation);
    if (finding !== undefined) findings.push(finding);
  }
  findings.push(...(await strangers(node, built, record, read, Number(block))));
  return { block: Number(block), reads: expectations.length, findings };
}

const difference = (sentence: string): Finding => ({ kind: "difference", sentence });

async function codeless(node: Node, record: DeploymentRecord, block: string): Promise<Set<string>> {
  const empty = new Set<string>();
  for (const { address } of record.contracts)
    if ((await node.send("eth_getCode", [address, block])) === "0x") empty.add(address);
  return empty;
}

type Read = (one: Pick<Expectation, "contract" | "address" | "getter" | "args" | "field">) => Promise<string>;

function reader(node: Node, built: BuiltContract[], block: string): Read {
  const interfaces = new Map<string, Interface>();
  return async ({ contract, address, getter, args, field }) => {
    const abi = interfaces.get(contract) ?? new Interface(builtContract(built, contract).abi);
    interfaces.set(contract, abi);
    const call = { to: address, data: abi.encodeFunctionData(getter, args) };
    const result = abi.decodeFunctionResult(getter, String(await node.send("eth_call", [call, block])));
    // A struct is the one value that a getter returns; several values are the result itself.
    const whole = result.length === 1 ? result[0] : result;
    return canonical(field === undefined ? whole : whole[field]);
  };
}

const canonical = (value: unknown): string => {
  const text = inWords(value);
  return isAddress(text) ? getAddress(text) : text;
};

async function compare(read: Read, record: DeploymentRecord, one: Expectation): Promise<Finding | undefined> {
  const where = `${one.contract} at ${one.address}: ${nameOf(one)}`;
  const expected = canonical(one.expected);
  let found: string;
  try {
    found = await read(one);
  } catch (cause) {
    if (!(cause instanceof Error) || !/revert|BAD_DATA|could not decode/i.test(cause.message)) throw cause;
    return difference(`${where}: expected ${expected}, found no answer`);
  }
  if (found === expected) return undefined;
  if (one.getter === "owner" && found === getAddress(record.deployer)) {
    const next = await read({ ...one, getter: "pendingOwner" });
    if (next === expected)
      return {
        kind: "pending",
        sentence: `${where}: still the deployer ${found}; ${expected} has to call acceptOwnership`,
      };
  }
  return difference(`${where}: expected ${expected}, found ${found}`);
}

const nameOf = ({ getter, args, field }: Expectation): string =>
  `${getter}(${args.map((arg: Value) => String(arg)).join(", ")})${field === undefined ? "" : `.${field}`}`;

/** Transports that the events name, that the record does not, and that may still speak. */
async function strangers(
  node: Node,
  built: BuiltContract[],
  record: DeploymentRecord,
  read: Read,
  block: number,
): Promise<Finding[]> {
  const validator = recorded(record, "PredictionValidator");
  if (validator === undefined) return [];
  const topic = new Interface(builtContract(built, validator.contract).abi).getEvent(
    "AdapterChanged",
  )!.topicHash;
  const from = record.firstBlock;
  if (block - from > MAX_LOG_BLOCKS)
    return [
      difference(
        `${validator.contract} at ${validator.address}: events of more than ${MAX_LOG_BLOCKS} blocks were not read; other transports may be enabled`,
      ),
    ];
  const named = new Set<string>();
  for (let start = from; start <= block; start += LOG_BLOCKS) {
    const end = Math.min(start + LOG_BLOCKS - 1, block);
    const filter = {
      address: validator.address,
      topics: [topic],
      fromBlock: quantity(start),
      toBlock: quantity(end),
    };
    for (const { topics } of (await node.send("eth_getLogs", [filter])) as { topics: string[] }[])
      named.add(getAddress(`0x${topics[1]!.slice(26)}`));
  }
  const findings: Finding[] = [];
  for (const account of named) {
    if (record.contracts.some(({ address }) => getAddress(address) === account)) continue;
    const level = await read({ ...validator, getter: "adapter", args: [account], field: "level" });
    if (level !== "0")
      findings.push(
        difference(
          `${validator.contract} at ${validator.address}: adapter(${account}).level: expected 0, found ${level}`,
        ),
      );
  }
  return findings;
}

const quantity = (value: number): string => `0x${value.toString(16)}`;

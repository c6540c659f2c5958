/** Logs of our contracts as the system's own events. */
import type { Log, LogDescription } from "ethers";
import type { BlockRef, ChainEvent, ChainEventName } from "../../ports/chain.ts";
import { validatorAbi, vaultAbi } from "./abi.ts";

const NAMES: Record<string, ChainEventName> = {
  AttestationRequested: "Registered",
  AttestationIgnored: "Ignored",
  PredictionApproved: "Approved",
  PredictionRejected: "Rejected",
  PredictionSettled: "Settled",
  PredictionCancelled: "Cancelled",
  PredictionFinalized: "Finalized",
  PredictionExpired: "Expired",
  PredictionDisputed: "Disputed",
  DisputeResolved: "Resolved",
  ApprovalRevoked: "Revoked",
  EpochClosed: "EpochClosed",
  Distributed: "Distributed",
};

export type RawLog = {
  address: string;
  topics: string[];
  data: string;
  blockNumber: string;
  blockHash: string;
  logIndex: string;
  transactionHash: string;
};

export function eventOf(log: RawLog, block: BlockRef): ChainEvent | undefined {
  const parsed: LogDescription | null =
    validatorAbi.parseLog(log as unknown as Log) ?? vaultAbi.parseLog(log as unknown as Log);
  const name = parsed && NAMES[parsed.name];
  if (!parsed || !name) return undefined;
  const args: ChainEvent["args"] = {};
  parsed.fragment.inputs.forEach((input, at) => {
    args[input.name] = parsed.args[at] as bigint | string | boolean;
  });
  const id = String(args["id"] ?? args["digest"] ?? "");
  return {
    name,
    id,
    blockNumber: block.number,
    blockHash: block.hash,
    logIndex: Number(log.logIndex),
    txHash: log.transactionHash,
    timestamp: block.timestamp,
    args,
  };
}

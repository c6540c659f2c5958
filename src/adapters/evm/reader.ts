/** Reads of the chain: everything a witness or a verifier needs; no key anywhere. */
import { ALL_FLAGS, FLAG, SEALED_MARK, type Transport } from "../../domain/attestation.ts";
import { type Prediction, type Reveal, SIDE_CODE } from "../../domain/prediction.ts";
import { SaksiError } from "../../errors/errors.ts";
import type { BlockRef, ChainEvent, ChainReader, PredictionState } from "../../ports/chain.ts";
import { type Addresses, feedAbi, policyAbi, quorumAbi, validatorAbi, vaultAbi } from "./abi.ts";
import { mayContain } from "./bloom.ts";
import { eventOf, type RawLog } from "./events.ts";
import { Rpc } from "./rpc.ts";

const STATES: readonly PredictionState[] = [
  "None",
  "Registered",
  "Approved",
  "Rejected",
  "Settled",
  "Final",
  "Cancelled",
  "Expired",
  "Disputed",
  "Voided",
];
/** Assurance level and flags that each transport may claim; a preview assumes them. */
const ASSURANCE: Record<Transport, { level: number; flags: number }> = {
  quorum: { level: 2, flags: ALL_FLAGS },
  sealed: { level: 2, flags: ALL_FLAGS | FLAG.DIRECTION | SEALED_MARK },
  functions: { level: 3, flags: 0x1b },
  gelato: { level: 1, flags: 0x1b },
};

export const predictionArg = (p: Prediction) => [
  p.mandateId,
  p.modelId,
  p.sequence,
  p.previousId,
  p.observedAt,
  p.entryExpiresAt,
  p.horizonAt,
  p.settleBy,
  p.referencePriceE8,
  p.maxNotionalUsdE6,
  p.maxLeverageBps,
  p.maxLossUsdE6,
  p.confidencePpm,
  p.riskSpecHash,
  p.evidenceHash,
  p.seal,
];
export const revealArg = (r: Reveal) => [
  r.salt,
  SIDE_CODE[r.side],
  r.entryLimitE8,
  r.stopE8,
  r.targetE8,
  r.qtyE8,
  r.leverageBps,
];

export type ReaderOptions = {
  rpcUrl: string;
  chainId: bigint;
  addresses: Addresses;
  mandateId: string;
  transport: Transport;
};

export function createChainReader(options: ReaderOptions): ChainReader & { rpc: Rpc; close(): void } {
  const { addresses, chainId } = options;
  const rpc = new Rpc(options.rpcUrl, chainId);
  const validator = (method: string, args: readonly unknown[]) =>
    rpc.call(addresses.validator, validatorAbi, method, args);
  return {
    rpc,
    chainId,
    validator: addresses.validator,
    async head() {
      return (await rpc.block("latest")) as BlockRef;
    },
    block: (number) => rpc.block(number),
    async eventsOf(block): Promise<ChainEvent[]> {
      const emitters = [addresses.validator, addresses.vault];
      if (!emitters.some((emitter) => mayContain(block.logsBloom, emitter))) return [];
      const logs = await rpc.send<RawLog[]>("eth_getLogs", [{ blockHash: block.hash, address: emitters }]);
      const events = logs
        .map((log) => eventOf(log, block))
        .filter((event): event is ChainEvent => event !== undefined);
      for (const event of events)
        if (event.name === "Rejected")
          event.args["text"] = (
            await rpc.call(addresses.policy, policyAbi, "reasonText", [event.args["reasonBits"]])
          )[0];
      return events;
    },
    async stateOf(id) {
      const record = (await validator("record", [id]))[0];
      const state = STATES[Number(record.state)];
      if (!state)
        throw new SaksiError("chain.state", `the validator answered the unknown state ${record.state}`);
      return {
        state,
        revoked: record.revoked,
        approvedAt: record.approvedAt,
        epoch: BigInt(record.epoch),
        finalizableAt: record.finalizableAt,
      };
    },
    async nextSequence(mandateId) {
      const mandate = (await validator("mandate", [mandateId]))[0];
      return { sequence: mandate.lastSequence + 1n, previousId: mandate.lastId };
    },
    async preview(prediction, reveal) {
      const [ok, reasonBits, text] = await validator("previewApproval", [
        predictionArg(prediction),
        revealArg(reveal),
        ASSURANCE[options.transport].level,
        ASSURANCE[options.transport].flags,
      ]);
      return { ok, reasonBits, text };
    },
    async feedPrice() {
      const round = await rpc.call(addresses.feed, feedAbi, "latestRoundData", []);
      return { priceE8: round[1], updatedAt: round[3] };
    },
    async epoch() {
      const [[epoch], [snapshotAt]] = await Promise.all([
        validator("currentEpoch", []),
        validator("snapshotAt", []),
      ]);
      return { epoch: BigInt(epoch), snapshotAt: BigInt(snapshotAt) };
    },
    async fundFigures() {
      const [current] = await validator("currentEpoch", []);
      let sentToVenueE6 = 0n;
      let returnedE6 = 0n;
      for (let epoch = 1n; epoch <= BigInt(current); epoch++) {
        const [sent, returned] = await rpc.call(addresses.vault, vaultAbi, "transfersOf", [epoch]);
        sentToVenueE6 += sent;
        returnedE6 += returned;
      }
      const mandate = (await validator("mandate", [options.mandateId]))[0];
      const [receivableE8] = await rpc.call(addresses.vault, vaultAbi, "receivableAtVenueE8", []);
      return { sentToVenueE6, returnedE6, settledPnlE8: mandate.pnlE8, receivableE8 };
    },
    async signerSetEpoch() {
      return (await rpc.call(addresses.quorum, quorumAbi, "signerSetEpoch", []))[0];
    },
    close: () => rpc.close(),
  };
}

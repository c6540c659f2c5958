/** The chain port over ethers: the reads, and writes through the sender's lane. */
import { concat, type HDNodeWallet, type Wallet } from "ethers";
import { SaksiError } from "../../errors/errors.ts";
import type { ChainPort, TxStatus } from "../../ports/chain.ts";
import type { Store } from "../../ports/store.ts";
import { functionsAbi, quorumAbi, validatorAbi } from "./abi.ts";
import { bracketingRound } from "./feed.ts";
import { TxLane } from "./lane.ts";
import { createChainReader, predictionArg, type ReaderOptions, revealArg } from "./reader.ts";

const GAS = {
  attest: 600_000n,
  register: 500_000n,
  request: 1_500_000n,
  lapse: 300_000n,
  settle: 500_000n,
  cancel: 300_000n,
  expire: 300_000n,
  finalize: 200_000n,
  closeEpoch: 700_000n,
};

export type ChainOptions = ReaderOptions & {
  store: Store;
  /** Pays gas; holds no authority. */
  relayer: Wallet | HDNodeWallet;
};

export function createChain(options: ChainOptions): ChainPort & { close(): void } {
  const { addresses } = options;
  const reader = createChainReader(options);
  const { rpc } = reader;
  const lane = new TxLane(options.store, rpc, options.relayer, options.chainId);
  const send = (key: string, step: keyof typeof GAS, to: string, data: string): Promise<TxStatus> =>
    lane.send(key, step, to, data, GAS[step]);
  return {
    ...reader,
    attestQuorum: ({ id, prediction, signature, reveal, payload, signatures }) =>
      send(
        `attest:${id}`,
        "attest",
        addresses.quorum,
        quorumAbi.encodeFunctionData("attest", [
          predictionArg(prediction),
          signature,
          revealArg(reveal),
          payload,
          concat(signatures),
        ]),
      ),
    attestSealed: ({ id, prediction, signature, payload, signatures }) =>
      send(
        `attest:${id}`,
        "attest",
        addresses.quorum,
        quorumAbi.encodeFunctionData("attestSealed", [
          predictionArg(prediction),
          signature,
          payload,
          concat(signatures),
        ]),
      ),
    register: ({ id, prediction, signature, reveal }) =>
      send(
        `register:${id}`,
        "register",
        addresses.validator,
        validatorAbi.encodeFunctionData("registerPrediction", [
          predictionArg(prediction),
          signature,
          revealArg(reveal),
        ]),
      ),
    requestFunctions: async ({ id, source, args }) => {
      if (!addresses.functions)
        throw new SaksiError("chain.noFunctions", "this deployment has no FunctionsAttester");
      return send(
        `request:${id}`,
        "request",
        addresses.functions,
        functionsAbi.encodeFunctionData("requestAttestation", [id, source, args]),
      );
    },
    lapse: ({ id, prediction, signature }) =>
      send(
        `lapse:${id}`,
        "lapse",
        addresses.validator,
        validatorAbi.encodeFunctionData("lapse", [predictionArg(prediction), signature]),
      ),
    async settle({ id, prediction, reveal, payload, signatures, entryLastAt, exitLastAt, attempt }) {
      const entryRound = await bracketingRound(rpc, addresses.feed, entryLastAt);
      const exitRound = await bracketingRound(rpc, addresses.feed, exitLastAt);
      return send(
        `settle:${id}:${attempt}`,
        "settle",
        addresses.quorum,
        quorumAbi.encodeFunctionData("settle", [
          predictionArg(prediction),
          revealArg(reveal),
          payload,
          entryRound,
          exitRound,
          concat(signatures),
        ]),
      );
    },
    cancel: ({ id, prediction, payload, signatures, attempt }) =>
      send(
        `cancel:${id}:${attempt}`,
        "cancel",
        addresses.quorum,
        quorumAbi.encodeFunctionData("cancel", [predictionArg(prediction), payload, concat(signatures)]),
      ),
    expire: (id) =>
      send(`expire:${id}`, "expire", addresses.validator, validatorAbi.encodeFunctionData("expire", [id])),
    finalize: (id) =>
      send(
        `finalize:${id}`,
        "finalize",
        addresses.validator,
        validatorAbi.encodeFunctionData("finalize", [id]),
      ),
    closeEpoch: ({ epoch, payload, signatures }) =>
      send(
        `closeEpoch:${epoch}`,
        "closeEpoch",
        addresses.quorum,
        quorumAbi.encodeFunctionData("closeEpoch", [payload, concat(signatures)]),
      ),
    refresh: (head) => lane.refresh(head),
  };
}

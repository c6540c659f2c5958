/**
 * The attestation as a Gelato Web3 Function with an event trigger: the validator's AttestationRequested names the
 * prediction, the answer is one call of GelatoAttester.submit. Time and sequence come from the chain, not from the host.
 */
import { Interface } from "@ethersproject/abi";
import { keccak256 } from "@ethersproject/keccak256";
import { recoverAddress } from "@ethersproject/transactions";
import { Web3Function, type Web3FunctionEventContext } from "@gelatonetwork/web3-functions-sdk";
import {
  bytesOf,
  closeOf,
  type Host,
  hexOf,
  indexCandleUrl,
  judge,
  observedAtOf,
  type Published,
  type Terms,
} from "../../functions/source/judge.ts";

const WORD_BYTES = 32;
const CALL_TIMEOUT_MS = 4_000;
const attesterAbi = new Interface(["function submit(bytes payload) returns (uint8 status)"]);
/** The state's first words are enough: `lastSequence` is the fifth. */
const validatorAbi = new Interface([
  "function mandate(bytes32 mandateId) view returns (uint32 index, address operator, bytes32 venueAccountHash, bytes32 marketHash, uint64 lastSequence)",
]);

const host: Host = {
  keccak256: (bytes) => bytesOf(keccak256(bytes), WORD_BYTES),
  recover: (digest, signature) => recoverAddress(digest, signature).toLowerCase(),
};

async function get(who: string, url: string): Promise<unknown> {
  const response = await fetch(url, { signal: AbortSignal.timeout(CALL_TIMEOUT_MS) });
  if (!response.ok) throw Error(`the ${who} answered ${response.status}`);
  return response.json();
}

async function payloadFor(context: Web3FunctionEventContext, id: string): Promise<string> {
  const { userArgs, gelatoArgs, multiChainProvider } = context;
  const text = (name: string): string => String(userArgs[name]);
  const chain = multiChainProvider.default();
  const state = await chain.call({
    to: text("validator"),
    data: validatorAbi.encodeFunctionData("mandate", [text("mandateId")]),
  });
  const { lastSequence } = validatorAbi.decodeFunctionResult("mandate", state);
  const { timestamp } = await chain.getBlock("latest");
  const published = (await get("publisher", `${text("publisherUrl")}/predictions/${id}`)) as Published;
  const observedAt = observedAtOf(published);
  const priceE8 = closeOf(
    await get("venue", indexCandleUrl(text("venueUrl"), text("symbol"), observedAt)),
    observedAt,
  );
  const terms: Terms = {
    id,
    chainId: BigInt(gelatoArgs.chainId),
    validator: text("validator"),
    publisher: text("publisher"),
    mandateId: text("mandateId"),
    sequence: BigInt(lastSequence.toString()) + 1n,
    nowSeconds: BigInt(timestamp),
    maxAgeSeconds: BigInt(text("maxAgeSeconds")),
    priceToleranceBps: BigInt(text("priceToleranceBps")),
  };
  return hexOf(judge(host, terms, published, priceE8));
}

Web3Function.onRun(async (context: Web3FunctionEventContext) => {
  const id = context.log.topics[1];
  if (!id) return { canExec: false, message: "the event names no prediction" };
  try {
    const payload = await payloadFor(context, id);
    const data = attesterAbi.encodeFunctionData("submit", [payload]);
    return { canExec: true, callData: [{ to: String(context.userArgs["attester"]), data }] };
  } catch (error) {
    return { canExec: false, message: (error as Error).message };
  }
});

/** A request as the coordinator's event carries it, its run in the vendor's simulator, and the report that answers it. */

/** The one-node network needs the vendor's packages, which are only installed for this transport. */
type Require = (name: string) => unknown;

export type Request = { requestId: string; data: string; commitment: unknown };
export type Answer = { response: string; error?: string };

type Cbor = { decodeAll(bytes: Buffer): Promise<unknown[]> };
type Simulation = { responseBytesHexstring?: string; errorString?: string };
type Toolkit = { simulateScript(options: { source: string; args: string[] }): Promise<Simulation> };
type Ethers5 = {
  utils: { defaultAbiCoder: { encode(types: readonly unknown[], values: readonly unknown[]): string } };
};

const MAX_ERROR_BYTES = 256;
/** `FunctionsResponse.Commitment`, as the router hashed it at the request. */
const COMMITMENT =
  "tuple(bytes32 requestId,address coordinator,uint96 estimatedTotalCostJuels,address client,uint64 subscriptionId,uint32 callbackGasLimit,uint72 adminFee,uint72 donFee,uint40 gasOverheadBeforeCallback,uint40 gasOverheadAfterCallback,uint32 timeoutTimestamp)";

export function requestOf(args: unknown): Request {
  const { requestId, data, commitment } = args as Request;
  return { requestId, data, commitment };
}

/** CBOR pairs without an outer map: key, value, key, value. */
async function scriptOf(require: Require, data: string): Promise<{ source: string; args: string[] }> {
  const items = await (require("cbor") as Cbor).decodeAll(Buffer.from(data.slice(2), "hex"));
  const value = (key: string): unknown =>
    items[items.findIndex((item, at) => at % 2 === 0 && item === key) + 1];
  const source = value("source");
  const args = value("args");
  if (typeof source !== "string" || !Array.isArray(args) || args.some((arg) => typeof arg !== "string"))
    throw new Error("CBOR parsing error");
  return { source, args: args as string[] };
}

/** The prediction a request is about, undefined when it cannot be read. */
export const subjectOf = async (require: Require, request: Request): Promise<string | undefined> =>
  (await scriptOf(require, request.data).catch(() => undefined))?.args[0];

/** Exactly one of response and error is not empty, as on the network. */
export async function answerOf(require: Require, request: Request): Promise<Answer> {
  const failed = (text: string): Answer => ({ response: "0x", error: text.slice(0, MAX_ERROR_BYTES) });
  try {
    const { simulateScript } = require("@chainlink/functions-toolkit") as Toolkit;
    const { responseBytesHexstring, errorString } = await simulateScript(
      await scriptOf(require, request.data),
    );
    return errorString === undefined && responseBytesHexstring
      ? { response: responseBytesHexstring }
      : failed(errorString ?? "the script returned nothing");
  } catch (error) {
    return failed((error as Error).message);
  }
}

export function encodeReport(require: Require, request: Request, answer: Answer): string {
  const { defaultAbiCoder: abi } = (require("ethers") as Ethers5).utils;
  const error = answer.error === undefined ? "0x" : `0x${Buffer.from(answer.error).toString("hex")}`;
  return abi.encode(
    ["bytes32[]", "bytes[]", "bytes[]", "bytes[]", "bytes[]"],
    [
      [request.requestId],
      [answer.response],
      [error],
      [abi.encode([COMMITMENT], [request.commitment])],
      ["0x"],
    ],
  );
}

/**
 * The request source of Chainlink Functions, bundled by `functions/build.ts`. Two HTTP calls, 224 bytes back; whatever
 * it throws becomes the request's error. The crypto is noble's, about 13 KB of the 30 KB a request may carry.
 */
import { keccak_256 } from "@noble/hashes/sha3.js";
import { Point, recoverPublicKey } from "@noble/secp256k1";
import {
  closeOf,
  type Host,
  hexOf,
  indexCandleUrl,
  judge,
  observedAtOf,
  type Published,
  type Terms,
} from "./judge.ts";

type Reply = { error?: unknown; data?: unknown };
type MakeHttpRequest = (request: { url: string; timeout: number }) => Promise<Reply>;

/** In the order of the request's arguments; the contract puts the prediction's id first. */
export type Args = readonly [
  id: string,
  publisherUrl: string,
  venueUrl: string,
  symbol: string,
  chainId: string,
  validator: string,
  publisher: string,
  mandateId: string,
  sequence: string,
  nowSeconds: string,
  maxAgeSeconds: string,
  priceToleranceBps: string,
];
const ARGS = 12;
const CALL_TIMEOUT_MS = 4_000;

const host: Host = {
  keccak256: keccak_256,
  recover(digest, signature) {
    const recovered = Uint8Array.of((signature[64] as number) - 27, ...signature.slice(0, 64));
    const key = Point.fromBytes(recoverPublicKey(recovered, digest, { prehash: false })).toBytes(false);
    return hexOf(keccak_256(key.slice(1)).slice(-20));
  },
};

export async function main(args: readonly string[], request: MakeHttpRequest): Promise<Uint8Array> {
  if (args.length !== ARGS) throw Error(`expected ${ARGS} arguments, not ${args.length}`);
  const [
    id,
    publisherUrl,
    venueUrl,
    symbol,
    chainId,
    validator,
    publisher,
    mandateId,
    sequence,
    nowSeconds,
    maxAgeSeconds,
    priceToleranceBps,
  ] = args as Args;
  const get = async (who: string, url: string): Promise<unknown> => {
    const reply = await request({ url, timeout: CALL_TIMEOUT_MS });
    if (reply.error || reply.data === undefined) throw Error(`the ${who} did not answer`);
    return reply.data;
  };
  const published = (await get("publisher", `${publisherUrl}/predictions/${id}`)) as Published;
  const observedAt = observedAtOf(published);
  const priceE8 = closeOf(await get("venue", indexCandleUrl(venueUrl, symbol, observedAt)), observedAt);
  const terms: Terms = {
    id,
    validator,
    publisher,
    mandateId,
    chainId: BigInt(chainId),
    sequence: BigInt(sequence),
    nowSeconds: BigInt(nowSeconds),
    maxAgeSeconds: BigInt(maxAgeSeconds),
    priceToleranceBps: BigInt(priceToleranceBps),
  };
  return judge(host, terms, published, priceE8);
}

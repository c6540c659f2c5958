/** Identifiers that must be the same for everyone who derives them. */
import { AbiCoder, getBytes, keccak256, toUtf8Bytes } from "ethers";

export type Leg = "entry" | "exit";

const BASE32 = "abcdefghijklmnopqrstuvwxyz234567";
/** The venue allows 36 characters; 32 × 5 bits = 160 bits are plenty. */
const CLIENT_ID_CHARS = 32;

/** RFC 4648 alphabet, lower case, no padding, truncated. */
function base32(bytes: Uint8Array, length: number): string {
  let bits = 0;
  let value = 0;
  let out = "";
  for (const byte of bytes) {
    value = ((value << 8) | byte) & 0xfff;
    bits += 8;
    while (bits >= 5 && out.length < length) {
      bits -= 5;
      out += BASE32[(value >>> bits) & 31];
    }
  }
  return out;
}

/** At most one live order exists per (prediction, leg); `attempt` rises only when the previous one is proven terminal. */
export function clientOrderId(predictionId: string, leg: Leg, attempt: number): string {
  const digest = keccak256(
    AbiCoder.defaultAbiCoder().encode(["bytes32", "string", "uint32"], [predictionId, leg, attempt]),
  );
  return base32(getBytes(digest), CLIENT_ID_CHARS);
}

export const hashText = (text: string): string => keccak256(toUtf8Bytes(text));

/** Membership in a block's logs bloom (Ethereum yellow paper, 4.3.1): no false negatives, so an empty answer may be trusted. */
import { getBytes, keccak256 } from "ethers";

const BLOOM_BITS = 2048;
const BLOOM_BYTES = BLOOM_BITS / 8;
const HASHES = 3;

export function mayContain(logsBloom: string, value: string): boolean {
  const bloom = getBytes(logsBloom);
  const hash = getBytes(keccak256(value));
  for (let at = 0; at < HASHES * 2; at += 2) {
    const bit = (((hash[at] as number) << 8) | (hash[at + 1] as number)) & (BLOOM_BITS - 1);
    if (((bloom[BLOOM_BYTES - 1 - (bit >> 3)] as number) & (1 << (bit & 7))) === 0) return false;
  }
  return true;
}

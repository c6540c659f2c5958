import { randomBytes } from "node:crypto";
import { hexlify, keccak256, toUtf8Bytes } from "ethers";
import type { Random } from "../../ports/ports.ts";

/** The operating system's randomness, for anything that is worth money. */
export const systemRandom = (): Random => ({ bytes32: () => hexlify(randomBytes(32)) });

/** A function of (seed, purpose): simulated runs repeat exactly. Worthless as a secret. */
export const seededRandom = (seed: number): Random => ({
  bytes32: (purpose) => keccak256(toUtf8Bytes(`saksi:${seed}:${purpose}`)),
});

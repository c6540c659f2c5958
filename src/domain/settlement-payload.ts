/** The 8-word settlement payload and the 7-word epoch statement: what witnesses sign, what the contract books. */
import { AbiCoder, concat, keccak256, toBeHex, toTwos, toUtf8Bytes } from "ethers";
import { settlementDomain } from "./attestation.ts";
import { type Deployment, toUnixSeconds } from "./prediction.ts";
import type { TripSums } from "./settlement.ts";

/** Unsigned fields side by side; a negative amount is an error. */
const word = (...parts: readonly (readonly [value: bigint, bits: number])[]): string =>
  concat(parts.map(([value, bits]) => toBeHex(value, bits / 8)));
/** A signed field: two's complement, and an error beyond its range. */
const signed = (value: bigint, bits: number) => [toTwos(value, bits), bits] as const;

const UINT64_BITS = 64;
const UINT128_BITS = 128;
const INT128_BITS = 128;

export type SettlementFacts = {
  id: string;
  fillsRoot: string;
  sums: TripSums;
  fundingPaidE8: bigint;
  observedAt: bigint;
  expiresAt: bigint;
  flags: number;
  venueAccountHash: string;
  epoch: bigint;
};

export function settlementPayload(deployment: Deployment, facts: SettlementFacts): string {
  const { sums } = facts;
  return concat([
    settlementDomain(deployment),
    facts.id,
    facts.fillsRoot,
    word([sums.entryQuoteE8, UINT128_BITS], [sums.exitQuoteE8, UINT128_BITS]),
    word([sums.entryQtyE8, UINT128_BITS], signed(sums.feesE8, INT128_BITS)),
    word(
      signed(facts.fundingPaidE8, INT128_BITS),
      [toUnixSeconds(sums.entryLastAtMs), UINT64_BITS],
      [toUnixSeconds(sums.exitLastAtMs), UINT64_BITS],
    ),
    word(
      [toUnixSeconds(sums.entryFirstAtMs), UINT64_BITS],
      [facts.observedAt, UINT64_BITS],
      [facts.expiresAt, UINT64_BITS],
      [BigInt(sums.entryFills), 16],
      [BigInt(sums.exitFills), 16],
      [BigInt(facts.flags), 32],
    ),
    concat([facts.venueAccountHash.slice(0, 2 + 48), toBeHex(facts.epoch, 8)]),
  ]);
}

export type EpochFacts = {
  epoch: bigint;
  venueEquityE8: bigint;
  sentUsdE6: bigint;
  returnedUsdE6: bigint;
  snapshotAt: bigint;
  observedAt: bigint;
  expiresAt: bigint;
  fillCount: bigint;
  fillsRoot: string;
  venueAccountHash: string;
};

export const epochDomain = (chainId: bigint, vault: string): string =>
  keccak256(
    AbiCoder.defaultAbiCoder().encode(
      ["bytes32", "uint256", "uint256", "address"],
      [keccak256(toUtf8Bytes("SaksiEpochPayload")), 1n, chainId, vault],
    ),
  );

export function epochPayload(chainId: bigint, vault: string, facts: EpochFacts): string {
  return concat([
    epochDomain(chainId, vault),
    toBeHex(facts.epoch, 32),
    word(signed(facts.venueEquityE8, 256)),
    word([facts.sentUsdE6, UINT128_BITS], [facts.returnedUsdE6, UINT128_BITS]),
    word(
      [facts.snapshotAt, UINT64_BITS],
      [facts.observedAt, UINT64_BITS],
      [facts.expiresAt, UINT64_BITS],
      [facts.fillCount, UINT64_BITS],
    ),
    facts.fillsRoot,
    facts.venueAccountHash,
  ]);
}

export const venueAccountHash = (uid: string): string => keccak256(toUtf8Bytes(`weex:${uid}`));
export const marketHash = (market: string): string => keccak256(toUtf8Bytes(market));
export const mandateId = (accountHash: string, market: string, operator: string): string =>
  keccak256(
    AbiCoder.defaultAbiCoder().encode(
      ["bytes32", "bytes32", "bytes32", "address"],
      [
        keccak256(toUtf8Bytes("Mandate(bytes32 venueAccountHash,bytes32 marketHash,address operator)")),
        accountHash,
        marketHash(market),
        operator,
      ],
    ),
  );

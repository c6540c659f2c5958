/** Statements signed as the contract recovers them, written out by hand: shares nothing with the sources. */
import { keccak256, Wallet } from "ethers";
import type { SignedStatement } from "../../src/ports/attester.ts";

export const QUORUM = { chainId: 31_337n, quorumAddress: `0x${"c0".repeat(20)}` };
export const SIGNER_SET = 3n;
export const attesterKey = (at: number): Wallet => new Wallet(`0x${String(at).padStart(64, "0")}`);

export async function signed(
  wallet: Wallet,
  type: "Attestation" | "SettlementAttestation" | "EpochAttestation",
  change: { payload?: string; signerSetEpoch?: bigint; quorumAddress?: string; note?: string } = {},
): Promise<SignedStatement> {
  const payload = change.payload ?? `0x${"00".repeat(224)}`;
  const signature = await wallet.signTypedData(
    {
      name: "SaksiQuorum",
      version: "1",
      chainId: QUORUM.chainId,
      verifyingContract: change.quorumAddress ?? QUORUM.quorumAddress,
    },
    {
      [type]: [
        { name: "payloadHash", type: "bytes32" },
        { name: "signerSetEpoch", type: "uint64" },
      ],
    },
    { payloadHash: keccak256(payload), signerSetEpoch: change.signerSetEpoch ?? SIGNER_SET },
  );
  return { signer: wallet.address, payload, signature, note: change.note ?? "same decision" };
}

/** What an attester signs about a payload, as QuorumAttester recovers it: the payload's hash under one signer set. */
import { keccak256, Signature, verifyTypedData } from "ethers";

export type StatementType = "Attestation" | "SettlementAttestation" | "EpochAttestation";

/** Where statements are valid: one QuorumAttester on one chain. */
export type QuorumDeployment = { chainId: bigint; quorumAddress: string };

export const statementTypes = (type: StatementType) => ({
  [type]: [
    { name: "payloadHash", type: "bytes32" },
    { name: "signerSetEpoch", type: "uint64" },
  ],
});

export const quorumDomain = ({ chainId, quorumAddress }: QuorumDeployment) => ({
  name: "SaksiQuorum",
  version: "1",
  chainId,
  verifyingContract: quorumAddress,
});

export const statementValue = (payload: string, signerSetEpoch: bigint) => ({
  payloadHash: keccak256(payload),
  signerSetEpoch,
});

/** @returns who signed, or undefined when the bytes are no signature the contract would take. */
export function statementSigner(
  deployment: QuorumDeployment,
  type: StatementType,
  statement: { payload: string; signature: string },
  signerSetEpoch: bigint,
): string | undefined {
  try {
    const { payload, signature } = statement;
    // The contract takes v 27 or 28 and a low s only; the library also reads other spellings.
    if (Signature.from(signature).serialized !== signature.toLowerCase()) return undefined;
    return verifyTypedData(
      quorumDomain(deployment),
      statementTypes(type),
      statementValue(payload, signerSetEpoch),
      signature,
    );
  } catch {
    return undefined;
  }
}

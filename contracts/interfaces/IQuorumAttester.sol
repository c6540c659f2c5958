// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Prediction, Reveal} from "./Types.sol";

/// @title k-of-n attesters, each signing EIP-712 (domain "SaksiQuorum" version "1").
/// @dev `signatures` everywhere: exactly k times 65 bytes (r, s, v), signers in ascending address order.
interface IQuorumAttester {
    event SignerAdded(address indexed signer, uint64 oldEpoch, uint64 newEpoch);
    event SignerRemoved(address indexed signer, address indexed by, uint64 oldEpoch, uint64 newEpoch);
    event SignerScheduled(address indexed signer, uint64 applicableAt);
    event SignerScheduleCancelled(address indexed signer);
    event VaultSet(address indexed vault);
    event BondsSet(address indexed bonds);

    error QuorumBadThreshold(uint256 threshold, uint256 signers);
    error QuorumSignatureCount(uint256 givenBytes, uint256 expectedBytes);
    error QuorumBadSignature(uint256 index);
    error QuorumNotSigner(address recovered);
    error QuorumUnsorted(address previous, address recovered);
    error QuorumConflictOfInterest(address signer);
    error QuorumSignerExists(address signer);
    error QuorumNothingScheduled(address signer);
    error QuorumTooEarly(uint256 nowAt, uint256 notBefore);
    error QuorumAlreadySet();
    error QuorumNotBonded(address signer);

    /// @notice Delivers a signed prediction and the quorum's verdict, yes or no, in one call. Open to any relayer.
    function attest(
        Prediction calldata p,
        bytes calldata modelSignature,
        Reveal calldata r,
        bytes calldata payload,
        bytes calldata signatures
    ) external returns (uint8 status);

    /// @notice The same for a sealed prediction: the reveal stays with the attesters until the settlement.
    function attestSealed(
        Prediction calldata p,
        bytes calldata modelSignature,
        bytes calldata payload,
        bytes calldata signatures
    ) external returns (uint8 status);

    /// @notice Delivers only the verdict, for a prediction already registered.
    function attestRegistered(bytes calldata payload, bytes calldata signatures) external returns (uint8 status);

    /// @notice Delivers a witnessed round trip. No signer may be the executor, the operator or the publisher.
    function settle(
        Prediction calldata p,
        Reveal calldata r,
        bytes calldata payload,
        uint80 entryRound,
        uint80 exitRound,
        bytes calldata signatures
    ) external returns (uint8 status);

    /// @notice Delivers the witnessed absence of any fill.
    function cancel(Prediction calldata p, bytes calldata payload, bytes calldata signatures)
        external
        returns (uint8 status);

    /// @notice Delivers the statement that closes an epoch.
    function closeEpoch(bytes calldata payload, bytes calldata signatures) external;

    /// @notice Announces a signer (owner); anyone adds it after `signerDelaySeconds`.
    function scheduleSigner(address signer) external;
    function addSigner(address signer) external;
    function cancelSigner(address signer) external;
    /// @notice Removes a signer at once (owner, guardian, or the bonds after an equivocation).
    function removeSigner(address signer) external;
    /// @notice Names the fund whose epochs this quorum closes, once (owner).
    function setVault(address vault) external;
    /// @notice Names where members post their bonds, once (owner). From then on a new member must be bonded.
    function setBonds(address bonds) external;

    /// @notice What a member signs to give a verdict.
    function attestationDigest(bytes calldata payload, uint64 signerSetEpoch) external view returns (bytes32);

    function isSigner(address account) external view returns (bool);
    function threshold() external view returns (uint256);
    function signerCount() external view returns (uint256);
    function signerSetEpoch() external view returns (uint64);
    function bonds() external view returns (address);
    function signerDelaySeconds() external view returns (uint64);
}

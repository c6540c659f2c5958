// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Domain} from "../core/Domain.sol";
import {Guarded} from "../core/Guarded.sol";
import {IAttestationSink} from "../interfaces/IAttestationSink.sol";
import {IAttesterBonds} from "../interfaces/IAttesterBonds.sol";
import {IFundVault} from "../interfaces/IFundVault.sol";
import {IPredictionValidator} from "../interfaces/IPredictionValidator.sol";
import {IQuorumAttester} from "../interfaces/IQuorumAttester.sol";
import {Prediction, Reveal} from "../interfaces/Types.sol";
import {SignatureLib} from "../libraries/SignatureLib.sol";

/// @title QuorumAttester
///
/// PROMISES. A payload goes on only with exactly k signatures of k different members of the current set, over the
/// payload and the number of the set; so a removed member's signatures die with the block that removes it. Whoever
/// relays has no power: the bytes are fixed by the signatures. Who trades, who operates and who published the model
/// cannot count among the witnesses of a settlement. A member that gave two verdicts on one prediction can be removed by
/// anyone who proves it to the bonds.
///
/// DOES NOT PROMISE. That members recompute rather than countersign, or that they are independent: that is seen off
/// chain, from their recordings. A set smaller than k delivers nothing; predictions then lapse and trips expire.
contract QuorumAttester is IQuorumAttester, Guarded, Domain {
    bytes32 private constant ATTESTATION_TYPEHASH =
        keccak256("Attestation(bytes32 payloadHash,uint64 signerSetEpoch)");
    bytes32 private constant SETTLEMENT_TYPEHASH =
        keccak256("SettlementAttestation(bytes32 payloadHash,uint64 signerSetEpoch)");
    bytes32 private constant EPOCH_TYPEHASH =
        keccak256("EpochAttestation(bytes32 payloadHash,uint64 signerSetEpoch)");
    uint256 private constant MAX_SIGNERS = 31;

    IPredictionValidator public immutable validator;
    /// @inheritdoc IQuorumAttester
    uint256 public immutable threshold;
    /// @inheritdoc IQuorumAttester
    uint64 public immutable signerDelaySeconds;

    /// @inheritdoc IQuorumAttester
    uint64 public signerSetEpoch = 1;
    uint32 private _signerCount;
    address public vault;
    /// @inheritdoc IQuorumAttester
    address public bonds;
    /// @inheritdoc IQuorumAttester
    mapping(address account => bool) public isSigner;
    mapping(address account => uint64) public signerApplicableAt;

    constructor(
        address owner_,
        address guardian_,
        address validator_,
        address[] memory signers,
        uint256 threshold_,
        uint64 signerDelaySeconds_
    ) Guarded(owner_, guardian_) Domain("SaksiQuorum") {
        // more than half, or two disjoint quorums could say opposite things
        if (threshold_ * 2 <= signers.length || threshold_ > signers.length || signers.length > MAX_SIGNERS) {
            revert QuorumBadThreshold(threshold_, signers.length);
        }
        validator = IPredictionValidator(validator_);
        threshold = threshold_;
        signerDelaySeconds = signerDelaySeconds_;
        address previous = address(0);
        for (uint256 i = 0; i < signers.length; ++i) {
            if (signers[i] <= previous) revert QuorumUnsorted(previous, signers[i]);
            previous = signers[i];
            isSigner[previous] = true;
            emit SignerAdded(previous, 0, 1);
        }
        _signerCount = uint32(signers.length);
    }

    /* DELIVERY */

    /// @inheritdoc IQuorumAttester
    function attest(
        Prediction calldata p,
        bytes calldata modelSignature,
        Reveal calldata r,
        bytes calldata payload,
        bytes calldata signatures
    ) external returns (uint8 status) {
        (p, modelSignature, r); // the validator's to judge
        _verify(ATTESTATION_TYPEHASH, payload, signatures);
        return _forward(IPredictionValidator.submitPrediction.selector);
    }

    /// @inheritdoc IQuorumAttester
    function attestSealed(
        Prediction calldata p,
        bytes calldata modelSignature,
        bytes calldata payload,
        bytes calldata signatures
    ) external returns (uint8 status) {
        (p, modelSignature); // the validator's to judge
        _verify(ATTESTATION_TYPEHASH, payload, signatures);
        return _forward(IPredictionValidator.submitSealed.selector);
    }

    /// @inheritdoc IQuorumAttester
    function attestRegistered(bytes calldata payload, bytes calldata signatures) external returns (uint8 status) {
        _verify(ATTESTATION_TYPEHASH, payload, signatures);
        return _forward(IAttestationSink.submit.selector);
    }

    /// @inheritdoc IQuorumAttester
    function settle(
        Prediction calldata p,
        Reveal calldata r,
        bytes calldata payload,
        uint80 entryRound,
        uint80 exitRound,
        bytes calldata signatures
    ) external returns (uint8 status) {
        (r, entryRound, exitRound); // the validator's to judge
        _verifyDisjoint(p, _verify(SETTLEMENT_TYPEHASH, payload, signatures));
        return _forward(IPredictionValidator.settle.selector);
    }

    /// @inheritdoc IQuorumAttester
    function cancel(Prediction calldata p, bytes calldata payload, bytes calldata signatures)
        external
        returns (uint8 status)
    {
        _verifyDisjoint(p, _verify(SETTLEMENT_TYPEHASH, payload, signatures));
        return _forward(IPredictionValidator.cancel.selector);
    }

    /// @inheritdoc IQuorumAttester
    function closeEpoch(bytes calldata payload, bytes calldata signatures) external {
        address[] memory signers = _verify(EPOCH_TYPEHASH, payload, signatures);
        address executor = validator.executor();
        address operator = IFundVault(vault).operator();
        for (uint256 i = 0; i < signers.length; ++i) {
            if (signers[i] == executor || signers[i] == operator) revert QuorumConflictOfInterest(signers[i]);
        }
        IFundVault(vault).closeEpoch(payload);
    }

    /// @dev Hands a delivery on as it came. The validator's function takes the same leading arguments and offsets count
    /// from the first of them, so every word means there what it meant here; the signatures behind are not read. A
    /// revert goes through.
    function _forward(bytes4 selector) private returns (uint8 status) {
        address to = address(validator);
        assembly ("memory-safe") {
            let data := mload(0x40)
            mstore(data, selector)
            calldatacopy(add(data, 4), 4, sub(calldatasize(), 4))
            let ok := call(gas(), to, 0, data, calldatasize(), 0, 0x20)
            if or(iszero(ok), lt(returndatasize(), 0x20)) {
                returndatacopy(data, 0, returndatasize())
                revert(data, returndatasize())
            }
            status := mload(0)
        }
    }

    /* VERIFICATION */

    function _verify(bytes32 typeHash, bytes calldata payload, bytes calldata signatures)
        private
        view
        returns (address[] memory signers)
    {
        uint256 k = threshold;
        if (signatures.length != k * SignatureLib.BYTES) {
            revert QuorumSignatureCount(signatures.length, k * SignatureLib.BYTES);
        }
        bytes32 digest = _digestOf(typeHash, payload, signerSetEpoch);
        signers = new address[](k);
        address previous = address(0);
        for (uint256 i = 0; i < k; ++i) {
            address signer = SignatureLib.signerAt(digest, signatures, i);
            if (signer == address(0)) revert QuorumBadSignature(i);
            if (signer <= previous) revert QuorumUnsorted(previous, signer);
            if (!isSigner[signer]) revert QuorumNotSigner(signer);
            signers[i] = previous = signer;
        }
    }

    function _digestOf(bytes32 typeHash, bytes calldata payload, uint64 setEpoch) private view returns (bytes32) {
        return _typedDigest(keccak256(abi.encode(typeHash, keccak256(payload), setEpoch)));
    }

    /// @inheritdoc IQuorumAttester
    function attestationDigest(bytes calldata payload, uint64 setEpoch) external view returns (bytes32) {
        return _digestOf(ATTESTATION_TYPEHASH, payload, setEpoch);
    }

    function _verifyDisjoint(Prediction calldata p, address[] memory signers) private view {
        (address executor, address operator, address publisher) = validator.partiesOf(p.mandateId, p.modelId);
        for (uint256 i = 0; i < signers.length; ++i) {
            address signer = signers[i];
            if (signer == executor || signer == operator || signer == publisher) {
                revert QuorumConflictOfInterest(signer);
            }
        }
    }

    /* THE SET */

    /// @inheritdoc IQuorumAttester
    function scheduleSigner(address signer) external onlyOwner {
        if (isSigner[signer] || signer == address(0)) revert QuorumSignerExists(signer);
        uint64 applicableAt = uint64(block.timestamp) + signerDelaySeconds;
        signerApplicableAt[signer] = applicableAt;
        emit SignerScheduled(signer, applicableAt);
    }

    /// @inheritdoc IQuorumAttester
    function addSigner(address signer) external {
        uint64 applicableAt = signerApplicableAt[signer];
        if (applicableAt == 0) revert QuorumNothingScheduled(signer);
        if (block.timestamp < applicableAt) revert QuorumTooEarly(block.timestamp, applicableAt);
        // the set may not outgrow its quorum
        if (threshold * 2 <= _signerCount + 1) revert QuorumBadThreshold(threshold, _signerCount + 1);
        if (bonds != address(0) && !IAttesterBonds(bonds).isBonded(signer)) revert QuorumNotBonded(signer);
        delete signerApplicableAt[signer];
        isSigner[signer] = true;
        ++_signerCount;
        emit SignerAdded(signer, signerSetEpoch, signerSetEpoch + 1);
        ++signerSetEpoch;
    }

    /// @inheritdoc IQuorumAttester
    function cancelSigner(address signer) external onlyGuardianOrOwner {
        if (signerApplicableAt[signer] == 0) revert QuorumNothingScheduled(signer);
        delete signerApplicableAt[signer];
        emit SignerScheduleCancelled(signer);
    }

    /// @inheritdoc IQuorumAttester
    function removeSigner(address signer) external {
        if (msg.sender != bonds && msg.sender != guardian && msg.sender != owner()) {
            revert GuardedUnauthorised(msg.sender);
        }
        if (!isSigner[signer]) revert QuorumNotSigner(signer);
        isSigner[signer] = false;
        --_signerCount;
        emit SignerRemoved(signer, msg.sender, signerSetEpoch, signerSetEpoch + 1);
        ++signerSetEpoch;
    }

    /// @inheritdoc IQuorumAttester
    function setVault(address vault_) external onlyOwner {
        if (vault != address(0)) revert QuorumAlreadySet();
        vault = vault_;
        emit VaultSet(vault_);
    }

    /// @inheritdoc IQuorumAttester
    function setBonds(address bonds_) external onlyOwner {
        if (bonds != address(0)) revert QuorumAlreadySet();
        bonds = bonds_;
        emit BondsSet(bonds_);
    }

    /// @inheritdoc IQuorumAttester
    function signerCount() external view returns (uint256) {
        return _signerCount;
    }
}

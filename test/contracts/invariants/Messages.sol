// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Prediction, Reveal} from "../../../contracts/interfaces/Types.sol";
import {Protocol, vm} from "./Protocol.sol";

/// @title What publishers and attesters sign, encoded a second time from the documented layouts.
/// @dev Shares no library with the contracts, so a change of a layout on one side alone is seen.
abstract contract Messages is Protocol {
    /// @notice One round trip as attesters say they saw it. Amounts E8, times unix seconds.
    struct Statement {
        bytes32 fillsRoot;
        uint256 entryQuoteE8;
        uint256 exitQuoteE8;
        uint256 qtyE8;
        int256 feeE8;
        int256 fundingE8;
        uint256 entryFirstAt;
        uint256 entryLastAt;
        uint256 exitLastAt;
        uint256 observedAt;
        uint256 expiresAt;
        uint256 entryFills;
        uint256 exitFills;
        uint256 flags;
        uint256 epoch;
    }

    bytes32 private constant DOMAIN = keccak256(
        "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
    );
    bytes32 private constant PREDICTION = keccak256(
        "Prediction(bytes32 mandateId,bytes32 modelId,uint64 sequence,bytes32 previousId,uint64 observedAt,uint64 entryExpiresAt,uint64 horizonAt,uint64 settleBy,uint128 referencePriceE8,uint128 maxNotionalUsdE6,uint32 maxLeverageBps,uint128 maxLossUsdE6,uint32 confidencePpm,bytes32 riskSpecHash,bytes32 evidenceHash,bytes32 seal)"
    );
    bytes32 private constant SEAL = keccak256(
        "Seal(uint256 chainId,address validator,bytes32 mandateId,uint64 sequence,bytes32 salt,uint8 side,uint128 entryLimitE8,uint128 stopE8,uint128 targetE8,uint128 qtyE8,uint32 leverageBps)"
    );
    bytes32 internal constant ATTESTATION =
        keccak256("Attestation(bytes32 payloadHash,uint64 signerSetEpoch)");
    bytes32 internal constant SETTLEMENT =
        keccak256("SettlementAttestation(bytes32 payloadHash,uint64 signerSetEpoch)");
    bytes32 internal constant EPOCH = keccak256("EpochAttestation(bytes32 payloadHash,uint64 signerSetEpoch)");

    /* IDENTITY */

    function _typed(string memory name, address verifier, bytes32 structHash) internal view returns (bytes32) {
        bytes32 separator = keccak256(
            abi.encode(DOMAIN, keccak256(bytes(name)), keccak256(bytes("1")), block.chainid, verifier)
        );
        return keccak256(abi.encodePacked(hex"1901", separator, structHash));
    }

    function _idOf(Prediction memory p) internal view returns (bytes32) {
        return _typed("Saksi", address(validator), keccak256(abi.encode(PREDICTION, p)));
    }

    function _sealOf(bytes32 mandateId, uint64 sequence, Reveal memory r) internal view returns (bytes32) {
        return keccak256(abi.encode(SEAL, block.chainid, address(validator), mandateId, sequence, r));
    }

    function _domainOf(string memory tag, address contract_) internal view returns (bytes32) {
        return keccak256(abi.encode(keccak256(bytes(tag)), uint256(1), block.chainid, contract_));
    }

    /* PAYLOADS */

    function _verdict(Prediction memory p, bytes32 id, uint256 expiresAt, uint256 packed)
        internal
        view
        returns (bytes memory)
    {
        return abi.encode(
            _domainOf("SaksiAttestationPayload", address(validator)),
            id,
            p.evidenceHash,
            p.referencePriceE8,
            p.observedAt,
            expiresAt,
            packed
        );
    }

    function _settlement(bytes32 id, Statement memory s) internal view returns (bytes memory) {
        return abi.encode(
            _domainOf("SaksiSettlementPayload", address(validator)),
            id,
            s.fillsRoot,
            (s.entryQuoteE8 << 128) | s.exitQuoteE8,
            (s.qtyE8 << 128) | uint128(int128(s.feeE8)),
            (uint256(uint128(int128(s.fundingE8))) << 128) | (s.entryLastAt << 64) | s.exitLastAt,
            (s.entryFirstAt << 192) | (s.observedAt << 128) | (s.expiresAt << 64) | (s.entryFills << 48)
                | (s.exitFills << 32) | s.flags,
            (uint256(ACCOUNT) >> 64 << 64) | s.epoch
        );
    }

    function _epochStatement(uint256 epoch, int256 equityE8, uint256 snapshotAt)
        internal
        view
        returns (bytes memory)
    {
        return abi.encode(
            _domainOf("SaksiEpochPayload", address(fund)),
            epoch,
            equityE8,
            uint256(0),
            (snapshotAt << 192) | (block.timestamp << 128) | ((block.timestamp + 600) << 64),
            keccak256("all fills"),
            ACCOUNT
        );
    }

    /// @dev One row behind a statement's root: 105 bytes.
    function _row(uint256 fill, uint8 leg, uint256 time, uint256 qtyE8, uint256 quoteE8, int256 feeE8)
        internal
        pure
        returns (bytes memory)
    {
        uint128 priceE8 = qtyE8 == 0 ? 0 : uint128(quoteE8 * 1e8 / qtyE8);
        return abi.encodePacked(
            uint128(fill),
            uint128(fill),
            leg,
            uint64(time * 1000),
            priceE8,
            uint128(qtyE8),
            uint128(quoteE8),
            int128(feeE8)
        );
    }

    /* SIGNATURES */

    function _sign(uint256 key, bytes32 digest) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return abi.encodePacked(r, s, v);
    }

    function _quorumDigest(address verifier, bytes32 typeHash, bytes memory payload, uint64 setEpoch)
        internal
        view
        returns (bytes32)
    {
        return _typed("SaksiQuorum", verifier, keccak256(abi.encode(typeHash, keccak256(payload), setEpoch)));
    }

    /// @dev Signatures of several keys over one digest, in the order given.
    function _signatures(uint256[] memory keys, bytes32 digest) internal pure returns (bytes memory all) {
        for (uint256 i = 0; i < keys.length; ++i) all = abi.encodePacked(all, _sign(keys[i], digest));
    }
}

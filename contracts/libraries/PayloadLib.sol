// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Reading of witnessed payloads and the domains that bind them to one chain and one contract.
library PayloadLib {
    uint256 internal constant ATTESTATION_BYTES = 224;
    uint256 internal constant SETTLEMENT_BYTES = 256;
    uint256 internal constant EPOCH_BYTES = 224;

    uint256 internal constant ALL_FLAGS = 0x3f;
    uint256 internal constant DIRECTION = 0x20; // the rules that need the reveal were checked
    uint256 internal constant SEALED = 0x40; // the validator's own mark beside the attesters' flags
    uint256 internal constant VERDICT_YES = 1;
    uint256 internal constant VERDICT_NO = 2;

    bytes32 internal constant ATTESTATION_TAG = keccak256("SaksiAttestationPayload");
    bytes32 internal constant SETTLEMENT_TAG = keccak256("SaksiSettlementPayload");
    bytes32 internal constant EPOCH_TAG = keccak256("SaksiEpochPayload");

    function domain(bytes32 tag) internal view returns (bytes32) {
        return keccak256(abi.encode(tag, uint256(1), block.chainid, address(this)));
    }

    /// @dev The caller has checked the length.
    function word(bytes calldata payload, uint256 index) internal pure returns (uint256 value) {
        assembly ("memory-safe") {
            value := calldataload(add(payload.offset, shl(5, index)))
        }
    }

    /// @notice Splits the packed word of an attestation.
    /// @return valid false for a verdict that is neither yes nor no, or dirty high bits.
    function verdict(uint256 packed) internal pure returns (bool valid, bool yes, uint16 reason, uint256 flags) {
        uint256 answer = packed & 0xff;
        valid = packed >> 32 == 0 && (answer == VERDICT_YES || answer == VERDICT_NO);
        yes = answer == VERDICT_YES;
        reason = uint16(packed >> 8);
        flags = uint8(packed >> 24);
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title An EIP-712 domain of version "1" bound to this contract and the current chain.
/// @dev A chain split changes the chain id, so the separator is built again when the id differs from the cached one.
abstract contract Domain {
    bytes32 private constant DOMAIN_TYPEHASH =
        keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");

    bytes32 private immutable _nameHash;
    bytes32 private immutable _separator;
    uint256 private immutable _chainId;

    constructor(string memory name) {
        _nameHash = keccak256(bytes(name));
        _chainId = block.chainid;
        _separator = _build();
    }

    function domainSeparator() public view returns (bytes32) {
        return block.chainid == _chainId ? _separator : _build();
    }

    function _typedDigest(bytes32 structHash) internal view returns (bytes32 digest) {
        bytes32 separator = domainSeparator();
        assembly ("memory-safe") {
            let ptr := mload(0x40)
            mstore(ptr, hex"1901")
            mstore(add(ptr, 0x02), separator)
            mstore(add(ptr, 0x22), structHash)
            digest := keccak256(ptr, 0x42)
        }
    }

    function _build() private view returns (bytes32) {
        return keccak256(
            abi.encode(DOMAIN_TYPEHASH, _nameHash, keccak256(bytes("1")), block.chainid, address(this))
        );
    }
}

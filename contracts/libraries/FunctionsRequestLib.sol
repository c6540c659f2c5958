// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title The CBOR of a Chainlink Functions request: inline JavaScript with string arguments.
/// @dev The router expects the bare key and value pairs, without an outer map, and an array of indefinite length.
library FunctionsRequestLib {
    uint16 internal constant DATA_VERSION = 1;
    uint8 private constant TEXT = 3 << 5;
    bytes1 private constant ARRAY_START = 0x9f;
    bytes1 private constant BREAK = 0xff;

    /// @param args at least one: the digest comes first.
    function encode(string memory source, string[] memory args) internal pure returns (bytes memory out) {
        out = bytes.concat(
            text("codeLocation"), hex"00", text("language"), hex"00", text("source"), text(source)
        );
        bytes memory list;
        for (uint256 i = 0; i < args.length; ++i) {
            list = bytes.concat(list, text(args[i]));
        }
        out = bytes.concat(out, text("args"), ARRAY_START, list, BREAK);
    }

    function text(string memory value) internal pure returns (bytes memory) {
        uint256 length = bytes(value).length;
        if (length < 24) return abi.encodePacked(uint8(TEXT | length), value);
        if (length <= type(uint8).max) return abi.encodePacked(TEXT | 24, uint8(length), value);
        if (length <= type(uint16).max) return abi.encodePacked(TEXT | 25, uint16(length), value);
        return abi.encodePacked(TEXT | 26, uint32(length), value);
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";

/// @title Who signed a digest: 65 bytes r‖s‖v, low s only, v 27 or 28.
library SignatureLib {
    uint256 internal constant BYTES = 65;

    /// @notice The signer of the `index`-th of concatenated signatures, or zero if it is none.
    /// @dev Reads in place what the library would have to be given as a copy. The caller has checked the length.
    function signerAt(bytes32 digest, bytes calldata signatures, uint256 index)
        internal
        pure
        returns (address signer)
    {
        bytes32 r;
        bytes32 s;
        uint8 v;
        assembly ("memory-safe") {
            let at := add(signatures.offset, mul(index, BYTES))
            r := calldataload(at)
            s := calldataload(add(at, 0x20))
            v := byte(0, calldataload(add(at, 0x40)))
        }
        (signer,,) = ECDSA.tryRecover(digest, v, r, s); // zero with every error
    }
}

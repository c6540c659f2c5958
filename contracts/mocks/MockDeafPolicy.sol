// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {RiskInput} from "../interfaces/Types.sol";

/// @title A rule book that does not hear its own breaker: everything is the original's, but every prediction is fine.
/// @dev Put in the place of a policy, it works on the policy's storage with the policy's code.
contract MockDeafPolicy {
    address private immutable _original;

    constructor(address original) {
        _original = original;
    }

    function evaluate(RiskInput calldata) external pure returns (uint256, uint256, uint256) {
        return (0, 0, 0);
    }

    fallback() external {
        (bool done, bytes memory answer) = _original.delegatecall(msg.data);
        assembly ("memory-safe") {
            switch done
            case 0 { revert(add(answer, 0x20), mload(answer)) }
            default { return(add(answer, 0x20), mload(answer)) }
        }
    }
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

/// @title An amount that becomes due evenly over time.
/// @dev Whoever comes for a payment known in advance gets only what becomes due while he is there.
library StreamLib {
    using SafeCast for uint256;

    struct Stream {
        uint128 amount; // not yet released
        uint64 updatedAt;
        uint64 endsAt;
    }

    /// @notice Adds an amount, not zero, that flows for a period. What was flowing already keeps its weight in the common
    /// end, so a grain added again and again cannot hold up the rest. The caller has released before.
    function add(Stream storage s, uint256 amount, uint256 periodSeconds) internal {
        uint256 left = s.amount;
        uint256 remaining = s.endsAt > block.timestamp ? s.endsAt - block.timestamp : 0;
        uint256 duration = (left * remaining + amount * periodSeconds) / (left + amount);
        s.amount = (left + amount).toUint128();
        s.updatedAt = uint64(block.timestamp);
        s.endsAt = uint64(block.timestamp + duration);
    }

    /// @notice Takes out what is due.
    function release(Stream storage s) internal returns (uint256 due) {
        due = dueNow(s);
        if (due == 0) return 0;
        s.amount -= uint128(due); // part of it
        s.updatedAt = uint64(block.timestamp);
    }

    function dueNow(Stream storage s) internal view returns (uint256) {
        if (block.timestamp >= s.endsAt) return s.amount;
        return uint256(s.amount) * (block.timestamp - s.updatedAt) / (s.endsAt - s.updatedAt);
    }
}

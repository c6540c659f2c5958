// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title What the contract found out of the ordinary about a settled trip. Recorded, never a revert.
library SettlementFlags {
    uint256 internal constant ENTRY_EARLY = 1 << 0;
    uint256 internal constant ENTRY_LATE = 1 << 1;
    uint256 internal constant EXIT_LATE = 1 << 2;
    uint256 internal constant ENTRY_OFF_MARKET = 1 << 3;
    uint256 internal constant EXIT_OFF_MARKET = 1 << 4;
    uint256 internal constant OVER_LOSS = 1 << 5;
    uint256 internal constant OVER_QUANTITY = 1 << 6;
    uint256 internal constant OVER_NOTIONAL = 1 << 7;
    uint256 internal constant WORSE_THAN_LIMIT = 1 << 8;
    uint256 internal constant ENTRY_ROUND_MISSING = 1 << 9;
    uint256 internal constant EXIT_ROUND_MISSING = 1 << 10;
    uint256 internal constant AFTER_EXPIRY = 1 << 11;
    uint256 internal constant AFTER_REVOCATION = 1 << 12;
    uint256 internal constant RULE_BROKEN = 1 << 13; // the seal hid what would not have been approved
    uint256 internal constant REVEAL_MISMATCH = 1 << 14; // the attesters say that nothing opens the seal

    /// @notice Found by the attesters: nobody produced a reveal that opens the seal.
    uint256 internal constant WITNESSED_UNOPENED = 1 << 15;

    /// @notice What makes the dispute window longer and the stake behind the mandate liable.
    uint256 internal constant VIOLATIONS =
        ENTRY_OFF_MARKET | EXIT_OFF_MARKET | OVER_LOSS | OVER_QUANTITY | OVER_NOTIONAL | RULE_BROKEN | REVEAL_MISMATCH;
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @dev One for each value of `health()`, in its order.
enum Check {
    D2Sequence,
    D2Open,
    D6Overdue,
    D6Closed,
    D7Nothing,
    D8Approved,
    R1Notional,
    R2Loss,
    R3Bucket,
    R4Breaker,
    R4WindDown,
    R5Peak,
    A1Majority,
    A1Complete,
    A2Executor,
    A2Operators,
    A2Publishers,
    A3Models,
    A4People,
    F1Cash,
    F2Books,
    F4Prices,
    F5Shares,
    F5Claims,
    F7Mark,
    F8Carry,
    F9Bond,
    F11Order,
    S1Stake,
    S1Fees,
    S2Votes,
    S3Bonds,
    G1Owner,
    G1Governor,
    G2Guardian,
    G2Keys,
    G3Pause,
    WiredPolicy,
    WiredRegistry,
    WiredVault,
    WiredBond,
    WiredQuorum,
    WiredCourt,
    WiredBonds,
    WiredExecutor,
    WiredAllocator,
    WiredStake,
    WiredGovernance
}

/// @dev A check answers its bit where it does not hold.
function bit(Check check, bool holds) pure returns (uint256) {
    return holds ? 0 : 1 << uint256(check);
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice What stands behind each mandate, in any unit: only proportions count.
interface ISignals {
    function signalOf(bytes32 mandateId) external view returns (uint256);
    function totalSignal() external view returns (uint256);
}

/// @title Who gets how much of the fund's cash, and the only way it leaves.
interface IAllocator {
    struct Place {
        address venueDeposit; // 0: none
        uint64 usableAt;
        uint64 capUsdE6; // absolute
        uint16 capBps; // of the fund's assets
        bool removed;
    }

    event PlaceScheduled(
        bytes32 indexed mandateId, address indexed venueDeposit, uint256 capUsdE6, uint256 capBps, uint64 usableAt
    );
    event PlaceRemoved(bytes32 indexed mandateId, address indexed venueDeposit, address indexed by);
    event CapsLowered(bytes32 indexed mandateId, uint256 newCapUsdE6, uint256 newCapBps);
    event Allocated(bytes32 indexed mandateId, address indexed venueDeposit, uint256 amountUsdE6, uint256 targetUsdE6);
    event Returned(bytes32 indexed mandateId, address indexed from, uint256 amountUsdE6, uint256 leftUsdE6);

    error AllocatorUnauthorised(address caller);
    error AllocatorUnknownMandate(bytes32 mandateId);
    error AllocatorTooMany(uint256 limit);
    error AllocatorTooEarly(uint256 nowAt, uint256 notBefore);
    error AllocatorBadCaps(uint256 capUsdE6, uint256 capBps);
    error AllocatorNothingToSend(bytes32 mandateId);
    error AllocatorZeroAddress();

    /// @notice Names a mandate's venue deposit address and caps; usable after the delay, cash goes nowhere before.
    function schedulePlace(bytes32 mandateId, address venueDeposit, uint64 capUsdE6, uint16 capBps) external;
    /// @notice Lowers caps at once (guardian or owner).
    function lowerCaps(bytes32 mandateId, uint64 capUsdE6, uint16 capBps) external;
    /// @notice Stops sending to a mandate's address at once (guardian or owner); what is there may still return.
    function removePlace(bytes32 mandateId) external;
    /// @notice Sends what every mandate lacks to its target, in the order of the list, as far as bucket and cash go.
    /// Anyone.
    function rebalance() external returns (uint256 sentUsdE6);
    /// @notice The same for one mandate.
    function rebalanceMandate(bytes32 mandateId) external returns (uint256 sentUsdE6);
    /// @notice Takes cash back into the fund out of the caller's allowance (executor or the mandate's address).
    function recordReturn(bytes32 mandateId, uint256 amountUsdE6) external;

    /// @notice The mandate's share of the fund's assets by signal, under its caps.
    function targetUsdE6(bytes32 mandateId) external view returns (uint256);
    /// @notice Sent less returned.
    function allocatedUsdE6(bytes32 mandateId) external view returns (uint256);
    /// @notice What the token bucket lets out now.
    function bucketUsdE6() external view returns (uint256);
}

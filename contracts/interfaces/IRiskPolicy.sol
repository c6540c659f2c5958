// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Limits, RiskInput} from "./Types.sol";

/// @notice The limits that may be changed one at a time.
enum LimitField {
    Active,
    MaxNotionalUsdE6,
    MaxLossUsdE6,
    LossBudgetUsdE6,
    RatePerDayNotionalUsdE6,
    RatePerDayCount,
    MaxOpen,
    MaxLeverageBps,
    MinConfidencePpm,
    MaxDrawdownBps,
    AllocationUsdE6,
    MinBondBps,
    RequiredFlags,
    MinLevel,
    PriceBandBps,
    EntryBandBps,
    FillBandBps,
    MaxAgeSeconds,
    Feed,
    FeedHeartbeatSeconds,
    SettleGraceSeconds,
    DisputeWindowSeconds,
    ExpiryPenaltyUsdE6
}

/// @title The rule book: limits only, no state of any prediction.
interface IRiskPolicy {
    event MandateOpened(bytes32 indexed mandateId, Limits limits);
    event LimitChanged(bytes32 indexed mandateId, LimitField indexed field, uint256 oldValue, uint256 newValue);
    event LoosenScheduled(bytes32 indexed mandateId, LimitField indexed field, uint256 newValue, uint64 applicableAt);
    event LoosenCancelled(bytes32 indexed mandateId, LimitField indexed field, uint256 newValue);
    event NewRiskPaused(address indexed by, uint64 oldUntil, uint64 newUntil);
    event PauseRearmed();
    event BreakerTripped(address indexed by, uint8 cause);
    event BreakerReset(uint8 oldCause);
    event BondSourceSet(address indexed bondSource);

    error PolicyUnauthorised(address caller);
    error PolicyMandateExists(bytes32 mandateId);
    error PolicyUnknownMandate(bytes32 mandateId);
    error PolicyNotTighter(LimitField field, uint256 current, uint256 given);
    error PolicyBadValue(LimitField field, uint256 given);
    error PolicyNothingScheduled(bytes32 mandateId, LimitField field);
    error PolicyTooEarly(uint256 nowAt, uint256 notBefore);
    error PolicyPauseTooLong(uint256 given, uint256 limit);
    error PolicyPauseSpent();
    error PolicyAlreadySet();

    /// @notice First limits of a mandate (owner, once). Every later loosening is delayed.
    function openMandate(bytes32 mandateId, Limits calldata limits) external;

    /* TIGHTEN: owner or guardian, at once; reverts if the value is not strictly tighter */

    function deactivateMandate(bytes32 mandateId) external;
    function tightenMaxNotionalUsdE6(bytes32 mandateId, uint128 maxNotionalUsdE6) external;
    function tightenMaxLossUsdE6(bytes32 mandateId, uint128 maxLossUsdE6) external;
    function tightenLossBudgetUsdE6(bytes32 mandateId, uint128 lossBudgetUsdE6) external;
    function tightenRatePerDayNotionalUsdE6(bytes32 mandateId, uint128 ratePerDayNotionalUsdE6) external;
    function tightenRatePerDayCount(bytes32 mandateId, uint16 ratePerDayCount) external;
    function tightenMaxOpen(bytes32 mandateId, uint16 maxOpen) external;
    function tightenMaxLeverageBps(bytes32 mandateId, uint32 maxLeverageBps) external;
    function tightenMinConfidencePpm(bytes32 mandateId, uint32 minConfidencePpm) external;
    function tightenMaxDrawdownBps(bytes32 mandateId, uint16 maxDrawdownBps) external;
    function tightenMinBondBps(bytes32 mandateId, uint16 minBondBps) external;
    function tightenRequiredFlags(bytes32 mandateId, uint8 requiredFlags) external;
    function tightenMinLevel(bytes32 mandateId, uint8 minLevel) external;
    function tightenPriceBandBps(bytes32 mandateId, uint16 priceBandBps) external;
    function tightenEntryBandBps(bytes32 mandateId, uint16 entryBandBps) external;
    function tightenFillBandBps(bytes32 mandateId, uint16 fillBandBps) external;
    function tightenMaxAgeSeconds(bytes32 mandateId, uint32 maxAgeSeconds) external;
    function tightenFeedHeartbeatSeconds(bytes32 mandateId, uint32 feedHeartbeatSeconds) external;
    function tightenDisputeWindowSeconds(bytes32 mandateId, uint32 disputeWindowSeconds) external;

    /* LOOSEN: owner schedules, anyone applies after `loosenDelaySeconds` */

    /// @notice Schedules a new value for one limit (in either direction; the feed as an address cast to uint256).
    /// A later tightening of the same limit cancels it.
    function scheduleLimit(bytes32 mandateId, LimitField field, uint256 newValue) external;
    function applyLimit(bytes32 mandateId, LimitField field) external;
    function cancelLimit(bytes32 mandateId, LimitField field) external;
    function scheduled(bytes32 mandateId, LimitField field)
        external
        view
        returns (uint256 newValue, uint64 applicableAt);
    function loosenDelaySeconds() external view returns (uint64);

    /* STOP NEW RISK: exits, settlements and claims are never stopped */

    /// @notice Stops approvals for at most `maxPauseSeconds`; ends by itself. The guardian may pause once, then the
    /// owner must rearm; the owner may always pause.
    function pauseNewRisk(uint64 seconds_) external;
    function rearmPause() external;
    /// @notice Trips the breaker (vault, guardian or owner); only the owner resets it.
    function tripBreaker(uint8 cause) external;
    function resetBreaker() external;
    /// @notice Names the operator's bond, once. The fund it answers to may trip the breaker.
    function setBondSource(address bondSource) external;

    /* VIEWS */

    /// @notice Judges one prediction.
    /// @return reasonBits zero if every rule holds, else one bit for each rule broken (`Reasons`).
    /// @return countUsedScaled bucket content after this prediction, in 1/86400 of one.
    /// @return notionalUsedScaled bucket content after this prediction, in 1/86400 of one E6.
    function evaluate(RiskInput calldata input)
        external
        view
        returns (uint256 reasonBits, uint256 countUsedScaled, uint256 notionalUsedScaled);

    /// @notice What settling needs, in one read.
    function settlementRules(bytes32 mandateId)
        external
        view
        returns (
            address feed,
            uint256 fillBandBps,
            uint256 disputeWindowSeconds,
            uint256 settleGraceSeconds,
            uint256 expiryPenaltyUsdE6,
            uint256 entryBandBps
        );
    function limits(bytes32 mandateId) external view returns (Limits memory);
    function pausedUntil() external view returns (uint64);
    function breakerCause() external view returns (uint8);
    /// @notice True while no new risk is accepted.
    function halted() external view returns (bool);
    /// @notice The reasons in words, for people.
    function reasonText(uint256 reasonBits) external pure returns (string memory);
}

/// @notice Where the policy asks for the operator's bond, and for which fund it answers.
interface IBondSource {
    function committedBondUsdE6() external view returns (uint256);
    function vault() external view returns (address);
}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {LimitField} from "../interfaces/IRiskPolicy.sol";
import {Limits} from "../interfaces/Types.sol";

/// @title One limit of a mandate by its name: reading, writing, and which direction is tighter.
library LimitFieldLib {
    function get(Limits memory l, LimitField f) internal pure returns (uint256) {
        if (f == LimitField.Active) return l.active ? 1 : 0;
        if (f == LimitField.MaxNotionalUsdE6) return l.maxNotionalUsdE6;
        if (f == LimitField.MaxLossUsdE6) return l.maxLossUsdE6;
        if (f == LimitField.LossBudgetUsdE6) return l.lossBudgetUsdE6;
        if (f == LimitField.RatePerDayNotionalUsdE6) return l.ratePerDayNotionalUsdE6;
        if (f == LimitField.RatePerDayCount) return l.ratePerDayCount;
        if (f == LimitField.MaxOpen) return l.maxOpen;
        if (f == LimitField.MaxLeverageBps) return l.maxLeverageBps;
        if (f == LimitField.MinConfidencePpm) return l.minConfidencePpm;
        if (f == LimitField.MaxDrawdownBps) return l.maxDrawdownBps;
        if (f == LimitField.AllocationUsdE6) return l.allocationUsdE6;
        if (f == LimitField.MinBondBps) return l.minBondBps;
        if (f == LimitField.RequiredFlags) return l.requiredFlags;
        if (f == LimitField.MinLevel) return l.minLevel;
        if (f == LimitField.PriceBandBps) return l.priceBandBps;
        if (f == LimitField.EntryBandBps) return l.entryBandBps;
        if (f == LimitField.FillBandBps) return l.fillBandBps;
        if (f == LimitField.MaxAgeSeconds) return l.maxAgeSeconds;
        if (f == LimitField.Feed) return uint160(l.feed);
        if (f == LimitField.FeedHeartbeatSeconds) return l.feedHeartbeatSeconds;
        if (f == LimitField.SettleGraceSeconds) return l.settleGraceSeconds;
        if (f == LimitField.DisputeWindowSeconds) return l.disputeWindowSeconds;
        return l.expiryPenaltyUsdE6;
    }

    /// @dev The caller has checked `maximum`.
    function set(Limits memory l, LimitField f, uint256 v) internal pure {
        if (f == LimitField.Active) l.active = v != 0;
        else if (f == LimitField.MaxNotionalUsdE6) l.maxNotionalUsdE6 = uint64(v);
        else if (f == LimitField.MaxLossUsdE6) l.maxLossUsdE6 = uint64(v);
        else if (f == LimitField.LossBudgetUsdE6) l.lossBudgetUsdE6 = uint64(v);
        else if (f == LimitField.RatePerDayNotionalUsdE6) l.ratePerDayNotionalUsdE6 = uint64(v);
        else if (f == LimitField.RatePerDayCount) l.ratePerDayCount = uint16(v);
        else if (f == LimitField.MaxOpen) l.maxOpen = uint16(v);
        else if (f == LimitField.MaxLeverageBps) l.maxLeverageBps = uint24(v);
        else if (f == LimitField.MinConfidencePpm) l.minConfidencePpm = uint24(v);
        else if (f == LimitField.MaxDrawdownBps) l.maxDrawdownBps = uint16(v);
        else if (f == LimitField.AllocationUsdE6) l.allocationUsdE6 = uint64(v);
        else if (f == LimitField.MinBondBps) l.minBondBps = uint16(v);
        else if (f == LimitField.RequiredFlags) l.requiredFlags = uint8(v);
        else if (f == LimitField.MinLevel) l.minLevel = uint8(v);
        else if (f == LimitField.PriceBandBps) l.priceBandBps = uint16(v);
        else if (f == LimitField.EntryBandBps) l.entryBandBps = uint16(v);
        else if (f == LimitField.FillBandBps) l.fillBandBps = uint16(v);
        else if (f == LimitField.MaxAgeSeconds) l.maxAgeSeconds = uint32(v);
        else if (f == LimitField.Feed) l.feed = address(uint160(v));
        else if (f == LimitField.FeedHeartbeatSeconds) l.feedHeartbeatSeconds = uint32(v);
        else if (f == LimitField.SettleGraceSeconds) l.settleGraceSeconds = uint32(v);
        else if (f == LimitField.DisputeWindowSeconds) l.disputeWindowSeconds = uint32(v);
        else l.expiryPenaltyUsdE6 = uint64(v);
    }

    /// @notice The largest value the field holds.
    function maximum(LimitField f) internal pure returns (uint256) {
        if (f == LimitField.Active) return 1;
        if (f == LimitField.RequiredFlags || f == LimitField.MinLevel) return type(uint8).max;
        if (f == LimitField.MaxLeverageBps || f == LimitField.MinConfidencePpm) return type(uint24).max;
        if (f == LimitField.Feed) return type(uint160).max;
        if (
            f == LimitField.MaxNotionalUsdE6 || f == LimitField.MaxLossUsdE6 || f == LimitField.LossBudgetUsdE6
                || f == LimitField.RatePerDayNotionalUsdE6 || f == LimitField.AllocationUsdE6
                || f == LimitField.ExpiryPenaltyUsdE6
        ) return type(uint64).max;
        if (
            f == LimitField.MaxAgeSeconds || f == LimitField.FeedHeartbeatSeconds
                || f == LimitField.SettleGraceSeconds || f == LimitField.DisputeWindowSeconds
        ) return type(uint32).max;
        return type(uint16).max;
    }

    /// @notice True if going from `current` to `next` can only refuse more.
    function isTighter(LimitField f, uint256 current, uint256 next) internal pure returns (bool) {
        if (next > maximum(f)) return false;
        if (f == LimitField.RequiredFlags) return next != current && next & current == current;
        if (
            f == LimitField.MinConfidencePpm || f == LimitField.MinBondBps || f == LimitField.MinLevel
                || f == LimitField.DisputeWindowSeconds
        ) return next > current;
        return next < current;
    }
}

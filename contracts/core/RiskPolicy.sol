// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AggregatorV3Interface} from "../interfaces/AggregatorV3Interface.sol";
import {IBondSource, IRiskPolicy, LimitField} from "../interfaces/IRiskPolicy.sol";
import {Limits, RiskInput} from "../interfaces/Types.sol";
import {LimitFieldLib} from "../libraries/LimitFieldLib.sol";
import {Reasons} from "../libraries/Reasons.sol";
import {Guarded} from "./Guarded.sol";

/// @title RiskPolicy
///
/// PROMISES. Rules only: every function that judges is a view, the state it judges is handed in. Every rule is
/// evaluated and every broken one named. Tightening works in the same block, by owner or guardian; loosening works only
/// after `loosenDelaySeconds`, and a tightening in between cancels it. A pause ends by itself; the guardian cannot chain
/// pauses. The breaker stops new risk only: exits, settlements and claims do not ask this contract for permission.
///
/// DOES NOT PROMISE. That the limits are wise, that a feed tells the truth (the attesters' second source and the band
/// bound the damage), or anything about predictions already approved. Limits of a mandate start with one undelayed
/// `openMandate`: before it the mandate allows nothing, so there is nobody to warn.
contract RiskPolicy is IRiskPolicy, Guarded {
    using LimitFieldLib for Limits;

    struct Change {
        uint192 newValue;
        uint64 applicableAt;
    }

    uint256 private constant DAY = 86400;

    /// @inheritdoc IRiskPolicy
    uint64 public immutable loosenDelaySeconds;
    uint64 public immutable maxPauseSeconds;

    // one slot, read at every approval
    address public bondSource;
    uint64 public pausedUntil;
    uint8 public breakerCause;
    bool public pauseSpent;

    mapping(bytes32 mandateId => Limits) private _limits;
    mapping(bytes32 mandateId => bool) private _opened;
    mapping(bytes32 mandateId => mapping(LimitField => Change)) private _changes;

    constructor(address owner_, address guardian_, uint64 loosenDelaySeconds_, uint64 maxPauseSeconds_)
        Guarded(owner_, guardian_)
    {
        loosenDelaySeconds = loosenDelaySeconds_;
        maxPauseSeconds = maxPauseSeconds_;
    }

    /* OPENING */

    /// @inheritdoc IRiskPolicy
    function openMandate(bytes32 mandateId, Limits calldata limits_) external onlyOwner {
        if (_opened[mandateId]) revert PolicyMandateExists(mandateId);
        _checkFeed(uint160(limits_.feed));
        _opened[mandateId] = true;
        _limits[mandateId] = limits_;
        emit MandateOpened(mandateId, limits_);
    }

    /* TIGHTEN */

    /// @inheritdoc IRiskPolicy
    function deactivateMandate(bytes32 mandateId) external {
        _tighten(mandateId, LimitField.Active, 0);
    }

    /// @inheritdoc IRiskPolicy
    function tightenMaxNotionalUsdE6(bytes32 mandateId, uint128 maxNotionalUsdE6) external {
        _tighten(mandateId, LimitField.MaxNotionalUsdE6, maxNotionalUsdE6);
    }

    /// @inheritdoc IRiskPolicy
    function tightenMaxLossUsdE6(bytes32 mandateId, uint128 maxLossUsdE6) external {
        _tighten(mandateId, LimitField.MaxLossUsdE6, maxLossUsdE6);
    }

    /// @inheritdoc IRiskPolicy
    function tightenLossBudgetUsdE6(bytes32 mandateId, uint128 lossBudgetUsdE6) external {
        _tighten(mandateId, LimitField.LossBudgetUsdE6, lossBudgetUsdE6);
    }

    /// @inheritdoc IRiskPolicy
    function tightenRatePerDayNotionalUsdE6(bytes32 mandateId, uint128 ratePerDayNotionalUsdE6) external {
        _tighten(mandateId, LimitField.RatePerDayNotionalUsdE6, ratePerDayNotionalUsdE6);
    }

    /// @inheritdoc IRiskPolicy
    function tightenRatePerDayCount(bytes32 mandateId, uint16 ratePerDayCount) external {
        _tighten(mandateId, LimitField.RatePerDayCount, ratePerDayCount);
    }

    /// @inheritdoc IRiskPolicy
    function tightenMaxOpen(bytes32 mandateId, uint16 maxOpen) external {
        _tighten(mandateId, LimitField.MaxOpen, maxOpen);
    }

    /// @inheritdoc IRiskPolicy
    function tightenMaxLeverageBps(bytes32 mandateId, uint32 maxLeverageBps) external {
        _tighten(mandateId, LimitField.MaxLeverageBps, maxLeverageBps);
    }

    /// @inheritdoc IRiskPolicy
    function tightenMinConfidencePpm(bytes32 mandateId, uint32 minConfidencePpm) external {
        _tighten(mandateId, LimitField.MinConfidencePpm, minConfidencePpm);
    }

    /// @inheritdoc IRiskPolicy
    function tightenMaxDrawdownBps(bytes32 mandateId, uint16 maxDrawdownBps) external {
        _tighten(mandateId, LimitField.MaxDrawdownBps, maxDrawdownBps);
    }

    /// @inheritdoc IRiskPolicy
    function tightenMinBondBps(bytes32 mandateId, uint16 minBondBps) external {
        _tighten(mandateId, LimitField.MinBondBps, minBondBps);
    }

    /// @inheritdoc IRiskPolicy
    function tightenRequiredFlags(bytes32 mandateId, uint8 requiredFlags) external {
        _tighten(mandateId, LimitField.RequiredFlags, requiredFlags);
    }

    /// @inheritdoc IRiskPolicy
    function tightenMinLevel(bytes32 mandateId, uint8 minLevel) external {
        _tighten(mandateId, LimitField.MinLevel, minLevel);
    }

    /// @inheritdoc IRiskPolicy
    function tightenPriceBandBps(bytes32 mandateId, uint16 priceBandBps) external {
        _tighten(mandateId, LimitField.PriceBandBps, priceBandBps);
    }

    /// @inheritdoc IRiskPolicy
    function tightenEntryBandBps(bytes32 mandateId, uint16 entryBandBps) external {
        _tighten(mandateId, LimitField.EntryBandBps, entryBandBps);
    }

    /// @inheritdoc IRiskPolicy
    function tightenFillBandBps(bytes32 mandateId, uint16 fillBandBps) external {
        _tighten(mandateId, LimitField.FillBandBps, fillBandBps);
    }

    /// @inheritdoc IRiskPolicy
    function tightenMaxAgeSeconds(bytes32 mandateId, uint32 maxAgeSeconds) external {
        _tighten(mandateId, LimitField.MaxAgeSeconds, maxAgeSeconds);
    }

    /// @inheritdoc IRiskPolicy
    function tightenFeedHeartbeatSeconds(bytes32 mandateId, uint32 feedHeartbeatSeconds) external {
        _tighten(mandateId, LimitField.FeedHeartbeatSeconds, feedHeartbeatSeconds);
    }

    /// @inheritdoc IRiskPolicy
    function tightenDisputeWindowSeconds(bytes32 mandateId, uint32 disputeWindowSeconds) external {
        _tighten(mandateId, LimitField.DisputeWindowSeconds, disputeWindowSeconds);
    }

    function _tighten(bytes32 mandateId, LimitField field, uint256 newValue) private onlyGuardianOrOwner {
        if (!_opened[mandateId]) revert PolicyUnknownMandate(mandateId);
        Limits memory current = _limits[mandateId];
        uint256 oldValue = current.get(field);
        if (!LimitFieldLib.isTighter(field, oldValue, newValue)) revert PolicyNotTighter(field, oldValue, newValue);
        _cancel(mandateId, field);
        _write(mandateId, field, current, oldValue, newValue);
    }

    /* LOOSEN */

    /// @inheritdoc IRiskPolicy
    function scheduleLimit(bytes32 mandateId, LimitField field, uint256 newValue) external onlyOwner {
        if (!_opened[mandateId]) revert PolicyUnknownMandate(mandateId);
        if (newValue > LimitFieldLib.maximum(field)) revert PolicyBadValue(field, newValue);
        if (field == LimitField.Feed) _checkFeed(newValue);
        uint64 applicableAt = uint64(block.timestamp) + loosenDelaySeconds;
        _changes[mandateId][field] = Change(uint192(newValue), applicableAt);
        emit LoosenScheduled(mandateId, field, newValue, applicableAt);
    }

    /// @inheritdoc IRiskPolicy
    function applyLimit(bytes32 mandateId, LimitField field) external {
        Change memory change = _changes[mandateId][field];
        if (change.applicableAt == 0) revert PolicyNothingScheduled(mandateId, field);
        if (block.timestamp < change.applicableAt) revert PolicyTooEarly(block.timestamp, change.applicableAt);
        delete _changes[mandateId][field];
        Limits memory current = _limits[mandateId];
        _write(mandateId, field, current, current.get(field), change.newValue);
    }

    /// @inheritdoc IRiskPolicy
    function cancelLimit(bytes32 mandateId, LimitField field) external onlyGuardianOrOwner {
        if (_changes[mandateId][field].applicableAt == 0) revert PolicyNothingScheduled(mandateId, field);
        _cancel(mandateId, field);
    }

    function _cancel(bytes32 mandateId, LimitField field) private {
        Change memory change = _changes[mandateId][field];
        if (change.applicableAt == 0) return;
        delete _changes[mandateId][field];
        emit LoosenCancelled(mandateId, field, change.newValue);
    }

    function _write(bytes32 mandateId, LimitField field, Limits memory current, uint256 oldValue, uint256 newValue)
        private
    {
        current.set(field, newValue);
        _limits[mandateId] = current;
        emit LimitChanged(mandateId, field, oldValue, newValue);
    }

    function _checkFeed(uint256 feed) private view {
        address account = address(uint160(feed));
        if (account.code.length == 0 || AggregatorV3Interface(account).decimals() != 8) {
            revert PolicyBadValue(LimitField.Feed, feed);
        }
    }

    /* STOP NEW RISK */

    /// @inheritdoc IRiskPolicy
    function pauseNewRisk(uint64 seconds_) external onlyGuardianOrOwner {
        if (seconds_ > maxPauseSeconds) revert PolicyPauseTooLong(seconds_, maxPauseSeconds);
        if (msg.sender != owner()) {
            if (pauseSpent) revert PolicyPauseSpent();
            pauseSpent = true;
        }
        uint64 newUntil = uint64(block.timestamp) + seconds_;
        emit NewRiskPaused(msg.sender, pausedUntil, newUntil);
        pausedUntil = newUntil;
    }

    /// @inheritdoc IRiskPolicy
    function rearmPause() external onlyOwner {
        pauseSpent = false;
        emit PauseRearmed();
    }

    /// @inheritdoc IRiskPolicy
    function tripBreaker(uint8 cause) external {
        if (msg.sender != guardian && msg.sender != owner()) {
            if (bondSource == address(0) || msg.sender != IBondSource(bondSource).vault()) {
                revert PolicyUnauthorised(msg.sender);
            }
        }
        breakerCause = cause == 0 ? 1 : cause;
        emit BreakerTripped(msg.sender, breakerCause);
    }

    /// @inheritdoc IRiskPolicy
    function resetBreaker() external onlyOwner {
        emit BreakerReset(breakerCause);
        breakerCause = 0;
    }

    /// @inheritdoc IRiskPolicy
    function setBondSource(address bondSource_) external onlyOwner {
        if (bondSource != address(0)) revert PolicyAlreadySet();
        bondSource = bondSource_;
        emit BondSourceSet(bondSource_);
    }

    /* JUDGING */

    /// @inheritdoc IRiskPolicy
    function evaluate(RiskInput calldata x)
        external
        view
        returns (uint256 reasonBits, uint256 countUsedScaled, uint256 notionalUsedScaled)
    {
        Limits memory l = _gateOf(x.mandateId);
        reasonBits = _caps(l, x) | _world(l, x) | _price(l, x.referencePriceE8);

        uint256 elapsed = block.timestamp - x.bucketAt;
        countUsedScaled = _drained(x.countUsedScaled, elapsed * l.ratePerDayCount) + DAY;
        notionalUsedScaled =
            _drained(x.notionalUsedScaled, elapsed * l.ratePerDayNotionalUsdE6) + x.maxNotionalUsdE6 * DAY;
        if (countUsedScaled > l.ratePerDayCount * DAY) reasonBits |= Reasons.RATE_COUNT;
        if (notionalUsedScaled > l.ratePerDayNotionalUsdE6 * DAY) reasonBits |= Reasons.RATE_NOTIONAL;
    }

    /// @dev The limits that count at an approval: three of the four slots.
    function _gateOf(bytes32 mandateId) private view returns (Limits memory l) {
        Limits storage s = _limits[mandateId];
        l.maxNotionalUsdE6 = s.maxNotionalUsdE6;
        l.maxLossUsdE6 = s.maxLossUsdE6;
        l.lossBudgetUsdE6 = s.lossBudgetUsdE6;
        l.ratePerDayNotionalUsdE6 = s.ratePerDayNotionalUsdE6;
        l.active = s.active;
        l.ratePerDayCount = s.ratePerDayCount;
        l.maxOpen = s.maxOpen;
        l.maxLeverageBps = s.maxLeverageBps;
        l.minConfidencePpm = s.minConfidencePpm;
        l.maxDrawdownBps = s.maxDrawdownBps;
        l.minBondBps = s.minBondBps;
        l.requiredFlags = s.requiredFlags;
        l.minLevel = s.minLevel;
        l.priceBandBps = s.priceBandBps;
        l.entryBandBps = s.entryBandBps;
        l.maxAgeSeconds = s.maxAgeSeconds;
        l.feedHeartbeatSeconds = s.feedHeartbeatSeconds;
        l.feed = s.feed;
        l.allocationUsdE6 = s.allocationUsdE6;
    }

    function _caps(Limits memory l, RiskInput calldata x) private pure returns (uint256 bits) {
        if (x.openNotionalUsdE6 + x.maxNotionalUsdE6 > l.maxNotionalUsdE6) bits = Reasons.NOTIONAL_CAP;
        if (x.leverageBps > l.maxLeverageBps) bits |= Reasons.LEVERAGE_CAP;
        if (x.maxLossUsdE6 > l.maxLossUsdE6) bits |= Reasons.LOSS_CAP;
        if (x.reservedLossUsdE6 + x.maxLossUsdE6 > l.lossBudgetUsdE6) bits |= Reasons.LOSS_BUDGET;
        if (x.openCount >= l.maxOpen) bits |= Reasons.OPEN_LIMIT;
        if (x.confidencePpm < l.minConfidencePpm) bits |= Reasons.CONFIDENCE_LOW;
        if (x.entryDeviationBps > l.entryBandBps) bits |= Reasons.ENTRY_BAND;
        if (l.requiredFlags & ~x.flags != 0) bits |= Reasons.FLAGS_MISSING;
        if (x.level < l.minLevel) bits |= Reasons.ASSURANCE_LOW;
        if (!l.active) bits |= Reasons.MANDATE_INACTIVE;

        int256 peak = x.peakPnlE8 > 0 ? x.peakPnlE8 : int256(0);
        int256 base = int256(uint256(l.allocationUsdE6) * 100) + peak;
        if ((peak - x.pnlE8) * 1e4 > base * int256(uint256(l.maxDrawdownBps))) bits |= Reasons.DRAWDOWN;
    }

    function _world(Limits memory l, RiskInput calldata x) private view returns (uint256 bits) {
        if (
            block.timestamp > x.observedAt + l.maxAgeSeconds || block.timestamp > x.entryExpiresAt
                || block.timestamp > x.attestationExpiresAt
        ) bits = Reasons.STALE;
        if (halted()) bits |= Reasons.HALTED;
        if (l.minBondBps != 0) {
            uint256 bond = bondSource == address(0) ? 0 : IBondSource(bondSource).committedBondUsdE6();
            if (
                bond * 1e4 < uint256(l.minBondBps) * l.allocationUsdE6 || bond < x.reservedLossUsdE6 + x.maxLossUsdE6
            ) bits |= Reasons.BOND_LOW;
        }
    }

    function _price(Limits memory l, uint256 referencePriceE8) private view returns (uint256 bits) {
        if (l.feed == address(0)) return Reasons.FEED_STALE | Reasons.PRICE_BAND;
        try AggregatorV3Interface(l.feed).latestRoundData() returns (
            uint80, int256 answer, uint256, uint256 updatedAt, uint80
        ) {
            if (answer <= 0 || answer > type(int128).max) return Reasons.FEED_STALE | Reasons.PRICE_BAND;
            if (
                updatedAt == 0 || updatedAt > block.timestamp || block.timestamp - updatedAt > l.feedHeartbeatSeconds
            ) bits = Reasons.FEED_STALE;
            uint256 price = uint256(answer);
            uint256 distance = referencePriceE8 > price ? referencePriceE8 - price : price - referencePriceE8;
            if (distance * 1e4 > price * l.priceBandBps) bits |= Reasons.PRICE_BAND;
        } catch {
            return Reasons.FEED_STALE | Reasons.PRICE_BAND;
        }
    }

    function _drained(uint256 used, uint256 refilled) private pure returns (uint256) {
        return used > refilled ? used - refilled : 0;
    }

    /* VIEWS */

    /// @inheritdoc IRiskPolicy
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
        )
    {
        Limits storage l = _limits[mandateId];
        return (
            l.feed,
            l.fillBandBps,
            l.disputeWindowSeconds,
            l.settleGraceSeconds,
            l.expiryPenaltyUsdE6,
            l.entryBandBps
        );
    }

    /// @inheritdoc IRiskPolicy
    function limits(bytes32 mandateId) external view returns (Limits memory) {
        return _limits[mandateId];
    }

    /// @inheritdoc IRiskPolicy
    function scheduled(bytes32 mandateId, LimitField field) external view returns (uint256, uint64) {
        Change memory change = _changes[mandateId][field];
        return (change.newValue, change.applicableAt);
    }

    /// @inheritdoc IRiskPolicy
    function halted() public view returns (bool) {
        return breakerCause != 0 || block.timestamp < pausedUntil;
    }

    /// @inheritdoc IRiskPolicy
    function reasonText(uint256 reasonBits) external pure returns (string memory) {
        return Reasons.text(reasonBits);
    }
}

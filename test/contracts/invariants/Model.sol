// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {LimitField} from "../../../contracts/interfaces/IRiskPolicy.sol";
import {Limits, MandateState, Prediction, Record, Reveal, State} from "../../../contracts/interfaces/Types.sol";
import {Chronicle, Rule} from "./Chronicle.sol";

/// @title The rules a second time: what must be approved or refused, what is reserved, what every record must say.
/// @dev Written from the documents, with arithmetic of its own. It follows what the contracts answered and remembers
/// where that was wrong, so that one breach does not hide the next.
abstract contract Model is Chronicle {
    struct Trip {
        Prediction p;
        Reveal r;
        uint8 mandate;
        bool isSealed;
        bool revoked;
        State state;
        uint256 approvedAt;
        uint256 epoch;
        uint256 level;
        uint256 flags;
        uint256 reasonBits; // of a registration: those found then
        uint256 attesterReason;
        int256 pnlE8;
        int256 penaltyE8; // booked at the expiry
        uint256 settlementFlags;
        uint256 finalizableAt;
        bytes14 tag;
        Statement said;
        uint256 trueExitQuoteE8; // what the rows behind the root say
        uint256 trueOutQtyE8;
    }

    /// @notice A delivery: a prediction with the verdict on it.
    struct Offer {
        Prediction p;
        Reveal r;
        bytes32 id;
        uint8 mandate;
        bool isSealed;
        bool yes;
        uint256 level;
        uint256 flags; // what the transport may claim of them
        uint256 reason;
        uint256 expiresAt;
    }

    struct Approval {
        uint256 time;
        uint256 notionalUsdE6;
        uint256 ratePerDayCount;
        uint256 ratePerDayNotionalUsdE6;
    }

    struct Round {
        uint256 answerE8;
        uint256 updatedAt;
    }

    uint256 internal constant SEALED = 0x40;
    uint256 internal constant LIMIT_FIELDS = 23;

    mapping(bytes32 id => Trip) internal _trips;
    mapping(uint256 mandate => Approval[]) internal _approvals;
    mapping(uint256 mandate => uint256[LIMIT_FIELDS]) internal _limits;
    mapping(uint256 mandate => Round[]) internal _rounds; // round n is element n - 1
    mapping(uint256 mandate => bytes32) internal _lastId;
    mapping(bytes32 modelId => bool) internal _inactive;
    int256[MANDATES] internal _peakE8;
    uint256[MANDATES] internal _countUsed; // in 1/86400 of one
    uint256[MANDATES] internal _notionalUsed;
    uint256[MANDATES] internal _bucketAt;
    bool internal _breaker;
    uint256 internal _pausedUntil;
    uint256 internal _epoch = 1;
    uint256 internal _snapshotAt;

    constructor() {
        _snapshotAt = block.timestamp + EPOCH_SECONDS;
        for (uint256 m = 0; m < MANDATES; ++m) {
            _limits[m] = _fields(_firstLimits(address(feeds[m])));
            _bucketAt[m] = block.timestamp;
            _countUsed[m] = 1; // what the registration of a mandate leaves in its bucket
        }
    }

    function _fields(Limits memory l) internal pure returns (uint256[LIMIT_FIELDS] memory) {
        return [
            l.active ? 1 : 0,
            l.maxNotionalUsdE6,
            l.maxLossUsdE6,
            l.lossBudgetUsdE6,
            l.ratePerDayNotionalUsdE6,
            l.ratePerDayCount,
            l.maxOpen,
            l.maxLeverageBps,
            l.minConfidencePpm,
            l.maxDrawdownBps,
            l.allocationUsdE6,
            l.minBondBps,
            l.requiredFlags,
            l.minLevel,
            l.priceBandBps,
            l.entryBandBps,
            l.fillBandBps,
            l.maxAgeSeconds,
            uint256(uint160(l.feed)),
            l.feedHeartbeatSeconds,
            l.settleGraceSeconds,
            l.disputeWindowSeconds,
            uint256(l.expiryPenaltyUsdE6)
        ];
    }

    function _limit(uint256 m, LimitField field) internal view returns (uint256) {
        return _limits[m][uint256(field)];
    }

    function _halted() internal view returns (bool) {
        return _breaker || block.timestamp < _pausedUntil;
    }

    /// @dev The epoch an approval of now belongs to, and when it ends.
    function _epochNow() internal view returns (uint256 epoch, uint256 endsAt) {
        (epoch, endsAt) = (_epoch, _snapshotAt);
        if (block.timestamp < endsAt) return (epoch, endsAt);
        ++epoch;
        while (endsAt <= block.timestamp) endsAt += EPOCH_SECONDS;
    }

    /// @dev What is open is summed anew, never kept.
    function _open(uint256 m) internal view returns (uint256 count, uint256 notional, uint256 loss) {
        for (uint256 i = 0; i < _ids.length; ++i) {
            Trip storage t = _trips[_ids[i]];
            if (t.state != State.Approved || t.mandate != m) continue;
            ++count;
            notional += t.p.maxNotionalUsdE6;
            loss += t.p.maxLossUsdE6;
        }
    }

    function _pnl(uint256 m) internal view returns (int256 pnlE8) {
        for (uint256 i = 0; i < _ids.length; ++i) {
            Trip storage t = _trips[_ids[i]];
            if (t.mandate == m) pnlE8 += t.pnlE8;
        }
    }

    /* JUDGING A PREDICTION */

    /// @dev What follows from the prediction and its reveal, at submission or registration.
    function _inspect(Prediction memory p, Reveal memory r, bool isSealed) internal view returns (uint256 bits) {
        if (
            p.observedAt >= p.entryExpiresAt || p.entryExpiresAt > p.horizonAt || p.horizonAt > p.settleBy
                || p.observedAt > block.timestamp || p.entryExpiresAt - p.observedAt > 65535
                || p.settleBy - p.observedAt > 2 ** 24 - 1
        ) bits |= 1 << 4;
        if (isSealed) return p.modelId == PRIVATE_MODEL ? bits : bits | (1 << 27);
        return bits | _inspectReveal(p, r);
    }

    /// @dev What only the reveal shows: side, loss at the stop, size, leverage.
    function _inspectReveal(Prediction memory p, Reveal memory r) internal pure returns (uint256 bits) {
        uint256 limit = r.entryLimitE8;
        bool ordered = r.side == 1
            ? r.stopE8 < limit && limit < r.targetE8
            : r.side == 2 && r.stopE8 > limit && limit > r.targetE8;
        if (!ordered || r.qtyE8 == 0 || r.stopE8 == 0 || r.targetE8 == 0) bits |= 1 << 1;
        uint256 distance = limit > r.stopE8 ? limit - r.stopE8 : r.stopE8 - limit;
        uint256 lossE22 =
            uint256(r.qtyE8) * (distance * 1e6 + (uint256(limit) + r.stopE8) * FEE_RESERVE_PPM);
        if ((lossE22 + 1e16 - 1) / 1e16 > p.maxLossUsdE6) bits |= 1 << 2;
        if ((uint256(r.qtyE8) * limit + 1e10 - 1) / 1e10 > p.maxNotionalUsdE6) bits |= 1 << 3;
        if (r.leverageBps > p.maxLeverageBps) bits |= 1 << 5;
    }

    function _deviationBps(uint256 a, uint256 b) internal pure returns (uint256) {
        return ((a > b ? a - b : b - a) * 1e4 + b - 1) / b;
    }

    /// @dev Every rule that an approval of now would break. `inspected`: what was found at the registration.
    function _reasons(Offer memory o, uint256 inspected) internal view returns (uint256 bits) {
        bits = inspected | _caps(o) | _world(o) | _rates(o);
        uint256 m = o.mandate;
        if (!o.isSealed && _deviationBps(o.r.entryLimitE8, o.p.referencePriceE8) > _limit(m, LimitField.EntryBandBps)) {
            bits |= 1 << 9;
        }
        int256 peak = _peakE8[m];
        int256 base = int256(_limit(m, LimitField.AllocationUsdE6)) * 100 + peak;
        if ((peak - _pnl(m)) * 1e4 > base * int256(_limit(m, LimitField.MaxDrawdownBps))) bits |= 1 << 17;
        if (_limit(m, LimitField.RequiredFlags) & ~o.flags != 0) bits |= 1 << 21;
        if (o.isSealed && o.flags & 0x20 == 0) bits |= 1 << 21;
        if (!o.yes) bits |= 1 << 25;
    }

    function _caps(Offer memory o) private view returns (uint256 bits) {
        uint256 m = o.mandate;
        (uint256 count, uint256 notional, uint256 loss) = _open(m);
        if (o.p.maxLeverageBps > _limit(m, LimitField.MaxLeverageBps)) bits |= 1 << 5;
        if (notional + o.p.maxNotionalUsdE6 > _limit(m, LimitField.MaxNotionalUsdE6)) bits |= 1 << 6;
        if (o.p.maxLossUsdE6 > _limit(m, LimitField.MaxLossUsdE6)) bits |= 1 << 7;
        if (o.p.confidencePpm < _limit(m, LimitField.MinConfidencePpm)) bits |= 1 << 8;
        if (loss + o.p.maxLossUsdE6 > _limit(m, LimitField.LossBudgetUsdE6)) bits |= 1 << 13;
        if (count >= _limit(m, LimitField.MaxOpen)) bits |= 1 << 14;
        uint256 share = _limit(m, LimitField.MinBondBps);
        (uint256 posted, uint256 releasing) = (bondVault.bondUsdE6(), bondVault.bondReleasingUsdE6());
        uint256 bond = posted > releasing ? posted - releasing : 0; // what is on its way out backs nothing new
        if (
            share != 0
                && (bond * 1e4 < share * _limit(m, LimitField.AllocationUsdE6) || bond < loss + o.p.maxLossUsdE6)
        ) bits |= 1 << 23;
    }

    function _world(Offer memory o) private view returns (uint256 bits) {
        uint256 m = o.mandate;
        if (_inactive[o.p.modelId]) bits |= 1 << 10;
        if (_limit(m, LimitField.Active) == 0) bits |= 1 << 11;
        if (
            block.timestamp > o.p.observedAt + _limit(m, LimitField.MaxAgeSeconds)
                || block.timestamp > o.p.entryExpiresAt || block.timestamp > o.expiresAt
        ) bits |= 1 << 12;
        if (_rounds[m].length == 0) {
            bits |= (1 << 18) | (1 << 19);
        } else {
            Round memory last = _rounds[m][_rounds[m].length - 1];
            if (block.timestamp > last.updatedAt + _limit(m, LimitField.FeedHeartbeatSeconds)) bits |= 1 << 19;
            uint256 ask = o.p.referencePriceE8;
            uint256 distance = ask > last.answerE8 ? ask - last.answerE8 : last.answerE8 - ask;
            if (distance * 1e4 > _limit(m, LimitField.PriceBandBps) * last.answerE8) bits |= 1 << 18;
        }
        if (_halted()) bits |= 1 << 20;
        if (o.level < _limit(m, LimitField.MinLevel)) bits |= 1 << 22;
        (, uint256 endsAt) = _epochNow();
        if (o.p.settleBy > endsAt) bits |= 1 << 24;
    }

    function _rates(Offer memory o) private view returns (uint256 bits) {
        (uint256 count, uint256 notional) = _filled(o.mandate, o.p.maxNotionalUsdE6);
        if (count > _limit(o.mandate, LimitField.RatePerDayCount) * 1 days) bits |= 1 << 15;
        if (notional > _limit(o.mandate, LimitField.RatePerDayNotionalUsdE6) * 1 days) bits |= 1 << 16;
    }

    /// @dev Both buckets after one more approval, in 1/86400 of a unit.
    function _filled(uint256 m, uint256 notionalE6) internal view returns (uint256 count, uint256 notional) {
        uint256 elapsed = block.timestamp - _bucketAt[m];
        uint256 drained = elapsed * _limit(m, LimitField.RatePerDayCount);
        count = (_countUsed[m] > drained ? _countUsed[m] - drained : 0) + 1 days;
        drained = elapsed * _limit(m, LimitField.RatePerDayNotionalUsdE6);
        notional = (_notionalUsed[m] > drained ? _notionalUsed[m] - drained : 0) + notionalE6 * 1 days;
    }

    /* FOLLOWING */

    function _approved(Offer memory o, uint256 bits) internal {
        if (bits & (1 << 6 | 1 << 14) != 0) _break(Rule.R1, "approved above the open limits");
        if (bits & (1 << 7 | 1 << 13 | 1 << 23) != 0) _break(Rule.R2, "approved above the loss limits");
        if (bits & (1 << 15 | 1 << 16) != 0) _break(Rule.R3, "approved above the rate");
        if (bits & (1 << 20) != 0) _break(Rule.R4, "approved while new risk was stopped");
        if (bits & (1 << 17) != 0) _break(Rule.R5, "approved beyond the drawdown");
        if (bits & (1 << 11) != 0) _break(Rule.R6, "approved for a mandate that was switched off");
        if (bits & (1 << 18 | 1 << 19) != 0) _break(Rule.R7, "approved off the market");
        if (bits & (1 << 4 | 1 << 12 | 1 << 24) != 0) _break(Rule.D8, "approved outside its times");
        if (bits & (1 << 21 | 1 << 22 | 1 << 25) != 0) _break(Rule.A1, "approved without the attesters' word");
        if (bits & (1 << 10) != 0) _break(Rule.A3, "approved for a model that may not speak");
        uint256 m = o.mandate;
        (_countUsed[m], _notionalUsed[m]) = _filled(m, o.p.maxNotionalUsdE6);
        _bucketAt[m] = block.timestamp;
        _decided(o, State.Approved, bits);
        Trip storage t = _trips[o.id];
        (t.epoch,) = _epochNow();
        (t.approvedAt, t.level) = (block.timestamp, o.level);
        t.flags = o.isSealed ? o.flags | SEALED : o.flags;
        _approvals[m].push(
            Approval(
                block.timestamp,
                o.p.maxNotionalUsdE6,
                _limit(m, LimitField.RatePerDayCount),
                _limit(m, LimitField.RatePerDayNotionalUsdE6)
            )
        );
        _requireRates(m);
    }

    /// @dev R3 without a bucket: whatever window ends here, it holds no more than a full bucket and its refill.
    function _requireRates(uint256 m) private {
        Approval[] storage all = _approvals[m];
        uint256 sum;
        (uint256 countRate, uint256 notionalRate) = (0, 0);
        for (uint256 n = 1; n <= all.length; ++n) {
            Approval storage first = all[all.length - n];
            sum += first.notionalUsdE6;
            if (first.ratePerDayCount > countRate) countRate = first.ratePerDayCount;
            if (first.ratePerDayNotionalUsdE6 > notionalRate) notionalRate = first.ratePerDayNotionalUsdE6;
            uint256 window = 1 days + block.timestamp - first.time;
            bool within = n * 1 days <= countRate * window && sum * 1 days <= notionalRate * window;
            _require(within, Rule.R3, "a window held more than the rate allows");
        }
    }

    function _rejected(Offer memory o, uint256 bits) internal {
        _decided(o, State.Rejected, bits);
        _trips[o.id].attesterReason = o.reason;
    }

    function _decided(Offer memory o, State state, uint256 bits) private {
        _noted(o);
        Trip storage t = _trips[o.id];
        (t.state, t.reasonBits) = (state, bits);
        _lastId[o.mandate] = o.id;
    }

    function _noted(Offer memory o) internal {
        Trip storage t = _trips[o.id];
        (t.p, t.r, t.mandate, t.isSealed) = (o.p, o.r, o.mandate, o.isSealed);
    }

    /// @dev Raises the peak to which the drawdown is measured.
    function _booked(uint256 m) internal {
        int256 pnl = _pnl(m);
        if (pnl > _peakE8[m]) _peakE8[m] = pnl;
    }

    /* COMPARING */

    function _expected(bytes32 id) internal view returns (Record memory e) {
        Trip storage t = _trips[id];
        (e.state, e.mandateId, e.sequence) = (t.state, t.p.mandateId, t.p.sequence);
        (e.entryExpiresAt, e.settleBy) = (t.p.entryExpiresAt, t.p.settleBy);
        if (t.state == State.Rejected) {
            (e.reasonBits, e.attesterReason) = (uint32(t.reasonBits), uint16(t.attesterReason));
            return e;
        }
        (e.maxNotionalUsdE6, e.maxLossUsdE6) = (t.p.maxNotionalUsdE6, t.p.maxLossUsdE6);
        if (t.state == State.Registered) return e;
        (e.approvedAt, e.epoch) = (uint64(t.approvedAt), uint32(t.epoch));
        (e.level, e.flags, e.revoked) = (uint8(t.level), uint8(t.flags), t.revoked);
        (e.pnlE8, e.settlementFlags) = (int128(t.pnlE8), uint32(t.settlementFlags));
        (e.finalizableAt, e.settlementTag) = (uint64(t.finalizableAt), t.tag);
    }

    /// @notice D4: every record says what was decided, word for word, however long ago.
    function checkRecords() external view {
        checkRule(Rule.D4);
        for (uint256 i = 0; i < _ids.length; ++i) {
            if (keccak256(abi.encode(validator.record(_ids[i]))) != keccak256(abi.encode(_expected(_ids[i])))) {
                revert Broken("a record does not say what was decided");
            }
        }
    }

    /// @notice R1: what is open is the sum of what is approved and not closed.
    function checkOpen() external view {
        checkRule(Rule.R1);
        for (uint256 m = 0; m < MANDATES; ++m) {
            MandateState memory s = validator.mandate(mandateIds[m]);
            (uint256 count, uint256 notional,) = _open(m);
            if (s.openCount != count || s.openNotionalUsdE6 != notional) revert Broken("open is not its sum");
        }
    }

    /// @notice R2: what is reserved is the sum of the declared losses of what is open.
    function checkReserved() external view {
        checkRule(Rule.R2);
        for (uint256 m = 0; m < MANDATES; ++m) {
            (,, uint256 loss) = _open(m);
            if (validator.mandate(mandateIds[m]).reservedLossUsdE6 != loss) revert Broken("reserved is not its sum");
        }
    }

    /// @notice R5: profit and its peak are those of the results on record.
    function checkProfit() external view {
        checkRule(Rule.R5);
        for (uint256 m = 0; m < MANDATES; ++m) {
            MandateState memory s = validator.mandate(mandateIds[m]);
            if (s.pnlE8 != _pnl(m)) revert Broken("profit is not the sum of results");
            if (s.peakPnlE8 != _peakE8[m]) revert Broken("the peak is another");
        }
    }

    /// @notice R6: every limit is what was tightened at once or loosened after its delay.
    function checkLimits() external view {
        checkRule(Rule.R6);
        for (uint256 m = 0; m < MANDATES; ++m) {
            uint256[LIMIT_FIELDS] memory now_ = _fields(policy.limits(mandateIds[m]));
            for (uint256 f = 0; f < LIMIT_FIELDS; ++f) {
                if (now_[f] != _limits[m][f]) revert Broken("a limit moved otherwise");
            }
        }
    }
}

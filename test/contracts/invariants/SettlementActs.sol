// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IPredictionValidator} from "../../../contracts/interfaces/IPredictionValidator.sol";
import {IQuorumAttester} from "../../../contracts/interfaces/IQuorumAttester.sol";
import {LimitField} from "../../../contracts/interfaces/IRiskPolicy.sol";
import {Reveal, State} from "../../../contracts/interfaces/Types.sol";
import {Rule} from "./Chronicle.sol";
import {PredictionActs} from "./PredictionActs.sol";
import {vm} from "./Protocol.sol";

/// @title Witnesses and bystanders after the approval: results, honest and false, cancels, expiries, ends.
abstract contract SettlementActs is PredictionActs {
    /// @notice A result on its way: what is said, what opens it, and what must come of it.
    struct Report {
        bytes32 id;
        Statement said;
        Reveal r;
        uint80 entryRound;
        uint80 exitRound;
        bool opened;
        Rule breach; // of a lie that may not be booked
        bool booked; // expected
        uint256 trueExitQuoteE8; // what the rows behind the root say
        uint256 trueOutQtyE8;
    }

    uint256 internal constant VIOLATIONS =
        1 << 3 | 1 << 4 | 1 << 5 | 1 << 6 | 1 << 7 | 1 << 13 | 1 << 14;

    address internal _executor = EXECUTOR;
    uint256 public reveals;
    uint256 public lateProofs;
    uint256 public violations;

    /* WHAT MUST COME OF IT */

    function _roundAt(uint256 m, uint256 time) internal view returns (uint80) {
        uint256 n = _rounds[m].length;
        while (n > 0 && _rounds[m][n - 1].updatedAt > time) --n;
        return uint80(n);
    }

    function _marketFlags(uint256 m, uint256 time, uint256 quoteE8, uint256 qtyE8)
        private
        view
        returns (bool missing, bool off)
    {
        uint256 n = _roundAt(m, time);
        if (n == 0) return (true, false);
        uint256 fair = qtyE8 * _rounds[m][n - 1].answerE8;
        uint256 paid = quoteE8 * 1e8;
        off = (paid > fair ? paid - fair : fair - paid) > fair / 1e4 * _limit(m, LimitField.FillBandBps);
    }

    function _result(Statement memory s, uint8 side) internal pure returns (int256) {
        int256 gain = int256(s.exitQuoteE8) - int256(s.entryQuoteE8);
        if (side == 2 || (side != 1 && gain > 0)) gain = -gain; // no direction: the worse of both
        return gain - s.feeE8 - s.fundingE8;
    }

    function _flagsOf(Report memory q, int256 pnlE8) private view returns (uint256 flags) {
        Trip storage t = _trips[q.id];
        Statement memory s = q.said;
        if (s.entryFirstAt < t.approvedAt) flags |= 1 << 0;
        if (s.entryLastAt > t.p.entryExpiresAt) flags |= 1 << 1;
        if (s.exitLastAt > t.p.settleBy) flags |= 1 << 2;
        (bool missing, bool off) = _marketFlags(t.mandate, s.entryLastAt, s.entryQuoteE8, s.qtyE8);
        if (off) flags |= 1 << 3;
        if (missing) flags |= 1 << 9;
        (missing, off) = _marketFlags(t.mandate, s.exitLastAt, s.exitQuoteE8, s.qtyE8);
        if (off) flags |= 1 << 4;
        if (missing) flags |= 1 << 10;
        if (-pnlE8 > int256(uint256(t.p.maxLossUsdE6)) * 100) flags |= 1 << 5;
        if (s.entryQuoteE8 > uint256(t.p.maxNotionalUsdE6) * 100) flags |= 1 << 7;
        if (t.state == State.Expired) flags |= 1 << 11;
        if (t.revoked) flags |= 1 << 12;
        flags |= s.flags << 16;
        if (!q.opened) return flags | 1 << 14;
        if (s.qtyE8 > q.r.qtyE8) flags |= 1 << 6;
        uint256 atLimit = s.qtyE8 * q.r.entryLimitE8;
        if (q.r.side == 1 ? s.entryQuoteE8 * 1e8 > atLimit : s.entryQuoteE8 * 1e8 < atLimit) flags |= 1 << 8;
        if (t.isSealed) {
            bool wide = _deviationBps(q.r.entryLimitE8, t.p.referencePriceE8)
                > _limit(t.mandate, LimitField.EntryBandBps);
            if (wide || _inspectReveal(t.p, q.r) != 0) flags |= 1 << 13;
        }
    }

    /// @dev Follows a result that was booked.
    function _settled(bytes32 id, int256 pnlE8, uint256 flags, bytes memory payload) internal {
        Trip storage t = _trips[id];
        if (t.state == State.Expired) ++lateProofs;
        t.pnlE8 = pnlE8 - t.penaltyE8;
        (t.state, t.settlementFlags, t.tag) = (State.Settled, flags, bytes14(keccak256(payload)));
        uint256 window = _limit(t.mandate, LimitField.DisputeWindowSeconds);
        if (flags & VIOLATIONS != 0) ++violations;
        t.finalizableAt = block.timestamp + window * (flags & VIOLATIONS != 0 ? 3 : 1);
        _booked(t.mandate);
    }

    function _witnesses(uint256 seed, bytes32 modelId) internal view returns (uint256[] memory) {
        return _members(seed, [_executor, OPERATOR, vm.addr(_publishersKey(modelId))]);
    }

    /// @dev What is still within its window, or not settled at all.
    function _provable(bytes32 id) private view returns (bool) {
        Trip storage t = _trips[id];
        return t.state == State.Approved || (t.state == State.Expired && block.timestamp < t.finalizableAt);
    }

    /* FIGURES */

    function _report(bytes32 id, uint256 seed) private view returns (Report memory q) {
        Trip storage t = _trips[id];
        Statement memory s = q.said;
        uint256 m = t.mandate;
        q.id = id;
        q.r = t.r;
        uint256 latest = block.timestamp < t.p.entryExpiresAt ? block.timestamp : t.p.entryExpiresAt;
        s.entryFirstAt = t.approvedAt + _one(seed, latest - t.approvedAt + 1, 40);
        s.entryLastAt = s.entryFirstAt;
        if (_one(seed, 4, 39) == 0) s.entryLastAt += _one(seed, latest - s.entryFirstAt + 1, 41);
        s.exitLastAt = s.entryLastAt + _one(seed, block.timestamp - s.entryLastAt + 1, 42);
        s.qtyE8 = uint256(t.r.qtyE8) * (1 + _one(seed, 100, 43)) / 100 + 1;
        if (s.qtyE8 > t.r.qtyE8) s.qtyE8 = t.r.qtyE8;
        if (s.qtyE8 == 0) s.qtyE8 = 1e6;
        s.entryQuoteE8 = s.qtyE8 * _near(m, s.entryLastAt, seed, 44) / 1e8;
        s.exitQuoteE8 = s.qtyE8 * _near(m, s.exitLastAt, seed, 45) / 1e8;
        s.feeE8 = int256((s.entryQuoteE8 + s.exitQuoteE8) * _one(seed, 8, 46) / 10_000);
        s.fundingE8 = int256(_one(seed, 4e8, 47)) - 2e8;
        (s.entryFills, s.exitFills) = (1, 1);
        (s.observedAt, s.expiresAt, s.epoch) = (block.timestamp, block.timestamp + 60, t.epoch);
        (q.opened, q.booked) = (true, true);
    }

    /// @dev A price within about 0.9 % of the round in force.
    function _near(uint256 m, uint256 time, uint256 seed, uint256 salt) private view returns (uint256) {
        uint256 n = _roundAt(m, time);
        uint256 answer = n == 0 ? PRICE_E8 : _rounds[m][n - 1].answerE8;
        return answer * (9_910 + _one(seed, 181, salt)) / 10_000;
    }

    /// @dev A lie that is booked, with flags, or one that must not be.
    function _bend(Report memory q, uint256 seed) private view {
        Trip storage t = _trips[q.id];
        Statement memory s = q.said;
        uint256 kind = _one(seed, 23, 48); // the last five: another round
        if (kind == 0) s.entryQuoteE8 = s.entryQuoteE8 * (8_000 + _one(seed, 4_000, 49)) / 10_000 + 1;
        else if (kind == 1) s.exitQuoteE8 = s.exitQuoteE8 * (8_000 + _one(seed, 4_000, 49)) / 10_000 + 1;
        else if (kind == 2) s.entryFirstAt -= _one(seed, 3 hours, 49);
        else if (kind == 3) s.qtyE8 *= 2;
        else if (kind == 4) s.feeE8 = int256(uint256(t.p.maxLossUsdE6)) * 150;
        else if (kind == 5) s.flags = _one(seed, 1 << 15, 49);
        else if (kind == 6) (s.entryLastAt, s.exitLastAt) = (block.timestamp, block.timestamp);
        else if (kind == 7) _treble(s);
        else if (kind == 8) s.feeE8 = -s.feeE8;
        else if (kind == 9 || kind == 10) _withhold(q, seed);
        else if (kind == 11) s.entryLastAt = s.exitLastAt = s.entryFirstAt = t.approvedAt - 1 - _one(seed, 6 hours, 49);
        else _forbid(q, seed, kind);
    }

    function _treble(Statement memory s) private pure {
        (s.entryQuoteE8, s.exitQuoteE8, s.qtyE8) = (s.entryQuoteE8 * 3, s.exitQuoteE8 * 3, s.qtyE8 * 3);
    }

    /// @dev The reveal that does not open the seal: booked only where it was sealed and the witnesses say so too.
    function _withhold(Report memory q, uint256 seed) private view {
        q.r.salt = bytes32(seed);
        q.opened = false;
        q.breach = Rule.D5;
        q.booked = false;
        if (_one(seed, 2, 50) == 0) return;
        q.said.flags = 1 << 15;
        q.booked = _trips[q.id].isSealed;
    }

    function _forbid(Report memory q, uint256 seed, uint256 kind) private view {
        Statement memory s = q.said;
        (q.booked, q.breach) = (false, Rule.D8);
        if (kind == 12) (s.exitLastAt, s.exitFills) = (block.timestamp + 1 + _one(seed, 1 days, 49), 1);
        else if (kind == 13) s.expiresAt = block.timestamp - 1;
        else if (kind == 14) (s.exitFills, s.exitQuoteE8) = (0, 0);
        else if (kind == 15) s.entryFirstAt = s.entryLastAt + 1;
        else if (kind == 16) (s.epoch, q.breach) = (s.epoch + 1, Rule.A4);
        else if (kind == 17) (s.flags, q.breach) = (1 << (16 + _one(seed, 16, 49)), Rule.A4);
        else q.breach = Rule.R7; // the rounds, see below
    }

    /// @dev Now and then the sums do not say what the rows say, or the rows are no round trip.
    function _root(Report memory q, uint256 seed) private pure {
        Statement memory s = q.said;
        q.trueExitQuoteE8 = _one(seed, 3, 51) == 0 ? s.exitQuoteE8 + 1 + _one(seed, 1e8, 52) : s.exitQuoteE8;
        q.trueOutQtyE8 = _one(seed, 5, 53) == 0 ? s.qtyE8 + 1 : s.qtyE8;
        s.fillsRoot = keccak256(_rowsOf(s, q.trueOutQtyE8, q.trueExitQuoteE8));
    }

    /// @dev The two rows of a trip with one fill each way, the fee on the way in.
    function _rowsOf(Statement memory s, uint256 outQtyE8, uint256 exitQuoteE8) internal pure returns (bytes memory) {
        return abi.encodePacked(
            _row(1, 1, s.entryLastAt, s.qtyE8, s.entryQuoteE8, s.feeE8),
            _row(2, 2, s.exitLastAt, outQtyE8, exitQuoteE8, 0)
        );
    }

    /* ACTS */

    function _settle(uint256 seed) internal {
        bytes32 id = _one(seed, 5, 54) == 0
            ? _find(seed, State.Expired, State.Expired)
            : _find(seed, State.Approved, State.Approved);
        if (id == 0) return;
        Report memory q = _report(id, seed);
        bool forged = _one(seed, 2, 55) == 0;
        if (forged) _bend(q, seed);
        _root(q, seed);
        uint256 m = _trips[id].mandate;
        (q.entryRound, q.exitRound) = (_roundAt(m, q.said.entryLastAt), _roundAt(m, q.said.exitLastAt));
        if (!q.booked && q.breach == Rule.R7) {
            // a hint of another round, to have a bad price judged by a better one
            if (_one(seed, 2, 56) == 0) q.exitRound = q.exitRound == 0 ? 1 : q.exitRound - 1;
            else ++q.entryRound;
        }
        _hand(q, seed);
    }

    function _hand(Report memory q, uint256 seed) private {
        Trip storage t = _trips[q.id];
        uint256[] memory keys = _witnesses(seed, t.p.modelId);
        if (keys.length == 0) return;
        bytes memory payload = _settlement(q.id, q.said);
        bytes32 digest = _quorumDigest(address(quorum), SETTLEMENT, payload, _setEpoch);
        bytes memory data = abi.encodeCall(
            IQuorumAttester.settle, (t.p, q.r, payload, q.entryRound, q.exitRound, _signatures(keys, digest))
        );
        if (!q.booked) {
            _refused(q.breach, "a result that cannot be was booked", STRANGER, address(quorum), data);
            return;
        }
        if (!_provable(q.id)) {
            _refused(Rule.D8, "settled without an open approval", STRANGER, address(quorum), data);
            return;
        }
        int256 pnlE8 = _result(q.said, q.opened ? q.r.side : 0);
        uint256 flags = _flagsOf(q, pnlE8);
        (bool ok, bytes memory answer) = _call(STRANGER, address(quorum), data);
        if (!ok || abi.decode(answer, (uint256)) != 3) return _break(Rule.R4, "a witnessed result was refused");
        _settled(q.id, pnlE8, flags, payload);
        _judgeFlags(q, flags);
        if (t.isSealed && q.opened) ++reveals;
        (t.said, t.trueExitQuoteE8, t.trueOutQtyE8) = (q.said, q.trueExitQuoteE8, q.trueOutQtyE8);
        _accepted.push(Delivery(STRANGER, address(quorum), data));
    }

    /// @dev D5, D8 and R7 by name; D4 compares the whole record.
    function _judgeFlags(Report memory q, uint256 expected) private {
        uint256 found = validator.record(q.id).settlementFlags;
        uint256 times = 1 << 0 | 1 << 1 | 1 << 2 | 1 << 11;
        uint256 market = 1 << 3 | 1 << 4 | 1 << 9 | 1 << 10;
        uint256 reveal = 1 << 6 | 1 << 8 | 1 << 13 | 1 << 14;
        _require(found & times == expected & times, Rule.D8, "a fill outside its times is not flagged");
        _require(found & market == expected & market, Rule.R7, "a price off the market is not flagged");
        _require(found & reveal == expected & reveal, Rule.D5, "a reveal is judged otherwise");
        Trip storage t = _trips[q.id];
        bool opens = _sealOf(t.p.mandateId, t.p.sequence, q.r) == t.p.seal;
        _require(opens || expected & (1 << 14) != 0, Rule.D5, "a reveal that opens nothing was booked");
    }

    /// @dev A result signed by one who trades, operates or published: refused whatever it says.
    function _settlePartially(uint256 seed) internal {
        bytes32 id = _find(seed, State.Approved, State.Approved);
        uint256[] memory keys = _anyMembers(seed);
        if (id == 0 || keys.length == 0) return;
        Trip storage t = _trips[id];
        Report memory q = _report(id, seed);
        bytes memory payload = _settlement(id, q.said);
        uint80 entryRound = _roundAt(t.mandate, q.said.entryLastAt);
        uint80 exitRound = _roundAt(t.mandate, q.said.exitLastAt);
        uint256 kind = _one(seed, 5, 57);
        Rule rule = Rule.A1;
        if (kind < 3) {
            (bool found, uint256[] memory partial_) = _withParty(seed, t.p.modelId);
            if (!found) return;
            (keys, rule) = (partial_, Rule.A2);
        } else if (kind == 3) {
            keys = _slice(keys, THRESHOLD - 1);
        } else {
            keys[2] = keys[1];
        }
        bytes32 digest = _quorumDigest(address(quorum), SETTLEMENT, payload, _setEpoch);
        bytes memory data = abi.encodeCall(
            IQuorumAttester.settle, (t.p, q.r, payload, entryRound, exitRound, _signatures(keys, digest))
        );
        _refused(rule, "settled by too few, or by a party to it", STRANGER, address(quorum), data);
    }

    /// @dev A quorum of seated members with one in it that may not witness this trip.
    function _withParty(uint256 seed, bytes32 modelId) private view returns (bool, uint256[] memory keys) {
        address publisher = vm.addr(_publishersKey(modelId));
        for (uint256 n = 0; n < 8; ++n) {
            keys = _anyMembers(_one(seed, type(uint256).max, 58 + n));
            for (uint256 i = 0; i < keys.length; ++i) {
                address account = vm.addr(keys[i]);
                if (account == _executor || account == publisher) return (true, keys);
            }
        }
        return (false, keys);
    }

    function _cancel(uint256 seed) internal {
        bytes32 id = _find(seed, State.Approved, _one(seed, 4, 60) == 0 ? State.Expired : State.Approved);
        if (id == 0) return;
        Trip storage t = _trips[id];
        uint256[] memory keys = _witnesses(seed, t.p.modelId);
        if (keys.length == 0) return;
        if (_one(seed, 4, 61) != 0 && block.timestamp < t.p.entryExpiresAt) vm.warp(t.p.entryExpiresAt);
        Statement memory s;
        (s.observedAt, s.expiresAt, s.epoch) = (block.timestamp, block.timestamp + 60, t.epoch);
        if (_one(seed, 8, 62) == 0) s.observedAt = t.p.entryExpiresAt - 1;
        bool clean = _one(seed, 6, 63) != 0;
        if (!clean) s.feeE8 = 1;
        bytes memory payload = _settlement(id, s);
        bytes32 digest = _quorumDigest(address(quorum), SETTLEMENT, payload, _setEpoch);
        bytes memory data = abi.encodeCall(IQuorumAttester.cancel, (t.p, payload, _signatures(keys, digest)));
        if (!clean || s.observedAt < t.p.entryExpiresAt || !_provable(id)) {
            _refused(Rule.D8, "cancelled what may still be filled", STRANGER, address(quorum), data);
            return;
        }
        bool late = t.state == State.Expired;
        (bool ok, bytes memory answer) = _call(STRANGER, address(quorum), data);
        if (!ok || abi.decode(answer, (uint256)) != (late ? 3 : 4)) {
            return _break(Rule.R4, "a witnessed cancel was refused");
        }
        if (late) _settled(id, 0, 1 << 11 | (t.revoked ? 1 << 12 : 0), payload);
        else t.state = State.Cancelled;
        t.said = s;
        _accepted.push(Delivery(STRANGER, address(quorum), data));
    }

    function _expire(uint256 seed) internal {
        bytes32 id = _find(seed, State.Approved, State.Approved);
        if (id == 0) return;
        Trip storage t = _trips[id];
        uint256 due = t.p.settleBy + _limit(t.mandate, LimitField.SettleGraceSeconds) + 1;
        uint256 chance = _one(seed, 4, 64);
        if (chance < 2 && block.timestamp < due) vm.warp(due);
        if (chance == 2 && block.timestamp < due) vm.warp(due - 1);
        bytes memory data = abi.encodeCall(IPredictionValidator.expire, (id));
        if (block.timestamp < due) {
            _refused(Rule.D6, "expired before its grace ended", STRANGER, address(validator), data);
            return;
        }
        _expireDue(id);
    }

    function _expireDue(bytes32 id) internal {
        Trip storage t = _trips[id];
        bytes memory data = abi.encodeCall(IPredictionValidator.expire, (id));
        (bool ok,) = _call(STRANGER, address(validator), data);
        if (!ok) return _break(Rule.D6, "what is overdue cannot be expired");
        t.penaltyE8 = int256(_limit(t.mandate, LimitField.ExpiryPenaltyUsdE6)) * 100;
        t.pnlE8 = -int256(uint256(t.p.maxLossUsdE6)) * 100 - t.penaltyE8;
        t.state = State.Expired;
        t.finalizableAt = block.timestamp + _limit(t.mandate, LimitField.DisputeWindowSeconds);
        _accepted.push(Delivery(STRANGER, address(validator), data));
    }

    function _finalize(uint256 seed) internal {
        bytes32 id = _find(seed, State.Settled, State.Expired);
        if (id == 0) return;
        Trip storage t = _trips[id];
        uint256 chance = _one(seed, 4, 65);
        if (chance == 0 && block.timestamp < t.finalizableAt) vm.warp(t.finalizableAt);
        if (chance == 1 && block.timestamp < t.finalizableAt) vm.warp(t.finalizableAt - 1);
        bytes memory data = abi.encodeCall(IPredictionValidator.finalize, (id));
        if (block.timestamp < t.finalizableAt) {
            _refused(Rule.D1, "final before its window ended", STRANGER, address(validator), data);
            return;
        }
        _finalizeDue(id);
    }

    function _finalizeDue(bytes32 id) internal {
        bytes memory data = abi.encodeCall(IPredictionValidator.finalize, (id));
        (bool ok,) = _call(STRANGER, address(validator), data);
        if (!ok) return _break(Rule.D6, "a result whose window ended cannot become final");
        _trips[id].state = State.Final;
        _accepted.push(Delivery(STRANGER, address(validator), data));
    }

    function _revoke(uint256 seed) internal {
        bytes32 id = _find(seed, State.Approved, State.Approved);
        if (id == 0) return;
        bytes memory data = abi.encodeCall(IPredictionValidator.revokeApproval, (id));
        if (_one(seed, 2, 66) == 0 || _trips[id].revoked) {
            address from = _trips[id].revoked ? GUARDIAN : OPERATOR;
            _refused(Rule.A4, "revoked twice or by nobody", from, address(validator), data);
            return;
        }
        (bool ok,) = _call(GUARDIAN, address(validator), data);
        if (ok) _trips[id].revoked = true;
        else _break(Rule.R6, "the guardian cannot revoke");
    }
}

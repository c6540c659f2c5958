// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Dispute, IDisputeCourt, Ruling} from "../../../contracts/interfaces/IDisputeCourt.sol";
import {IQuorumAttester} from "../../../contracts/interfaces/IQuorumAttester.sol";
import {LimitField} from "../../../contracts/interfaces/IRiskPolicy.sol";
import {Reveal, State} from "../../../contracts/interfaces/Types.sol";
import {Rule} from "./Chronicle.sol";
import {ITransferHook, vm} from "./Protocol.sol";
import {SettlementActs} from "./SettlementActs.sol";

/// @title Challengers, defenders, the other class, the owner and the clock, and who wants to be paid twice.
abstract contract CourtActs is SettlementActs, ITransferHook {
    /// @notice The same as the court keeps, kept apart.
    struct Suit {
        address challenger;
        address defender;
        uint256 reviewBy;
        uint256 ruleBy;
        Ruling ruling;
        bool wasExpired;
        bool paid;
        bool punished;
    }

    address internal constant CHALLENGER = address(0xB1);
    address internal constant DEFENDER = address(0xB2);

    mapping(bytes32 id => Suit) internal _suits;
    bytes32[] internal _suitIds;
    uint256 internal _donatedToCourt;
    bytes32 private _reentered;
    uint256 public disputes;
    uint256[4] public rulings;
    uint256 public bondsPaid;
    uint256 public punishments;

    constructor() {
        address[2] memory parties = [CHALLENGER, DEFENDER];
        for (uint256 i = 0; i < 2; ++i) {
            usd.mint(parties[i], 1_000_000e6);
            vm.prank(parties[i]);
            usd.approve(address(court), type(uint256).max);
        }
        usd.setHook(this);
        saksi.approve(address(stakeVault), type(uint256).max);
        stakeVault.stake(1_000_000e18);
        for (uint256 m = 0; m < MANDATES; ++m) stakeVault.signal(mandateIds[m], 400_000e18);
    }

    /* CHALLENGE */

    function _challenge(uint256 seed) internal {
        bytes32 id = _find(seed, State.Settled, _one(seed, 2, 70) == 0 ? State.Expired : State.Settled);
        if (id == 0) return;
        Trip storage t = _trips[id];
        bytes memory data = abi.encodeCall(IDisputeCourt.challenge, (id));
        if (block.timestamp >= t.finalizableAt) {
            _refused(Rule.D1, "disputed after its window", CHALLENGER, address(court), data);
            return;
        }
        _reentered = id;
        (bool ok,) = _call(CHALLENGER, address(court), data);
        _reentered = 0;
        if (!ok) return _break(Rule.S3, "a provisional result cannot be disputed");
        Suit storage s = _suits[id];
        _suitIds.push(id);
        (s.challenger, s.wasExpired) = (CHALLENGER, t.state == State.Expired);
        (s.reviewBy, s.ruleBy) =
            (block.timestamp + REVIEW_SECONDS, block.timestamp + REVIEW_SECONDS + RULING_SECONDS);
        (t.state, t.finalizableAt) = (State.Disputed, s.ruleBy);
        ++disputes;
        if (_one(seed, 2, 71) == 0) _defend(id);
    }

    function _defend(bytes32 id) private {
        (bool ok,) = _call(DEFENDER, address(court), abi.encodeCall(IDisputeCourt.defend, (id)));
        if (ok) _suits[id].defender = DEFENDER;
        else _break(Rule.S3, "a dispute cannot be defended");
    }

    /* THE LADDER */

    /// @dev The rows behind the posted root: they confirm, correct or void it.
    function _prove(uint256 seed) internal {
        bytes32 id = _find(seed, State.Disputed, State.Disputed);
        if (id == 0) return;
        Trip storage t = _trips[id];
        bytes memory rows = _rowsOf(t.said, t.trueOutQtyE8, t.trueExitQuoteE8);
        if (_one(seed, 6, 72) == 0) rows[0] = bytes1(uint8(1)); // another fill than the root's
        bool matching = keccak256(rows) == t.said.fillsRoot && t.said.entryFills != 0 && t.tag != 0;
        bytes memory payload = _settlement(id, t.said);
        Reveal memory r = t.r;
        bool opened = t.settlementFlags & (1 << 14) == 0;
        if (!opened) r.salt = 0;
        bytes memory data = abi.encodeCall(IDisputeCourt.proveFills, (t.p, r, payload, rows));
        if (!matching || block.timestamp >= _suits[id].ruleBy) {
            _refused(Rule.S3, "fills that were not posted decided a dispute", STRANGER, address(court), data);
            return;
        }
        (bool ok,) = _call(STRANGER, address(court), data);
        if (!ok) return _break(Rule.S3, "posted fills were refused");
        if (t.trueOutQtyE8 != t.said.qtyE8) return _void(id);
        // one fill on the way in has one time
        bool agrees = t.trueExitQuoteE8 == t.said.exitQuoteE8 && t.said.entryFirstAt == t.said.entryLastAt;
        if (agrees) return;
        Statement memory found = t.said;
        found.exitQuoteE8 = t.trueExitQuoteE8;
        uint8 side = opened ? t.r.side : 0;
        _ruled(id, Ruling.Corrected, t.pnlE8 + _result(found, side) - _result(t.said, side));
    }

    /// @dev The other class's own statement, the same as posted or another.
    function _review(uint256 seed) internal {
        bytes32 id = _find(seed, State.Disputed, State.Disputed);
        if (id == 0) return;
        Trip storage t = _trips[id];
        Statement memory s = t.said;
        if (s.entryFills == 0) {
            s.observedAt = block.timestamp;
        } else if (_one(seed, 2, 73) == 0) {
            s.exitQuoteE8 += _one(seed, 1e10, 74);
        }
        (s.observedAt, s.expiresAt, s.epoch) = (block.timestamp, block.timestamp + 60, t.epoch);
        bytes memory payload = _settlement(id, s);
        uint256 count = _one(seed, 6, 75) == 0 ? REVIEW_THRESHOLD - 1 : REVIEW_THRESHOLD;
        uint256[] memory keys = new uint256[](count);
        for (uint256 i = 0; i < count; ++i) keys[i] = _reviewerKeys[i];
        bytes memory signatures =
            _signatures(keys, _quorumDigest(address(reviewers), SETTLEMENT, payload, 1));
        bytes memory data = s.entryFills == 0
            ? abi.encodeCall(IQuorumAttester.cancel, (t.p, payload, signatures))
            : abi.encodeCall(IQuorumAttester.settle, (t.p, t.r, payload, 0, 0, signatures));
        bool inTime = block.timestamp < _suits[id].reviewBy && s.observedAt >= t.p.entryExpiresAt;
        if (s.entryFills != 0) inTime = block.timestamp < _suits[id].reviewBy;
        if (count < REVIEW_THRESHOLD || !inTime) {
            _refused(Rule.A1, "reviewed by too few or too late", STRANGER, address(reviewers), data);
            return;
        }
        int256 pnlE8 = s.entryFills == 0 ? int256(0) : _result(s, t.r.side);
        if (_suits[id].wasExpired) pnlE8 -= t.penaltyE8;
        // of a late proof only the net result is on record: the court takes off the penalty in force when it rules
        else if (t.settlementFlags & (1 << 11) != 0) {
            pnlE8 -= int256(_limit(t.mandate, LimitField.ExpiryPenaltyUsdE6)) * 100;
        }
        (bool ok,) = _call(STRANGER, address(reviewers), data);
        if (!ok) return _break(Rule.S3, "the other class was refused");
        _ruled(id, pnlE8 == t.pnlE8 ? Ruling.Upheld : Ruling.Corrected, pnlE8);
    }

    /// @dev The owner between the two times, anyone after the second, nobody else and never earlier.
    function _rule(uint256 seed) internal {
        bytes32 id = _find(seed, State.Disputed, State.Disputed);
        if (id == 0) return;
        Suit storage s = _suits[id];
        uint256 chance = _one(seed, 4, 76);
        if (chance == 0 && block.timestamp < s.reviewBy) vm.warp(s.reviewBy);
        if (chance == 1 && block.timestamp < s.ruleBy) vm.warp(s.ruleBy);
        Ruling ruling = Ruling(1 + _one(seed, 3, 77));
        int256 pnlE8 = int256(_one(seed, 1e12, 78)) - 5e11;
        bool mine = _one(seed, 5, 79) != 0;
        bytes memory data = abi.encodeCall(IDisputeCourt.rule, (id, ruling, pnlE8));
        bool open = block.timestamp >= s.reviewBy && block.timestamp < s.ruleBy;
        if (chance != 1) {
            address from = mine ? address(this) : STRANGER;
            if (!open || !mine) {
                _refused(Rule.S3, "ruled out of time or by nobody", from, address(court), data);
                return;
            }
            (bool ok,) = _call(from, address(court), data);
            if (!ok) return _break(Rule.S3, "the owner cannot rule");
            if (ruling == Ruling.Voided) _void(id);
            else _ruled(id, ruling, ruling == Ruling.Upheld ? _trips[id].pnlE8 : pnlE8);
            return;
        }
        (bool closed,) = _call(STRANGER, address(court), abi.encodeCall(IDisputeCourt.close, (id)));
        if (!closed) return _break(Rule.D6, "an overdue dispute cannot be closed");
        if (s.wasExpired) _ruled(id, Ruling.Upheld, _trips[id].pnlE8);
        else _void(id);
    }

    /// @dev Silence in a dispute is never better than the truth, and never better than what was posted.
    function _void(bytes32 id) private {
        Trip storage t = _trips[id];
        uint256 penalty = _limit(t.mandate, LimitField.ExpiryPenaltyUsdE6);
        int256 worst = -int256((t.p.maxLossUsdE6 + penalty) * 100);
        _ruled(id, Ruling.Voided, t.pnlE8 < worst ? t.pnlE8 : worst);
    }

    function _ruled(bytes32 id, Ruling ruling, int256 pnlE8) private {
        Trip storage t = _trips[id];
        t.pnlE8 = pnlE8;
        t.state = ruling == Ruling.Voided ? State.Voided : State.Final;
        _suits[id].ruling = ruling;
        ++rulings[uint256(ruling)];
        _booked(t.mandate);
    }

    /* MONEY */

    /// @dev Called by the asset inside every payment: somebody always asks again, in the middle.
    function onTransfer(address, address, uint256) external {
        if (_reentered == 0) return;
        bytes32 id = _reentered;
        _reentered = 0;
        try court.payBonds(id) {
            _break(Rule.S3, "bonds were paid twice");
        } catch {}
        vm.prank(CHALLENGER);
        try court.challenge(id) {
            _break(Rule.S3, "disputed twice");
        } catch {}
        try validator.finalize(id) {
            _break(Rule.D1, "final while it was disputed");
        } catch {}
    }

    function _payBonds(uint256 seed) internal {
        if (_suitIds.length == 0) return;
        bytes32 id = _suitIds[seed % _suitIds.length];
        for (uint256 i = 0; i < _suitIds.length && _one(seed, 4, 81) != 0; ++i) {
            Suit storage due = _suits[_suitIds[i]];
            if (due.ruling == Ruling.None || due.paid) continue;
            id = _suitIds[i]; // most often somebody asks for what he is owed
            break;
        }
        Suit storage s = _suits[id];
        bytes memory data = abi.encodeCall(IDisputeCourt.payBonds, (id));
        if (s.ruling == Ruling.None || s.paid) {
            _refused(Rule.S3, "bonds were paid twice or before the ruling", STRANGER, address(court), data);
            return;
        }
        uint256[4] memory before = _purses();
        _reentered = id;
        (bool ok,) = _call(STRANGER, address(court), data);
        _reentered = 0;
        if (!ok) return _break(Rule.S3, "bonds cannot be paid");
        s.paid = true;
        ++bondsPaid;
        _requirePaid(s, before);
    }

    function _purses() private view returns (uint256[4] memory) {
        return [
            usd.balanceOf(CHALLENGER), usd.balanceOf(DEFENDER), usd.balanceOf(OPERATOR), usd.balanceOf(SINK)
        ];
    }

    /// @dev The winner's own bond and half of the loser's, the rest to the sink, from the documents.
    function _requirePaid(Suit storage s, uint256[4] memory before) private {
        uint256[4] memory due;
        bool defended = s.defender != address(0);
        uint256 half = COURT_BOND_E6 / 2;
        if (s.ruling == Ruling.Upheld) {
            due[defended ? 1 : 2] = defended ? COURT_BOND_E6 + half : half;
            due[3] = COURT_BOND_E6 - half;
        } else {
            due[0] = defended ? COURT_BOND_E6 + half : COURT_BOND_E6;
            if (defended) due[3] = COURT_BOND_E6 - half;
        }
        uint256[4] memory after_ = _purses();
        for (uint256 i = 0; i < 4; ++i) {
            _require(after_[i] == before[i] + due[i], Rule.S3, "a bond went to somebody else");
        }
    }

    function _punish(uint256 seed) internal {
        if (_ids.length == 0) return;
        bytes32 id = _ids[seed % _ids.length];
        for (uint256 i = 0; i < _ids.length && _one(seed, 3, 80) != 0; ++i) {
            if (!_liable(_ids[i])) continue;
            id = _ids[i]; // most often somebody knows of a violation
            break;
        }
        bool liable = _liable(id);
        (bool ok,) = _call(STRANGER, address(court), abi.encodeCall(IDisputeCourt.punish, (id)));
        _require(ok == liable, Rule.S3, "punished without a violation or twice, or not at all");
        if (!ok) return;
        _suits[id].punished = true;
        ++punishments;
    }

    function _liable(bytes32 id) private view returns (bool) {
        Suit storage s = _suits[id];
        State state = _trips[id].state;
        bool done = state == State.Final || state == State.Voided;
        bool guilty = s.ruling == Ruling.Corrected || s.ruling == Ruling.Voided
            || _trips[id].settlementFlags & VIOLATIONS != 0;
        return done && guilty && !s.wasExpired && !s.punished;
    }

    /// @notice S3: the court holds exactly the bonds of the disputes that are not paid, and what was donated.
    function checkBonds() external view {
        checkRule(Rule.S3);
        uint256 held = _donatedToCourt;
        for (uint256 i = 0; i < _suitIds.length; ++i) {
            Suit storage s = _suits[_suitIds[i]];
            Dispute memory d = court.dispute(_suitIds[i]);
            if (d.ruling != s.ruling || d.paid != s.paid) revert Broken("a dispute stands otherwise");
            if (!s.paid) held += s.defender == address(0) ? COURT_BOND_E6 : 2 * COURT_BOND_E6;
        }
        if (usd.balanceOf(address(court)) != held) revert Broken("the court does not hold what was posted");
    }
}
